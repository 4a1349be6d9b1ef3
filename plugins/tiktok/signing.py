"""The walk through TikTok's sign-in: a link from the developer portal, and a code that a person pastes.

TikTok sends the browser back to a web page with https and no port only, so it cannot come back to this
machine: the force's own page stays empty, and the person copies its address, in which the code stands.

What a newcomer would get wrong: the link is made by the portal and is used as it is; only `state` is added,
so that a code of another attempt is noticed. The code lives for ten minutes and works once.
"""

import secrets
from collections.abc import Mapping
from urllib.parse import urlsplit, urlunsplit

from console.api import Context, Guide, NotAllowed
from console.api.landing import pasted_query
from console.api.web import safe_address, words_of
from plugins.tiktok.session import HOME, keep, missing_rights, read_kept, redeem

NO_LINK = (
    "To sign in with the browser, Cordon needs the link for authorising a TikTok account from the developer "
    "portal, and the redirect address of the app. Give both, or a refresh token."
)
BAD_REDIRECT = (
    "TikTok takes a redirect address only with https, without a port and a question mark, and ending in “/”."
)


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Walks a person through; keeps the tokens. No settings are found out. Raises a `Failure`."""
    kept = await read_kept(context)
    if kept.refresh_token.strip():
        await guide.say("Cordon tries the refresh token that you gave.")
        grant = await redeem(context, kept.app_secret, refresh_token=kept.refresh_token.strip())
    else:
        redirect = _redirect(context)
        code = await _code(context, guide)
        grant = await redeem(context, kept.app_secret, auth_code=code, redirect_uri=redirect)
    fresh = await keep(context, kept, grant)
    for words in missing_rights(fresh.tokens.rights if fresh.tokens else ()):
        await guide.say(words)
    return {}


def _redirect(context: Context) -> str:
    redirect = context.settings.get("redirect", "").strip()
    if not redirect or not context.settings.get("link", "").strip():
        raise NotAllowed(NO_LINK)
    parts = urlsplit(redirect)
    is_taken = parts.scheme == "https" and ":" not in parts.netloc and not parts.query
    if not is_taken or not parts.path.endswith("/"):
        raise NotAllowed(BAD_REDIRECT)
    return redirect


async def _code(context: Context, guide: Guide) -> str:
    """The code that a person brings back from the browser."""
    state = secrets.token_urlsafe(24)
    await guide.say("Have the browser signed in at TikTok as the force's account, and nobody else's.")
    await guide.visit(
        _link(context, state), "Say yes to what Cordon asks for. You then come to a page of the force's own."
    )
    pasted = await guide.paste("Copy the whole address of that page from the browser, and paste it here")
    found = pasted_query(pasted)
    if found.get("error"):
        said = words_of(found.get("error_description") or found["error"])
        raise NotAllowed(f"TikTok did not allow it: {said}")
    if found.get("state", state) != state:
        raise NotAllowed("That address belongs to another attempt to sign in. Please start again.")
    code = found.get("auth_code") or found.get("code", "")
    if not code:
        raise NotAllowed(
            "There is no code in what was pasted. Please start again, and copy the whole address."
        )
    return code


def _link(context: Context, state: str) -> str:
    """The portal's link with `state`; on the host of another interface where one was named."""
    parts = urlsplit(context.settings.get("link", "").strip())
    address = safe_address(context.settings.get("address", ""), HOME)
    if address != HOME:
        other = urlsplit(address)
        parts = parts._replace(scheme=other.scheme, netloc=other.netloc)
    query = f"{parts.query}&state={state}" if parts.query else f"state={state}"
    return urlunsplit(parts._replace(query=query))
