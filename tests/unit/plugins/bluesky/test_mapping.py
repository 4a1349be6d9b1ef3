"""Their JSON to our items."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, Media
from console.api.entries import UnreadableError, first_words
from console.api.web import milliseconds
from plugins.bluesky.mapping import flatten, from_notification, from_post, parts_of, read_note
from plugins.bluesky.wire import ThreadNode

ME = "did:plc:force"
SAM = "did:plc:sam"
URI = f"at://{SAM}/app.bsky.feed.post/3lbx"
ROOT = {"uri": f"at://{ME}/app.bsky.feed.post/3lbroot", "cid": "bafyroot"}


def notification(**changes: Any) -> dict[str, Any]:
    record = {
        "$type": "app.bsky.feed.post",
        "text": "Is the bridge open?",
        "createdAt": "2026-03-01T18:00:01.234Z",
        "langs": ["en-GB"],
        "reply": {"root": ROOT, "parent": ROOT},
    }
    return {
        "uri": URI,
        "cid": "bafysam",
        "author": {"did": SAM, "handle": "sam.test", "displayName": "Sam"},
        "reason": "reply",
        "record": {**record, **changes.pop("record", {})},
        "isRead": False,
        "indexedAt": "2026-03-01T18:00:02.000Z",
        **changes,
    }


def test_a_reply_becomes_an_item_with_everything_that_is_known() -> None:
    raw = json.dumps(notification()).encode()
    item = from_notification(raw, ME).arrival
    assert item.kind is ItemKind.REPLY
    assert item.text == "Is the bridge open?"
    assert (item.author.id, item.author.handle, item.author.name) == (SAM, "sam.test", "Sam")
    assert item.lang == "en"
    assert item.parent == item.thread == ROOT["uri"]
    assert item.created_at == milliseconds("2026-03-01T18:00:01.234Z")
    assert item.permalink == f"https://bsky.app/profile/{SAM}/post/3lbx"
    assert item.raw == raw.decode()
    assert not item.is_ours
    note = read_note(item.note)
    assert (note.me, note.cid, note.root_cid) == (ME, "bafysam", "bafyroot")


def test_a_mention_outside_any_thread_is_the_beginning_of_its_own() -> None:
    item = from_notification(_raw(reason="mention", record={"reply": None}), ME).arrival
    assert item.parent is None
    assert item.thread == URI


def test_our_own_post_is_ours() -> None:
    view = {**notification(), "author": {"did": ME}}
    item = from_post(json.dumps(view).encode(), ME)
    assert item.is_ours
    assert item.kind is ItemKind.POST
    assert item.author.handle == ""


@pytest.mark.parametrize(
    ("created", "indexed", "expected"),
    [
        ("2026-03-01T18:00:01Z", "2026-03-01T18:00:05Z", "2026-03-01T18:00:01Z"),
        ("2036-03-01T18:00:01Z", "2026-03-01T18:00:05Z", "2026-03-01T18:00:05Z"),
        ("1999-03-01T18:00:01Z", "2026-03-01T18:00:05Z", "2026-03-01T18:00:05Z"),
        ("0001-01-01T00:00:00Z", "2026-03-01T18:00:05Z", "2026-03-01T18:00:05Z"),
        ("yesterday", "2026-03-01T18:00:05Z", "2026-03-01T18:00:05Z"),
        ("2026-03-01T18:00:01Z", "", "2026-03-01T18:00:01Z"),
        ("2026-03-01T19:00:01+01:00", "2026-03-01T18:00:05Z", "2026-03-01T18:00:01Z"),
    ],
)
def test_an_authors_time_is_believed_only_where_it_can_be(created: str, indexed: str, expected: str) -> None:
    item = from_notification(_raw(indexedAt=indexed, record={"createdAt": created}), ME).arrival
    assert item.created_at == milliseconds(expected)


def test_pictures_videos_and_links_are_named_and_not_fetched() -> None:
    blob = {"$type": "blob", "ref": {"$link": "bafypic"}, "mimeType": "image/jpeg", "size": 10}
    pictures = {"$type": "app.bsky.embed.images", "images": [{"alt": "a ford", "image": blob}]}
    with_quote = {"$type": "app.bsky.embed.recordWithMedia", "record": {"record": ROOT}, "media": pictures}
    expected = (
        Media("picture", f"https://cdn.bsky.app/img/feed_fullsize/plain/{SAM}/bafypic@jpeg", "a ford"),
    )
    assert _media(pictures) == expected
    assert _media(with_quote) == expected
    video = {"$type": "app.bsky.embed.video", "video": blob, "alt": "a flood"}
    assert _media(video) == (
        Media("video", f"https://video.bsky.app/watch/{SAM}/bafypic/playlist.m3u8", "a flood"),
    )
    card = {"uri": "https://example.test/", "title": "Title", "description": "Words"}
    assert _media({"$type": "app.bsky.embed.external", "external": card}) == (
        Media("link", "https://example.test/", "Title Words"),
    )


@pytest.mark.parametrize(
    "embed", [{"images": "none"}, {"images": [{"image": 5}]}, {"external": []}, 7, "x", {"$type": "new"}]
)
def test_an_attachment_that_cannot_be_read_does_not_take_the_words_with_it(embed: object) -> None:
    item = from_notification(_raw(record={"embed": embed}), ME).arrival
    assert item.text == "Is the bridge open?"
    assert item.media == ()


@pytest.mark.parametrize("change", [{"langs": "en"}, {"reply": "to you"}, {"langs": [5]}])
def test_a_record_that_is_half_wrong_still_shows_its_words(change: dict[str, Any]) -> None:
    assert from_notification(_raw(record=change), ME).arrival.text == "Is the bridge open?"


@pytest.mark.parametrize(
    "change",
    [
        {"uri": 5},
        {"uri": "https://example.test"},
        {"author": None},
        {"reason": "like"},
        {"record": {"text": 5}},
        {"record": {"createdAt": "never"}, "indexedAt": "never"},
    ],
)
def test_what_cannot_be_read_is_said_without_anybodys_words(change: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as problem:
        from_notification(_raw(**change), ME)
    assert "bridge" not in str(problem.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_any_json_is_an_item_or_unreadable(thing: object) -> None:
    for raw in (json.dumps(thing), json.dumps({**notification(), "record": thing})):
        try:
            from_notification(raw.encode(), ME)
        except UnreadableError:
            continue


@given(st.text())
def test_words_come_through_unchanged(text: str) -> None:
    raw = msgspec.json.encode(notification(record={"text": text}))
    assert from_notification(raw, ME).arrival.text == text


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2100, 1, 1)))  # noqa: DTZ001 - st wants it
def test_a_time_is_read_to_the_millisecond(moment: datetime) -> None:
    text = moment.isoformat(timespec="milliseconds") + "Z"
    seconds = moment.replace(microsecond=0, tzinfo=UTC).timestamp()
    assert milliseconds(text) == int(seconds) * 1000 + moment.microsecond // 1000


@pytest.mark.parametrize(
    "text", ["", "at://", "at://did:plc:x", "at://did:plc:x/a", "at://did:plc:x/a/b/c", "x"]
)
def test_what_is_no_address_has_no_parts(text: str) -> None:
    assert parts_of(text) == ("", "", "")


def test_where_is_a_few_words() -> None:
    assert first_words("The ford\n road   is closed") == "The ford road is closed"
    long = first_words("word " * 40)
    assert len(long) <= 61
    assert long.endswith("word…")
    assert first_words("x" * 100) == "x" * 60 + "…"


def test_a_thread_is_flattened_top_first_and_places_without_a_post_are_named() -> None:
    def node(name: str, *below: object) -> dict[str, object]:
        return {"$type": "app.bsky.feed.defs#threadViewPost", "post": {"uri": name}, "replies": list(below)}

    gone = {"$type": "app.bsky.feed.defs#notFoundPost", "uri": "gone", "notFound": True}
    blocked = {"$type": "app.bsky.feed.defs#blockedPost", "uri": "blocked", "blocked": True}
    tree = node("top", node("a", node("a1")), gone, node("b"), blocked, {"$type": "something.new"})
    posts, empty = flatten(msgspec.json.decode(json.dumps(tree), type=ThreadNode))
    assert [json.loads(post)["uri"] for post in posts] == ["top", "a", "a1", "b"]
    assert empty == {"gone", "blocked"}


def test_a_note_that_is_not_ours_says_nothing() -> None:
    for text in ("", "{}", "[]", "\x00", '{"me": 5}'):
        assert read_note(text).me == ""


def _raw(**changes: Any) -> bytes:
    return json.dumps(notification(**changes)).encode()


def _media(embed: object) -> tuple[Media, ...]:
    return from_notification(_raw(record={"embed": embed}), ME).arrival.media
