"""How well matching sees through disguises, and how seldom it cries wolf: shares of texts, not times.

    disguise_recall          HateCheck F25 to F29 (https://github.com/paul-rottger/hatecheck-data, CC BY
                             4.0): the share of cases whose disguised word is found, for its own words
    disguise_recall_least    the same for the worst of the five kinds of disguise
    wolf_places              false alarms in a thousand British place names, watching for 403 English words
                             (https://github.com/LDNOOBW, CC BY 4.0)

What a newcomer would get wrong: a name that is a watched word as it stands (Cock Bridge) is no false alarm of
guessing; what counts here is a word that is seen where it is not written.

With a folder of labelled crisis posts, which are people's own words and do not travel with Cordon, two more
are printed: `python -m tests.bench.quality FOLDER`.
"""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import lzma
import re
import sys
from collections import defaultdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from console.domain.watchlists import Rule, Watchlist
from console.services.matching import compile_lists

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from console.matching import Matcher

DATA = Path(__file__).parents[1] / "data"
RECALL, LEAST, PLACES, SLURS, ENGLISH = 0.97, 0.92, 0.1, 0.5, 2.0
"""The goals: shares of cases found, and false alarms in a thousand texts."""

SLUR_WORDS = (
    "bitch", "slut", "whore", "tranny", "shemale", "faggot", "fag", "queer", "nigger", "coon", "retard",
    "cripple", "mong", "muzzie", "jihadi", "wetback", "rapefugee", "camel fucker",
    "bitches", "sluts", "whores", "trannies", "shemales", "faggots", "fags", "niggers", "coons", "retards",
    "cripples", "mongs", "muzzies", "jihadis", "wetbacks", "rapefugees", "camel fuckers",
)  # fmt: skip
"""The words behind HateCheck's templates."""
_PEOPLE = (
    "woman", "women", "female", "trans", "gay", "black", "disabled", "muslim", "muslims", "immigrant",
    "immigrants",
)  # fmt: skip
_WORD = re.compile(r"[^\W_]+")


class Case(NamedTuple):
    """One case of HateCheck: its kind of disguise, its text, and the plain words that are disguised in it."""

    kind: str
    text: str
    expected: frozenset[str]


def run(long: bool) -> dict[str, dict[str, Any]]:
    """Measures the three figures. `long` changes nothing: every case is looked at."""
    del long
    shares = recall()
    whole = sum(found for found, _ in shares.values()) / sum(count for _, count in shares.values())
    least = min(found / count for found, count in shares.values())
    places = wolf_in_places()
    return {
        "disguise_recall": _figure(whole, RECALL, "share", "cases of HateCheck F25 to F29", is_least=True),
        "disguise_recall_least": _figure(
            least, LEAST, "share", "cases of the worst of the five", is_least=True
        ),
        "wolf_places": _figure(places, PLACES, "per 1,000", "British place names, 403 words", is_least=False),
    }


@lru_cache(maxsize=1)
def recall() -> dict[str, tuple[int, int]]:
    """For each kind of disguise: how many cases were found, of how many."""
    cases = _cases()
    words = {word for case in cases for word in case.expected} | set(SLUR_WORDS)
    matcher = matcher_of(words)
    shares: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for case, hits in zip(cases, matcher.match([case.text for case in cases]), strict=True):
        seen = {word for hit in hits for word in (hit.term, *hit.term.split())}
        shares[case.kind][0] += bool(case.expected & seen)
        shares[case.kind][1] += 1
    return {kind: (found, count) for kind, (found, count) in shares.items()}


@lru_cache(maxsize=1)
def wolf_in_places() -> float:
    """False alarms in a thousand place names."""
    names = lzma.decompress((DATA / "british-placenames.txt.xz").read_bytes()).decode().split("\n")
    return false_alarms(names, english_words())


def wolf_in_posts(folder: Path) -> dict[str, float]:
    """False alarms in a thousand crisis posts, with the slurs and with the list of English words."""
    path = folder / "crisislex" / "crisislex_t26_labelled.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        posts = [row["text"] for row in csv.DictReader(file)]
    return {
        "wolf_posts_slurs": false_alarms(posts, SLUR_WORDS),
        "wolf_posts_english": false_alarms(posts, english_words()),
    }


def english_words() -> list[str]:
    """A public list of English words that give offence."""
    return [line for line in (DATA / "ldnoobw-en.txt").read_text(encoding="utf-8").splitlines() if line]


def matcher_of(words: Collection[str]) -> Matcher:
    """One rule for each word, compiled as the program does it."""
    rules = tuple(Rule(f"r{number}", words=(word,)) for number, word in enumerate(sorted(words)))
    return compile_lists(
        [Watchlist("words", "Words", "hate", 3, None, "nobody", 1, dt.date(2027, 1, 1), rules)]
    )


def false_alarms(texts: Sequence[str], words: Collection[str]) -> float:
    """In how many of a thousand texts a word is seen that is not there.

    A word is there when it is written as a word, or inside another one or a row of them, so that a reader
    of the text meets it.
    """
    matcher = matcher_of(words)
    wrong = 0
    for text, hits in zip(texts, matcher.match(texts), strict=True):
        plain = "".join(_WORD.findall(text.casefold()))
        absent = [hit for hit in hits if "".join(_WORD.findall(hit.term.casefold())) not in plain]
        wrong += bool(absent)
    return wrong / len(texts) * 1000


def _cases() -> list[Case]:
    with (DATA / "hatecheck.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    focus = {word for row in rows for word in _words(row["focus_lemma"])}
    known = focus | set(_PEOPLE) | {part for slur in SLUR_WORDS for part in slur.split()}
    cases: list[Case] = []
    for row in rows:
        left = set(_words(row["text"]))
        gone = [word for word in _words(row["plain"]) if word not in left and len(word) > 2]
        # where a blank was taken out both neighbours are gone, and where a case was worded anew even more
        meant = [word for word in gone if word in known or word.rstrip("s") in known] or gone
        singular = [word.rstrip("s") for word in meant]
        cases.append(Case(row["functionality"], row["text"], frozenset([*meant, *singular])))
    return cases


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _figure(value: float, goal: float, unit: str, baseline: str, *, is_least: bool) -> dict[str, Any]:
    holds = value >= goal if is_least else value <= goal
    return {"value": round(value, 4), "goal": goal, "unit": unit, "baseline": baseline, "holds": holds}


if __name__ == "__main__":
    figures = wolf_in_posts(Path(sys.argv[1]))
    print("\n".join(f"{name} {value:.3f} per 1,000" for name, value in figures.items()))
    sys.exit(figures["wolf_posts_slurs"] > SLURS or figures["wolf_posts_english"] > ENGLISH)
