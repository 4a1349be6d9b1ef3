"""The whole ledger in one file that a stranger can check: lines of JSON, described in docs/ledger.md.

What a newcomer would get wrong: what is hashed is the text of `leaf` byte for byte. Whoever decodes it
and writes it anew has another digest.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from console.desk.checkpoints import CheckpointDesk
from console.domain.audit import Entry
from console.domain.checkpoint import parse, verifier_key
from console.domain.errors import DiskFull, UsageError
from console.domain.times import iso

FORM: Final = 1
"""The version of the file's form."""
_AT_ONCE: Final = 2_000
_NO_SPACE: Final = 28  # ENOSPC, on every system


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written."""

    path: Path
    entries: int
    checkpoints: int


class LedgerFile:
    """A file that is being written; it has its name only once it is whole."""

    def __init__(self, path: Path) -> None:
        """Raises UsageError when something has that name already, or it cannot be made."""
        if path.exists():
            raise UsageError(f"There is a file {path} already. Nothing was written; give another name.")
        self._path = path
        self._fresh = path.with_name(f"{path.name}.part")
        try:
            self._stream: IO[str] = self._fresh.open("w", encoding="utf-8", newline="\n")
        except OSError as problem:
            raise UsageError(f"{path} cannot be written: {problem.strerror}.") from problem

    def lines(self, found: Iterable[dict[str, Any]]) -> None:
        """Writes lines. Raises DiskFull; any other failure as it comes."""
        try:
            for one in found:
                self._stream.write(json.dumps(one, separators=(",", ":")) + "\n")
        except OSError as problem:
            if problem.errno == _NO_SPACE:
                raise DiskFull(
                    f"The disk that holds {self._path} is full. Nothing was exported."
                ) from problem
            raise

    def done(self) -> None:
        """Gives the file its name."""
        self._stream.close()
        self._fresh.replace(self._path)

    def drop(self) -> None:
        """Lets go of a file that did not become whole; of one that did, nothing."""
        with contextlib.suppress(OSError):
            self._stream.close()
        self._fresh.unlink(missing_ok=True)


async def export_ledger(
    desk: CheckpointDesk, file: LedgerFile, path: Path, *, with_content: bool, at: int
) -> Exported:
    """Writes head, keys, entries and checkpoints, in that order. `at` is epoch ms.

    Without `with_content` the file holds no word of anybody's: the entries and nothing beside them.
    """
    keys = await desk.all_keys()
    texts = await desk.all_checkpoints()
    entries = await desk.entries_so_far()
    head = {
        "type": "ledger",
        "form": FORM,
        "origin": keys[-1].origin if keys else None,
        "exported_at": iso(at),
        "entries": entries,
        "with_content": with_content,
        "how": "SHA-256 over a zero byte and the text of leaf is leaf_hash; the leaf hashes make the Merkle "
        "tree of RFC 6962; a checkpoint states its root, signed by the key.",
    }
    lines: list[dict[str, Any]] = [head]
    lines += [{"type": "key", "seq": key.seq, "key": verifier_key(key.origin, key.public)} for key in keys]
    await asyncio.to_thread(file.lines, lines)
    after = 0
    while after < entries:
        some = await desk.entries(after, min(_AT_ONCE, entries - after))
        if not some:
            break  # a gap: the file shows it as it is, and whoever checks it finds it
        await asyncio.to_thread(file.lines, [_line(entry, with_content=with_content) for entry in some])
        after = some[-1].seq
    stated = [{"type": "checkpoint", "size": parse(text).size, "text": text} for text in texts]
    await asyncio.to_thread(file.lines, stated)
    await asyncio.to_thread(file.done)
    return Exported(path, entries, len(texts))


def _line(entry: Entry, *, with_content: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "entry", "seq": entry.seq, **_text("leaf", entry.leaf)}
    found["leaf_hash"] = entry.leaf_hash.hex()
    if with_content and entry.salt is not None and entry.content is not None:
        found |= {"salt": entry.salt.hex(), **_text("content", entry.content)}
    return found


def _text(name: str, raw: bytes) -> dict[str, str]:
    """Bytes as text, or where somebody made them something else, in base64 under another name."""
    try:
        return {name: raw.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(raw).decode()}
