"""The lane with its head and its edge, and what stands in its place when it is empty."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from console.ui import theme as tokens
from console.ui.edge import Edge
from console.ui.lane.view import LaneView
from console.ui.panes.finder import Finder
from console.ui.parts import Line, Look, Run, Words
from console.ui.text import age, count, plural
from console.ui.theme import color

HEAD = 36
EDGE = 32


@dataclass(frozen=True, slots=True)
class EdgeFacts:
    """What the edge says."""

    edge: Edge
    paused_ms: int | None
    no_link_since: str | None
    """The time of day since when no account has a link; None while one has."""
    waiting_acts: int
    last_look_ms: int | None
    trouble: str | None
    """One line on the account whose lane this is, when it is not well."""


class LaneColumn(QWidget):
    """Head, edge and lane."""

    def __init__(
        self, look: Look, view: LaneView, find: Callable[[str], None], let_in: Callable[[], None]
    ) -> None:
        super().__init__()
        self._look, self._view = look, view
        self.head = Line(look, HEAD, "bg1")
        self.finder = Finder(look, self, find, self.close_find)
        self.field, self.problem = self.finder.field, self.finder.problem
        self._heads = QStackedWidget()
        self._heads.addWidget(self.head)
        self._heads.addWidget(self.finder)
        self._heads.setFixedHeight(look.px(HEAD))
        self.edge = Line(look, EDGE, "bg1", act=let_in)
        self.empty = EmptyLane(look)
        self._lanes = QStackedWidget()
        self._lanes.addWidget(view)
        self._lanes.addWidget(self.empty)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        box.addWidget(self._heads)
        box.addWidget(self.edge)
        box.addWidget(self._lanes, 1)
        look.changed.connect(lambda: self._heads.setFixedHeight(look.px(HEAD)))

    def open_find(self, typed: str) -> None:
        """Shows the field in the head."""
        self._heads.setCurrentIndex(1)
        self.finder.open(typed)

    def close_find(self) -> None:
        """Shows the head again; what is shown below does not change."""
        self.finder.close_list()
        self._heads.setCurrentIndex(0)
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def say_head(self, name: str, detail: str, selected: int, *, paused: bool) -> None:
        """Shows the lane's name, and how many items are selected."""
        right: list[Run] = []
        if selected:
            right.append(Run(f"{count(selected)} selected", "accent", tokens.CONTROL, 600, gap=16))
        right += [
            Run("Go on" if paused else "Pause", "t2", tokens.CONTROL, gap=6),
            Run(key="P", gap=16),
            Run("Find", "t2", tokens.CONTROL, gap=6),
            Run(key="/"),
        ]
        left = [Run(name, "t1", tokens.BAR, 700, gap=12), Run(detail, "t3", tokens.META)]
        chosen = f", {count(selected)} selected" if selected else ""
        self.head.say(f"{name}, {detail}{chosen}", left, right)

    def say_edge(self, facts: EdgeFacts, now: int) -> None:
        """Shows what waits."""
        waits = facts.edge
        self.edge.rule_ink = ""
        if facts.no_link_since is not None:
            acts = f"{plural(facts.waiting_acts, 'act')} wait and will be sent once."
            words = f"No link since {facts.no_link_since}"
            detail = f"Showing what was stored. {acts if facts.waiting_acts else ''}"
            self.edge.say(
                f"{words}. {detail}",
                [Run(glyph="close", ink="g3"), Run(words, "t1", weight=700), Run(detail, "t2", tokens.META)],
                [Run("What is stale", "t1", weight=600), Run(key="F7")],
                "no_link",
            )
        elif facts.paused_ms is not None:
            words = f"Paused {age(facts.paused_ms)} · {count(waits.count)} new"
            self.edge.rule_ink = "accent"
            self.edge.say(
                words,
                [Run(glyph="pause", ink="accent"), Run(words, "t1", weight=700), *_urgent(waits)],
                [Run("Go on", "t1", weight=600), Run(key="P", filled=True)],
                "bg3",
            )
        elif waits.count or waits.late:
            words = f"{count(waits.count)} new" if waits.count else "Nothing new"
            crowd = crowd_words(waits)
            late = f"{count(waits.late)} raised" if waits.late else ""
            raised = [Run(grade=waits.late_grade, gap=6), Run(late, "t1", weight=600, gap=12)]
            oldest = "" if waits.oldest is None else f"oldest waiting {age(now - waits.oldest)}"
            self.edge.rule_ink = "accent"
            self.edge.say(
                ", ".join(
                    [words, f"{waits.urgent[1]} urgent", f"{waits.urgent[2]} harmful"]
                    + [part for part in (crowd, late, oldest) if part]
                ),
                [
                    Run(glyph="arrow-up", ink="accent", gap=12),
                    Run(words, "t1", tokens.BAR, 700, gap=14),
                    *_urgent(waits, 2 if crowd else 3),
                    *(raised if late else []),
                    Run(crowd or oldest, "t2", tokens.META),
                ],
                [Run("Let them in", "t1", weight=600), Run(key="Space", filled=True)],
                "bg3",
            )
        elif facts.trouble is not None:
            self.edge.say(
                facts.trouble,
                [Run(glyph="waiting", ink="g3"), Run(facts.trouble, "t1", tokens.CONTROL)],
                [],
                "no_link",
            )
        else:
            words = "Nothing waiting."
            if facts.last_look_ms is not None:
                words += f" Last look at every account {facts.last_look_ms // 1000} s ago."
            self.edge.say("Nothing waiting.", [Run(words, "t3", tokens.META)], [], "bg1")

    def show_lane(self, *, has_rows: bool) -> None:
        """Shows the lane, or what stands in its place."""
        wanted = 0 if has_rows else 1
        if self._lanes.currentIndex() != wanted:
            self._lanes.setCurrentIndex(wanted)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground."""
        QPainter(self).fillRect(self.rect(), color(self._look.theme.bg1))


def crowd_words(edge: Edge) -> str:
    """What a flood at the edge is made of: waves, what they hold, and what stands apart from them."""
    parts: list[str] = []
    if edge.waves:
        verb = "hold" if edge.waves > 1 else "holds"
        parts.append(f"{plural(edge.waves, 'wave')} {verb} {count(edge.in_waves)} of them")
    if edge.strays:
        parts.append(plural(edge.strays, "stray"))
    return " · ".join(parts)


def _urgent(edge: Edge, worst: int = 3) -> list[Run]:
    """How many wait of the worst grades; of fewer grades in a flood, where what holds it is said beside."""
    names = ("life at risk", "urgent", "harmful")
    runs: list[Run] = []
    for place, (number, name) in enumerate(list(zip(edge.urgent, names, strict=True))[:worst]):
        if number:
            runs += [
                Run(grade=place + 1, gap=6),
                Run(f"{count(number)} {name}", "t1", tokens.CONTROL, 600, gap=12),
            ]
    return runs


class EmptyLane(QWidget):
    """Facts that show that the watch is alive, at the lane's top left; never a drawing."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._title = Words(look, "", tokens.BAR, "t1", 600, wrap=True)
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(48, 24, 48, 24)
        self._box.setSpacing(8)
        self._box.addWidget(self._title)
        self._lines = [Words(look, "", tokens.STANDARD, "t2", wrap=True) for _ in range(4)]
        for line in self._lines:
            self._box.addWidget(line)
        self._box.addStretch(1)

    def say(self, title: str, facts: Sequence[str]) -> None:
        """Shows other facts."""
        self._title.setText(title)
        for number, line in enumerate(self._lines):
            words = facts[number] if number < len(facts) else ""
            line.setText(words)
            line.setVisible(bool(words))
        self.setAccessibleName(" ".join([title, *facts]))

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground."""
        QPainter(self).fillRect(QRectF(self.rect()), color(self._look.theme.bg1))
