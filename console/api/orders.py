"""Two things that nearly every connector does the same way: saying what can be done, and doing it one by one.

What a newcomer would get wrong: after a ceiling or an ended sign-in the rest of an order is not sent, since
it would meet the same, and asking on while throttled lengthens the wait at most networks.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping

from console.api.connector import Answer, Order, Target
from console.api.failures import Failure, SignInAgain, SlowDown
from console.api.manifest import Manifest, VerbFacts
from console.domain.acts import Verb
from console.domain.capabilities import Capabilities, Capability

ENDS_ORDER = (SlowDown, SignInAgain)
"""After one of these the next request would meet the same."""


def capabilities_of(
    manifest: Manifest,
    reason_against: Callable[[Verb], str],
    on_this_item: Callable[[Verb, Capability], Capability] | None = None,
) -> Capabilities:
    """Every verb of the manifest for one item: as the manifest has it, or with the reason why not.

    `reason_against` gives that reason in words; an empty one means that the verb can be done. What can be
    done goes through `on_this_item`, where the item makes a difference to how.
    """
    return _Asked(manifest.verbs, reason_against, on_this_item)


class _Asked(Mapping[Verb, Capability]):
    """What can be done to one item, found out for a verb when it is asked for.

    A plan for many thousand items asks for one verb of each.
    """

    __slots__ = ("_facts", "_on_this_item", "_reason_against")

    def __init__(
        self,
        facts: Mapping[Verb, VerbFacts],
        reason_against: Callable[[Verb], str],
        on_this_item: Callable[[Verb, Capability], Capability] | None,
    ) -> None:
        self._facts = facts
        self._reason_against = reason_against
        self._on_this_item = on_this_item

    def __getitem__(self, verb: Verb) -> Capability:
        facts = self._facts[verb]
        reason = self._reason_against(verb)
        found = Capability(
            can=not reason,
            words=reason or facts.words,
            reversible=facts.reversible and not reason,
            verifiable=facts.verifiable,
        )
        return found if reason or self._on_this_item is None else self._on_this_item(verb, found)

    def __contains__(self, verb: object) -> bool:
        return verb in self._facts

    def __iter__(self) -> Iterator[Verb]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)


async def one_by_one(order: Order, send: Callable[[Target], Awaitable[str | None]]) -> list[Answer]:
    """Sends an order with one request for each target; one answer for each, in their order.

    `send` does the verb to one target and gives the answer's note. It raises a `Failure`; see `ENDS_ORDER`.
    """
    answers: list[Answer] = []
    ended: Failure | None = None
    for target in order.targets:
        if ended is not None:
            answers.append(Answer(target.remote_id, ended))
            continue
        try:
            answers.append(Answer(target.remote_id, note=await send(target)))
        except Failure as failure:
            answers.append(Answer(target.remote_id, failure))
            ended = failure if isinstance(failure, ENDS_ORDER) else None
    return answers
