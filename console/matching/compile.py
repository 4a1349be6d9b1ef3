"""Watchlists made into one `Matcher`, and tried before anyone relies on it.

What a newcomer would get wrong: a matcher that finds nothing looks just like a quiet night.  So every
compile ends by planting each literal, and a pattern, and a matcher that misses one is never returned.
Compiling 5,000 rules takes a fraction of a second; do it off the path and swap the result in whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from console.matching.disguise import squeezed_forms
from console.matching.engines import MatcherBroken, Patterns, literals_engine
from console.matching.guesses import Guesses
from console.matching.match import ANY, UNLESS, WITH, WORD, Matcher, Part, ReadyRule, Use
from console.matching.normalise import fold
from console.matching.ordinary import NO_WORDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from console.domain.watchlists import Rule, Watchlist
    from console.matching.engines import Literals
    from console.matching.ordinary import Ordinary

__all__ = ["compile_watchlists", "literal_forms"]

_PLANTED_AT_ONCE: Final = 200


def compile_watchlists(
    watchlists: Sequence[Watchlist],
    ordinary: Ordinary = NO_WORDS,
    engine: Callable[[Sequence[str]], Literals] = literals_engine,
) -> Matcher:
    """Compile watchlists, and try the result.

    Args:
        watchlists: as `reading` gives them.
        ordinary: words that no disguise is guessed at in.
        engine: makes the literal engine; another one only in tests.

    Raises:
        PatternRefused: a pattern cannot be run, or all together are too large.
        MatcherBroken: the result misses something planted for it.
    """
    rules: list[ReadyRule] = []
    literals: dict[str, list[Use]] = {}
    patterns: list[str] = []
    pattern_uses: list[tuple[int, str]] = []
    for watchlist in watchlists:
        for rule in watchlist.rules:
            number = len(rules)
            rules.append(_ready(watchlist, rule))
            for term, part in _terms(rule):
                for form in literal_forms(term):
                    use = Use(number, part, term)
                    uses = literals.setdefault(form, [])
                    if use not in uses:
                        uses.append(use)
            for pattern in rule.patterns:
                patterns.append(pattern)
                pattern_uses.append((number, pattern))
    squeezed = _squeezed(tuple(literals))
    matcher = Matcher(
        watchlists,
        rules,
        literals,
        engine(tuple(literals)) if literals else None,
        squeezed,
        engine(tuple(squeezed)) if squeezed else None,
        Patterns(patterns),
        pattern_uses,
        Guesses(literals, ordinary),
    )
    _try(matcher)
    return matcher


def literal_forms(term: str) -> tuple[str, ...]:
    """The folded spellings of a term that are looked for; empty where nothing of it is visible.

    With and without its apostrophes, with blanks or hyphens between its words, and, where a letter
    lies beyond ASCII, in small and capital letters: look-alikes are folded as they are drawn, so that
    the two may fold differently.
    """
    spellings = [term] if term.isascii() else [term, term.lower(), term.upper(), term.title()]
    forms: dict[str, None] = {}
    for spelling in spellings:
        folded = fold(spelling).strip()
        for quoted in (folded, folded.replace("'", "")):
            for hyphen in (quoted, quoted.replace("-", " "), quoted.replace("-", "")):
                forms[hyphen.strip()] = None
            forms[quoted.replace(" ", "-")] = None
    forms.pop("", None)
    return tuple(forms)


def _ready(watchlist: Watchlist, rule: Rule) -> ReadyRule:
    return ReadyRule(
        watchlist=watchlist,
        rule=rule,
        grade=watchlist.grade if rule.grade is None else rule.grade,
        suggest=watchlist.suggest if rule.suggest is None else rule.suggest,
        languages=frozenset(language.casefold().partition("-")[0] for language in rule.languages),
    )


def _terms(rule: Rule) -> Iterator[tuple[str, Part]]:
    for word in rule.words:
        yield word, Part(WORD)
    for exception in rule.unless:
        yield exception, Part(UNLESS)
    for number, near in enumerate(rule.near):
        for word in near.any_of:
            yield word, Part(ANY, number)
        for word in near.with_any:
            yield word, Part(WITH, number)


def _squeezed(literals: Sequence[str]) -> dict[str, list[int]]:
    """The spellings to look for in squeezed text, each with the literals it may stand for."""
    made: dict[str, list[int]] = {}
    for number, literal in enumerate(literals):
        for form in squeezed_forms(literal):
            made.setdefault(form, []).append(number)
    return made


def _try(matcher: Matcher) -> None:
    """Plant every literal by itself among other words, and see that it is found."""
    literals = matcher.literals
    for first in range(0, len(literals), _PLANTED_AT_ONCE):
        planted = literals[first : first + _PLANTED_AT_ONCE]
        texts = [f"before, {literal} (after)" for literal in planted]
        for number, found in enumerate(matcher.planted(texts), start=first):
            if number not in found:
                raise MatcherBroken(f"a planted term was not found: {literals[number]!r}")
