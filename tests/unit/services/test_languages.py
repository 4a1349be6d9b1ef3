"""Languages on the way in: filled where the network says none and the words are sure, and nowhere else."""

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from console.api import Page
from console.domain.items import Arrival, ItemKind
from console.domain.lanes import parse_lane
from console.domain.watchlists import Rule
from console.services.languages import with_languages
from console.store import lanes
from console.terminal import match_lines
from tests.fakes.connectors import Network
from tests.fakes.lists import a_list
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


def test_matching_lines_without_a_window_tells_languages_as_the_live_path_does(tmp_path: Path) -> None:
    welsh_only = a_list(Rule("cy", words=("machete",), languages=("cy",)), version=1)
    said = ["they have a machete and it is not a toy", "mae'r machete yn y tŷ ac mae'r heddlu yno", "machete"]
    lines = b"".join(
        json.dumps({"id": number, "text": text}).encode() + b"\n" for number, text in enumerate(said)
    )
    told: list[dict[str, Any]] = []
    assert match_lines([welsh_only], io.BytesIO(lines), told.append) == 0
    alone = [len(one["hits"]) for one in told]

    async def live() -> list[int]:
        async with rooms(tmp_path, {"fake": Network()}) as made:
            made.desk.lists = [welsh_only]
            await made.matching.reload()
            account = await made.account("force")
            page = Page([received(f"c{number}", text, lang=None).arrival for number, text in enumerate(said)])
            await made.ingest.take(account, page)
            await made.flow(lambda: made.ingest.statistics.stored == 3)
            return [len(item.hits) for item in await made.stored()]

    assert alone == asyncio.run(live()) == [0, 1, 1]
