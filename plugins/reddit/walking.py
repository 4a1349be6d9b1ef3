"""The sign-in that a person is walked through: the browser, then the subreddit.

What a newcomer would get wrong: Reddit compares the address to come back to letter by letter with the one
that the app was registered with, port and path included; so the port is asked for and not just any free one.
"""

from collections.abc import Mapping

import msgspec

from console.api import Choice, Context, Guide, NotAllowed
from console.api.oauth import renew, walk_through
from plugins.reddit.session import Kept, app_of, kept_from, kept_in, subreddit_of, user_agent, web_of
from plugins.reddit.wire import Community, Listing, Thing

_MOST = 100


async def sign_in(context: Context, guide: Guide) -> Mapping[str, str]:
    """Gets a token, with a browser unless one was given, and finds the subreddit. Raises a `Failure`."""
    typed = kept_in(await context.secret.read())
    app = app_of(context.settings, typed.client_secret)
    if not app.client_id:
        raise NotAllowed("The id of the force's app at Reddit is missing.")
    if typed.refresh_token:
        await guide.say("A refresh token was given, so no browser is needed.")
        answer = await renew(context, app, typed.refresh_token)
    else:
        answer = await walk_through(context, guide, app)
        if not answer.get("refresh_token"):
            raise NotAllowed("Reddit gave no permanent sign-in. Please start again.")
    kept = kept_from(answer, typed, context.now())
    name = await _subreddit(context, guide, kept)
    await context.secret.write(msgspec.json.encode(kept).decode())
    return {"subreddit": name}


async def _subreddit(context: Context, guide: Guide, kept: Kept) -> str:
    """The subreddit that was named or is chosen now, as Reddit writes it."""
    headers = {
        "authorization": f"Bearer {kept.access_token}",
        "user-agent": user_agent(context.settings),
    }
    query = {"limit": _MOST, "raw_json": 1}
    found = await web_of(context).ask("subreddits/mine/moderator", Listing, query=query, headers=headers)
    communities = [_community(bytes(raw)) for raw in found.data.children]
    names = {one.display_name: one.title for one in communities if one is not None}
    wanted = subreddit_of(context.settings)
    if wanted:
        same = [name for name in names if name.casefold() == wanted.casefold()]
        if not same:
            raise NotAllowed(
                f"This account does not moderate r/{wanted}. Ask a moderator to invite it, or name another."
            )
        return same[0]
    if not names:
        raise NotAllowed("This account moderates no subreddit. Ask a moderator to invite it, then try again.")
    choices = [Choice(name, f"r/{name}: {title}" if title else f"r/{name}") for name, title in names.items()]
    return await guide.choose("Which subreddit is the force's own?", choices)


def _community(raw: bytes) -> Community | None:
    try:
        return msgspec.json.decode(msgspec.json.decode(raw, type=Thing).data, type=Community)
    except msgspec.DecodeError:
        return None
