"""Known items that come again: most are repeats and cost one question, some have other words.

What a newcomer would get wrong: an item that was purged has no words any more, and a network that tells it
again must not bring them back. And an edit never lowers a grade: a person does that, with a reason.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit

from console.domain.ids import ItemId
from console.domain.items import Arrival, Author, ItemKind
from console.store.database import Connection
from console.store.rows import Received, Seal, add_unseen, hit_values, insert_hits, media_text, sealed_with
from console.store.texts import Value, kept, told, told_or_none

Unseal = Callable[[bytes], str]
"""Opens what `Seal` made."""


@dataclass(frozen=True, slots=True)
class Version:
    """How an item was before it was edited. Times are milliseconds since 1970, UTC."""

    text: str
    author_handle: str
    author_name: str
    edited_at: int | None
    """When its author had put it so, where the network says that."""
    replaced_at: int
    """When the next version was received."""
    rules: tuple[str, ...]
    """The rules that had hit it, as `watchlist/rule vN`."""


_FOUND: Final = ItemKind.FOUND.value
_FIND: Final = (
    "SELECT id, kind, text, media, edited_at, purged_at, nameless_at, grade, seen_at, is_ours FROM items "
    "WHERE account_id = ? AND remote_id = ?"
)
_KEEP: Final = """
INSERT INTO item_history (item_id, place, text, media, author_handle, author_name, sealed, raw, hits,
    edited_at, replaced_at)
SELECT i.id, (SELECT count(*) FROM item_history WHERE item_id = i.id) + 1, i.text, i.media, i.author_handle,
    i.author_name, s.sealed, r.raw,
    (SELECT json_group_array(watchlist || '/' || rule || ' v' || version) FROM
        (SELECT DISTINCT watchlist, rule, version FROM hits WHERE item_id = i.id ORDER BY 1, 2)),
    i.edited_at, ?2
FROM items i LEFT JOIN item_sealed s ON s.item_id = i.id LEFT JOIN item_raw r ON r.item_id = i.id
WHERE i.id = ?1
"""
_UNINDEX: Final = """
INSERT INTO items_words (items_words, rowid, text, author_name, author_handle)
SELECT 'delete', id, text, author_name, author_handle FROM items WHERE id = ? AND kind <> 'message'
"""
_INDEX: Final = """
INSERT INTO items_words (rowid, text, author_name, author_handle)
SELECT id, text, author_name, author_handle FROM items WHERE id = ? AND kind <> 'message'
"""
_UPDATE: Final = """
UPDATE items SET text = ?, media = ?, author_handle = ?, author_name = ?, lang = ?, place = ?, permalink = ?,
    note = ?, edited_at = ?, grade = ?, seen_at = ? WHERE id = ?
"""


def revise(
    conn: Connection, rows: Sequence[Received], seal: Seal | None, unseal: Unseal | None
) -> list[ItemId]:
    """Takes over the other words of items that are known; gives those that had some.

    What a search had found and is said to the force after all takes its place there. The earlier words go to
    the history. A private message that cannot be opened now counts as a repeat.
    """
    edited: dict[ItemId, None] = {}
    unseen: Counter[tuple[int, int]] = Counter()
    for row in rows:
        arrival = row.arrival
        known = conn.execute(_FIND, (row.account_id, kept(arrival.remote_id))).fetchone()
        if known is None:
            continue
        number, kind, text, media, edited_at, purged_at, nameless_at, grade, seen_at, is_ours = known
        if kind == _FOUND and arrival.kind is not ItemKind.FOUND and nameless_at is None:
            _address(conn, number, arrival)
            edited[ItemId(number)] = None
        if purged_at is not None or _is_older(arrival.edited_at, edited_at):
            continue
        is_private = kind == ItemKind.MESSAGE.value
        if is_private:
            opened = _opened(conn, number, unseal)
            if opened is None or seal is None:
                continue
            text, media = opened
        new_media = media_text(arrival.media) if arrival.media else None
        if told(text) == arrival.text and (media == new_media or _is_signed_anew(media, arrival)):
            continue
        if nameless_at is not None:  # who wrote it was purged, and does not come back with other words
            arrival = _nameless(arrival)
        conn.execute(_KEEP, (number, row.received_at))
        conn.execute(_UNINDEX, (number,))
        new_grade = min(int(grade), int(row.grade))
        new_seen_at = None if (row.hits or new_grade < grade) and not is_ours else seen_at
        _put(conn, number, arrival, new_media, new_grade, new_seen_at, edited_at, is_private=is_private)
        conn.execute(_INDEX, (number,))
        conn.execute("DELETE FROM hits WHERE item_id = ?", (number,))
        insert_hits(conn, hit_values(number, row.hits, is_private=is_private))
        _put_beside(conn, number, arrival, new_media, seal if is_private else None)
        if not is_ours:
            unseen[row.account_id, grade] -= seen_at is None
            unseen[row.account_id, new_grade] += new_seen_at is None
        edited[ItemId(number)] = None
    add_unseen(conn, {place: change for place, change in unseen.items() if change})
    return list(edited)


def _address(conn: Connection, number: int, arrival: Arrival) -> None:
    """Says that an item that a search had found is addressed to the force, and where it stands."""
    values: list[Value] = [
        arrival.kind.value,
        arrival.parent,
        arrival.thread,
        arrival.where,
        arrival.note,
        number,
    ]
    conn.execute(
        "UPDATE items SET kind = ?, parent = ?, thread = ?, place = ?, note = ? WHERE id = ?",
        [kept(value) for value in values],
    )


def _nameless(arrival: Arrival) -> Arrival:
    """An arrival without anything that says who wrote it."""
    return replace(arrival, author=Author(arrival.author.id, "", ""), permalink="", note="", raw="")


def _is_older(told_at: int | None, known_at: int | None) -> bool:
    """Whether the network tells a version that is older than, or the same as, the one that is known."""
    return told_at is not None and known_at is not None and told_at <= known_at


def _is_signed_anew(media: str | None, arrival: Arrival) -> bool:
    """Whether the same files only have other addresses: networks sign those anew each time they tell them."""
    found = json.loads(media) if media else []
    return len(found) == len(arrival.media) and all(
        (kind, description) == (new.kind, new.description)
        and (url == new.url or (kind != "link" and _file(url) == _file(new.url)))
        for (kind, url, description), new in zip(found, arrival.media, strict=True)
    )


def _file(address: str) -> str:
    """The part of an address that names the file."""
    try:
        return urlsplit(address).path
    except ValueError:  # whatever a network calls an address
        return address


def _opened(conn: Connection, number: int, unseal: Unseal | None) -> tuple[str, str | None] | None:
    row = conn.execute("SELECT sealed FROM item_sealed WHERE item_id = ?", (number,)).fetchone()
    if row is None or unseal is None:
        return None
    inside = json.loads(unseal(row[0]))
    return inside["text"], inside["media"]


def _put(
    conn: Connection,
    number: int,
    arrival: Arrival,
    media: str | None,
    grade: int,
    seen_at: int | None,
    edited_at: int | None,
    *,
    is_private: bool,
) -> None:
    values: list[Value] = [
        "" if is_private else arrival.text,
        None if is_private else media,
        arrival.author.handle,
        arrival.author.name,
        arrival.lang,
        arrival.where,
        arrival.permalink,
        arrival.note,
        arrival.edited_at if arrival.edited_at is not None else edited_at,
        grade,
        seen_at,
        number,
    ]
    conn.execute(_UPDATE, [kept(value) for value in values])


def _put_beside(
    conn: Connection, number: int, arrival: Arrival, media: str | None, seal: Seal | None
) -> None:
    """The network's own JSON, and the words where they are sealed."""
    raw: str | bytes = arrival.raw
    if seal is not None:
        sealed = sealed_with(seal, json.dumps({"text": arrival.text, "media": media}))
        conn.execute("UPDATE item_sealed SET sealed = ? WHERE item_id = ?", (sealed, number))
        raw = sealed_with(seal, json.dumps(raw)) if raw else ""
    conn.execute("DELETE FROM item_raw WHERE item_id = ?", (number,))
    if raw:
        conn.execute("INSERT INTO item_raw (item_id, raw) VALUES (?, ?)", (number, kept(raw)))


def edited(conn: Connection, ids: Sequence[ItemId]) -> list[ItemId]:
    """Which of these items (at most some hundred) have earlier words."""
    marks = ",".join("?" * len(ids))
    rows = conn.execute(f"SELECT DISTINCT item_id FROM item_history WHERE item_id IN ({marks})", ids)  # noqa: S608  # question marks only
    return [ItemId(number) for (number,) in rows]


def history(conn: Connection, item_id: ItemId, unseal: Unseal | None = None) -> list[Version]:
    """How an item was before, oldest first; empty words where they are sealed and stay so, or purged."""
    found: list[Version] = []
    for text, handle, name, sealed, hits, edited_at, replaced_at in conn.execute(
        "SELECT text, author_handle, author_name, sealed, hits, edited_at, replaced_at FROM item_history "
        "WHERE item_id = ? ORDER BY place",
        (item_id,),
    ):
        words = told(text)
        if sealed is not None and unseal is not None:
            words = json.loads(unseal(sealed))["text"]
        found.append(
            Version(
                text=words,
                author_handle=told(handle),
                author_name=told(name),
                edited_at=edited_at,
                replaced_at=replaced_at,
                rules=tuple(json.loads(told_or_none(hits) or "[]")),
            )
        )
    return found
