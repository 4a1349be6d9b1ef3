"""Second keepers: whoever keeps the ledger's checkpoints besides us, so that we cannot take them back.

A folder is one: on a drive that others look after, such as the one of the information governance team.
A text in a mail is another and needs nothing here. What a newcomer would get wrong: a keeper never
writes over what it has. If what it has is something else, that is a finding and not a hindrance.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from console.domain.audit import Given
from console.domain.checkpoint import Checkpoint, parse
from console.domain.times import iso

SUFFIX: Final = ".checkpoint.txt"
"""How a file that holds a checkpoint ends; a double click opens it as text."""


class KeeperFailedError(Exception):
    """A keeper could not take, or not show, what was asked; its words say what happened and what to do."""


@dataclass(frozen=True, slots=True)
class ToKeep:
    """A checkpoint that is to be kept."""

    checkpoint: Checkpoint
    made_at: int
    """Milliseconds since 1970, UTC."""


class Keeper(Protocol):
    """Somebody who keeps checkpoints. Its methods wait for disk or network: call them in a thread."""

    @property
    def name(self) -> str:
        """What it is called for good, in the list of what it was given: no two share one."""

    @property
    def words(self) -> str:
        """What it is called in a sentence."""

    def keep(self, given: ToKeep) -> None:
        """Takes a checkpoint; the same one again does no harm. Raises KeeperFailedError."""

    def kept(self) -> list[Given]:
        """Every checkpoint that it has. Raises KeeperFailedError."""


class FolderKeeper:
    """A folder that somebody else looks after; one file for each checkpoint, and one ledger only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        """What it is called for good."""
        return f"folder {self._folder}"

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        return f"the folder {self._folder}"

    def keep(self, given: ToKeep) -> None:
        """Writes one file, with nothing but the right to add: no name is changed, nothing is written over."""
        found = given.checkpoint
        number = found.origin.rpartition("/")[2]
        when = iso(given.made_at)[:16].replace(":", "").replace("T", "-")
        path = self._folder / f"cordon-{number}-{found.size:09d}-{when}{SUFFIX}"
        try:
            self._must_be_ours(found.origin)
            try:
                with path.open("xb", buffering=0) as stream:
                    stream.write(found.text.encode())  # at once: a power cut leaves all of it or nothing
                    os.fsync(stream.fileno())
            except FileExistsError:
                self._must_be_the_same(path, found)
        except OSError as problem:
            raise self._failed(problem) from problem

    def _must_be_the_same(self, path: Path, wanted: Checkpoint) -> None:
        if _read(path) != wanted:
            raise KeeperFailedError(
                f"{path} holds another checkpoint than the one that was made then. Somebody has changed it, "
                "or this record: look at cordon audit verify."
            )

    def _must_be_ours(self, origin: str) -> None:
        """Refuses a folder that holds another ledger's: verifying would take theirs for ours, rewritten."""
        for path in sorted(self._folder.glob(f"*{SUFFIX}"))[:1]:
            if _read(path).origin != origin:
                raise KeeperFailedError(
                    f"{self._folder} holds the checkpoints of another ledger. Give each profile a folder of "
                    "its own. If this is the only one, its history was written anew: look at "
                    "cordon audit verify."
                )

    def kept(self) -> list[Given]:
        """Every checkpoint in the folder."""
        try:
            return [
                Given(f"the second keeper's file {path.name}", path.read_text("utf-8", "replace"))
                for path in sorted(self._folder.iterdir())
                if path.name.endswith(SUFFIX)
            ]
        except OSError as problem:
            raise self._failed(problem) from problem

    def _failed(self, problem: OSError) -> KeeperFailedError:
        return KeeperFailedError(f"{self._folder} cannot be used: {problem.strerror}.")


def _read(path: Path) -> Checkpoint:
    try:
        return parse(path.read_text("utf-8", "replace"))
    except ValueError as problem:
        raise KeeperFailedError(
            f"{path} cannot be read. {problem} Move it elsewhere; what it held is written again."
        ) from problem
