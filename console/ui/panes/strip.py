"""The act strip: holding, sending, confirmed, refused, always in that order, and what undo takes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.acts import Act, ActState
from console.store import acts as stored_acts
from console.store.database import Connection
from console.ui import theme as tokens
from console.ui.parts import Line, Look, Run
from console.ui.text import age, count, shown
from console.ui.theme import color

HEIGHT = 40


@dataclass(frozen=True, slots=True)
class StripFacts:
    """What the queue holds."""

    counts: Mapping[ActState, int]
    held: Sequence[Act]
    newest: Sequence[Act]


def read_strip(conn: Connection) -> StripFacts:
    """Reads the queue's numbers and its newest acts."""
    return StripFacts(
        counts=stored_acts.counts(conn),
        held=stored_acts.in_states(conn, [ActState.HELD], None, 50),
        newest=stored_acts.newest(conn, None, 200),
    )


class ActStrip(QWidget):
    """The line at the foot."""

    def __init__(
        self,
        look: Look,
        show: Callable[[str], None],
        undo: Callable[[], None],
        now: Callable[[], int],
        clock: Callable[[int], str],
    ) -> None:
        """`show` opens the list of one part: holding, sending, confirmed or refused."""
        super().__init__()
        self.setAccessibleName("Acts")
        self._look, self._now, self._clock = look, now, clock
        self._facts = StripFacts({}, (), ())
        self._undo_words: str | None = None
        self._holding = Line(look, HEIGHT, act=lambda: show("holding"))
        self._sending = Line(look, HEIGHT, act=lambda: show("sending"))
        self._confirmed = Line(look, HEIGHT, act=lambda: show("confirmed"))
        self._refused = Line(look, HEIGHT, act=lambda: show("refused"))
        self._second = Line(look, HEIGHT, act=lambda: show("second"))
        self._second.hide()
        self._undo = Line(look, HEIGHT, act=undo)
        self._title = Line(look, HEIGHT)
        self._title.say("Acts", [Run("Acts", "t3", tokens.META)])
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(0)
        for part, share in (
            (self._title, 0),
            (self._holding, 3),
            (self._sending, 3),
            (self._confirmed, 3),
            (self._refused, 3),
            (self._second, 3),
            (self._undo, 3),
        ):
            part.inset = 12
            box.addWidget(part, share)
        self._title.setFixedWidth(look.px(56))
        look.changed.connect(self._relooked)
        self._relooked()
        self.tell(self._facts, None, linked=True)

    def _relooked(self) -> None:
        self.setFixedHeight(self._look.px(HEIGHT))
        self._title.setFixedWidth(self._look.px(56))

    def tell(self, facts: StripFacts, undo: str | None, *, linked: bool) -> None:
        """Shows other facts; `undo` is what undo would take back, `linked` whether any account is."""
        self._facts, self._undo_words = facts, undo
        counts = facts.counts
        under_way = (ActState.QUEUED, ActState.SENDING, ActState.ACCEPTED, ActState.UNCERTAIN)
        sending = sum(counts.get(state, 0) for state in under_way)
        confirmed = counts.get(ActState.CONFIRMED, 0) + counts.get(ActState.UNVERIFIABLE, 0)
        refused = sum(
            counts.get(state, 0) for state in (ActState.REFUSED, ActState.FAILED, ActState.REAPPEARED)
        )
        self.tick()
        word = "sending" if linked else "queued"
        detail = "" if linked or not sending else "waiting for the link"
        self._part(self._sending, "sending", sending, word, detail, "accent", "")
        settled = [act for act in facts.newest if act.state is ActState.CONFIRMED and act.settled_at]
        last = f"last {self._clock(settled[0].settled_at or 0)}" if settled else ""
        self._part(self._confirmed, "confirmed", confirmed, "confirmed", last, "confirmed", "")
        bad = [act for act in facts.newest if act.state in {ActState.REFUSED, ActState.FAILED}]
        why = shown(bad[0].error or "").text[:60].rstrip(".").lower() if bad else ""
        self._part(self._refused, "refused", refused, "refused", why, "failed", "F8" if refused else "")
        waits = counts.get(ActState.AWAITING_APPROVAL, 0)
        verb = "waits" if waits == 1 else "wait"
        self._part(self._second, "people", waits, f"{verb} for a second person", "", "held", "F9")
        self._second.setVisible(bool(waits))
        if undo:
            words = f"Undo: {undo}"
            self._undo.say(words, [Run(words, "t1", tokens.META, 600)], [Run(key="U")])
        else:
            self._undo.say("Nothing to undo", [Run("Nothing to undo", "t3", tokens.META)])

    def tick(self) -> None:
        """Counts the holds down."""
        held = [act for act in self._facts.held if act.due_at > self._now()]
        detail = ""
        if held:
            verb = held[0].verb.replace("-", " ").capitalize()
            detail = f"{verb} · {age(max(0, held[0].due_at - self._now()) + 999)}"
        self._part(self._holding, "held", len(held), "holding", detail, "held", "Z" if held else "")

    def _part(self, part: Line, glyph: str, number: int, word: str, detail: str, ink: str, key: str) -> None:
        quiet = not number
        colour = "t3" if quiet else ink
        runs = [
            Run(glyph=glyph, ink=colour),
            Run(count(number), "t3" if quiet else "t1", tokens.CONTROL, 700, gap=5),
            Run(word, colour, tokens.META, 600),
        ]
        if detail and not quiet:
            runs.append(Run(detail, "t3", tokens.META))
        if key:
            runs.append(Run(key=key))
        part.say(f"{number} {word}. {detail}", runs)

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the ground and the upper line."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), color(self._look.theme.bg0))
        painter.fillRect(QRectF(0, 0, self.width(), 1), color(self._look.theme.line))
