"""Tasks that have a name and an owner.

What a newcomer would get wrong: asyncio itself holds tasks only weakly, so one that nobody keeps may
vanish in mid-work, and its failure is then heard of by nobody. Everything that runs beside the main
path is started here.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger(__name__)

OnFailure = Callable[[str, BaseException], None]


class Tasks:
    """The tasks of one owner, strongly held, each failure said in the log."""

    def __init__(self, owner: str, on_failure: OnFailure | None = None) -> None:
        """`on_failure` is told the name of a task that failed, and how, besides the log."""
        self._owner = owner
        self._on_failure = on_failure
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, Any], name: str, *, said: bool = True) -> asyncio.Task[Any]:
        """Starts `work` as a task of this owner.

        With `said=False` its failure is left to whoever awaits the task.
        """
        task = asyncio.get_running_loop().create_task(work, name=f"{self._owner}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._done if said else self._tasks.discard)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            _log.error("The task “%s” failed.", task.get_name(), exc_info=problem)
            if self._on_failure is not None:
                self._on_failure(task.get_name(), problem)

    async def stop(self, seconds: float) -> list[str]:
        """Cancels all and waits so long for them; gives the names of those that would not end."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        if not tasks:
            return []
        _, stubborn = await asyncio.wait(tasks, timeout=seconds)
        for task in stubborn:
            _log.error("The task “%s” did not end within %g s.", task.get_name(), seconds)
        return sorted(task.get_name() for task in stubborn)
