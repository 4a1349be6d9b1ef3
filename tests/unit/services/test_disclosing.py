"""What is given out: what belongs to a bundle, what is covered in it, and that it is on record first."""

import asyncio
import json
import zipfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from console.desk.keeping import LocalKeeping
from console.domain.audit import Note
from console.domain.errors import InputError, NotPossible, RecordBroken, SecretsUnavailable, UsageError
from console.domain.ids import EvidenceId
from console.services.disclosing import outputs
from console.services.disclosing.choosing import Wanted
from console.services.disclosing.covering import COVER, Mark
from console.services.evidence import Batch, Seen, seal_supplement
from console.store import items, keeping
from tests.fakes.bundles import PICTURE, PICTURE_DIGEST, SIAN, WHO, Profile, ids, night, profile, told

Check = Callable[[Profile, int], Awaitable[None]]
TOMOS = Wanted(author="@TomosW.test", account="x:force1")


def running(folder: Path, check: Check) -> None:
    """Runs a check on a profile with a night behind it; it gets the incident's number."""

    async def work() -> None:
        made = profile(folder)
        try:
            await check(made, await night(made))
        finally:
            made.db.close()

    asyncio.run(work())


def left_in(folder: Path) -> list[str]:
    """What lies in a folder besides the profile's database."""
    return [path.name for path in folder.iterdir() if "cordon.db" not in path.name]


def records(folder: Path) -> dict[str, str]:
    """Records of a bundle with their states."""
    found = json.loads((folder / "manifest.json").read_text())["records"]
    return {one["record"]: one["state"] for one in found}


def everything(folder: Path) -> bytes:
    """All bytes of a bundle, but for the sealed ones, whose letters fall by chance."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def entries(folder: Path) -> list[dict[str, Any]]:
    """The entries that a bundle shows."""
    lines = [json.loads(line) for line in (folder / "ledger.jsonl").read_text().splitlines()]
    return [json.loads(line["leaf"]) for line in lines if isinstance(line, dict)]


# what belongs ---------------------------------------------------------------------------------------


def test_an_incident_holds_its_acts_and_evidence_and_what_became_of_them_later(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        done = await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO, why="Court")
        assert records(tmp_path / "b") == {"e2": "whole", "e3": "whole"}
        shown = entries(tmp_path / "b")
        assert {one["facts"]["act"] for one in shown if "act" in one["facts"]} == {"a2", "a3"}
        assert [one["kind"] for one in shown if one["kind"].startswith("incident.")] == [
            "incident.opened",
            "incident.closed",
        ]
        # somebody looked at e3 when the incident was over
        custody = (tmp_path / "b" / "custody.jsonl").read_text()
        looks = [
            line["record"]
            for line in map(json.loads, custody.splitlines())
            if line["kind"] == "evidence.shown"
        ]
        assert looks == ["e2", "e3"]
        assert (done.records, done.covered, done.remarks) == (2, 0, ())

    running(tmp_path, check)


def test_a_subject_is_all_that_one_author_said_and_what_was_done(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        await made.disclosing.export(tmp_path / "b", TOMOS, who=WHO)
        assert set(records(tmp_path / "b")) == {"e1", "e2", "e3"}
        said = [json.loads(line) for line in (tmp_path / "b" / "said.jsonl").read_text().splitlines()]
        assert [line["item"] for line in said] == ["i1", "i2", "i4"]
        assert SIAN.handle.encode() not in everything(tmp_path / "b")

    running(tmp_path, check)


def test_a_subject_whose_name_the_cache_forgot_is_found_through_the_record(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        await made.db.record(
            lambda conn: conn.execute("UPDATE items SET author_handle = '', author_name = '', author_id = ''")
        )
        await made.disclosing.export(tmp_path / "b", TOMOS, who=WHO)
        assert set(records(tmp_path / "b")) == {"e1", "e2", "e3"}

    running(tmp_path, check)


def test_items_that_were_named_are_all_there_is(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        await made.disclosing.export(tmp_path / "b.zip", Wanted(items=tuple(ids(3))), who=WHO)
        with zipfile.ZipFile(tmp_path / "b.zip") as file:
            names = [name for name in file.namelist() if name.startswith("evidence/")]
        assert names == ["evidence/e4.json"]

    running(tmp_path, check)


def test_an_act_taken_back_after_an_incident_belongs_to_it(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        from console.desk.protocol import Draft, Submission
        from console.domain.acts import ActState, Verb
        from console.domain.ids import AccountId, ActId, ItemId

        undo = Draft(
            Verb.UNHIDE, ItemId(1), AccountId(1), ActState.QUEUED, due_at=made.clock.now(), reversible=True,
            evidence=None, undo_of=ActId(2), note=None, facts={}, content={},
        )  # fmt: skip
        at = made.clock.now()
        await made.desk.submit(
            Submission(
                who=WHO, at=at, reason="A mistake", category=None, text=None, drafts=[undo], bulk=False
            )
        )
        await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)
        acts = {one["facts"]["act"] for one in entries(tmp_path / "b") if "act" in one["facts"]}
        assert acts == {"a2", "a3", "a5"}

    running(tmp_path, check)


def test_pictures_that_came_later_go_with_the_record_that_they_belong_to(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        (item,) = await made.db.read(lambda conn: items.items(conn, [2]))
        seen = [Seen("f2", PICTURE_DIGEST, len(PICTURE), "image/png")]
        await made.db.record(
            lambda conn: keeping.put_media(
                conn, keeping.SealedKey("media_files", "f2", b"f2", b"wrapped", None), 9, made.clock.now()
            )
        )
        later = seal_supplement(made.keys, item, EvidenceId(3), seen, Batch(made.clock.now()))
        assert (
            await LocalKeeping(made.db, "seat").supplement(EvidenceId(3), later, WHO, made.clock.now()) == 5
        )
        await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)
        assert records(tmp_path / "b") == {"e2": "whole", "e3": "whole", "e5": "whole"}
        assert (tmp_path / "b" / "media" / PICTURE_DIGEST).read_bytes() == PICTURE
        assert (
            b"This adds the pictures of record e3" in (tmp_path / "b" / "exhibits" / "e5.html").read_bytes()
        )
        code, said = await asyncio.to_thread(told, tmp_path / "b")
        assert code == 0, said

    running(tmp_path, check)


@pytest.mark.parametrize(
    ("wanted", "failure", "words"),
    [
        (Wanted(incident=9), UsageError, r"no incident 9 in this profile; there are: 1 \(Chandler's Row\)"),
        (Wanted(incident=1, author="x", network="x"), UsageError, "not of two of these"),
        (Wanted(author="tomosw.test"), UsageError, "needs --account or --network"),
        (Wanted(author="@", network="x"), UsageError, "needs a handle"),
        (Wanted(author="tomosw.test", network="mastodon"), UsageError, "no such account"),
        (Wanted(author="nobody.test", network="x"), NotPossible, "Nothing of “nobody.test”"),
        (Wanted(network="x"), UsageError, "go with --author"),
        (Wanted(items=tuple(ids(5))), NotPossible, "Nothing on record"),
    ],
)
def test_what_makes_no_sense_is_said_and_nothing_is_left_behind(
    tmp_path: Path, wanted: Wanted, failure: type[Exception], words: str
) -> None:
    async def check(made: Profile, _: int) -> None:
        with pytest.raises(failure, match=words):
            await made.disclosing.export(tmp_path / "b", wanted, who=WHO)
        assert left_in(tmp_path) == []
        assert "bundle.exported" not in await made.kinds()

    running(tmp_path, check)


# on record first ------------------------------------------------------------------------------------


def test_it_is_on_record_before_it_can_be_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def check(made: Profile, number: int) -> None:
        seen: list[bool] = []
        finish = outputs._Folder.finish

        def looked(self: outputs._Folder) -> None:
            kinds = made.db.read_now(_kinds).result()
            seen.append("bundle.exported" in kinds and kinds.count("evidence.exported") == 2)
            assert not (tmp_path / "b").exists()
            finish(self)

        monkeypatch.setattr(outputs._Folder, "finish", looked)
        done = await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO, why="Court")
        assert seen == [True]
        (given,) = await made.disclosing.given_out()
        assert (given.kind, given.digest, given.records, given.seq) == ("incident", done.digest, 2, done.seq)
        assert given.given
        assert (await made.desk.verify()).ok

    running(tmp_path, check)


def _kinds(conn: Any) -> list[str]:
    return [json.loads(leaf)["kind"] for (leaf,) in conn.execute("SELECT leaf FROM ledger ORDER BY seq")]


def test_one_that_could_not_be_finished_is_on_record_as_withdrawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise OSError(28, "No space left on device")

    async def check(made: Profile, number: int) -> None:
        monkeypatch.setattr(outputs._Zip, "finish", full)
        with pytest.raises(NotPossible, match=r"the disk is full\. Nothing of it was left there"):
            await made.disclosing.export(tmp_path / "b.zip", Wanted(incident=number), who=WHO)
        assert left_in(tmp_path) == []
        assert (await made.kinds())[-1] == "bundle.withdrawn"
        assert [one.given for one in await made.disclosing.given_out()] == [False]

    running(tmp_path, check)


def test_nothing_is_written_over_or_into_nowhere(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        (tmp_path / "there").write_text("mine")
        with pytest.raises(UsageError, match="is there already"):
            await made.disclosing.export(tmp_path / "there", Wanted(incident=number), who=WHO)
        with pytest.raises(UsageError, match="There is no folder"):
            await made.disclosing.export(tmp_path / "no" / "b", Wanted(incident=number), who=WHO)
        assert (tmp_path / "there").read_text() == "mine"

    running(tmp_path, check)


def test_a_place_that_cannot_be_written_is_said_before_anything_goes_on_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    async def check(made: Profile, number: int) -> None:
        monkeypatch.setattr(outputs._Folder, "__init__", refused)
        with pytest.raises(NotPossible, match="Permission denied"):
            await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)
        assert "bundle.exported" not in await made.kinds()

    running(tmp_path, check)


def test_without_the_profiles_key_nothing_is_given_out(tmp_path: Path) -> None:
    made = profile(tmp_path)
    try:
        with pytest.raises(SecretsUnavailable, match="nothing was given out"):
            asyncio.run(made.disclosing.export(tmp_path / "b", Wanted(), who=WHO))
    finally:
        made.db.close()


def test_a_record_that_was_changed_is_not_given_out(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        await made.db.record(lambda conn: conn.execute("UPDATE evidence SET cipher = x'00' WHERE id = 2"))
        with pytest.raises(RecordBroken, match="e2 was changed"):
            await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)

    running(tmp_path, check)


def test_a_picture_that_was_changed_is_not_given_out(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        made.media[PICTURE_DIGEST] = b"another"
        with pytest.raises(NotPossible, match="was changed, so nothing was given out"):
            await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)

    running(tmp_path, check)


def test_the_ledgers_key_may_be_renewed_and_the_old_one_vouches(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        await made.checkpoints.make("asked", WHO)
        old = made.checkpoints.verifier_key
        await made.checkpoints.new_key("The seat was replaced", WHO)
        await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)
        (tmp_path / "old.key").write_text(f"# the ledger's key\n{old}\n")
        code, said = await asyncio.to_thread(told, tmp_path / "b", "--key", str(tmp_path / "old.key"))
        assert code == 0, said
        assert "was renewed since, and vouched for the one after it" in said

    running(tmp_path, check)


def test_what_was_disposed_of_is_told_and_the_rest_still_checks(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        def dispose(conn: Any) -> list[int]:
            conn.execute("UPDATE evidence SET cipher = NULL, wrapped_key = NULL WHERE id = 2")
            rows = conn.execute("SELECT seq, leaf FROM ledger").fetchall()
            seqs = [seq for seq, leaf in rows if json.loads(leaf)["facts"].get("item") == "i1"]
            marks = ",".join("?" * len(seqs))
            gone = conn.execute(f"SELECT seq FROM ledger_content WHERE seq IN ({marks})", seqs).fetchall()
            conn.execute(f"DELETE FROM ledger_content WHERE seq IN ({marks})", seqs)
            return [seq for (seq,) in gone]

        gone = await made.db.record(dispose)
        notes = [Note("content.disposed", WHO, {"entry": seq}, {}) for seq in gone]
        await made.desk.note(
            [*notes, Note("evidence.disposed", WHO, {"evidence": "e2"}, {})], made.clock.now()
        )
        assert (await made.desk.verify()).ok
        await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO)
        assert records(tmp_path / "b") == {"e2": "disposed", "e3": "whole"}
        assert b"was disposed of" in (tmp_path / "b" / "exhibits" / "e2.html").read_bytes()
        code, said = await asyncio.to_thread(told, tmp_path / "b")
        assert code == 0, said
        assert "2 evidence records: 1 whole, 0 with covered words, 1 disposed of." in said
        mark = Mark("e2", "item.text", None, None, "x")
        with pytest.raises(InputError, match="there is nothing to cover in it"):
            await made.disclosing.export(tmp_path / "c", Wanted(incident=number), who=WHO, marks=[mark])

    running(tmp_path, check)


# covering -------------------------------------------------------------------------------------------


def text_mark(record: str, text: str, words: str, reason: str = "Names a witness.") -> Mark:
    start = text.index(words)
    return Mark(record, "item.text", start, start + len(words), reason)


def test_covered_words_stand_nowhere_in_a_bundle(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        text = "Call Ada Pell on 01632 960001, she saw it"
        marks = [
            text_mark("e2", text, "Ada Pell"),
            text_mark("e2", text, "01632 960001", "A private number."),
        ]
        done = await made.disclosing.export(tmp_path / "b", TOMOS, who=WHO, marks=marks)
        assert done.covered == 1
        assert records(tmp_path / "b")["e2"] == "covered"
        held = everything(tmp_path / "b")
        for words in (b"Ada Pell", b"01632 960001", b"ada pell", b"Call Ada "):
            assert words not in held
        assert b"Names a witness." in held
        copy = json.loads((tmp_path / "b" / "covered" / "e2.json").read_text())["copy"]
        assert copy["item"]["text"] == (
            f"Call {COVER} [covered: Names a witness.] on {COVER} [covered: A private number.], she saw it"
        )
        assert copy["raw"] is None
        assert copy["digests"] is None
        assert not (tmp_path / "b" / "evidence" / "e2.json").exists()
        code, said = await asyncio.to_thread(told, tmp_path / "b")
        assert code == 0, said
        assert "Record e2 is a working copy with covered words" in said

    running(tmp_path, check)


def test_an_author_who_is_covered_is_covered_in_the_ledger_too(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        wanted = Wanted(items=tuple(ids(3)))
        marks = [
            Mark("e4", f"item.author.{part}", None, None, "Not asked for.")
            for part in ("id", "handle", "name")
        ]
        marks += [Mark("e4", f"author.{part}", None, None, "Not asked for.") for part in ("handle", "name")]
        await made.disclosing.export(tmp_path / "b", wanted, who=WHO, marks=marks)
        held = everything(tmp_path / "b")
        assert b"sian.test" not in held
        assert "Siân".encode() not in held
        assert b"Si\\u00e2n" not in held
        withheld = [
            one
            for one in json.loads((tmp_path / "b" / "manifest.json").read_text())["covered"]
            if "entry" in one
        ]
        assert withheld
        assert (await asyncio.to_thread(told, tmp_path / "b"))[0] == 0

    running(tmp_path, check)


def test_a_picture_can_be_covered_whole(tmp_path: Path) -> None:
    async def check(made: Profile, number: int) -> None:
        marks = [Mark("e3", "media.0", None, None, "Shows a child.")]
        await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO, marks=marks)
        held = everything(tmp_path / "b")
        assert b"an invented picture" not in held
        assert PICTURE_DIGEST.encode() not in held
        assert (await asyncio.to_thread(told, tmp_path / "b"))[0] == 0

    running(tmp_path, check)


def test_the_same_words_in_clear_in_another_record_are_remarked_on(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        mark = text_mark("e2", "Call Ada Pell on 01632 960001, she saw it", "Ada Pell")
        done = await made.disclosing.export(tmp_path / "b", Wanted(), who=WHO, marks=[mark])
        assert done.remarks == ("Words that you covered elsewhere stand in clear in record e4 of i3.",)

    running(tmp_path, check)


def test_covered_words_in_clear_in_another_record_of_the_same_item_stop_everything(tmp_path: Path) -> None:
    async def check(made: Profile, _: int) -> None:
        await made.hide(1)
        mark = text_mark("e2", "Call Ada Pell on 01632 960001, she saw it", "Ada Pell")
        with pytest.raises(InputError, match="Record e5 is of the same item, i1"):
            await made.disclosing.export(tmp_path / "b", Wanted(items=tuple(ids(1))), who=WHO, marks=[mark])
        assert left_in(tmp_path) == []

    running(tmp_path, check)


@pytest.mark.parametrize(
    ("mark", "words"),
    [
        (Mark("e9", "item.text", None, None, "x"), "e9 is to be covered, but is not in this bundle"),
        (Mark("e2", "item.words", None, None, "x"), "has no field “item.words”"),
        (Mark("e2", "item.text", 0, 999, "x"), "goes past its end"),
        (Mark("e2", "item", 0, 3, "x"), "can only be covered whole"),
        (Mark("e2", "item.text", 5, 13, "About Ada Pell."), "the reason repeats the words"),
    ],
)
def test_a_mark_that_fits_nowhere_stops_everything(tmp_path: Path, mark: Mark, words: str) -> None:
    async def check(made: Profile, number: int) -> None:
        with pytest.raises(InputError, match=words):
            await made.disclosing.export(tmp_path / "b", Wanted(incident=number), who=WHO, marks=[mark])
        assert not (tmp_path / "b").exists()
        assert "bundle.exported" not in await made.kinds()

    running(tmp_path, check)
