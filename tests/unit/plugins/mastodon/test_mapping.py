"""Their JSON to our items, whatever of it is there."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, Media
from console.api.entries import UnreadableError, first_words
from console.api.stage import holds_words
from console.api.web import milliseconds
from plugins.mastodon.mapping import (
    ELSEWHERE,
    Home,
    Place,
    age_of,
    concerns,
    kind_of,
    newest,
    notification_of,
    post_of,
    read_note,
    to_arrival,
)

HOME = Home("1001", "police.example")
PLACE = Place("9", "The ford road is closed.", is_ours=True)
LEAST: dict[str, Any] = {
    "id": "12",
    "account": {"id": "7"},
    "content": "<p>Is it open?</p>",
    "created_at": "2026-11-20T18:00:00.070Z",
}
MOST: dict[str, Any] = {
    **LEAST,
    "account": {
        "id": "7",
        "acct": "sam@elsewhere.example",
        "display_name": "Sam",
        "url": "https://e.example/@sam",
    },
    "url": "https://e.example/@sam/12",
    "uri": "https://e.example/users/sam/statuses/12",
    "edited_at": "2026-11-20T18:05:00.000Z",
    "in_reply_to_id": "9",
    "in_reply_to_account_id": "1001",
    "visibility": "unlisted",
    "spoiler_text": "Flood",
    "language": "cy",
    "media_attachments": [
        {"id": "1", "type": "image", "url": "https://f.example/a.png", "description": "water on a road"},
        {"id": "2", "type": "gifv", "url": None, "remote_url": "https://f.example/b.mp4"},
        {"id": "3", "type": "unknown", "url": None},
    ],
    "mentions": [{"id": "1001", "acct": "force"}],
    "poll": {"id": "4", "options": [{"title": "yes"}, {"title": "no"}]},
    "card": {"url": "https://n.example/", "title": "News", "description": "of the ford"},
    "favourited": False,
}
OPTIONAL = sorted(set(MOST) - set(LEAST))


def _arrival(post: dict[str, Any], place: Place = PLACE) -> Any:
    raw = msgspec.json.encode(post)
    found = post_of(raw)
    return to_arrival(raw, found, kind_of(found, HOME.me, place), HOME, place)


def test_a_full_post_becomes_an_item() -> None:
    found = _arrival(MOST)
    assert (found.remote_id, found.kind, found.lang) == ("12", ItemKind.REPLY, "cy")
    assert (found.author.id, found.author.handle, found.author.name) == ("7", "sam@elsewhere.example", "Sam")
    assert found.text == "Flood\n\nIs it open?\n\nyes\nno"
    assert (found.parent, found.thread, found.where) == ("9", "9", "The ford road is closed.")
    assert found.permalink == "https://e.example/@sam/12"
    assert found.edited_at == found.created_at + 5 * 60_000 - 70
    assert found.media == (
        Media("picture", "https://f.example/a.png", "water on a road"),
        Media("video", "https://f.example/b.mp4"),
        Media("link", "https://n.example/", "News of the ford"),
    )
    assert read_note(found.note).visibility == "unlisted"
    assert holds_words(found.raw, found.text, "html")


def test_the_least_of_a_post_is_enough() -> None:
    found = _arrival(LEAST, Place("12"))
    assert (found.text, found.author.handle, found.media, found.edited_at) == ("Is it open?", "", (), None)
    assert found.kind is ItemKind.MENTION


@given(st.sets(st.sampled_from(OPTIONAL)), st.booleans())
def test_any_part_that_may_be_missing_may_be_missing_or_empty(missing: set[str], are_null: bool) -> None:
    kept = {name: value for name, value in MOST.items() if name not in missing}
    empty = dict.fromkeys(missing - {"visibility", "spoiler_text", "uri"}) if are_null else {}
    found = _arrival({**kept, **empty, "unheard_of": {"deep": [1]}})
    assert "Is it open?" in found.text


@given(st.sampled_from(OPTIONAL), st.sampled_from([7, "x", [1], {"a": 1}, True]))
def test_a_part_of_another_shape_spoils_neither_the_words_nor_the_author(name: str, value: object) -> None:
    found = _arrival({**MOST, name: value})
    assert "Is it open?" in found.text
    assert found.author.id == "7"


def test_an_answer_is_no_more_public_than_a_post_of_which_too_little_is_known() -> None:
    found = _arrival({**MOST, "visibility": 5})
    assert read_note(found.note).visibility == "direct"


@pytest.mark.parametrize(
    "change",
    [{"id": 5}, {"id": ""}, {"account": None}, {"created_at": "yesterday"}, {"content": 5}],
)
def test_a_post_that_cannot_be_read_says_so_without_its_words(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as caught:
        _arrival({**LEAST, **change})
    assert "Is it open?" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told", "kind"),
    [
        ({}, "", ItemKind.REPLY),
        ({"in_reply_to_account_id": "8"}, "", ItemKind.REPLY),
        ({"in_reply_to_id": None}, "", ItemKind.MENTION),
        ({"in_reply_to_id": None}, "quote", ItemKind.QUOTE),
        ({"visibility": "direct"}, "", ItemKind.MESSAGE),
        ({"account": {"id": "1001"}}, "", ItemKind.POST),
        ({}, ELSEWHERE, ItemKind.FOUND),
    ],
)
def test_what_sort_of_thing_a_post_is(change: dict[str, Any], told: str, kind: ItemKind) -> None:
    post = post_of(msgspec.json.encode({**MOST, **change}))
    assert kind_of(post, HOME.me, PLACE, told) is kind


def test_an_answer_in_a_strangers_thread_is_a_mention() -> None:
    post = post_of(msgspec.json.encode({**MOST, "in_reply_to_account_id": "8"}))
    assert kind_of(post, HOME.me, Place("2")) is ItemKind.MENTION


@pytest.mark.parametrize(
    ("change", "place", "does"),
    [
        ({"mentions": [], "in_reply_to_account_id": "8"}, PLACE, True),
        ({"mentions": [], "in_reply_to_account_id": "8"}, Place("2"), False),
        ({"mentions": [{"id": "1001"}], "in_reply_to_account_id": "8"}, Place("2"), True),
        ({"mentions": [], "in_reply_to_id": None, "in_reply_to_account_id": None}, PLACE, False),
        ({"mentions": [], "account": {"id": "1001"}}, Place("2"), True),
    ],
)
def test_what_concerns_the_account(change: dict[str, Any], place: Place, does: bool) -> None:
    assert concerns(post_of(msgspec.json.encode({**MOST, **change})), HOME.me, place) is does


def test_somebody_on_the_same_server_has_its_name_behind_theirs() -> None:
    found = _arrival({**LEAST, "account": {"id": "7", "acct": "sam"}})
    assert found.author.handle == "sam@police.example"


def test_an_id_is_newer_when_it_is_longer_and_then_when_it_is_higher() -> None:
    assert newest(["99", "100", "98"]) == "100"
    assert newest([]) == ""
    assert sorted(["10", "9", "01HZ"], key=age_of) == ["9", "10", "01HZ"]


def test_times_without_a_zone_are_taken_for_universal_time() -> None:
    assert milliseconds("1970-01-01T00:00:01") == milliseconds("1970-01-01T01:00:01+01:00") == 1000
    assert milliseconds("noon") is milliseconds(None) is None


def test_first_words_end_at_a_word() -> None:
    assert first_words("a short\none") == "a short one"
    assert first_words("word " * 30) == "word " * 11 + "word…"


def test_a_notification_needs_a_number_and_a_kind() -> None:
    assert notification_of(b'{"id": "1", "type": "mention"}').type == "mention"
    with pytest.raises(UnreadableError):
        notification_of(b'{"id": 1, "type": "mention"}')
    assert read_note("nonsense").acct == ""
