"""A file's rows, one at a time, however broken some of them are.

Reads `.jsonl` (one JSON object a line) and `.csv` (with a header, any usual separator), packed with gzip
or not, which the first bytes tell and not the name. What a newcomer would get wrong: a bad row is handed
on as a complaint with its line number and never with its words, and the rows after it still come; only
a file that cannot be opened is refused as a whole. Works in a thread: nothing here belongs on a loop.
"""

import csv
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import msgspec

from console.api import InputError

LONGEST_LINE = 32_000_000
"""Characters of one line or cell; what is longer is an accident and is passed over."""
_GZIP = b"\x1f\x8b"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_STRAY = re.compile("[\udc80-\udcff]+")
_NOT_UTF8 = "some bytes were not UTF-8 and were read as Windows-1252"

# The module's limit is one for the whole process, and its default of 128 kB breaks long cells.
csv.field_size_limit(min(LONGEST_LINE, sys.maxsize))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: its values, or only the reason why there are none."""

    line: int
    """The line on which it ends, from 1."""
    values: dict[str, Any] | None
    raw: str = ""
    """The row as JSON; for a JSON line the line itself."""
    complaint: str | None = None
    """What is wrong with it, without its words."""


def rows(path: Path) -> Iterator[Row]:
    """The rows of a file, in their order. Close the iterator to let the file go.

    Raises InputError when the file cannot be opened. A file that breaks off (half a gzip, a lost
    disk) ends with a complaint.
    """
    with _open(path) as stream:
        found = _json_rows(stream) if _is_json(path, stream) else _csv_rows(stream)
        line = 0
        try:
            for row in found:
                line = row.line
                yield row
        except (OSError, EOFError, zlib.error, UnicodeError) as problem:
            yield Row(line + 1, None, complaint=f"the file breaks off here ({type(problem).__name__})")


def _open(path: Path) -> io.TextIOWrapper:
    """The file as text; packed or not, UTF-8 with or without its mark, or UTF-16 with it."""
    plain: io.BufferedReader | None = None
    try:
        plain = path.open("rb")
        is_packed = plain.peek(2)[:2] == _GZIP
        stream = _Unpacked(plain) if is_packed else plain
        first = stream.peek(2)[:2]
    except (OSError, EOFError, zlib.error) as problem:
        if plain is not None:
            plain.close()
        reason = getattr(problem, "strerror", None) or str(problem).rstrip(".")
        raise InputError(f"{path} cannot be read: {reason}.") from problem
    # Both are buffered readers in all but their declared type.
    buffer = cast("io.BufferedReader", stream)
    if first in _UTF16:
        return io.TextIOWrapper(buffer, encoding="utf-16", errors="replace", newline="")
    return io.TextIOWrapper(buffer, encoding="utf-8-sig", errors="surrogateescape", newline="")


class _Unpacked(gzip.GzipFile):
    """Unpacks a file and closes it with itself, which GzipFile leaves to others."""

    def __init__(self, packed: IO[bytes]) -> None:
        super().__init__(fileobj=packed, mode="rb")
        self._packed = packed

    def close(self) -> None:
        super().close()
        self._packed.close()


def _is_json(path: Path, stream: io.TextIOWrapper) -> bool:
    """Whether a file holds JSON lines: its name says so, or else its first character."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return True
    if name.endswith((".csv", ".tsv")):
        return False
    first = cast("io.BufferedReader", stream.buffer).peek(64)
    return first.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def _lines(stream: io.TextIOWrapper) -> Iterator[str | None]:
    """The lines; None for one that is too long to be anything sensible."""
    while line := stream.readline(LONGEST_LINE):
        if len(line) < LONGEST_LINE or line.endswith("\n"):
            yield line
            continue
        while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        yield None


def _mended(text: str) -> str:
    """Text whose bytes were not UTF-8, read as Windows-1252, which is what such files mostly are."""
    return _STRAY.sub(
        lambda found: found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text
    )


def _is_stray(text: str) -> bool:
    return not text.isascii() and _STRAY.search(text) is not None


def _json_rows(stream: io.TextIOWrapper) -> Iterator[Row]:
    for number, line in enumerate(_lines(stream), 1):
        if line is None:
            yield Row(number, None, complaint=f"longer than {LONGEST_LINE:,} characters")
            continue
        text, complaint = line.strip("\r\n\t \x00"), None
        if not text:
            continue
        if _is_stray(text):
            text, complaint = _mended(text), _NOT_UTF8
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            yield Row(number, None, complaint="no whole JSON object")
            continue
        if not isinstance(found, dict):
            yield Row(number, None, complaint="no JSON object")
            continue
        yield Row(number, found, text, complaint)


def _csv_rows(stream: io.TextIOWrapper) -> Iterator[Row]:
    too_long: list[int] = []

    def lines() -> Iterator[str]:
        for number, line in enumerate(_lines(stream), 1):
            if line is None:
                too_long.append(number)
            yield line or "\n"

    feed = lines()
    first = next(feed, "")
    while first and not first.strip():
        first = next(feed, "")
    separator = _separator(first)
    reader = csv.reader(_with_first(first, feed), delimiter=separator)
    header: list[str] | None = None
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield Row(reader.line_num, None, complaint="no whole row of a table")
            continue
        if too_long:
            yield Row(too_long.pop(), None, complaint=f"longer than {LONGEST_LINE:,} characters")
        if not any(cells):
            continue
        if header is None:
            header = _unique([_mended(cell).strip() for cell in cells])
            continue
        yield _csv_row(reader.line_num, header, cells)


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row:
    complaint = None
    if _is_stray("".join(cells)):
        cells, complaint = [_mended(cell) for cell in cells], _NOT_UTF8
    if len(cells) > len(header):
        complaint = f"{len(cells)} cells under {len(header)} columns; the last ones were left out"
    values = dict(zip(header, cells, strict=False))
    try:
        raw = msgspec.json.encode(values).decode()
    except UnicodeEncodeError:  # half a surrogate pair, which only the slower way can write
        raw = json.dumps(values)
    return Row(line, values, raw, complaint)


def _with_first(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _separator(header: str) -> str:
    """The separator that the header uses most; a header of one column has none, and a comma does."""
    return max(",;\t|", key=header.count)


def _unique(names: list[str]) -> list[str]:
    """Column names, of which a second one of the same name gets a number."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        made.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return made
