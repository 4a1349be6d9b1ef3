"""The whole way of a picture through an engine that runs: fetched from a server here, sealed, disposed of."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from console.bootstrap import build_engine
from console.domain.accounts import Account
from console.domain.acts import Verb
from console.domain.errors import NotPossible
from console.domain.ids import AccountId, ItemId
from console.domain.items import Media
from console.paths import Places
from console.services.engine import Engine
from console.services.events import Announcement, ItemsChanged
from console.services.media import Fetcher
from tests.fakes.connectors import Network, arrival, hosting_of
from tests.fakes.keeping import left_in
from tests.unit.services.test_engine import stored
from tests.unit.services.test_media import PNG, Server, answer

DIGEST = hashlib.sha256(PNG).hexdigest()
WHO = "R. Calder"
WORD = "zyzzogeton"
ACCOUNT = Account(
    id=AccountId(0),
    key="",
    network="fake",
    connector="fake",
    handle="force",
    name="Dellin Valley Police",
    lead="L",
    deputy="D",
    may_act=True,
)


async def here(_host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"]


async def captured(engine: Engine) -> bool:
    """Waits until the supplement is there."""
    changed = asyncio.Event()

    def heard(announcement: Announcement) -> None:
        if isinstance(announcement, ItemsChanged):
            changed.set()

    stop = engine.events.listen(heard)
    try:
        async with asyncio.timeout(20):
            while len(await engine.keeping.records(ItemId(1))) < 2:
                await changed.wait()
                changed.clear()
    finally:
        stop()
    return bool((await engine.keeping.show("i1", WHO))["media"][0]["captured"])


def test_a_picture_is_fetched_sealed_shown_and_disposed_of_while_the_engine_runs(tmp_path: Path) -> None:
    async def whole() -> None:
        server = Server({"/a.png": answer()})
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
        server.port = listening.sockets[0].getsockname()[1]
        post = replace(arrival(1, f"a {WORD}"), media=(Media("picture", server.url("/a.png"), WORD),))
        engine = build_engine(
            Places(tmp_path),
            passphrase="open sesame",
            hosting=hosting_of({"force": Network(posts=[post], ends=False)}),
            fetcher=Fetcher(resolve=here, allowed=lambda address, _: address == "127.0.0.1"),
        )
        await engine.start(collect=True)
        try:
            await engine.connecting.save(ACCOUNT, None, WHO)
            await stored(engine, 1)
            plan = await engine.plan(Verb.HIDE, [ItemId(1)])
            done = await engine.carry_out(plan, reason="Rule 3", who=WHO)
            assert await captured(engine)
            assert await engine.keeping.medium(DIGEST) == PNG
            assert len(server.heard) == 1
            await engine.wait_for(done.act_ids, 20)
            assert left_in(tmp_path, WORD)
            _, is_clean = await engine.keeping.dispose("i1", "its time is over", WHO)
            assert is_clean
            assert left_in(tmp_path, WORD, "author-1") == []
            with pytest.raises(NotPossible):
                await engine.keeping.medium(DIGEST)
            assert [path for path in (tmp_path / "media").rglob("*") if path.is_file()] == []
            assert (await engine.verify()).first_bad is None
        finally:
            await engine.stop()
            listening.close()

    asyncio.run(whole())
