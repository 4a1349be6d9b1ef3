"""The right of the editor: what the draft would hit, and a field to try words in.

What a newcomer would get wrong: nothing is counted here. The engine counts; only its newest answer is shown,
and until it comes the old one stays with "Counting…" above it.
"""

from collections.abc import Sequence
from typing import Final

from PySide6.QtWidgets import QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from console.domain.list_changes import Rehearsal, Sample
from console.domain.triage import Grade
from console.domain.watchlists import Hit
from console.ui import theme as tokens
from console.ui.parts import Look, Words
from console.ui.parts import Rule as Hairline
from console.ui.text import count, plural, shown
from console.ui.watchlists.parts import Column, Labelled

LONGEST: Final = 140
"""Characters of an example that are shown."""
EXAMPLES: Final = 3


def hit_words(hit: Hit) -> str:
    """A hit explained: what was found, as which word, how it was read, and what it would mean."""
    found = shown(hit.text).text
    how = f", {shown(hit.how).text}" if hit.how else ""
    reading = f"read as “{shown(hit.term).text}”{how}" if hit.disguised else f"as “{shown(hit.term).text}”"
    return f"“{found}” {reading}: grade {hit.grade}, {Grade(hit.grade).words}"


def sample_words(sample: Sample) -> str:
    """An item as an example."""
    text = shown(sample.text).text or "A private message that cannot be opened now."
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    hits = ", ".join(dict.fromkeys(shown(hit.text).text for hit in sample.hits))
    return f"“{text}”" + (f" · by {hits}" if hits else "")


class Kind(QWidget):
    """One kind of items: how many, and a few of them."""

    def __init__(self, look: Look, ink: str) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 4, 0, 0)
        box.setSpacing(2)
        self.head = Words(look, "", tokens.CONTROL, ink, 600, wrap=True)
        box.addWidget(self.head)
        self.lines = [Words(look, "", tokens.META, "t2", wrap=True) for _ in range(EXAMPLES)]
        for line in self.lines:
            box.addWidget(line)

    def say(self, words: str, samples: Sequence[Sample]) -> None:
        """Shows the count in words, and the first examples."""
        self.head.setText(words)
        for place, line in enumerate(self.lines):
            line.setText(sample_words(samples[place]) if place < len(samples) else "")
            line.setVisible(place < len(samples))


class Preview(QWidget):
    """What the draft would hit in the last 24 hours."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.setAccessibleName("Preview")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        self.column = Column(look)
        box.addWidget(self.column, 1)
        inner = self.column.box
        inner.addWidget(Words(look, "The last 24 hours", tokens.LABEL, "t3"))
        self.head = Words(look, "", tokens.BAR, "t1", 600, wrap=True)
        self.rule_said = Words(look, "", tokens.CONTROL, "t2", wrap=True)
        self.busy = Words(look, "", tokens.META, "t3")
        inner.addWidget(self.head)
        inner.addWidget(self.rule_said)
        inner.addWidget(self.busy)
        self.new, self.lost, self.same = Kind(look, "t1"), Kind(look, "t1"), Kind(look, "t1")
        self.missed, self.left_up = Kind(look, "t1"), Kind(look, "t1")
        self._kinds = (self.new, self.lost, self.same, self.missed, self.left_up)
        for kind in self._kinds:
            inner.addWidget(kind)
            kind.hide()
        inner.addStretch(1)
        box.addWidget(Hairline(look))
        self.trying = QLineEdit()
        self.trying.setAccessibleName("Try words here")
        labelled = Labelled(look, "Try words here", self.trying)
        labelled.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        box.addWidget(labelled)
        self.tried = Words(look, "", tokens.META, "t2", wrap=True)
        box.addWidget(self.tried)

    def stack(self, *, is_stacked: bool) -> None:
        """Scrolls by itself, or with the sheet."""
        self.column.stack(is_stacked=is_stacked)

    def count_anew(self) -> None:
        """A new count was asked for; what is shown is older."""
        self.busy.setText("Counting…")

    def say_nothing(self, words: str) -> None:
        """Nothing can be counted; why."""
        self.busy.setText("")
        self.head.setText(words)
        self.rule_said.setText("")
        for kind in self._kinds:
            kind.hide()

    def say(self, told: Rehearsal, rule_id: str | None) -> None:
        """Shows what the engine counted."""
        self.busy.setText("" if told.is_whole else "There were more items; only the newest were tried.")
        self.head.setText(f"{count(told.hits)} of {plural(told.looked_at, 'item')} hit")
        hits = dict(told.by_rule).get(rule_id or "")
        self.rule_said.setText("" if hits is None else f"This rule: {plural(hits, 'item')}")
        for kind, words, number, samples in (
            (self.new, "newly caught", told.newly_caught, told.samples_new),
            (self.lost, "no longer caught", told.no_longer_caught, told.samples_lost),
            (self.same, "the same", told.the_same, told.samples_same),
        ):
            kind.say(f"{count(number)} {words}", samples)
            kind.show()
        self.missed.say(
            f"{count(told.missed_of_hidden)} hidden by people for this category, and missed",
            told.samples_missed,
        )
        self.missed.setVisible(told.missed_of_hidden > 0)
        self.left_up.say(f"{count(told.hit_of_left_up)} left up by people, and hit", told.samples_left_up)
        self.left_up.setVisible(told.hit_of_left_up > 0)

    def say_tried(self, hits: Sequence[Hit] | None) -> None:
        """What the words that were tried hit; None while there are no words."""
        if hits is None:
            self.tried.setText("")
        elif not hits:
            self.tried.setText("No hit.")
        else:
            self.tried.setText("\n".join(hit_words(hit) for hit in hits[:6]))
