"""The examples that stand in watchlist files, put to the test.

Each rule may say which texts it must fire on (`hits`) and which it must leave alone (`misses`). What a
newcomer would get wrong: an example speaks about its own rule only. Whether another rule fires on it too is
that rule's affair, and an example of an exception may well hit elsewhere.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from console.domain.watchlists import Watchlist
    from console.matching.match import Matcher

__all__ = ["broken_examples"]

_SHOWN: Final = 80


def broken_examples(watchlist: Watchlist, matcher: Matcher) -> list[str]:
    """One line for each example of a watchlist that does not do what it says.

    Args:
        watchlist: whose examples.
        matcher: compiled from it, alone or among others.
    """
    examples = [(rule, text, True) for rule in watchlist.rules for text in rule.hits]
    examples += [(rule, text, False) for rule in watchlist.rules for text in rule.misses]
    # Each is tried in a language of its rule, so that a rule for Welsh alone can be tried at all.
    langs = [rule.languages[0] if rule.languages else None for rule, _, _ in examples]
    broken: list[str] = []
    found = matcher.match([text for _, text, _ in examples], langs)
    for (rule, text, must_hit), hits in zip(examples, found, strict=True):
        hit = next((one for one in hits if (one.watchlist, one.rule) == (watchlist.id, rule.id)), None)
        if must_hit and hit is None:
            broken.append(f"Rule {rule.id} does not hit its own example “{_short(text)}”.")
        elif hit is not None and not must_hit:
            what = f"“{_short(hit.text)}” as “{_short(hit.term)}”"
            broken.append(f"Rule {rule.id} hits “{_short(text)}”, which it must not: it takes {what}.")
    return broken


def _short(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"
