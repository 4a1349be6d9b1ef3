"""Small files of one account, in its own folder: what must outlive a new start and is nobody's words.

What a newcomer would get wrong: neither file is needed to work. One that is missing, broken or cannot be
written makes the connector forgetful, and must never stop it.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


async def kept(folder: Path, name: str, kind: type[T]) -> T | None:
    """What lies in a file; None when nothing that can be read does."""
    return await asyncio.to_thread(_read, folder / name, kind)


async def keep(folder: Path, name: str, thing: Any) -> None:
    """Replaces a file as a whole, away from the loop that everything else runs on."""
    await asyncio.to_thread(_write, folder / name, msgspec.json.encode(thing))


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError):
        return None


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with contextlib.suppress(OSError):
        part.write_bytes(content)
        part.replace(path)
