"""A seat in this process: the engine on its own thread, as the window has it, and short ways to ask it."""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from console.bootstrap import EngineThread, build_engine
from console.domain.acts import Act, ActState, Verb
from console.domain.ids import ActId, ItemId
from console.domain.items import Item, ItemState
from console.domain.lanes import parse_lane
from console.paths import Places
from console.services.engine import Engine
from console.services.events import Announcement

T = TypeVar("T")
PASSPHRASE = "an invented passphrase"
LIMIT_S = 60.0


class Seat:
    """One operator's engine. Everything here waits for its answer, with a limit."""

    def __init__(self, thread: EngineThread, engine: Engine) -> None:
        """`engine` runs on `thread`."""
        self._thread = thread
        self.engine = engine
        self._changed = threading.Event()
        engine.events.listen(self._heard)

    def _heard(self, _announcement: Announcement) -> None:
        self._changed.set()

    def ask(self, work: Coroutine[Any, Any, T], seconds: float = LIMIT_S) -> T:
        """Runs a coroutine on the engine's loop and gives its result."""
        return self._thread.call(work).result(seconds)

    def items(self, query: str = "", most: int = 10_000) -> list[Item]:
        """What the cache holds, newest first."""
        return self.ask(self.engine.find(parse_lane(query, self.engine.now()), most))

    def outside(self) -> list[Item]:
        """What others have said, newest first."""
        return [item for item in self.items() if not item.is_ours]

    def wait_until(self, what: str, ask: Callable[[], T | None], seconds: float = 30.0) -> T:
        """Asks again after each announcement until the answer is true; the answer."""
        ends = time.monotonic() + seconds
        while True:
            self._changed.clear()
            answer = ask()
            if answer:
                return answer
            left = ends - time.monotonic()
            assert left > 0, f"waited {seconds:g} s in vain for {what}; last answer: {answer!r}"
            self._changed.wait(min(left, 0.5))  # an announcement ends it; the half second is for the rest

    def item(self, text: str, seconds: float = 30.0) -> Item:
        """The item with these words, as soon as it is there."""

        def find() -> Item | None:
            return next((item for item in self.items() if item.text == text), None)

        return self.wait_until(f"“{text}” to arrive", find, seconds)

    def do(self, verb: Verb, ids: Sequence[ItemId], reason: str = "House rule 3: abuse.") -> list[ActId]:
        """Plans a verb and carries it out; the acts."""

        async def work() -> list[ActId]:
            plan = await self.engine.plan(verb, ids)
            assert plan.will == len(ids), plan.why_nothing
            return list((await self.engine.carry_out(plan, reason=reason, who=self.engine.who)).act_ids)

        return self.ask(work())

    def settled(self, acts: Sequence[ActId], state: ActState, seconds: float = 30.0) -> list[Act]:
        """Waits until all these acts are in one state."""

        def look() -> list[Act] | None:
            found = self.ask(self.engine.acts_by_id(acts))
            seen[:] = [f"{act.state}: {act.error}" for act in found if act.state is not state]
            return None if seen else found

        seen: list[str] = []
        try:
            return self.wait_until(f"acts to be {state}", look, seconds)
        except AssertionError as problem:
            raise AssertionError(f"{problem}; they are {seen[:5]}") from None

    def in_state(self, item_id: ItemId, state: ItemState) -> bool:
        """Whether the cache holds an item in this state."""
        return self.ask(self.engine.items([item_id]))[0].state is state


@contextmanager
def seat(profile: Path) -> Iterator[Seat]:
    """A seat on a profile, collecting and acting; ended in order."""
    thread = EngineThread(lambda: build_engine(Places(profile), passphrase=PASSPHRASE))
    started: concurrent.futures.Future[Engine] = thread.start()
    try:
        yield Seat(thread, started.result(LIMIT_S))
    finally:
        thread.stop().result(LIMIT_S)
        assert thread.join(), "the engine's thread did not end"
