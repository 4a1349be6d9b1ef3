"""What strangers wrote stays plain text, and failures of other threads are said on the window's own."""

import asyncio
import re
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

import console.ui
from console.ui.errors import UNEXPECTED, ErrorDesk
from console.ui.panes import toasts
from console.ui.parts import Look, announce, tip
from console.ui.theme import DARK


@pytest.mark.parametrize("words", ["<b>loud</b> & plain", "a < b", "<img src='file:///etc/hosts'>", "plain"])
def test_a_tip_shows_its_words_as_they_are(qapp: QApplication, words: str) -> None:
    part = QWidget()
    tip(part, words)
    page = QTextDocument()
    page.setHtml(part.toolTip())
    assert page.toPlainText() == words
    assert part.accessibleDescription() == words
    tip(part, "")
    assert part.toolTip() == ""


def test_a_toast_is_announced_once_and_takes_no_focus(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(toasts, "announce", lambda _part, words: said.append(words))
    below = QWidget()
    field = QLineEdit(below)
    below.show()
    field.setFocus()
    shown = toasts.Toasts(Look(DARK), below, lambda: 0)
    shown.show_toast(toasts.Toast("Hid 1 item", "Valley Police", "hide", "t1", "Undo", "U"))
    shown._tick()
    assert said == ["Hid 1 item. Valley Police"]
    assert below.focusWidget() is field
    shown._timer.stop()
    below.close()
    below.deleteLater()


def test_an_announcement_needs_nobody_who_listens(qapp: QApplication) -> None:
    announce(QWidget(), "Hid 1 item.")


def test_tips_are_made_in_one_place_only() -> None:
    folder = Path(console.ui.__file__).parent
    callers = {
        file.name
        for file in folder.rglob("*.py")
        if re.search(
            r"\.(setToolTip|setStatusTip|setWhatsThis|setHtml|setMarkdown)\(", file.read_text("utf-8")
        )
    }
    assert callers == {"parts.py"}


def test_a_failure_on_another_thread_is_said_on_the_window_s_own(caplog: pytest.LogCaptureFixture) -> None:
    said: list[tuple[str, int]] = []

    async def work() -> None:
        heard = asyncio.Event()

        def tell(words: str) -> None:
            said.append((words, threading.get_ident()))
            heard.set()

        errors = ErrorDesk()
        errors.install()
        try:
            errors.listen_to(asyncio.get_running_loop())
            errors.tell_through(tell)
            thread = threading.Thread(target=lambda: 1 // 0)
            thread.start()
            async with asyncio.timeout(10):
                await heard.wait()
            thread.join()
        finally:
            errors.remove()

    asyncio.run(work())
    assert said == [(UNEXPECTED, threading.get_ident())]
    assert "ZeroDivisionError" in caplog.text
