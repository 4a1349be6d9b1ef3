"""One row of a file to one item, by the names of its columns or by an explicit list of them.

What a newcomer would get wrong: the words are passed on exactly as recorded, and so are ids; playing the
same file again therefore gives the same items, and the console keeps each of them once. A row without an
id is identified by its author, time and text.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from console.api import Arrival, Author, InputError, ItemKind, Media, RemoteId
from plugins.replay.languages import language_code
from plugins.replay.times import read_time

NAMES: dict[str, tuple[str, ...]] = {
    "text": ("text", "full_text", "content", "message", "body", "comment", "tweet", "test_case", "post_text"),
    "author": ("author", "user", "username", "handle", "screen_name", "author_name", "name", "from"),
    "author_id": ("author_id", "user_id", "userid"),
    "author_handle": ("author_handle", "handle", "screen_name", "username"),
    "author_name": ("author_name", "display_name"),
    "created_at": (
        "created_at", "publish_date", "date", "time", "timestamp", "posted_at", "published_at", "created",
        "datetime",
    ),
    "at": ("at",),
    "id": (
        "id", "tweet_id", "comment_id", "item_id", "remote_id", "case_id", "id_str", "post_id", "message_id",
        "status_id",
    ),
    "parent": (
        "in_reply_to", "parent", "parent_id", "reply_to", "in_reply_to_id", "in_reply_to_status_id",
    ),
    "thread": ("thread", "thread_id", "conversation_id"),
    "lang": ("lang", "language"),
    "network": ("network",),
    "account": ("account",),
    "kind": ("kind",),
    "where": ("where",),
    "permalink": ("permalink", "url", "link"),
    "media": ("media",),
}  # fmt: skip
"""What each field may be called, best first; case, spaces and hyphens make no difference."""

OURS = "us"
"""The `author_id` of what the force itself wrote."""
NOBODY = "unknown"
_WHERE_CHARACTERS = 60
_KINDS = {kind.value: kind for kind in ItemKind}


Fields = Mapping[str, str]
"""For each field that a row has, the name of its column."""
Values = Mapping[str, Any]
"""One row: the name of each column with what stands there."""


class RowUnusable(ValueError):
    """A row that makes no item; its words say why, without the row's own."""


class Columns:
    """Which column holds which field; looked up once for each set of column names."""

    def __init__(self, explicit: str = "") -> None:
        """`explicit` is a list such as `text=Body,author=Who`. Raises InputError when it is none."""
        self._explicit: dict[str, str] = {}
        self._known: dict[tuple[str, ...], dict[str, str]] = {}
        for part in filter(None, (part.strip() for part in explicit.split(","))):
            name, equals, column = (piece.strip() for piece in part.partition("="))
            if name not in NAMES or not equals or not column:
                raise InputError(f"“{part}” names no column: write field=column, the fields are {_FIELDS}.")
            self._explicit[name] = column

    def of(self, columns: Iterable[str]) -> Fields:
        """For each field that is there, the name of its column."""
        key = tuple(columns)
        if key not in self._known:
            if len(self._known) > 1_000:  # a file whose every line has other names is no reason to grow
                self._known.clear()
            self._known[key] = self._find(key)
        return self._known[key]

    def _find(self, columns: Sequence[str]) -> dict[str, str]:
        plain: dict[str, str] = {}
        for column in columns:
            plain.setdefault(_plain(column), column)
        found = {
            field: plain[name]
            for field, names in NAMES.items()
            if (name := next((one for one in names if one in plain), None)) is not None
        }
        # Whoever names some columns has looked at the file: a named one that is missing stays missing.
        for field, column in self._explicit.items():
            match = column if column in columns else plain.get(_plain(column))
            if match is None:
                found.pop(field, None)
            else:
                found[field] = match
        return found


_FIELDS = ", ".join(NAMES)


def _plain(column: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", column.strip().lstrip("\ufeff"))
    return re.sub(r"[\s\-.]+", "_", spaced).casefold()


class Mapper:
    """Turns rows into items, remembering only what later rows need: the time, and which posts are ours."""

    def __init__(self, columns: Columns, started_at: int, account: str = "") -> None:
        """`started_at` is when the playing began; only rows of `account` are wanted, if it is given."""
        self._columns = columns
        self._started_at = started_at
        self._account = account
        self._first_at: int | None = None
        self._last_at: int | None = None
        self._ours: set[str] = set()

    def fields(self, values: Values) -> Fields:
        """Which column of a row holds which field; the other methods want it back."""
        return self._columns.of(values)

    def is_wanted(self, values: Values, fields: Fields) -> bool:
        """Whether a row belongs to the account that is played."""
        column = fields.get("account")
        return not self._account or column is None or _text(values.get(column)) in {"", self._account}

    def due_ms(self, values: Values, fields: Fields) -> tuple[int, int, str | None]:
        """When a row is due after the start and when it was said, and what is wrong with its time.

        An `at` is seconds after the start of the playing; any other time is a date of its own, and
        due as long after the file's first one as it was then.
        """
        if "created_at" not in fields and "at" in fields:
            offset = values[fields["at"]]
            try:
                due = round(float(offset) * 1000)
                if 0 <= due < 10**12:
                    self._last_at = self._started_at + due
                    self._first_at = self._started_at
                    return due, self._last_at, None
            except (TypeError, ValueError, OverflowError):
                pass
            return *self._as_before(), "its time is no number of seconds"
        value = values.get(fields["created_at"]) if "created_at" in fields else None
        if value is None or value == "":
            return *self._as_before(), None
        at = read_time(value)
        if at is None:
            return *self._as_before(), "its time makes no sense; it got the time of the row before"
        if self._first_at is None:
            self._first_at = at
        self._last_at = at
        return max(0, at - self._first_at), at, None

    def _as_before(self) -> tuple[int, int]:
        """The time of the row before, or the start."""
        if self._last_at is None or self._first_at is None:
            return 0, self._started_at
        return max(0, self._last_at - self._first_at), self._last_at

    def at_pace(self, fields: Fields, due_ms: int, at: int) -> int:
        """When a row was said if it is played at a pace of its own, due at `due_ms`.

        A recorded date stays what it is; a time from the start would lie ahead of the clock.
        """
        return at if "created_at" in fields or "at" not in fields else self._started_at + due_ms

    def note_ours(self, values: Values, fields: Fields) -> None:
        """Remembers a post of the force, so that what is said below it is known to be in our thread."""
        if "author_id" in fields and "id" in fields and values[fields["author_id"]] == OURS:
            self._ours.add(_text(values[fields["id"]]))

    def arrival(self, values: Values, fields: Fields, raw: str, at: int) -> Arrival:
        """The item that a row holds, said at `at`. Raises RowUnusable with what it lacks."""
        found = {field: values.get(column) for field, column in fields.items()}
        get = found.get
        if "text" not in found:
            raise RowUnusable("it has no text")
        text = get("text")
        if not isinstance(text, str):
            raise RowUnusable("its text is missing" if text is None else "its text is no text")
        author = _author(get("author"), get("author_id"), get("author_handle"), get("author_name"))
        remote_id = _text(get("id")) or _identity(_text(get("author")), get("created_at"), text)
        parent = _text(get("parent")) or None
        thread = _text(get("thread")) or None
        is_ours = author.id == OURS
        in_our_thread = thread is not None and thread in self._ours
        return Arrival(
            remote_id=RemoteId(remote_id),
            kind=_kind(_text(get("kind")), parent is not None, is_ours=is_ours),
            author=author,
            text=text,
            created_at=at,
            lang=language_code(_text(get("lang"))),
            parent=RemoteId(parent) if parent else None,
            thread=RemoteId(thread) if thread else None,
            where=_text(get("where"))[:_WHERE_CHARACTERS],
            permalink=_text(get("permalink")),
            media=_media(get("media")),
            is_ours=is_ours,
            raw=raw,
            note="our thread" if in_our_thread else "",
        )


def _text(value: object) -> str:
    """A plain text of an identity or a name; numbers are written out, anything else is nothing."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _author(author: object, author_id: object, handle: object, name: object) -> Author:
    """Who wrote it. Some files put a whole object there; its usual parts are taken."""
    if isinstance(author, dict):
        author_id = author_id or author.get("id") or author.get("id_str")
        handle = handle or author.get("handle") or author.get("username") or author.get("screen_name")
        name = name or author.get("name") or author.get("display_name")
        author = handle or name
    known = _text(author) or _text(handle) or _text(name) or _text(author_id) or NOBODY
    return Author(id=_text(author_id) or known, handle=_text(handle) or known, name=_text(name) or known)


def _identity(author: str, created_at: object, text: str) -> str:
    """An identity from the recorded values themselves, the same whenever the file is played."""
    # Lengths keep the parts apart; half a surrogate pair has no bytes of its own otherwise.
    recorded = f"{len(author)} {author} {created_at} {text}".encode("utf-8", "surrogatepass")
    return "r-" + hashlib.sha256(recorded).hexdigest()


def _kind(name: str, has_parent: bool, *, is_ours: bool) -> ItemKind:
    """The kind that a row names; only what the force wrote itself can be one of its posts."""
    kind = _KINDS.get(name.casefold()) if name else None
    if kind is None or (kind is ItemKind.POST and not is_ours):
        return ItemKind.REPLY if has_parent else ItemKind.COMMENT
    return kind


def _media(value: object) -> tuple[Media, ...]:
    """Pictures and videos, where a row lists them as objects; others' shapes are left to `raw`."""
    if not isinstance(value, list):
        return ()
    return tuple(
        Media(_text(one.get("kind")) or "link", _text(one.get("url")), _text(one.get("description")))
        for one in value
        if isinstance(one, dict)
    )
