"""Their JSON to our items, with everything that may be missing and everything that may be there."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, ItemState, Media
from console.api.entries import UnreadableError, decoded, first_words
from console.api.stage import texts_in
from plugins.youtube.mapping import from_chat, from_comment, milliseconds, permalink, read_note
from plugins.youtube.wire import (
    Broadcast,
    Channel,
    ChannelSnippet,
    ChatAuthor,
    ChatListing,
    ChatMessage,
    ChatSnippet,
    Comment,
    CommentSnippet,
    Listing,
    Refusal,
    Thread,
    ThreadSnippet,
    TitledSnippet,
    Video,
)
from tests.servers.false.youtube_rules import METHODS, SCHEMAS, full
from tests.servers.false.youtube_shapes import ME

COMMENT: dict[str, Any] = {
    "id": "UgxA1",
    "snippet": {
        "textDisplay": "Is this live?",
        "authorDisplayName": "@sam",
        "authorChannelId": {"value": "UC_sam"},
        "publishedAt": "2026-11-20T18:00:05Z",
    },
}
BROADCAST = Broadcast("live1", TitledSnippet(title="Press conference, live", live_chat_id="chat1"))


def raw(value: object) -> bytes:
    return json.dumps(value).encode()


def changed(**fields: Any) -> bytes:
    return raw({**COMMENT, "snippet": {**COMMENT["snippet"], **fields}})


def test_a_comment_with_the_least_there_can_be_is_an_item() -> None:
    found = from_comment(raw(COMMENT), None, ME, "published", "UgxA1")
    one = found.arrival
    assert (one.remote_id, one.kind, one.state, one.parent, one.thread) == (
        "UgxA1",
        ItemKind.COMMENT,
        ItemState.VISIBLE,
        None,
        "UgxA1",
    )
    assert (one.author.id, one.author.handle) == ("UC_sam", "sam")
    assert (one.text, one.created_at, one.edited_at) == ("Is this live?", 1_795_197_605_000, None)
    assert one.raw == raw(COMMENT).decode()


def test_a_comment_with_every_field_of_the_contract_is_an_item() -> None:
    whole = full("Comment", id="UgxA1.9z")
    found = from_comment(raw(whole), None, ME, "", "UgxA1").arrival
    assert found.kind is ItemKind.REPLY
    assert found.media == (Media("picture", "some imageUrl"),)
    assert found.text in texts_in(found.raw)
    assert found.permalink == "https://www.youtube.com/watch?v=some videoId&lc=UgxA1.9z"


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ("Comment", Comment),
        ("CommentThread", Thread),
        ("CommentThreadListResponse", Listing),
        ("CommentListResponse", Listing),
        ("LiveChatMessage", ChatMessage),
        ("LiveChatMessageListResponse", ChatListing),
        ("Channel", Channel),
        ("Video", Video),
        ("LiveBroadcast", Broadcast),
    ],
)
def test_every_shape_is_read_with_all_fields_and_with_unknown_ones(
    schema: str, kind: type[msgspec.Struct]
) -> None:
    whole = full(schema)
    assert isinstance(decoded(raw(whole), kind), kind)
    assert isinstance(decoded(raw({**whole, "somethingNew": {"deep": [1, None]}}), kind), kind)


@pytest.mark.parametrize(
    ("struct", "schema"),
    [
        (Comment, "Comment"),
        (CommentSnippet, "CommentSnippet"),
        (Thread, "CommentThread"),
        (ThreadSnippet, "CommentThreadSnippet"),
        (ChatMessage, "LiveChatMessage"),
        (ChatSnippet, "LiveChatMessageSnippet"),
        (ChatAuthor, "LiveChatMessageAuthorDetails"),
        (Channel, "Channel"),
        (ChannelSnippet, "ChannelSnippet"),
        (Broadcast, "LiveBroadcast"),
    ],
)
def test_every_field_that_we_read_is_one_of_the_contract(struct: type[msgspec.Struct], schema: str) -> None:
    assert {field.encode_name for field in msgspec.structs.fields(struct)} <= set(SCHEMAS[schema])


def test_the_contract_that_requests_are_checked_against_is_googles() -> None:
    assert len(METHODS) == 14
    assert METHODS["POST /youtube/v3/comments/setModerationStatus"]["query"]["moderationStatus"]["enum"]


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("published", ItemState.VISIBLE),
        ("heldForReview", ItemState.HELD),
        ("likelySpam", ItemState.HELD),
        ("rejected", ItemState.DELETED),
        ("somethingNew", ItemState.VISIBLE),
    ],
)
def test_the_comments_own_status_stands_above_that_of_its_list(status: str, state: ItemState) -> None:
    found = from_comment(changed(moderationStatus=status), None, ME, "heldForReview", "UgxA1")
    assert found.arrival.state is state


def test_an_author_whose_channel_is_gone_still_has_a_name() -> None:
    found = from_comment(changed(authorChannelId={}, authorChannelUrl=""), None, ME, "", "UgxA1")
    assert (found.arrival.author.id, found.arrival.author.handle) == ("@sam", "sam")
    linked = from_comment(
        changed(authorChannelId={}, authorChannelUrl="http://www.youtube.com/channel/UC_sam"),
        None,
        ME,
        "",
        "U",
    )
    assert linked.arrival.author.id == "UC_sam"


def test_our_own_comment_is_ours() -> None:
    found = from_comment(changed(authorChannelId={"value": ME}), None, ME, "", "UgxA1")
    assert found.arrival.is_ours


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"id": 5},
        {"id": "UgxA1"},
        {**COMMENT, "id": ""},
        {**COMMENT, "snippet": {**COMMENT["snippet"], "publishedAt": "yesterday"}},
        {**COMMENT, "snippet": {**COMMENT["snippet"], "authorChannelId": {}, "authorDisplayName": ""}},
        {**COMMENT, "snippet": {**COMMENT["snippet"], "textDisplay": ["words of somebody"]}},
        None,
        [],
    ],
)
def test_what_cannot_be_read_says_so_without_anybodys_words(broken: object) -> None:
    with pytest.raises(UnreadableError) as problem:
        from_comment(raw(broken), None, ME, "", "UgxA1")
    assert "somebody" not in str(problem.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(SCHEMAS["CommentSnippet"], JSON)))
def test_a_comment_is_read_or_said_to_be_unreadable_whatever_comes(snippet: dict[str, Any]) -> None:
    try:
        found = from_comment(raw({"id": "UgxA1", "snippet": snippet}), None, ME, "published", "UgxA1")
    except UnreadableError:
        return
    assert found.arrival.author.id


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["textMessageEvent", "tombstone", "x"])},
        optional={name: JSON for name in SCHEMAS["LiveChatMessageSnippet"] if name != "type"},
    )
)
def test_a_message_is_read_or_said_to_be_unreadable_whatever_comes(snippet: dict[str, Any]) -> None:
    try:
        found = from_chat(raw({"id": "LCC.1", "snippet": snippet}), BROADCAST, ME)
    except UnreadableError:
        return
    assert found is None or found.author.id


def test_a_message_of_a_chat_with_every_field_is_an_item() -> None:
    whole = full("LiveChatMessage")
    whole["snippet"]["type"] = "textMessageEvent"
    found = from_chat(raw(whole), BROADCAST, ME)
    assert found is not None
    assert (found.text, found.author.id) == ("some messageText", "some channelId")
    assert read_note(found.note).chat == "chat1"
    assert found.thread is None
    assert found.text in texts_in(found.raw)


@given(st.text(max_size=40))
def test_a_note_of_somebody_else_is_an_empty_one(text: str) -> None:
    assert isinstance(read_note(text).top, str)
    assert read_note("\x00").top == read_note("[]").chat == ""


def test_small_things() -> None:
    assert milliseconds("1969-12-31T23:59:59Z") == 0
    assert milliseconds("2026-11-20T18:00:05.250+01:00") == milliseconds("2026-11-20T17:00:05.250Z")
    assert milliseconds("no time") is None
    assert permalink("", "UgxA1") == ""
    assert first_words("word " * 40).endswith("word…")
    assert first_words("x" * 90) == "x" * 60 + "…"
    assert msgspec.json.decode(b'{"error": null}', type=Refusal).error is None
