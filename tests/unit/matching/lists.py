"""Small watchlists for the tests of matching."""

from __future__ import annotations

import datetime as dt

from console.domain.watchlists import Hit, Rule, Watchlist
from console.matching import compile_watchlists


def a_watchlist(*rules: Rule, grade: int = 2, watchlist_id: str = "weapons") -> Watchlist:
    return Watchlist(
        id=watchlist_id,
        name="Weapons and attacks in progress",
        category="weapons",
        grade=grade,
        suggest="hide",
        owner="Duty communications lead",
        version=3,
        review_by=dt.date(2027, 3, 1),
        rules=rules,
    )


def hits_of(rule: Rule, text: str, lang: str | None = None) -> tuple[Hit, ...]:
    return compile_watchlists([a_watchlist(rule)]).match([text], [lang])[0]


def spans_of(rule: Rule, text: str, lang: str | None = None) -> list[tuple[int, int]]:
    return [(hit.start, hit.end) for hit in hits_of(rule, text, lang)]
