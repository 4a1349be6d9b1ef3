"""Lanes: pages, words, and what a person may type."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from console.domain.cover import Claim
from console.domain.ids import ItemId
from console.domain.items import Author, ItemKind, Media
from console.domain.lanes import Lane, parse_lane
from console.store import beside, cover, lanes
from console.store.database import Connection, Database
from tests.unit.store.making import MINUTE, NOW, add_account, hit, opened, received, save


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with opened(tmp_path) as found:
        found.record_now(add_account).result()
        yield found


def ids(database: Database, lane: Lane, before: ItemId | None = None, limit: int = 100) -> list[int]:
    return list(database.read_now(partial(lanes.lane_ids, lane=lane, before=before, limit=limit)).result())


def test_pages_follow_one_another_without_gap_or_double(database: Database) -> None:
    stored = save(database, *(received(f"p{n}", "sirens", grade=2 + n % 3) for n in range(50)))
    everything = list(range(stored.last, stored.first - 1, -1))
    for lane in (Lane(), Lane(words=("sirens",)), Lane(grades=frozenset({2, 3, 4}))):
        pages: list[int] = []
        before: ItemId | None = None
        while page := ids(database, lane, before, 7):
            pages += page
            before = ItemId(page[-1])
        assert pages == everything


def test_nothing_more_is_given_than_asked_for(database: Database) -> None:
    save(database, received("a"), received("b"))
    assert ids(database, Lane(), limit=0) == []
    assert len(ids(database, Lane(), limit=1)) == 1
    assert database.read_now(lambda conn: lanes.count(conn, Lane(), 1)).result() == 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("machete", True),
        ("MACHETE", True),
        ("cafe", True),
        ("“the old bridge”", True),
        ('"bridge old"', False),
        ("bridge machete", True),
        ("bridge unicorn", False),
        ("tomos", True),
        ("tomosw", True),
        ("🔪", True),
        ("🔪 machete", True),
        ("🧨", False),
        ("mach", False),
        ("NOT", False),
        ("machete OR unicorn", False),
        ('"text:machete"', False),
        ("mach*", False),
        ("machete)", True),
        ("x'); DROP TABLE items; --", False),
        ("^machete", True),
        ('mach""ete', True),
        ("-", True),
        ("machete\x00bridge", False),
        ("\ud800 machete", False),
        ("{text}", False),
        ("+", False),
    ],
)
def test_what_a_person_types_is_looked_for_and_never_obeyed(
    database: Database, typed: str, found: bool
) -> None:
    save(database, received("a", "A Machete 🔪 at the café by the old bridge - go now"))
    lane = parse_lane(typed, NOW)
    assert bool(ids(database, lane)) is found
    fresh = lanes.new_ids
    assert bool(database.read_now(lambda conn: fresh(conn, lane, ItemId(1), ItemId(9))).result()) is found


def test_an_author_is_found_by_id_and_by_handle_in_any_case(database: Database) -> None:
    save(database, received("a"))
    for author in ("u1", "tomosw.test", "TomosW.Test"):
        assert len(ids(database, Lane(authors=frozenset({author})))) == 1


def test_an_account_or_network_that_does_not_exist_holds_nothing(database: Database) -> None:
    save(database, received("a"))
    assert ids(database, Lane(accounts=frozenset({"x:force9"}))) == []
    assert ids(database, Lane(networks=frozenset({"x", "pigeon"}))) != []


def test_what_is_left_out_is_not_there(database: Database) -> None:
    save(
        database,
        received("a", "sirens by the bridge", lang="cy", hits=[hit("weapons")]),
        received("b", "sirens 🔪", lang=None, author=Author("u2", "shaz.test", "Shaz")),
        received("c", "quiet here", kind=ItemKind.MENTION, media=(Media("picture", "https://x.test/1"),)),
    )
    for typed, found in (
        ("-bridge", [3, 2]),
        ("sirens -bridge", [2]),
        ('sirens -"the bridge" -🔪', []),
        ("-🔪", [3, 1]),
        ("-lang:cy", [3, 2]),
        ("-hit:weapons", [3, 2]),
        ("-author:shaz.test", [3, 1]),
        ("-kind:comment", [3]),
        ("-has:media", [2, 1]),
        ("-account:x:force1", []),
        ("-account:nobody", [3, 2, 1]),
        ("-network:x", []),
        ("-is:unseen", []),
        ("-is:decided -is:stray", [3, 2, 1]),
        ("-wave:1 -thread:none -grade:1", [3, 2, 1]),
        ("-act:failed", [3, 2, 1]),
    ):
        assert ids(database, parse_lane(typed, NOW)) == found, typed


def test_a_group_is_its_accounts_in_any_case(database: Database) -> None:
    database.record_now(partial(add_account, number=2, network="x")).result()
    save(database, received("a"), received("b", account=2))

    def grouped(conn: Connection) -> None:
        conn.execute("INSERT INTO account_groups VALUES ('North', 'x:force2')")

    database.record_now(grouped).result()
    assert ids(database, parse_lane("group:north", NOW)) == [2]
    assert ids(database, parse_lane("-group:NORTH", NOW)) == [1]
    assert ids(database, parse_lane("group:south", NOW)) == []
    assert ids(database, parse_lane("group:north account:x:force1", NOW)) == []


def test_acts_are_found_by_what_became_of_them_and_by_what_they_were(database: Database) -> None:
    save(database, received("a"), received("b"), received("c"), received("d"))

    def acted(conn: Connection) -> None:
        for number, verb, state in ((1, "hide", "refused"), (2, "hide", "confirmed"), (3, "delete", "held")):
            conn.execute(
                "INSERT INTO acts (id, verb, item_id, account_id, state, reason, requested_by, requested_at, "
                "due_at, attempts, reversible) VALUES (?, ?, ?, 1, ?, '', 'a', 0, 0, 0, 1)",
                (number, verb, number, state),
            )
            conn.execute("UPDATE items SET act_id = ?1 WHERE id = ?1", (number,))
        # an older act on an item says nothing about it
        conn.execute(
            "INSERT INTO acts (id, verb, item_id, account_id, state, reason, requested_by, requested_at, "
            "due_at, attempts, reversible) VALUES (9, 'hide', 2, 1, 'failed', '', 'a', 0, 0, 0, 1)"
        )

    database.record_now(acted).result()
    for typed, found in (
        ("act:failed", [1]),
        ("act:done", [2]),
        ("act:held", [3]),
        ("act:failed act:held", [3, 1]),
        ("act:hide", [2, 1]),
        ("act:hide act:held", [3, 2, 1]),
        ("-act:hide", [4, 3]),
        ("act:undone", []),
        ("is:decided -act:done", [3, 1]),
    ):
        assert ids(database, parse_lane(typed, NOW)) == found, typed


def test_what_is_claimed_is_found_by_whose_it_is(database: Database) -> None:
    save(database, received("a"), received("b"), received("c"))

    def claimed(conn: Connection) -> None:
        cover.put_claims(conn, [ItemId(1)], Claim("A. Rowe", NOW, NOW + MINUTE))
        cover.put_claims(conn, [ItemId(3)], Claim("M. Jarrow", NOW, NOW + MINUTE))

    database.record_now(claimed).result()
    for typed, found in (
        ("claimed:me", [1]),
        ("is:mine", [1]),
        ('claimed:"m. jarrow"', [3]),
        ("is:claimed", [3, 1]),
        ('claimed:me claimed:"M. Jarrow"', [3, 1]),
        ("-is:claimed", [2]),
        ("-claimed:me", [3, 2]),
        ("claimed:nobody", []),
    ):
        assert ids(database, parse_lane(typed, NOW, "A. Rowe")) == found, typed


def test_before_and_since_are_two_ends(database: Database) -> None:
    for number in range(30):
        save(database, received(f"p{number}", at=NOW + number * MINUTE))
    lane = parse_lane("since:20m before:10m", NOW + 30 * MINUTE)
    assert ids(database, lane) == list(range(20, 10, -1))


def test_arrivals_are_counted_by_the_minute(database: Database) -> None:
    save(database, received("a"), received("b"), received("c", at=NOW + MINUTE))
    save(database, received("d", at=NOW + MINUTE), received("d", at=NOW + MINUTE))
    minute = NOW // MINUTE
    counted = partial(lanes.arrivals, since_minute=minute)
    assert database.read_now(counted).result() == {minute: 2, minute + 1: 2}
    later = partial(lanes.arrivals, since_minute=minute + 1)
    assert database.read_now(later).result() == {minute + 1: 2}


def test_every_leading_part_is_answered_by_its_index(database: Database) -> None:
    for typed in (
        "thread:t1",
        "author:u1",
        "hit:weapons",
        "state:hidden",
        "grade:1 grade:2",
        "is:unseen",
        "lang:cy",
        "is:decided",
        "has:media",
        "account:x:force1",
        "since:1h",
        "before:1h account:x:force1",
        "act:failed",
        "act:held act:refused",
        "act:hide",
        "kind:message kind:post",
        "claimed:me claimed:anyone",
        "claimed:kim claimed:sam",
        "-account:x:force1 is:unseen",
        "-words grade:1",
        "words -other",
        "words account:x:force1",
    ):
        lane = parse_lane(typed, NOW)
        statements: list[str] = []

        def plan(conn: Connection, lane: Lane = lane, into: list[str] = statements) -> list[str]:
            conn.set_trace_callback(into.append)
            lanes.lane_ids(conn, lane)
            conn.set_trace_callback(None)
            asked = [each for each in into if "LIMIT" in each][-1]
            return [row[3] for row in conn.execute(f"EXPLAIN QUERY PLAN {asked}")]

        steps = database.read_now(plan).result()
        assert not [step for step in steps if step == "SCAN i"], (typed, steps)
        assert not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step and len(steps) < 4], typed


def test_what_is_counted_in_ranges_is_what_the_lane_holds(database: Database) -> None:
    for number in range(60):
        words = "sirens" if number % 3 else "quiet"
        save(database, received(f"p{number}", words, lang="cy" if number % 5 == 0 else "en"))
    typed = (
        "",
        "is:unseen",
        "sirens -quiet",
        "-sirens",
        "lang:cy",
        "act:failed",
        "act:held is:unseen",
        "is:stray",
    )
    for each in (*typed, "kind:message", "has:media -lang:cy", "grade:1-3", "claimed:me", "group:none"):
        lane = parse_lane(each, NOW)
        held = sorted(ids(database, lane))
        found = [
            database.read_now(partial(lanes.tally, lane=lane, low=low, high=low + 9)).result()
            for low in range(1, 61, 10)
        ]
        assert sum(number for number, _ in found) == len(held), each
        assert min((first for _, first in found if first), default=None) == (held[0] if held else None)
        some = [*held[:5], 1, 2, 3]
        asked = partial(lanes.belonging, lane=lane, ids=some)
        assert set(database.read_now(asked).result()) == set(some) & set(held), each


def test_a_reply_knows_whom_it_answers_and_how_that_began(database: Database) -> None:
    shaz = Author("u2", "shaz.test", "Shaz")
    save(
        database,
        received("p1", "They always protect their own. " * 20, author=shaz),
        received("p2", "so true", parent="p1"),
        received("p3", "well said", parent="elsewhere"),
        received("p4", "ours", is_ours=True),
        received("p5", "a comment", parent="p4"),
    )
    found = database.read_now(lambda conn: beside.answered(conn, [1, 2, 3, 4, 5])).result()
    assert list(found) == [2]
    assert found[ItemId(2)].author == "Shaz"
    assert found[ItemId(2)].words.startswith("They always protect their own. They")
    assert len(found[ItemId(2)].words) == beside.MOST
