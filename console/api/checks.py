"""What a check is, and the parts that the checks share."""

from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace

from console.api.connector import Answer, Order, Target
from console.api.failures import Failure
from console.api.stage import Scene, Seen, Stage, Trouble, require, target_of, watch
from console.domain.acts import Verb
from console.domain.items import ItemState

Run = Callable[[Stage], Coroutine[None, None, None]]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that every connector must do; `words` finish the sentence "A connector …"."""

    words: str
    run: Run
    is_for_live: bool
    troubles: frozenset[Trouble]
    verbs: frozenset[Verb]

    def applies(self, stage: Stage) -> bool:
        """Whether this network can show it."""
        return (
            (stage.is_live or not self.is_for_live)
            and self.troubles <= set(stage.troubles)
            and self.verbs <= set(stage.manifest.verbs)
        )


class Checks(list[Check]):
    """Checks in the order in which they are written down."""

    def add(
        self, words: str, *, live: bool = True, troubles: Sequence[Trouble] = (), verbs: Sequence[Verb] = ()
    ) -> Callable[[Run], Run]:
        """Makes a check of a function. `live` checks need a network that people can speak on."""

        def take(run: Run) -> Run:
            self.append(Check(words, run, live, frozenset(troubles), frozenset(verbs)))
            return run

        return take


async def said(act: Scene, *texts: str) -> list[Target]:
    """Has things said in our thread and takes them in; one target for each, in their order.

    From a recording, where nothing can be said, it takes as many of what is there.
    """
    if not act.stage.is_live:
        texts = tuple(act.stage.waiting[: len(texts)])
    for text in texts if act.stage.is_live else ():
        act.stage.say(text)
    seen = await watch(act.connector, set(texts))
    found = {arrival.text: arrival for arrival in seen.arrivals}
    return [target_of(found[text]) for text in texts]


async def order(
    act: Scene,
    verb: Verb,
    targets: Sequence[Target],
    notes: Sequence[str | None] = (),
    text: str | None = None,
) -> Sequence[Answer]:
    """Gives an order; one answer for each target, in their order."""
    answers = await act.connector.act(Order(verb, targets, text=text, category="spam", undo_notes=notes))
    same = [answer.remote_id for answer in answers] == [target.remote_id for target in targets]
    require(same, "an order must be answered for each target, in their order")
    return answers


async def refusal(act: Scene, verb: Verb, target: Target) -> Failure | None:
    """What an order fails with, raised or answered; None when the network took it."""
    try:
        [answer] = await order(act, verb, [target], text="words")
    except Failure as failure:
        return failure
    return answer.failure


async def failure_of(act: Scene, verb: Verb, target: Target, *kinds: type[Failure]) -> Failure:
    """What an order fails with, which must be one of these kinds and have words."""
    failure = await refusal(act, verb, target)
    names = " or ".join(kind.__name__ for kind in kinds)
    if failure is None:
        raise AssertionError(f"{verb} was taken, and should have failed with {names}")
    require(isinstance(failure, kinds), f"{verb} failed with {type(failure).__name__}, not {names}")
    require(bool(failure.words.strip()), f"{type(failure).__name__} without words")
    return failure


async def fails(doing: Awaitable[object], *kinds: type[Failure]) -> Failure:
    """Gives the failure, which must be one of these kinds and have words."""
    names = " or ".join(kind.__name__ for kind in kinds)
    try:
        await doing
    except Failure as failure:
        require(isinstance(failure, kinds), f"it failed with {type(failure).__name__}, not {names}")
        require(bool(failure.words.strip()), f"{names} without words")
        return failure
    raise AssertionError(f"it went on, and should have failed with {names}")


def in_state(target: Target, state: ItemState) -> Target:
    """The same item in another state."""
    return replace(target, state=state)


def nothing_twice(seen: Seen) -> None:
    """Raises AssertionError when one stream yielded an item more than once."""
    doubles = seen.doubles()
    require(not doubles, f"{len(doubles)} items came twice in one stream")
