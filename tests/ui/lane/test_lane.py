"""The lane: ids and not rows, and nothing that moves under the hand."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetricsF, QImage
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from console.domain.cover import Claim
from console.domain.ids import ItemId
from console.ui import theme as tokens
from console.ui.lane.card import lay_out
from console.ui.lane.model import ROW_ROLE, LaneModel
from console.ui.lane.picks import Picks
from console.ui.lane.row import Corner, NetworkMark, Row, Span, holder_of
from console.ui.lane.rows import KEPT, Rows
from console.ui.lane.view import LaneView
from console.ui.theme import CONTRAST, DARK, LIGHT, Density

NOW = 1_800_000_000_000


def row(item_id: int, words: str = "Invented words on a card", spans: tuple[Span, ...] = ()) -> Row:
    return Row(
        id=ItemId(item_id),
        grade=item_id % 5 + 1,
        network=NetworkMark("Fb", "page"),
        author=f"Author {item_id}",
        handle="@author",
        where="comment on First statement",
        words=f"{words} {item_id}",
        spans=spans,
        category="Weapons",
        fact="",
        fact_glyph="",
        created_at=NOW - item_id * 1000,
        unseen=True,
        removed=None,
        corner=None,
        held_from=None,
        held_until=None,
        hold_words="",
        spoken=f"Grade 3. Author {item_id}. {words}.",
    )


class Source:
    """Gives rows at once, on the next turn."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.model: LaneModel | None = None

    def fetch(self, ids: Sequence[int]) -> None:
        self.asked += ids
        assert self.model is not None
        self.model.arrived(ids, [row(item_id) for item_id in ids])


def lane_of(ids: Sequence[int]) -> LaneModel:
    source = Source()
    at_once: Callable[[Callable[[], None]], None] = lambda call: call()  # noqa: E731 - a name for its type
    model = LaneModel(Rows(source.fetch, at_once))
    source.model = model
    model.reset(ids)
    return model


def view_of(qtbot: QtBot, ids: Sequence[int]) -> LaneView:
    view = LaneView(lane_of(ids), DARK, lambda: NOW)
    qtbot.addWidget(view)
    view.resize(744, 700)
    view.show()
    qtbot.waitExposed(view)
    return view


def picture(view: LaneView, top: int, height: int) -> QImage:
    """What the lane shows from `top`, without the column of ages and the scroll bar."""
    found = view.viewport().grab().toImage()
    return found.copy(0, top, int(view.look.right_x), height)


def test_the_model_is_a_proper_one(qtmodeltester: ModelTester) -> None:
    model = LaneModel(Rows(lambda ids: None, lambda call: None))
    model.reset(range(50, 0, -1))
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]  # pytest-qt gives it no types
    model.admit([53, 52, 51])
    model.append_older([0, -1])
    qtmodeltester.check(model)  # type: ignore[no-untyped-call]  # the same


def test_rows_are_newest_first_and_found_by_id() -> None:
    model = lane_of([9, 7, 4])
    assert [model.id_at(place) for place in range(3)] == [9, 7, 4]
    assert model.row_of(7) == 1
    assert model.row_of(8) is None
    assert model.nearest_row(8) == 1


def test_who_deals_with_an_item_stands_in_its_corner_until_the_claim_is_over() -> None:
    claim = Claim("M. Jarrow", NOW, NOW + 60_000)
    assert holder_of(None, "A. Rowe", NOW) is None
    assert holder_of(claim, "A. Rowe", NOW) == Corner("claimed", "M. Jarrow has it", "t1")
    assert holder_of(claim, "m. jarrow", NOW) == Corner("person", "Yours", "accent")
    assert holder_of(claim, "A. Rowe", NOW + 60_000) is None


def test_what_comes_twice_is_let_in_once() -> None:
    model = lane_of([3, 2, 1])
    assert model.admit([5, 4, 3]) == 2
    assert list(model.ids) == [1, 2, 3, 4, 5]
    assert model.admit([5, 4]) == 0


def test_a_million_ids_are_held_and_asked_for_only_where_looked_at() -> None:
    model = lane_of(range(1_000_000, 0, -1))
    assert model.rowCount() == 1_000_000
    assert model.index(5, 0).data(ROW_ROLE) is None, "nothing is read before it is looked at"
    assert model.index(5, 0).data(ROW_ROLE).id == 999_995


def test_the_cache_of_rows_is_bounded() -> None:
    model = lane_of(range(5_000, 0, -1))
    for place in range(5_000):
        model.index(place, 0).data(ROW_ROLE)
    assert len(model.rows._rows) == KEPT


def test_a_changed_row_is_shown_until_its_new_form_has_come() -> None:
    asked: list[Sequence[int]] = []
    model = LaneModel(Rows(asked.append, lambda call: call()))
    model.reset([1])
    assert model.index(0, 0).data(ROW_ROLE) is None
    model.arrived([1], [row(1, "first")])
    model.spoil([1])
    assert model.index(0, 0).data(ROW_ROLE).words == "first 1"
    assert asked == [[1], [1]]
    model.arrived([1], [row(1, "second")])
    assert model.index(0, 0).data(ROW_ROLE).words == "second 1"


def test_letting_in_moves_no_card_by_one_pixel(qtbot: QtBot) -> None:
    view = view_of(qtbot, range(200, 0, -1))
    for _ in range(6):
        view.step(1)
    view.toggle_pick()
    view.viewport().repaint()
    before = picture(view, 0, 640)
    view.admit(range(10_200, 200, -1), follow=False)
    view.viewport().repaint()
    assert picture(view, 0, 640) == before
    assert view.cursor_id is not None
    assert view.targets() == [view.cursor_id]


def test_the_cursor_is_an_item_and_stays_on_it(qtbot: QtBot) -> None:
    view = view_of(qtbot, range(50, 0, -1))
    view.step(1)
    view.step(3)
    assert view.cursor_id == 47
    view.admit([53, 52, 51], follow=False)
    assert view.cursor_id == 47
    assert view.currentIndex().row() == 6
    view.step(-1)
    assert view.cursor_id == 48


def test_a_lane_is_at_rest_only_at_its_newest_end_with_nothing_selected(qtbot: QtBot) -> None:
    view = view_of(qtbot, range(50, 0, -1))
    assert view.at_rest
    view.step(1)
    rests = [view.at_rest]
    view._last_key_at -= 10
    rests.append(view.at_rest)
    view.toggle_pick()
    view._last_key_at -= 10
    rests.append(view.at_rest)
    assert rests == [False, True, False], "after a key, four seconds later, with an item selected"


def test_screen_readers_hear_the_item_and_its_place(qtbot: QtBot) -> None:
    view = view_of(qtbot, range(50, 0, -1))
    index = view.lane.index(2, 0)
    assert "Author 48" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert "3 of 50" in index.data(Qt.ItemDataRole.AccessibleTextRole)


@pytest.mark.parametrize("theme", [DARK, LIGHT, CONTRAST], ids=lambda theme: theme.name)
@pytest.mark.parametrize("density", list(Density))
@pytest.mark.parametrize("percent", [100, 200])
def test_every_look_of_a_card_paints(
    qtbot: QtBot, theme: tokens.Theme, density: Density, percent: int
) -> None:
    view = view_of(qtbot, range(50, 0, -1))
    view.restyle(theme, density, percent)
    view.step(1)
    view.viewport().repaint()
    assert view.look.height == round(density.value * percent / 100)
    assert view.rowHeight(0) == view.look.height


def test_painted_rows_are_painted_once(qtbot: QtBot) -> None:
    view = view_of(qtbot, range(50, 0, -1))
    view.viewport().repaint()
    before = view.painted_count
    for _ in range(5):
        view.viewport().repaint()
    assert view.painted_count == before


def test_a_hit_after_an_emoji_is_laid_out_where_qt_draws_it(qtbot: QtBot) -> None:
    del qtbot
    words = "👩‍👩‍👧 first m4chete here"
    start = len(words[: words.index("m4")].encode("utf-16-le")) // 2
    face = tokens.font(tokens.STANDARD)
    line = lay_out(words, (Span(start, start + 7, 2, True),), face, 600, 2)[0]
    assert line.layout.text()[0:] == words
    left = QFontMetricsF(face).horizontalAdvance(words[: words.index("m4")])
    found: Any = line.layout.lineAt(0).cursorToX(start)
    place = found[0] if isinstance(found, tuple) else found
    assert abs(place - left) < 2


def test_a_hit_far_behind_is_kept_in_view(qtbot: QtBot) -> None:
    del qtbot
    words = "filler " * 60 + "machete at the end of it"
    start = words.index("machete")
    lines = lay_out(words, (Span(start, start + 7, 2, False),), tokens.font(tokens.STANDARD), 500, 2)
    assert lines[0].text.startswith("…")
    assert any(line.start <= start and start + 7 <= line.end for line in lines)


def test_a_selection_is_of_items_whatever_rows_they_stand_in() -> None:
    picks = Picks()
    model = lane_of(range(10, 0, -1))
    picks.take_whole(model.ids)
    picks.toggle(3)
    model.admit([12, 11])
    assert len(picks) == 9
    assert 3 not in picks
    assert 12 not in picks, "what came later was not chosen"
    assert picks.ids() == [10, 9, 8, 7, 6, 5, 4, 2, 1]
    picks.toggle(3)
    assert 3 in picks
    picks.clear()
    assert len(picks) == 0
