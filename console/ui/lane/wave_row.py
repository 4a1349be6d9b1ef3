"""Rows of waves, and what cards say of the wave that an item belongs to.

A lane holds numbers of items. The row of a wave stands in it under a number of its own, below those of all
items (`row_id`), so that strays come first and waves after them: the big ones first, and among those of
about one size the one that began last. A wave changes its place only when it has doubled.
What a newcomer would get wrong: such a number is no item. Nothing may be asked of the engine with it;
`wave_of` says which wave is meant.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from console.domain.cover import Claim
from console.domain.ids import ItemId
from console.domain.items import Item
from console.domain.waves import LEAST, Standing, Wave, line
from console.store import cover as stored_cover
from console.store import items as stored_items
from console.store import waves as stored_waves
from console.store.beside import Answered, answered
from console.store.database import Connection
from console.ui.lane.row import Corner, NetworkMark, Row, category_words, spans_of
from console.ui.text import age, count, plural, shown

SHOWN_FOR_MS: Final = 24 * 3_600_000
"""Waves that were quiet for longer than this are in no lane of waves any more."""
MOST_WAVES: Final = 500
_BELOW: Final = 1 << 62
_ID_BITS: Final = 44
"""So many bits of a row's number name the wave; those above say how big it was."""
_LOOKED_THROUGH: Final = 20
"""So many of a wave's newest items are read to find the one that says what most of them say."""


def row_id(wave: Wave) -> int:
    """The number under which a wave's row stands in a lane."""
    return (wave.size.bit_length() << _ID_BITS | wave.id) - _BELOW


def wave_of(number: int) -> int | None:
    """The wave of a row, or None for the row of an item."""
    return (number + _BELOW) & ((1 << _ID_BITS) - 1) if number < 0 else None


@dataclass(frozen=True, slots=True)
class WaveFacts:
    """What the row of a wave is made of."""

    number: int
    """The number of the row."""
    wave: Wave
    sample: Item | None
    """An item that says what most of them say, where there is one among the newest."""
    grade: int
    """The most urgent grade among its newest items."""
    standing: Standing | None
    """The verdict that stands on it."""


@dataclass(frozen=True, slots=True)
class Cards:
    """What the cache says about the rows that were asked for."""

    items: Sequence[Item]
    sizes: Mapping[int, int]
    """How many items each wave has that one of the items belongs to."""
    waves: Sequence[WaveFacts]
    answered: Mapping[ItemId, Answered]
    """What those of the items answer that answer somebody outside."""
    claims: Mapping[ItemId, Claim]
    """Who deals with the items, where anybody does; claims that are over too."""


def read_cards(conn: Connection, ids: Sequence[int], unseal: stored_items.Unseal | None) -> Cards:
    """Reads what rows show: items, and waves where a number means one."""
    items = stored_items.items(conn, [number for number in ids if number >= 0], unseal)
    sizes: dict[int, int] = {}
    for wave_id in {item.wave_id for item in items if item.wave_id is not None}:
        wave = stored_waves.wave(conn, wave_id)
        sizes[wave_id] = wave.size if wave is not None else 0
    wanted = [number for number in ids if number < 0]
    found = [stored_waves.wave(conn, wave_of(number) or 0) for number in wanted]
    standing = {one.wave_id: one for one in stored_waves.open_standings(conn)} if wanted else {}
    waves = [
        _facts(conn, number, wave, standing.get(wave.id))
        for number, wave in zip(wanted, found, strict=True)
        if wave is not None
    ]
    replies = [item.id for item in items if item.parent is not None]
    claims = stored_cover.claims(conn, [item.id for item in items])
    return Cards(items, sizes, waves, answered(conn, replies) if replies else {}, claims)


def _facts(conn: Connection, number: int, wave: Wave, standing: Standing | None) -> WaveFacts:
    newest = stored_items.items(conn, stored_waves.wave_ids(conn, wave.id, None, _LOOKED_THROUGH))
    sample = next((item for item in newest if line(item.text) == wave.essence), None)
    return WaveFacts(number, wave, sample, min((item.grade for item in newest), default=5), standing)


def waves_now(now: int) -> Callable[[Connection], list[int]]:
    """A question for the rows of the waves of the last day, in their order."""

    def read(conn: Connection) -> list[int]:
        found = stored_waves.waves(conn, "biggest", MOST_WAVES, LEAST, now - SHOWN_FOR_MS)
        return sorted(map(row_id, found), reverse=True)

    return read


def who_words(wave: Wave, now: int) -> str:
    """How many wrote it, on how many networks, and how fast it comes."""
    rate = wave.rate_now(now)
    if rate >= 1:
        speed = f"{rate:.0f} a second"
    elif rate * 60 >= 1:
        speed = f"{rate * 60:.0f} a minute"
    else:
        speed = f"quiet for {age(now - wave.last_at)}"
    return f"{plural(wave.authors, 'author')} · {plural(len(wave.networks), 'network')} · {speed}"


def standing_words(standing: Standing, now: int) -> str:
    """The verdict that stands, with the time that it has left."""
    verb = standing.verb.replace("-", " ").capitalize()
    return f"{verb} stands, {age(max(0, standing.ends_at - now))} left"


def wave_row(facts: WaveFacts, now: int) -> Row:
    """The row that shows a wave; `now` is milliseconds since 1970."""
    wave, sample, standing = facts.wave, facts.sample, facts.standing
    safe = shown(sample.words if sample is not None else wave.essence)
    hits = sample.hits if sample is not None else ()
    is_open = standing is not None and standing.is_open(now)
    corner = Corner("waiting", standing_words(standing, now), "accent") if is_open and standing else None
    name = f"{count(wave.size)} near-identical items"
    who = who_words(wave, now)
    spoken = [f"Wave, grade {facts.grade}", name, who.replace(" · ", ", "), safe.text]
    spoken += [corner.words] if corner is not None else []
    about = category_words(hits)
    return Row(
        id=ItemId(facts.number),
        grade=facts.grade,
        network=NetworkMark("", "page"),
        author=name,
        handle="",
        where=who,
        words=safe.text,
        spans=spans_of(safe, hits),
        category=f"Wave · {about[:1].lower()}{about[1:]}" if about else "Wave",
        fact="",
        fact_glyph="",
        created_at=wave.last_at,
        unseen=True,
        removed=None,
        corner=corner,
        held_from=None,
        held_until=None,
        hold_words="",
        spoken=". ".join(part.rstrip(".") for part in spoken) + ".",
        wave_id=wave.id,
        is_wave=True,
    )
