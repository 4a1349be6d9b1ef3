"""One verdict on a wave: what it does where, and for how long it stands for what joins the wave later."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QIntValidator, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from console.domain.acts import Verb
from console.domain.watchlists import CATEGORIES
from console.domain.waves import MOST_STANDING, Wave
from console.services.planning import Plan
from console.ui import theme as tokens
from console.ui.dialogs.bulk_plan import PlanTable
from console.ui.dialogs.buttons import Field, answers, button, button_row, choose
from console.ui.parts import Line, Look, Run, Words, tip
from console.ui.sheet import Sheet
from console.ui.text import count, plural, shown

VERBS: Final = ((Verb.HIDE, "Hide", "hide"), (Verb.LEAVE_UP, "Leave up", "confirmed"))
MINUTES: Final = ((0, "No, only these"), (10, "10 min"), (30, "30 min"), (60, "60 min"))
LIMIT: Final = 1_000
"""How many later items a verdict falls on, unless a person writes another number."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person decided on a wave."""

    plan: Plan
    reason: str
    category: str | None
    minutes: int
    """How long it stands for later arrivals; 0 when it does not."""
    limit: int
    """How many later arrivals it may fall on."""


class VerdictSheet(Sheet):
    """The sheet "One verdict on this wave"."""

    wide = 860

    def __init__(
        self,
        look: Look,
        wave: Wave,
        about: str,
        category: str | None,
        marks: Mapping[str, tuple[str, str]],
        clock: Callable[[int], str],
        replan: Callable[[Verb], None],
        go: Callable[[Verdict], None],
    ) -> None:
        """`replan` asks for the plan of another verb, which comes back through `take_plan`."""
        super().__init__(look, "One verdict on this wave")
        self._marks, self._clock, self._replan, self._go = marks, clock, replan, go
        self._plan: Plan | None = None
        self._head = Line(look, 30)
        self._head.inset = 0
        self.box.addWidget(self._head)
        essence = shown(wave.essence).text
        self.box.addWidget(Words(look, f"“{essence}”", tokens.STANDARD, "t1", wrap=True))
        self.box.addWidget(Words(look, about, tokens.META, "t3", wrap=True))
        self._table_place = QVBoxLayout()
        self._table: QWidget = Words(look, "Looking at what can be done where…", tokens.CONTROL, "t2")
        self._table_place.addWidget(self._table)
        self.box.addLayout(self._table_place)
        self._facts = Words(look, "", tokens.META, "t2", wrap=True)
        self.box.addWidget(self._facts)
        self._fields(category)
        self._foot()
        self._changed()

    def _fields(self, category: str | None) -> None:
        self.reason = Field(self.look, "Reason", hint="needed")
        self.category = Field(self.look, "Category")
        known = CATEGORIES.get(category or "")
        self.category.edit.setText(known.name if known else category or "")
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.reason, 2)
        row.addWidget(self.category, 1)
        self.box.addLayout(row)
        self._verbs, verbs = answers(self.look, "Verdict", [words for _, words, _ in VERBS])
        self._minutes, minutes = answers(self.look, "Later arrivals too", [words for _, words in MINUTES])
        self.limit = Field(self.look, "At most so many later items")
        self.limit.edit.setText(str(LIMIT))
        self.limit.edit.setValidator(QIntValidator(1, MOST_STANDING, self.limit.edit))
        second = QHBoxLayout()
        second.setSpacing(24)
        second.addWidget(verbs)
        second.addWidget(minutes)
        second.addWidget(self.limit, 1)
        self.box.addLayout(second)
        self.reason.edit.textChanged.connect(self._changed)
        self.limit.edit.textChanged.connect(self._changed)
        self._verbs.idToggled.connect(self._other_verb)
        self._minutes.idToggled.connect(self._changed)

    def _foot(self) -> None:
        self._yes = button("Hide", "Ctrl Enter", self._decide, primary=True)
        self._foot_words = Words(self.look, "", tokens.META, "t3")
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addSpacing(8)
        self.box.addLayout(button_row(self._foot_words, None, back, self._yes))

    # what is chosen -------------------------------------------------------------------------------

    @property
    def verb(self) -> Verb:
        """The verdict that is chosen."""
        return VERBS[max(0, self._verbs.checkedId())][0]

    @property
    def minutes(self) -> int:
        """For how many minutes it stands for later arrivals; 0 when it does not."""
        return MINUTES[max(0, self._minutes.checkedId())][0]

    def show_plan(self, plan: Plan) -> None:
        """Chooses the verdict that a plan was made for, and shows the plan."""
        number = next(place for place, (one, _, _) in enumerate(VERBS) if one is plan.verb)
        self._verbs.blockSignals(True)
        choose(self._verbs, number)
        self._verbs.blockSignals(False)
        self.take_plan(plan)

    def _other_verb(self, _: int, is_chosen: bool) -> None:
        if is_chosen:
            self._plan = None
            self._changed()
            self._replan(self.verb)

    def take_plan(self, plan: Plan) -> None:
        """Shows what the verdict would do; one of another verb came too late."""
        if plan.verb is not self.verb:
            return
        self._plan = plan
        old, self._table = self._table, PlanTable(self.look, plan, self._marks, self._clock)
        self._table_place.replaceWidget(old, self._table)
        old.hide()
        old.deleteLater()
        sealed = f"{count(plan.will)} sealed before anything is sent. " if plan.is_sealed_first else ""
        self._facts.setText(
            f"{sealed}One record for each item. Undo takes back all of it, and ends the verdict."
        )
        self._changed()
        self.on_resize()

    def _changed(self, *_: object) -> None:
        plan = self._plan
        words, glyph = next((words, glyph) for verb, words, glyph in VERBS if verb is self.verb)
        self.limit.setEnabled(self.minutes > 0)
        number = f" {count(plan.will)}" if plan is not None else ""
        self._yes.setText(f"{words}{number}   Ctrl Enter")
        self._yes.setAccessibleName(f"{words}{number}, Ctrl Enter")
        why = self._why_not()
        self._yes.setEnabled(not why)
        tip(self._yes, why)
        self._foot_words.setText(why or "Nothing is sent before you press it.")
        title = "One verdict on this wave"
        what = f"{words} {plural(plan.will, 'item')}" if plan is not None else "Counting…"
        self._head.say(
            f"{title}. {what}",
            [Run(glyph="wave", gap=12), Run(title, "t1", tokens.TITLE)],
            [Run(glyph=glyph, gap=6), Run(what, "t1", tokens.CONTROL, 700)],
        )

    def _why_not(self) -> str:
        if self._plan is None:
            return "Looking at what can be done where…"
        if not self._plan.will and not self.minutes:
            return self._plan.why_nothing or "There is nothing to do."
        if not self.reason.text:
            return "A reason is needed; it goes on record."
        if self.minutes and not self.limit.edit.hasAcceptableInput():
            return f"A verdict falls on 1 to {MOST_STANDING:,} later items."
        return ""

    def first(self) -> QWidget:
        """The reason."""
        return self.reason.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Ctrl Enter does it."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and self._yes.isEnabled():
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        if self._plan is None:
            return
        names = {category.name: category.id for category in CATEGORIES.values()}
        written = self.category.text
        category = names.get(written, written) or None
        limit = int(self.limit.edit.text() or LIMIT)
        verdict = Verdict(self._plan, self.reason.text, category, self.minutes, limit)
        go = self._go
        self.leave()
        go(verdict)
