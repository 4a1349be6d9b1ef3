"""The bulk plan: what an act on many items will do, before anything is sent."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from console.domain.watchlists import CATEGORIES
from console.services.planning import Plan, PlanRow
from console.ui import theme as tokens
from console.ui.dialogs.buttons import Field, button, button_row
from console.ui.parts import Line, Look, Run, Words, paint_run, tip
from console.ui.sheet import Sheet
from console.ui.text import count, plural, shown
from console.ui.theme import color

ROW = 34
MOST_ROWS = 9


class PlanTable(QWidget):
    """A line for each account, and one for all of them."""

    def __init__(
        self, look: Look, plan: Plan, marks: Mapping[str, tuple[str, str]], clock: Callable[[int], str]
    ) -> None:
        super().__init__()
        self._look, self._plan, self._marks, self._clock = look, plan, marks, clock
        self.setAccessibleName(self._spoken())
        self.setFixedHeight(look.px(ROW) * (2 + min(MOST_ROWS, len(plan.rows))))

    def _spoken(self) -> str:
        return ". ".join(
            f"{shown(row.account.name).text} on {row.account.network}: {len(row.will)} of {row.selected}"
            + (f", {len(row.left_out)} left out: {row.why}" if row.left_out else "")
            for row in self._plan.rows
        )

    def paintEvent(self, _: QPaintEvent) -> None:
        """Paints the table."""
        look = self._look
        painter = QPainter(self)
        verb = str(self._plan.verb).replace("-", " ")
        heads = ("Account", "Selected", f"Will {verb}", "Left out", "Ceiling", "Finishes", "Undo")
        self._line(painter, 0, heads, ("t3",) * 7, tokens.LABEL, 500)
        height = look.px(ROW)
        painter.fillRect(QRectF(0, height - 1, self.width(), 1), color(look.theme.line2))
        rows = self._plan.rows[:MOST_ROWS]
        for number, row in enumerate(rows, start=1):
            self._row(painter, number * height, row)
        total = (
            "All" if len(rows) == len(self._plan.rows) else f"All {len(self._plan.rows)} accounts",
            count(self._plan.selected),
            count(self._plan.will),
            count(self._plan.left_out),
            "",
            "",
            "",
        )
        inks = ("t1", "t1", "t1", "g2" if self._plan.left_out else "t3", "t2", "t1", "t2")
        self._line(painter, (len(rows) + 1) * height, total, inks, tokens.CONTROL, 700)

    def _columns(self) -> tuple[tuple[float, float, bool], ...]:
        """Where each column begins, how wide it is, and whether it stands at its right end."""
        width, px = self.width(), self._look.px
        ends = (px(90), px(90), px(80))
        ceiling, finishes, undo = px(170), px(74), px(70)
        name = width - sum(ends) - ceiling - finishes - undo - px(20)
        x = 0.0
        columns = [(x, name, False)]
        x += name
        for size in ends:
            columns.append((x, size, True))
            x += size
        x += px(20)
        for size in (ceiling, finishes, undo):
            columns.append((x, size, False))
            x += size
        return tuple(columns)

    def _line(
        self,
        painter: QPainter,
        y: float,
        words: tuple[str, ...],
        inks: tuple[str, ...],
        kind: tokens.Type,
        weight: int,
    ) -> None:
        look = self._look
        face = look.font(kind, weight)
        metrics = QFontMetricsF(face)
        painter.setFont(face)
        for (x, width, at_end), text, ink in zip(self._columns(), words, inks, strict=True):
            painter.setPen(color(look.colour(ink)))
            box = QRectF(x, y, width - look.px(8), look.px(ROW))
            flag = Qt.AlignmentFlag.AlignRight if at_end else Qt.AlignmentFlag.AlignLeft
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, flag | Qt.AlignmentFlag.AlignVCenter, elided)

    def _row(self, painter: QPainter, y: float, row: PlanRow) -> None:
        look = self._look
        mark = self._marks.get(row.account.key, ("", "page"))
        columns = self._columns()
        paint_run(painter, look, Run(network=mark), 0, y + look.px(ROW) / 2, columns[0][1])
        finishes = "" if row.finishes_at is None else self._clock(row.finishes_at)
        nothing = not row.will
        words = (
            "",
            count(row.selected),
            count(len(row.will)),
            count(len(row.left_out)),
            "" if nothing else row.allowance,
            "" if nothing else finishes,
            "" if nothing else row.undo,
        )
        inks = ("t1", "t2", "t3" if nothing else "t1", "g2" if row.left_out else "t3", "t2", "t1", "t2")
        self._line(painter, y, words, inks, tokens.CONTROL, 500)
        name = Run(shown(row.account.name or row.account.handle).text, "t1", tokens.CONTROL, 600)
        paint_run(painter, look, name, look.px(26), y + look.px(ROW) / 2, columns[0][1] - look.px(34))
        if row.left_out and nothing:
            x = columns[4][0]
            why = Run(row.why, "t2", tokens.META)
            paint_run(painter, look, why, x, y + look.px(ROW) / 2, self.width() - x)
        painter.fillRect(
            QRectF(QPointF(0, y + look.px(ROW) - 1), QPointF(self.width(), y + look.px(ROW))),
            color(look.theme.line),
        )


class BulkPlan(Sheet):
    """The sheet before any act on more than one item."""

    wide = 860

    def __init__(
        self,
        look: Look,
        plan: Plan,
        about: str,
        category: str | None,
        marks: Mapping[str, tuple[str, str]],
        clock: Callable[[int], str],
        go: Callable[[str, str | None], None],
    ) -> None:
        """`go` is called with reason and category when the person decides to do it."""
        verb = str(plan.verb).replace("-", " ").capitalize()
        self._verb = verb
        title = f"{verb} {plural(plan.will, 'item')}"
        super().__init__(look, title)
        self._plan, self._go = plan, go
        head = Line(look, 30)
        head.inset = 0
        finish = f"Finishes about {clock(plan.finishes_at)}" if plan.finishes_at else ""
        glyph = {"hide": "hide", "unhide": "unhide", "delete": "delete"}.get(str(plan.verb), "confirmed")
        head.say(
            f"{title}. {finish}",
            [Run(glyph=glyph, gap=12), Run(title, "t1", tokens.TITLE)],
            [Run(finish, "t1", tokens.CONTROL, 700)] if finish else [],
        )
        self.box.addWidget(head)
        self.box.addWidget(
            Words(look, f"{about} Nothing is sent until you press {verb}.", tokens.CONTROL, "t2", wrap=True)
        )
        self.box.addWidget(PlanTable(look, plan, marks, clock))
        self._add_facts(plan)
        self._fields(category)
        self._foot(plan)

    def _fact(self, glyph: str, ink: str, words: str) -> None:
        line = Line(self.look, 24)
        line.inset = 0
        line.say(words, [Run(glyph=glyph, ink=ink, gap=10), Run(words, "t2", tokens.CONTROL)])
        self.box.addWidget(line)

    def _add_facts(self, plan: Plan) -> None:
        if plan.is_sealed_first:
            words = f"Evidence: {count(plan.will)} sealed before anything is sent."
            if plan.media_not_captured:
                words += (
                    f" {plural(plan.media_not_captured, 'item')} by words first: pictures are fetched after."
                )
            self._fact("sealed", "confirmed", words)
        back = "Undo takes back all of it." if plan.reversible else "There is no way back once it is sent."
        self._fact("confirmed", "t2", f"One record for each item, and one for the whole act. {back}")

    def _fields(self, category: str | None) -> None:
        self.reason = Field(self.look, "Reason", hint="needed")
        self.category = Field(self.look, "Category")
        known = CATEGORIES.get(category or "")
        self.category.edit.setText(known.name if known else category or "")
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.category, 1)
        row.addWidget(self.reason, 2)
        self.box.addSpacing(8)
        self.box.addLayout(row)
        self.reason.edit.textChanged.connect(self._changed)

    def _foot(self, plan: Plan) -> None:
        words = (
            "Reversible." if plan.reversible else f"Cannot be undone. It waits {plan.hold_ms // 1000} s; Z."
        )
        self._yes = button(f"{self._verb} {count(plan.will)}", "Ctrl Enter", self._decide, primary=True)
        back = button("Back to the lane", "Esc", self.leave)
        self.box.addSpacing(8)
        self.box.addLayout(button_row(Words(self.look, words, tokens.META, "t3"), None, back, self._yes))
        self._changed()

    def _changed(self) -> None:
        ready = bool(self.reason.text) and self._plan.will > 0
        self._yes.setEnabled(ready)
        if not self._plan.will:
            tip(self._yes, self._plan.why_nothing)
        else:
            tip(self._yes, "" if ready else "A reason is needed; it goes on record.")

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
        names = {category.name: category.id for category in CATEGORIES.values()}
        written = self.category.text
        go, reason = self._go, self.reason.text
        self.leave()
        go(reason, names.get(written, written) or None)
