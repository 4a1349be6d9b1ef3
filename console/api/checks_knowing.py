"""Checks of what a connector must notice without being told, how it searches, and how it is signed in to."""

import asyncio
import json

from console.api.checks import Checks
from console.api.failures import NotAllowed, SignInAgain, SlowDown
from console.api.stage import (
    PACE_S,
    PATIENCE_S,
    KeptSecret,
    Seen,
    Stage,
    Trouble,
    as_generator,
    backstage,
    now,
    require,
    scene,
    texts_in,
    watch,
    watching,
)
from console.domain.items import ItemKind, ItemState

KNOWING = Checks()
_LOOKS = 400
"""Pages to wait for something that the network shows by itself."""


@KNOWING.add("notices that an author changed the words, where the network shows it")
async def _edits(stage: Stage) -> None:
    known = stage.say("the first words")
    async with scene(stage) as act, watching(act.connector) as stream:
        seen = await stream.until({"the first words"})
        if not stage.rewrite(known, "other words"):
            return
        await stream.until({"other words"})
        same = {arrival.remote_id for arrival in seen.arrivals if arrival.text == "other words"}
        require(same == {known}, "an edit must come as the same item with other words")


@KNOWING.add("notices that an author took something back, where the network shows it")
async def _withdrawn(stage: Stage) -> None:
    known = stage.say("soon regretted")
    stage.say("not regretted")
    async with scene(stage) as act, watching(act.connector) as stream:
        seen = await stream.until({"soon regretted", "not regretted"})
        if not stage.shows_withdrawn():
            return
        stage.withdraw(known)
        for _ in range(_LOOKS):
            await stream.until((), more_pages=1)
            gone = {
                sight.remote_id
                for page in seen.pages
                for sight in page.sights
                if sight.state in {ItemState.GONE, ItemState.DELETED}
            }
            if gone:
                require(gone == {known}, "more was said to be gone than was taken back")
                return
            await asyncio.sleep(PACE_S)
        raise AssertionError("it was never noticed that an item was taken back")


@KNOWING.add("does not take empty lists for peace when a right is missing", troubles=[Trouble.EMPTY])
async def _emptiness(stage: Stage) -> None:
    stage.say("while there was a right")
    async with scene(stage) as act:
        seen = await watch(act.connector, {"while there was a right"})
    stage.misbehave(Trouble.EMPTY)
    later = Seen(cursor=seen.cursor)
    try:
        async with scene(stage, opens=False) as act:
            profile = await act.connector.open()
            if any(words.strip() for words in profile.notices):
                return
            async with watching(act.connector, seen.cursor, later) as stream:
                for _ in range(_LOOKS):
                    await stream.until((), more_pages=1)
                    if any(page.notice for page in later.pages):
                        return
    except (NotAllowed, SignInAgain) as failure:
        require(bool(failure.words.strip()), "a missing right without words")
        return
    raise AssertionError("every list was empty because a right is missing, and nothing was said")


@KNOWING.add("heeds the allowance that the network's headers name", troubles=[Trouble.LOW])
async def _heeds(stage: Stage) -> None:
    stage.say("while there was plenty")
    async with scene(stage) as act:
        seen = await watch(act.connector, {"while there was plenty"})
        stage.misbehave(Trouble.LOW)
        later = Seen(cursor=seen.cursor)
        try:
            async with watching(act.connector, seen.cursor, later) as stream:
                for _ in range(_LOOKS):
                    await stream.until((), more_pages=1)
                    if any(until > now() for _, until in act.allowance.learnt.values()):
                        return
        except SlowDown as failure:
            require(failure.until > now(), "a ceiling must end in the future")
            return
    raise AssertionError("what the headers said was not passed on")


@KNOWING.add("counts its reading against the ceilings that it declares")
async def _counts(stage: Stage) -> None:
    stage.say("it costs something to hear")
    async with scene(stage) as act:
        await watch(act.connector, {"it costs something to hear"}, more_pages=3)
        if stage.manifest.ceilings:
            require(sum(act.allowance.taken.values()) > 0, "nothing was counted")


@KNOWING.add("finds what is said about a topic, once, where the network can be searched")
async def _searches(stage: Stage) -> None:
    if stage.manifest.search is None:
        return
    topic = "chandlersrow"
    known = [stage.say_about(topic, f"{topic}: number {number}") for number in range(3)]
    require(None not in known, "the manifest has a search, and the false network has none")
    texts = {f"{topic}: number {number}" for number in range(3)}
    seen = Seen()
    async with scene(stage) as act:
        search = getattr(act.connector, "search", None)
        require(search is not None, "the manifest has a search, and the connector has none")
        pages = as_generator(search(topic, None))  # type: ignore[misc]  # `require` has seen to it
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not texts <= seen.texts:
                    seen.take(await anext(pages))
                stage.say_about(topic, f"{topic}: later")
                while f"{topic}: later" not in seen.texts:
                    seen.take(await anext(pages))
        except TimeoutError:
            raise AssertionError(f"found only {len(seen.texts)} of 4") from None
        finally:
            await pages.aclose()
    require(not seen.doubles(), "a search gave something twice")
    kinds = {arrival.kind for arrival in seen.arrivals if arrival.text in texts}
    require(kinds == {ItemKind.FOUND}, f"what was said elsewhere is of the kind {sorted(kinds)}")


@KNOWING.add("walks a person through the sign-in, and keeps what it takes to get in again", live=False)
async def _walks(stage: Stage) -> None:
    guide = stage.guide()
    if not stage.manifest.guided or guide is None:
        require(not stage.manifest.guided, "the manifest says guided, and the stage has nobody to guide")
        return
    sign_in = stage.sign_in
    if sign_in is None:
        raise AssertionError("the manifest says guided, and there is no `sign_in`")
    kept, said = KeptSecret(stage.first_secret), list[str]()
    async with backstage(stage, kept, set(), said) as (context, _):
        found = await sign_in(context, guide)
    require(kept.writes > 0, "nothing was kept after signing in")
    public = {field.name for field in stage.manifest.sign_in if not field.secret}
    require(set(found) <= public, f"settings that the manifest does not have: {sorted(set(found) - public)}")
    leaked = [text for text in texts_in(kept.text or "{}") if len(text) > 6 and text in json.dumps(said)]
    require(not leaked, "a part of the sign-in is in the log")
    async with scene(stage, secret=kept, opens=False) as act:
        profile = await act.connector.open()
        require(bool(profile.handle), "it does not say who it is after the walk")
