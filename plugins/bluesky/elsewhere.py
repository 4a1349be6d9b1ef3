"""What was said to us in threads of others: whether it is still there.

A mention or a quote stands in its author's own thread, which we do not walk, and the list of notifications
just forgets what was taken back. What a newcomer would get wrong: a post that is not shown need not be gone.
Its author may be blocked, so each one that is missing is asked for by itself.
"""

from collections.abc import Iterable

from console.api import ItemState, RemoteId, Sight
from console.api.rounds import InTurn
from plugins.bluesky.looking import exists, posts_by_uri
from plugins.bluesky.session import Asks

MOST = 200
"""The newest of them are watched."""
AT_ONCE = 25
"""Posts of one request; https://docs.bsky.app/docs/api/app-bsky-feed-get-posts"""


class Elsewhere:
    """Posts of others that are asked for in turn."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._posts = InTurn(MOST)

    def add(self, uris: Iterable[str]) -> None:
        """Watches more posts."""
        self._posts.add(uris)

    async def gone(self, session: Asks) -> list[Sight]:
        """Sights of those of the next ones that are no longer there. Raises a `Failure`."""
        turn = self._posts.take(AT_ONCE)
        shown = await posts_by_uri(session, turn) if turn else {}
        sights: list[Sight] = []
        for uri in turn:
            if uri not in shown and not await exists(session, uri):
                self._posts.drop(uri)
                sights.append(Sight(RemoteId(uri), ItemState.GONE))
        return sights
