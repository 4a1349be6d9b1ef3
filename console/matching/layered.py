"""A few changed rules laid over a matcher that was compiled before, until everything is compiled anew.

Compiling thousands of rules takes most of a second, and a word that is added on a bad night should count at
once. What a newcomer would get wrong: this is for moments only. Every text is matched twice meanwhile, so
the whole is compiled in the background and put in its place as soon as it is there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from console.domain.list_changes import difference
from console.matching.compile import compile_watchlists
from console.matching.match import in_order
from console.matching.ordinary import NO_WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from console.domain.watchlists import Hit, Watchlist
    from console.matching.match import Matcher
    from console.matching.ordinary import Ordinary

__all__ = ["MOST_RULES", "Layered", "lay_over"]

MOST_RULES: Final = 200
"""With more rules than this to compile at once, it is no longer quick."""


def lay_over(base: Matcher, watchlists: Sequence[Watchlist], ordinary: Ordinary = NO_WORDS) -> Layered | None:
    """What matches these watchlists, from a matcher of earlier ones; None when too much has changed.

    Raises PatternRefused and MatcherBroken as `compile_watchlists` does.
    """
    known = {one.id: one for one in base.watchlists}
    stale: set[tuple[str, str]] = set()
    over: list[Watchlist] = []
    heads: dict[str, Watchlist] = {}
    for wanted in watchlists:
        older = known.pop(wanted.id, None)
        if older == wanted:
            continue
        found = difference(older, wanted)
        anew = set(found.to_search)
        if older is not None:
            if (older.suggest, older.category) != (wanted.suggest, wanted.category):
                anew = {rule.id for rule in wanted.rules}
            heads[wanted.id] = wanted
            stale |= {(wanted.id, rule.id) for rule in older.rules if rule.id in anew}
            stale |= {(wanted.id, name) for name in found.removed}
        if anew:
            over.append(replace(wanted, rules=tuple(rule for rule in wanted.rules if rule.id in anew)))
    stale |= {(gone.id, rule.id) for gone in known.values() for rule in gone.rules}
    if sum(len(one.rules) for one in over) > MOST_RULES:
        return None
    return Layered(base, compile_watchlists(over, ordinary), watchlists, stale, heads)


class Layered:
    """Two matchers that answer as one. Made by `lay_over`; safe to use from any thread.

    Attributes:
        watchlists: what it matches.
    """

    def __init__(
        self,
        base: Matcher,
        over: Matcher,
        watchlists: Sequence[Watchlist],
        stale: Iterable[tuple[str, str]],
        heads: dict[str, Watchlist],
    ) -> None:
        self.watchlists = tuple(watchlists)
        self._base = base
        self._over = over
        self._stale = frozenset(stale)
        self._heads = heads

    def match(self, texts: Sequence[str], langs: Sequence[str | None] = ()) -> list[tuple[Hit, ...]]:
        """The hits of each text, as `Matcher.match` gives them."""
        below, above = self._base.match(texts, langs), self._over.match(texts, langs)
        return [
            in_order([*self._still_true(lower), *upper]) if lower or upper else ()
            for lower, upper in zip(below, above, strict=True)
        ]

    def _still_true(self, hits: Iterable[Hit]) -> Iterable[Hit]:
        for hit in hits:
            if (hit.watchlist, hit.rule) in self._stale:
                continue
            head = self._heads.get(hit.watchlist)
            yield hit if head is None else replace(hit, version=head.version, watchlist_name=head.name)
