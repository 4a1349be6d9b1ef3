"""Where a bundle is written: a folder or a .zip file that is whole, or is not there at all.

What a newcomer would get wrong: everything is written beside the place that was asked for and moved there at
the end. A bundle that stops half-way must never look like one.
"""

import contextlib
import hashlib
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from console.domain.errors import NotPossible, UsageError

_NO_ROOM = 28  # ENOSPC


class Output(Protocol):
    """Takes files in and makes a bundle of them."""

    def add(self, name: str, data: bytes) -> Mapping[str, object]:
        """Writes one file; gives its name, length and SHA-256 digest as a manifest lists them."""

    def finish(self) -> None:
        """Puts the whole bundle where it was asked for."""

    def drop(self) -> None:
        """Forgets it, if it is not finished."""


def output(path: Path, at: int) -> Output:
    """A new bundle at this path: a .zip file when its name says so, otherwise a folder.

    `at` is the time that files in a .zip bear (epoch ms). Raises UsageError when something is there already,
    NotPossible when it cannot be written.
    """
    if path.exists() or path.is_symlink():
        raise UsageError(f"{path} is there already. Choose a name that is free; nothing is overwritten.")
    if not path.parent.is_dir():
        raise UsageError(f"There is no folder {path.parent} to write the bundle into.")
    partial = path.with_name(f".{path.name}.partial")
    try:
        if path.suffix.lower() == ".zip":
            return _Zip(path, partial, at)
        return _Folder(path, partial)
    except OSError as problem:
        raise failure(path, problem) from problem


def failure(path: Path, problem: OSError) -> NotPossible:
    """What to tell a person when writing failed half-way."""
    why = "the disk is full" if problem.errno == _NO_ROOM else str(problem.strerror or problem)
    return NotPossible(f"The bundle could not be written to {path}: {why}. Nothing of it was left there.")


def listed(name: str, data: bytes) -> Mapping[str, object]:
    """A file as a manifest lists it."""
    return {"path": name, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}


class _Folder:
    def __init__(self, path: Path, partial: Path) -> None:
        self._path, self._partial = path, partial
        shutil.rmtree(partial, ignore_errors=True)  # of a bundle that a power cut stopped
        partial.mkdir(mode=0o700)

    def add(self, name: str, data: bytes) -> Mapping[str, object]:
        place = self._partial / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        return listed(name, data)

    def finish(self) -> None:
        self._partial.rename(self._path)

    def drop(self) -> None:
        shutil.rmtree(self._partial, ignore_errors=True)


class _Zip:
    def __init__(self, path: Path, partial: Path, at: int) -> None:
        self._path, self._partial = path, partial
        partial.touch(mode=0o600)
        self._file = zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED)
        made = datetime.fromtimestamp(at / 1000, UTC)
        self._date = (max(made.year, 1980), made.month, made.day, made.hour, made.minute, made.second)

    def add(self, name: str, data: bytes) -> Mapping[str, object]:
        part = zipfile.ZipInfo(name, self._date)
        part.compress_type = zipfile.ZIP_DEFLATED
        part.external_attr = 0o100600 << 16
        self._file.writestr(part, data)
        return listed(name, data)

    def finish(self) -> None:
        self._file.close()
        self._partial.rename(self._path)

    def drop(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.close()
        with contextlib.suppress(OSError):
            self._partial.unlink()
