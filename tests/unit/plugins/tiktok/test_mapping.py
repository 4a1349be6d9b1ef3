"""Their JSON to our items."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, ItemState, Media
from console.api.entries import UnreadableError, first_words
from plugins.tiktok.mapping import Place, from_comment, from_video, read_note

PLACE = Place("7440999999999999999", "Chandlers Row is closed", "https://www.tiktok.com/v")
LEAST = {"comment_id": "7441000000000000001", "unique_identifier": "u_abc", "create_time": 1795197600}
ALL = LEAST | {
    "video_id": PLACE.id,
    "username": "sam.example",
    "display_name": "Sam",
    "profile_image": "https://p16.example/a.jpg",
    "text": "Where is this?",
    "image_url": "https://p16.example/b.jpg",
    "likes": 4,
    "replies": 1,
    "owner": False,
    "liked": True,
    "pinned": False,
    "status": "HIDDEN",
    "reply_list": [{**LEAST, "comment_id": "7441000000000000002", "parent_comment_id": LEAST["comment_id"]}],
}


def read(entry: dict[str, Any]) -> Any:
    return from_comment(json.dumps(entry).encode(), PLACE, "me")


def test_a_comment_becomes_an_item_with_everything_that_is_known() -> None:
    told = read(ALL)
    item = told.arrival
    assert (item.kind, item.text, item.state) == (ItemKind.COMMENT, "Where is this?", ItemState.HIDDEN)
    assert (item.author.id, item.author.handle, item.author.name) == ("u_abc", "sam.example", "Sam")
    assert item.created_at == 1_795_197_600_000
    assert item.parent == item.thread == PLACE.id
    assert item.media == (Media("picture", "https://p16.example/b.jpg"),)
    assert (item.where, item.permalink) == ("Chandlers Row is closed", PLACE.link)
    assert json.loads(item.raw) == ALL
    assert (told.is_liked, told.replies, len(told.inline)) == (True, 1, 1)


def test_a_comment_with_nothing_but_what_it_must_have_is_an_item_too() -> None:
    item = read(LEAST).arrival
    assert (item.text, item.state, item.is_ours, item.media) == ("", ItemState.VISIBLE, False, ())


def test_a_reply_knows_the_comment_above_it() -> None:
    told = from_comment(read(ALL).inline[0], PLACE, "me")
    assert told.arrival.kind is ItemKind.REPLY
    assert told.arrival.parent == LEAST["comment_id"]
    assert read_note(told.arrival.note).above == LEAST["comment_id"]


@pytest.mark.parametrize("parent", [PLACE.id, int(PLACE.id), "0", 0, ""])
def test_a_comment_whose_parent_is_the_video_is_no_reply(parent: str | int) -> None:
    assert read(LEAST | {"parent_comment_id": parent}).arrival.kind is ItemKind.COMMENT


def test_ids_that_come_as_numbers_keep_all_their_digits() -> None:
    assert read(LEAST | {"comment_id": 7441000000000000001}).id == "7441000000000000001"


def test_what_the_account_wrote_itself_is_ours() -> None:
    item = read(LEAST | {"owner": True}).arrival
    assert item.is_ours
    assert item.author.id == "me"


@pytest.mark.parametrize(
    ("status", "state"),
    [("PUBLIC", ItemState.VISIBLE), ("HIDDEN", ItemState.HIDDEN), ("NEW", ItemState.UNKNOWN)],
)
def test_a_status_is_passed_on_as_far_as_it_is_known(status: str, state: ItemState) -> None:
    assert read(LEAST | {"status": status}).arrival.state is state


@pytest.mark.parametrize(
    "broken",
    [
        {"comment_id": {"broken": 1}},
        {"comment_id": ""},
        {"create_time": "soon"},
        {"create_time": -1},
        {"create_time": 10**15},
        {"text": {"broken": True}},
        {"unique_identifier": "", "username": ""},
    ],
)
def test_a_broken_comment_is_told_without_anybodys_words(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as problem:
        read(ALL | broken)
    assert "Where is this" not in str(problem.value)


@given(
    st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=8)),
    st.sets(st.sampled_from(sorted(set(ALL) - set(LEAST)))),
    st.text(),
)
def test_any_comment_with_its_least_fields_is_read_word_for_word(
    more: dict[str, Any], without: set[str], text: str
) -> None:
    extra = {f"new_{name}": value for name, value in more.items()}
    entry = {name: value for name, value in ALL.items() if name not in without} | extra | {"text": text}
    raw = msgspec.json.encode(entry)
    item = from_comment(raw, PLACE, "me").arrival
    assert item.text == text
    assert item.raw.encode() == raw


@given(st.binary(max_size=60))
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    for read_it in (lambda: from_comment(raw, PLACE, "me"), lambda: from_video(raw, "me", "force")):
        try:
            read_it()
        except UnreadableError:
            continue


@pytest.mark.parametrize("at", [1795197600, "1795197600"])
def test_a_video_of_ours_is_a_post_of_ours(at: str | int) -> None:
    raw = json.dumps(
        {"item_id": PLACE.id, "create_time": at, "caption": "Road closed", "comments": 3}
    ).encode()
    video = from_video(raw, "me", "force")
    assert (video.arrival.kind, video.arrival.is_ours, video.comments) == (ItemKind.POST, True, 3)
    assert video.arrival.created_at == 1_795_197_600_000


@pytest.mark.parametrize("at", [None, "soon", -5, "9" * 20])
def test_a_video_without_a_time_is_left_out(at: Any) -> None:
    with pytest.raises(UnreadableError):
        from_video(json.dumps({"item_id": "1", "create_time": at}).encode(), "me", "force")


def test_a_long_caption_is_cut_to_its_first_words() -> None:
    assert first_words("a  b\nc") == "a b c"
    assert len(first_words("word " * 40)) == 60


def test_a_note_of_somebody_elses_is_no_note() -> None:
    assert read_note("\x00").video == ""
    assert read_note('{"other": 1}').video == ""
