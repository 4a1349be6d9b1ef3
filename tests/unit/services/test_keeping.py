"""Keeping: holds stop everything, reviews ask a person, and what is disposed of is in no file any more."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from console.desk.protocol import Move
from console.doctor import examine
from console.domain.acts import ActState
from console.domain.audit import Note
from console.domain.errors import NotPossible, RecordBroken, UsageError
from console.domain.ids import ItemId
from console.domain.items import Author, ItemKind, Media
from console.domain.retention import CLASSES, DAY_MS, class_of, classes
from console.paths import Places
from console.services.evidence import open_record
from console.store import disposing
from tests.fakes.keeping import PASSPHRASE, Bench, bench, left_in
from tests.unit.store.making import hit, received

WORD, HANDLE, NAME, WRITER = "zyzzogeton", "quillfeather.example", "Quilla Featherstone", "did:rare:0451"
REMOTE = f"at://{WRITER}/post/77aa"
PLANTED = Author(WRITER, HANDLE, NAME)
PICTURE = b"\x89PNG\r\n\x1a\n a planted picture"
URL = f"https://pictures.example/{WORD}.png"
SHARED = "https://pictures.example/shared.png"
ITEM, NEIGHBOUR = 1, 2
Check = Callable[[Bench], Awaitable[None]]
ORDINARY = ("house", "reason", "about", "bridge", "police", "thanks", "asked", "other")


def inside(folder: Path, check: Check, **rest: object) -> None:
    async def whole() -> None:
        async with bench(folder, ordinary=ORDINARY, **rest) as rig:  # type: ignore[arg-type]  # named in each test
            await check(rig)

    asyncio.run(whole())


def planted(kind: ItemKind = ItemKind.COMMENT):  # type: ignore[no-untyped-def]  # a row, as `received` makes it
    return received(
        REMOTE,
        f"a {WORD} on the bridge, says {HANDLE}",
        kind=kind,
        author=PLANTED,
        raw=json.dumps({"text": f"a {WORD}", "user": {"id": WRITER, "handle": HANDLE, "name": NAME}}),
        note=f"at://{WRITER}/1",
        parent="at://did:force/post/root",
        media=(Media("picture", URL, WORD), Media("picture", SHARED)),
        hits=[hit(text=WORD)],
    )


async def everywhere(rig: Bench, kind: ItemKind = ItemKind.COMMENT) -> list[bytes]:
    """Plants an item in every place that keeps words or names; gives the bytes of its sealed keys."""
    await rig.recovery.make(rig.folder.parent / "k.pem", "four words make it", "r.calder", inside=rig.folder)
    row = planted(kind)
    await rig.save(row, received("n1", "thanks to the police", media=(Media("picture", SHARED),)))
    await rig.save(*(received(f"plain-{number}", f"item {number} of the road " * 3) for number in range(300)))
    edited = replace(row.arrival, text=f"edited, a {WORD} all the same, {HANDLE}")
    await rig.save(replace(row, arrival=edited))
    await rig.save(received("below", "below", parent=REMOTE, thread="at://did:force/post/root"))
    await rig.save(received("beside", "beside", parent=REMOTE, thread=REMOTE))
    await rig.hide(ITEM, NEIGHBOUR, reason=f"it says {WORD}, house rule 3", text=f"No {WORD} here.")
    (act,) = await rig.hide(ITEM, reason="again", state=ActState.QUEUED)
    await rig.desk.move([Move(act, ActState.SENDING)], "cordon", rig.clock.now())
    await rig.desk.move(
        [Move(act, ActState.FAILED, error=f"no such post of {HANDLE}", note=f"at://{WRITER}/2")],
        "cordon",
        rig.clock.now(),
    )
    await rig.desk.note(
        [
            Note("author.shown", "r.calder", {"count": 3}, {"author": HANDLE}),
            Note("search.made", "r.calder", {"found": 1}, {"words": f"the {WORD.upper()} thing"}),
            Note("search.made", "r.calder", {"found": 9}, {"words": "an innocent search"}),
            Note("item.shown", "r.calder", {"item": "i1"}, {"note": f"{NAME} wrote it"}),
        ],
        rig.clock.now(),
    )
    await rig.db.record(
        lambda conn: conn.execute(
            "INSERT INTO waves VALUES (1, ?, 2, 2, 0, 'x', 0, 0, 0.0)", (f"a {WORD} on the bridge",)
        )
    )
    await rig.db.record(
        lambda conn: conn.execute("INSERT INTO strays VALUES (1, ?)", (f"alone with {WORD}",))
    )
    await rig.db.record(
        lambda conn: conn.execute(
            "INSERT INTO views (name, question, owner, is_shared, place, changed_at) "
            "VALUES ('theirs', ?, 'r.calder', 0, 1, 0), ('mine', 'grade:1', 'r.calder', 0, 2, 0)",
            (f"author:{HANDLE}",),
        )
    )
    await rig.desk.open_topic(
        words=HANDLE,
        purpose="a threat",
        authorised_by="Supt Pryce",
        accounts=[],
        ends_at=rig.clock.now(),
        who="r.calder",
        at=rig.clock.now(),
    )
    await rig.fetching.run_once()
    return [
        part
        for number in (1, 3)
        for sealed in [await rig.record(number)]
        for part in (sealed.wrapped_key, sealed.recovery_wrap, sealed.cipher)
        if part is not None
    ]


@pytest.mark.parametrize("kind", [ItemKind.COMMENT, ItemKind.MESSAGE])
def test_a_rare_word_the_authors_names_and_the_wrapped_keys_are_in_no_file_afterwards(
    tmp_path: Path, kind: ItemKind
) -> None:
    async def check(rig: Bench) -> None:
        keys = await everywhere(rig, kind)
        needles: tuple[str | bytes, ...] = (WORD, HANDLE, NAME, WRITER, "featherstone", *keys)
        assert left_in(rig.folder, *needles), "it was planted"
        neighbour = open_record(rig.keys, await rig.record(2))
        files = {path for path in (rig.folder / "media").rglob("*") if path.is_file()}
        assert len(files) == 2
        wanted = await rig.keeping.look_at("i1")
        done, is_clean = await rig.keeping.dispose("e1", "its time is over", "r.calder")
        assert (done.items, done.records) == (wanted.items, wanted.records)
        assert done.contents == wanted.contents > 4
        assert is_clean
        assert left_in(rig.folder, *needles) == []
        assert await rig.is_whole() is None
        assert {path for path in (rig.folder / "media").rglob("*") if path.is_file()} < files
        assert len(done.files) == 1, "the neighbour shows the other picture too"

        views = await rig.db.read(lambda conn: conn.execute("SELECT name FROM views").fetchall())
        assert views == [("mine",)]
        assert open_record(rig.keys, await rig.record(2)) == neighbour
        (kept,) = await rig.items(NEIGHBOUR)
        assert kept.text == "thanks to the police"
        innocent = [entry.content for entry in await rig.desk.entries(0, 1_000) if entry.content is not None]
        assert any(b"an innocent search" in content for content in innocent)
        with pytest.raises(RecordBroken, match="disposed of"):
            await rig.keeping.read(await rig.record(1))
        kinds = await rig.kinds()
        assert kinds.count("evidence.disposed") == len(done.records) >= 3
        assert kinds.count("content.disposed") == done.contents
        (gone,) = await rig.items(ITEM)
        assert (gone.text, gone.author.id, gone.remote_id) == ("", "", "disposed:i1")
        below = [item for item in await rig.items(*range(1, 310)) if item.remote_id in {"below", "beside"}]
        assert [item.parent for item in below] == ["disposed:i1"] * 2, "what answers it still hangs on it"

    inside(tmp_path / "profile", check, there={URL: PICTURE, SHARED: PICTURE + b"2"})


def test_what_was_purged_before_is_found_by_what_was_sealed(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        keys = await everywhere(rig)
        await rig.clock.pass_by(31 * 86_400)
        await rig.purging.run("cordon")
        assert (await rig.items(ITEM))[0].author.handle == ""
        assert left_in(rig.folder, WORD, HANDLE), "reasons and the ledger's content have it still"
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        assert left_in(rig.folder, WORD, HANDLE, NAME, WRITER, *keys) == []
        assert await rig.is_whole() is None

    inside(tmp_path / "profile", check, there={URL: PICTURE, SHARED: PICTURE})


def test_a_hold_stops_disposal_and_purging_until_it_is_released(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(planted())
        await rig.hide(ITEM)
        await rig.keeping.hold("i1", "an inquest", "r.calder")
        with pytest.raises(NotPossible, match="held already"):
            await rig.keeping.hold("e1", "another", "r.calder")
        with pytest.raises(NotPossible, match="legal hold"):
            await rig.keeping.dispose("i1", "its time is over", "r.calder")
        await rig.clock.pass_by(CLASSES["crime"].days * 86_400)
        purged = await rig.purging.run("cordon")
        assert (purged.total.texts, purged.total.waiting) == (0, 1)
        assert (await rig.items(ITEM))[0].text
        assert [due.is_held for due in await rig.keeping.review()] == [True]
        (held,) = await rig.keeping.holds()
        assert (held.item_id, held.reason, held.put_by) == (ITEM, "an inquest", "r.calder")
        await rig.keeping.release("i1", "the inquest is over", "r.calder")
        with pytest.raises(NotPossible, match="not held"):
            await rig.keeping.release("i1", "again", "r.calder")
        assert (await rig.purging.run("cordon")).total.texts == 1
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        assert left_in(rig.folder, "inquest") == []
        assert [kind for kind in await rig.kinds() if kind in {"evidence.held", "evidence.released"}] == [
            "evidence.held",
            "evidence.released",
        ]

    inside(tmp_path, check)


def test_a_review_keeps_longer_in_a_class_and_says_so(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(received("p1"), received("p2"))
        await rig.hide(1)
        assert await rig.keeping.review() == []
        await rig.clock.pass_by(CLASSES["moderation"].days * 86_400)
        (due,) = await rig.keeping.review()
        assert (due.item_id, due.evidence, due.retention) == (1, (1,), "moderation")
        assert await rig.keeping.over() == [], "a person decides about this class"
        _, until = await rig.keeping.decide("e1", "an appeal", "r.calder", days=30)
        assert until == rig.clock.now() + 30 * DAY_MS
        assert await rig.keeping.review() == []
        await rig.clock.pass_by(30 * 86_400)
        _, until = await rig.keeping.decide("i1", "now a crime", "r.calder", retention="crime")
        assert until == rig.clock.now() + CLASSES["crime"].life_ms
        row = await rig.record(1)
        assert (row.retention, row.review_at) == ("crime", until)
        assert await rig.is_whole() is None
        for key, reason, retention, problem in (
            ("i1", "x", "no such class", UsageError),
            ("i1", " ", None, UsageError),
            ("i2", "x", None, NotPossible),
            ("e99", "x", None, UsageError),
            ("nonsense", "x", None, UsageError),
        ):
            with pytest.raises(problem):
                await rig.keeping.decide(key, reason, "r.calder", retention=retention)

    inside(tmp_path, check)


def test_what_needs_no_review_goes_by_itself_and_a_dry_run_says_so_before(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        cheap = received("p1", f"cheap {WORD}", author=PLANTED)
        await rig.save(cheap, received("p2", "cheap watches"), received("p3"), received("p4"))
        await rig.hide(1, 2, 4, category="spam", reason="spam")
        await rig.hide(3, category="hate")
        await rig.keeping.hold("i4", "asked for", "r.calder")
        assert await rig.keeping.over() == []
        await rig.clock.pass_by(CLASSES["routine"].days * 86_400)
        assert [due.item_id for due in await rig.keeping.over()] == [1, 2]
        (under_way,) = await rig.hide(2, category="spam", state=ActState.QUEUED)
        await rig.clock.pass_by(CLASSES["routine"].days * 86_400)
        purged = await rig.purging.run("cordon")
        assert purged.disposed == 1, "an act on the other is under way"
        assert left_in(rig.folder, WORD, HANDLE) == []
        await rig.desk.move([Move(under_way, ActState.CANCELLED)], "r.calder", rig.clock.now())
        assert (await rig.purging.run("cordon")).disposed == 1
        assert (await rig.purging.run("cordon")).disposed == 0
        assert open_record(rig.keys, await rig.record(4))["item"]["key"] == "i3"
        assert open_record(rig.keys, await rig.record(3))["item"]["key"] == "i4"
        assert await rig.is_whole() is None

    inside(tmp_path, check)


def test_the_doctor_says_what_is_held_what_is_due_and_what_is_missing(tmp_path: Path) -> None:
    async def prepare() -> None:
        async with bench(tmp_path / "p", there={URL: PICTURE}) as rig:
            await rig.save(received("p1", media=(Media("picture", URL),)), received("p2"))
            rig.clock._start_at -= 3 * 365 * DAY_MS
            await rig.hide(1, 2)
            await rig.fetching.run_once()
            await rig.keeping.hold("i2", "an inquest", "r.calder")

    asyncio.run(prepare())
    for path in [path for path in (tmp_path / "p" / "media").rglob("*") if path.is_file()]:
        path.unlink()
    found = {one.name: one for one in asyncio.run(examine(Places(tmp_path / "p"), PASSPHRASE))}
    assert found["Legal holds"].words.startswith("1 items are held")
    assert found["Review of evidence"].state == "warning"
    assert "records of 1 items" in found["Review of evidence"].words
    assert found["Pictures"].state == "broken"
    assert "recovery make" in found["Recovery key"].mend


def test_one_record_that_lives_longer_keeps_its_item(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(received("p1"))
        await rig.hide(1, category="spam")
        await rig.hide(1, category="hate")
        await rig.clock.pass_by(400 * 86_400)
        assert await rig.keeping.over() == []
        await rig.clock.pass_by(6 * 365 * 86_400)
        (due,) = await rig.keeping.review()
        assert (due.retention, due.evidence) == ("crime", (1, 2))

    inside(tmp_path, check)


def test_disposal_is_refused_with_the_reason_and_changes_nothing(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(planted(), received("p2"))
        (act,) = await rig.hide(ITEM, state=ActState.QUEUED)
        before = await rig.kinds()
        for reason, words in (
            ("its time is over", "under way"),
            ("", "needs a reason"),
        ):
            with pytest.raises((NotPossible, UsageError), match=words):
                await rig.keeping.dispose("i1", reason, "r.calder")
        await rig.desk.move([Move(act, ActState.CANCELLED)], "r.calder", rig.clock.now())
        for reason in (
            f"because of the {WORD}",
            f"{HANDLE.upper()} asked",
            "on the bridge says quillfeather",
        ):
            with pytest.raises(NotPossible, match="other words"):
                await rig.keeping.dispose("i1", reason, "r.calder")
        with pytest.raises(UsageError):
            await rig.keeping.dispose("i99", "its time is over", "r.calder")
        assert len(await rig.kinds()) == len(before) + 1
        assert open_record(rig.keys, await rig.record(1))
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        for once_more in (
            rig.keeping.dispose("i1", "again", "r.calder"),
            rig.keeping.hold("i1", "too late", "r.calder"),
            rig.keeping.decide("i1", "too late", "r.calder"),
        ):
            with pytest.raises(NotPossible):
                await once_more
        await rig.save(planted())
        assert (await rig.items(303, 3))[0].text, "a network that tells it again tells something new"

    inside(tmp_path, check)


def test_reasons_that_quote_nobody_stay(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await rig.save(planted(), received("p2"))
        await rig.hide(2, reason="house rule 3: other police")
        await rig.hide(1, reason=f"house rule 3 about {HANDLE}")
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        first, second = sorted(await rig.desk.newest_acts(None, 9), key=lambda act: act.id)
        assert (first.reason, second.reason) == ("house rule 3: other police", "")

    inside(tmp_path, check)


def test_without_the_key_what_the_cache_knows_is_still_found(tmp_path: Path) -> None:
    async def check() -> None:
        async with bench(tmp_path) as rig:
            await rig.save(planted())
            await rig.hide(ITEM)
        async with bench(tmp_path, passphrase=None) as rig:
            await rig.keeping.dispose("i1", "its time is over", "r.calder")
            assert left_in(tmp_path, WORD, HANDLE, NAME, WRITER) == []
            assert await rig.is_whole() is None

    asyncio.run(check())


def test_a_crash_between_disposal_and_cleaning_is_made_good_by_the_next_run(tmp_path: Path) -> None:
    async def check(rig: Bench) -> None:
        await everywhere(rig)
        wish = await rig.keeping._wish(ItemId(ITEM))  # as `dispose` does until it is cut off
        await rig.keep.dispose([wish], "its time is over", "r.calder", rig.clock.now())
        await rig.purging.run("cordon")
        assert left_in(rig.folder, WORD, HANDLE, WRITER) == []

    inside(tmp_path / "profile", check, there={URL: PICTURE, SHARED: PICTURE})


@pytest.mark.parametrize("at", ["destroy_contents", "empty_acts", "empty_quotes", "destroy_item"])
def test_a_disposal_that_breaks_off_in_the_middle_has_done_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    def breaks(*_: object) -> None:
        raise OSError(5, "the disk went away")

    async def check(rig: Bench) -> None:
        await everywhere(rig)
        before = await rig.kinds()
        contents = [entry.content for entry in await rig.desk.entries(0, 1_000)]
        with monkeypatch.context() as patch:
            patch.setattr(disposing, at, breaks)
            with pytest.raises(OSError, match="went away"):
                await rig.keeping.dispose("i1", "its time is over", "r.calder")
        assert await rig.kinds() == before
        assert [entry.content for entry in await rig.desk.entries(0, 1_000)] == contents
        assert open_record(rig.keys, await rig.record(1))["item"]["author"]["handle"] == HANDLE
        assert await rig.is_whole() is None
        await rig.keeping.dispose("i1", "its time is over", "r.calder")
        assert left_in(rig.folder, WORD, HANDLE) == []

    inside(tmp_path / "profile", check, there={URL: PICTURE, SHARED: PICTURE})


def test_the_class_is_that_of_the_gravest_reason_and_a_forces_own_lives_win() -> None:
    assert class_of({"spam"}) == "routine"
    assert class_of({"spam", "hate"}) == "crime"
    assert class_of({"spam", "anything"}) == "moderation"
    assert class_of(set()) == "moderation"
    assert class_of({"threat-to-life", "complaint"}) == "serious"
    own = classes({"routine": 7, "no such class": 1})
    assert own["routine"].days == 7
    assert own["crime"] == CLASSES["crime"]
    assert set(own) == set(CLASSES)
