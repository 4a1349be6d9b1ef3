"""Watching a phrase: for this incident or for good, in which list, from which grade, and what it would hit.

What a newcomer would get wrong: the number of hits is there before Enter is. A phrase that is in every third
item would bury the desk, so nothing can be watched that was not counted first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.list_changes import Rehearsal
from console.domain.watchlists import CATEGORIES, Watchlist
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, answers, button, button_row, choose
from console.ui.parts import Look, Words, announce, tip
from console.ui.sheet import Sheet
from console.ui.text import count, plural, shown

SOON_MS: Final = 150
"""So long after the last key the phrase is counted."""
MANY: Final = 0.05
"""The share of items from which a phrase is called too common."""
GRADES: Final = ("1 Life at risk", "2 Urgent", "3 Harmful", "4 Answer", "5 Routine")
GRADE: Final = 3


@dataclass(frozen=True, slots=True)
class Watch:
    """What a person wants watched."""

    phrase: str
    watchlist_id: str | None
    """The list that it becomes part of for good; None for the open incident's own."""
    category: str
    grade: int
    why: str

    def asks_as(self, other: "Watch | None") -> bool:
        """Whether both would hit the same; the reason makes no difference."""
        return other is not None and (self.phrase, self.watchlist_id, self.category, self.grade) == (
            other.phrase,
            other.watchlist_id,
            other.category,
            other.grade,
        )


class WatchPhrase(Sheet):
    """The sheet "Watch a phrase"."""

    wide = 820

    def __init__(
        self,
        look: Look,
        phrase: str,
        category: str,
        incident: str | None,
        lists: Sequence[Watchlist],
        second: str,
        ask: Callable[[Watch], None],
        go: Callable[[Watch], None],
    ) -> None:
        """`incident` is the open one's name; `category` that of the item; `second` who agrees as the second.

        `ask` asks what the phrase would hit, answered by `say_effect` or `refuse`.
        """
        super().__init__(look, "Watch a phrase")
        self._lists = [one for one in lists if one.incident is None]
        self._category, self._second, self._ask, self._go = category, second, ask, go
        self._incident = "" if incident is None else shown(incident).text
        self._counted: Watch | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON_MS)
        self._timer.timeout.connect(self._count)
        self.box.addWidget(Words(look, "Watch a phrase", tokens.TITLE))
        self.phrase = Field(look, "Word or phrase", hint="disguised spelling is seen through")
        self.phrase.edit.setText(phrase)
        self.box.addWidget(self.phrase)
        self._effect = Words(look, "", tokens.STANDARD, "t1", 600, wrap=True)
        self._samples = Words(look, "", tokens.META, "t2", wrap=True)
        self.box.addWidget(self._effect)
        self.box.addWidget(self._samples)
        self._scope, scope = answers(look, "For how long", ["This incident", "For good"])
        if incident is None:
            self._scope.button(0).setEnabled(False)
            tip(self._scope.button(0), "No incident is open.")
            choose(self._scope, 1)
        self._grade, grade = answers(look, "Grade at least", GRADES)
        choose(self._grade, GRADE - 1)
        first = QHBoxLayout()
        first.setSpacing(24)
        first.addWidget(scope)
        first.addWidget(self._choice(), 1)
        self.box.addLayout(first)
        self.box.addWidget(grade)
        self.reason = Field(look, "Reason", hint="goes on record; may be left empty")
        self.box.addWidget(self.reason)
        self._facts = Words(look, "", tokens.META, "t2", wrap=True)
        self.box.addWidget(self._facts)
        self._yes = button("Watch", "Enter", self._decide, primary=True)
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addSpacing(6)
        self.box.addLayout(button_row(None, back, self._yes))
        self._fill()
        self.phrase.edit.textChanged.connect(self._changed)
        self._scope.idToggled.connect(self._other_scope)
        self._grade.idToggled.connect(self._changed)
        self.list.currentIndexChanged.connect(self._other_list)
        self._other_list()

    def _choice(self) -> QWidget:
        """The list that it becomes part of; for an incident, what it is about."""
        held = QWidget()
        box = QVBoxLayout(held)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addWidget(Words(self.look, "Into the list", tokens.META, "t2", 600))
        self.list = QComboBox()
        self.list.setAccessibleName("Into the list")
        box.addWidget(self.list)
        return held

    def _fill(self) -> None:
        """The lists that there are for the scope; that of the item's category is chosen."""
        self.list.blockSignals(True)
        self.list.clear()
        if self.is_for_good:
            for one in self._lists:
                second = ", two people" if one.two_people else ""
                self.list.addItem(f"{one.name}{second}", one.id)
            place = next((n for n, one in enumerate(self._lists) if one.category == self._category), 0)
        else:
            for known in CATEGORIES.values():
                self.list.addItem(f"The incident’s own: {known.name}", known.id)
            place = list(CATEGORIES).index(self._category)
        self.list.setCurrentIndex(place)
        self.list.blockSignals(False)

    def _other_scope(self, _: int, is_chosen: bool) -> None:
        if is_chosen:
            self._fill()
            self._other_list()

    def _other_list(self, *_: object) -> None:
        """A list for good brings its own grade with it."""
        found = self._list
        if found is not None:
            choose(self._grade, found.grade - 1)
        self._changed()

    # what is chosen -------------------------------------------------------------------------------

    @property
    def is_for_good(self) -> bool:
        """Whether it outlives the incident."""
        return self._scope.checkedId() == 1

    @property
    def _list(self) -> Watchlist | None:
        """The list in force that is chosen; None for the incident's own."""
        place = self.list.currentIndex()
        return self._lists[place] if self.is_for_good and 0 <= place < len(self._lists) else None

    @property
    def wish(self) -> Watch:
        """What would be watched now."""
        found = self._list
        category = found.category if found is not None else str(self.list.currentData())
        grade = self._grade.checkedId() + 1
        why = self.reason.text
        return Watch(self.phrase.text, None if found is None else found.id, category, grade, why)

    def _changed(self, *_: object) -> None:
        wish, found = self.wish, self._list
        self._counted = None
        is_there = bool(wish.phrase)
        can = is_there and (not self.is_for_good or found is not None)
        words = "Type the word or phrase." if not is_there else "Counting the last 24 hours…"
        self._effect.set_ink("t1")
        self._effect.setText(words if can or not is_there else "There is no list to add it to.")
        self._samples.setText("")
        if not self.is_for_good:
            facts = f"It ends with the incident {self._incident}."
        elif found is None:
            facts = "No watchlist is in force."
        elif found.two_people:
            facts = f"{shown(found.name).text} needs two people: {self._second}"
        else:
            owner = shown(found.owner).text
            facts = f"It becomes a rule of its own in {shown(found.name).text}, owned by {owner}."
        self._facts.setText(
            f"{facts} What came earlier is searched too, without any alarm. Undo takes it back."
        )
        self._able()
        if can:
            self._timer.start()
        else:
            self._timer.stop()

    def _able(self) -> None:
        why = "" if self.wish.asks_as(self._counted) else "It has to be counted first."
        self._yes.setEnabled(not why)
        tip(self._yes, why)

    def _count(self) -> None:
        self._ask(self.wish)

    def say_effect(self, wish: Watch, found: Rehearsal) -> None:
        """What the phrase would have hit, unless another is meant by now."""
        if not self.wish.asks_as(wish):
            return
        self._counted = wish
        words = f"It would have hit {count(found.hits)} of {plural(found.looked_at, 'item')} of the last"
        words += " 24 hours"
        if found.hits and found.newly_caught != found.hits:
            words += f", {count(found.newly_caught)} of them not hit by this list as it is"
        words += "."
        if found.hits > MANY * found.looked_at and found.hits > 20:
            words += " That is very common: more words would find less."
        samples = [*found.samples_new, *found.samples_same][:2]
        texts = [f"“{shown(sample.text).text[:110]}”" for sample in samples if sample.text]
        self._samples.setText("\n".join(texts))
        self._say(words, "t1")

    def refuse(self, wish: Watch, why: str) -> None:
        """Says why it cannot be watched, unless another is meant by now."""
        if self.wish.asks_as(wish):
            self._counted = None
            self._say(why, "failed")

    def _say(self, words: str, ink: str) -> None:
        self._effect.set_ink(ink)
        self._effect.setText(words)
        announce(self, words)
        self._able()
        self.on_resize()

    # keys -----------------------------------------------------------------------------------------

    def first(self) -> QWidget:
        """The phrase."""
        return self.phrase.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter watches it."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        if self._yes.isEnabled():
            self._go(self.wish)
