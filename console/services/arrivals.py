"""Looks over what a connector hands in, so that one bad item never costs the batch it came in.

What a newcomer would get wrong: a connector is third parties' code fed with strangers' words. The
types in the contract are a promise, not a fact, until they were looked at here.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from console.domain.items import Arrival, Author, ItemKind, ItemState, Media

LONGEST_TEXT = 100_000
"""Characters kept of a text. The longest a network allows is 63,206 (a Facebook post)."""
LONGEST_RAW = 1_000_000
"""Characters kept of a network's own JSON; a longer one is not an item but an accident."""
EARLIEST_AT = 631_152_000_000
"""The start of 1990: nothing was posted before there was a web to post on."""
AHEAD_MS = 86_400_000
"""How far a network's clock may run ahead of ours before its time is not believed: a day."""

Complain = Callable[[str], None]


class Unusable(ValueError):
    """An arrival of which nothing can be kept."""


def looked_over(arrival: Arrival, now: int, complain: Complain) -> Arrival:
    """The arrival as it can be stored; the very same object when nothing was wrong with it.

    Complaints name no words of the item. Raises Unusable when its identity, kind or text are not
    what they must be.
    """
    if type(arrival) is not Arrival:
        raise Unusable(f"an item was a {type(arrival).__name__}")
    author, text, created_at, raw = arrival.author, arrival.text, arrival.created_at, arrival.raw
    if (
        type(text) is str
        and type(raw) is str
        and type(author) is Author
        and type(created_at) is int
        and EARLIEST_AT <= created_at <= now + AHEAD_MS
        and len(text) <= LONGEST_TEXT
        and len(raw) <= LONGEST_RAW
        and type(arrival.kind) is ItemKind
        and type(arrival.state) is ItemState
        and (arrival.edited_at is None or type(arrival.edited_at) is int)
        and type(arrival.media) is tuple
        and not (arrival.media and any(map(_is_odd, arrival.media)))
        and _is_plain(arrival, author)
    ):
        return arrival
    return _mended(arrival, now, complain)


def _is_odd(media: Any) -> bool:
    return (
        type(media) is not Media
        or type(media.kind) is not str
        or type(media.url) is not str
        or type(media.description) is not str
        or len(media.description) > LONGEST_TEXT
    )


def _is_plain(arrival: Arrival, author: Author) -> bool:
    """Whether every other text of an arrival is one; compared type by type, which is quickest.

    Half a surrogate pair is no fault here: the store keeps it as it came.
    """
    parent, thread, lang = arrival.parent, arrival.thread, arrival.lang
    return (
        type(arrival.remote_id) is str
        and type(author.id) is str
        and type(author.handle) is str
        and type(author.name) is str
        and type(arrival.where) is str
        and type(arrival.permalink) is str
        and type(arrival.note) is str
        and (parent is None or type(parent) is str)
        and (thread is None or type(thread) is str)
        and (lang is None or type(lang) is str)
        and arrival.remote_id != ""
    )


def _text(value: object, longest: int, name: str, complain: Complain) -> str:
    """A text for certain: what is none becomes empty, too much is cut."""
    if not isinstance(value, str):
        complain(f"the {name} of an item was no text")
        return ""
    if len(value) > longest:
        complain(f"the {name} of an item had {len(value):,} characters; {longest:,} were kept")
        value = value[:longest]
    return str(value)


def _mended(arrival: Any, now: int, complain: Complain) -> Arrival:
    if not (isinstance(arrival.remote_id, str) and arrival.remote_id):
        raise Unusable("an item had no id")
    if not isinstance(arrival.author, Author):
        raise Unusable("an item had no author")
    if not isinstance(arrival.text, str):
        raise Unusable("the text of an item was no text")
    try:
        kind, state = ItemKind(arrival.kind), ItemState(arrival.state)
    except ValueError as problem:
        raise Unusable("an item was of no known kind or state") from problem

    def text(value: object, name: str, longest: int = 2_000) -> str:
        return _text(value, longest, name, complain)

    def some(value: object, name: str) -> str | None:
        return None if value is None else text(value, name)

    raw = arrival.raw
    if isinstance(raw, str) and len(raw) > LONGEST_RAW:
        complain(f"the network's own form of an item had {len(raw):,} characters and was not kept")
        raw = ""
    created_at = arrival.created_at
    if type(created_at) is not int or not EARLIEST_AT <= created_at <= now + AHEAD_MS:
        complain("the time of an item made no sense, so the time of its arrival stands for it")
        created_at = now
    edited_at = arrival.edited_at
    if edited_at is not None and type(edited_at) is not int:
        complain("the time of an edit made no sense")
        edited_at = None
    media = arrival.media if isinstance(arrival.media, tuple) else ()
    mended: Arrival = replace(
        arrival,
        remote_id=type(arrival.remote_id)(text(arrival.remote_id, "id")),
        kind=kind,
        state=state,
        author=Author(
            text(arrival.author.id, "author's id"),
            text(arrival.author.handle, "author's handle"),
            text(arrival.author.name, "author's name"),
        ),
        text=text(arrival.text, "text", LONGEST_TEXT),
        created_at=created_at,
        edited_at=edited_at,
        lang=some(arrival.lang, "language"),
        parent=some(arrival.parent, "parent"),
        thread=some(arrival.thread, "thread"),
        where=text(arrival.where, "place"),
        permalink=text(arrival.permalink, "address", 10_000),
        note=text(arrival.note, "connector's note", 100_000),
        raw=text(raw, "network's own form", LONGEST_RAW),
        media=tuple(
            Media(
                text(part.kind, "kind of media"),
                text(part.url, "address of media", 10_000),
                text(part.description, "description of media", LONGEST_TEXT),
            )
            for part in media
            if isinstance(part, Media)
        ),
    )
    return mended
