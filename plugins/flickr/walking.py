"""The sign-in that a person is walked through: OAuth 1.0a, with a browser that comes back or a pasted code.

What a newcomer would get wrong: there are two tokens. The first only names this attempt and is worth nothing
until the person has said yes; the second is bought with it and the verifier, and lasts.
Source: https://www.flickr.com/services/api/auth.oauth.html
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
import msgspec

from console.api import Context, Guide, Misunderstood, NotAllowed
from console.api.landing import pasted_query
from console.api.web import Web
from plugins.flickr.session import CHECK, Kept, Session, address_of, judge_form, kept_in, signed_by
from plugins.flickr.wire import Token

PERMISSION = "write"
"""Comments need no more; `delete` would let Cordon delete photos."""
_VISIT = "Sign in at Flickr as the account of the force, and say yes to what Cordon asks for."


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Gets a token, with a browser unless one was given, and tries it. Raises a `Failure`."""
    kept = kept_in(await context.secret.read())
    key = context.settings.get("api_key", "").strip()
    if not key or not kept.api_secret:
        raise NotAllowed("The key and the secret of the force's app at Flickr are both needed.")
    if kept.access_token:
        await guide.say("An access token was given, so no browser is needed.")
    else:
        kept = Kept(kept.api_secret, await _walk(context, guide, key, kept.api_secret))
    session = Session(context, kept)
    await session.load()
    found = await session.ask(CHECK, Token)
    if found.oauth.perms.content == "read":
        raise NotAllowed("This sign-in may only read. Please start again and allow Cordon to write.")
    await context.secret.write(msgspec.json.encode(kept).decode())
    return {}


async def _walk(context: Context, guide: Guide, key: str, secret: str) -> str:
    """Gives the token and its secret, with a colon between."""
    if context.settings.get("way", "").strip().casefold() == "code":
        auth = signed_by(key, secret, redirect_uri="oob")
        token, token_secret = await _begin(context, auth)
        await guide.visit(_yes_address(context, token), _VISIT)
        pasted = pasted_query(await guide.paste("Paste the code that Flickr shows, nine digits"))
        verifier = pasted.get("oauth_verifier") or pasted.get("code") or ""
    else:
        async with guide.landing() as landing:
            auth = signed_by(key, secret, redirect_uri=landing.address)
            token, token_secret = await _begin(context, auth)
            await guide.visit(_yes_address(context, token), _VISIT)
            query = await landing.arrives()
        if query.get("oauth_token") not in {None, token}:
            raise NotAllowed("The answer belongs to another attempt to sign in. Please start again.")
        verifier = query.get("oauth_verifier") or query.get("code") or ""
    if not verifier:
        raise NotAllowed("Flickr sent no code. Please start again.")
    auth = signed_by(key, secret, token=token, token_secret=token_secret, verifier=verifier.strip())
    return ":".join(await _ask(context, "oauth/access_token", auth))


async def _begin(context: Context, auth: httpx.Auth) -> tuple[str, str]:
    """The token that names this attempt, and its secret."""
    return await _ask(context, "oauth/request_token", auth)


async def _ask(context: Context, path: str, auth: httpx.Auth) -> tuple[str, str]:
    """Asks an endpoint of the sign-in for a token and its secret. Raises a `Failure`."""
    web = Web(
        context.http,
        context.now,
        network="Flickr",
        base=address_of(context.settings),
        judge=judge_form,
        answers_forms=True,
    )
    found = (await web.reply("GET", path, auth=auth)).form()
    token, secret = found.get("oauth_token", ""), found.get("oauth_token_secret", "")
    if not token or not secret:
        raise Misunderstood("Flickr answered the sign-in with something else than a token.")
    return token, secret


def _yes_address(context: Context, token: str) -> str:
    query = urlencode({"oauth_token": token, "perms": PERMISSION})
    return f"{address_of(context.settings)}/oauth/authorize?{query}"
