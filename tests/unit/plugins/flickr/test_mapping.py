"""Their JSON becomes our items, whatever is missing and whatever is new."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind
from console.api.entries import UnreadableError, first_words
from plugins.flickr.mapping import from_comment, from_photo, number_in, read_note

ME, PHOTO = "1000@N00", "53999999999"
LEAST = {"id": f"1001-{PHOTO}-7215", "author": "2000@N01", "datecreate": "1795197600"}
FULL: dict[str, Any] = {
    **LEAST,
    "authorname": "sam",
    "realname": "Sam Example",
    "path_alias": "samexample",
    "permalink": f"https://www.flickr.com/photos/force/{PHOTO}/#comment7215",
    "_content": "Great response <b>& thanks</b>",
    "author_is_deleted": 0,
    "iconserver": "0",
    "iconfarm": 0,
}
UPLOADED: dict[str, Any] = {"id": PHOTO, "title": "Road closed", "dateupload": "1795190000"}


def comment(**fields: Any) -> Any:
    """The item that a comment becomes."""
    return from_comment(json.dumps({**FULL, **fields}).encode(), PHOTO, "Road closed at Quay Road", ME)


def test_a_comment_keeps_all_that_is_known_of_it_and_its_words_as_they_came() -> None:
    found = comment()
    assert (found.remote_id, found.kind, found.text) == (FULL["id"], ItemKind.COMMENT, FULL["_content"])
    assert (found.author.id, found.author.handle, found.author.name) == (
        "2000@N01",
        "samexample",
        "Sam Example",
    )
    assert (found.created_at, found.parent, found.thread) == (1795197600000, PHOTO, PHOTO)
    assert (found.where, found.permalink) == ("Road closed at Quay Road", FULL["permalink"])
    assert read_note(found.note).photo == PHOTO
    assert not found.is_ours


def test_the_least_that_a_comment_has_is_enough() -> None:
    found = from_comment(json.dumps(LEAST).encode(), PHOTO, "", ME)
    assert (found.text, found.author.handle) == ("", "2000@N01")
    assert found.permalink == f"https://www.flickr.com/photos/{ME}/{PHOTO}/"


@given(
    st.sets(st.sampled_from(sorted(set(FULL) - set(LEAST)))),
    st.dictionaries(
        st.text(min_size=1).map(lambda name: f"new_{name}"), st.none() | st.integers() | st.text()
    ),
    st.text(),
)
def test_whatever_may_be_missing_and_whatever_is_new_a_comment_is_read(
    without: set[str], more: dict[str, Any], words: str
) -> None:
    data = {name: value for name, value in {**FULL, "_content": words, **more}.items() if name not in without}
    found = from_comment(json.dumps(data).encode(), PHOTO, "", ME)
    assert found.text == data.get("_content", "")


@given(st.binary())
def test_no_bytes_break_more_than_their_own_item(raw: bytes) -> None:
    with pytest.raises(UnreadableError):
        from_comment(raw, PHOTO, "", ME)
    with pytest.raises(UnreadableError):
        from_photo(raw, ME)


@pytest.mark.parametrize(
    "fields", [{"datecreate": "noon"}, {"id": ""}, {"author": ""}, {"id": 5}, {"_content": {"broken": True}}]
)
def test_a_comment_without_a_time_an_id_or_an_author_cannot_be_read(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError) as problem:
        comment(**fields)
    assert "Great" not in str(problem.value)


def test_our_own_comment_is_ours() -> None:
    assert comment(author=ME).is_ours


def test_a_photo_is_something_that_the_force_published() -> None:
    url = "https://live.staticflickr.com/1/2_m.jpg"
    found = from_photo(json.dumps({**UPLOADED, "media": "photo", "url_m": url}).encode(), ME)
    assert (found.kind, found.text, found.is_ours, found.created_at) == (
        ItemKind.POST,
        "Road closed",
        True,
        1795190000000,
    )
    assert [(one.kind, one.url) for one in found.media] == [("picture", url)]


def test_a_video_is_one_and_a_photo_without_a_picture_hangs_nothing() -> None:
    film = from_photo(json.dumps({**UPLOADED, "media": "video", "url_m": "https://x.example/1"}).encode(), ME)
    assert film.media[0].kind == "video"
    assert from_photo(json.dumps(UPLOADED).encode(), ME).media == ()


@pytest.mark.parametrize("fields", [{"id": "abc"}, {"dateupload": "noon"}, {"title": None}])
def test_a_photo_without_an_id_or_a_time_cannot_be_read(fields: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError):
        from_photo(json.dumps({**UPLOADED, **fields}).encode(), ME)


@pytest.mark.parametrize(("value", "number"), [("12", 12), (12, 12), ("", -1), ("-3", -1), ("٣", -1)])
def test_numbers_come_as_texts(value: int | str, number: int) -> None:
    assert number_in(value) == number


def test_long_titles_are_cut_between_words() -> None:
    assert first_words("word " * 30) == f"{'word ' * 11}word…"


def test_a_note_that_is_not_ours_says_nothing() -> None:
    assert read_note("\x00").photo == ""
