"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: X answers an act with what it believes to be so now (`hidden: true`), and
that is the only time it ever tells. An answer that says the contrary is a refusal, though its status is 200.
"""

from collections.abc import Awaitable, Callable, Sequence

from console.api import (
    Answer,
    Context,
    Failure,
    NotAllowed,
    Order,
    SignInAgain,
    SlowDown,
    Target,
    Verb,
)
from plugins.x import names
from plugins.x.capability import reason_against
from plugins.x.mapping import read_note
from plugins.x.session import Session
from plugins.x.wire import BlockingBody, CreatedBody, DeletedBody, HiddenBody, MutingBody, number

PRICE = 15
"""Thousandths of a dollar for a reply, and less where X knows that we were named."""
PRICE_WITH_LINK = 200
LONGEST = 25_000
"""Characters that X takes of accounts that may write long posts; it counts for itself."""
_AGAINST_REPEATING = frozenset({Verb.HIDE, Verb.UNHIDE})
"""Asked for in a state in which they change nothing, these are sent all the same: the state is a record."""


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """Both are the connector's."""
        self._session, self._is_on = session, context.is_on
        self._ways: dict[Verb, Callable[[Target, str], Awaitable[str | None]]] = {
            Verb.HIDE: self._hide,
            Verb.UNHIDE: self._unhide,
            Verb.DELETE: self._delete,
            Verb.REPLY: self._reply,
            Verb.MUTE: self._mute,
            Verb.UNMUTE: self._unmute,
            Verb.BLOCK: self._block,
            Verb.UNBLOCK: self._unblock,
        }

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        answers: list[Answer] = []
        stopped: Failure | None = None
        for target in order.targets:
            if stopped is not None:  # the next request would only meet the same
                answers.append(Answer(target.remote_id, stopped))
                continue
            try:
                note = await self._one(order, target)
                answers.append(Answer(target.remote_id, note=note))
            except Failure as failure:
                answers.append(Answer(target.remote_id, failure))
                if isinstance(failure, SlowDown | SignInAgain):
                    stopped = failure
        return answers

    async def _one(self, order: Order, target: Target) -> str | None:
        way = self._ways.get(order.verb)
        if way is None:
            raise NotAllowed("X has nothing of this kind.")
        state_counts = order.verb not in _AGAINST_REPEATING
        reason = reason_against(order.verb, target, self._is_on)
        if reason and (state_counts or not read_note(target.note).is_below_us):
            raise NotAllowed(reason)
        return await way(target, order.text or "")

    async def _hide(self, target: Target, text: str) -> None:
        del text
        await self._set_hidden(target, is_hidden=True)

    async def _unhide(self, target: Target, text: str) -> None:
        del text
        await self._set_hidden(target, is_hidden=False)

    async def _set_hidden(self, target: Target, *, is_hidden: bool) -> None:
        body = {"hidden": is_hidden}
        path = names.hidden(_id_of(target))
        answer = await self._session.tell("PUT", path, body, HiddenBody, ceiling="hidden and shown replies")
        _must(answer.data.hidden is is_hidden)

    async def _delete(self, target: Target, text: str) -> None:
        del text
        path = names.post(_id_of(target))
        answer = await self._session.tell("DELETE", path, None, DeletedBody, ceiling="deletions")
        _must(answer.data.deleted)

    async def _reply(self, target: Target, text: str) -> str:
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        if len(text) > LONGEST:
            raise NotAllowed(f"A reply may have {LONGEST} characters at the most.")
        body = {"text": text, "reply": {"in_reply_to_tweet_id": _id_of(target)}}
        made = await self._session.tell("POST", names.POSTS_BY_ID, body, CreatedBody, ceiling="replies")
        await self._session.money.note(PRICE_WITH_LINK if "://" in text else PRICE)
        return made.data.id

    async def _mute(self, target: Target, text: str) -> None:
        del text
        body = {"target_user_id": target.author_id}
        path = names.muting(self._session.me.id)
        answer = await self._session.tell("POST", path, body, MutingBody, ceiling="mutes")
        _must(answer.data.muting)

    async def _unmute(self, target: Target, text: str) -> None:
        del text
        path = names.muting(self._session.me.id, target.author_id)
        answer = await self._session.tell("DELETE", path, None, MutingBody, ceiling="ended mutes")
        _must(not answer.data.muting)

    async def _block(self, target: Target, text: str) -> None:
        del text
        body = {"target_user_id": target.author_id}
        path = names.blocking(self._session.me.id)
        answer = await self._session.tell("POST", path, body, BlockingBody, ceiling="blocks")
        _must(answer.data.blocking)

    async def _unblock(self, target: Target, text: str) -> None:
        del text
        path = names.blocking(self._session.me.id, target.author_id)
        answer = await self._session.tell("DELETE", path, None, BlockingBody, ceiling="blocks")
        _must(not answer.data.blocking)


def _id_of(target: Target) -> str:
    """The id of the newest version that we know. Raises NotAllowed for what is no post of X."""
    found = read_note(target.note).version or target.remote_id
    if not number(found):
        raise NotAllowed("X knows no post with this number.")
    return found


def _must(is_so: bool) -> None:
    if not is_so:
        raise NotAllowed("X took the request, and answers that it changed nothing.")
