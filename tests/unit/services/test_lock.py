"""A profile is worked on by one Cordon at a time, and a killed one leaves nothing to clear."""

import subprocess
import sys
from pathlib import Path

import pytest

from console.domain.errors import ProfileInUse, ProfileUnwritable
from console.services.lock import ProfileLock

HOLD = """
import sys
from pathlib import Path
from console.services.lock import ProfileLock
lock = ProfileLock(Path(sys.argv[1]))
lock.take()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_cordon_is_told_in_one_line(tmp_path: Path) -> None:
    first, second = ProfileLock(tmp_path / "lock"), ProfileLock(tmp_path / "lock")
    first.take()
    first.take()
    with pytest.raises(ProfileInUse, match="Another Cordon works on the profile") as said:
        second.take()
    assert "\n" not in said.value.message
    assert first.is_held
    assert not second.is_held
    first.release()


def test_a_lock_that_was_let_go_can_be_taken_though_its_file_stays(tmp_path: Path) -> None:
    first, second = ProfileLock(tmp_path / "lock"), ProfileLock(tmp_path / "lock")
    first.take()
    first.release()
    first.release()
    assert (tmp_path / "lock").exists()
    second.take()
    second.release()


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline().strip() == b"held"
        mine = ProfileLock(path)
        with pytest.raises(ProfileInUse):
            mine.take()
        other.kill()
        other.wait()
        mine.take()
        mine.release()


def test_a_folder_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ProfileUnwritable, match="cannot be written"):
        ProfileLock(tmp_path / "file" / "lock").take()
