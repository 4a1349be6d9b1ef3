"""One account's requests to the Graph interface: its token, its allowance, its lists, its yes and no.

    graph = Graph(context, network="Instagram", base=address, ceiling="requests a day", token=token)
    me = await graph.ask("me", Me, query={"fields": "id,username"})
    async for entries in graph.pages("123/comments", {"fields": "id,text", "limit": 50}): ...
    await graph.do("POST", "456", {"hide": True})

What a newcomer would get wrong: `paging.cursors.after` is there on the last page too. Only `paging.next` says
that there is more; and it is a whole address with the token in it, so its query is taken and the rest is not.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import msgspec

from console.api import Context, Misunderstood, NotAllowed, SignInAgain
from console.api.web import ANSWER_S, Query, Reply, Web
from plugins.meta.errors import TokenEnded, judge
from plugins.meta.usage import SLOW_AT, Usage, usage_in

T = TypeVar("T")
Renew = Callable[[], Awaitable[str]]
"""Gets another token in place of the one that has ended, keeps it, and gives it. Raises SignInAgain."""
MOST_PAGES = 500
"""Pages of one list that are read in a row; a list that is longer goes round in a circle."""


class Paging(msgspec.Struct, frozen=True):
    """Where a list goes on."""

    next: str = ""


class Listing(msgspec.Struct, frozen=True):
    """One page of a list. Its entries are left unread, so that a broken one spoils nothing else."""

    data: list[msgspec.Raw]
    paging: Paging | None = None

    @property
    def goes_on(self) -> dict[str, str]:
        """The query of the next page; empty on the last one."""
        link = self.paging.next if self.paging else ""
        return {name: value for name, value in parse_qsl(urlsplit(link).query) if name != "access_token"}


class Graph:
    """Sends requests in the name of one account, and heeds what the answers say of the allowance.

    `token` may be set at any time. Every method raises a `Failure`.
    """

    def __init__(
        self,
        context: Context,
        *,
        network: str,
        base: str,
        ceiling: str,
        token: str = "",
        renew: Renew | None = None,
    ) -> None:
        """Sends nothing yet.

        `network` is its name for people, `base` the interface's address with the version, `ceiling` the
        manifest's ceiling that reading is counted against. With `renew`, a token that has ended is replaced
        once per request, and the request sent again: Meta looks at the token before it does anything.
        """
        self.token = token
        self.web = Web(context.http, context.now, network=network, base=base, judge=judge)
        self._allowance, self._now, self._ceiling, self._renew = (
            context.allowance,
            context.now,
            ceiling,
            renew,
        )
        self._points = next(one.points for one in context.manifest.ceilings if one.name == ceiling)
        self._renewing = asyncio.Lock()
        self._usage: Usage | None = None

    @property
    def is_strained(self) -> bool:
        """Whether so much of the allowance is used that reading should go slower."""
        return self._usage is not None and self._usage.percent >= SLOW_AT

    async def ask(
        self, path: str, kind: type[T], *, query: Query | None = None, is_counted: bool = True
    ) -> T:
        """Reads something. `is_counted` is False for looks that the verbs' own costs include."""
        return (await self.reply("GET", path, query=query, is_counted=is_counted)).read(kind)

    async def tell(self, method: str, path: str, kind: type[T], form: Query | None = None) -> T:
        """Changes something, and reads the answer."""
        return (await self.reply(method, path, form=form, does_write=True)).read(kind)

    async def do(self, method: str, path: str, form: Query | None = None) -> None:
        """Changes something that is answered with yes or no. Raises Misunderstood for any other answer."""
        check_yes(await self.reply(method, path, form=form, does_write=True))

    async def listed(self, path: str, query: Query | None = None, *, is_counted: bool = True) -> Listing:
        """One page of a list."""
        return await self.ask(path, Listing, query=query, is_counted=is_counted)

    async def pages(
        self, path: str, query: Mapping[str, Any] | None = None, *, most: int = MOST_PAGES
    ) -> AsyncIterator[list[msgspec.Raw]]:
        """The entries of a list page by page, to its end or to `most` pages. The reader may stop earlier."""
        wanted: dict[str, Any] = dict(query or {})
        passed: set[tuple[tuple[str, str], ...]] = set()
        for _ in range(most):
            page = await self.listed(path, wanted)
            yield page.data
            more = page.goes_on
            key = tuple(sorted(more.items()))
            if not more or key in passed:
                return
            passed.add(key)
            wanted = {**wanted, **more}

    async def reply(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        form: Query | None = None,
        does_write: bool = False,
        is_counted: bool = True,
        points: int = 1,
        seconds: float = ANSWER_S,
    ) -> Reply:
        """Any request. Reading is counted as `points` first; acts are counted by the console."""
        if not self.token:
            raise SignInAgain(f"This account is not signed in to {self.web.network}.")
        if is_counted and not does_write:
            await self._allowance.take(self._ceiling, points)
        token = self.token
        try:
            return await self._send(method, path, query, form, does_write, seconds)
        except TokenEnded:
            if self._renew is None:
                raise  # its words say why it has ended
            await self.replace(token)
        return await self._send(method, path, query, form, does_write, seconds)

    def lines(
        self, path: str, query: Query | None = None, *, silence: float = 30.0
    ) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """A stream held open, line by line; see `Web.lines`. `path` may be a whole address."""
        return self.web.lines(path, query=query, headers=self._signed(), silence=silence)

    async def replace(self, ended: str) -> None:
        """Another token in place of one that has ended; several callers at once get one.

        Raises SignInAgain when none is to be had.
        """
        async with self._renewing:
            if self.token != ended:
                return
            if self._renew is None:
                raise SignInAgain(f"{self.web.network} no longer accepts the sign-in.")
            self.token = await self._renew()

    async def _send(
        self,
        method: str,
        path: str,
        query: Query | None,
        form: Query | None,
        does_write: bool,
        seconds: float,
    ) -> Reply:
        reply = await self.web.reply(
            method,
            path,
            query=query,
            form=form,
            headers=self._signed(),
            does_write=does_write,
            seconds=seconds,
        )
        self._heed(reply)
        return reply

    def _signed(self) -> dict[str, str]:
        # In the header and never in the address: addresses end up in logs along the way.
        return {"authorization": f"Bearer {self.token}"}

    def _heed(self, reply: Reply) -> None:
        """Passes on what a good answer says of the allowance; a refusal carries its own end."""
        usage = usage_in(reply.headers, reply.now)
        if usage is None:
            return
        self._usage = usage
        self._allowance.learn(self._ceiling, left=usage.left_of(self._points), until=usage.until(reply.now))


def check_yes(reply: Reply) -> None:
    """Nothing when an answer says yes (`true`, or `success`). Raises NotAllowed for no."""
    found = reply.data()
    said = found.get("success") if isinstance(found, dict) else found
    if said is True:
        return
    if said is False:
        raise NotAllowed(f"{reply.network} did not do it, and did not say why.")
    raise Misunderstood(f"{reply.network} answered neither yes nor no.", sent=reply.does_write)
