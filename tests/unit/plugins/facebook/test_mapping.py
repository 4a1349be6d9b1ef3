"""Their JSON to our items: what may be missing, what is new, what is broken."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import Arrival, ItemKind, ItemState
from console.api.entries import UnreadableError
from plugins.facebook.mapping import (
    bare,
    from_comment,
    from_message,
    from_post,
    from_rating,
    is_known,
    read_note,
)
from tests.servers.false.facebook import PAGE, RULES, SAM

AT = "2026-11-20T18:04:09+0000"
POST = f"{PAGE}_122101"
WHOLE: dict[str, Any] = {
    "id": "122101_987654",
    "message": "Is the High Street closed?",
    "created_time": AT,
    "from": {"id": SAM, "name": "Sam Example"},
    "object": {"id": POST},
    "permalink_url": f"https://www.facebook.com/{PAGE}/posts/122101?comment_id=987654",
    "comment_count": 0,
    "like_count": 2,
    "user_likes": False,
    "is_hidden": False,
    "is_private": False,
    "can_hide": True,
    "can_remove": True,
    "can_comment": True,
    "can_like": True,
    "can_reply_privately": False,
    "attachment": {
        "type": "photo",
        "media": {"image": {"src": "https://scontent.example/p.jpg", "width": 720, "height": 540}},
        "url": "https://www.facebook.com/photo/1",
    },
}


def _raw(found: object) -> bytes:
    return json.dumps(found).encode()


def test_a_whole_comment_is_read_whole() -> None:
    item = from_comment(_raw(WHOLE), PAGE, POST, "Chandlers Row is closed")
    assert (item.remote_id, item.kind, item.text) == ("987654", ItemKind.COMMENT, WHOLE["message"])
    assert (item.parent, item.thread, item.where) == (POST, POST, "Chandlers Row is closed")
    assert (item.author.id, item.author.name, item.created_at) == (SAM, "Sam Example", 1_795_197_849_000)
    assert (item.state, item.is_ours, item.permalink) == (ItemState.VISIBLE, False, WHOLE["permalink_url"])
    assert [(one.kind, one.url) for one in item.media] == [("picture", "https://scontent.example/p.jpg")]
    note = read_note(item.note)
    assert (note.at, note.can_hide, note.can_reply_privately) == ("122101_987654", True, False)
    assert json.loads(item.raw) == WHOLE


def test_a_reply_names_the_comment_it_answers() -> None:
    item = from_comment(_raw(WHOLE | {"id": "122101_5", "parent": {"id": "122101_987654"}}), PAGE, POST, "")
    assert (item.kind, item.parent, item.thread) == (ItemKind.REPLY, "987654", POST)


def test_only_id_and_time_must_be_there() -> None:
    item = from_comment(_raw({"id": "5", "created_time": AT}), PAGE, POST, "")
    assert (item.text, item.media, item.state, item.is_ours) == ("", (), ItemState.VISIBLE, False)
    assert read_note(item.note).can_hide is None


@pytest.mark.parametrize("author", [{}, {"from": None}, {"from": {}}, {"from": {"name": "Sam Example"}}])
def test_an_author_who_is_not_shown_is_nobody_and_never_the_same_nobody(author: dict[str, Any]) -> None:
    one, other = (
        from_comment(_raw({"id": identity, "created_time": AT, **author}), PAGE, POST, "")
        for identity in ("1_5", "1_6")
    )
    assert not is_known(one.author.id)
    assert one.author.id != other.author.id


def test_our_own_comment_is_ours_and_a_hidden_one_is_hidden() -> None:
    item = from_comment(_raw(WHOLE | {"from": {"id": PAGE}, "is_hidden": True}), PAGE, POST, "")
    assert item.is_ours
    assert item.state is ItemState.HIDDEN


@pytest.mark.parametrize(
    ("attachment", "kinds"),
    [
        (
            {"type": "video_inline", "media": {"source": "https://v.example/1.mp4", "image": {"src": "x"}}},
            ["video"],
        ),
        ({"type": "share", "url": "https://news.example/1", "media": {"image": {"src": "x"}}}, ["link"]),
        ({"type": "sticker", "media": {"image": {"src": "https://s.example/1.png"}}}, ["picture"]),
        ({"type": "share"}, []),
        ("broken", []),
        ({"media": 5}, []),
        (None, []),
    ],
)
def test_what_hangs_on_a_comment_never_costs_its_words(attachment: object, kinds: list[str]) -> None:
    item = from_comment(_raw(WHOLE | {"attachment": attachment}), PAGE, POST, "")
    assert [one.kind for one in item.media] == kinds
    assert item.text == WHOLE["message"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**60) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sets(st.sampled_from(sorted(set(WHOLE) - {"id", "created_time"}))),
    st.dictionaries(st.text(max_size=8).map("new_{}".format), _JSON, max_size=3),
)
def test_whatever_is_missing_or_new_a_comment_is_read(missing: set[str], new: dict[str, Any]) -> None:
    found = {name: value for name, value in WHOLE.items() if name not in missing} | new
    item = from_comment(_raw(found), PAGE, POST, "")
    assert item.remote_id == "987654"
    assert item.text == ("" if "message" in missing else WHOLE["message"])


@given(st.dictionaries(st.sampled_from(RULES["GET /{comment}"].fields), _JSON))
def test_a_comment_of_any_shape_is_read_or_said_to_be_unreadable(found: dict[str, Any]) -> None:
    with suppress(UnreadableError):
        assert from_comment(_raw(found), PAGE, POST, "").author.id


_READERS: dict[str, Callable[[bytes], Arrival]] = {
    "GET /{page}/visitor_posts": lambda raw: from_post(raw, PAGE, "visitor"),
    "GET /{page}/published_posts": lambda raw: from_post(raw, PAGE, "post"),
    "GET /{page}/ratings": lambda raw: from_rating(raw, PAGE),
    "GET /{thread}/messages": lambda raw: from_message(raw, PAGE, "t_1", "/inbox"),
}


@given(
    st.sampled_from(sorted(_READERS)).flatmap(
        lambda name: st.tuples(st.just(name), st.dictionaries(st.sampled_from(RULES[name].fields), _JSON))
    )
)
def test_posts_reviews_and_messages_of_any_shape_are_read_or_said_to_be_unreadable(
    drawn: tuple[str, dict[str, Any]],
) -> None:
    name, found = drawn
    with suppress(UnreadableError):
        assert _READERS[name](_raw({"id": "5", "created_time": AT} | found)).author.id


@pytest.mark.parametrize("found", [{}, {"id": 5}, {"id": "5"}, {"id": "5", "created_time": "soon"}, [], "x"])
def test_a_broken_comment_is_unreadable_without_its_words(found: object) -> None:
    with pytest.raises(UnreadableError):
        from_comment(_raw(found), PAGE, POST, "")


def test_ids_are_the_same_however_they_come() -> None:
    assert bare("122101_987654") == bare("987654") == "987654"


def test_posts_are_ours_or_addressed_to_us() -> None:
    found = {"id": POST, "message": "Closed", "created_time": AT, "is_hidden": False}
    ours = from_post(_raw(found), PAGE, "post")
    assert (ours.kind, ours.is_ours, ours.author.id) == (ItemKind.POST, True, PAGE)
    theirs = from_post(_raw(found | {"from": {"id": SAM, "name": "Sam Example"}}), PAGE, "visitor")
    assert (theirs.kind, theirs.is_ours, theirs.where) == (
        ItemKind.MENTION,
        False,
        "Visitor post on the Page",
    )


def test_a_review_is_named_after_its_story_or_its_author_and_time() -> None:
    found = {"created_time": AT, "review_text": "No help", "recommendation_type": "negative"}
    by_author = from_rating(_raw(found | {"reviewer": {"id": SAM, "name": "Sam Example"}}), PAGE)
    assert by_author.remote_id == f"review:{SAM}:{by_author.created_at}"
    assert (by_author.kind, by_author.where) == (ItemKind.REVIEW, "Review: does not recommend the Page")
    by_story = from_rating(_raw(found | {"open_graph_story": {"id": "77"}}), PAGE)
    assert by_story.remote_id == "review:77"
    assert from_rating(
        _raw({"created_time": AT, "rating": 2, "open_graph_story": {"id": "7"}}), PAGE
    ).where == ("Review: 2 of 5 stars")
    with pytest.raises(UnreadableError):
        from_rating(_raw(found), PAGE)


def test_a_message_brings_its_files_and_its_thread() -> None:
    files = [
        {"name": "gate.jpg", "image_data": {"url": "https://f.example/1.jpg"}},
        {"video_data": {"url": "https://f.example/1.mp4"}},
        {"name": "plan.pdf", "file_url": "https://f.example/1.pdf"},
        {},
    ]
    found = {"id": "m_1", "message": "Look", "created_time": AT, "from": {"id": SAM}}
    item = from_message(_raw(found | {"attachments": {"data": files}}), PAGE, "t_1", f"/{PAGE}/inbox/1/")
    assert (item.kind, item.thread) == (ItemKind.MESSAGE, "t_1")
    assert [one.kind for one in item.media] == ["picture", "video", "link"]
    assert item.permalink == f"https://www.facebook.com/{PAGE}/inbox/1/"
    assert from_message(_raw(found | {"attachments": 5}), PAGE, "t_1", "").media == ()
