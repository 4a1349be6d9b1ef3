"""What the engine says of a draft: what is wrong with it, its examples, what it would hit.

What a newcomer would get wrong: what a person sees first comes first. The patterns and examples are answered
before the count, which may take a second on a full cache.
"""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from console.domain.errors import CordonError
from console.domain.list_changes import Rehearsal
from console.domain.watchlists import Hit, Rule, Watchlist

if TYPE_CHECKING:
    from console.services.engine import Engine
    from console.ui.watchlists.opening import Watchlists

_REFUSED: Final = re.compile(
    r"^[^:]*: rule (?P<rule>[^:]+): patterns: entry (?P<entry>\d+) refused: (?P<why>.*)$"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of a draft."""

    problem: str = ""
    """What keeps it from being published; empty when all is well."""
    hits: tuple[tuple[str, bool], ...] = ()
    """The examples that the shown rule must hit, each with whether it does as it should."""
    misses: tuple[tuple[str, bool], ...] = ()
    """The same for those that it must not hit."""
    told: Rehearsal | None = None
    """What it would hit; None until it is counted."""


async def look_at(room: "Watchlists", wanted: Watchlist, rule: Rule | None) -> AsyncIterator[Answer]:
    """Answers twice: without the count, and with it. Never raises CordonError."""
    editing = room.engine.editing
    try:
        complaints = await room.door.ask(editing.complaints, wanted)
        problem = in_words(complaints[0], wanted) if complaints else ""
        answer = Answer(problem)
        if rule is not None and not _is_refused(complaints):
            hits, misses = await room.door.ask(_examples, room.engine, wanted, rule)
            answer = Answer(problem, hits, misses)
        yield answer
        if _is_refused(complaints):
            return
        yield replace(answer, told=await room.door.ask(editing.rehearse, wanted))
    except CordonError as problem_met:
        yield Answer(in_words(problem_met.message, wanted))


def _is_refused(complaints: list[str]) -> bool:
    """Whether it cannot be compiled; a broken example is no reason not to count."""
    return bool(complaints) and not complaints[0].startswith("Rule ")


async def _examples(
    engine: "Engine", wanted: Watchlist, rule: Rule
) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Runs on the engine's loop: each example of a rule with whether it does as it should."""
    if not (rule.words or rule.patterns or rule.near):
        return (), ()
    alone = replace(wanted, version=max(1, wanted.version), rules=(rule,))
    lang = rule.languages[0] if rule.languages else None

    async def fires(text: str) -> tuple[Hit, ...]:
        return await engine.editing.try_words(alone, text, lang)

    return (
        tuple([(text, bool(await fires(text))) for text in rule.hits]),
        tuple([(text, not await fires(text)) for text in rule.misses]),
    )


def in_words(complaint: str, wanted: Watchlist) -> str:
    """A complaint as it is said to a person; a refused pattern is named with its reason."""
    found = _REFUSED.match(complaint)
    if found is None:
        said = complaint.removeprefix(f"{wanted.id}: ")
        return said[:1].upper() + said[1:]
    rule = next((each for each in wanted.rules if each.id == found["rule"]), None)
    place = int(found["entry"]) - 1
    pattern = f"“{rule.patterns[place]}” " if rule is not None and place < len(rule.patterns) else ""
    return f"The pattern {pattern}was refused: {found['why']}"
