"""What of a hit is kept beside its item."""

from dataclasses import replace
from pathlib import Path

from console.domain.ids import ItemId
from console.shapes import hit_shape
from console.store import items
from tests.unit.store.making import NOW, add_account, hit, opened, received


def test_a_hit_keeps_what_was_seen_through_and_when_a_search_of_the_past_found_it(tmp_path: Path) -> None:
    masked = replace(hit(text="m*ch*t*"), disguised=True, how="letters masked")
    from_the_past = replace(hit(text="blade", start=8), found_at=NOW)
    with opened(tmp_path) as database:
        database.record_now(add_account).result()
        row = received("c1", "m*ch*t* blade", hits=[masked, from_the_past], grade=2)
        database.ingest_now(lambda conn: items.save_batch(conn, [row], {})).result()
        (item,) = database.read_now(lambda conn: items.items(conn, [ItemId(1)])).result()
    assert item.hits == (masked, from_the_past)


def test_what_was_seen_through_is_told_to_scripts() -> None:
    assert hit_shape(replace(hit(), how="letters masked"))["how"] == "letters masked"
    assert hit_shape(hit())["how"] == ""
