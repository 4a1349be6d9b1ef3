"""The curtain: who is at this seat? It covers the whole window while the seat is locked or nobody is on.

What it shows: three numbers of open risk, and the names of the roster. Never a word of the public, never an
author, never an incident's name. What a newcomer would get wrong: behind it everything goes on, so it takes
every key and gives none to the window below.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from console.domain.operators import BEHALVES, Operator
from console.ui import theme as tokens
from console.ui.dialogs.buttons import button, button_row
from console.ui.dialogs.first_run import Mark
from console.ui.focus import go_round_inside
from console.ui.operators.people import CodeField, People
from console.ui.parts import Line, Look, Run, Words, announce
from console.ui.text import count
from console.ui.theme import color

TITLE: Final = "Who is at this seat?"
OWN: Final = "Nobody else"
WIDE: Final = 520


@dataclass(frozen=True, slots=True)
class RiskNow:
    """What is open, in three numbers."""

    at_risk: int
    urgent: int
    unseen: int

    @property
    def spoken(self) -> str:
        """The numbers as a sentence."""
        return (
            f"Life at risk, {count(self.at_risk)} open. Urgent, {count(self.urgent)} open. "
            f"{count(self.unseen)} unseen."
        )


@dataclass(frozen=True, slots=True)
class Asking:
    """What the curtain asks, and of whom."""

    roster: Sequence[Operator]
    chosen: int | None
    """The number of the one who was here last."""
    why: str
    """Why it asks, in one sentence."""
    is_coming_back: bool
    """Whether somebody left it a moment ago: then the code comes first."""
    why_unreadable: str | None
    """Why codes cannot be checked now; None when they can."""
    account: str
    """The operating system account's name."""


def _shown(one: Operator) -> tuple[object, ...]:
    """What of a person stands in the list: wrong codes do not, so they change nothing there."""
    return one.id, one.name, one.role, one.collar, one.has_code


class Curtain(QWidget):
    """Covers a window. It is a child of the window and lies above everything else in it."""

    def __init__(
        self, look: Look, parent: QWidget, go: Callable[[str, str, str], None], go_on: Callable[[], None]
    ) -> None:
        """`go` is asked with name, code and behalf; `go_on` lets the system account go on."""
        super().__init__(parent)
        self.look, self._go, self._go_on = look, go, go_on
        self.setAccessibleName(TITLE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._asking: Asking | None = None
        self._is_working = False
        self._is_filled = False
        """Whether its parts are made: most windows never need them, and start sooner without."""
        self._card = QFrame()
        self._card.setObjectName("sheet")
        self._frame = QScrollArea(self)
        self._frame.setFrameShape(QFrame.Shape.NoFrame)
        self._frame.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._frame.setWidgetResizable(True)
        self._frame.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        held = QWidget()
        middle = QVBoxLayout(held)
        middle.setContentsMargins(16, 16, 16, 16)
        middle.addStretch(1)
        middle.addWidget(self._card, 0, Qt.AlignmentFlag.AlignHCenter)
        middle.addStretch(1)
        self._frame.setWidget(held)
        look.changed.connect(self._fit)
        parent.installEventFilter(self)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._follow)
        self.hide()

    def _fill(self) -> None:
        look = self.look
        box = QVBoxLayout(self._card)
        box.setContentsMargins(28, 24, 28, 24)
        box.setSpacing(10)
        head = QHBoxLayout()
        head.setSpacing(14)
        head.addWidget(Mark(look))
        titles = QVBoxLayout()
        titles.setSpacing(2)
        titles.addWidget(Words(look, TITLE, tokens.TITLE, wrap=True))
        self._why = Words(look, "", tokens.META, "t2", wrap=True)
        titles.addWidget(self._why)
        head.addLayout(titles, 1)
        box.addLayout(head)
        self._risk = Line(look, 32)
        self._risk.inset = 0
        self._rest = Line(look, 28)
        self._rest.inset = 0
        box.addWidget(self._risk)
        box.addWidget(self._rest)
        self.people = People(look, "Operators")
        self.people.picked.connect(self._picked)
        self.people.currentRowChanged.connect(self._changed)
        box.addWidget(self.people)
        self.code = CodeField(look, "Code", self.people.step)
        box.addWidget(self.code)
        self.behalf = QComboBox()
        self.behalf.setAccessibleName("On behalf of")
        self.behalf.addItems([OWN, *(one[0].upper() + one[1:] for one in BEHALVES)])
        label: QLabel = Words(look, "On behalf of", tokens.META, "t2", 600)
        label.setBuddy(self.behalf)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.behalf, 1)
        box.addLayout(row)
        self._said = Words(look, "", tokens.CONTROL, "failed", 600, wrap=True)
        box.addWidget(self._said)
        self._other = button("Go on without codes", "Ctrl G", self._go_on)
        self._yes = button("Sit down", "Enter", self._decide, primary=True)
        box.addLayout(button_row(self._other, None, self._yes))
        box.addWidget(
            Words(look, "Arrivals, alarms and acts go on behind this.", tokens.LABEL, "t3", wrap=True)
        )

    # what it asks ---------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether it covers the window."""
        return self._asking is not None

    def raise_over(self, asking: Asking) -> None:
        """Covers the window, or goes on covering it and asks this."""
        if not self._is_filled:
            self._is_filled = True
            self._fill()
        was_up = self.is_up
        before, self._asking = self._asking, asking
        self._why.setText(asking.why)
        if before is None or [*map(_shown, before.roster)] != [*map(_shown, asking.roster)]:
            now = self.people.chosen if was_up else None
            self.people.say(asking.roster, asking.chosen if now is None else now.id)
        self._other.setVisible(asking.why_unreadable is not None)
        if asking.why_unreadable is not None:
            self.say(
                f"Codes cannot be checked: {asking.why_unreadable} You can go on as {asking.account}, the "
                "account of this computer; the record says so."
            )
        elif not was_up:
            self.say("")
        self._changed()
        self._fit()
        if was_up:
            return
        self.behalf.setCurrentIndex(0)
        # Made before the window chose its font, and hidden when it did: Qt passes these by.
        for part in (self._yes, self._other, self.behalf, self.code.edit):
            part.setFont(self.look.font(tokens.CONTROL))
        self.show()
        self.raise_()
        self._take_focus()
        announce(self, f"{TITLE} {asking.why}")

    def _take_focus(self) -> None:
        asking = self._asking
        comes_back = asking is not None and asking.is_coming_back and self.code.isVisible()
        target = self.code.edit if comes_back else self.people
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def keep_above(self) -> None:
        """Stays above everything, with the keys: what is opened late below would take both."""
        self.raise_()
        now: Any = self.window().focusWidget()  # None at times, whatever its type says
        is_here = now is not None and (now is self or self.isAncestorOf(now))
        if not is_here and QApplication.activePopupWidget() is None:
            self._take_focus()

    def lower(self) -> None:
        """Lets the window be seen again."""
        if not self.is_up:
            return
        self._asking = None
        self.code.edit.clear()
        self._said.setText("")
        self.work(is_working=False)
        # A lane without items takes no focus: keys would go on to a field that nobody sees.
        focused: Any = self.window().focusWidget()  # None at times, whatever its type says
        if focused is not None and (focused is self or self.isAncestorOf(focused)):
            focused.clearFocus()
        self.hide()

    def say(self, words: str) -> None:
        """Says one sentence to whoever is here; a refusal is announced."""
        if words and words != self._said.text():
            announce(self, words)
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def work(self, *, is_working: bool) -> None:
        """A try is being checked: no second one begins meanwhile."""
        self._is_working = is_working
        self._changed()

    def tell(self, risk: RiskNow) -> None:
        """Shows what is open now."""
        at_risk = "t1" if risk.at_risk else "t2"
        self._risk.say(
            risk.spoken,
            [
                Run(grade=1, gap=6),
                Run(f"{count(risk.at_risk)} open", at_risk, tokens.BAR, gap=4),
                Run("Life at risk", "t2", tokens.META, gap=20),
                Run(grade=2, gap=6),
                Run(f"{count(risk.urgent)} open", "t1", tokens.BAR, gap=4),
                Run("Urgent", "t2", tokens.META),
            ],
        )
        self._rest.say(
            f"{count(risk.unseen)} unseen",
            [Run(f"{count(risk.unseen)}", "t1", tokens.BAR, gap=6), Run("unseen", "t2", tokens.META)],
        )

    # answers --------------------------------------------------------------------------------------

    def _changed(self, *_: object) -> None:
        one = self.people.chosen
        self.code.setVisible(one is not None and one.has_code)
        back = one is not None and self._asking is not None and one.id == self._asking.chosen
        words = "Unlock" if back and self._asking is not None and self._asking.is_coming_back else "Sit down"
        self._yes.setText(f"{words}   Enter")
        self._yes.setAccessibleName(f"{words}, Enter")
        self._yes.setEnabled(one is not None and not self._is_working)

    def _picked(self) -> None:
        """Somebody was chosen: their code comes next, or nothing does."""
        if self.code.isVisible():
            self.code.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._yes.setFocus(Qt.FocusReason.OtherFocusReason)

    def _decide(self) -> None:
        one = self.people.chosen
        if one is None or self._is_working:
            return
        code = self.code.take()
        if one.has_code and not code:
            self.say(f"Type {one.name}’s code, then Enter.")
            self.code.edit.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        behalf = "" if self.behalf.currentIndex() == 0 else BEHALVES[self.behalf.currentIndex() - 1]
        self.work(is_working=True)
        self._go(one.name, code, behalf)

    # the widget -----------------------------------------------------------------------------------

    def _fit(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            self.setGeometry(parent.rect())
        self._frame.setGeometry(self.rect())
        bar = self._frame.verticalScrollBar().sizeHint().width()
        self._card.setFixedWidth(max(240, min(self.look.px(WIDE), self.width() - 48 - bar)))

    def _follow(self, _: QWidget | None, now: QWidget | None) -> None:
        """What gets the focus is scrolled into view."""
        if now is not None and self._card.isAncestorOf(now):
            self._frame.ensureWidgetVisible(now)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follows the size of what it covers."""
        if event.type() is QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that no field took are taken here: none reaches the window below."""
        event.accept()
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        is_other = enter and self.window().focusWidget() is self._other
        goes_on = is_other or (control and event.key() == Qt.Key.Key_G)
        if goes_on and self._other.isVisible():
            self._go_on()
        elif enter:
            self._decide()
        elif event.key() in {Qt.Key.Key_Down, Qt.Key.Key_Up}:
            self.people.step(1 if event.key() == Qt.Key.Key_Down else -1)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes round inside the curtain."""
        return go_round_inside(self, forward)

    def mousePressEvent(self, event: object) -> None:
        """A click beside the card does nothing."""
        del event

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground, through which nothing is seen."""
        QPainter(self).fillRect(self.rect(), color(self.look.theme.bg0))
