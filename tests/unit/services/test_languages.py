"""Languages on the way in: filled where the network says none and the words are sure, and nowhere else."""

import asyncio
from dataclasses import replace
from pathlib import Path

from console.api import Page
from console.domain.items import Arrival, ItemKind
from console.domain.lanes import parse_lane
from console.services.languages import with_languages
from console.store import lanes
from tests.fakes.connectors import Network
from tests.fakes.rooms import rooms
from tests.unit.store.making import received

WELSH = "Mae'r ffordd ar gau ac mae'r heddlu yno"


def arrival(text: str, lang: str | None = None, kind: ItemKind = ItemKind.COMMENT) -> Arrival:
    return received("c1", text, lang=lang, kind=kind).arrival


def test_only_what_has_no_language_and_is_public_and_sure_gets_one() -> None:
    said = [
        arrival(WELSH),
        arrival(WELSH, lang="en"),
        arrival(WELSH, kind=ItemKind.MESSAGE),
        arrival("lol"),
        arrival(""),
    ]
    assert [one.lang for one in with_languages(said)] == ["cy", "en", None, None, None]
    assert with_languages(said)[1:] == said[1:]


def test_what_arrives_without_a_language_is_found_by_the_one_it_is_in(tmp_path: Path) -> None:
    async def story() -> None:
        async with rooms(tmp_path, {"fake": Network()}) as made:
            account = await made.account("force")
            one = replace(arrival(WELSH), remote_id=arrival("x").remote_id)
            await made.ingest.take(account, Page([one]))
            await made.flow(lambda: made.ingest.statistics.stored == 1)
            (item,) = await made.stored()
            assert item.lang == "cy"
            lane = parse_lane("lang:cy", made.clock.now())
            assert list(await made.db.read(lambda conn: lanes.lane_ids(conn, lane))) == [item.id]

    asyncio.run(story())
