"""The walk through the browser, and the registration of Cordon with the server before it.

Every server is its own network: Cordon makes itself known to the one that the account lives on, under the
very address that the browser will come back to, and then asks a person to say yes there.

What a newcomer would get wrong: the address has to be registered letter for letter, its port included. So a
free port is found first. A browser on another machine gets no such address: the server then shows a code.
Source: https://docs.joinmastodon.org/methods/apps/ and https://docs.joinmastodon.org/methods/oauth/.
"""

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from console.api import Choice, Context, Guide
from console.api.oauth import App, walk_through
from console.api.web import Web
from plugins.mastodon.session import READS, STAFF, WRITES, Kept, web_of
from plugins.mastodon.wire import Me, NewApp

SHOWN_CODE = "urn:ietf:wg:oauth:2.0:oob"
"""Instead of an address: the server shows the code for a person to copy."""
_HERE, _ELSEWHERE = "here", "elsewhere"


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through the sign-in, unless there is a token already. Raises a `Failure`."""
    web = web_of(context)
    typed = _typed(await context.secret.read())
    if typed:
        # An error here is met while the person is still there to mend it.
        await web.ask("/api/v1/accounts/verify_credentials", Me, headers={"authorization": f"Bearer {typed}"})
        await _keep(context, Kept(typed))
        return {}
    await guide.say(f"Cordon makes itself known to {urlsplit(web.base).netloc}.")
    where = await guide.choose(
        "Where is the browser in which you sign in?",
        [Choice(_HERE, "On this computer"), Choice(_ELSEWHERE, "On another one: the server shows a code")],
    )
    scopes = (*READS, *WRITES, *(STAFF if context.is_on("staff") else ()))
    redirect, port = SHOWN_CODE, 0
    if where == _HERE:
        async with guide.landing() as landing:
            redirect, port = landing.address, urlsplit(landing.address).port or 0
    made = await _register(web, redirect, scopes)
    app = App(
        network="Mastodon",
        authorize=f"{web.base}/oauth/authorize",
        token=f"{web.base}/oauth/token",
        client_id=made.client_id,
        client_secret=made.client_secret,
        scopes=scopes,
        redirect="" if port else redirect,
        port=port,
    )
    found = await walk_through(context, guide, app)
    await _keep(context, Kept(str(found["access_token"]), str(found.get("scope") or "")))
    return {}


async def _register(web: Web, redirect: str, scopes: tuple[str, ...]) -> NewApp:
    form = {"client_name": "Cordon", "redirect_uris": redirect, "scopes": " ".join(scopes)}
    return await web.tell("POST", "/api/v1/apps", NewApp, form=form)


async def _keep(context: Context, kept: Kept) -> None:
    await context.secret.write(msgspec.json.encode(kept).decode())


def _typed(text: str | None) -> str:
    """The token that a person brought along; empty without one."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return ""
    token = found.get("token") if isinstance(found, dict) else None
    return token.strip() if isinstance(token, str) else ""
