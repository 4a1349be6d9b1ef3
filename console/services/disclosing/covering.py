"""Redaction as a layer: a working copy with covered words, each with its reason; the original stays sealed.

What is covered is said by a person in a file of JSON: a list of marks such as `{"record": "e5",
"field": "text", "start": 4, "end": 17, "reason": "Names a witness."}`. Offsets count characters; without
them the whole field is covered. `field` is a path into the record as `cordon evidence show e5 --json` prints
it; `text` is the item's text.

What a newcomer would get wrong: the same words stand in more than one place. The network's own JSON repeats
the text, a watchlist's hit quotes it, the ledger keeps the author's name beside an act. So words that are
covered once are covered wherever a bundle repeats them for that record, the network's JSON and the digests
of short texts are left out (a digest of few words can be guessed), and with them cipher and key.
"""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from console.domain.errors import InputError
from console.domain.ids import parse_evidence_key

COVER: Final = "\u2588" * 5
"""What stands in place of covered words; always the same, so that its length tells nothing."""
SHORTEST: Final = 3
"""Words shorter than this are covered only where they were marked: they stand everywhere by chance."""
_SHORT_NAMES: Final = {"text": "item.text"}
_LONGEST_NAME: Final = 11
"""A short text in a field that is covered whole, such as `picture`, is a name of ours."""
_WORD: Final = re.compile(rf"\w{{{SHORTEST},}}")
_LARGEST: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """One place that is covered."""

    record: str
    """The key of the evidence record."""
    field: str
    start: int | None
    """The first covered character; None for the whole field."""
    end: int | None
    """The one after the last."""
    reason: str

    def shape(self) -> dict[str, Any]:
        """As it stands in manifest and working copy."""
        return {
            "record": self.record,
            "field": self.field,
            "start": self.start,
            "end": self.end,
            "reason": self.reason,
        }

    @property
    def cover(self) -> str:
        """What stands in its place."""
        return f"{COVER} [covered: {self.reason}]"


@dataclass(frozen=True, slots=True)
class Covered:
    """A working copy of one record."""

    copy: dict[str, Any]
    words: dict[str, Mark]
    """The words that were covered, which must not stand in clear beside it."""


def read_marks(path: Path) -> list[Mark]:
    """The marks in a file. Raises InputError with the place of a mistake."""
    try:
        if path.stat().st_size > _LARGEST:
            raise InputError(f"{path} is too large to be a list of what to cover.")
        found = json.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as problem:
        raise InputError(f"{path} cannot be read as a list of what to cover: {problem}") from problem
    if not isinstance(found, list):
        raise InputError(f"{path} must hold a list of marks, each with record, field and reason.")
    return [_mark(one, f"{path}, mark {number}") for number, one in enumerate(found, 1)]


def _mark(one: object, where: str) -> Mark:
    if not isinstance(one, dict) or one.keys() - {"record", "field", "start", "end", "reason"}:
        raise InputError(f"{where}: a mark has record, field, start, end and reason, and nothing else.")
    record, field, reason = one.get("record"), one.get("field"), one.get("reason")
    if not (isinstance(record, str) and isinstance(field, str) and isinstance(reason, str)):
        raise InputError(f"{where}: record, field and reason must be said, as text.")
    if not reason.strip():
        raise InputError(f"{where}: a reason is needed; it is shown in place of the words.")
    parse_evidence_key(record)
    start, end = one.get("start"), one.get("end")
    if (start is None) != (end is None):
        raise InputError(f"{where}: give start and end, or neither to cover the whole field.")
    if start is not None and not (type(start) is int and type(end) is int and 0 <= start < end):
        raise InputError(f"{where}: start and end must be whole numbers, with start before end.")
    return Mark(record, _SHORT_NAMES.get(field, field), start, end, reason.strip())


def cover(record: Mapping[str, Any], marks: Sequence[Mark]) -> Covered:
    """The working copy of a record.

    Raises InputError when a mark names no field of it, or characters that are not there, or overlaps.
    """
    made: dict[str, Any] = copy.deepcopy(dict(record))
    words: dict[str, Mark] = {}
    by_field: dict[str, list[Mark]] = {}
    for mark in marks:
        by_field.setdefault(mark.field, []).append(mark)
    for field, some in by_field.items():
        holder, name = _place(made, field, some[0])
        value = holder[name]
        if isinstance(value, str):
            holder[name], gone = _covered_text(value, some)
            words |= gone
        elif all(mark.start is None for mark in some):
            words |= {text: some[0] for text in _texts(value) if len(text) > _LONGEST_NAME}
            holder[name] = _covered_whole(value, some[0])
        else:
            raise InputError(f"{some[0].record}, {field}: this is no text, so it can only be covered whole.")
    _cover_hits(made, by_field.get("item.text", ()))
    for part in ("raw", "digests"):
        if part in made:
            made[part] = None
    return Covered(everywhere(made, words), words)


def long_enough(words: Iterable[str]) -> set[str]:
    """Those words that are covered wherever they stand; in small letters."""
    return {text.strip().casefold() for text in words if len(text.strip()) >= SHORTEST}


def shares_words(words: Iterable[str], value: object) -> bool:
    """Whether a value has a word of three letters or more in common with some that are covered."""
    covered = {word for text in words for word in _WORD.findall(text.casefold())}
    return any(word in covered for text in _texts(value) for word in _WORD.findall(text.casefold()))


def stands_in(words: Iterable[str], value: object) -> bool:
    """Whether one of some words (in small letters) stands anywhere in a value."""
    texts = [text.casefold() for text in _texts(value)]
    return any(word in text for word in words for text in texts)


def everywhere(value: Any, words: Mapping[str, Mark]) -> Any:
    """The same value with these words covered in each text of it, longest first, whatever their case."""
    if isinstance(value, str):
        for text in sorted(words, key=len, reverse=True):
            if len(text.strip()) >= SHORTEST:
                value = _without(value, text.strip(), words[text].cover)
        return value
    if isinstance(value, dict):
        return {name: everywhere(part, words) for name, part in value.items()}
    if isinstance(value, list):
        return [everywhere(part, words) for part in value]
    return value


def _place(made: Any, field: str, mark: Mark) -> tuple[Any, Any]:
    """The mapping or list that holds a field, and the field's name or number in it."""
    holder: Any = None
    name: Any = None
    value = made
    for step in field.split("."):
        holder, name = value, int(step) if isinstance(value, list) and step.isdecimal() else step
        try:
            value = holder[name]
        except (KeyError, IndexError, TypeError):
            raise InputError(f"Record {mark.record} has no field “{field}”.") from None
    return holder, name


def _covered_text(text: str, marks: Sequence[Mark]) -> tuple[str, dict[str, Mark]]:
    """The text with all its marks covered, and the words that are gone."""
    gone: dict[str, Mark] = {}
    before = len(text)
    for mark in sorted(marks, key=lambda each: each.start or 0, reverse=True):
        start, end = (0, len(text)) if mark.start is None or mark.end is None else (mark.start, mark.end)
        if end > before:
            what = "overlaps another mark" if before < len(text) else "goes past its end"
            raise InputError(f"{mark.record}, {mark.field}: {start} to {end} {what}.")
        if text[start:end].strip() and text[start:end].strip().casefold() in mark.reason.casefold():
            raise InputError(f"{mark.record}, {mark.field}: the reason repeats the words that it covers.")
        gone[text[start:end]] = mark
        text = text[:start] + mark.cover + text[end:]
        before = start
    return text, gone


def _cover_hits(made: dict[str, Any], marks: Sequence[Mark]) -> None:
    """Covers what hits of watchlists quote from places of the text that are covered, even in part."""
    item = made.get("item")
    hits = item.get("hits") if isinstance(item, dict) else None
    for hit in hits or ():
        for mark in marks:
            if (
                mark.start is None
                or mark.end is None
                or (hit["start"] < mark.end and mark.start < hit["end"])
            ):
                hit["text"] = hit["term"] = mark.cover
                break


def _covered_whole(value: Any, mark: Mark) -> Any:
    if isinstance(value, dict) and "captured" in value:
        return {"captured": False, "why": mark.cover}  # a picture: its file stays out of the bundle
    return mark.cover


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _texts(part)


def _without(text: str, word: str, instead: str) -> str:
    """Each appearance of a word, in capitals or not, covered; what was covered before is left alone."""
    parts = text.split(instead)
    return instead.join(
        re.sub(re.escape(word), lambda _: instead, part, flags=re.IGNORECASE) for part in parts
    )
