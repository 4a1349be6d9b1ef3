"""Changed rules laid over a compiled matcher: the same hits as if all had been compiled anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.domain.watchlists import Rule, Watchlist
from console.matching import compile_watchlists, lay_over
from console.matching.layered import MOST_RULES
from tests.unit.matching.lists import a_watchlist

TEXTS = [
    "bring a machete and a sword to the gate",
    "the sword museum has a machete",
    "m4chete, pistol and cyllell",
    "nothing to see",
    "sword sword pistol",
]

BLADE = Rule("blade", words=("machete",))
SWORD = Rule("sword", words=("sword",), grade=4)
BEFORE = [
    replace(a_watchlist(BLADE, SWORD), version=3),
    a_watchlist(Rule("gate", words=("gate",)), watchlist_id="places"),
]


def changed(*rules: Rule, **more: object) -> list[Watchlist]:
    return [replace(BEFORE[0], rules=rules, version=4, **more), BEFORE[1]]  # type: ignore[arg-type]  # fields of a watchlist


@pytest.mark.parametrize(
    "after",
    [
        BEFORE,
        changed(BLADE, SWORD, Rule("pistol", words=("pistol",))),
        changed(BLADE),
        changed(BLADE, replace(SWORD, unless=("sword museum",))),
        changed(BLADE, SWORD, grade=1),
        changed(BLADE, SWORD, suggest="report"),
        changed(BLADE, SWORD, name="Blades"),
        [BEFORE[1]],
        [],
        [*BEFORE, a_watchlist(Rule("cy", words=("cyllell",)), watchlist_id="welsh")],
    ],
    ids=[
        "nothing",
        "added",
        "removed",
        "exception",
        "grade",
        "suggestion",
        "name",
        "ended",
        "all",
        "new list",
    ],
)
def test_a_layered_matcher_finds_what_one_compiled_anew_finds(after: list[Watchlist]) -> None:
    layered = lay_over(compile_watchlists(BEFORE), after)
    assert layered is not None
    assert layered.match(TEXTS) == compile_watchlists(after).match(TEXTS)
    assert layered.watchlists == tuple(after)


def test_a_change_of_very_many_rules_is_left_to_a_whole_compile() -> None:
    many = [Rule(f"r{number}", words=(f"word{number}x",)) for number in range(MOST_RULES + 1)]
    assert lay_over(compile_watchlists(BEFORE), changed(*many)) is None
