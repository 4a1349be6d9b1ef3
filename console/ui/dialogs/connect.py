"""Connecting an account: network, sign-in, cover, test. Nothing is saved until the test passes."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QStackedWidget, QVBoxLayout, QWidget

from console.api import Guide, Manifest
from console.domain.accounts import Account
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.dialogs.questions import Questions
from console.ui.dialogs.walk import Walk, WindowGuide
from console.ui.parts import Line, Look, Run, Words
from console.ui.sheet import Sheet

STEPS = ("Network", "Sign in", "Cover", "Test")
NETWORK, SIGN_IN, COVER, TEST = range(4)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person filled in."""

    network: str
    settings: Mapping[str, str]
    secrets: Mapping[str, str]
    lead: str
    deputy: str
    may_act: bool
    passphrase: str


class Connect(Sheet):
    """Four steps across."""

    wide = 720

    def __init__(
        self,
        look: Look,
        networks: Sequence[Manifest],
        why_no_key: str | None,
        test: Callable[[Wish, Guide], Coroutine[Any, Any, str]],
        spawn: Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[Any]"],
        again: Account | None = None,
    ) -> None:
        """`test` signs in, saves, and gives a sentence; what it raises is shown.

        `why_no_key` says why nothing can be sealed; None when it can. `again` is an account whose sign-in
        has ended: its network and cover are known.
        """
        title = "Connect an account" if again is None else f"Sign in again: {again.name}"
        super().__init__(look, title)
        self._again = again
        self._path = (NETWORK, SIGN_IN, COVER, TEST) if again is None else (SIGN_IN, TEST)
        # a recording has no host; it is played as an exercise
        self._networks = [one for one in networks if one.sign_in and one.hosts]
        self._chosen: Manifest | None = None
        self._why_no_key = why_no_key
        self._test, self._spawn = test, spawn
        self._questions: Questions | None = None
        self._trying: asyncio.Task[Any] | None = None
        self.box.addWidget(Words(look, title, tokens.TITLE, wrap=True))
        self._steps = Line(look, 28)
        self._steps.inset = 0
        self.box.addWidget(self._steps)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._network_page())
        self._sign_in = QWidget()
        self._sign_in_box = QVBoxLayout(self._sign_in)
        self._sign_in_box.setContentsMargins(0, 0, 0, 0)
        self._pages.addWidget(self._sign_in)
        self._pages.addWidget(self._cover_page())
        self._pages.addWidget(self._test_page())
        self.box.addWidget(self._pages)
        self._said = Words(look, "", tokens.CONTROL, "t2", wrap=True)
        self.box.addWidget(self._said)
        self._back = button("Back", "Alt ←", self._go_back)
        self._next = button("Next", "Enter", self._go_on, primary=True)
        keep = Words(look, "Nothing is saved until the test passes. Esc keeps nothing.", tokens.META, "t3")
        self.box.addLayout(button_row(keep, None, self._back, self._next))
        self._show(NETWORK)
        if again is not None:
            known = [place for place, one in enumerate(self._networks) if one.id == again.connector]
            self._choose(known[0])

    # pages ----------------------------------------------------------------------------------------

    def _network_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        self._network_lines: list[Line] = []
        for number, manifest in enumerate(self._networks):
            line = Line(self.look, 40, act=lambda n=number: self._choose(n))  # type: ignore[misc]  # n is bound
            verbs = ", ".join(str(verb).replace("-", " ") for verb in manifest.verbs)
            runs = [
                Run(network=(manifest.letters, manifest.shape)),
                Run(manifest.name, "t1", tokens.CONTROL, 600),
                Run(f"can {verbs}", "t3", tokens.META),
            ]
            line.say(f"{manifest.name}: can {verbs}", runs, [Run(glyph="open", ink="t3")])
            self._network_lines.append(line)
            box.addWidget(line)
        box.addStretch(1)
        return page

    def _cover_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self.lead = Field(self.look, "Lead", hint="Who answers for this account")
        self.deputy = Field(self.look, "Deputy", hint="Who acts when the lead is off")
        self.may_act = QCheckBox("Allow acting, not only reading")
        self.can = Words(self.look, "", tokens.META, "t2", wrap=True)
        box.addWidget(self.lead)
        box.addWidget(self.deputy)
        box.addWidget(self.may_act)
        box.addWidget(Words(self.look, "What this account can do", tokens.LABEL, "t3"))
        box.addWidget(self.can)
        box.addStretch(1)
        return page

    def _test_page(self) -> QWidget:
        page = QWidget()
        box = QVBoxLayout(page)
        box.setContentsMargins(0, 0, 0, 0)
        self._summary = Words(self.look, "", tokens.STANDARD, "t2", wrap=True)
        self.walk = Walk(self.look, self._resized)
        self.passphrase = Field(self.look, "Passphrase", hint="8 characters or more", secret=True)
        box.addWidget(self._summary)
        if self._why_no_key:
            words = "This computer has no keyring. Use a passphrase; Cordon asks for it at each start."
            box.addWidget(Words(self.look, words, tokens.CONTROL, "g3", wrap=True))
            box.addWidget(self.passphrase)
        box.addWidget(self.walk)
        box.addStretch(1)
        return page

    def _choose(self, number: int) -> None:
        manifest = self._networks[number]
        self._chosen = manifest
        if self._questions is not None:
            self._sign_in_box.removeWidget(self._questions)
            self._questions.hide()
            self._questions.deleteLater()
        self._questions = Questions(self.look, manifest, self._again.settings if self._again else {})
        self._sign_in_box.addWidget(self._questions)
        facts = [
            f"{str(verb).replace('-', ' ').capitalize()}: {facts.words}"
            for verb, facts in manifest.verbs.items()
        ]
        self.can.setText("\n".join(facts))
        self._show(SIGN_IN)

    def _show(self, step: int) -> None:
        self._pages.setCurrentIndex(step)
        runs: list[Run] = []
        here = self._path.index(step) if step in self._path else 0
        for number, one in enumerate(self._path):
            ink = "t1" if number == here else "confirmed" if number < here else "t3"
            weight = 700 if number == here else 500
            runs.append(Run(f"{number + 1}  {STEPS[one]}", ink, tokens.CONTROL, weight, gap=24))
        self._steps.say(f"Step {here + 1} of {len(self._path)}: {STEPS[step]}", runs)
        self._back.setEnabled(here > 0)
        self._next.setVisible(step != NETWORK)
        self._next.setText("Test it   Enter" if step == TEST else "Next   Enter")
        self._said.setText("")
        if step == TEST:
            self._summary.setText(self._summed_up())
        self.on_resize()
        first = self.first()
        if first is not None and self.isVisible():
            first.setFocus(Qt.FocusReason.OtherFocusReason)

    # steps ----------------------------------------------------------------------------------------

    def first(self) -> QWidget | None:
        """The first part of the page that can be filled in."""
        step = self._pages.currentIndex()
        if step == NETWORK:
            return self._network_lines[0] if self._network_lines else None
        if step == SIGN_IN:
            return (self._questions.first() if self._questions else None) or self._next
        if step == COVER:
            return self.lead.edit
        return self.walk.first or (self.passphrase.edit if self._why_no_key else self._next)

    def _summed_up(self) -> str:
        if self._chosen is None or self._questions is None:
            return ""
        now = "Cordon now signs in once."
        if self._chosen.guided and not self._questions.secrets:
            now = "Cordon now walks you through the sign-in."
        if self._again is not None:
            return f"{self._again.name} on {self._chosen.name}. {now}"
        who = next(iter(self._questions.settings.values()), "")
        who = "" if "://" in who else who
        acting = "reading and acting" if self.may_act.isChecked() else "reading only"
        return f"{', '.join(part for part in (self._chosen.name, who) if part)}, for {acting}. {now}"

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter goes on, Alt and the left arrow back."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._go_on()
            return True
        if event.key() == Qt.Key.Key_Left and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self._go_back()
            return True
        return False

    def _go_back(self) -> None:
        here = self._path.index(self._pages.currentIndex())
        if here and self._trying is None:
            self._show(self._path[here - 1])

    def _go_on(self) -> None:
        step = self._pages.currentIndex()
        if self._trying is not None:
            self.walk.enter()
            return
        if step == NETWORK:
            return
        missing = self._missing(step)
        if missing:
            self._said.setText(missing)
            return
        if step != TEST:
            self._show(self._path[self._path.index(step) + 1])
        elif self._chosen is not None and self._questions is not None:
            wish = self._wish(self._chosen, self._questions)
            self._trying = self._spawn(self._try(wish), "connect an account")

    def _missing(self, step: int) -> str:
        if step == SIGN_IN and self._questions is not None and self._questions.missing:
            return f"{self._questions.missing} is still empty."
        if step == COVER and not self.deputy.text:
            return "A deputy is needed: who acts when the lead is off."
        if step == TEST and self._why_no_key and len(self.passphrase.text) < 8:
            return "The passphrase needs at least 8 characters."
        return ""

    def _wish(self, manifest: Manifest, questions: Questions) -> Wish:
        return Wish(
            network=manifest.id,
            settings=questions.settings,
            secrets=questions.secrets,
            lead=self.lead.text,
            deputy=self.deputy.text,
            may_act=self.may_act.isChecked(),
            passphrase=self.passphrase.text,
        )

    async def _try(self, wish: Wish) -> None:
        self._next.setEnabled(False)
        self._said.set_ink("t2")
        self._said.setText("Signing in…")
        try:
            await self._test(wish, WindowGuide(self.walk))
        except Exception as problem:  # noqa: BLE001 - whatever went wrong is said here, and nothing was saved
            self.walk.clear()
            words = getattr(problem, "message", "") or f"It did not work: {type(problem).__name__}."
            self._said.set_ink("failed")
            kept = "Nothing was saved." if self._again is None else "The old sign-in was left as it was."
            self._said.setText(f"{words} {kept}")
            self.on_resize()
            self._trying = None
            self._next.setEnabled(True)
            return
        self._trying = None
        self.leave()

    def _resized(self) -> None:
        self.on_resize()

    def leave(self) -> None:
        """Closes the sheet; a test that is under way ends with it and keeps nothing."""
        if self._trying is not None:
            self._trying.cancel()
        super().leave()
