"""Whatever is changed in a bundle that was given out, the one-file verifier finds it and names the place.

Each test is somebody with the bundle, time, and knowledge of its form. The verifier runs as a stranger runs
it: one file, a Python of its own, no Cordon in reach.
"""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from console.domain.audit import plain_json
from console.services.disclosing.choosing import Wanted
from console.services.disclosing.covering import Mark
from tests.fakes.bundles import PICTURE_DIGEST, WHO, night, profile, run, told
from tests.fakes.spoiling import (
    Line,
    b64,
    flip,
    read,
    read_lines,
    relink,
    reseal,
    rewrite_all,
    shown,
    with_fact,
    write,
    write_lines,
)


@dataclass(frozen=True)
class Given:
    """A bundle about one author, with a covered record, and what others kept of its ledger."""

    folder: Path
    checkpoint: Path
    """Given out before the bundle."""
    key: Path


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """The bundle as it was given out."""
    base = tmp_path_factory.mktemp("given")

    async def work() -> None:
        at = profile(base)
        try:
            await night(at)
            kept = await at.checkpoints.make("asked", WHO)
            (base / "kept.txt").write_text(f"Dear Bob,\r\n\r\n> {kept.text.replace(chr(10), chr(10) + '> ')}")
            (base / "key").write_text(f"{at.checkpoints.verifier_key}\n")
            marks = [Mark("e1", "item.text", 13, 20, "A second witness.")]
            wanted = Wanted(author="tomosw.test", account="x:force1")
            await at.disclosing.export(base / "bundle", wanted, who=WHO, why="For the court", marks=marks)
        finally:
            at.db.close()

    run(work())
    return Given(base / "bundle", base / "kept.txt", base / "key")


@pytest.fixture
def given(made: Given, tmp_path: Path) -> Given:
    """A copy that a test may spoil."""
    shutil.copytree(made.folder, tmp_path / "bundle")
    return Given(tmp_path / "bundle", made.checkpoint, made.key)


def wrong(bundle: Path, *words: str) -> str:
    """What the verifier finds wrong."""
    code, said = told(bundle, *words)
    assert code == 1, said
    (verdict,) = [line for line in said.splitlines() if line.startswith("WRONG. ")]
    return verdict.removeprefix("WRONG. ")


def kept(given: Given) -> tuple[str, ...]:
    """What somebody says who kept a checkpoint and the key."""
    return ("--checkpoint", str(given.checkpoint), "--key", str(given.key))


FILES = [
    "README.txt",
    "check_cordon_bundle.py",
    "checkpoints.txt",
    "covered/e1.json",
    "custody.jsonl",
    "evidence/e2.json",
    "exhibits/e2.html",
    "exhibits/exhibits.pdf",
    "key.txt",
    "ledger.jsonl",
    f"media/{PICTURE_DIGEST}",
    "said.jsonl",
]


def test_a_bundle_as_it_was_given_out_is_right(made: Given) -> None:
    code, said = told(made.folder, *kept(made))
    assert code == 0, said
    assert said.splitlines()[-1].startswith("RIGHT.")
    assert "the ledger was only added to" in said
    assert "It is signed with the key that you gave." in said
    assert "working copy with covered words (item.text)" in said
    names = {str(path.relative_to(made.folder)) for path in made.folder.rglob("*") if path.is_file()}
    assert set(FILES) | {"manifest.json", "seal.json"} <= names


@pytest.mark.parametrize("name", FILES)
def test_one_changed_byte_is_found_in_every_kind_of_file(given: Given, name: str) -> None:
    path = given.folder / name
    data = path.read_bytes()
    path.write_bytes(flip(data, len(data) // 2))
    assert name in wrong(given.folder)


@pytest.mark.parametrize("name", ["README.txt", "exhibits/e2.html", "said.jsonl", "exhibits/exhibits.pdf"])
def test_a_reading_copy_changed_with_every_digest_made_right_is_found_by_the_ledger(
    given: Given, name: str
) -> None:
    (given.folder / name).write_bytes((given.folder / name).read_bytes() + b"\n")
    reseal(given.folder)
    assert "manifest.json was changed: entry" in wrong(given.folder)


@pytest.mark.parametrize(
    ("field", "value"),
    [("why", "Another reason"), ("made_by", "s.else"), ("made_at", "2020-01-01T00:00:00.000Z")],
)
def test_what_the_manifest_says_of_the_bundle_cannot_be_changed(given: Given, field: str, value: str) -> None:
    manifest = read(given.folder / "manifest.json")
    write(given.folder / "manifest.json", {**manifest, field: value})
    assert "manifest.json was changed: seal.json names another digest" in wrong(given.folder)
    reseal(given.folder)
    assert "manifest.json was changed: entry" in wrong(given.folder)


def test_the_manifests_digest_told_by_another_way_is_held_against_it(made: Given) -> None:
    digest = hashlib.sha256((made.folder / "manifest.json").read_bytes()).hexdigest()
    assert told(made.folder, "--manifest", digest)[0] == 0
    assert "not the one that you were told of" in wrong(made.folder, "--manifest", "0" * 64)


@pytest.mark.parametrize("name", [*FILES, "manifest.json", "seal.json"])
def test_a_missing_file_is_named(given: Given, name: str) -> None:
    (given.folder / name).unlink()
    assert f"{name} is missing" in wrong(given.folder)


@pytest.mark.parametrize("name", ["note.txt", "evidence/e9.json", "media/" + "ab" * 32, ".hidden"])
def test_an_extra_file_is_named(given: Given, name: str) -> None:
    (given.folder / name).write_text("{}")
    assert name in wrong(given.folder)


# evidence -----------------------------------------------------------------------------------------


def test_a_record_that_shows_other_words_than_were_sealed_is_found(given: Given) -> None:
    path = given.folder / "evidence/e2.json"
    found = read(path)
    write(path, {**found, "plain": found["plain"].replace("Ada Pell", "Eve Pell")})
    reseal(given.folder)
    # the digest of the whole is looked at first; with that made right too, the seal itself tells
    relink(given.folder, lambda lines: with_fact(shown(lines, "bundle.exported"), "bundle", _digest(given)))
    assert "root" in wrong(given.folder) or "signed" in wrong(given.folder)
    assert "Evidence record e2" in wrong(_rewritten(given, lambda lines: None))


def test_records_that_are_swapped_are_found(given: Given) -> None:
    one, other = given.folder / "evidence/e2.json", given.folder / "evidence/e3.json"
    first, second = read(one), read(other)
    names = ("record", "entry")
    write(one, {**second, **{name: first[name] for name in names}})
    write(other, {**first, **{name: second[name] for name in names}})
    assert "e2, sealed in entry" in wrong(_rewritten(given, lambda lines: None))


def test_another_key_beside_a_record_is_found(given: Given) -> None:
    path = given.folder / "evidence/e2.json"
    write(path, {**read(path), "key": "00" * 32})
    assert "is not what was sealed" in wrong(_rewritten(given, lambda lines: None))


def test_a_cipher_that_was_made_anew_is_found_by_the_ledger(given: Given) -> None:
    path = given.folder / "evidence/e2.json"
    write(path, {**read(path), "cipher": b64(b"another cipher" * 9)})
    assert "its digest is not the one in the ledger" in wrong(_rewritten(given, lambda lines: None))


def test_a_picture_that_was_swapped_is_found(given: Given) -> None:
    (given.folder / "media" / PICTURE_DIGEST).write_bytes(b"another picture")
    assert f"media/{PICTURE_DIGEST} was changed" in wrong(_rewritten(given, lambda lines: None))


def test_a_covered_record_names_its_original_and_what_was_covered(given: Given) -> None:
    path = given.folder / "covered/e1.json"
    whole = read(path)
    write(path, {**whole, "digest": "0" * 64})
    assert "names another original" in wrong(_rewritten(given, lambda lines: None))
    write(path, {**whole, "covered": []})
    assert "does not say what was covered" in wrong(_rewritten(given, lambda lines: None))


def test_custody_that_leaves_something_out_is_found(given: Given) -> None:
    lines = read_lines(given.folder / "custody.jsonl")
    write_lines(given.folder / "custody.jsonl", [line for line in lines if line["kind"] != "evidence.shown"])
    reseal(given.folder)
    assert "custody.jsonl" in wrong(given.folder)
    write_lines(given.folder / "custody.jsonl", lines[::-1])
    reseal(given.folder)
    assert "Line 1 of custody.jsonl" in wrong(given.folder)
    write_lines(given.folder / "custody.jsonl", lines[:-1])
    reseal(given.folder)
    assert "custody.jsonl leaves out entry" in wrong(given.folder)


# the ledger ---------------------------------------------------------------------------------------


def change_who(lines: list[Line]) -> None:
    line = shown(lines, "bulk.requested")
    leaf = json.loads(line["leaf"])
    line["leaf"] = plain_json({**leaf, "who": "somebody else"}).decode()


def test_an_entry_that_was_changed_is_named(given: Given) -> None:
    lines: list[Line] = read_lines(given.folder / "ledger.jsonl")
    change_who(lines)
    write_lines(given.folder / "ledger.jsonl", lines)
    reseal(given.folder)
    assert "was changed: its hash is another" in wrong(given.folder)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("content", '{"reason":"Another"}', "its content was changed"),
        ("salt", "00" * 16, "its content was changed"),
        ("proof", [], "its proof does not lead to the root"),
        ("proof", ["00" * 32] * 70, "its proof cannot be read"),
        ("seq", 1, "was moved"),
        ("leaf", "[]", "was changed"),
    ],
)
def test_what_stands_beside_an_entry_cannot_be_changed(
    given: Given, name: str, value: Any, words: str
) -> None:
    lines: list[Line] = read_lines(given.folder / "ledger.jsonl")
    shown(lines, "bulk.requested")[name] = value
    write_lines(given.folder / "ledger.jsonl", lines)
    reseal(given.folder)
    assert words in wrong(given.folder)


def test_content_that_was_taken_away_is_missed(given: Given) -> None:
    lines: list[Line] = read_lines(given.folder / "ledger.jsonl")
    shown(lines, "bulk.requested").update(content=None, salt=None)
    write_lines(given.folder / "ledger.jsonl", lines)
    reseal(given.folder)
    assert "has lost its content, and no disposal is on record" in wrong(given.folder)


def drop(lines: list[Line]) -> None:
    lines.remove(shown(lines, "evidence.shown"))


def swap(lines: list[Line]) -> None:
    at = lines.index(shown(lines, "act.requested"))
    lines[at], lines[at + 1] = lines[at + 1], lines[at]


def put_in(lines: list[Line]) -> None:
    lines.insert(3, "ab" * 32)


def cut(lines: list[Line]) -> None:
    del lines[-1]


@pytest.mark.parametrize("change", [change_who, drop, swap, put_in, cut])
def test_a_ledger_made_anew_without_its_key_is_found_by_its_signature(
    given: Given, change: Callable[[list[Line]], None]
) -> None:
    relink(given.folder, change)
    said = wrong(given.folder)
    assert any(words in said for words in ("another root", "another digest", "tells of more entries"))


def test_a_checkpoint_signed_by_somebody_else_is_found(given: Given) -> None:
    untouched = (given.folder / "key.txt").read_text()
    rewrite_all(given.folder, change_who)
    (given.folder / "key.txt").write_text(untouched)
    reseal(given.folder)
    assert "key.txt was replaced" in wrong(given.folder)


def test_a_key_that_was_replaced_alone_is_found_by_the_ledger(given: Given) -> None:
    other = given.folder.parent / "other"
    shutil.copytree(given.folder, other)
    rewrite_all(other, change_who)
    shutil.copy(other / "key.txt", given.folder / "key.txt")
    reseal(given.folder)
    assert "key.txt was replaced" in wrong(given.folder)


def test_a_ledger_written_anew_with_another_key_is_found_by_whoever_kept_something(given: Given) -> None:
    rewrite_all(given.folder, change_who)
    code, said = told(given.folder)
    assert code == 0  # nobody can tell from the bundle alone, and the verdict says so
    assert "You gave no checkpoint and no key from elsewhere" in said
    assert "another root" in wrong(given.folder, "--checkpoint", str(given.checkpoint))
    assert "key.txt was replaced" in wrong(given.folder, "--key", str(given.key))


def test_an_old_bundle_is_not_taken_for_a_newer_one(made: Given, tmp_path: Path) -> None:
    """A checkpoint that was kept after the bundle says that there was more."""
    later = read(made.folder / "seal.json")["size"] + 5
    text = made.checkpoint.read_text().splitlines()
    at = next(number for number, line in enumerate(text) if line.startswith("> cordon/ledger/"))
    text[at + 1] = f"> {later}"
    (tmp_path / "later.txt").write_text("\n".join(text))
    said = wrong(made.folder, "--checkpoint", str(tmp_path / "later.txt"))
    assert "tells of more entries than the bundle's ledger has" in said


def test_a_kept_checkpoint_that_was_changed_or_is_of_another_ledger_is_said(
    made: Given, tmp_path: Path
) -> None:
    text = made.checkpoint.read_text()
    origin = read(made.folder / "manifest.json")["origin"]
    (tmp_path / "other.txt").write_text(text.replace(origin, "cordon/ledger/0123456789abcdef"))
    assert "is of another ledger" in wrong(made.folder, "--checkpoint", str(tmp_path / "other.txt"))
    signature = next(line for line in text.splitlines() if "\u2014" in line)
    forged = signature[:-12] + ("A" * 10) + "=="
    (tmp_path / "forged.txt").write_text(text.replace(signature, forged))
    said = wrong(made.folder, "--checkpoint", str(tmp_path / "forged.txt"))
    assert "is not signed by the key" in said


def _digest(given: Given) -> str:
    return str(read(given.folder / "seal.json")["manifest"])


def _rewritten(given: Given, change: Callable[[list[Line]], None]) -> Path:
    """The bundle with every digest and signature made right again, by a key that nobody compares."""
    rewrite_all(given.folder, change)
    return given.folder
