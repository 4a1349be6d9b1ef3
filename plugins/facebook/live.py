"""Comments on live videos as they are written, by server-sent events.

    GET https://streaming-graph.facebook.com/{live video}/live_comments → data: one comment

The stream is known from public clients more than from Meta's own pages, so nothing hangs on it: the same
comments are read by rounds as well, and whatever comes twice is recognised.

What a newcomer would get wrong: a stream carries four fields and no rights. What can be done to such a
comment is not known until it is tried, and its note says so by saying nothing.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from console.api import Failure
from console.api.web import events
from plugins.facebook.session import Session
from plugins.facebook.wire import STREAM_FIELDS

SILENCE_S = 120.0
"""How long a stream may say nothing at all before it is taken for dead."""
MOST = 20
"""Live videos that are listened to at once."""
MOST_WAITING = 10_000
"""Comments that wait to be taken; of more, the rest comes by rounds."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One comment, as it came, and the live video below which it stands."""

    video: str
    raw: bytes


class Live:
    """Listens to the live videos of one Page. `close` must be called at the end."""

    def __init__(self, session: Session) -> None:
        """Nothing is listened to yet."""
        self._session = session
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self.heard: asyncio.Queue[Heard] = asyncio.Queue(MOST_WAITING)
        self.words = ""
        """Why the last stream ended against our will; empty when none did."""

    async def follow(self, videos: Mapping[str, str]) -> None:
        """Listens to these live videos and no others; takes up again those that broke off."""
        for video in [video for video in self._tasks if video not in videos]:
            await _end(self._tasks.pop(video))
        for video in list(videos)[:MOST]:
            task = self._tasks.get(video)
            if task is None or task.done():
                self._tasks[video] = asyncio.create_task(self._listen(video), name="live comments")

    @property
    def is_listening(self) -> bool:
        """Whether anything may be heard before the next round."""
        return bool(self._tasks)

    async def close(self) -> None:
        """Stops listening."""
        await self.follow({})

    async def _listen(self, video: str) -> None:
        path = f"{self._session.streaming}/{video}/live_comments"
        query = {"comment_rate": "one_per_two_seconds", "fields": STREAM_FIELDS}
        try:
            async with self._session.graph.lines(path, query, silence=SILENCE_S) as lines:
                async for event in events(lines):
                    with suppress(asyncio.QueueFull):
                        self.heard.put_nowait(Heard(video, event.data.encode()))
            self.words = ""
        except Failure as failure:
            self.words = failure.words


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
