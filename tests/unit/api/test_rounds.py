"""Whose turn it is: busy posts often, quiet ones seldom, none never."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from console.api.rounds import SLOWER, Rounds

BUSY_S, QUIET_S, INCIDENT_S = 30.0, 1800.0, 120.0
SECOND = 1000


class Clock:
    """A clock that only a test moves, and whether an incident is open."""

    def __init__(self) -> None:
        self.now = 0
        self.is_incident = False

    def rounds(self, most: int = 500) -> Rounds:
        """Rounds that go by it."""
        return Rounds(
            lambda: self.now,
            lambda: self.is_incident,
            busy_s=BUSY_S,
            quiet_s=QUIET_S,
            incident_quiet_s=INCIDENT_S,
            most=most,
        )


def wait_of(clock: Clock, rounds: Rounds, post: str) -> int:
    """How long until a post is due, in whole seconds; the clock is moved there."""
    began = clock.now
    while post not in rounds.due(100):
        clock.now += SECOND
    return (clock.now - began) // SECOND


def test_a_new_post_is_looked_at_now_and_again_after_its_wait() -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    assert rounds.due(5) == ["a"]
    rounds.looked("a", found_new=True)
    assert rounds.due(5) == []
    assert wait_of(clock, rounds, "a") == BUSY_S


def test_each_look_that_finds_nothing_makes_the_next_wait_longer_down_to_a_floor() -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    waits = []
    for _ in range(12):
        rounds.looked("a", found_new=False)
        waits.append(wait_of(clock, rounds, "a"))
    assert waits == sorted(waits)
    assert waits[0] == BUSY_S * SLOWER
    assert waits[-1] == QUIET_S
    rounds.looked("a", found_new=True)
    assert wait_of(clock, rounds, "a") == BUSY_S


@given(st.lists(st.tuples(st.integers(0, 4000), st.booleans(), st.booleans()), max_size=40))
def test_no_post_drops_out_however_it_was_found(looks: list[tuple[int, bool, bool]]) -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    for seconds, found_new, clock.is_incident in looks:
        clock.now += seconds * SECOND
        rounds.looked("a", found_new=found_new)
    assert "a" in rounds
    clock.now += int(QUIET_S) * SECOND
    assert rounds.due(1) == ["a"]


@given(st.integers(0, 20))
def test_while_an_incident_is_open_the_quietest_are_looked_at_sooner(looks: int) -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    for _ in range(looks):
        rounds.looked("a", found_new=False)
    calm = min(BUSY_S * SLOWER**looks, QUIET_S)
    clock.is_incident = True
    assert wait_of(clock, rounds, "a") == math.ceil(min(calm, INCIDENT_S) if looks else 0)


def test_an_incident_needs_no_pace_of_its_own() -> None:
    clock = Clock()
    rounds = Rounds(lambda: clock.now, lambda: True, busy_s=BUSY_S, quiet_s=QUIET_S)
    rounds.add("a")
    for _ in range(20):
        rounds.looked("a", found_new=False)
    assert wait_of(clock, rounds, "a") == BUSY_S * 4


@given(st.permutations(["a", "b", "c", "d"]), st.integers(0, 4))
def test_those_that_have_waited_longest_come_first(order: list[str], most: int) -> None:
    clock = Clock()
    rounds = clock.rounds()
    for post in order:
        rounds.add(post)
        rounds.looked(post, found_new=True)
        clock.now += SECOND
    clock.now += int(BUSY_S) * SECOND
    assert rounds.due(most) == order[:most]


def test_what_is_pointed_to_is_next_whether_known_or_not() -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    rounds.looked("a", found_new=False)
    rounds.soon("a")
    rounds.soon("new")
    assert rounds.due(5) == ["a", "new"]


def test_a_known_post_is_not_taken_up_a_second_time() -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    rounds.looked("a", found_new=False)
    rounds.add("a")
    assert rounds.due(5) == []
    assert len(rounds) == 1


def test_of_too_many_the_quietest_goes_and_never_the_new_one() -> None:
    clock = Clock()
    rounds = clock.rounds(most=3)
    for post in "abc":
        rounds.add(post)
        rounds.looked(post, found_new=post != "b")
    rounds.add("new")
    assert "b" not in rounds
    rounds.add("newest")
    assert "newest" in rounds
    assert len(rounds) == 3


def test_what_is_dropped_is_forgotten_and_a_look_at_it_means_nothing() -> None:
    clock = Clock()
    rounds = clock.rounds()
    rounds.add("a")
    rounds.drop("a")
    rounds.drop("never known")
    rounds.looked("a", found_new=True)
    assert "a" not in rounds
    assert len(rounds) == 0
    assert rounds.due(5) == []
