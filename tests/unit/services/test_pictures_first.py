"""Where pictures come first, an item whose picture cannot be had waits, or a person goes on without."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from console.domain.acts import Verb
from console.domain.capabilities import Capability
from console.domain.errors import NotPossible
from console.domain.ids import EvidenceId, ItemId
from console.domain.items import Media
from console.services.ceilings import Ceilings
from console.services.events import Announcement, Trouble
from console.services.ordering import Ordering
from tests.fakes.keeping import Bench, bench
from tests.unit.store.making import received

THERE, GONE = "https://pictures.example/there.png", "https://pictures.example/gone.png"
PICTURE = b"\x89PNG\r\n\x1a\n a picture"
IDS = [ItemId(1), ItemId(2), ItemId(3)]


def inside(
    folder: Path,
    check: Callable[[Bench, Ordering, list[str]], Awaitable[None]],
    *,
    text_alone: bool,
    woken: list[int] | None = None,
) -> None:
    """Three items, one without a picture, one whose picture is there, one whose is gone."""

    async def whole() -> None:
        async with bench(folder, there={THERE: PICTURE}) as rig:
            await rig.save(
                received("p1"),
                received("p2", media=(Media("picture", THERE),)),
                received("p3", media=(Media("picture", GONE),)),
            )
            accounts = await rig.accounts()
            said: list[str] = []

            def heard(announcement: Announcement) -> None:
                if isinstance(announcement, Trouble):
                    said.append(announcement.words)

            rig.events.listen(heard)
            ordering = Ordering(
                db=rig.db,
                desk=rig.desk,
                keys=rig.keys,
                clock=rig.clock,
                events=rig.events,
                ceilings=Ceilings(),
                accounts=lambda: accounts,
                ask=lambda *_: Capability(can=True, words="", reversible=True),
                wake=lambda: None,
                text_alone=text_alone,
                capturing=rig.capturing,
                pictures_wanted=lambda: (woken if woken is not None else []).append(1),
            )
            await check(rig, ordering, said)

    asyncio.run(whole())


def test_an_item_without_its_picture_waits_and_the_others_go_ahead(tmp_path: Path) -> None:
    async def check(rig: Bench, ordering: Ordering, said: list[str]) -> None:
        plan = await ordering.plan(Verb.HIDE, IDS)
        assert (plan.will, plan.media_not_captured) == (3, 0)
        done = await ordering.carry_out(plan, reason="Rule 3", who="r.calder")
        acts = await rig.desk.acts(done.act_ids)
        assert [act.item_id for act in acts] == [1, 2]
        (media,) = (await rig.keeping.read(await rig.record(2)))["media"]
        assert media["captured"], "captured before anything was asked for"
        (words,) = said
        assert "could not be captured" in words
        assert "The other 2 went ahead." in words
        with pytest.raises(NotPossible, match="Nothing was done"):
            await ordering.carry_out(await ordering.plan(Verb.HIDE, IDS[2:]), reason="Rule 3", who="r.calder")

    inside(tmp_path, check, text_alone=False)


def test_a_person_goes_on_without_for_a_reason_that_is_sealed_and_on_record(tmp_path: Path) -> None:
    async def check(rig: Bench, ordering: Ordering, said: list[str]) -> None:
        plan = await ordering.plan(Verb.HIDE, IDS)
        done = await ordering.carry_out(
            plan, reason="Rule 3", who="r.calder", without_media="It names a witness now."
        )
        assert len(done.act_ids) == 3
        record = await rig.keeping.read(await rig.record(3))
        assert record["override"] == "It names a witness now."
        assert (await rig.keeping.read(await rig.record(2)))["override"] is None
        leaves = [entry.leaf for entry in await rig.desk.entries(0, 100)]
        assert sum(b'"override":true' in leaf for leaf in leaves) == 1
        assert said == []

    inside(tmp_path, check, text_alone=False)


def test_where_words_suffice_nothing_waits_and_pictures_are_asked_for_after(tmp_path: Path) -> None:
    woken: list[int] = []

    async def check(rig: Bench, ordering: Ordering, said: list[str]) -> None:
        plan = await ordering.plan(Verb.HIDE, IDS)
        assert plan.media_not_captured == 2
        await ordering.carry_out(plan, reason="Rule 3", who="r.calder")
        assert rig.pictures.asked == []
        assert woken == [1]
        assert await rig.keep.count_wanted() == 2
        await rig.fetching.run_once()
        found = [await rig.keeping.read(await rig.record(number)) for number in (1, 2, 3)]
        assert [[each["captured"] for each in record["media"]] for record in found] == [[], [True], [False]]
        assert said == []

    inside(tmp_path, check, text_alone=True, woken=woken)


def test_what_was_disposed_of_cannot_be_acted_on(tmp_path: Path) -> None:
    async def check(rig: Bench, ordering: Ordering, _said: list[str]) -> None:
        await rig.hide(1)
        plan = await ordering.plan(Verb.BLOCK, IDS[:1])
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        with pytest.raises(NotPossible):
            await ordering.carry_out(plan, reason="Rule 3", who="r.calder")
        assert (await rig.desk.evidence(EvidenceId(2))) is None

    inside(tmp_path, check, text_alone=True)
