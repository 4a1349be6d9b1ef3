"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: an answer takes two steps. The first makes a container that nobody sees, so
losing its answer harms nobody; only the second publishes, and only that may have happened unseen.
Source: https://developers.facebook.com/docs/threads/posts.
"""

from collections.abc import Sequence

from console.api import Answer, Context, NotAllowed, Order, Target, TryLater, Verb
from console.api.orders import one_by_one
from plugins.threads.capability import refuse
from plugins.threads.session import Session
from plugins.threads.wire import Container, Made

LONGEST = 500
"""Characters of a reply. Source: https://developers.facebook.com/docs/threads/overview."""
TRIES = 10
"""How often a container is asked whether it is ready."""
READY_S, READY_INCIDENT_S = 3.0, 1.0


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """`session` sends in the account's name."""
        self._session, self._wait = session, context.wait

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        return await one_by_one(order, lambda target: self._send(order, target))

    async def _send(self, order: Order, target: Target) -> str | None:
        """Does the verb to one target. Returns the answer's note."""
        verb, graph = order.verb, self._session.graph
        refuse(verb, target, self._session.has)
        match verb:
            case Verb.HIDE | Verb.UNHIDE:
                await graph.do("POST", f"{target.remote_id}/manage_reply", {"hide": verb is Verb.HIDE})
            case Verb.PUBLISH | Verb.HOLD:
                form = {"approve": verb is Verb.PUBLISH}
                await graph.do("POST", f"{target.remote_id}/manage_pending_reply", form)
            case Verb.DELETE:
                await graph.do("DELETE", target.remote_id)
            case _:
                return await self._reply(target, order.text or "")
        return None

    async def _reply(self, target: Target, text: str) -> str:
        """Publishes an answer. Returns its id."""
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        if len(text) > LONGEST:
            raise NotAllowed(f"Threads takes {LONGEST} characters, and this reply has {len(text)}.")
        graph = self._session.graph
        form = {"media_type": "TEXT", "text": text, "reply_to_id": target.remote_id}
        # Not marked as a write: a container that is never published is seen by nobody.
        container = (await graph.reply("POST", "me/threads", form=form, is_counted=False)).read(Made)
        await self._ready(container.id)
        made = await graph.tell("POST", "me/threads_publish", Made, {"creation_id": container.id})
        return made.id

    async def _ready(self, container: str) -> None:
        """Waits until a container can be published; text is mostly ready at once."""
        for _ in range(TRIES):
            found = await self._session.graph.ask(
                container, Container, query={"fields": "id,status"}, is_counted=False
            )
            if found.status in {"FINISHED", "PUBLISHED"}:
                return
            if found.status in {"ERROR", "EXPIRED"}:
                # Its `error_message` is not asked for: it would look like the refusal of the question.
                raise NotAllowed(f"Threads did not take the reply ({found.status.lower()}).")
            await self._wait(rest=READY_S, incident=READY_INCIDENT_S)
        raise TryLater("Threads is still preparing the reply; nothing was published.")
