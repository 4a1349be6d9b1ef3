"""Muting a wrong hit: which one, by which words of an exception, and why.

What a newcomer would get wrong: a mute is an exception on the rule for good, in every item that comes. So the
sheet says, before Enter, what else of the last day the list would let go by it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from console.domain.list_changes import Rehearsal
from console.domain.watchlists import Hit, Watchlist
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.dialogs.numbered import DIGITS, PITCH, Numbered
from console.ui.panes.hit_words import read_as
from console.ui.parts import Line, Look, Run, Words, announce, tip
from console.ui.sheet import Sheet
from console.ui.text import plural, shown

SOON_MS: Final = 150
"""So long after the last key what the exception would do is asked for."""


@dataclass(frozen=True, slots=True)
class Mute:
    """What a person wants muted."""

    hit: Hit
    words: str
    """The exception."""
    why: str


@dataclass(frozen=True, slots=True)
class MuteAsks:
    """What the sheet asks whoever opened it; answers come by its methods."""

    words: Callable[[Hit], None]
    """The words of an exception for a hit; answered by `offer`."""
    effect: Callable[[Hit, str], None]
    """What an exception would do; answered by `say_effect` or `refuse`."""
    go: Callable[[Mute], None]


class MuteHit(Sheet):
    """The sheet "Mute a wrong hit"."""

    wide = 760

    def __init__(
        self,
        look: Look,
        words: str,
        hits: Sequence[Hit],
        lists: Mapping[str, Watchlist],
        second: str,
        asks: MuteAsks,
    ) -> None:
        """`words` are the item's; `second` says who can agree where a list needs two people."""
        super().__init__(look, "Mute a wrong hit")
        self._hits = tuple(hits[:DIGITS])
        self._lists, self._second, self._asks = lists, second, asks
        self._is_known = False
        """Whether the words for the hit that is chosen have come."""
        self._refused = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SOON_MS)
        self._timer.timeout.connect(self._ask)
        self.box.addWidget(Words(look, "Mute a wrong hit", tokens.TITLE))
        self.box.addWidget(Words(look, f"“{shown(words).text[:240]}”", tokens.CONTROL, "t2", wrap=True))
        self.reason = Field(look, "Reason", hint="goes on record; may be left empty")
        self.list = Numbered(look, "Which hit is wrong", 5)
        for place, hit in enumerate(self._hits, start=1):
            self.list.put(self._line(place, hit))
        self.list.currentRowChanged.connect(lambda _row: self._chosen())
        self.list.picked.connect(lambda: self.reason.edit.setFocus(Qt.FocusReason.OtherFocusReason))
        self.box.addWidget(self.list)
        self.words = Field(look, "Not a hit where the text says", hint="for good, in every item")
        self.words.edit.textChanged.connect(self._changed)
        self.box.addWidget(self.words)
        self.box.addWidget(self.reason)
        self._effect = Words(look, "", tokens.CONTROL, "t1", 600, wrap=True)
        self._facts = Words(look, "", tokens.META, "t2", wrap=True)
        self.box.addWidget(self._effect)
        self.box.addWidget(self._facts)
        self._yes = button("Mute", "Enter", self._decide, primary=True)
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addSpacing(6)
        self.box.addLayout(button_row(None, back, self._yes))

    def begin(self) -> None:
        """Chooses the first hit; from now on the sheet asks."""
        self.list.setCurrentRow(0)

    def _line(self, place: int, hit: Hit) -> Line:
        line = Line(self.look, PITCH)
        words, how = shown(hit.text).text, read_as(hit)
        rule = f"{hit.watchlist_name} v{hit.version}, rule {hit.rule}"
        left = [
            Run(key=str(place)),
            Run(grade=hit.grade, gap=6),
            Run(words, "t1", tokens.STANDARD, 700),
            Run(how, "t2", tokens.META),
        ]
        line.say(f"{place}, {words}, {how}, {rule}", left, [Run(rule, "t3", tokens.META)])
        return line

    # what is chosen -------------------------------------------------------------------------------

    @property
    def hit(self) -> Hit:
        """The hit that is chosen."""
        return self._hits[max(0, self.list.currentRow())]

    def _chosen(self) -> None:
        self._is_known = False
        self.words.edit.clear()
        self._asks.words(self.hit)
        self._changed()

    def offer(self, hit: Hit, words: str) -> None:
        """The words of the exception have come; empty when a person must type them."""
        if hit is self.hit and not self._is_known:
            self._is_known = True
            self.words.edit.setText(words)
            self._changed()
            if not words:
                self.words.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _changed(self, *_: object) -> None:
        self._refused = ""
        words = self.words.text
        if not self._is_known:
            self._effect.setText("Looking for the words around it…")
        elif not words:
            self._effect.setText("It stands alone. Type a few words that only the wrong hits have.")
        else:
            self._effect.setText("Trying it on the last 24 hours…")
            self._timer.start()
        self._effect.set_ink("t1")
        hit = self.hit
        found = self._lists.get(hit.watchlist)
        facts = f"Rule {hit.rule} of {hit.watchlist_name} goes on for everything else. "
        facts += "What it has marked already stays on record. Undo takes it back."
        if found is not None and found.two_people:
            facts += f" This list needs two people: {self._second}"
        self._facts.setText(facts)
        self._able()
        self.on_resize()

    def _able(self) -> None:
        why = "" if self.words.text and not self._refused else "An exception needs words that would do."
        self._yes.setEnabled(not why)
        tip(self._yes, why)

    def _ask(self) -> None:
        if self.words.text:
            self._asks.effect(self.hit, self.words.text)

    def say_effect(self, hit: Hit, words: str, found: Rehearsal) -> None:
        """What the exception would have done, unless another is meant by now."""
        if (hit, words) == (self.hit, self.words.text):
            let_go = plural(found.no_longer_caught, "item")
            of = plural(found.looked_at, "item")
            self._say(f"Of {of} of the last 24 hours, {let_go} would no longer be hit by this list.")

    def refuse(self, hit: Hit, words: str, why: str) -> None:
        """Says why the exception would not do, unless another is meant by now."""
        if (hit, words) == (self.hit, self.words.text):
            self._refused = why
            self._say(why, "failed")

    def _say(self, words: str, ink: str = "t1") -> None:
        self._effect.set_ink(ink)
        self._effect.setText(words)
        announce(self, words)
        self._able()
        self.on_resize()

    # keys -----------------------------------------------------------------------------------------

    def first(self) -> QWidget:
        """The list; the reason where there is nothing to choose."""
        return self.list if len(self._hits) > 1 else self.reason.edit

    def pressed(self, event: QKeyEvent) -> bool:
        """Enter mutes."""
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._decide()
            return True
        return False

    def _decide(self) -> None:
        if self._yes.isEnabled():
            self._asks.go(Mute(self.hit, self.words.text, self.reason.text))
