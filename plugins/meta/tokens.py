"""Tokens: exchanging a short-lived one for a long-lived one, and asking the network what one is worth.

Sources: https://developers.facebook.com/docs/facebook-login/guides/access-tokens/get-long-lived and
https://developers.facebook.com/docs/graph-api/reference/debug_token.

What a newcomer would get wrong: a token that is taken may still be useless. A person's token on a Page's
comments gives empty lists under status 200, so its kind and its permissions are asked for and not guessed.
"""

from dataclasses import dataclass, field

import msgspec

from console.api import Context
from console.api.web import Query, Web
from plugins.meta.errors import judge
from plugins.meta.times import milliseconds


@dataclass(frozen=True, slots=True)
class Token:
    """A token and its end."""

    text: str = field(repr=False)
    ends_at: int | None = None
    """Milliseconds since 1970; None when the network named no end."""


class _Exchanged(msgspec.Struct, frozen=True):
    access_token: str
    expires_in: int = 0


async def exchange(
    context: Context, *, network: str, address: str, fields: Query, method: str = "POST"
) -> Token:
    """Exchanges or refreshes a token at `address`; `fields` has `grant_type` and what goes with it.

    Where a network takes `POST`, the token and the app's secret stay out of the address. Raises a `Failure`;
    TokenEnded when the old token is no longer taken.
    """
    web = Web(context.http, context.now, network=network, base=address, judge=judge)
    sent = {"form": fields} if method == "POST" else {"query": fields}
    found = await web.ask(address, _Exchanged, method=method, **sent)
    ends_at = context.now() + found.expires_in * 1000 if found.expires_in > 0 else None
    return Token(found.access_token, ends_at)


class _Permission(msgspec.Struct, frozen=True):
    permission: str
    status: str = ""


class _Permissions(msgspec.Struct, frozen=True):
    data: list[_Permission]


async def permissions(context: Context, *, network: str, base: str, token: str) -> frozenset[str]:
    """The permissions that the person behind a user's token has granted (`/me/permissions`)."""
    web = Web(context.http, context.now, network=network, base=base, judge=judge)
    found = await web.ask("me/permissions", _Permissions, headers={"authorization": f"Bearer {token}"})
    return frozenset(one.permission for one in found.data if one.status in {"granted", ""})


class TokenFacts(msgspec.Struct, frozen=True):
    """What the network says of a token. Times are seconds since 1970; 0 means without an end."""

    type: str = ""
    """`PAGE`, `USER`, `APP` or `SYSTEM_USER`."""
    is_valid: bool = False
    app_id: str = ""
    profile_id: str = ""
    """Of a Page's token: the Page."""
    scopes: list[str] = []
    expires_at: int = 0
    data_access_expires_at: int = 0

    @property
    def ends_at(self) -> int | None:
        """When the sign-in ends whatever is done, milliseconds since 1970; None when nothing says so."""
        found = [milliseconds(when) for when in (self.expires_at, self.data_access_expires_at) if when > 0]
        return min((at for at in found if at is not None), default=None)


class _Debugged(msgspec.Struct, frozen=True):
    data: TokenFacts


async def facts_of(context: Context, *, network: str, base: str, token: str, asker: str) -> TokenFacts:
    """What the network says of `token` (`debug_token`).

    `asker` is the token that asks: `{app id}|{app secret}`, or a token of the app's developer.
    """
    web = Web(context.http, context.now, network=network, base=base, judge=judge)
    headers = {"authorization": f"Bearer {asker}"}
    return (await web.ask("debug_token", _Debugged, query={"input_token": token}, headers=headers)).data
