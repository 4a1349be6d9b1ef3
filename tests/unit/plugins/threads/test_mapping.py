"""Their JSON to our items: whatever may be missing, new or broken."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, ItemState
from console.api.entries import UnreadableError, first_words
from plugins.threads.mapping import NOBODY, arrival_of, post_of, read_note
from tests.servers.false import threads as false_threads

RULES = json.loads(Path(false_threads.__file__).with_name("threads_rules.json").read_text())
FIELDS = RULES["GET /{id}/pending_replies"]["fields"]
REQUIRED: dict[str, Any] = {"id": "18000000000000001", "timestamp": "2026-11-20T18:00:00+0000"}
WHOLE: dict[str, Any] = {
    **REQUIRED,
    "text": "Any update?",
    "username": "sam.example",
    "permalink": "https://www.threads.com/@sam.example/post/DExample1",
    "media_product_type": "THREADS",
    "media_type": "IMAGE",
    "media_url": "https://media.example/p.jpg",
    "gif_url": "https://media.example/g.gif",
    "thumbnail_url": "https://media.example/t.jpg",
    "alt_text": "a ford under water",
    "link_attachment_url": "https://news.example/ford",
    "shortcode": "DExample1",
    "has_replies": False,
    "is_quote_post": False,
    "quoted_post": {"id": "1"},
    "children": {"data": [{"id": "2"}]},
    "root_post": {"id": "17999999999999990"},
    "replied_to": {"id": "17999999999999990"},
    "is_reply": True,
    "is_reply_owned_by_me": False,
    "hide_status": "NOT_HUSHED",
    "reply_audience": "EVERYONE",
    "reply_approval_status": "APPROVED",
    "is_verified": True,
    "location_id": "5",
    "poll_attachment": {"option_a": "yes"},
}


def _mapped(entry: dict[str, Any], **more: Any) -> Any:
    raw = msgspec.Raw(json.dumps(entry).encode())
    return arrival_of(raw, post_of(raw), me="force.example", kind=ItemKind.REPLY, **more)


def test_the_example_of_the_network_is_read_in_full() -> None:
    found = _mapped(WHOLE, root="17999999999999990", where="a post")
    assert (found.text, found.author.id, found.created_at) == (
        "Any update?",
        "sam.example",
        1_795_197_600_000,
    )
    assert [one.kind for one in found.media] == ["picture", "picture", "link"]
    assert found.media[0].description == "a ford under water"
    assert found.state is ItemState.VISIBLE
    assert read_note(found.note).is_below_ours
    assert json.loads(found.raw) == WHOLE


@given(
    kept=st.sets(st.sampled_from(sorted(set(WHOLE) - set(REQUIRED)))),
    empty=st.sets(st.sampled_from(sorted(set(WHOLE) - set(REQUIRED)))),
    text=st.text(),
)
def test_an_item_survives_whatever_else_is_missing_empty_or_new(
    kept: set[str], empty: set[str], text: str
) -> None:
    entry = {name: WHOLE[name] for name in (*REQUIRED, *sorted(kept))} | dict.fromkeys(sorted(empty))
    entry |= {"text": text, "something_new": {"deep": [1, None]}}
    found = _mapped(entry)
    assert found.text == json.loads(found.raw)["text"]
    assert found.author.id
    assert found.thread


@given(st.sampled_from(FIELDS), st.sampled_from([5, [], {"a": 1}, True, "x", None]))
def test_a_field_of_another_shape_breaks_one_item_at_the_most_and_repeats_no_words(
    name: str, value: Any
) -> None:
    entry = {**WHOLE, "text": "somebody's words", name: value}
    said = ""
    try:
        _mapped(entry)
    except UnreadableError as problem:
        said = str(problem)
    assert "somebody's words" not in said


@pytest.mark.parametrize(
    "broken", [{"id": ""}, {"id": None}, {"timestamp": "soon"}, {"timestamp": None}, {"text": 5}]
)
def test_what_has_no_identity_or_no_time_is_not_guessed(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        _mapped({**WHOLE, **broken})


def test_an_author_whom_the_network_keeps_back_is_nobody_and_ours_is_ours() -> None:
    assert _mapped(REQUIRED).author.id == NOBODY
    assert _mapped({**WHOLE, "username": "Force.Example"}).is_ours
    assert _mapped({**REQUIRED, "is_reply_owned_by_me": True}).kind is ItemKind.POST


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("NOT_HUSHED", ItemState.VISIBLE),
        ("UNHUSHED", ItemState.VISIBLE),
        ("HIDDEN", ItemState.HIDDEN),
        ("COVERED", ItemState.HIDDEN),
        ("BLOCKED", ItemState.HIDDEN),
        ("RESTRICTED", ItemState.HIDDEN),
        ("SOMETHING_NEW", ItemState.VISIBLE),
        (None, ItemState.VISIBLE),
    ],
)
def test_every_state_of_theirs_is_one_of_ours(status: str | None, state: ItemState) -> None:
    assert _mapped({**WHOLE, "hide_status": status}).state is state


def test_the_first_words_of_a_post_are_one_short_line() -> None:
    assert first_words("two\nlines") == "two lines"
    assert len(first_words("word " * 40)) == 60


def test_a_note_of_somebody_else_says_nothing() -> None:
    assert not read_note("\x00").is_below_ours
