"""Their JSON becomes our items, whatever of it is missing, new or strange."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.api import ItemKind, Media
from console.api.entries import UnreadableError
from plugins.x.mapping import Us, arrival_of, message_of, plain, read_note
from plugins.x.wire import Media as WireMedia
from plugins.x.wire import Post, User, id_at, number, time_of

ME = "1111111111111111111"
AT = 1_790_000_000_000
ID = str(id_at(AT) + 7)
ROOT = str(id_at(AT - 60_000))
US = Us(ME, "force_example", own={ROOT: "The ford road is closed."})
PEOPLE = {"22": User("22", "sam_example", "Sam Example")}
FULL: dict[str, Any] = {
    "id": ID,
    "text": "@force_example is the road open?",
    "author_id": "22",
    "created_at": "2026-09-21T13:33:20.000Z",
    "conversation_id": ROOT,
    "in_reply_to_user_id": ME,
    "lang": "en",
    "display_text_range": [15, 32],
    "reply_settings": "everyone",
    "possibly_sensitive": False,
    "public_metrics": {"reply_count": 1, "quote_count": 0, "like_count": 2, "retweet_count": 0},
    "attachments": {"media_keys": ["3_1"], "poll_ids": None},
    "entities": {
        "mentions": [{"start": 0, "end": 14, "id": ME, "username": "force_example"}],
        "urls": [{"start": 1, "end": 2, "url": "https://t.co/a", "expanded_url": "https://sam.example/map"}],
    },
    "referenced_tweets": [{"type": "replied_to", "id": ROOT}],
    "edit_history_tweet_ids": [ID],
    "edit_controls": {"edits_remaining": 5, "is_edit_eligible": False, "editable_until": None},
    "withheld": {"copyright": False, "country_codes": ["GB"]},
}
NEWER = {
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
}
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**65) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)


def _item(post: dict[str, Any], us: Us = US, **more: Any) -> Any:
    return arrival_of(json.dumps(post).encode(), us, PEOPLE, {}, **more)


def _without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in FULL.items() if name not in names}


def _in_newer_names(post: dict[str, Any]) -> dict[str, Any]:
    return {NEWER.get(name, name): value for name, value in post.items()}


def test_a_whole_reply_becomes_an_item_with_all_that_is_known_of_it() -> None:
    picture = {"3_1": WireMedia("3_1", "photo", "https://pbs.twimg.com/a.jpg", None, "A flooded road")}
    item = arrival_of(json.dumps(FULL).encode(), US, PEOPLE, picture)
    assert (item.remote_id, item.kind, item.created_at) == (ID, ItemKind.REPLY, AT)
    assert (item.author.handle, item.author.name) == ("sam_example", "Sam Example")
    assert (item.parent, item.thread, item.where) == (ROOT, ROOT, "The ford road is closed.")
    assert item.permalink == f"https://x.com/sam_example/status/{ID}"
    assert item.media == (
        Media("picture", "https://pbs.twimg.com/a.jpg", "A flooded road"),
        Media("link", "https://sam.example/map", ""),
    )
    assert json.loads(item.raw) == FULL


@given(st.sets(st.sampled_from(sorted(FULL))), st.dictionaries(st.text(min_size=1, max_size=8), ANYTHING))
def test_a_post_is_read_without_what_may_be_missing_and_with_what_nobody_knows(
    missing: set[str], strange: dict[str, Any]
) -> None:
    post = {name: value for name, value in FULL.items() if name not in missing - {"id", "author_id"}}
    item = _item({**{name: one for name, one in strange.items() if name not in FULL}, **post})
    assert item.remote_id == ID
    assert item.created_at == AT
    assert item.text == post.get("text", "")


@given(st.sets(st.sampled_from(sorted(FULL))))
def test_the_older_and_the_newer_names_give_the_same_item(missing: set[str]) -> None:
    post = _without(*(missing - {"id", "author_id"}))
    older, newer = _item(post), _item(_in_newer_names(post))
    assert [getattr(older, name) for name in ("kind", "parent", "thread", "note", "edited_at", "text")] == [
        getattr(newer, name) for name in ("kind", "parent", "thread", "note", "edited_at", "text")
    ]


@given(st.sampled_from(sorted(FULL)), ANYTHING)
def test_a_field_of_another_shape_costs_that_field_or_the_item_and_never_more(
    name: str, value: object
) -> None:
    try:
        item = _item({**FULL, name: value})
    except UnreadableError:
        assert name in {"id", "author_id", "text", "created_at", "conversation_id", "in_reply_to_user_id"}
        return
    assert item.remote_id
    assert item.author.id


@given(ANYTHING)
def test_no_line_of_json_breaks_the_reading_of_posts_and_messages(value: object) -> None:
    raw = json.dumps(value).encode()
    with pytest.raises(UnreadableError):
        arrival_of(raw, US, PEOPLE, {})
    with pytest.raises(UnreadableError):
        message_of(raw, US, PEOPLE, {})


def test_the_whole_of_a_long_post_is_shown_and_not_its_beginning() -> None:
    long = "word " * 100
    for name in ("note_tweet", "note_post"):
        assert _item({**FULL, name: {"text": long}}).text == long


def test_words_are_shown_as_their_author_wrote_them() -> None:
    assert _item({**FULL, "text": "road &lt;closed&gt; &amp; flooded"}).text == "road <closed> & flooded"
    assert plain("&amp;lt; is how one writes &lt;") == "&lt; is how one writes <"


def test_an_edit_is_the_same_item_with_other_words_and_the_time_of_the_edit() -> None:
    later = str(id_at(AT + 600_000))
    edited = {**FULL, "id": later, "edit_history_tweet_ids": [ID, later], "created_at": "nonsense"}
    item = _item(edited)
    assert item.remote_id == ID
    assert item.created_at == AT
    assert item.edited_at == AT + 600_000
    assert read_note(item.note).version == later


def test_what_an_item_is_follows_from_whom_it_answers_and_what_it_quotes() -> None:
    quote = _without("in_reply_to_user_id") | {"conversation_id": ID}
    quote["referenced_tweets"] = [{"type": "quoted", "id": ROOT}]
    plain_mention = _without("in_reply_to_user_id", "referenced_tweets") | {"conversation_id": ID}
    elsewhere = {**plain_mention, "entities": {}}
    assert _item(FULL).kind is ItemKind.REPLY
    assert _item(quote).kind is ItemKind.QUOTE
    assert _item(plain_mention).kind is ItemKind.MENTION
    assert _item(elsewhere, is_search=True).kind is ItemKind.FOUND
    assert _item(plain_mention, is_search=True).kind is ItemKind.MENTION
    assert _item({**FULL, "author_id": ME}).kind is ItemKind.POST


def test_a_deep_reply_is_ours_to_hide_only_when_the_conversation_is_ours() -> None:
    deep = {**FULL, "in_reply_to_user_id": "33", "referenced_tweets": [{"type": "replied_to", "id": "99"}]}
    assert read_note(_item(deep).note).is_below_us
    theirs = {**deep, "conversation_id": "98"}
    assert not read_note(_item(theirs).note).is_below_us
    looked_up = Us(ME, "force_example", roots={"98": ME})
    assert read_note(_item(theirs, looked_up).note).is_below_us


def test_only_a_name_that_the_author_wrote_summons_us() -> None:
    assert not read_note(_item(FULL).note).is_summoned, "X put that name there itself"
    wrote = {"mentions": [{"start": 20, "end": 34, "username": "Force_Example"}]}
    assert read_note(_item({**FULL, "entities": wrote}).note).is_summoned
    unsure = {**_without("display_text_range"), "entities": wrote}
    assert not read_note(_item(unsure).note).is_summoned


def test_a_post_without_an_author_or_a_number_is_left_out_with_a_word() -> None:
    for post in (_without("author_id"), {**FULL, "id": "not a number"}, {**FULL, "id": 5}):
        with pytest.raises(UnreadableError) as left_out:
            _item(post)
        assert "road" not in str(left_out.value)


def test_a_language_that_x_does_not_know_is_none() -> None:
    assert [_item({**FULL, "lang": lang}).lang for lang in ("cy", "und", "qme", "en-GB", None)] == [
        "cy",
        None,
        None,
        "en",
        None,
    ]


def test_a_private_message_is_an_item_of_its_own_row_of_numbers() -> None:
    message = {"id": ID, "event_type": "MessageCreate", "text": "I saw it", "sender_id": "22"}
    item = message_of(json.dumps(message).encode(), US, PEOPLE, {})
    assert item is not None
    assert (item.kind, item.remote_id, item.created_at) == (ItemKind.MESSAGE, f"dm-{ID}", AT)
    assert message_of(json.dumps({**message, "event_type": "ParticipantsJoin"}).encode(), US, {}, {}) is None


@given(st.integers(1_288_834_974_658, 3_500_000_000_000))
def test_a_time_and_the_smallest_id_of_it_say_the_same(moment: int) -> None:
    assert time_of(str(id_at(moment))) == moment


@given(st.text())
def test_an_id_is_a_number_or_nothing(text: str) -> None:
    assert number(text) >= 0
    assert Post("5", edit_history_tweet_ids=[text]).versions
