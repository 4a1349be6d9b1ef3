"""What the pane says of waves and strays: facts of the cache, put into words. No widgets here."""

from collections.abc import Callable

from console.domain.items import Item
from console.domain.waves import LEAST, Standing, Wave
from console.ui.lane.wave_row import WaveFacts, standing_words, who_words
from console.ui.text import count, plural, shown


def crowd_words(wave: Wave, clock: Callable[[int], str]) -> str:
    """How many say the same, since when, and who they are."""
    new = f", {count(wave.new_authors)} new to us" if wave.new_authors else ""
    return (
        f"{count(wave.size)} near-identical items since {clock(wave.first_at)}, "
        f"{plural(wave.authors, 'author')}{new}"
    )


def item_words(
    item: Item, wave: Wave | None, standing: Standing | None, now: int, clock: Callable[[int], str]
) -> list[str]:
    """Why an item stands out, or does not: one of many, or unlike all around it."""
    said: list[str] = []
    if item.stray is not None:
        said.append(f"Unlike what others say here: {_lower(shown(item.stray).text)}.")
    if wave is not None and wave.size >= LEAST:
        said.append(f"One of {crowd_words(wave, clock)}.")
    if standing is not None and standing.is_open(now):
        said.append(verdict_words(standing, now))
    return said


def verdict_words(standing: Standing, now: int) -> str:
    """The verdict that stands on a wave, who put it, and how much of it is left."""
    return (
        f"{standing_words(standing, now)}, put by {shown(standing.who).text}: "
        f"{count(standing.used)} of at most {count(standing.limit)} later items so far."
    )


def wave_words(facts: WaveFacts, now: int, clock: Callable[[int], str], key_of: Callable[[str], str]) -> str:
    """What the pane says of a wave whose row is under the cursor, line by line."""
    wave, standing = facts.wave, facts.standing
    lines = [
        f"{crowd_words(wave, clock)}.",
        f"{who_words(wave, now)} · last one at {clock(wave.last_at)}",
        f"On {', '.join(wave.networks)}.",
    ]
    if standing is not None and standing.is_open(now):
        lines.append(f"{verdict_words(standing, now)} {key_of('stop-verdict')} stops it.")
    lines.append(
        f"{key_of('thread')} opens its items. {key_of('select-wave')} selects them. "
        f"{key_of('verdict')} puts one verdict on all of them."
    )
    return "\n".join(lines)


def _lower(words: str) -> str:
    return f"{words[:1].lower()}{words[1:]}"
