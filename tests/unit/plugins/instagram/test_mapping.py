"""Their JSON to our items: whatever may be missing, new or broken."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Arrival, ItemKind, ItemState
from console.api.entries import UnreadableError, decoded
from plugins.instagram.mapping import NOBODY, from_comment, from_media, from_message, read_note
from plugins.instagram.wire import Comment, IgMedia, Message
from tests.servers.false.instagram import RULES

POST = IgMedia("17895695668004550", caption="Closed", permalink="https://www.instagram.com/p/C1/")
REQUIRED = {"id": "17870913679156914", "timestamp": "2026-11-20T18:10:30+0000"}
REPLY = {"id": "17873440459141021", "text": "Same question", "timestamp": "2026-11-20T18:12:02+0000"}
WHOLE: dict[str, Any] = {
    **REQUIRED,
    "text": "Any update on the M4?",
    "username": "sam.example",
    "from": {"id": "990000000000001", "username": "sam.example"},
    "hidden": False,
    "like_count": 1,
    "parent_id": "17870913679156900",
    "media": {"id": POST.id, "media_product_type": "FEED"},
    "user": {"id": "990000000000001"},
    "legacy_instagram_comment_id": "5",
    "replies": {"data": [REPLY]},
}


def _comment(entry: dict[str, Any]) -> Arrival:
    raw = msgspec.Raw(json.dumps(entry).encode())
    return from_comment(raw, decoded(raw, Comment), POST, me="17841400000000001", handle="force.example")


def test_the_example_of_the_network_is_read_in_full() -> None:
    found = _comment(WHOLE)
    assert (found.text, found.author.id, found.author.handle) == (
        WHOLE["text"],
        "990000000000001",
        "sam.example",
    )
    assert (found.parent, found.thread, found.kind) == (WHOLE["parent_id"], POST.id, ItemKind.REPLY)
    assert found.created_at == 1_795_198_230_000
    assert found.state is ItemState.VISIBLE
    assert json.loads(found.raw) == WHOLE
    assert set(WHOLE) <= set(RULES["GET /{comment}"].fields)


@given(
    kept=st.sets(st.sampled_from(sorted(set(WHOLE) - set(REQUIRED)))),
    empty=st.sets(st.sampled_from(sorted(set(WHOLE) - set(REQUIRED)))),
    text=st.text(),
)
def test_a_comment_survives_whatever_else_is_missing_empty_or_new(
    kept: set[str], empty: set[str], text: str
) -> None:
    entry = {name: WHOLE[name] for name in (*REQUIRED, *sorted(kept))} | dict.fromkeys(sorted(empty))
    entry |= {"text": text, "something_new": {"deep": [1, None]}}
    found = _comment(entry)
    assert found.text == json.loads(found.raw)["text"]
    assert found.author.id
    assert read_note(found.note).is_below_ours


@given(st.sampled_from(RULES["GET /{comment}"].fields), st.sampled_from([5, [], {"a": 1}, True, "x", None]))
def test_a_field_of_another_shape_breaks_one_comment_at_the_most_and_repeats_no_words(
    name: str, value: Any
) -> None:
    said = ""
    try:
        _comment({**WHOLE, "text": "somebody's words", name: value})
    except UnreadableError as problem:
        said = str(problem)
    assert "somebody's words" not in said


@pytest.mark.parametrize("broken", [{"id": None}, {"timestamp": "soon"}, {"timestamp": None}, {"text": 5}])
def test_what_has_no_identity_or_no_time_is_not_guessed(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        _comment({**WHOLE, **broken})


def test_an_author_is_what_the_network_says_of_them() -> None:
    assert _comment(REQUIRED).author.id == NOBODY
    only_name = _comment({**REQUIRED, "username": "jo.example"})
    assert (only_name.author.id, only_name.author.handle) == ("jo.example", "jo.example")
    assert _comment({**REQUIRED, "from": {"id": "17841400000000001"}}).is_ours
    assert _comment({**REQUIRED, "username": "Force.Example"}).kind is ItemKind.POST


@pytest.mark.parametrize(
    ("fields", "kinds"),
    [
        ({"media_type": "IMAGE", "media_url": "https://media.example/p.jpg"}, ["picture"]),
        ({"media_type": "VIDEO", "media_url": "https://media.example/v.mp4"}, ["video"]),
        ({"media_type": "VIDEO", "thumbnail_url": "https://media.example/t.jpg"}, ["picture"]),
        ({"media_type": "CAROUSEL_ALBUM"}, []),
    ],
)
def test_what_a_post_shows_is_named_and_not_fetched(fields: dict[str, str], kinds: list[str]) -> None:
    raw = msgspec.Raw(json.dumps({**REQUIRED, **fields}).encode())
    found = from_media(raw, decoded(raw, IgMedia))
    assert [one.kind for one in found.media] == kinds
    assert found.kind is ItemKind.MENTION


def test_a_message_knows_who_is_to_be_answered() -> None:
    us = {"id": "17841400000000001", "username": "force.example"}
    them = {"id": "990000000000001", "username": "sam.example"}
    for sender, others in ((them, [us]), (us, [us, them])):
        entry = {"id": "aWdm1", "created_time": "2026-11-20T18:10:30+0000", "message": "hello"}
        raw = msgspec.Raw(json.dumps({**entry, "from": sender, "to": {"data": others}}).encode())
        found = from_message(raw, decoded(raw, Message), "t_1", me=us["id"])
        assert read_note(found.note).writer == them["id"]
        assert found.is_ours is (sender is us)
        assert (found.kind, found.thread) == (ItemKind.MESSAGE, "t_1")
