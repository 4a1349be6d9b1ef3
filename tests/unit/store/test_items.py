"""Items: what is stored, what is known already, and that every text comes back as it was."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from console.domain.accounts import Account
from console.domain.errors import SecretsUnavailable
from console.domain.ids import AccountId, ItemId, RemoteId
from console.domain.items import Author, Item, ItemKind, ItemState, Media
from console.domain.lanes import Lane
from console.store import accounts, items, lanes
from console.store.database import Connection, Database
from console.store.items import save_batch
from tests.unit.store.making import MINUTE, NOW, add_account, hit, opened, received, save


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        found.record_now(add_account).result()
        found.record_now(lambda conn: add_account(conn, 2, "bluesky")).result()
        yield found


def all_items(database: Database) -> list[Item]:
    def work(conn: Connection) -> list[Item]:
        ids = [number for (number,) in conn.execute("SELECT id FROM items ORDER BY id")]
        return items.items(conn, ids)

    return database.read_now(work).result()


def test_an_item_comes_back_as_it_was_said(database: Database) -> None:
    row = received(
        "p1",
        "bring a machete 🔪 to the bridge",
        author=Author("u9", "carys.test", "Carys"),
        lang="cy",
        parent="p0",
        thread="t0",
        media=(Media("picture", "https://x.test/1.jpg", "a bridge"), Media("video", "https://x.test/2")),
        raw='{"id": "p1"}',
        note="at://p1",
        hits=[hit(start=8)],
        grade=2,
    )
    stored = save(database, row)
    (item,) = all_items(database)
    assert item == Item(
        id=stored.first,
        account_id=AccountId(1),
        network="x",
        kind=ItemKind.COMMENT,
        remote_id=RemoteId("p1"),
        author=Author("u9", "carys.test", "Carys"),
        text="bring a machete 🔪 to the bridge",
        lang="cy",
        created_at=NOW - 1000,
        received_at=NOW,
        state=ItemState.VISIBLE,
        grade=2,
        parent=RemoteId("p0"),
        thread=RemoteId("t0"),
        where="First statement",
        permalink="https://x.test/2",
        media=row.arrival.media,
        is_ours=False,
        note="at://p1",
        hits=(hit(start=8),),
    )
    assert database.read_now(lambda conn: items.raw(conn, item.id)).result() == '{"id": "p1"}'


def test_a_batch_says_exactly_what_was_new_and_what_was_known(database: Database) -> None:
    save(database, received("a"), received("b"))
    stored = save(
        database,
        received("c", grade=1, hits=[hit()]),
        received("a", hits=[hit("a-second-time")]),
        received("d", account=2),
        received("c", "edited, later in the batch"),
        received("a", account=2),
    )
    assert (stored.count, stored.duplicates, stored.edited) == (3, 1, (stored.ids[0],))
    assert stored.grades == (1, 0, 0, 2, 0)
    assert stored.accounts == (1, 2)
    assert [number is None for number in stored.ids] == [False, True, False, True, False]
    assert (stored.first, stored.last) == (stored.ids[0], stored.ids[4])
    found = {item.id: item for item in all_items(database)}
    assert len(found) == 5
    assert stored.ids[0] is not None
    assert found[stored.ids[0]].text == "edited, later in the batch"
    assert not [item.remote_id for item in found.values() if item.hits]


def test_a_batch_of_nothing_new_stores_nothing(database: Database) -> None:
    save(database, received("a"))
    stored = save(database, received("a"), received("a"))
    assert (stored.first, stored.last, stored.count, stored.duplicates) == (0, 0, 0, 2)
    assert stored.ids == (None, None)


def test_an_id_is_never_used_twice(database: Database) -> None:
    first = save(database, received("a")).first
    database.ingest_now(lambda conn: conn.execute("DELETE FROM items")).result()
    assert save(database, received("b")).first > first


def test_the_place_in_the_stream_is_stored_with_the_batch(database: Database) -> None:
    database.ingest_now(
        lambda conn: save_batch(conn, [received("a")], {AccountId(1): "page 7", AccountId(2): "\ud800"})
    ).result()
    assert database.read_now(lambda conn: accounts.cursor(conn, AccountId(1))).result() == "page 7"
    database.ingest_now(lambda conn: save_batch(conn, [], {AccountId(1): "page 8"})).result()
    assert database.read_now(lambda conn: accounts.cursor(conn, AccountId(1))).result() == "page 8"


@pytest.mark.parametrize(
    "text",
    [
        "half a pair \ud83d and on",
        "\udcff",
        "nul \x00 in the middle\x00",
        "\u202egnp.txt",
        "",
        "z\u0335a\u0335l\u0335g\u0335o",
        "🏴󠁧󠁢󠁷󠁬󠁳󠁿 Cymru",
        "x" * 5_000_000,
        "a b " * 1_250_000,
    ],
    ids=["half a pair", "escape", "nul", "direction", "empty", "marks", "flag", "one long word", "5 MB"],
)
def test_no_text_is_too_strange_to_keep(database: Database, text: str) -> None:
    author = Author(text[:50], text[:50], text[:50])
    media = (Media("picture", text[:50], text[:50]),)
    row = received(
        "odd" + text[:40],
        text,
        author=author,
        media=media,
        raw=text[:100],
        parent=text[:40],
        thread=text[:40],
        hits=[hit(text=text[:3])],
    )
    stored = save(database, received("before"), row, received("after", "found again"))
    assert stored.count == 3
    found = all_items(database)[1]
    assert (found.text, found.author, found.media) == (text, author, media)
    assert (found.remote_id, found.parent, found.thread) == ("odd" + text[:40], text[:40], text[:40])
    assert found.hits[0].text == text[:3]
    assert database.read_now(lambda conn: items.raw(conn, found.id)).result() == text[:100]
    assert save(database, row).duplicates == 1
    ids = database.read_now(lambda conn: lanes.lane_ids(conn, Lane(words=("found again",)))).result()
    assert list(ids) == [stored.last]


def test_a_time_that_no_disk_holds_does_not_break_the_batch(database: Database) -> None:
    far = received("far")
    save(database, received("a"), replace(far, arrival=replace(far.arrival, created_at=10**30)))
    assert [item.created_at for item in all_items(database)] == [NOW - 1000, 2**63 - 1]


def seal(text: str) -> bytes:
    return bytes(byte ^ 0x55 for byte in text.encode())


def unseal(sealed: bytes) -> str:
    return bytes(byte ^ 0x55 for byte in sealed).decode()


def test_a_private_message_is_sealed_and_cannot_be_found_by_its_words(
    database: Database, tmp_path: Path
) -> None:
    secret = "the quarrelsome heron"
    row = received(
        "dm",
        secret,
        kind=ItemKind.MESSAGE,
        media=(Media("picture", "https://x.test/heron", "heron at night"),),
        raw='{"words": "quarrelsome"}',
        hits=[hit(text="heron", start=16)],
    )
    database.ingest_now(lambda conn: save_batch(conn, [row], {}, seal)).result()
    (closed,) = all_items(database)
    assert (closed.text, closed.media, closed.hits[0].text) == ("", (), "")
    (item,) = database.read_now(lambda conn: items.items(conn, [closed.id], unseal)).result()
    assert (item.text, item.media, item.hits) == (secret, row.arrival.media, tuple(row.hits))
    assert database.read_now(lambda conn: items.raw(conn, item.id, unseal)).result() == row.arrival.raw
    assert database.read_now(lambda conn: items.raw(conn, item.id)).result() == ""
    for words in (("heron",), ("Tomos",)):
        assert not database.read_now(partial(lanes.lane_ids, lane=Lane(words=words))).result()
    database.close()
    assert b"quarrelsome" not in (tmp_path / "cordon.db").read_bytes()


def test_without_a_key_a_private_message_is_refused_whole(database: Database) -> None:
    with pytest.raises(SecretsUnavailable, match="no key to seal it"):
        save(database, received("a"), received("dm", kind=ItemKind.MESSAGE))
    assert all_items(database) == []


def test_items_come_in_the_order_asked_for_and_missing_ones_are_left_out(database: Database) -> None:
    stored = save(database, *(received(f"p{n}") for n in range(1200)))
    wanted = [ItemId(number) for number in range(stored.last + 5, stored.first - 1, -1)]
    found = database.read_now(lambda conn: items.items(conn, wanted)).result()
    assert [item.id for item in found] == wanted[5:]


def test_things_of_the_network_are_known_again(database: Database) -> None:
    stored = save(database, received("a"), received("b\ud800"), received("a", account=2))
    asked = [RemoteId("a"), RemoteId("b\ud800"), RemoteId("never seen")]
    found = database.read_now(lambda conn: items.by_remote(conn, AccountId(1), asked)).result()
    assert found == {"a": stored.ids[0], "b\ud800": stored.ids[1]}


def test_a_thread_is_told_from_its_first_item_on(database: Database) -> None:
    save(
        database,
        received("reply2", thread="root", parent="reply1", at=NOW + 3),
        received("root", at=NOW),
        received("reply1", thread="root", parent="root", at=NOW + 1),
        received("elsewhere", thread="other"),
        received("root", account=2),
        received("only-parent", parent="root", at=NOW + 9),
    )
    for item in all_items(database):
        if item.account_id == 1 and item.remote_id != "elsewhere":
            thread = database.read_now(partial(items.thread, item=item)).result()
            assert [each.remote_id for each in thread] == ["root", "reply1", "reply2", "only-parent"]


def test_an_author_is_shown_on_every_account_of_the_same_network(database: Database) -> None:
    database.record_now(lambda conn: add_account(conn, 3)).result()
    save(
        database,
        received("a"),
        received("b", account=3),
        received("c", author=Author("u2", "tomosw.test", "Tomos W")),
        received("d", account=2, network="bluesky"),
    )
    item = all_items(database)[0]
    found = database.read_now(lambda conn: items.author_items(conn, item)).result()
    assert [each.remote_id for each in found] == ["b", "a"]


def test_the_force_s_own_items_are_not_backlog(database: Database) -> None:
    save(database, received("ours", is_ours=True), received("theirs"))
    assert [item.seen_at for item in all_items(database)] == [NOW, None]
    assert sum(database.read_now(lanes.rail).result().grades) == 1


def test_seeing_an_item_counts_once(database: Database) -> None:
    stored = save(
        database,
        received("a", grade=1, at=NOW),
        received("b", grade=1, at=NOW + MINUTE),
        received("c", grade=5, account=2),
    )
    first, second, third = (number for number in stored.ids if number is not None)
    rail = database.read_now(lanes.rail).result()
    assert (rail.grades, rail.oldest) == ((2, 0, 0, 0, 1), (NOW, None, None, None, NOW))
    see = partial(items.mark_seen, ids=[first, third], at=NOW + 1)
    assert database.ingest_now(see).result() == [first, third]
    assert database.ingest_now(see).result() == []
    rail = database.read_now(lanes.rail).result()
    assert (rail.grades, rail.oldest) == ((1, 0, 0, 0, 0), (NOW + MINUTE, None, None, None, None))
    assert {key: number for key, number in rail.accounts.items() if number} == {1: 1}
    assert [item.seen_at for item in all_items(database)] == [NOW + 1, None, NOW + 1]
    assert second in database.read_now(lambda conn: lanes.lane_ids(conn, Lane(unseen=True))).result()


def test_a_state_is_news_only_once(database: Database) -> None:
    stored = save(database, received("a"), received("b"))
    news = {stored.first: ItemState.GONE, stored.last: ItemState.VISIBLE}
    assert database.ingest_now(lambda conn: items.set_states(conn, news)).result() == [stored.first]
    assert [item.state for item in all_items(database)] == [ItemState.GONE, ItemState.VISIBLE]


def test_an_account_knows_its_newest_item(database: Database) -> None:
    save(database, received("a", at=NOW + 5), received("b", at=NOW + 3))
    account = database.read_now(lambda conn: accounts.account(conn, AccountId(1))).result()
    assert isinstance(account, Account)
    assert account.last_item_at == NOW + 5


def test_what_is_deleted_is_overwritten(database: Database, tmp_path: Path) -> None:
    save(database, received("a", "incomprehensibilities of Dellin", kind=ItemKind.REVIEW))
    database.ingest_now(lambda conn: conn.execute("DELETE FROM item_raw")).result()

    def purge(conn: Connection) -> None:
        row = conn.execute("SELECT id, text, author_name, author_handle FROM items").fetchone()
        conn.execute(
            "INSERT INTO items_words (items_words, rowid, text, author_name, author_handle) "
            "VALUES ('delete', ?, ?, ?, ?)",
            row,
        )
        conn.execute("DELETE FROM items")
        conn.execute("INSERT INTO items_words (items_words) VALUES ('optimize')")

    database.ingest_now(purge).result()
    database.close()
    assert b"ncomprehensibilities" not in (tmp_path / "cordon.db").read_bytes()
