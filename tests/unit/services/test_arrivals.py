"""One bad item never costs the batch it came in, and its words reach no complaint."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Arrival, Author, ItemKind, ItemState, Media, RemoteId
from console.services.arrivals import LONGEST_TEXT, Unusable, looked_over

NOW = 1_800_000_000_000
GOOD = Arrival(
    remote_id=RemoteId("1"),
    kind=ItemKind.REPLY,
    author=Author("a", "@a", "A"),
    text="hello",
    created_at=NOW - 5_000,
)


def looked(arrival: Any) -> tuple[Arrival, list[str]]:
    complaints: list[str] = []
    return looked_over(arrival, NOW, complaints.append), complaints


def bad(**changes: Any) -> Any:
    return replace(GOOD, **changes)


def test_a_good_item_passes_as_the_very_same_object() -> None:
    assert looked(GOOD) == (GOOD, [])
    assert looked(GOOD)[0] is GOOD


@pytest.mark.parametrize(
    "text", ["with\x00NUL", "half a letter \ud83d", "\u202eturned round", "", "Llanfair 🏴"]
)
def test_strange_words_are_kept_exactly_as_they_came(text: str) -> None:
    kept, complaints = looked(bad(text=text))
    assert kept.text == text
    assert not complaints


@pytest.mark.parametrize("created_at", [0, -5, 10**18, NOW + 90_000_000, None, "yesterday", 1.5, True])
def test_a_time_that_makes_no_sense_becomes_the_time_of_arrival(created_at: Any) -> None:
    kept, complaints = looked(bad(created_at=created_at))
    assert kept.created_at == NOW
    assert len(complaints) == 1


def test_five_megabytes_of_text_are_cut_and_said_without_a_word_of_it() -> None:
    kept, complaints = looked(bad(text="secret " * 750_000))
    assert len(kept.text) == LONGEST_TEXT
    assert complaints == ["the text of an item had 5,250,000 characters; 100,000 were kept"]


@pytest.mark.parametrize(
    "changes",
    [
        {"remote_id": ""},
        {"remote_id": 7},
        {"text": None},
        {"text": b"bytes"},
        {"author": None},
        {"author": "Sam"},
        {"kind": "shout"},
        {"state": 3},
    ],
)
def test_what_has_no_identity_kind_or_words_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        looked(bad(**changes))


@pytest.mark.parametrize("thing", [None, 3, "text", {"remote_id": "1"}])
def test_what_is_no_arrival_is_refused(thing: Any) -> None:
    with pytest.raises(Unusable):
        looked(thing)


def test_kinds_and_states_that_came_as_plain_text_are_understood() -> None:
    kept, complaints = looked(bad(kind="reply", state="hidden"))
    assert kept.kind is ItemKind.REPLY
    assert kept.state is ItemState.HIDDEN
    assert not complaints


def test_odd_parts_are_mended_and_the_words_stay() -> None:
    kept, complaints = looked(
        bad(
            author=Author("a", 5, None),  # type: ignore[arg-type]  # that is the point
            where=None,
            media=[Media("picture", "x")],
            lang=4,
        )
    )
    assert kept == replace(GOOD, author=Author("a", "", ""), lang="")
    assert complaints


def test_odd_media_are_mended() -> None:
    kept, _ = looked(bad(media=(Media("picture", 1, None), "no media", Media("video", "u", "d"))))  # type: ignore[arg-type]  # that is the point
    assert kept.media == (Media("picture", "", ""), Media("video", "u", "d"))


anything = st.none() | st.integers() | st.floats() | st.binary() | st.text() | st.lists(st.integers())


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            (
                "remote_id", "kind", "text", "created_at", "lang", "parent", "thread", "where",
                "permalink", "media", "state", "raw", "note", "author",
            ),
            anything,
        ),
    )
)  # fmt: skip
def test_whatever_comes_is_either_refused_or_has_the_right_types(changes: dict[str, Any]) -> None:
    try:
        kept, _ = looked(bad(**changes))
    except Unusable:
        return
    for text in (kept.remote_id, kept.text, kept.where, kept.permalink, kept.raw, kept.note):
        assert type(text) is str
    for maybe in (kept.lang, kept.parent, kept.thread):
        assert maybe is None or isinstance(maybe, str)
    assert type(kept.created_at) is int
    assert type(kept.media) is tuple
    assert type(kept.kind) is ItemKind
