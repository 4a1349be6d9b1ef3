"""The second keeper: it gets every checkpoint, its failures are said once, and it never writes over one."""

import logging
import threading
from pathlib import Path

import pytest

from console.desk.checkpoints import LocalCheckpoints
from console.domain.audit import Given
from console.domain.checkpoint import parse
from console.services import checkpoints as under_test
from console.services.checkpoints import Checkpoints
from console.services.events import Trouble
from console.services.keepers import SUFFIX, FolderKeeper, Keeper, KeeperFailedError, ToKeep
from tests.unit.services.test_checkpoints import WHO, Room, room, run


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{SUFFIX}"))


def test_each_checkpoint_becomes_a_file_that_reads_as_it_was_given_out(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()

    async def story() -> None:
        async with room(tmp_path, folder) as here:
            made = []
            for _ in range(3):
                await here.noted()
                made.append(await here.checkpoints.make("asked", WHO))
            await here.checkpoints.hand_over()
            assert [parse(path.read_text("utf-8")) for path in kept(folder)] == made
            assert [path.read_bytes() for path in kept(folder)] == [one.text.encode() for one in made]
            assert len(list(folder.iterdir())) == 3
            standing = await here.checkpoints.keeping()
            assert (standing.words, standing.waiting, standing.trouble) == (f"the folder {folder}", 0, None)

    run(story)


def test_a_folder_that_is_gone_is_said_once_and_gets_everything_when_it_is_back(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "kept"

    async def story() -> None:
        async with room(tmp_path, folder) as here:
            here.checkpoints.start(at_end=True)
            await here.noted()
            await here.checkpoints.make("asked", WHO)
            await here.clock.pass_by(90)
            (said,) = here.said
            assert isinstance(said, Trouble)
            assert str(folder) in said.words
            assert [each.levelno for each in caplog.records] == [logging.WARNING]
            standing = await here.checkpoints.keeping()
            assert standing.waiting == 1
            assert "cannot be used" in (standing.trouble or "")
            folder.mkdir()
            await here.noted()
            await here.checkpoints.make("asked", WHO)
            await here.clock.pass_by(60)
            assert len(kept(folder)) == 2
            assert len(here.said) == 1

    with caplog.at_level(logging.WARNING):
        run(story)


def test_another_folder_gets_what_the_first_has_too(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]

    async def story() -> None:
        for folder in folders:
            folder.mkdir()
            async with room(tmp_path, folder) as here:
                await here.noted()
                await here.checkpoints.make("asked", WHO)
                await here.checkpoints.hand_over()

    run(story)
    assert [len(kept(folder)) for folder in folders] == [1, 2]
    assert kept(folders[0])[0].read_bytes() == kept(folders[1])[0].read_bytes()


async def one_made(here: Room) -> ToKeep:
    await here.noted()
    return ToKeep(await here.checkpoints.make("asked", WHO), here.clock.now())


def test_a_file_that_somebody_changed_is_a_finding_and_is_not_written_over(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    keeper = FolderKeeper(folder)

    async def story() -> None:
        async with room(tmp_path) as here:
            given = await one_made(here)
            keeper.keep(given)
            keeper.keep(given)  # the same again does no harm
            (path,) = kept(folder)
            size = given.checkpoint.size
            path.write_text(given.checkpoint.text.replace(f"\n{size}\n", f"\n{size + 1}\n"), "utf-8")
            with pytest.raises(KeeperFailedError, match="Somebody has changed it"):
                keeper.keep(given)
            assert f"\n{size + 1}\n" in path.read_text("utf-8")
            path.write_text("no words of ours", "utf-8")
            with pytest.raises(KeeperFailedError, match="holds no checkpoint"):
                keeper.keep(given)

    run(story)


def test_a_folder_with_another_ledger_s_checkpoints_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    keeper = FolderKeeper(folder)

    async def story() -> None:
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            async with room(tmp_path / name) as here:
                given = await one_made(here)
                if name == "one":
                    keeper.keep(given)
                    continue
                with pytest.raises(KeeperFailedError, match="another ledger"):
                    keeper.keep(given)

    run(story)
    assert len(kept(folder)) == 1


class Silent:
    """A keeper that never answers, such as a drive at the far end of a dead link."""

    name = words = "the far end"

    def __init__(self) -> None:
        self.end = threading.Event()

    def keep(self, given: ToKeep) -> None:
        del given
        self.end.wait(30)

    def kept(self) -> list[Given]:
        self.end.wait(30)
        return []


def test_a_keeper_that_never_answers_holds_nothing_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(under_test, "KEEPER_LIMIT_S", 0.05)
    silent = Silent()
    far: Keeper = silent

    async def story() -> None:
        async with room(tmp_path) as here:
            made = Checkpoints(
                desk=LocalCheckpoints(here.db, "Dellin desk 1"),
                keys=here.keys,
                clock=here.clock,
                events=here.checkpoints._events,
                keeper=far,
            )
            await here.noted()
            await made.make("asked", WHO)
            await made.hand_over(0.05)
            (said,) = here.said
            assert isinstance(said, Trouble)
            assert "did not answer" in said.words
            verdict = await made.verify()
            assert verdict.ok
            assert "did not answer" in verdict.remarks[0]
            silent.end.set()

    with caplog.at_level(logging.WARNING):
        run(story)
    assert len(caplog.records) == 1
