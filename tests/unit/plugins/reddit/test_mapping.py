"""Their JSON becomes our items, whatever is missing and whatever is new."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, ItemState
from console.api.entries import UnreadableError, first_words
from plugins.reddit.mapping import Seen, kind_of, read_note, seen_in, state_of
from plugins.reddit.wire import Moderated

ME, SUB = "force_example", "ForceExample"
LEAST = {
    "name": "t1_abc",
    "author": "sam_example",
    "body": "Avoid the ring road",
    "created_utc": 1795197600.0,
}
FULL: dict[str, Any] = {
    **LEAST,
    "id": "abc",
    "author_fullname": "t2_sam",
    "edited": 1795197660.0,
    "link_id": "t3_post",
    "parent_id": "t3_post",
    "link_title": "Road closed at Chandlers Row",
    "permalink": "/r/ForceExample/comments/post/road_closed/abc/",
    "subreddit": SUB,
    "removed": False,
    "spam": False,
    "banned_by": None,
}


def seen(kind: str = "t1", **fields: Any) -> Seen:
    """What an entry shows."""
    return seen_in(json.dumps({"kind": kind, "data": {**FULL, **fields}}).encode(), ME, SUB)


def arrival(kind: str = "t1", **fields: Any) -> Any:
    """The item that an entry becomes."""
    found = seen(kind, **fields).arrival
    assert found is not None
    return found


def test_a_comment_keeps_all_that_is_known_of_it() -> None:
    found = arrival()
    assert (found.remote_id, found.kind, found.text) == ("t1_abc", ItemKind.COMMENT, "Avoid the ring road")
    assert (found.author.id, found.author.handle) == ("t2_sam", "sam_example")
    assert (found.created_at, found.edited_at) == (1795197600000, 1795197660000)
    assert (found.parent, found.thread, found.where) == ("t3_post", "t3_post", "Road closed at Chandlers Row")
    assert found.permalink == "https://www.reddit.com/r/ForceExample/comments/post/road_closed/abc/"
    assert read_note(found.note).author == "sam_example"
    assert read_note(found.note).here


def test_the_least_that_a_comment_has_is_enough() -> None:
    raw = json.dumps({"kind": "t1", "data": LEAST}).encode()
    found = seen_in(raw, ME, SUB).arrival
    assert found is not None
    assert found.text == "Avoid the ring road"
    assert found.edited_at is None


@given(
    st.sets(st.sampled_from(sorted(set(FULL) - {"name", "created_utc"}))),
    st.dictionaries(
        st.text(min_size=1).map(lambda name: f"new_{name}"), st.none() | st.integers() | st.text()
    ),
)
def test_whatever_may_be_missing_and_whatever_is_new_an_item_is_read(
    without: set[str], more: dict[str, Any]
) -> None:
    data = {name: value for name, value in {**FULL, **more}.items() if name not in without}
    found = seen_in(json.dumps({"kind": "t1", "data": data}).encode(), ME, SUB).arrival
    assert found is not None
    assert found.text == data.get("body", "")
    assert found.author.id


@given(st.text())
def test_words_come_through_as_they_were_written(text: str) -> None:
    encoded = json.dumps({"kind": "t1", "data": {**FULL, "body": text}}).encode()
    found = seen_in(encoded, ME, SUB).arrival
    assert text in {"[removed]", "[ Removed by Reddit ]"} or (found is not None and found.text == text)


@given(st.binary())
def test_no_bytes_break_more_than_their_own_item(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        seen_in(raw, ME, SUB)


def test_edited_is_false_or_a_time() -> None:
    assert arrival(edited=False).edited_at is None
    assert arrival(edited=1795197661).edited_at == 1795197661000


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"removed": False, "spam": False, "banned_by": None}, ItemState.VISIBLE),
        ({"removed": True, "spam": False, "banned_by": "moderator_example"}, ItemState.HIDDEN),
        ({"removed": True, "spam": False, "banned_by": None}, ItemState.HIDDEN),
        ({"removed": True, "spam": False, "banned_by": True}, ItemState.HELD),
        ({"removed": True, "spam": False, "banned_by": "AutoModerator"}, ItemState.HELD),
        ({"removed": False, "spam": True, "banned_by": None}, ItemState.HELD),
        ({"banned_by": None}, ItemState.VISIBLE),
        ({}, None),
    ],
)
def test_what_moderators_are_shown_says_whether_the_public_sees_it(
    fields: dict[str, Any], state: ItemState | None
) -> None:
    assert state_of(Moderated(**fields)) is state


def test_what_an_author_took_back_has_no_words_any_more() -> None:
    found = seen(author="[deleted]", body="[deleted]")
    assert (found.state, found.arrival) == (ItemState.GONE, None)
    post = {"name": "t3_abc", "author": "[deleted]", "title": "left over"}
    assert seen("t3", **post, selftext="[deleted]").arrival is None
    assert seen("t3", **post, removed_by_category="deleted").state is ItemState.GONE


def test_somebody_who_writes_the_word_deleted_is_heard() -> None:
    assert arrival(body="[deleted]").text == "[deleted]"


def test_what_was_removed_before_we_saw_it_is_hidden_and_has_no_words() -> None:
    found = seen(body="[removed]", removed=True, banned_by="moderator_example")
    assert (found.state, found.arrival) == (ItemState.HIDDEN, None)


def test_words_outlive_an_account_that_was_closed() -> None:
    found = arrival(author="[deleted]", author_fullname=None)
    assert (found.text, found.author.id) == ("Avoid the ring road", "[deleted]")
    assert read_note(found.note).author == ""


def test_a_reply_hangs_on_the_comment_that_it_answers() -> None:
    found = arrival(parent_id="t1_other")
    assert (found.kind, found.parent, found.thread) == (ItemKind.REPLY, "t1_other", "t3_post")


def test_what_names_us_elsewhere_is_a_mention_and_an_answer_a_reply() -> None:
    context = "/r/Harbours/comments/xyz/title/abc/?context=3"
    plain = {"subreddit": "Harbours", "link_id": "", "permalink": "", "context": context}
    mention = arrival(**plain, type="username_mention")
    answer = arrival(**plain, type="comment_reply", parent_id="t1_ours")
    assert (mention.kind, mention.thread) == (ItemKind.MENTION, "t3_xyz")
    assert answer.kind is ItemKind.REPLY
    assert not read_note(mention.note).here


def test_a_post_is_ours_or_somebodys_comment_to_us() -> None:
    ours = arrival("t3", name="t3_post", author="Force_Example", title="Road closed", selftext="Until noon.")
    theirs = arrival("t3", name="t3_post", title="Is the ford open?", selftext="")
    assert (ours.kind, ours.is_ours, ours.text) == (ItemKind.POST, True, "Road closed\n\nUntil noon.")
    assert (theirs.kind, theirs.text, theirs.where) == (
        ItemKind.COMMENT,
        "Is the ford open?",
        "a post in r/ForceExample",
    )


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"post_hint": "image"}, "picture"),
        ({"is_video": True}, "video"),
        ({"post_hint": "link"}, "link"),
    ],
)
def test_what_hangs_on_a_post_is_named_and_not_fetched(fields: dict[str, Any], kind: str) -> None:
    url = "https://pictures.example/1.png"
    found = arrival("t3", name="t3_post", title="Look", is_self=False, url=url, **fields)
    assert [(one.kind, one.url) for one in found.media] == [(kind, url)]


def test_pictures_in_a_comment_are_named() -> None:
    attached = {"a": {"e": "Image", "s": {"u": "https://pictures.example/2.png"}}, "b": {"status": "failed"}}
    assert [one.url for one in arrival(media_metadata=attached).media] == ["https://pictures.example/2.png"]


def test_a_private_message_is_one() -> None:
    found = arrival("t4", name="t4_abc", subject="Lost keys", subreddit=None, first_message_name=None)
    assert (found.kind, found.where, found.thread) == (ItemKind.MESSAGE, "Lost keys", "t4_abc")


@pytest.mark.parametrize(
    "fields", [{"name": "abc"}, {"name": "t3_abc"}, {"created_utc": "noon"}, {"body": {"broken": True}}]
)
def test_an_item_without_a_name_a_time_or_words_cannot_be_read(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as problem:
        seen(**fields)
    assert "Avoid" not in str(problem.value)


def test_an_item_without_any_time_cannot_be_read() -> None:
    raw = json.dumps({"kind": "t1", "data": {"name": "t1_abc", "author": "sam", "body": "words"}}).encode()
    with pytest.raises(UnreadableError):
        seen_in(raw, ME, SUB)


@pytest.mark.parametrize(
    ("name", "kind"), [("t1_abc", "t1"), ("t3_9", "t3"), ("t2_abc", ""), ("abc", ""), ("t1_", ""), ("", "")]
)
def test_a_name_says_what_it_is(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_long_titles_are_cut_between_words() -> None:
    assert first_words("word " * 30) == f"{'word ' * 11}word…"
    assert first_words("short") == "short"
