"""Verbs: what each sends, one answer for each target.

What a newcomer would get wrong: `message` goes to `/{comment}/comments` and never to `/{comment}`, which
would change the words of the comment itself. Nothing here can write to a comment but `is_hidden`.
"""

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from console.api import (
    Answer,
    Failure,
    Misunderstood,
    NotAllowed,
    Order,
    SignInAgain,
    SlowDown,
    Target,
    Verb,
)
from console.api.web import Query, Reply
from plugins.facebook.capability import reason_against
from plugins.facebook.mapping import bare, read_note
from plugins.facebook.session import Session
from plugins.facebook.wire import Created, MessageSent
from plugins.meta.batch import MOST, Call, batch
from plugins.meta.graph import check_yes

Send = Callable[[Target], Awaitable[str | None]]
_ENDS_ORDER = (SlowDown, SignInAgain)
"""After one of these the next request would meet the same, so the rest of an order is not sent."""
_TO_MANY = frozenset({Verb.HIDE, Verb.UNHIDE, Verb.DELETE, Verb.LIKE})
"""Verbs whose targets may share a batch: each is one request without words of ours."""


class Acts:
    """Sends orders for one account."""

    def __init__(self, session: Session) -> None:
        """`session` sends in the Page's name."""
        self._session = session

    async def act(self, order: Order) -> Sequence[Answer]:
        """Sends one order. One answer for each target, in their order."""
        reasons = [reason_against(order.verb, target) for target in order.targets]
        possible = [target for target, reason in zip(order.targets, reasons, strict=True) if not reason]
        if order.verb in _TO_MANY and len(possible) > 1:
            sent = await self._together(order.verb, possible)
        elif order.verb in {Verb.BLOCK, Verb.UNBLOCK}:
            sent = await self._each(possible, lambda one: self._person(order.verb, one), by_author=True)
        else:
            sent = await self._each(possible, lambda one: self._one(order, one), by_author=False)
        answers = iter(sent)
        return [
            Answer(target.remote_id, NotAllowed(reason)) if reason else next(answers)
            for target, reason in zip(order.targets, reasons, strict=True)
        ]

    async def _each(self, targets: Sequence[Target], send: Send, *, by_author: bool) -> list[Answer]:
        """One request after the other; of one author only once, where the author is what it is about."""
        answers: list[Answer] = []
        done: dict[str, Answer] = {}
        ended: Failure | None = None
        for target in targets:
            key = f"{read_note(target.note).sort} {target.author_id}"
            if by_author and key in done:
                answers.append(Answer(target.remote_id, done[key].failure, done[key].note))
                continue
            try:
                answer = Answer(target.remote_id, ended, None if ended else await send(target))
            except Failure as failure:
                answer = Answer(target.remote_id, failure)
                ended = failure if isinstance(failure, _ENDS_ORDER) else None
            done[key] = answer
            answers.append(answer)
        return answers

    async def _together(self, verb: Verb, targets: Sequence[Target]) -> list[Answer]:
        """Many requests in as few as they fit into."""
        answers: list[Answer] = []
        ended: Failure | None = None
        for start in range(0, len(targets), MOST):
            part = targets[start : start + MOST]
            if ended is not None:
                answers += [Answer(target.remote_id, ended) for target in part]
                continue
            try:
                found = await batch(self._session.graph, [_call(verb, target) for target in part])
            except Failure as failure:
                answers += [Answer(target.remote_id, failure) for target in part]
                ended = failure if isinstance(failure, _ENDS_ORDER) else None
                continue
            failures = [_no(one) for one in found]
            answers += [
                Answer(target.remote_id, failure) for target, failure in zip(part, failures, strict=True)
            ]
            ended = next((failure for failure in failures if isinstance(failure, _ENDS_ORDER)), None)
        return answers

    async def _one(self, order: Order, target: Target) -> str | None:
        """One verb to one item. Gives the note with which its effect is found again."""
        graph, note = self._session.graph, read_note(target.note)
        if order.verb in _TO_MANY:
            call = _call(order.verb, target)
            await graph.do(call.method, call.path, call.form or None)
            return None
        text = (order.text or "").strip()
        if not text:
            raise NotAllowed("A reply needs words.")
        if order.verb is Verb.PRIVATE_REPLY:
            return await self._message({"comment_id": note.at}, text)
        if order.verb is Verb.REPLY and note.sort == "message":
            return await self._message({"id": target.author_id}, text)
        if order.verb is Verb.REPLY:
            made = (await graph.tell("POST", f"{note.at}/comments", Created, {"message": text})).id
            if bare(made) == bare(note.at):
                words = "Facebook answered as if the comment itself had been changed. Look at it on the Page."
                raise Misunderstood(words, sent=True)
            return made
        raise NotAllowed("Facebook has nothing of this kind.")

    async def _message(self, recipient: dict[str, str], text: str) -> str:
        form: Query = {
            "recipient": _json(recipient),
            "messaging_type": "RESPONSE",
            "message": _json({"text": text}),
        }
        path = f"{self._session.page}/messages"
        return (await self._session.graph.tell("POST", path, MessageSent, form)).message_id

    async def _person(self, verb: Verb, target: Target) -> None:
        """Bans a commenter from the Page, or a correspondent from its messages; or lets them back."""
        graph, page, person = self._session.graph, self._session.page, target.author_id
        is_on = verb is Verb.BLOCK
        if read_note(target.note).sort == "message":
            action = "BLOCK_USER" if is_on else "UNBLOCK_USER"
            form: Query = {"user_ids": _json([{"id": person}]), "actions": _json([action])}
            await graph.do("POST", f"{page}/moderate_conversations", form)
            return
        sent: Query = {"user": _json([person])} if is_on else {"user": person}
        reply = await graph.reply(
            "POST" if is_on else "DELETE", f"{page}/blocked", form=sent, does_write=True
        )
        found = reply.data()
        # The answer to a ban is said to name the person too: {"7412": true}.
        if not (isinstance(found, dict) and found.get(person) is True):
            check_yes(reply)


def _call(verb: Verb, target: Target) -> Call:
    at = read_note(target.note).at
    if verb is Verb.DELETE:
        return Call("DELETE", at)
    if verb is Verb.LIKE:
        return Call("POST", f"{at}/likes")
    return Call("POST", at, form={"is_hidden": "true" if verb is Verb.HIDE else "false"})


def _no(found: Reply | Failure) -> Failure | None:
    """What one part of a batch failed with; None when the answer is a yes."""
    if isinstance(found, Failure):
        return found
    try:
        check_yes(found)
    except Failure as failure:
        return failure
    return None


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
