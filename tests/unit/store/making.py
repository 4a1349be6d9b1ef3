"""Invented accounts, arrivals and hits, as short as a test wants to say them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from console.domain.accounts import Account
from console.domain.ids import AccountId, RemoteId
from console.domain.items import Arrival, Author, ItemKind, Media
from console.domain.watchlists import Hit
from console.store import accounts
from console.store.database import Connection, Database
from console.store.items import Received, Stored, save_batch

NOW = 1_800_000_000_000
MINUTE = 60_000


@contextmanager
def opened(folder: Path) -> Iterator[Database]:
    """A new database in a folder, closed at the end."""
    with Database(folder / "cordon.db") as database:
        yield database


def add_account(conn: Connection, number: int = 1, network: str = "x") -> Account:
    """An invented account, `x:force1` for number 1."""
    return accounts.add(
        conn,
        key=f"{network}:force{number}",
        network=network,
        connector="replay",
        handle=f"force{number}",
        name="Dellin Valley Police",
        lead="A. Rowe",
        deputy=None,
        may_act=True,
        settings={"pace": "1"},
        at=NOW,
    )


def hit(watchlist: str = "weapons", text: str = "machete", start: int = 0) -> Hit:
    """A hit on the words `text` that stand at `start`."""
    return Hit(
        watchlist=watchlist,
        watchlist_name=f"List {watchlist}",
        version=3,
        rule="blade",
        category="weapons",
        grade=2,
        term="machete",
        start=start,
        end=start + len(text),
        text=text,
        disguised=False,
        suggest="hide",
    )


def received(
    remote: str,
    text: str = "well said",
    *,
    account: int = 1,
    network: str = "x",
    kind: ItemKind = ItemKind.COMMENT,
    author: Author | None = None,
    lang: str | None = "en",
    parent: str | None = None,
    thread: str | None = None,
    media: tuple[Media, ...] = (),
    is_ours: bool = False,
    raw: str = "",
    note: str = "",
    hits: Sequence[Hit] = (),
    grade: int = 4,
    at: int = NOW,
) -> Received:
    """One arrival, as the program hands it to the store."""
    return Received(
        account_id=AccountId(account),
        network=network,
        arrival=Arrival(
            remote_id=RemoteId(remote),
            kind=kind,
            author=author or Author("u1", "tomosw.test", "Tomos W"),
            text=text,
            created_at=at - 1000,
            lang=lang,
            parent=None if parent is None else RemoteId(parent),
            thread=None if thread is None else RemoteId(thread),
            where="First statement",
            permalink=f"https://x.test/{len(remote)}",
            media=media,
            is_ours=is_ours,
            raw=raw,
            note=note,
        ),
        hits=hits,
        grade=grade,
        received_at=at,
    )


def save(database: Database, *rows: Received) -> Stored:
    """Stores rows as one batch."""
    return database.ingest_now(lambda conn: save_batch(conn, rows, {})).result()
