"""What is remembered of what the lists showed, and when a thing is worth saying again."""

from __future__ import annotations

import json
from typing import Any

from console.api import ItemState
from plugins.reddit.intake import MOST_REMEMBERED, Intake


def entry(number: int = 1, **fields: Any) -> bytes:
    """A comment in a list of the force's own subreddit."""
    data = {
        "name": f"t1_{number}",
        "author": "sam_example",
        "body": "Is the ford open?",
        "created_utc": 100.0,
        "subreddit": "ForceExample",
        "removed": False,
        "banned_by": None,
    }
    return json.dumps({"kind": "t1", "data": {**data, **fields}}).encode()


def intake(*watched: str) -> Intake:
    """A memory of our subreddit."""
    return Intake("force_example", "ForceExample", watched)


def test_a_thing_comes_once_however_many_lists_show_it() -> None:
    memory = intake()
    assert len(memory.take([entry(), entry()]).arrivals) == 1
    again = memory.take([entry()])
    assert (again.arrivals, again.sights) == ([], [])


def test_things_come_oldest_first_whatever_the_order_of_the_list() -> None:
    harvest = intake().take([entry(1, created_utc=3.0), entry(2, created_utc=1.0), entry(3, created_utc=2.0)])
    assert [one.remote_id for one in harvest.arrivals] == ["t1_2", "t1_3", "t1_1"]


def test_what_is_removed_without_its_words_being_shown_is_hidden_once() -> None:
    memory = intake()
    memory.take([entry()])
    gone = entry(body="[removed]", removed=True, banned_by="moderator_example")
    assert [sight.state for sight in memory.take([gone]).sights] == [ItemState.HIDDEN]
    assert memory.take([gone]).sights == []


def test_what_was_removed_before_anybody_saw_it_is_passed_over() -> None:
    harvest = intake().take([entry(body="[removed]", removed=True, banned_by="moderator_example")])
    assert (harvest.arrivals, harvest.sights) == ([], [])


def test_a_thing_that_an_earlier_run_knew_is_said_again_with_its_state() -> None:
    memory = intake("t1_1", "t1_2")
    harvest = memory.take([entry(1, removed=True, banned_by="moderator_example")], since=10_000_000)
    assert [one.remote_id for one in harvest.arrivals] == ["t1_1"]
    assert [sight.state for sight in harvest.sights] == [ItemState.HIDDEN]
    wordless = memory.take([entry(2, body="[removed]", removed=True, banned_by="x_example")])
    assert [sight.state for sight in wordless.sights] == [ItemState.HIDDEN]


def test_a_list_that_does_not_tell_the_state_changes_none() -> None:
    memory = intake()
    memory.take([entry(removed=True, banned_by="moderator_example")])
    silent = json.loads(entry())
    del silent["data"]["removed"], silent["data"]["banned_by"]
    assert memory.take([json.dumps(silent).encode()]).sights == []


def test_a_memory_does_not_grow_for_ever() -> None:
    memory = intake()
    memory.take([entry(number) for number in range(MOST_REMEMBERED + 10)])
    assert len(memory.take([entry(0)]).arrivals) == 1
    assert memory.take([entry(MOST_REMEMBERED)]).arrivals == []
