"""The store's laws: order and repetition do not matter, and a lane is what its question says."""

from collections.abc import Iterator, Sequence
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.domain.ids import AccountId, ItemId
from console.domain.items import Author, Item, ItemState, Media
from console.domain.lanes import Lane, parse_lane
from console.store import items, lanes
from console.store.database import Connection, Database
from console.store.items import Received, save_batch
from tests.unit.store.making import MINUTE, NOW, add_account, hit, received

ACCOUNTS = (1, 2, 3)
KEYS = ("x:force1", "x:force2", "bluesky:force3")

arrivals = st.builds(
    lambda remote, account, text, author, lang, thread, marks: received(
        remote,
        text,
        account=account,
        author=author,
        lang=lang,
        thread=thread,
        parent=thread,
        media=(Media("picture", "https://x.test/1"),) if "media" in marks else (),
        hits=[hit("weapons"), hit("weapons"), hit("abuse")][: marks.count("h")],
        grade=1 + len(marks) % 5,
        is_ours="ours" in marks,
        at=NOW + len(text) * MINUTE // 2,
    ),
    remote=st.sampled_from([f"p{n}" for n in range(12)]),
    account=st.sampled_from(ACCOUNTS),
    text=st.lists(st.sampled_from(["siren", "bridge", "Café", "🔪", "\ud83d", "\x00"]), max_size=5).map(
        " ".join
    ),
    author=st.sampled_from([Author("u1", "Tomos.test", "Tomos"), Author("u2", "shaz.test", "Shaz siren")]),
    lang=st.sampled_from(["en", "cy", None]),
    thread=st.sampled_from(["p1", "p2", None]),
    marks=st.lists(st.sampled_from(["h", "media", "ours", "-"]), max_size=4),
)

lanes_asked = st.builds(
    Lane,
    words=st.lists(st.sampled_from(["siren", "CAFE", "🔪", "bridge siren"]), max_size=2).map(tuple),
    accounts=st.frozensets(st.sampled_from([*KEYS, "x:nobody"]), max_size=2),
    networks=st.frozensets(st.sampled_from(["x", "bluesky"]), max_size=1),
    states=st.frozensets(st.sampled_from([ItemState.VISIBLE, ItemState.HIDDEN, ItemState.GONE]), max_size=2),
    grades=st.frozensets(st.integers(1, 5), max_size=3),
    watchlists=st.frozensets(st.sampled_from(["weapons", "abuse"]), max_size=2),
    authors=st.frozensets(st.sampled_from(["u1", "TOMOS.test", "shaz.test"]), max_size=2),
    languages=st.frozensets(st.sampled_from(["en", "cy"]), max_size=2),
    thread=st.sampled_from([None, None, "p1", "p9"]),
    since=st.sampled_from([None, None, NOW + MINUTE, NOW + 9 * MINUTE]),
    unseen=st.booleans(),
    has_media=st.booleans(),
    decided=st.booleans(),
) | st.just(Lane())


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with Database(tmp_path_factory.mktemp("store") / "cordon.db", readers=1) as found:
        found.read_now(lanes.rail).result()  # starts the reader's thread before any one test does
        for number, network in zip(ACCOUNTS, ("x", "x", "bluesky"), strict=True):
            found.record_now(partial(add_account, number=number, network=network)).result()
        yield found


def emptied(conn: Connection) -> None:
    for table in ("items", "item_history", "item_raw", "item_sealed", "hits", "unseen", "arrivals"):
        conn.execute(f"DELETE FROM {table}")
    conn.execute("INSERT INTO items_words (items_words) VALUES ('rebuild')")


def stored(database: Database, batches: Sequence[Sequence[Received]]) -> list[Item]:
    """What is in an emptied cache after these batches."""

    def work(conn: Connection) -> list[Item]:
        emptied(conn)
        for batch in batches:
            save_batch(conn, batch, {})
        return items.items(conn, [number for (number,) in conn.execute("SELECT id FROM items ORDER BY id")])

    return database.ingest_now(work).result()


def said(row: Received) -> tuple[object, ...]:
    return (row.arrival.text, row.arrival.media)


def essence(item: Item) -> tuple[object, ...]:
    return (item.account_id, item.remote_id)


@given(st.lists(arrivals, max_size=25), st.data())
def test_any_order_and_repetition_of_arrivals_stores_the_same_set(
    database: Database, rows: list[Received], draw: st.DataObject
) -> None:
    shuffled = draw.draw(st.permutations(rows + rows[: len(rows) // 2]))
    cut = draw.draw(st.integers(0, len(shuffled)))
    first = stored(database, [rows])
    second = stored(database, [shuffled[:cut], shuffled[cut:], rows])
    wanted = {(row.account_id, row.arrival.remote_id) for row in rows}
    assert set(map(essence, first)) == set(map(essence, second)) == wanted
    assert len(first) == len(second) == len(wanted)


@given(st.lists(arrivals, max_size=25))
def test_the_last_words_stand_the_worst_grade_stays_and_the_counters_agree(
    database: Database, rows: list[Received]
) -> None:
    found = stored(database, [rows[:9], rows[9:]])
    told: dict[tuple[AccountId, str], list[Received]] = {}
    for row in rows:
        versions = told.setdefault((row.account_id, row.arrival.remote_id), [])
        if not versions or said(versions[-1]) != said(row):
            versions.append(row)
    for item, versions in zip(found, told.values(), strict=True):
        last = versions[-1]
        assert (item.text, item.media, item.hits) == (*said(last), tuple(last.hits))
        assert item.author.handle == last.arrival.author.handle
        assert item.author.id == versions[0].arrival.author.id
        assert item.grade == min(row.grade for row in versions)
    rail = database.read_now(lanes.rail).result()
    unseen = [item for item in found if item.seen_at is None]
    assert list(rail.grades) == [sum(item.grade == grade for item in unseen) for grade in range(1, 6)]
    assert sum(rail.accounts.values()) == len(unseen)
    for grade, oldest in enumerate(rail.oldest, 1):
        assert oldest == next((item.received_at for item in unseen if item.grade == grade), None)
    minutes = database.read_now(lambda conn: lanes.arrivals(conn, 0)).result()
    assert sum(minutes.values()) == len(found)


def belongs(item: Item, lane: Lane) -> bool:
    """The lane's question, asked of one item in plain Python."""
    text = item.text.casefold().replace("é", "e").replace("\ud83d", " ").replace("\x00", " ").split()
    author = f"{item.author.name} {item.author.handle}".casefold().replace(".", " ").split()

    def says(phrase: str) -> bool:
        if phrase == "🔪":
            return phrase in item.text
        wanted = phrase.casefold().split()
        return any(
            part[at : at + len(wanted)] == wanted
            for part in ([word for word in text if word.isalnum()], author)
            for at in range(len(part))
        )

    authors = {author.casefold() for author in lane.authors}
    key = KEYS[item.account_id - 1]
    return all(
        (
            all(says(phrase) for phrase in lane.words),
            not lane.accounts or key in lane.accounts,
            not lane.networks or item.network in lane.networks,
            not lane.states or item.state in lane.states,
            not lane.grades or item.grade in lane.grades,
            not lane.watchlists or any(hit.watchlist in lane.watchlists for hit in item.hits),
            not authors or bool({item.author.id, item.author.handle.casefold()} & authors),
            not lane.languages or item.lang in lane.languages,
            lane.thread is None or lane.thread in {item.thread or item.parent, item.remote_id},
            lane.since is None or item.received_at >= lane.since,
            not lane.unseen or item.seen_at is None,
            not lane.has_media or bool(item.media),
            not lane.decided or item.act_id is not None,
        )
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(st.lists(arrivals, max_size=25), lanes_asked, st.data())
def test_a_lane_holds_exactly_the_items_that_its_question_means(
    database: Database, rows: list[Received], lane: Lane, draw: st.DataObject
) -> None:
    found = stored(database, [rows])
    changed = draw.draw(st.lists(st.sampled_from(found), max_size=4)) if found else []

    def change(conn: Connection) -> list[Item]:
        items.set_states(conn, {item.id: ItemState.HIDDEN for item in changed[:2]})
        items.mark_seen(conn, [item.id for item in changed[1:]], NOW)
        conn.executemany("UPDATE items SET act_id = 1 WHERE id = ?", [(item.id,) for item in changed[2:]])
        return items.items(conn, [item.id for item in found])

    found = database.ingest_now(change).result()
    wanted = [item.id for item in reversed(found) if belongs(item, lane)]

    def ask(conn: Connection) -> tuple[list[int], list[int], list[int]]:
        whole = lanes.lane_ids(conn, lane, None, 1000)
        pages: list[int] = []
        while page := lanes.lane_ids(conn, lane, ItemId(pages[-1]) if pages else None, 3):
            pages += page
        fresh = lanes.new_ids(conn, lane, found[0].id, found[-1].id) if found else []
        return list(whole), pages, list(fresh)

    whole, pages, fresh = database.read_now(ask).result()
    assert whole == wanted
    assert pages == wanted
    assert fresh == wanted


@given(text=st.text(st.characters(), max_size=60), remote=st.text(st.characters(), max_size=20))
def test_every_text_comes_back_as_it_was(database: Database, text: str, remote: str) -> None:
    row = received(remote, text, raw=text, note=text, parent=remote, author=Author(remote, text, text))
    (item,) = stored(database, [[row]])
    arrival = row.arrival
    assert (item.text, item.author, item.note) == (text, arrival.author, text)
    assert (item.remote_id, item.parent) == (remote, remote)


@given(
    st.lists(arrivals, max_size=15),
    st.sampled_from(
        [
            "siren",
            "🔪",
            "account:x:force1",
            "network:x",
            "author:u1",
            "lang:cy",
            "hit:weapons",
            "state:hidden",
            "kind:comment",
            "grade:2",
            "thread:p1",
            "is:unseen",
            "is:decided",
            "has:media",
            "is:stray",
            "wave:1",
            "is:claimed",
            "act:done",
            "since:2027-01-15",
        ]
    ),
    st.sampled_from(["", "bridge", "lang:en", "-hit:abuse", "grade:1-3"]),
)
def test_what_a_part_lets_through_and_what_it_leaves_out_are_everything(
    database: Database, rows: list[Received], part: str, beside: str
) -> None:
    stored(database, [rows])

    def ask(conn: Connection) -> list[list[int]]:
        typed = (beside, f"{part} {beside}", f"-{part} {beside}")
        return [list(lanes.lane_ids(conn, parse_lane(each, NOW), None, 1000)) for each in typed]

    whole, kept, left_out = database.read_now(ask).result()
    assert sorted(kept + left_out, reverse=True) == whole
