"""What holds whatever people do between two looks at a video."""

from __future__ import annotations

import asyncio
from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.api import ItemState
from tests.unit.plugins.tiktok.rooms import Room, room

# What happens: somebody speaks, answers, takes back, or an officer hides on a telephone; and who it befalls.
DOINGS = st.lists(
    st.tuples(st.sampled_from(["say", "answer", "delete", "hide", "look", "late"]), st.integers(0, 50)),
    max_size=25,
)


def happen(here: Room, what: str, whom: int) -> None:
    """One thing that people do; nothing where there is nobody to do it to."""
    said = here.network.said
    tops = [one.id for one in said.values() if not one.above]
    match what:
        case "say":
            here.network.say("words", late_ms=whom * 1000)
        case "late":
            here.network.say("words", late_ms=whom * 60_000)
        case "answer" if tops:
            here.network.say("words", above=tops[whom % len(tops)])
        case "delete" if said:
            gone = list(said)[whom % len(said)]
            for one in [one.id for one in said.values() if gone in {one.id, one.above}]:
                del said[one]
        case "hide" if said:
            here.network.said[list(said)[whom % len(said)]].status = "HIDDEN"


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DOINGS)
def test_each_comment_is_told_once_and_what_is_known_is_what_is_there(
    doings: list[tuple[str, int]],
) -> None:
    async def go() -> None:
        async with room() as here:
            told: Counter[str] = Counter()
            states: dict[str, ItemState] = {}

            async def look() -> None:
                found = await here.look()
                told.update(one.remote_id for one in found.arrivals)
                states.update((one.remote_id, one.state) for one in found.arrivals)
                states.update((one.remote_id, one.state) for one in found.sights)

            for what, whom in doings:
                await look() if what == "look" else happen(here, what, whom)
            # The last two looks read everything, as one in twenty does by itself.
            for _ in range(2):
                here.watched.is_behind = True
                await look()
            assert not [one for one, times in told.items() if times > 1]
            there = {
                one.id: ItemState.HIDDEN if one.status == "HIDDEN" else ItemState.VISIBLE
                for one in here.network.said.values()
            }
            assert set(there) <= set(told)
            assert {one: state for one, state in states.items() if state is not ItemState.GONE} == there

    asyncio.run(go())
