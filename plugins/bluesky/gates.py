"""Threadgates: the record beside our own post that names the replies we hide in its thread.

There is one gate for a thread, and it also says who may reply. What a newcomer would get wrong: it is
replaced as a whole. So it is read, changed and written with the digest of what was read (`swapRecord`);
when somebody else was quicker the network says `InvalidSwap`, and it is read again. Everything else in
the record is kept as it was.
Source: `app.bsky.feed.threadgate` and `com.atproto.repo.putRecord` in
https://github.com/bluesky-social/atproto; one gate names at most 300 replies.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from console.api import Gone, TryLater
from plugins.bluesky.mapping import parts_of
from plugins.bluesky.session import Session
from plugins.bluesky.wire import Record, Written
from plugins.bluesky.xrpc import Parameters, SwapLost

GATE = "app.bsky.feed.threadgate"
MOST_HIDDEN = 300
_TRIES = 8


Change = Callable[[list[str]], list[str]]
"""From the replies that are hidden now to those that are to be hidden."""


class Gates:
    """Reads and changes the gates of our own threads.

    `sizes` says how many replies the gates that we have met hide, for saying beforehand what can be
    done.
    """

    def __init__(self, session: Session) -> None:
        """`session` sends in the account's name."""
        self._session = session
        self._busy: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self.sizes: dict[str, int] = {}

    async def hidden(self, root: str) -> list[str]:
        """The replies that our gate hides in the thread of `root`, in the order of the record."""
        gate, _ = await self._read(root)
        return _names(gate)

    async def hide(self, root: str, replies: Sequence[str], now: int) -> list[str]:
        """Hides replies with one write. Returns those for which the gate had no room."""
        full: list[str] = []

        def add(names: list[str]) -> list[str]:
            wanted = [reply for reply in replies if reply not in names]
            room = max(0, MOST_HIDDEN - len(names))
            full[:] = wanted[room:]
            return [*names, *wanted[:room]]

        await self._change(root, add, now)
        return full

    async def unhide(self, root: str, replies: Sequence[str], now: int) -> None:
        """Shows replies again with one write."""
        shown = set(replies)
        await self._change(root, lambda names: [name for name in names if name not in shown], now)

    async def _change(self, root: str, change: Change, now: int) -> None:
        # Two orders of ours for one thread wait for one another instead of spoiling each other's swap.
        lock = self._busy.setdefault(root, asyncio.Lock())
        async with lock:
            for _ in range(_TRIES):
                gate, cid = await self._read(root)
                before = _names(gate)
                after = change(before)
                if after == before:
                    return
                try:
                    await self._write(root, {**gate, "hiddenReplies": after}, cid, now)
                except SwapLost:
                    continue
                self.sizes[root] = len(after)
                return
        raise TryLater("Others keep changing this thread's settings at the same moment.")

    async def _read(self, root: str) -> tuple[dict[str, Any], str | None]:
        """Our gate as it stands, with its digest; an empty one without a digest when there is none."""
        did, _, rkey = parts_of(root)
        query: Parameters = {"repo": did, "collection": GATE, "rkey": rkey}
        try:
            record = await self._session.ask("com.atproto.repo.getRecord", query, Record)
            gate = msgspec.json.decode(record.value, type=dict[str, Any])
        except Gone:
            self.sizes[root] = 0
            return {}, None
        self.sizes[root] = len(_names(gate))
        return gate, record.cid

    async def _write(self, root: str, gate: dict[str, Any], cid: str | None, now: int) -> None:
        did, _, rkey = parts_of(root)
        created = datetime.fromtimestamp(now / 1000, UTC).isoformat(timespec="milliseconds")
        record = {
            "$type": GATE,
            "post": root,
            "createdAt": created.replace("+00:00", "Z"),
            **gate,
        }
        await self._session.tell(
            "com.atproto.repo.putRecord",
            {"repo": did, "collection": GATE, "rkey": rkey, "swapRecord": cid, "record": record},
            Written,
        )


def _names(gate: dict[str, Any]) -> list[str]:
    names = gate.get("hiddenReplies")
    return [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
