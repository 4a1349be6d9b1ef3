"""Every entry says in which role, and on whose behalf, its author did it."""

import asyncio
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from console.domain.audit import NO_PREVIOUS, Note, leaf_hash, plain_json
from console.domain.operators import SignedSeat, Sitting
from console.store import audit, operators
from console.store.accounts import set_cover
from console.store.database import Connection, Database
from console.store.verifying import verify
from tests.unit.desk.making import ACCOUNT, desk_at, draft, submission
from tests.unit.store.making import NOW

SEAT = "Dellin desk 1"
CALDER = Sitting("r.calder", "Digital desk operator")


def written(database: Database) -> list[dict[str, Any]]:
    """The ledger's entries as they can be read."""
    found = database.read_now(lambda conn: audit.entries(conn, 0, 100)).result()
    return [json.loads(entry.leaf) for entry in found]


def signatures(
    folder: Path, seat: str, notes: Sequence[Note], *, lead: str | None = None, deputy: str | None = None
) -> list[tuple[str | None, str | None]]:
    """Role and behalf of each note, once it is in the ledger."""

    def work(conn: Connection) -> None:
        set_cover(conn, ACCOUNT, lead, deputy)
        operators.add(conn, "Ines Corran", "ines corran", "Commander", None, None, NOW)
        audit.append(conn, seat, notes, NOW)

    with desk_at(folder) as (database, _):
        database.record_now(work).result()
        return [(entry["role"], entry["behalf"]) for entry in written(database)]


def test_an_entry_names_the_role_of_whoever_sits_at_the_seat(tmp_path: Path) -> None:
    note = Note("act.requested", "r.calder", {}, {})
    assert signatures(tmp_path, SignedSeat(SEAT, CALDER), [note]) == [("Digital desk operator", None)]


def test_what_the_program_does_by_itself_has_neither_role_nor_behalf(tmp_path: Path) -> None:
    note = Note("act.confirmed", "cordon", {"item": "i1"}, {})
    assert signatures(tmp_path, SignedSeat(SEAT, CALDER), [note], lead="A", deputy="cordon") == [(None, None)]


def test_a_second_person_has_the_role_of_the_roster_and_not_of_the_one_who_sits_there(tmp_path: Path) -> None:
    notes = [Note("act.approved", who, {}, {}) for who in ("Ines Corran", "Somebody Else")]
    sitting = Sitting("r.calder", "Digital desk operator", "Silver")
    assert signatures(tmp_path, SignedSeat(SEAT, sitting), notes) == [("Commander", None), (None, None)]


def test_somebody_sits_there_on_behalf_of_an_incident_role(tmp_path: Path) -> None:
    sitting = Sitting("r.calder", "Digital desk operator", "Silver")
    note = Note("account.added", "r.calder", {}, {})
    assert signatures(tmp_path, SignedSeat(SEAT, sitting), [note]) == [("Digital desk operator", "Silver")]


@pytest.mark.parametrize("facts", [{"account": "x:force1"}, {"item": "i1"}])
def test_the_deputy_of_an_account_acts_on_behalf_of_its_lead(tmp_path: Path, facts: dict[str, str]) -> None:
    note = Note("act.cancelled", "r.calder", facts, {})
    found = signatures(tmp_path, SignedSeat(SEAT, CALDER), [note], lead="Jo Tarrant", deputy="R.Calder")
    assert found == [("Digital desk operator", "Jo Tarrant")]


@pytest.mark.parametrize("facts", [{}, {"account": "x:other"}, {"item": "i99"}, {"item": "none"}])
def test_elsewhere_the_deputy_acts_for_nobody_else(tmp_path: Path, facts: dict[str, str]) -> None:
    note = Note("act.cancelled", "r.calder", facts, {})
    found = signatures(tmp_path, SignedSeat(SEAT, CALDER), [note], lead="Jo Tarrant", deputy="r.calder")
    assert found == [("Digital desk operator", None)]


def test_a_lead_who_is_also_the_deputy_acts_for_nobody_else(tmp_path: Path) -> None:
    note = Note("act.cancelled", "r.calder", {"item": "i1"}, {})
    found = signatures(tmp_path, SignedSeat(SEAT, CALDER), [note], lead="r.calder", deputy="r.calder")
    assert found == [("Digital desk operator", None)]


def test_asking_for_an_act_is_signed_for_the_account_of_its_item(tmp_path: Path) -> None:
    with desk_at(tmp_path) as (database, desk):
        database.record_now(lambda conn: set_cover(conn, ACCOUNT, "Jo Tarrant", "r.calder")).result()
        asyncio.run(desk.submit(submission(draft(1))))
        (entry,) = [each for each in written(database) if each["kind"] == "act.requested"]
    assert (entry["who"], entry["behalf"]) == ("r.calder", "Jo Tarrant")


def test_a_name_that_no_database_can_be_asked_for_is_signed_too(tmp_path: Path) -> None:
    note = Note("x.noted", "half \udc00", {}, {})
    assert signatures(tmp_path, SEAT, [note]) == [(None, None)]


def test_entries_of_an_earlier_cordon_still_verify_and_new_ones_follow_them(tmp_path: Path) -> None:
    path = tmp_path / "cordon.db"
    with desk_at(tmp_path):
        pass
    old = plain_json(
        {
            "form": 1,
            "seq": 1,
            "at": "2026-11-21T23:46:21.000Z",
            "seat": SEAT,
            "who": "r.calder",
            "kind": "account.added",
            "facts": {"account": "x:force1"},
            "content": None,
            "previous": NO_PREVIOUS,
        }
    )
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("INSERT INTO ledger (seq, leaf, leaf_hash) VALUES (1, ?, ?)", (old, leaf_hash(old)))
    conn.close()
    with Database(path) as database:
        seat = SignedSeat(SEAT, CALDER)
        note = Note("operator.on", "r.calder", {}, {})
        database.record_now(lambda conn: audit.append(conn, seat, [note], NOW)).result()
        verdict = database.read_now(verify).result()
        assert [entry["form"] for entry in written(database)] == [1, 2]
    assert (verdict.ok, verdict.entries, verdict.first_bad) == (True, 2, None)
