"""A desk with a few items on it, and drafts as short as a test wants to say them."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from console.desk.local import LocalDesk
from console.desk.protocol import Desk, Draft, Sealed, Submission
from console.domain.acts import ActState, Verb
from console.domain.ids import AccountId, ActId, ItemId
from console.domain.items import Item
from console.store import items
from console.store.database import Database
from tests.unit.store.making import NOW, add_account, received, save

ACCOUNT = AccountId(1)


@contextmanager
def desk_at(folder: Path, stored: int = 6) -> Iterator[tuple[Database, Desk]]:
    """A database with so many items, and the desk over it."""
    with Database(folder / "cordon.db") as database:
        database.record_now(add_account).result()
        save(database, *(received(f"p{n}") for n in range(stored)))
        yield database, LocalDesk(database, "Dellin desk 1")


def sealed(words: bytes = b"cipher") -> Sealed:
    """A sealed record, as far as the desk can tell."""
    cipher = words + os.urandom(8)
    return Sealed(
        cipher=cipher,
        wrapped_key=os.urandom(60),
        digest=hashlib.sha256(cipher).hexdigest(),
        facts={"media": 0},
    )


def draft(
    item: int = 1,
    verb: Verb = Verb.HIDE,
    state: ActState = ActState.QUEUED,
    *,
    due_at: int = NOW,
    evidence: Sealed | None = None,
    undo_of: ActId | None = None,
    note: str | None = None,
) -> Draft:
    """One act that is asked for."""
    return Draft(
        verb=verb,
        item_id=ItemId(item),
        account_id=ACCOUNT,
        state=state,
        due_at=due_at,
        reversible=verb is not Verb.DELETE,
        evidence=evidence,
        undo_of=undo_of,
        note=note,
        facts={"grade": 3, "act": "not to be overwritten"},
        content={"author": "tomosw.test"},
    )


def submission(*drafts: Draft, bulk: bool = False, at: int = NOW, who: str = "r.calder") -> Submission:
    """What one key press asks for."""
    return Submission(
        who=who, at=at, reason="names a witness", category="doxxing", text=None, drafts=drafts, bulk=bulk
    )


def look(database: Database, item: int = 1) -> Item:
    """The item as the cache has it now."""
    (found,) = database.read_now(lambda conn: items.items(conn, [item])).result()
    return found
