"""The lines of the lists at the left of the editor."""

import datetime as dt

from console.domain.watchlists import Rule, Watchlist
from console.ui import theme as tokens
from console.ui.parts import Run
from console.ui.text import count, plural, shown
from console.ui.watchlists.drafts import Draft, gist, review_words
from console.ui.watchlists.parts import Entry


def list_line(watchlist: Watchlist, draft: Draft | None, today: dt.date) -> Entry:
    """A watchlist with its grade, whether it was changed here, and a reminder of its review."""
    its = watchlist if draft is None else draft.wanted
    name = shown(its.name).text
    left = [Run(grade=its.grade, gap=4), Run(name, "t1", tokens.CONTROL)]
    spoken = [f"{name}, grade {its.grade}"]
    right: list[Run] = []
    if reminder := review_words(its, today):
        right.append(Run("review", "g3", tokens.META))
        spoken.append(reminder)
    if draft is not None and draft.is_changed:
        word = "new" if draft.base is None else "changed"
        right.append(Run(word, "accent", tokens.META))
        spoken.append(word)
    return watchlist.id, ", ".join(spoken), left, right


def rule_line(rule: Rule, hits: int | None) -> Entry:
    """A rule in few words; its hits where they are counted."""
    words = shown(gist(rule)).text
    left = [Run(words, "t1", tokens.CONTROL)]
    if hits is None:
        return rule.id, words, left, []
    right = [Run(count(hits), "t1" if hits else "t3", tokens.CONTROL)]
    return rule.id, f"{words}, {plural(hits, 'hit')}", left, right
