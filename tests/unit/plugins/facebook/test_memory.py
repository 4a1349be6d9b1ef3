"""What one stream remembers: nothing comes twice, and what changed is told."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.api import Arrival, Author, ItemKind, ItemState, RemoteId
from plugins.facebook.memory import Memory

_NOW = 10**12


def _item(name: str, text: str = "words", at: int = 5, state: ItemState = ItemState.VISIBLE) -> Arrival:
    author = Author("7", "", "Sam Example")
    return Arrival(RemoteId(name), ItemKind.COMMENT, author, text, at, state=state)


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["x", "y"]), st.integers(0, 9)), max_size=30)
)
def test_an_item_comes_once_and_then_only_with_other_words(said: list[tuple[str, str, int]]) -> None:
    memory = Memory(lambda: _NOW)
    last: dict[str, str] = {}
    for name, text, at in said:
        news = memory.news("a post", [_item(name, text, at)])
        assert [one.text for one in news.arrivals] == ([] if last.get(name) == text else [text])
        assert [one.edited_at for one in news.arrivals if name in last] in ([], [_NOW])
        last[name] = text


@given(st.lists(st.integers(0, 50), unique=True))
def test_news_are_told_oldest_first_whatever_order_they_come_in(times: list[int]) -> None:
    news = Memory(lambda: _NOW).news("a post", [_item(f"n{at}", at=at) for at in times], since=10)
    assert [one.created_at for one in news.arrivals] == sorted(at for at in times if at >= 10)


def test_a_change_of_state_is_a_sight_and_no_item() -> None:
    memory = Memory(lambda: _NOW)
    memory.news("a post", [_item("a")])
    news = memory.news("a post", [_item("a", state=ItemState.HIDDEN)])
    assert news.arrivals == []
    assert [(sight.remote_id, sight.state) for sight in news.sights] == [("a", ItemState.HIDDEN)]


def test_only_what_stood_in_this_list_and_in_this_time_can_be_missing() -> None:
    memory = Memory(lambda: _NOW)
    memory.news("a post", [_item("old", at=1), _item("new", at=9)])
    memory.news("another", [_item("elsewhere", at=9)])
    assert memory.missing("a post", [], since=5) == ["new"]
    assert memory.missing("a post", [_item("new", at=9)], since=0) == ["old"]
    memory.forget(RemoteId("old"))
    assert memory.count("a post") == 1


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    memory = Memory(lambda: _NOW, most=3)
    memory.news("a post", [_item(f"n{at}", at=at) for at in range(5)])
    assert memory.missing("a post", [], since=0) == ["n2", "n3", "n4"]
