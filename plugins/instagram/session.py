"""The sign-in of one account: the linked Page's token, getting another, and what it may do.

What a newcomer would get wrong: the account has two ids, and the wrong one gives empty lists and no error.
So the id is taken from the Page on each start, and with it how many posts there are: an account that has
posts and lists none is one that we may not read.
"""

import msgspec

from console.api import Context, NotAllowed, Profile, SignInAgain
from console.api.entries import own_text
from console.api.web import safe_address
from plugins.instagram.wire import ACCOUNT_FIELDS, PAGE_FIELDS, Account, PageNode
from plugins.meta.graph import Graph
from plugins.meta.login import API, own_pages, page_of
from plugins.meta.tokens import TokenFacts, facts_of

NETWORK = "Instagram"
CALLS = "calls a day"
MESSAGES = "instagram_manage_messages"
COMMENTS = "instagram_manage_comments"

SCOPES: dict[str, str] = {
    "instagram_basic": "posts cannot be read",
    COMMENTS: "comments have no authors, and cannot be hidden, deleted or answered",
    "pages_show_list": "the account cannot be found again without a person",
    "pages_read_engagement": "comments cannot be read",
    "pages_read_user_content": "comments of others cannot be read",
    MESSAGES: "private messages cannot be read or sent",
    "pages_manage_metadata": "private messages cannot be listed",
}
"""The permissions, and what is not possible without each. Sources: the pages "Comment Moderation" and
"Conversations API" at https://developers.facebook.com/docs."""

NOT_LINKED = (
    "No professional Instagram account is linked to this Page any more, or the sign-in may not see it. Link"
    " it in the Page's settings, or sign in again and tick the account."
)


class Kept(msgspec.Struct, frozen=True, omit_defaults=True):
    """What lies sealed: what the person typed, and what was got by signing in."""

    app_secret: str = ""
    token: str = ""
    """A token that the person already had; the walk finds out whose it is."""
    person: str = ""
    """The long-lived token of the person who signed in."""
    page_token: str = ""


def kept_in(text: str | None) -> Kept:
    """What lies sealed; nothing when it cannot be read."""
    return own_text(text, Kept)


def sealed(kept: Kept) -> str:
    """What is to be sealed."""
    return msgspec.json.encode(kept).decode()


class Session:
    """Sends requests in the account's name, with the Page's token."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._kept = Kept()
        self._graph: Graph | None = None
        self.page = context.settings.get("page", "").strip()
        self.account = Account("")
        """The account itself; known after `open`."""
        self.scopes: frozenset[str] | None = None
        """What was granted; None while the network has not said."""

    @property
    def graph(self) -> Graph:
        """The interface, signed in. Raises SignInAgain before `open`."""
        if self._graph is None:
            raise SignInAgain("This account is not signed in to Instagram.")
        return self._graph

    def has(self, scope: str) -> bool:
        """Whether a permission is there; true while nobody knows."""
        return self.scopes is None or scope in self.scopes

    async def open(self) -> Profile:
        """Signs in with the Page's token, and asks it for the account. Raises a `Failure`."""
        self._kept = kept_in(await self._context.secret.read())
        graph = Graph(
            self._context,
            network=NETWORK,
            base=self._base,
            ceiling=CALLS,
            token=self._kept.page_token or self._kept.token,
            renew=self._another,
        )
        if not graph.token and not self._kept.person:
            raise SignInAgain("There is no sign-in for this Instagram account. Please sign in.")
        if not graph.token:
            graph.token = await self._another()
        self._graph = graph
        page = await graph.ask(self.page or "me", PageNode, query={"fields": PAGE_FIELDS})
        if page.instagram_business_account is None:
            raise SignInAgain(NOT_LINKED)
        self.page, self.account = page.id, page.instagram_business_account
        facts = await self._facts()
        self.scopes = frozenset(facts.scopes) if facts is not None and facts.scopes else None
        return Profile(
            remote_id=self.account.id,
            handle=self.account.username or self.account.id,
            name=self.account.name or self.account.username or page.name or self.account.id,
            app=self._context.settings.get("app_id", "").strip(),
            ends_at=facts.ends_at if facts is not None else None,
            notices=self._notices(),
        )

    async def count_posts(self) -> int | None:
        """How many posts the account has, by its own word; None when it does not say."""
        found = await self.graph.ask(self.account.id, Account, query={"fields": ACCOUNT_FIELDS})
        return found.media_count

    @property
    def _base(self) -> str:
        return safe_address(self._context.settings.get("address", ""), API)

    async def _facts(self) -> TokenFacts | None:
        """What the network says of the token; None when it does not tell us."""
        token, app_id = self.graph.token, self._context.settings.get("app_id", "").strip()
        asker = f"{app_id}|{self._kept.app_secret}" if app_id and self._kept.app_secret else token
        try:
            return await facts_of(self._context, network=NETWORK, base=self._base, token=token, asker=asker)
        except (NotAllowed, SignInAgain):
            return None  # the Page's own token has just been taken: only the question was not

    async def _another(self) -> str:
        """Another Page's token by the token of the person; kept before it is used."""
        again = SignInAgain("Instagram no longer accepts the sign-in. Please sign in again.")
        if not self._kept.person or not self.page:
            raise again
        pages = await own_pages(self._context, network=NETWORK, base=self._base, token=self._kept.person)
        try:
            token = page_of(pages, self.page, "Facebook").access_token
        except NotAllowed as refusal:
            raise SignInAgain(refusal.words) from refusal
        self._kept = msgspec.structs.replace(self._kept, page_token=token)
        await self._context.secret.write(sealed(self._kept))
        return token

    def _notices(self) -> tuple[str, ...]:
        if self.scopes is None:
            return ()
        return tuple(
            f"The permission {scope} is missing: {without}. Sign in again and leave it on."
            for scope, without in SCOPES.items()
            if scope not in self.scopes
        )
