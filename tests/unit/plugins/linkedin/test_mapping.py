"""Their JSON to our items."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, Media
from console.api.entries import UnreadableError, first_words
from plugins.linkedin.mapping import (
    Place,
    from_comment,
    from_mention,
    from_notification,
    from_post,
    read_note,
)

PAGE, SAM = "urn:li:organization:1", "urn:li:person:AbC12"
ACTIVITY, SHARE = "urn:li:activity:7264999999999999999", "urn:li:share:7264999999999999998"
URN = f"urn:li:comment:({ACTIVITY},7265000000000000001)"
PLACE = Place(SHARE, "Road closed")
LEAST = {"$URN": URN, "created": {"actor": SAM, "time": 1795197600000}}
ALL = LEAST | {
    "id": "7265000000000000001",
    "actor": SAM,
    "agent": "urn:li:person:Other",
    "object": ACTIVITY,
    "message": {"attributes": [], "text": "Will trains run?"},
    "content": [{"type": "IMAGE", "url": "https://media.example/a.jpg"}],
    "lastModified": {"actor": SAM, "time": 1795197700000},
    "likesSummary": {"totalLikes": 0, "likedByCurrentUser": False},
    "commentsSummary": {"totalFirstLevelComments": 2, "aggregatedTotalComments": 2},
}
OPTIONAL = sorted(set(ALL) - set(LEAST))


def read(entry: dict[str, Any]) -> Any:
    return from_comment(json.dumps(entry).encode(), PLACE, PAGE, {})


def test_a_comment_becomes_an_item_with_everything_that_is_known() -> None:
    told = from_comment(json.dumps(ALL).encode(), PLACE, PAGE, {SAM: "Sam Example"})
    item = told.arrival
    assert (item.remote_id, item.kind, item.text) == (
        "7265000000000000001",
        ItemKind.COMMENT,
        "Will trains run?",
    )
    assert (item.author.id, item.author.handle, item.author.name) == (SAM, "AbC12", "Sam Example")
    assert (item.created_at, item.edited_at) == (1795197600000, 1795197700000)
    assert (item.parent, item.thread, item.where) == (SHARE, SHARE, "Road closed")
    assert item.media == (Media("picture", "https://media.example/a.jpg"),)
    assert item.permalink.startswith(f"https://www.linkedin.com/feed/update/{ACTIVITY}?commentUrn=urn%3Ali")
    assert json.loads(item.raw) == ALL
    assert told.replies == 2


def test_a_comment_with_nothing_but_what_it_must_have_is_an_item_too() -> None:
    item = read(LEAST).arrival
    assert (item.text, item.edited_at, item.media, item.is_ours) == ("", None, (), False)
    assert read_note(item.note).object == ACTIVITY


@pytest.mark.parametrize("changes", [{"$URN": ""}, {"$URN": "", "commentUrn": URN}])
def test_a_comment_is_known_by_any_of_its_names(changes: dict[str, str]) -> None:
    assert read(ALL | changes).urn == URN


def test_a_reply_knows_the_comment_above_it() -> None:
    reply = read(ALL | {"id": "2", "$URN": URN.replace("001)", "002)"), "parentComment": URN}).arrival
    assert reply.kind is ItemKind.REPLY
    assert reply.parent == "7265000000000000001"
    assert read_note(reply.note).top == URN


def test_what_the_page_wrote_is_ours() -> None:
    assert read(ALL | {"actor": PAGE}).arrival.is_ours


@pytest.mark.parametrize(
    "broken",
    [
        {"created": "soon"},
        {"created": {"time": -1, "actor": SAM}},
        {"created": {"time": 10**17, "actor": SAM}},
        {"message": "Will trains run?"},
        {"id": {"broken": True}},
        {"$URN": "urn:li:comment:(x,y)", "id": ""},
        {"actor": "", "created": {"time": 1}},
    ],
)
def test_a_broken_comment_is_told_without_anybodys_words(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as problem:
        read(ALL | broken)
    assert "trains" not in str(problem.value)


@given(
    st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=8)),
    st.sets(st.sampled_from(OPTIONAL)),
    st.text(),
)
def test_any_comment_with_its_least_fields_is_read_word_for_word(
    more: dict[str, Any], without: set[str], text: str
) -> None:
    extra = {f"new_{name}": value for name, value in more.items()}
    entry = {name: value for name, value in ALL.items() if name not in without} | extra
    raw = msgspec.json.encode(entry | {"message": {"text": text}})
    item = from_comment(raw, PLACE, PAGE, {}).arrival
    assert item.text == text
    assert item.raw.encode() == raw


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    for read_it in (
        lambda: from_comment(raw, PLACE, PAGE, {}),
        lambda: from_post(raw, PAGE, {}),
        lambda: from_notification(raw, PAGE),
    ):
        try:
            read_it()
        except UnreadableError:
            continue


def notification(**changes: Any) -> bytes:
    known = {
        "notificationId": 4406004,
        "action": "COMMENT",
        "sourcePost": ACTIVITY,
        "generatedActivity": "urn:li:comment:(activity:7264999999999999999,7265000000000000001)",
        "lastModifiedAt": 1795197600000,
    }
    return json.dumps(known | changes).encode()


def test_a_notification_names_the_comment_and_the_post() -> None:
    news = from_notification(notification(), PAGE)
    assert (news.id, news.comment, news.place) == ("4406004", URN, Place(ACTIVITY))
    source = {"entity": SHARE, "owner": PAGE, "text": "Road closed"}
    assert from_notification(notification(decoratedSourcePost=source), PAGE).place == PLACE


def test_a_post_of_somebody_else_is_not_taken_for_ours() -> None:
    source = {"entity": SHARE, "owner": SAM, "text": "Look"}
    assert not from_notification(notification(decoratedSourcePost=source), PAGE).place.is_own


@pytest.mark.parametrize("changes", [{"generatedActivity": ""}, {"notificationId": []}, {"action": 5}])
def test_a_notification_without_what_it_is_about_is_left_out(changes: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        from_notification(notification(**changes), PAGE)


def test_a_mention_is_made_of_what_the_notification_repeats() -> None:
    share = {"entity": SHARE, "owner": SAM, "text": "Thank you, Chandlers Row"}
    raw = notification(
        action="SHARE_MENTION", generatedActivity=SHARE, decoratedGeneratedActivity={"share": share}
    )
    item = from_mention(from_notification(raw, PAGE), PAGE, {})
    assert (item.kind, item.text, item.remote_id) == (ItemKind.MENTION, "Thank you, Chandlers Row", SHARE)


def test_a_mention_of_which_nothing_is_repeated_is_left_out() -> None:
    news = from_notification(notification(action="SHARE_MENTION", generatedActivity=SHARE), PAGE)
    with pytest.raises(UnreadableError):
        from_mention(news, PAGE, {})
    with pytest.raises(UnreadableError):
        from_notification(notification(action="SHARE_MENTION", generatedActivity="", sourcePost=""), PAGE)


def test_a_post_of_the_page_is_ours_and_one_of_another_a_mention() -> None:
    post = {"id": SHARE, "author": PAGE, "commentary": "Road closed", "publishedAt": 1795197600000}
    assert from_post(json.dumps(post).encode(), PAGE, {}).kind is ItemKind.POST
    assert from_post(json.dumps(post | {"author": SAM}).encode(), PAGE, {}).kind is ItemKind.MENTION
    with pytest.raises(UnreadableError):
        from_post(json.dumps(post | {"publishedAt": 0}).encode(), PAGE, {})


def test_our_post_is_named_by_its_first_words() -> None:
    assert first_words("a  b\nc") == "a b c"
    assert first_words("word " * 40).endswith("word…")


def test_a_note_of_somebody_elses_is_no_note() -> None:
    assert read_note("\x00").post == ""
