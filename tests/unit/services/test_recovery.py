"""The recovery key: a wrap opens with its private half alone, and a dead machine's evidence opens again."""

import asyncio
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import (
    CordonError,
    InputError,
    NotPossible,
    ProfileUnwritable,
    SecretsUnavailable,
)
from console.domain.items import ItemKind
from console.services.evidence import open_record
from console.services.recovery import (
    ID_BYTES,
    Opener,
    Wrapper,
    fingerprint,
    key_file,
    key_id,
    make_pair,
    public_of,
    read_key_file,
)
from tests.fakes.keeping import COST, PASSPHRASE, bench, left_in
from tests.unit.store.making import received

WORDS = "four words make it"
PRIVATE, PUBLIC = make_pair()


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=64))
def test_what_is_wrapped_opens_with_the_private_half_and_for_what_it_belongs_to(
    key: bytes, about: bytes
) -> None:
    wrapper, opener = Wrapper(PUBLIC), Opener(PRIVATE)
    first, second = wrapper.wrap(key, about), wrapper.wrap(key, about)
    assert first != second, "each wrap has a nonce of its own"
    assert key not in first
    assert opener.fits(first)
    assert opener.open(first, about) == opener.open(second, about) == key
    with pytest.raises(SecretsUnavailable):
        opener.open(first, about + b"x")
    with pytest.raises(SecretsUnavailable):
        Opener(make_pair()[0]).open(first, about)


@given(st.integers(min_value=0, max_value=8 * 100 - 1))
def test_a_changed_bit_of_a_wrap_is_found(place: int) -> None:
    wrap = bytearray(Wrapper(PUBLIC).wrap(b"k" * 32, b"about"))
    wrap[place // 8] ^= 1 << place % 8
    with pytest.raises(SecretsUnavailable):
        Opener(PRIVATE).open(bytes(wrap), b"about")


def test_the_file_holds_the_key_under_its_passphrase_and_names_its_fingerprint() -> None:
    content = key_file(PRIVATE, WORDS, "2027-01-15T08:00:00.000Z", COST)
    assert read_key_file(content, WORDS) == PRIVATE
    assert public_of(PRIVATE) == PUBLIC
    assert f"Fingerprint: {fingerprint(PUBLIC)}" in content.decode()
    assert fingerprint(PUBLIC).replace("-", "") == key_id(PUBLIC).hex()
    assert PRIVATE not in content
    moved = content.decode().replace("\n", "\r\n").encode()
    assert read_key_file(b"\xef\xbb\xbf" + moved, WORDS) == PRIVATE, "a mail program may have touched it"
    with pytest.raises(SecretsUnavailable, match="does not open"):
        read_key_file(content, "four other words")


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe", b"a letter", b"-----BEGIN CORDON RECOVERY KEY-----\nAAAA\n"]
)
def test_a_file_that_is_none_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(InputError):
        read_key_file(content, WORDS)


def test_a_short_passphrase_is_refused() -> None:
    with pytest.raises(InputError, match="too short"):
        key_file(PRIVATE, "short", "2027", COST)


async def make(folder: Path, words: str = "a heron on the quay") -> Path:
    """A profile with a sealed record, a private message and a recovery key; gives the key's file."""
    out = folder / "taken away.pem"
    async with bench(folder / "profile") as rig:
        await rig.save(received("p1", words), received("p2", "hello", kind=ItemKind.MESSAGE))
        await rig.hide(1)
        await rig.recovery.make(out, WORDS, "r.calder", inside=folder / "profile")
        await rig.hide(2)
    return out


def test_records_sealed_before_and_after_it_was_made_are_wrapped_and_on_record(tmp_path: Path) -> None:
    async def check() -> None:
        out = await make(tmp_path)
        opener = Opener(read_key_file(out.read_bytes(), WORDS))
        async with bench(tmp_path / "profile") as rig:
            for number in (1, 2):
                row = await rig.record(number)
                assert row.recovery_wrap is not None
                assert opener.open(row.recovery_wrap, bytes.fromhex(row.digest))
            assert await rig.recovery.unwrapped() == 0
            assert (await rig.kinds()).count("evidence.wrapped") == 1
            assert await rig.is_whole() is None
            made = await rig.recovery.made()
            assert made is not None
            assert made.public == opener.public
        assert left_in(tmp_path / "profile", read_key_file(out.read_bytes(), WORDS)) == []

    asyncio.run(check())


def test_what_a_process_sealed_that_did_not_know_of_it_is_wrapped_by_the_next_run(tmp_path: Path) -> None:
    async def check() -> None:
        async with bench(tmp_path) as rig:
            await rig.save(received("p1"), received("p2"))
            sealed = await rig.capturing.seal(await rig.items(1), await rig.accounts(), rig.clock.now())
            await rig.recovery.make(tmp_path.parent / "late.pem", WORDS, "r.calder", inside=tmp_path)
            assert sealed.sealed[(await rig.items(1))[0].id].recovery_wrap is None
            await rig.hide(1)
            await rig.db.record(lambda conn: conn.execute("UPDATE evidence SET recovery_wrap = NULL"))
            assert await rig.recovery.unwrapped() == 1
            await rig.keeping.run_due()
            assert await rig.recovery.unwrapped() == 0
            assert await rig.is_whole() is None

    asyncio.run(check())


def test_a_second_key_is_made_on_purpose_only_and_then_opens_what_the_first_did(tmp_path: Path) -> None:
    async def check() -> None:
        out = await make(tmp_path)
        async with bench(tmp_path / "profile") as rig:
            inside = tmp_path / "profile"
            with pytest.raises(NotPossible, match="already"):
                await rig.recovery.make(tmp_path / "second.pem", WORDS, "r.calder", inside=inside)
            await rig.recovery.make(tmp_path / "second.pem", WORDS, "r.calder", inside=inside, again=True)
            new = Opener(read_key_file((tmp_path / "second.pem").read_bytes(), WORDS))
            row = await rig.record(1)
            assert row.recovery_wrap is not None
            assert new.open(row.recovery_wrap, bytes.fromhex(row.digest))
            assert not Opener(read_key_file(out.read_bytes(), WORDS)).fits(row.recovery_wrap)
            assert await rig.is_whole() is None

    asyncio.run(check())


def test_no_key_is_made_where_it_would_be_lost_with_the_profile_or_overwrite_something(
    tmp_path: Path,
) -> None:
    async def check() -> None:
        async with bench(tmp_path / "profile") as rig:
            inside = tmp_path / "profile"
            (tmp_path / "there.pem").write_text("a letter")
            for out, problem in (
                (inside / "k.pem", NotPossible),
                (tmp_path / "there.pem", NotPossible),
                (tmp_path / "no folder" / "k.pem", ProfileUnwritable),
            ):
                with pytest.raises(problem):
                    await rig.recovery.make(out, WORDS, "r.calder", inside=inside)
            assert (tmp_path / "there.pem").read_text() == "a letter"
            assert await rig.recovery.made() is None
            assert await rig.kinds() == []
        async with bench(tmp_path / "profile", passphrase=None) as rig:
            with pytest.raises(SecretsUnavailable):
                await rig.recovery.make(tmp_path / "k.pem", WORDS, "r.calder", inside=inside)
        assert not (tmp_path / "k.pem").exists()

    asyncio.run(check())


def test_a_profile_copied_from_a_dead_machine_opens_with_the_recovery_key(tmp_path: Path) -> None:
    async def check() -> None:
        out = await make(tmp_path)
        shutil.copytree(tmp_path / "profile", tmp_path / "copy")
        async with bench(tmp_path / "copy", passphrase=None) as rig:
            with pytest.raises(SecretsUnavailable):
                open_record(rig.keys, await rig.record(1))
            records, lost = await rig.recovery.recover(
                out.read_bytes(), WORDS, "a new passphrase", "r.calder"
            )
            assert (records, lost) == (2, 1)
            assert open_record(rig.keys, await rig.record(1))["item"]["text"] == "a heron on the quay"
            assert open_record(rig.keys, await rig.record(2))["item"]["text"] == "hello"
            assert (await rig.kinds())[-3:] == ["profile.recovered", "evidence.wrapped", "evidence.wrapped"]
            assert await rig.is_whole() is None
            (message,) = await rig.items(2)
            assert message.text == "", "what only the lost key opened is gone, and nothing fails over it"
            await rig.save(received("p3", "after"))
            await rig.hide(3)
        async with bench(tmp_path / "copy", passphrase="a new passphrase") as again:
            assert open_record(again.keys, await again.record(3))["item"]["text"] == "after"
        with pytest.raises(CordonError):
            async with bench(tmp_path / "copy", passphrase=PASSPHRASE):
                pass

    asyncio.run(check())


def test_recovery_that_cannot_be_done_changes_nothing(tmp_path: Path) -> None:
    async def check() -> None:
        out = await make(tmp_path)
        before = len(list((tmp_path / "profile").rglob("*")))
        other = key_file(make_pair()[0], WORDS, "2027", COST)
        async with bench(tmp_path / "profile") as rig:
            with pytest.raises(NotPossible, match="nothing to recover"):
                await rig.recovery.recover(out.read_bytes(), WORDS, "new", "r.calder")
        async with bench(tmp_path / "profile", passphrase=None) as rig:
            entries = await rig.kinds()
            for content, words, new in (
                (out.read_bytes(), "wrong words here", "new"),
                (other, WORDS, "new"),
                (b"a letter", WORDS, "new"),
                (out.read_bytes(), WORDS, None),  # neither keyring nor passphrase for a new key
            ):
                with pytest.raises(CordonError):
                    await rig.recovery.recover(content, words, new, "r.calder")
            assert await rig.kinds() == entries
            assert not rig.keys.ready
        async with bench(tmp_path / "profile") as rig:
            assert open_record(rig.keys, await rig.record(1))["item"]["text"] == "a heron on the quay"
        assert len(list((tmp_path / "profile").rglob("*"))) == before

    asyncio.run(check())


@pytest.mark.parametrize(
    "what", ["recovery_wrap = zeroblob(100)", "recovery_wrap = NULL", "wrapped_key = x'00'"]
)
def test_a_wrap_that_somebody_changed_is_found(tmp_path: Path, what: str) -> None:
    async def check() -> None:
        await make(tmp_path)
        async with bench(tmp_path / "profile") as rig:
            await rig.db.record(
                lambda conn: conn.execute(f"UPDATE evidence SET {what} WHERE id = 1")
            )  # words of this test
            bad = await rig.is_whole()
            assert bad is not None
            assert bad.startswith("Evidence record e1")

    asyncio.run(check())


def test_one_throw_away_key_serves_a_batch(tmp_path: Path) -> None:
    async def check() -> None:
        await make(tmp_path)
        async with bench(tmp_path / "profile") as rig:
            await rig.save(*(received(f"b{number}") for number in range(50)))
            await rig.hide(*range(3, 53))
            wraps = [(await rig.record(number)).recovery_wrap or b"" for number in range(3, 53)]
            assert len({wrap[ID_BYTES : ID_BYTES + 32] for wrap in wraps}) == 1
            assert len(set(wraps)) == 50

    asyncio.run(check())
