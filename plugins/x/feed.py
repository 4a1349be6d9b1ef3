"""A stream that is held open beside the rounds: what concerns the account, seconds after it was said.

What a newcomer would get wrong: a stream is quick and leaves things out (replies to replies, whatever was
said while the link was down), and the app has one or two connections in all. So the rounds go on beside it,
more seldom, and every new connection asks for one at once; and a stream that cannot be had is no failure of
the account, which is then read by polling.
Source: x-api/fundamentals/consuming-streaming-data and handling-disconnections of
https://github.com/xdevplatform/docs.
"""

import asyncio
from dataclasses import dataclass
from typing import Literal, Self

import msgspec

from console.api import Context, Failure, Gone, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.web import words_of
from plugins.x import names
from plugins.x.problems import problems_in
from plugins.x.session import Session, bearer
from plugins.x.wire import ActivityLine, FilteredLine, Includes, Listed, Rule, Subscription

Mode = Literal["activity", "filtered"]
SILENCE_S = 25.0
"""X sends a line at least every 20 s."""
EVENTS = ("post.mention.create", "post.reply.create", "post.quote.create", "post.delete")
MESSAGE_EVENT = "dm.received"
CEILING = "streams begun"
_MOST_WAITING = 1_000
_NETWORK = (0.25, 16.0)
"""First and longest wait after a broken link, seconds; X asks for these."""
_HTTP = (5.0, 320.0)
_RATE = (60.0, 960.0)
_DONE_ALREADY = ("duplicate", "already exists")


@dataclass(frozen=True, slots=True)
class Heard:
    """One event: a post or private message as it came, or the id of a post of ours that is gone."""

    raw: bytes
    includes: Includes | None = None
    deleted: str = ""
    is_message: bool = False


class Feed:
    """One stream of one account. A context manager: it listens inside the block."""

    def __init__(self, session: Session, context: Context, mode: Mode) -> None:
        """Nothing is sent yet."""
        self._session, self._context, self._mode = session, context, mode
        self._queue: asyncio.Queue[Heard] = asyncio.Queue(_MOST_WAITING)
        self._task: asyncio.Task[None] | None = None
        self._wait_s = 0.0
        self.has_gap = False
        """Whether something may have been missed since this was last set to False."""
        self.is_live = False
        self.words = ""
        """Why there is no stream; empty while there is one."""
        self.broken = 0
        """Lines that could not be read."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name="a stream of X")
        return self

    async def __aexit__(self, *failure: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def some(self) -> list[Heard]:
        """What was heard, as soon as there is anything; no more than one look at its authors can name."""
        found = [await self._queue.get()]
        while not self._queue.empty() and len(found) < names.AT_ONCE:
            found.append(self._queue.get_nowait())
        return found

    def raise_fault(self) -> None:
        """Raises what ended the listening for good; only a fault of ours does."""
        if self._task is not None and self._task.done() and not self._task.cancelled():
            problem = self._task.exception()
            if problem is not None:
                raise problem

    async def _listen(self) -> None:
        while True:
            try:
                await self._prepare()
                await self._connect()
            except Failure as failure:
                self.words = f"The live stream is not to be had, so X is polled: {failure.words}"
                self._back_off(failure)
            self.is_live = False
            await self._context.wait(rest=self._wait_s, incident=self._wait_s)

    async def _connect(self) -> None:
        await self._context.allowance.take(CEILING)
        path, query = (names.ACTIVITY, None) if self._mode == "activity" else (names.FILTERED, names.POSTS)
        held = self._session.web.lines(
            path, query=query, headers=bearer(self._session.app_token), silence=SILENCE_S
        )
        async with held as lines:
            self.has_gap = self.is_live = True
            self.words = ""
            async for line in lines:
                if not line.strip():
                    continue
                heard = self._read(line)
                self._wait_s = 0.0
                if heard is not None:
                    await self._queue.put(heard)
        raise TryLater("X ended the stream.")

    def _back_off(self, failure: Failure) -> None:
        match failure:
            case SlowDown():
                first, longest = _RATE
            case TryLater() if self.is_live:
                first, longest = _NETWORK
            case _:
                first, longest = _HTTP
        self._wait_s = min(longest, max(first, self._wait_s * 2))

    # what is asked for ---------------------------------------------------------------------------

    async def _prepare(self) -> None:
        """Sees to it that the app has asked for what concerns us. Raises a `Failure`."""
        try:
            await (self._subscribe() if self._mode == "activity" else self._rule())
        except SignInAgain as failure:
            raise NotAllowed("X does not take the app's Bearer Token.") from failure
        except (Gone, Misunderstood) as failure:
            raise NotAllowed(f"X does not offer this stream: {failure.words}") from failure

    async def _subscribe(self) -> None:
        """Private events need the account's own token, the list of them the app's."""
        me = self._session.me.id
        there: set[str] = set()
        for raw in await self._all(names.SUBSCRIPTIONS):
            found = msgspec.convert(raw, Subscription, strict=False)
            if found.filter is not None and found.filter.user_id == me:
                there.add(found.event_type)
        is_with_messages = self._context.settings.get("messages") == "on"
        for event in (*EVENTS, MESSAGE_EVENT) if is_with_messages else EVENTS:
            if event not in there:
                body = {"event_type": event, "filter": {"user_id": me}, "tag": self._tag}
                await self._session.reply("POST", names.SUBSCRIPTIONS, body=body, ceiling=CEILING)

    async def _rule(self) -> None:
        value = names.rule(self._session.me.username)
        rules = [msgspec.convert(raw, Rule, strict=False) for raw in await self._all(names.RULES)]
        if any(rule.value == value for rule in rules):
            return
        body = {"add": [{"value": value, "tag": self._tag}]}
        token = bearer(self._session.app_token)
        answer = await self._session.web.reply("POST", names.RULES, body=body, headers=token)
        for problem in problems_in(answer.data()):
            said = f"{problem.title} {problem.words}".lower()
            if not any(words in said for words in _DONE_ALREADY):
                raise NotAllowed(f"X does not take the stream's rule: {words_of(problem.words)}")

    async def _all(self, path: str) -> list[object]:
        found: list[object] = []
        token = ""
        while True:
            query = {"max_results": 100, **({"pagination_token": token} if token else {})}
            headers = bearer(self._session.app_token)
            page = await self._session.web.ask(path, Listed, query=query, headers=headers)
            found += [msgspec.json.decode(raw) for raw in page.data or ()]
            if not page.next_token or page.next_token == token:
                return found
            token = page.next_token

    @property
    def _tag(self) -> str:
        return f"cordon {self._session.me.id}"

    # what comes -----------------------------------------------------------------------------------

    def _read(self, line: str) -> Heard | None:
        """One line; None for what is not for us. Raises a `Failure` for X's word that the stream ends."""
        try:
            if self._mode == "activity":
                return self._event(msgspec.json.decode(line, type=ActivityLine))
            return self._found(msgspec.json.decode(line, type=FilteredLine))
        except msgspec.DecodeError:
            self.broken += 1
            return None

    def _event(self, line: ActivityLine) -> Heard | None:
        event = line.data
        if event is None:
            if line.errors:
                raise TryLater(f"X ended the stream: {words_of(line.errors[0].words)}")
            return None
        is_ours = event.filter is None or event.filter.user_id in {"", self._session.me.id}
        raw = bytes(event.payload)
        if not is_ours or raw == b"null":
            return None  # another account of the same app, or a kind without contents
        if event.event_type == "post.delete":
            gone = msgspec.json.decode(raw)
            return Heard(raw, deleted=str(gone.get("id", ""))) if isinstance(gone, dict) else None
        if event.event_type == MESSAGE_EVENT:
            return Heard(raw, line.includes or event.includes, is_message=True)
        if event.event_type.startswith("post.") and event.event_type.endswith(".create"):
            return Heard(raw, event.includes or line.includes)
        return None

    def _found(self, line: FilteredLine) -> Heard | None:
        raw = bytes(line.data)
        if raw == b"null":
            if line.errors:
                raise TryLater(f"X ended the stream: {words_of(line.errors[0].words)}")
            return None
        tags = [rule.tag for rule in line.matching_rules or ()]
        if tags and self._tag not in tags:
            return None  # another account of the same app
        return Heard(raw, line.includes)
