"""The program at its busiest, made to be killed: asks for acts as quickly as it can, and sends them.

    python -m tests.journeys.false_network.busy PROFILE PASSPHRASE ASKED

For every line on its input it lets a child go, which is the real program on that profile, and prints the
child's process number, the word `busy` as soon as it works, and how it ended. The word `fill` makes one that
collects for a while; `go` one that asks and sends until it is killed; `both` one that collects besides;
`end` one that finishes what there is. What was asked for, and is on record, is written to the file ASKED at
once.

What a newcomer would get wrong: a child is forked from a process that has imported everything and started
nothing, so that most of its life is worth killing.
"""

import asyncio
import os
import random
import sys
import traceback
from pathlib import Path

import console.services.engine
from console.bootstrap import build_engine
from console.domain.acts import OPEN, Verb
from console.domain.errors import CordonError
from console.domain.items import ItemState
from console.domain.lanes import parse_lane
from console.paths import Places
from console.services.engine import Engine
from console.services.neighbours import Neighbours

AT_ONCE = 400
"""So many acts may be open before it asks for more."""
FILLED = 600
"""So many items are collected before the first is acted upon."""
_READY = (console.services.engine, Neighbours)


async def work(places: Places, passphrase: str, asked: int, *, collects: bool) -> None:
    """Asks and sends until it is killed."""
    engine = build_engine(places, passphrase=passphrase)
    await engine.start(collects, act=True)
    os.write(1, b"busy\n")
    sending = asyncio.create_task(_send(engine))
    chance = random.Random(os.getpid())
    while not sending.done():
        await _ask(engine, chance, asked)
        await asyncio.sleep(chance.uniform(0.0, 0.02))
    sending.result()


async def _send(engine: Engine) -> None:
    """Sends what waits, as a command does that was given no window."""
    while True:
        await engine.drain()
        await asyncio.sleep(0.01)


async def fill(places: Places, passphrase: str) -> None:
    """Collects until there is something to act upon."""
    engine = build_engine(places, passphrase=passphrase)
    await engine.start(True)
    os.write(1, b"busy\n")
    while len(await engine.find(parse_lane("", engine.now()), FILLED)) < FILLED:
        await engine.sleep(0.1)
    await engine.stop()


async def _ask(engine: Engine, chance: random.Random, asked: int) -> None:
    waiting = await engine.acts(open_only=True, most=AT_ONCE + 1)
    if len(waiting) > AT_ONCE:
        return
    found = await engine.find(parse_lane("", engine.now()), 600)
    free = [item for item in found if item.act_id is None and item.state is ItemState.VISIBLE]
    if not free:
        return
    some = chance.sample(free, min(len(free), chance.randrange(1, 12)))
    verb = chance.choice([Verb.HIDE, Verb.HIDE, Verb.DELETE])
    try:
        plan = await engine.plan(verb, [item.id for item in some])
        done = await engine.carry_out(plan, reason="Trial")
        os.write(asked, "".join(f"a{act_id}\n" for act_id in done.act_ids).encode())
        if verb is Verb.HIDE and chance.random() < 0.2:
            taken = await engine.undo(done.act_ids, engine.who)
            os.write(asked, "".join(f"a{act_id}\n" for act_id in taken.acts).encode())
    except CordonError:
        return  # somebody else was quicker: the child before this one


async def finish(places: Places, passphrase: str) -> None:
    """Ends everything that is open."""
    engine = build_engine(places, passphrase=passphrase)
    await engine.start(False, act=True)
    os.write(1, b"busy\n")
    while any(act.state in OPEN for act in await engine.acts(open_only=True)):
        await engine.drain()
    await engine.stop()


def main(profile: Path, passphrase: Path, asked: Path) -> None:
    """Lets a child go for each line."""
    places, words = Places(profile), passphrase.read_text("utf-8").strip()
    for line in sys.stdin:
        word = line.strip()
        child = os.fork()
        if child == 0:
            try:
                out = os.open(asked, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
                if word == "fill":
                    asyncio.run(fill(places, words))
                elif word == "end":
                    asyncio.run(finish(places, words))
                else:
                    asyncio.run(work(places, words, out, collects=word == "both"))
                os._exit(0)
            except BaseException:  # noqa: BLE001 - whoever killed it wants to know
                traceback.print_exc()
                os._exit(1)
        print(child, flush=True)  # noqa: T201 - its output is this
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - and this


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
