"""What stands between the account and an author: whether we block or mute them, as the network shows it."""

from collections.abc import Iterable

from plugins.bluesky.session import Session
from plugins.bluesky.wire import Actors, ActorViewer

_AT_ONCE = 25  # https://docs.bsky.app/docs/api/app-bsky-actor-get-profiles


class People:
    """Looks authors up."""

    def __init__(self, session: Session) -> None:
        """`session` sends in the account's name."""
        self._session = session

    async def views(self, dids: Iterable[str]) -> dict[str, ActorViewer]:
        """What we have done to each author; one whose account is gone is missing."""
        found: dict[str, ActorViewer] = {}
        wanted = list(dict.fromkeys(dids))
        for start in range(0, len(wanted), _AT_ONCE):
            part: list[str] = wanted[start : start + _AT_ONCE]
            answer = await self._session.ask("app.bsky.actor.getProfiles", {"actors": part}, Actors)
            for actor in answer.profiles:
                found[actor.did] = actor.viewer or ActorViewer()
        return found
