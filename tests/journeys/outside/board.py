"""The false parish board on a real socket, and the stage for the contract suite.

What a newcomer would get wrong: the false network is written from the network's own papers and never from
the connector, or both share one mistake and every test passes.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from console.api import Manifest, RemoteId, read_manifest
from console.api.connector import Connect, SignIn
from console.api.stage import Stage, Trouble
from tests.servers.false.server import Answer, FalseNetwork, Request
from tests.servers.false.stage import FalseStage, on_stage

MANIFEST = Path(__file__).parent / "cordon_parish" / "manifest.toml"
FORCE = "dellin-valley-police"
CODE, TOKEN, GIVEN = "paper-boat-41", "an-invented-parish-token", "a-token-for-a-code-41"
PAGE = 50


class Board(FalseNetwork):
    """What the board knows: its notes, and the order in which they changed."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: dict[str, dict[str, Any]] = {}
        self.tokens = {TOKEN}
        self._number = 0
        self._is_revoked = False

    def change(self, note_id: str, **new: Any) -> str:
        """Makes or changes a note, and puts it at the end of the list of changes."""
        with self.lock:
            self._number += 1
            earlier = self.notes.pop(note_id, {})
            self.notes[note_id] = {"id": note_id, **earlier, **new, "number": self._number}
            return note_id

    def pin(self, text: str, author: str = "sam", *, below: str | None = None, late_ms: int = 0) -> str:
        """Somebody pins a note."""
        at = datetime.now(UTC) - timedelta(milliseconds=late_ms)
        person = {"id": author, "name": author.title()}
        facts = {"author": person, "text": text, "pinned_at": at.isoformat(), "hidden": False, "below": below}
        return self.change(f"note-{self._number + 1}", **facts)

    def answer(self, request: Request) -> Answer:
        """What the board answers when all is well, and its own errors."""
        parts = request.path.strip("/").split("/")
        if self.is_sign_in(request):
            return self._let_in(request)
        if self._is_revoked or request.bearer not in self.tokens:
            return Answer({"error": "who are you?"}, 401)
        found = self._shown(parts, request) if request.method == "GET" else self._changed(parts, request)
        return found or Answer({"error": "there is nothing of this kind"}, 400)

    def _let_in(self, request: Request) -> Answer:
        if request.path == "/connect":
            return Answer(CODE.encode(), kind="text/plain")
        if request.json != {"code": CODE}:
            return Answer({"error": "no such code"}, 403)
        self.tokens.add(GIVEN)
        return Answer({"token": GIVEN})

    def _shown(self, parts: list[str], request: Request) -> Answer | None:
        match parts:
            case ["me"]:
                may_read = self.trouble is not Trouble.EMPTY
                return Answer({"id": FORCE, "name": "Dellin Valley Police", "may_read": may_read})
            case ["changes"]:
                after = int(request.first("after"))
                found = sorted(self.notes.values(), key=lambda note: note["number"])
                page = [note for note in found if note["number"] > after][:PAGE]
                return Answer({"changes": page, "upto": page[-1]["number"] if page else after})
            case ["notes", note_id]:
                return self._missing(note_id) or Answer(self.notes[note_id])
        return None

    def _changed(self, parts: list[str], request: Request) -> Answer | None:
        match parts:
            case ["notes", note_id, "answers"]:
                words = request.json["text"]
                return self._missing(note_id) or self._done(self.pin(words, FORCE, below=note_id))
            case ["notes", note_id, "hide" | "unhide" as verb]:
                return self._missing(note_id) or self._done(self.change(note_id, hidden=verb == "hide"))
        return None

    def _missing(self, note_id: str) -> Answer | None:
        """The error for a note that is not there; None when it is."""
        is_there = note_id in self.notes and not self.notes[note_id].get("removed")
        return None if is_there else Answer({"error": "no such note"}, 404)

    def _done(self, note_id: str) -> Answer:
        self.changes += 1
        return Answer({"id": note_id})

    def is_sign_in(self, request: Request) -> bool:
        return request.path in {"/connect", "/tokens"}

    def lists_of(self, request: Request, body: Any) -> list[list[Any]]:
        return [body["changes"]] if "changes" in body else []

    def extras(self, entry: Any) -> Any:
        left = {name: value for name, value in entry.items() if name not in {"hidden", "below", "pinned_at"}}
        return {**left, "author": {"id": entry["author"]["id"]}, "something_new": {"deep": [1, None]}}

    def low_headers(self) -> dict[str, str]:
        return {"x-left": "0", "x-seconds": "30"}

    def revoke(self, *, is_revoked: bool) -> None:
        self._is_revoked = is_revoked


class ParishStage(FalseStage):
    """The parish connector before the false board."""

    network: Board
    handle = FORCE
    secret = f'{{"token": "{TOKEN}"}}'
    # A token does not end until it is withdrawn, so there is nothing to renew.
    troubles = frozenset(Trouble) - {Trouble.EXPIRED}

    def __init__(self, network: Board, connect: Connect, sign_in: SignIn | None) -> None:
        """`network` is running; the other two are what the installed package gave."""
        self.network = network
        self.manifest: Manifest = read_manifest(MANIFEST)
        self.connect, self.sign_in = connect, sign_in
        self.settings = {"address": network.url}

    def say(self, text: str, *, late_ms: int = 0) -> RemoteId:
        return RemoteId(self.network.pin(text, late_ms=late_ms))

    def withdraw(self, remote_id: RemoteId) -> None:
        self.network.change(remote_id, removed=True, text="")

    def rewrite(self, remote_id: RemoteId, text: str) -> bool:
        return bool(self.network.change(remote_id, text=text))

    def is_public(self, remote_id: RemoteId) -> bool:
        note = self.network.notes[remote_id]
        return not (note["hidden"] or note.get("removed"))


def parish_stage(connect: Connect, sign_in: SignIn | None) -> AbstractContextManager[Stage]:
    """A fresh false board with the connector before it."""
    return on_stage(Board(), lambda board: ParishStage(board, connect, sign_in))
