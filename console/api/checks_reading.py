"""Checks of a connector before it sends anything, while it signs in, and while it reads."""

import asyncio
import json
import time
from contextlib import aclosing, suppress

from console.api.checks import Checks, fails, nothing_twice
from console.api.failures import Failure, Misunderstood, NotAllowed, SignInAgain, SlowDown, TryLater
from console.api.stage import (
    PATIENCE_S,
    KeptSecret,
    Stage,
    Trouble,
    as_generator,
    foreign_target,
    holds_words,
    now,
    require,
    scene,
    texts_in,
    watch,
    watching,
)
from console.domain.acts import Verb
from console.domain.items import ItemKind, ItemState

CAN_WITHIN_S = 0.005
NASTY = (
    "Plain words, and a second line\nof them.",
    "Emoji 👩‍🚒 and flags 🏴󠁧󠁢󠁷󠁬󠁳󠁿, Cymraeg: ŵ ŷ",
    "\u202eright to left\u202c and a z\u200bero width",
    '<b onclick="x()">not markup</b> & [not](a link) {not} %s',
    "  spaces at both ends  ",
    "'; DROP TABLE items; --",
)
"""Words that a careless connector changes on the way."""


READING = Checks()

# --- Before anything is sent -----------------------------------------------------------------


@READING.add("declares itself in full", live=False)
async def _manifest(stage: Stage) -> None:
    manifest = stage.manifest
    require(manifest.batch >= 1, "an order must be able to name an item")
    require(manifest.text_life_hours >= 1, "the network's text must live for an hour at least")
    require(1 <= len(manifest.letters) <= 2, "the network's mark has one or two letters")
    require(Verb.LEAVE_UP not in manifest.verbs, "leaving an item up is the console's own verb")
    for verb, facts in manifest.verbs.items():
        require(bool(facts.words.strip()), f"{verb} needs words for a person")
    fields = {field.name for field in manifest.sign_in}
    for switch in manifest.switches:
        require(bool(switch.words.strip()) and switch.name not in fields, f"{switch.name} is not clear")
    for ceiling in manifest.ceilings:
        require(not ceiling.setting or ceiling.setting in fields, f"{ceiling.name} has no setting")
        require(ceiling.points > 0 and ceiling.seconds > 0, f"{ceiling.name} allows nothing")
        strange = (set(ceiling.costs) | ceiling.batched) - set(manifest.verbs)
        require(not strange, f"{ceiling.name} counts {sorted(strange)}, which the network does not have")


@READING.add("says what can be done at once, in words, and before it is opened", live=False)
async def _can(stage: Stage) -> None:
    async with scene(stage, opens=False) as act:
        targets = [foreign_target(kind, state) for kind in ItemKind for state in ItemState]
        begun = time.perf_counter()
        judged = [act.connector.can(target) for target in targets]
        spent = time.perf_counter() - begun
        require(spent / len(targets) < CAN_WITHIN_S, f"judging an item took {spent / len(targets):.3f} s")
        require(not act.hosts, f"judging items asked {sorted(act.hosts)}")
        for target, found in zip(targets, judged, strict=True):
            require(
                set(found) == set(stage.manifest.verbs),
                f"a {target.kind} has {sorted(found)}, the manifest {sorted(stage.manifest.verbs)}",
            )
            for verb, capability in found.items():
                require(bool(capability.words.strip()), f"{verb} on a {target.kind} says nothing")


@READING.add("signs in and says who it is", live=False)
async def _opens(stage: Stage) -> None:
    async with scene(stage, opens=False) as act:
        profile = await act.connector.open()
        require(bool(profile.remote_id and profile.handle), f"the network's answer was not read: {profile}")


@READING.add("asks for a sign-in when it has none, and says so in words")
async def _unsigned(stage: Stage) -> None:
    for text in (None, "", "{}", "nonsense \x00"):
        async with scene(stage, secret=KeptSecret(text), opens=False) as act:
            await fails(act.connector.open(), SignInAgain, NotAllowed)


# --- Reading ---------------------------------------------------------------------------------


@READING.add("yields what arrives, once, word for word", live=False)
async def _yields(stage: Stage) -> None:
    async with scene(stage) as act:
        texts = set(stage.waiting)
        if stage.is_live:
            texts |= {text for text in NASTY if stage.say(text)}
        seen = await watch(act.connector, texts, more_pages=3 if stage.is_live else 0)
        nothing_twice(seen)
        for arrival in seen.arrivals:
            require(bool(arrival.remote_id and arrival.author.id), f"an item lacks an identity: {arrival}")
            require(arrival.created_at >= 0, f"an item is from before 1970: {arrival.created_at}")
            if arrival.raw:
                is_kept = holds_words(arrival.raw, arrival.text, stage.manifest.markup)
                require(is_kept, "an item's raw form does not hold its words")


@READING.add("goes on from any stored place without losing anything", live=False)
async def _resumes(stage: Stage) -> None:
    first = {text for text in NASTY[:3] if stage.is_live and stage.say(text)} | set(stage.waiting)
    async with scene(stage) as act:
        seen = await watch(act.connector, first)
    before: set[str] = set()
    for page in seen.pages:
        before |= {arrival.text for arrival in page.arrivals if not arrival.is_ours}
        if page.cursor is None:
            continue
        # As after a crash: this page was stored with its cursor, and nothing after it.
        async with scene(stage) as act:
            await watch(act.connector, first - before, cursor=page.cursor)


@READING.add("gives every page a place that a new start can go on from")
async def _cursors(stage: Stage) -> None:
    async with scene(stage) as act:
        stage.say("before")
        seen = await watch(act.connector, {"before"})
    require(seen.cursor is not None, "no page had a cursor")
    stage.say("while nobody listened")
    async with scene(stage) as act:
        await watch(act.connector, {"while nobody listened"}, cursor=seen.cursor)


@READING.add("starts afresh from a place that it cannot read, and says so or goes on")
async def _strange_cursor(stage: Stage) -> None:
    stage.say("said before")
    async with scene(stage) as act:
        await watch(act.connector, {"said before"}, cursor="a cursor of somebody else's \x00")


@READING.add("shows that it looked even when nothing arrives")
async def _empty_pages(stage: Stage) -> None:
    async with scene(stage) as act:
        seen = await watch(act.connector, set(stage.waiting), more_pages=5)
        require(len(seen.pages) >= 5, "no pages came while nothing arrived")


@READING.add("takes in what the network lists late")
async def _late(stage: Stage) -> None:
    stage.say("in time")
    async with scene(stage) as act, watching(act.connector) as stream:
        await stream.until({"in time"})
        stage.say("listed late", late_ms=60_000)
        seen = await stream.until({"listed late"}, more_pages=2)
        nothing_twice(seen)
    stage.say("listed late, before a new start", late_ms=90_000)
    async with scene(stage) as act:
        await watch(act.connector, {"listed late, before a new start"}, cursor=seen.cursor)


@READING.add("catches up after a gap of many pages")
async def _gap(stage: Stage) -> None:
    async with scene(stage) as act:
        stage.say("before the gap")
        seen = await watch(act.connector, {"before the gap"})
    texts = {f"number {number} of a gap" for number in range(220)}
    for text in sorted(texts):
        stage.say(text)
    async with scene(stage) as act:
        nothing_twice(await watch(act.connector, texts, cursor=seen.cursor, more_pages=2))


@READING.add("survives a link that is cut while it reads", troubles=[Trouble.CUT])
async def _cut_stream(stage: Stage) -> None:
    stage.say("before the cut")
    async with scene(stage) as act:
        seen = await watch(act.connector, {"before the cut"})
        stage.misbehave(Trouble.CUT)
        await fails(watch(act.connector, {"never"}, cursor=seen.cursor, seen=seen), TryLater)
        texts = {f"past the cut {number}" for number in range(20)}
        for text in texts:
            stage.say(text)
        stage.behave()
        # The same connector goes on: the console does not sign in anew for each lost line.
        await watch(act.connector, texts, cursor=seen.cursor, seen=seen)


def _reading_trouble(trouble: Trouble, *kinds: type[Failure]) -> None:
    @READING.add(f"says in the contract's words what “{trouble}” means while it reads", troubles=[trouble])
    async def _troubled(stage: Stage) -> None:
        stage.say("before the trouble")
        async with scene(stage) as act:
            seen = await watch(act.connector, {"before the trouble"})
            stage.misbehave(trouble)
            # A later round may meet it first in a part that it can do without; never for ever.
            failure = await fails(watch(act.connector, {"never"}, cursor=seen.cursor), *kinds)
            if isinstance(failure, SlowDown):
                require(failure.until > now(), "a ceiling must end in the future")
                require(failure.until < now() + 2 * 86_400_000, "a ceiling must end within days")
            require(not failure.sent, "reading sends nothing that could be done twice")
            stage.behave()
            stage.say("after the trouble")
            await watch(act.connector, {"after the trouble"}, cursor=seen.cursor)


_reading_trouble(Trouble.HALF, TryLater, Misunderstood)
_reading_trouble(Trouble.HTML, Misunderstood, TryLater)
_reading_trouble(Trouble.GARBAGE, Misunderstood)
_reading_trouble(Trouble.LIE, TryLater, Misunderstood, NotAllowed)
_reading_trouble(Trouble.FAULT, TryLater)
_reading_trouble(Trouble.LIMIT, SlowDown)


def _harmless(trouble: Trouble, words: str) -> None:
    @READING.add(words, troubles=[trouble])
    async def _unmoved(stage: Stage) -> None:
        stage.misbehave(trouble)
        texts = {f"number {number} under {trouble}" for number in range(150)}
        for text in sorted(texts):
            stage.say(text)
        async with scene(stage) as act:
            nothing_twice(await watch(act.connector, texts, more_pages=2))


_harmless(Trouble.REPEATED, "yields once what the network lists several times")
_harmless(Trouble.REORDERED, "loses nothing when the network lists things in another order")
_harmless(Trouble.EXTRAS, "passes over what it does not know, and does without what may be missing")


@READING.add("waits for a slow answer", troubles=[Trouble.SLOW])
async def _slow(stage: Stage) -> None:
    stage.say("slow to come")
    stage.misbehave(Trouble.SLOW, requests=2)
    async with scene(stage) as act:
        await watch(act.connector, {"slow to come"})


@READING.add("loses one broken item and not its neighbours, and says so", troubles=[Trouble.BROKEN_ITEM])
async def _broken_item(stage: Stage) -> None:
    texts = {f"whole item {number}" for number in range(5)}
    for text in sorted(texts):
        stage.say(text)
    stage.misbehave(Trouble.BROKEN_ITEM)
    async with scene(stage) as act:
        seen = await watch(act.connector, texts)
        complaints = [words for page in seen.pages for words in page.complaints]
        require(bool(complaints), "a broken item was passed over in silence")
        told = [text for text in texts if any(text in words for words in complaints)]
        require(not told, "a complaint repeats somebody's words")


@READING.add("renews its sign-in by itself, and keeps what it got", troubles=[Trouble.EXPIRED])
async def _renews(stage: Stage) -> None:
    stage.say("before it ended")
    kept = KeptSecret(stage.secret)
    async with scene(stage, secret=kept) as act:
        seen = await watch(act.connector, {"before it ended"})
        writes = kept.writes
        stage.misbehave(Trouble.EXPIRED, requests=1)
        stage.say("after it ended")
        await watch(act.connector, {"after it ended"}, cursor=seen.cursor)
        require(kept.writes > writes, "the renewed sign-in was not kept")
    async with scene(stage, secret=kept) as act:
        await watch(act.connector, {"after it ended"})


@READING.add("asks for a person when its sign-in is taken away", troubles=[Trouble.REVOKED])
async def _revoked(stage: Stage) -> None:
    stage.say("while it could")
    async with scene(stage) as act:
        seen = await watch(act.connector, {"while it could"})
        stage.misbehave(Trouble.REVOKED)
        await fails(watch(act.connector, {"never"}, cursor=seen.cursor), SignInAgain)
    async with scene(stage, opens=False) as act:
        await fails(act.connector.open(), SignInAgain)


@READING.add("stops at once when it is told to, and can be closed after a failure", live=False)
async def _stops(stage: Stage) -> None:
    async with scene(stage) as act:

        async def read_on() -> None:
            async with aclosing(as_generator(act.connector.stream(None))) as pages:
                async for _ in pages:
                    pass

        reading = asyncio.create_task(read_on())
        await asyncio.sleep(0)
        reading.cancel()
        with suppress(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE_S):
                await reading


@READING.add("goes nowhere but to the hosts that it named, and keeps words and secrets out of its log")
async def _discreet(stage: Stage) -> None:
    stage.say("nobody's business but theirs")
    async with scene(stage) as act:
        await watch(act.connector, {"nobody's business but theirs"}, more_pages=12)
        allowed = " ".join([*stage.manifest.hosts, *stage.settings.values()])
        strange = sorted(host for host in act.hosts if host not in allowed)
        require(not strange, f"it went to {strange}")
        log = "\n".join(act.log)
        require("nobody's business" not in log, "somebody's words are in the log")
        secrets = [
            text for text in texts_in(act.secret.text or "{}") if len(text) > 6 and text != stage.handle
        ]
        secrets = [text for text in secrets if text not in json.dumps(dict(stage.settings))]
        require(not any(text in log for text in secrets), "a part of the sign-in is in the log")
