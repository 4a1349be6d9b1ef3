"""The sign-in of one account: the Page's token, getting another, and who we are.

What a newcomer would get wrong: a Page's token names no end, and dies all the same, with a password or a
role. As long as the person's own token lives (about 60 days), another Page's token is to be had from it
without anybody; after that a person must sign in.
"""

import msgspec

from console.api import Context, Failure, NotAllowed, Profile, SignInAgain
from console.api.entries import own_text
from console.api.web import safe_address
from plugins.facebook.rights import NETWORK, NOT_A_PAGE, Rights
from plugins.facebook.wire import PAGE_FIELDS, PageNode
from plugins.meta.errors import WrongKind
from plugins.meta.graph import Graph
from plugins.meta.login import API, own_pages, page_of
from plugins.meta.tokens import facts_of, permissions

CEILING = "requests a day"
NOT_SIGNED_IN = "There is no sign-in for this Page."


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed: what the person typed, and what was got by signing in."""

    app_secret: str = ""
    token: str = ""
    """A token that the person typed in, a Page's or a person's."""
    user_token: str = ""
    """The long-lived token of the person who signed in."""
    page_token: str = ""
    tasks: list[str] = []
    """What that person may do on the Page; empty when nobody said."""


def read_kept(text: str | None) -> Kept:
    """What lies sealed; nothing when it cannot be read."""
    return own_text(text or "", Kept)


def written(kept: Kept) -> str:
    """What is to be sealed."""
    return msgspec.json.encode(kept).decode()


class Session:
    """One Page's sign-in. `graph` sends in the Page's name."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._graph: Graph | None = None
        self.page = context.settings.get("page", "").strip()
        """The Page's id; known after `open` at the latest."""
        self.rights = Rights()
        """What was last found out about our rights."""

    @property
    def graph(self) -> Graph:
        """Sends in the Page's name. Raises SignInAgain before `open`."""
        if self._graph is None:
            raise SignInAgain(NOT_SIGNED_IN)
        return self._graph

    @property
    def streaming(self) -> str:
        """The address of the stream of live comments, without a slash at the end."""
        if self._address == API:
            return "https://streaming-graph.facebook.com"
        return self._address

    @property
    def _address(self) -> str:
        return safe_address(self._context.settings.get("address", ""), API)

    async def open(self) -> Profile:
        """Proves that the Page's token works and is a Page's. Raises a `Failure`."""
        self._kept = read_kept(await self._context.secret.read())
        self._graph = Graph(
            self._context,
            network=NETWORK,
            base=self._address,
            ceiling=CEILING,
            token=self._kept.page_token or self._kept.token,
            renew=self._renew,
        )
        if not self._graph.token:
            if not self._kept.user_token:
                raise SignInAgain(NOT_SIGNED_IN)
            self._graph.token = await self._renew()
        try:
            me = await self._graph.ask("me", PageNode, query={"fields": PAGE_FIELDS})
        except WrongKind as refusal:
            raise SignInAgain(NOT_A_PAGE) from refusal
        if self.page and me.id != self.page:
            raise SignInAgain("This sign-in belongs to another Page.")
        self.page = me.id
        await self.look_at_rights()
        return Profile(
            remote_id=me.id,
            handle=me.username or me.id,
            name=me.name or me.username or me.id,
            app=self._context.settings.get("app_id", ""),
            ends_at=self.rights.ends_at,
            notices=tuple(self.rights.notices),
        )

    async def look_at_rights(self) -> Rights:
        """Asks the network what this sign-in may do; remembers and gives it. Raises a `Failure`.

        A person's token or an app's secret that is not taken any more leaves the rights untold: the Page's
        own token may still be good.
        """
        tasks = frozenset(self._kept.tasks) if self._kept.tasks else None
        try:
            self.rights = await self._asked(tasks)
        except (NotAllowed, SignInAgain):
            self.rights = Rights(tasks=tasks)
        return self.rights

    async def _asked(self, tasks: frozenset[str] | None) -> Rights:
        context, kept = self._context, self._kept
        app_id = context.settings.get("app_id", "").strip()
        if app_id and kept.app_secret:
            facts = await facts_of(
                context,
                network=NETWORK,
                base=self._address,
                token=self.graph.token,
                asker=f"{app_id}|{kept.app_secret}",
            )
            return Rights(frozenset(facts.scopes), facts.type, tasks, facts.ends_at)
        if kept.user_token:
            given = await permissions(context, network=NETWORK, base=self._address, token=kept.user_token)
            return Rights(given, "", tasks)
        return Rights(tasks=tasks)

    async def _renew(self) -> str:
        """Another Page's token from the person's own. Raises SignInAgain when there is none to be had."""
        person = self._kept.user_token
        if not person or not self.page:
            raise SignInAgain(f"{NETWORK} no longer accepts the sign-in. Sign in again.")
        pages = await own_pages(self._context, network=NETWORK, base=self._address, token=person)
        try:
            found = page_of(pages, self.page, NETWORK)
        except Failure as failure:
            raise SignInAgain(failure.words) from failure
        self._kept = msgspec.structs.replace(self._kept, page_token=found.access_token, tasks=found.tasks)
        await self._context.secret.write(written(self._kept))
        return found.access_token
