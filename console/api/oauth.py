"""OAuth 2 for connectors: the walk through a browser with PKCE, and the renewal of tokens.

Protocol details (PKCE, the form of requests) are authlib's; sending them is ours, through the same client
and with the same failures as everything else. OAuth 1.0a is `authlib.integrations.httpx_client.OAuth1Auth`,
which any request of `Web` takes as `auth`.

What a newcomer would get wrong: the answer of a token endpoint is the secret itself. It goes to
`context.secret` and nowhere else, and a failure may repeat its error but never its fields.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from console.api.connector import Context
from console.api.failures import Failure, NotAllowed, SignInAgain
from console.api.landing import pasted_query
from console.api.signing import Guide
from console.api.web import Query, Reply, Web, words_of

_ENDED = frozenset({"invalid_grant", "access_denied", "unauthorized_client", "invalid_client"})


@dataclass(frozen=True, slots=True)
class App:
    """A network's OAuth endpoints and the force's own app there."""

    network: str
    authorize: str
    """Where a person says yes."""
    token: str
    """Where a code or a refresh token becomes a token."""
    client_id: str
    client_secret: str = field(default="", repr=False)
    scopes: Sequence[str] = ()
    redirect: str = ""
    """The address registered with the network; empty: a landing on this machine."""
    port: int = 0
    """The landing's port where the network wants it registered; 0: any."""
    path: str = "/"
    landing_host: str = "127.0.0.1"
    """What this machine is called in the landing's address, where a network takes `localhost` only."""
    uses_basic: bool = False
    """Whether id and secret go into the header and not into the form."""
    has_pkce: bool = True
    id_name: str = "client_id"
    """What the network calls the client's id in its addresses and forms."""
    scope_by: str = " "
    extra: Mapping[str, str] = field(default_factory=dict)
    """More for the address where a person says yes."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """More for the token endpoint's requests: who asks, or a sign-in of the app in a form of its own."""


async def walk_through(context: Context, guide: Guide, app: App) -> dict[str, Any]:
    """Walks a person through the browser and gives the token endpoint's answer.

    Raises NotAllowed when the person or the network says no, and any other `Failure` on the way.
    """
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    if app.redirect:
        await guide.visit(_yes_address(app, app.redirect, state, verifier), _VISIT.format(app.network))
        pasted = await guide.paste("Paste the address that the browser shows at the end, or the code in it")
        brought = {"state": state, **pasted_query(pasted)}  # a code that is pasted alone brings none
        return await _redeem(context, app, _code_in(app, brought, state), app.redirect, verifier)
    async with guide.landing(app.path, app.port) as landing:
        address = landing.address.replace("127.0.0.1", app.landing_host, 1)
        await guide.visit(_yes_address(app, address, state, verifier), _VISIT.format(app.network))
        code = _code_in(app, await landing.arrives(), state)
        return await _redeem(context, app, code, address, verifier)


async def renew(context: Context, app: App, refresh_token: str) -> dict[str, Any]:
    """A new token in place of one that has ended. Raises SignInAgain when it is no longer given."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return await ask_for_token(context, app, form)


async def ask_for_token(context: Context, app: App, form: Query) -> dict[str, Any]:
    """Sends one form to the token endpoint, with the app's id and secret. Raises a `Failure`."""
    web = Web(context.http, context.now, network=app.network, base=app.token, judge=_judge)
    auth = (app.client_id, app.client_secret) if app.uses_basic and app.client_secret else None
    known: dict[str, str] = {} if auth else {app.id_name: app.client_id}
    if app.client_secret and not auth:
        known["client_secret"] = app.client_secret
    reply = await web.reply("POST", app.token, form={**known, **form}, auth=auth, headers=app.headers)
    found = reply.data()
    if not isinstance(found, dict) or not found.get("access_token"):
        raise NotAllowed(f"{app.network} gave no token, and did not say why.")
    return found


_VISIT = "Sign in at {} as the account of the force, and say yes to what Cordon asks for."


def _yes_address(app: App, redirect: str, state: str, verifier: str) -> str:
    more = dict(app.extra)
    if app.has_pkce:
        challenge = create_s256_code_challenge(verifier)  # type: ignore[no-untyped-call]  # its stubs lack it
        more |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    if app.id_name != "client_id":
        more[app.id_name] = app.client_id
    address: str = prepare_grant_uri(
        app.authorize,
        client_id=app.client_id,
        response_type="code",
        redirect_uri=redirect,
        scope=app.scope_by.join(app.scopes) or None,
        state=state,
        **more,
    )
    return address


def _code_in(app: App, query: Mapping[str, str], state: str) -> str:
    if query.get("error"):
        said = words_of(query.get("error_description") or query["error"])
        raise NotAllowed(f"{app.network} did not allow it: {said}")
    if query.get("state") != state:
        raise NotAllowed("The answer belongs to another attempt to sign in. Please start again.")
    code = query.get("code") or query.get("auth_code") or ""
    if not code:
        raise NotAllowed(f"{app.network} sent no code. Please start again.")
    return code


async def _redeem(context: Context, app: App, code: str, redirect: str, verifier: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect}
    if app.has_pkce:
        form["code_verifier"] = verifier
    try:
        return await ask_for_token(context, app, form)
    except SignInAgain as failure:
        raise NotAllowed(failure.words) from failure


def _judge(reply: Reply) -> Failure | None:
    """What a token endpoint's answer means. Source: RFC 6749, section 5.2."""
    found = reply.data()
    error = found.get("error") if isinstance(found, dict) else None
    if isinstance(error, dict):
        error = error.get("message") or error.get("code") or "refused"
    if not error:
        return None
    said = words_of(found.get("error_description") or error)
    if error in _ENDED or reply.status in {400, 401}:
        return SignInAgain(f"{reply.network} no longer accepts the sign-in: {said}")
    return None if reply.status >= 429 else NotAllowed(f"{reply.network} refuses the sign-in: {said}")
