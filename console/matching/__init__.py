"""Matching: text in, hits out.  No clock, no network, no store.

    watchlists = [read_watchlist(path) for path in paths]
    matcher = compile_watchlists(watchlists)
    hits = matcher.match(texts, languages)

What a newcomer would get wrong: a `Matcher` is never changed.  When a watchlist changes, compile a
new one away from the path and swap it in whole.
"""

from console.matching.compile import compile_watchlists
from console.matching.engines import MatcherBroken, PatternRefused
from console.matching.examples import broken_examples
from console.matching.layered import Layered, lay_over
from console.matching.match import Matcher
from console.matching.normalise import fold
from console.matching.reading import format_watchlist, parse_watchlist, read_folder, read_watchlist

__all__ = [
    "Layered",
    "Matcher",
    "MatcherBroken",
    "PatternRefused",
    "broken_examples",
    "compile_watchlists",
    "fold",
    "format_watchlist",
    "lay_over",
    "parse_watchlist",
    "read_folder",
    "read_watchlist",
]
