"""Which rights the account has in the force's own subreddit, and what is missing, in words.

What a newcomer would get wrong: without a right Reddit may answer with an empty list and status 200. So the
list of moderators is asked who we are, and silence there is said aloud instead of being taken for peace.
Source: the permissions of moderators in `models/reddit/subreddit` of https://github.com/praw-dev/praw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from console.api import Gone, NotAllowed
from plugins.reddit.session import SCOPES, Session
from plugins.reddit.wire import People

_ALL = "all"
_NEEDED = {
    "posts": "hiding, showing again and the queue of held and reported things",
    "access": "banning",
    "mail": "muting",
}
"""Permissions of a moderator, and what needs them."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the account may do in its subreddit."""

    is_moderator: bool = True
    permissions: frozenset[str] = frozenset({_ALL})
    is_known: bool = False
    """Whether Reddit was asked; before that everything is taken for possible."""

    def may(self, permission: str) -> bool:
        """Whether a permission such as `posts` is there."""
        return self.is_moderator and bool(self.permissions & {_ALL, permission})


async def rights_in(session: Session, me: str, subreddit: str) -> Rights:
    """Asks Reddit for our own rights in a subreddit. Raises a `Failure`, but none for missing rights."""
    try:
        found = await session.ask(f"r/{subreddit}/about/moderators", People, {"user": me})
    except (NotAllowed, Gone):
        return Rights(is_moderator=False, permissions=frozenset(), is_known=True)
    ours = [person for person in found.data.children if person.name.casefold() == me.casefold()]
    given = frozenset(permission for person in ours for permission in person.mod_permissions or ())
    return Rights(is_moderator=bool(ours), permissions=given, is_known=True)


def missing_words(rights: Rights, scopes: frozenset[str], subreddit: str) -> Sequence[str]:
    """What a person should know of what is missing, one sentence each; nothing when all is there."""
    words: list[str] = []
    if not rights.is_moderator:
        words.append(
            f"This account does not moderate r/{subreddit}, as Reddit tells it: nothing can be hidden or "
            "banned, and what was removed or held back is not seen. Ask a moderator to invite it."
        )
    else:
        words += [
            f"The permission “{permission}” is missing in r/{subreddit}, so {what} cannot be done."
            for permission, what in _NEEDED.items()
            if not rights.may(permission)
        ]
    lacking = sorted(set(SCOPES) - scopes) if scopes and "*" not in scopes else []
    if lacking:
        words.append(f"The sign-in lacks the rights {', '.join(lacking)}: sign in again and allow them.")
    return words
