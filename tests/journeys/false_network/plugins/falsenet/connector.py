"""A connector to a false network in another process, which counts every call."""

from collections.abc import AsyncIterator, Sequence

import httpx

from console.api import (
    Answer,
    Arrival,
    Author,
    Capabilities,
    Capability,
    Context,
    ItemKind,
    ItemState,
    Order,
    Page,
    Profile,
    RemoteId,
    Sight,
    Target,
    TryLater,
    Verb,
)

_CAN: Capabilities = {
    Verb.HIDE: Capability(can=True, words="Reversible.", reversible=True),
    Verb.UNHIDE: Capability(can=True, words="Puts it back.", reversible=True),
    Verb.DELETE: Capability(can=True, words="For good."),
}


class FalseNetwork:
    """One account at the false network."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._host = context.settings["host"].rstrip("/")

    async def _ask(self, path: str, body: object) -> httpx.Response:
        try:
            answer = await self._context.http.post(f"{self._host}{path}", json=body)
        except (httpx.ConnectError, httpx.ConnectTimeout) as problem:
            raise TryLater("The false network does not answer.") from problem
        except httpx.HTTPError as problem:
            raise TryLater("The false network was cut off.", sent=True) from problem
        return answer.raise_for_status()

    async def open(self) -> Profile:
        await self._ask("/look", {"ids": []})
        return Profile(remote_id="force", handle="force", name="Dellin Valley Police")

    async def stream(self, cursor: str | None) -> AsyncIterator[Page]:
        after = int(cursor or 0)
        while True:
            found = (await self._ask("/items", {"after": after})).json()
            after = found["cursor"]
            yield Page(
                arrivals=[
                    Arrival(
                        remote_id=RemoteId(f"f{number}"),
                        kind=ItemKind.COMMENT,
                        author=Author(id=f"u{number % 50}", handle=f"user{number % 50}", name=""),
                        text=f"Invented words, number {number}.",
                        created_at=self._context.now(),
                    )
                    for number in found["items"]
                ],
                cursor=str(after),
            )
            await self._context.wait(rest=0.05, incident=0.05)

    def can(self, target: Target) -> Capabilities:
        return _CAN

    async def act(self, order: Order) -> Sequence[Answer]:
        ids = [target.remote_id for target in order.targets]
        await self._ask("/act", {"verb": str(order.verb), "ids": ids})
        return [Answer(remote_id) for remote_id in ids]

    async def look(
        self, verb: Verb, targets: Sequence[Target], notes: Sequence[str | None]
    ) -> Sequence[Sight]:
        found = (await self._ask("/look", {"ids": [target.remote_id for target in targets]})).json()
        hidden, deleted = set(found["hidden"]), set(found["deleted"])
        return [_sight(verb, target.remote_id, hidden, deleted) for target in targets]

    async def close(self) -> None:
        """Nothing is held."""


def _sight(verb: Verb, remote_id: RemoteId, hidden: set[str], deleted: set[str]) -> Sight:
    if remote_id in deleted:
        return Sight(remote_id, ItemState.DELETED, done=verb is Verb.DELETE)
    is_hidden = remote_id in hidden
    state = ItemState.HIDDEN if is_hidden else ItemState.VISIBLE
    done = {Verb.HIDE: is_hidden, Verb.UNHIDE: not is_hidden}.get(verb, False)
    return Sight(remote_id, state, done=done)


def connect(context: Context) -> FalseNetwork:
    """One account at the false network."""
    return FalseNetwork(context)
