"""Pictures: kept once and sealed, told in supplements, tried again, and first where a force wants it so."""

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.domain.errors import DiskFull, NotPossible, ProfileUnwritable, RecordBroken, SecretsUnavailable
from console.domain.ids import ItemId
from console.domain.items import Media
from console.services.fetching import EVERY_S, TRIES_S
from console.services.media import Fetched, NotFetched
from tests.fakes.keeping import Bench, bench, left_in
from tests.unit.store.making import hit, received

ONE, TWO = b"\x89PNG\r\n\x1a\n one planted picture", b"\x89PNG\r\n\x1a\n another"
DIGEST = hashlib.sha256(ONE).hexdigest()
URL = "https://pictures.example/1.png"
SECOND = "https://pictures.example/2.png"
WORDS = "four words make it"
LATE = NotFetched("Its server answered 503.", again=True)
Check = Callable[[Bench], Awaitable[None]]


def inside(folder: Path, check: Check, **rest: object) -> None:
    async def whole() -> None:
        async with bench(folder, **rest) as rig:  # type: ignore[arg-type]  # named in each test
            await check(rig)

    asyncio.run(whole())


def pictured(remote: str, *urls: str, **more: object):  # type: ignore[no-untyped-def]  # a row, as `received` makes it
    media = tuple(Media("picture", url) for url in urls)
    return received(remote, media=media, **more)  # type: ignore[arg-type]  # handed on


async def whole(rig: Bench, number: int) -> list[dict[str, object]]:
    """What a record says of its pictures now."""
    return list((await rig.keeping.read(await rig.record(number)))["media"])


def test_a_picture_is_fetched_after_its_words_were_sealed_and_told_in_a_supplement(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(pictured("p1", URL, SECOND))
        await rig.hide(1)
        assert [each["captured"] for each in await whole(rig, 1)] == [False, False]
        assert await rig.fetching.run_once() == 1
        first, second = await whole(rig, 1)
        assert (first["captured"], first["digest"], first["type"]) == (True, DIGEST, "image/png")
        assert (second["captured"], second["why"]) == (False, "Its server answered 404.")
        assert await rig.keeping.medium(DIGEST) == ONE
        (row,) = [each for each in await rig.keep.records(ItemId(1)) if each.supplement_of is not None]
        assert row.supplement_of == 1
        assert await rig.is_whole() is None
        assert await rig.fetching.run_once() == 0
        assert (await rig.items(1))[0].evidence_id == 1, "the record itself stays the item's"
        for key in ("i1", "e1", "e2"):
            shown = await rig.keeping.show(key, "r.calder")
            assert (shown["evidence"], shown["supplements"]) == ("e1", ["e2"])
            assert shown["media"][0]["captured"]

    inside(tmp_path, check, there={URL: ONE})


def test_the_same_picture_lies_in_one_sealed_file_whose_name_tells_nothing(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(pictured("p1", URL), pictured("p2", SECOND))
        await rig.hide(1, 2)
        await rig.fetching.run_once()
        (file,) = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
        assert file.name != DIGEST
        assert file.stat().st_mode & 0o077 == 0
        assert left_in(tmp_path, "planted picture", DIGEST, URL.encode()[::-1]) == []
        assert (await whole(rig, 1))[0]["file"] == (await whole(rig, 2))[0]["file"] == file.name

    inside(tmp_path, check, there={URL: ONE, SECOND: ONE})


def test_what_was_sealed_is_fetched_though_its_author_has_edited_it_or_the_cache_let_it_go(
    tmp_path: Path,
) -> None:
    async def check(rig: Bench) -> None:
        first, second = pictured("p1", URL), pictured("p2", URL)
        await rig.save(first, second)
        await rig.hide(1, 2)
        await rig.save(replace(first, arrival=replace(first.arrival, text="edited", media=())))
        await rig.clock.pass_by(31 * 86_400)
        await rig.purging.run("cordon")
        assert (await rig.items(2))[0].media == ()
        await rig.fetching.run_once()
        assert [(await whole(rig, number))[0]["captured"] for number in (1, 2)] == [True, True]

    inside(tmp_path, check, there={URL: ONE})


def test_one_record_that_does_not_open_keeps_no_other_from_its_pictures(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(pictured("p1", URL), pictured("p2", URL))
        await rig.hide(1, 2)
        await rig.db.record(lambda conn: conn.execute("UPDATE evidence SET cipher = x'00' WHERE id = 1"))
        await rig.fetching.run_once()
        assert (await whole(rig, 2))[0]["captured"]
        assert await rig.keep.count_wanted() == 0

    inside(tmp_path, check, there={URL: ONE})


def test_once_for_a_wave_and_the_others_say_where(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        urls = [f"https://pictures.example/{number}.png" for number in (1, 2, 3)]
        await rig.save(*(pictured(f"p{number}", url) for number, url in enumerate(urls)))
        await rig.db.ingest(
            lambda conn: conn.executemany(
                "INSERT INTO wave_items (item_id, wave_id) VALUES (?, 1)", [(1,), (2,), (3,)]
            )
        )
        await rig.hide(1, 2, 3)
        await rig.fetching.run_once()
        assert rig.pictures.asked == urls[:1]
        for number in (2, 3):
            (media,) = await whole(rig, number)
            assert media["why"] == "Captured once for the wave w1, with i1."

    inside(tmp_path, check, there={"https://pictures.example/1.png": ONE})


def test_what_may_go_better_is_tried_again_three_times_and_then_said(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(pictured("p1", URL), pictured("p2", SECOND))
        await rig.hide(1, 2)
        for wait in TRIES_S:
            await rig.fetching.run_once()
            assert not (await rig.keeping.read(await rig.record(1)))["supplements"]
            assert await rig.fetching.run_once() == 0, "not before its time"
            await rig.clock.pass_by(wait)
        rig.pictures.there[SECOND] = TWO
        await rig.fetching.run_once()
        assert (await whole(rig, 1))[0]["why"] == "Its server answered 503."
        assert (await whole(rig, 2))[0]["captured"]
        assert rig.pictures.asked.count(URL) == len(TRIES_S) + 1

    inside(tmp_path, check, there={URL: LATE, SECOND: LATE})


def test_nothing_is_ever_fetched_for_a_child_at_risk_an_exercise_or_a_link(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        marked = hit()
        object.__setattr__(marked, "category", "child-at-risk")
        await rig.save(
            pictured("p1", URL, hits=[marked]),
            pictured("p2", URL),
            received("p3", media=(Media("link", URL),)),
            pictured("p4", SECOND),
        )
        await rig.hide(1)
        await rig.hide(2, category="child-at-risk")
        await rig.hide(3)
        await rig.hide(4)
        await rig.fetching.run_once()
        (seen,) = await rig.fetching.fetch((await rig.items(1))[0]) or ()
        assert seen.why
        assert await rig.fetching.fetch((await rig.items(4))[0]) is None
        first = await rig.capturing.seal(
            await rig.items(1, 2), await rig.accounts(), 0, category="child-at-risk",
            media_first=frozenset({ItemId(1), ItemId(2)}),
        )  # fmt: skip
        assert not first.missing, "there is nothing to wait for"
        others = await rig.capturing.seal(
            await rig.items(3, 4), await rig.accounts(), 0, media_first=frozenset({ItemId(3), ItemId(4)})
        )
        assert not others.missing
        assert [others.sealed[ItemId(number)].wants_media for number in (3, 4)] == [False, True]
        assert rig.pictures.asked == []
        assert "exercise" in str((await whole(rig, 4))[0]["why"])

    inside(tmp_path, check, there={URL: ONE}, is_played=lambda item: item.id == 4)


def test_pictures_come_first_where_a_force_wants_it_and_an_item_without_waits_or_is_overridden(
    tmp_path: Path,
) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(pictured("p1", URL), pictured("p2", SECOND), received("p3"))
        wanted = frozenset({ItemId(1), ItemId(2), ItemId(3)})
        items, accounts = await rig.items(1, 2, 3), await rig.accounts()
        found = await rig.capturing.seal(items, accounts, 0, media_first=wanted)
        assert set(found.sealed) == {1, 3}
        assert found.missing == {2: "Its server answered 404."}
        assert found.sealed[ItemId(1)].facts["media_captured"] == 1
        assert not found.sealed[ItemId(1)].wants_media
        assert len(found.sealed[ItemId(1)].files) == 1
        all_of_them = await rig.capturing.seal(
            items, accounts, 0, media_first=wanted, override="The clip cannot be had, and it is urgent."
        )
        assert set(all_of_them.sealed) == {1, 2, 3}
        assert all_of_them.sealed[ItemId(2)].facts["override"] is True
        assert "override" not in all_of_them.sealed[ItemId(1)].facts

    inside(tmp_path, check, there={URL: ONE})


def test_it_works_by_itself_and_when_woken(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        changed = asyncio.Event()
        rig.events.listen(lambda _announcement: changed.set())
        rig.fetching.start()
        await rig.save(pictured("p1", URL), pictured("p2", URL))
        await rig.hide(1)
        async with asyncio.timeout(20):
            while not changed.is_set():
                await rig.clock.pass_by(EVERY_S)
                await rig.db.read(lambda _conn: None)  # gives the real threads a turn
        assert (await whole(rig, 1))[0]["captured"]
        changed.clear()
        await rig.hide(2)
        rig.fetching.wake()
        async with asyncio.timeout(20):
            await changed.wait()
        assert await rig.keep.count_wanted() == 0

    inside(tmp_path, check, there={URL: ONE})


def test_a_picture_that_was_changed_or_lost_is_never_shown_as_it_was(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        with pytest.raises(NotPossible):
            await rig.keeping.medium(DIGEST)
        await rig.store.put(Fetched(ONE, "image/png"), 0)
        (file,) = [path for path in (tmp_path / "media").rglob("*") if path.is_file()]
        body = bytearray(file.read_bytes())
        body[-1] ^= 1
        file.write_bytes(body)
        with pytest.raises(RecordBroken, match="changed"):
            await rig.keeping.medium(DIGEST)
        file.unlink()
        assert await rig.keeping.missing_media() == 1
        with pytest.raises(RecordBroken, match="missing"):
            await rig.keeping.medium(DIGEST)
        await rig.store.put(Fetched(ONE, "image/png"), 0)
        assert await rig.keeping.medium(DIGEST) == ONE, "fetched again, it is whole again"
        with pytest.raises(NotPossible):
            await rig.keeping.medium(hashlib.sha256(TWO).hexdigest())

    inside(tmp_path, check)


def test_a_full_or_closed_folder_is_one_line_and_the_picture_is_fetched_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def check(rig: Bench) -> None:
        def full(_path: Path, mode: int = 0, exist_ok: bool = False) -> None:
            raise OSError(28, f"No space left on device {mode} {exist_ok}")

        await rig.save(pictured("p1", URL))
        await rig.hide(1)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "mkdir", full)
            with pytest.raises(DiskFull, match="make room"):
                await rig.fetching.run_once()
        (tmp_path / "media").write_text("not a folder")
        with pytest.raises(ProfileUnwritable, match="fetched again"):
            await rig.fetching.run_once()
        (tmp_path / "media").unlink()
        await rig.fetching.run_once()
        assert (await whole(rig, 1))[0]["captured"]

    inside(tmp_path, check, there={URL: ONE})


def test_remains_of_a_crash_are_swept_and_what_has_a_key_stays(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.store.put(Fetched(ONE, "image/png"), 0)
        remains = tmp_path / "media" / "ab" / "abcd"
        fresh = tmp_path / "media" / "ab" / "abce"
        remains.parent.mkdir(parents=True, exist_ok=True)
        for file in (remains, fresh):
            file.write_bytes(b"half of a picture")
        import os

        os.utime(remains, (0, 0))
        assert await rig.store.sweep() == 1
        assert not remains.exists()
        assert fresh.exists(), "somebody may just be writing it"
        assert await rig.keeping.medium(DIGEST) == ONE

    inside(tmp_path, check)


def test_pictures_open_again_after_the_profile_was_recovered(tmp_path: Path) -> None:
    async def check() -> None:
        out = tmp_path / "k.pem"
        async with bench(tmp_path / "profile", there={URL: ONE}) as rig:
            await rig.save(pictured("p1", URL))
            await rig.hide(1)
            await rig.fetching.run_once()
            await rig.recovery.make(out, WORDS, "r.calder", inside=tmp_path / "profile")
        shutil.copytree(tmp_path / "profile", tmp_path / "copy")
        async with bench(tmp_path / "copy", passphrase=None) as rig:
            with pytest.raises(SecretsUnavailable):
                await rig.keeping.medium(DIGEST)
            await rig.recovery.recover(out.read_bytes(), WORDS, "new", "r.calder")
            assert await rig.keeping.medium(DIGEST) == ONE
            again = await rig.store.put(Fetched(ONE, "image/png"), 0)
            assert again.file == (await whole(rig, 1))[0]["file"], "it is still known to be the same picture"

    asyncio.run(check())
