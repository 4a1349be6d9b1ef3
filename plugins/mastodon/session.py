"""One account's way to its server: the token, what the server is and allows, and requests in its name.

Tokens do not end by themselves; a person or the server takes them away. What a newcomer would get wrong: the
headers of an answer speak of whichever allowance is nearest its end, so what they say belongs to the ceiling
of that very request: deleting, posting and reporting have ceilings of their own.
Sources: https://docs.joinmastodon.org/api/rate-limits/, https://docs.joinmastodon.org/api/oauth-scopes/, and
`rate_limiter.rb` and `user_role.rb` in https://github.com/mastodon/mastodon.
"""

import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from console.api import Context, Failure, Gone, NotAllowed, Profile, SignInAgain, SlowDown, TryLater
from console.api.web import Reply, Web, safe_address, time_in, words_of
from plugins.mastodon.wire import App, Instance, Me, Trouble

T = TypeVar("T")
REQUESTS = "requests in five minutes"
DELETIONS = "deletions in half an hour"
POSTS = "posts in three hours"
REPORTS = "reports a day"

READS = (
    "read:accounts",
    "read:statuses",
    "read:notifications",
    "read:search",
    "read:blocks",
    "read:mutes",
)
WRITES = ("write:statuses", "write:favourites", "write:blocks", "write:mutes", "write:reports")
STAFF = ("admin:read:accounts", "admin:write:accounts")
"""What is asked for besides, when the account is staff of its server."""

_ADMINISTRATOR, _MANAGES_USERS = 1 << 0, 1 << 10
_VERSION = re.compile(r"(\d+)\.(\d+)")
_LOOK_ALIKE = re.compile(r"compatible; (\w+)|(gotosocial|akkoma|pleroma|pixelfed|friendica)", re.IGNORECASE)


class Kept(msgspec.Struct, frozen=True):
    """What lies sealed."""

    token: str
    scopes: str = ""
    """The rights that the server gave, parted by spaces; empty where nobody said."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the account may do, as the server says."""

    scopes: frozenset[str] = frozenset()
    """Empty: not known, and then every ordinary right is taken to be there."""
    is_staff: bool = False
    """Whether the account may limit others on its server."""

    def has(self, scope: str) -> bool:
        """Whether a right was given, by itself or inside a wider one."""
        wider, _, last = scope.rpartition(":")
        if scope in self.scopes or (bool(wider) and self.has(wider)):
            return True
        return "follow" in self.scopes and last in {"blocks", "mutes"}  # what they were one right of before

    def lacks(self, scope: str) -> bool:
        """Whether a right is known to be missing."""
        return bool(self.scopes) and not self.has(scope)


@dataclass(frozen=True, slots=True)
class Server:
    """What the server is."""

    domain: str = ""
    version: tuple[int, int] = (0, 0)
    kind: str = "Mastodon"
    """Its program, where that is a look-alike."""
    streaming: str = ""

    @property
    def gives_many_posts(self) -> bool:
        """Whether several posts can be asked for at once.

        Source: https://docs.joinmastodon.org/methods/statuses/#index
        """
        return self.kind == "Mastodon" and self.version >= (4, 3)


class Session:
    """Sends requests in the account's name."""

    def __init__(self, context: Context) -> None:
        """`context` is the connector's; nothing is sent or read yet."""
        self._context = context
        self._allowance = context.allowance
        self._web: Web | None = None
        self._token = ""
        self.me = ""
        """The account's id on its server, empty before `open`."""
        self.rights = Rights()
        self.server = Server()

    async def open(self) -> Profile:
        """Proves that the token is taken, and asks what the server is. Raises a `Failure`."""
        kept = _kept(await self._context.secret.read())
        self._web = web_of(self._context)
        self._token = kept.token.strip()
        self.server = await self._probe()
        me = await self.ask("/api/v1/accounts/verify_credentials", Me)
        if me.suspended:
            raise SignInAgain("The server has suspended this account.")
        scopes = frozenset(kept.scopes.split()) or await self._scopes_of_app()
        self.me, self.rights = me.id, Rights(scopes)
        is_staff = self._context.is_on("staff") and all(self.rights.has(scope) for scope in STAFF)
        self.rights = Rights(scopes, is_staff=is_staff and _may_manage(me))
        handle = me.acct if "@" in me.acct else f"{me.acct}@{self.server.domain}"
        return Profile(
            remote_id=me.id, handle=handle, name=me.display_name or handle, notices=tuple(self._notices())
        )

    async def ask(self, path: str, kind: type[T], **how: Any) -> T:
        """Reads something, counted as reading. Raises a `Failure`."""
        await self._allowance.take(REQUESTS)
        return await self.look(path, kind, **how)

    async def look(self, path: str, kind: type[T], **how: Any) -> T:
        """Reads something that an act's own cost has counted. Raises a `Failure`."""
        reply = await self._current().reply("GET", path, headers=self._named(), **how)
        self._learn(REQUESTS, reply)
        return reply.read(kind)

    async def tell(
        self, method: str, path: str, kind: type[T], *, ceiling: str = REQUESTS, key: str = "", **how: Any
    ) -> T:
        """Changes something. Raises a `Failure`.

        `ceiling` is the one that the answer's headers speak of. Two requests with the same `key` within an
        hour are one: the second is answered with what the first has done.
        """
        headers = {**self._named(), **({"idempotency-key": key} if key else {})}
        reply = await self._current().reply(method, path, headers=headers, does_write=True, **how)
        self._learn(ceiling, reply)
        return reply.read(kind)

    def lines(self, path: str, silence: float) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Holds the server's live stream open. Raises a `Failure`."""
        return self._current().lines(f"{self.server.streaming}{path}", headers=self._named(), silence=silence)

    def left(self) -> int | None:
        """How many requests may still be spent on reading now; None when there is no end."""
        return self._allowance.left(REQUESTS)

    def _current(self) -> Web:
        if self._web is None:
            raise SignInAgain("This account is not signed in.")
        return self._web

    def _named(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self._token}"}

    async def _probe(self) -> Server:
        """What the server says of itself; look-alikes may only know the first version of the answer."""
        try:
            found = await self.ask("/api/v2/instance", Instance)
        except (Gone, NotAllowed):
            found = await self.ask("/api/v1/instance", Instance)
        base = self._current().base
        told = found.configuration.urls.streaming or found.urls.streaming_api or found.urls.streaming
        number = _VERSION.search(found.version)
        alike = _LOOK_ALIKE.search(found.version)
        return Server(
            domain=(found.domain or found.uri).removeprefix("https://").strip("/") or urlsplit(base).netloc,
            version=(int(number[1]), int(number[2])) if number else (0, 0),
            kind=(alike[1] or alike[2]) if alike else "Mastodon",
            streaming=streaming_base(told, base),
        )

    async def _scopes_of_app(self) -> frozenset[str]:
        """The rights of a token that a person brought along, where the server tells them."""
        try:
            app = await self.ask("/api/v1/apps/verify_credentials", App)
        except (Gone, NotAllowed):
            return frozenset()
        return frozenset(app.scopes or ())

    def _notices(self) -> list[str]:
        missing = [scope for scope in (*READS, *WRITES) if self.rights.lacks(scope)]
        notices = []
        if missing:
            notices.append(
                f"The sign-in lacks the rights {', '.join(missing)}, so Cordon cannot do all that it should: "
                "sign in again."
            )
        if self._context.is_on("staff") and not self.rights.is_staff:
            notices.append(
                "The account was said to be staff of its server, and the server did not give Cordon that "
                "right: sign in again, or ask whoever runs the server for the role of a moderator."
            )
        if self.server.kind != "Mastodon":
            notices.append(
                f"The server runs {self.server.kind}, which only resembles Mastodon: "
                "some things may be missing."
            )
        return notices

    def _learn(self, ceiling: str, reply: Reply) -> None:
        """Passes on what the headers say is left."""
        left = reply.headers.get("x-ratelimit-remaining", "")
        until = time_in(reply.headers.get("x-ratelimit-reset"), reply.now)
        if left.isdecimal() and until is not None and until > reply.now:
            self._allowance.learn(ceiling, left=int(left), until=until)


def web_of(context: Context) -> Web:
    """Requests to the account's server. Raises NotAllowed for an address that cannot be used."""
    address = context.settings.get("address", "").strip()
    if not address:
        raise NotAllowed("Cordon does not know on which server this account lives.")
    parts = urlsplit(safe_address(address, address))
    base = f"{parts.scheme}://{parts.netloc}"
    return Web(context.http, context.now, network="Mastodon", base=base, judge=judge)


def streaming_base(told: str, base: str) -> str:
    """Where the live stream is, from what the server says; the server itself where it says nothing usable."""
    scheme, _, rest = told.partition("://")
    secure = {"wss": "https", "ws": "http"}.get(scheme, scheme)
    try:
        return safe_address(f"{secure}://{rest}", base) if rest else base
    except NotAllowed:
        return base


def path_of(*parts: str) -> str:
    """An address below the interface; ids come from outside and must not lead elsewhere."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def judge(reply: Reply) -> Failure | None:
    """What an answer means in Mastodon's own words.

    Source: https://docs.joinmastodon.org/entities/Error/ and the controllers' `rescue_from` lines.
    """
    try:
        trouble = msgspec.json.decode(reply.body, type=Trouble)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        trouble = Trouble()
        found = reply.data()
        if reply.is_success and isinstance(found, dict) and "error" in found:
            return TryLater("Mastodon answers with an error and does not say which.", sent=reply.does_write)
    said = words_of(trouble.error)
    if reply.is_success:
        return TryLater(f"Mastodon says: {said}", sent=reply.does_write) if said else None
    if reply.status == 429:
        return SlowDown("The server asks us to slow down.", until=reply.resumes_at("x-ratelimit-reset"))
    if reply.status == 401 or (reply.status == 403 and any(words in said for words in _CLOSED)):
        return SignInAgain(f"The server no longer accepts the sign-in: {said or 'it was taken away'}")
    if reply.status >= 500 or reply.status in {404, 410} or not said:
        return None
    if reply.status == 403 and "scope" in said:
        return NotAllowed("The sign-in lacks the right to do this: sign in again, and say yes to all of it.")
    if "character limit" in said:
        return NotAllowed("The reply is too long for this server.")
    return NotAllowed(f"The server refuses this: {said}")


_CLOSED = ("login is currently disabled", "confirmed", "pending approval", "suspended")
"""Words of a refusal that is about the account and not about the request."""


def _kept(text: str | None) -> Kept:
    """What lies sealed. Raises SignInAgain when nothing usable does."""
    try:
        kept = msgspec.json.decode(text or "", type=Kept)
    except msgspec.DecodeError:
        kept = None
    if kept is None or not kept.token.strip():
        raise SignInAgain("There is no sign-in for this account yet.") from None
    return kept


def _may_manage(me: Me) -> bool:
    try:
        bits = int(me.role.permissions) if me.role else 0
    except ValueError:
        return False
    return bool(bits & (_ADMINISTRATOR | _MANAGES_USERS))
