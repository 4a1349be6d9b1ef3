"""Standing verdicts in the profile's own database: each step with its entry, in the caller's transaction."""

from dataclasses import replace

from console.domain.audit import Note, Plain
from console.domain.ids import bulk_key
from console.domain.times import iso
from console.domain.waves import Standing, standing_key, wave_key
from console.store import audit, waves
from console.store.database import Connection


def put(conn: Connection, seat: str, standing: Standing) -> Standing:
    """Puts a verdict on record and in force; gives it with its number."""
    found = replace(standing, id=waves.put_standing(conn, standing))
    facts: dict[str, Plain] = {
        **_facts(found),
        "bulk": None if found.bulk_id is None else bulk_key(found.bulk_id),
        "ends_at": iso(found.ends_at),
        "limit": found.limit,
        "category": found.category,
    }
    note = Note("standing.put", found.who, facts, {"reason": found.reason})
    audit.append(conn, seat, [note], found.put_at)
    return found


def end(conn: Connection, seat: str, number: int, who: str, why: str, at: int) -> bool:
    """Ends a verdict, on record; whether it still stood."""
    found = [each for each in waves.open_standings(conn) if each.id == number]
    if not found or not waves.end_standing(conn, number, who, why, at):
        return False
    facts: dict[str, Plain] = {**_facts(found[0]), "fell_on": found[0].used}
    audit.append(conn, seat, [Note("standing.ended", who, facts, {"why": why})], at)
    return True


def _facts(standing: Standing) -> dict[str, Plain]:
    return {
        "standing": standing_key(standing.id),
        "wave": wave_key(standing.wave_id),
        "verb": standing.verb.value,
    }
