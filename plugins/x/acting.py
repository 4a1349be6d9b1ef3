"""Verbs: what each sends, one request for each target.

What a newcomer would get wrong: X answers an act with what it believes to be so now (`hidden: true`), and
that is the only time it ever tells. An answer that says the contrary is a refusal, though its status is 200.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from console.api import Answer, Context, ItemState, Misunderstood, NotAllowed, Order, Target, Verb
from console.api.orders import one_by_one
from plugins.x import names
from plugins.x.capability import reason_against
from plugins.x.mapping import read_note
from plugins.x.session import Session
from plugins.x.wire import Bond, Created, Deleted, Hidden, One, number

PRICE = 15
"""Thousandths of a dollar for a reply, and less where X knows that we were named."""
PRICE_WITH_LINK = 200
LONGEST = 25_000
"""Characters that X takes of accounts that may write long posts; it counts for itself."""


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a verb about an author asks for."""

    begins: bool
    path: Callable[..., str]
    ceiling: str


_BONDS = {
    Verb.MUTE: _Wish(True, names.muting, "mutes"),
    Verb.UNMUTE: _Wish(False, names.muting, "ended mutes"),
    Verb.BLOCK: _Wish(True, names.blocking, "blocks"),
    Verb.UNBLOCK: _Wish(False, names.blocking, "blocks"),
}


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session, context: Context) -> None:
        """Both are the connector's."""
        self._session, self._is_on = session, context.is_on

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        return await one_by_one(order, lambda target: self._one(order, target))

    async def _one(self, order: Order, target: Target) -> str | None:
        verb = order.verb
        # Whether it is hidden is our own record only, which must not keep us from hiding it once more.
        asked = replace(target, state=ItemState.UNKNOWN) if verb in {Verb.HIDE, Verb.UNHIDE} else target
        reason = reason_against(verb, asked, self._is_on)
        if reason:
            raise NotAllowed(reason)
        if verb is Verb.REPLY:
            return await self._reply(target, order.text or "")
        if verb is Verb.DELETE:
            await self._delete(target)
        elif verb in _BONDS:
            await self._bond(_BONDS[verb], target)
        else:
            await self._set_hidden(target, is_hidden=verb is Verb.HIDE)
        return None

    async def _set_hidden(self, target: Target, *, is_hidden: bool) -> None:
        path, body = names.hidden(_id_of(target)), {"hidden": is_hidden}
        answer = await self._session.tell("PUT", path, body, One[Hidden], ceiling="hidden and shown replies")
        _must(answer.data.hidden is is_hidden)

    async def _delete(self, target: Target) -> None:
        path = names.post(_id_of(target))
        answer = await self._session.tell("DELETE", path, None, One[Deleted], ceiling="deletions")
        _must(answer.data.deleted)

    async def _reply(self, target: Target, text: str) -> str:
        if not text.strip():
            raise NotAllowed("A reply needs words.")
        if len(text) > LONGEST:
            raise NotAllowed(f"A reply may have {LONGEST} characters at the most.")
        body = {"text": text, "reply": {"in_reply_to_tweet_id": _id_of(target)}}
        made = await self._session.tell("POST", names.POSTS_BY_ID, body, One[Created], ceiling="replies")
        await self._session.money.note(PRICE_WITH_LINK if "://" in text else PRICE)
        return made.data.id

    async def _bond(self, bond: _Wish, target: Target) -> None:
        """Mutes or blocks an author, or ends it."""
        me, them = self._session.me.id, target.author_id
        if bond.begins:
            body = {"target_user_id": them}
            answer = await self._session.tell("POST", bond.path(me), body, One[Bond], ceiling=bond.ceiling)
        else:
            path = bond.path(me, them)
            answer = await self._session.tell("DELETE", path, None, One[Bond], ceiling=bond.ceiling)
        is_on = answer.data.is_on
        if is_on is None:
            raise Misunderstood("X did not say what became of it.", sent=True)
        _must(is_on is bond.begins)


def _id_of(target: Target) -> str:
    """The id of the newest version that we know. Raises NotAllowed for what is no post of X."""
    found = read_note(target.note).version or target.remote_id
    if not number(found):
        raise NotAllowed("X knows no post with this number.")
    return found


def _must(is_so: bool) -> None:
    if not is_so:
        raise NotAllowed("X took the request, and answers that it changed nothing.")
