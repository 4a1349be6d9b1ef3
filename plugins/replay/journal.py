"""What acts have changed at the simulated network, kept in a file that only grows.

One JSON line for each change, on disk before the act is answered. What a newcomer would get wrong: a
line that breaks off (power went) never happened, as at a real network whose answer was never sent; the
console looks, sees that, and sends again.
"""

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from console.api import ItemState, Target, Verb

NAME = "acts.jsonl"
_AUTHORS = {
    Verb.BLOCK: (Verb.BLOCK, True),
    Verb.UNBLOCK: (Verb.BLOCK, False),
    Verb.MUTE: (Verb.MUTE, True),
    Verb.UNMUTE: (Verb.MUTE, False),
}
"""Verbs on authors: which mark they set, and how."""
_STATES = {
    Verb.HIDE: ItemState.HIDDEN,
    Verb.UNHIDE: ItemState.VISIBLE,
    Verb.HOLD: ItemState.HELD,
    Verb.PUBLISH: ItemState.VISIBLE,
    Verb.DELETE: ItemState.DELETED,
}
"""Verbs on items: the state that they leave."""


def _of(author_id: str) -> str:
    """What stands for an author, whom the console may have to forget: nobody looks through this file then."""
    return hashlib.blake2b(author_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(slots=True)
class Journal:
    """The state of one account's simulated network. Its methods touch the disk and belong in a thread."""

    folder: Path
    """Where the file lies; made when the first change is written."""
    _states: dict[str, ItemState] = field(default_factory=dict)
    _marked: dict[Verb, set[str]] = field(default_factory=dict)
    _said: set[str] = field(default_factory=set)
    """Notes of what was published or sent: replies, private replies, likes, reports."""
    _count: int = 0
    _is_read: bool = False

    def read(self) -> None:
        """Takes up what was changed before, once."""
        if self._is_read:
            return
        self._is_read = True
        try:
            text = (self.folder / NAME).read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        for line in text.splitlines():
            try:
                self._apply(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue  # broken off while it was written: it never happened

    def change(self, verb: Verb, targets: Sequence[Target], at: int) -> list[str]:
        """Makes a change for each target, durably, and gives a note for each. Raises OSError."""
        self.read()
        changes: list[dict[str, Any]] = []
        for number, target in enumerate(targets, self._count + 1):
            change = {"at": at, "verb": verb.value, "id": target.remote_id, "note": f"{verb.value}-{number}"}
            changes.append(change | ({"author": _of(target.author_id)} if verb in _AUTHORS else {}))
        if changes:
            self._append("".join(json.dumps(change) + "\n" for change in changes))
        for change in changes:
            self._apply(change)
        return [str(change["note"]) for change in changes]

    def state(self, target: Target) -> ItemState:
        """Whether the public can see an item. What was never acted on is as the console knows it."""
        known = self._states.get(target.remote_id)
        if known is None:
            return ItemState.VISIBLE if target.state is ItemState.UNKNOWN else target.state
        return known

    def is_done(self, verb: Verb, target: Target, note: str | None) -> bool:
        """Whether the effect of a verb is in place."""
        if verb in _STATES:
            known = self._states.get(target.remote_id, ItemState.VISIBLE)
            return known is _STATES[verb]
        if verb in _AUTHORS:
            mark, is_set = _AUTHORS[verb]
            return (_of(target.author_id) in self._marked.get(mark, ())) is is_set
        return note in self._said if note else f"{verb.value} {target.remote_id}" in self._said

    def _apply(self, change: dict[str, Any]) -> None:
        verb, remote_id = Verb(change["verb"]), str(change["id"])
        if verb in _STATES:
            self._states[remote_id] = _STATES[verb]
        elif verb in _AUTHORS:
            mark, is_set = _AUTHORS[verb]
            marked = self._marked.setdefault(mark, set())
            (marked.add if is_set else marked.discard)(str(change["author"]))
        else:
            self._said |= {str(change["note"]), f"{verb.value} {remote_id}"}
        self._count += 1

    def _append(self, lines: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / NAME).open("a+b") as file:
            file.seek(0, os.SEEK_END)
            if file.tell():
                file.seek(-1, os.SEEK_END)
                if file.read(1) != b"\n":
                    lines = "\n" + lines  # closes a line that broke off, so that ours stands alone
            file.write(lines.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
