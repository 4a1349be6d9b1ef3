"""Checks of a connector while it acts, and while it looks at what came of that."""

from console.api.checks import Checks, failure_of, in_state, order, refusal, said
from console.api.failures import (
    Failure,
    Gone,
    Misunderstood,
    NotAllowed,
    SignInAgain,
    SlowDown,
    TryLater,
)
from console.api.stage import Stage, Trouble, done_after, foreign_target, require, scene
from console.domain.acts import INVERSE, Verb
from console.domain.items import ItemKind, ItemState

ACTING = Checks()


def _is_blind(stage: Stage, verb: Verb) -> bool:
    """Whether this network never tells if the verb was done."""
    return not stage.manifest.verbs[verb].verifiable


@ACTING.add("hides, is seen to have hidden, and shows again", live=False, verbs=[Verb.HIDE, Verb.UNHIDE])
async def _hides(stage: Stage) -> None:
    async with scene(stage) as act:
        [target, other] = await said(act, "hide me", "leave me")
        require(act.connector.can(target)[Verb.HIDE].can, "a reply in our own thread cannot be hidden")
        [answer] = await order(act, Verb.HIDE, [target])
        require(answer.failure is None, f"the network refused: {answer.failure}")
        [state] = await done_after(act.connector, Verb.HIDE, [target], [answer.note])
        require(state is ItemState.HIDDEN or _is_blind(stage, Verb.HIDE), f"a hidden item looks {state}")
        require(not stage.is_public(target.remote_id), "it is still there for a passer-by")
        require(stage.is_public(other.remote_id) is not False, "another item was hidden with it")
        hidden = in_state(target, ItemState.HIDDEN)
        require(act.connector.can(hidden)[Verb.UNHIDE].can, "what was hidden cannot be shown again")
        [back] = await order(act, Verb.UNHIDE, [hidden], [answer.note])
        require(back.failure is None, f"the network refused: {back.failure}")
        [state] = await done_after(act.connector, Verb.UNHIDE, [hidden], [back.note])
        is_right = state is ItemState.VISIBLE or _is_blind(stage, Verb.UNHIDE)
        require(is_right, f"an item that was shown again looks {state}")
        require(stage.is_public(target.remote_id) is not False, "it is not back for a passer-by")


@ACTING.add("hides many of one thread, answering for each in order", live=False, verbs=[Verb.HIDE])
async def _hides_many(stage: Stage) -> None:
    async with scene(stage) as act:
        count = min(40, stage.manifest.batch) if stage.is_live else len(stage.waiting)
        targets = await said(act, *(f"one of many {number}" for number in range(count)))
        before = stage.changes
        answers = await order(act, Verb.HIDE, targets)
        require(not any(answer.failure for answer in answers), "some were refused")
        batched = any(Verb.HIDE in ceiling.batched for ceiling in stage.manifest.ceilings)
        spent = stage.changes - before
        require(spent == 1 or not batched, f"one thread took {spent} writes, and one was declared")
        await done_after(act.connector, Verb.HIDE, targets, [answer.note for answer in answers])
        require(not any(stage.is_public(target.remote_id) for target in targets), "some are still public")


@ACTING.add("does a thing that is done already without harm", live=False, verbs=[Verb.HIDE, Verb.UNHIDE])
async def _hides_twice(stage: Stage) -> None:
    async with scene(stage) as act:
        [target] = await said(act, "hidden twice")
        notes = [(await order(act, Verb.HIDE, [target]))[0].note for _ in range(2)]
        await done_after(act.connector, Verb.HIDE, [target], [notes[-1]])
        await order(act, Verb.UNHIDE, [in_state(target, ItemState.HIDDEN)], [notes[0]])
        await done_after(act.connector, Verb.UNHIDE, [target], [None])
        require(stage.is_public(target.remote_id) is not False, "one undo does not take back two")


def _takes_back(verb: Verb) -> None:
    @ACTING.add(f"does {verb} and takes it back", live=False, verbs=[verb, INVERSE[verb]])
    async def _back(stage: Stage) -> None:
        async with scene(stage) as act:
            [target] = await said(act, f"{verb} my author")
            verdict = act.connector.can(target)[verb]
            if verdict.can and not verdict.reversible:
                return  # this item says so beforehand, though others can be taken back
            [answer] = await order(act, verb, [target])
            require(answer.failure is None, f"the network refused: {answer.failure}")
            await done_after(act.connector, verb, [target], [answer.note])
            [undone] = await order(act, INVERSE[verb], [target], [answer.note])
            require(undone.failure is None, f"the network refused the way back: {undone.failure}")
            await done_after(act.connector, INVERSE[verb], [target], [undone.note])


_takes_back(Verb.BLOCK)
_takes_back(Verb.MUTE)


@ACTING.add("answers, and finds its answer again", live=False, verbs=[Verb.REPLY])
async def _replies(stage: Stage) -> None:
    async with scene(stage) as act:
        [target] = await said(act, "is the ford open?")
        [answer] = await order(act, Verb.REPLY, [target], text="It is closed until noon.")
        require(answer.failure is None, f"the network refused: {answer.failure}")
        require(bool(answer.note), "a reply without a note cannot be found again")
        await done_after(act.connector, Verb.REPLY, [target], [answer.note])


@ACTING.add(
    "knows what may have been done when the answer is lost", troubles=[Trouble.CUT_AFTER], verbs=[Verb.HIDE]
)
async def _lost_answer(stage: Stage) -> None:
    async with scene(stage) as act:
        [target] = await said(act, "hidden, and nobody told us")
        stage.misbehave(Trouble.CUT_AFTER)
        failure = await failure_of(act, Verb.HIDE, target, TryLater)
        stage.behave()
        done = not stage.is_public(target.remote_id)
        require(failure.sent or not done, "it may be done twice: the network did it, and we were not warned")
        [sight] = await act.connector.look(Verb.HIDE, [target], [None])
        is_unknown = sight.done is None and _is_blind(stage, Verb.HIDE)
        require(sight.done is done or is_unknown, f"a look says {sight.done}, and the network {done}")


@ACTING.add("sends nothing over a dead link, and says so", troubles=[Trouble.CUT], verbs=[Verb.HIDE])
async def _dead_link(stage: Stage) -> None:
    async with scene(stage) as act:
        [target] = await said(act, "never hidden")
        stage.misbehave(Trouble.CUT)
        await failure_of(act, Verb.HIDE, target, TryLater)
        stage.behave()
        [sight] = await act.connector.look(Verb.HIDE, [target], [None])
        require(not sight.done, "a look says that it was hidden")
        require(stage.is_public(target.remote_id) is not False, "it was hidden after all")


def _acting_trouble(trouble: Trouble, *kinds: type[Failure]) -> None:
    @ACTING.add(
        f"says in the contract's words what “{trouble}” means for an act",
        troubles=[trouble],
        verbs=[Verb.HIDE],
    )
    async def _troubled(stage: Stage) -> None:
        async with scene(stage) as act:
            [target] = await said(act, f"hide me under {trouble}")
            stage.misbehave(trouble)
            failure = await failure_of(act, Verb.HIDE, target, *kinds)
            stage.behave()
            is_done = not stage.is_public(target.remote_id)
            require(failure.sent or not is_done, "it was done, and nobody warned that it may have been")


_acting_trouble(Trouble.HTML, Misunderstood, TryLater)
_acting_trouble(Trouble.GARBAGE, Misunderstood, TryLater)
_acting_trouble(Trouble.LIE, TryLater, Misunderstood, NotAllowed)
_acting_trouble(Trouble.FAULT, TryLater)
_acting_trouble(Trouble.LIMIT, SlowDown)
_acting_trouble(Trouble.REVOKED, SignInAgain)


@ACTING.add("notices that an item is gone", verbs=[Verb.HIDE])
async def _gone(stage: Stage) -> None:
    async with scene(stage) as act:
        [target] = await said(act, "taken back by its author")
        stage.withdraw(target.remote_id)
        failure = await refusal(act, Verb.HIDE, target)
        require(failure is None or isinstance(failure, Gone | NotAllowed), f"it is {failure!r}")
        [sight] = await act.connector.look(Verb.HIDE, [target], [None])
        require(sight.state in {ItemState.GONE, ItemState.DELETED}, f"a look shows {sight.state}")


@ACTING.add("refuses in words what it says cannot be done", live=False)
async def _refuses(stage: Stage) -> None:
    async with scene(stage) as act:
        target = foreign_target(ItemKind.MENTION, ItemState.VISIBLE)
        for verb, capability in act.connector.can(target).items():
            if not capability.can:
                await failure_of(act, verb, target, NotAllowed, Gone)
