"""Places: one folder for its owner alone, and one clear line when it cannot be."""

import errno
import os
import stat
from pathlib import Path

import pytest

from console.domain.errors import DiskFull, ProfileUnwritable
from console.paths import PROFILE_VARIABLE, Places, default_profile, fresh_exercise_profile, resources


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    places = Places(tmp_path / "deep" / "profile")
    places.make()
    places.make()
    assert stat.S_IMODE(places.profile.stat().st_mode) == 0o700
    assert list(places.profile.iterdir()) == [], "trying whether it can be written leaves nothing behind"


def test_a_folder_that_others_could_open_is_closed_to_them(tmp_path: Path) -> None:
    folder = tmp_path / "profile"
    folder.mkdir(mode=0o755)
    Places(folder).make()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_everything_lies_inside_it(tmp_path: Path) -> None:
    places = Places(tmp_path)
    inside = [places.database, places.lock, places.settings, places.logs, places.folder("x:../../etc")]
    assert all(path.resolve().is_relative_to(tmp_path.resolve()) for path in inside)
    assert len(set(inside)) == len(inside)


def test_a_file_in_its_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a letter")
    for profile in (tmp_path / "file", tmp_path / "file" / "under"):
        with pytest.raises(ProfileUnwritable, match="--profile") as said:
            Places(profile).make()
        assert "\n" not in said.value.message
    assert (tmp_path / "file").read_text() == "a letter"


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, DiskFull), (errno.EROFS, ProfileUnwritable), (errno.EACCES, ProfileUnwritable)],
)
def test_what_the_disk_says_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    def refused(self: Path, data: bytes) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "write_bytes", refused)
    with pytest.raises(kind, match=str(tmp_path)):
        Places(tmp_path).make()


def test_the_profile_is_named_by_the_variable_or_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert default_profile().name == "Cordon"
    monkeypatch.setenv(PROFILE_VARIABLE, str(tmp_path))
    assert default_profile() == tmp_path


def test_each_exercise_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert fresh_exercise_profile() != fresh_exercise_profile()


def test_what_ships_is_found_beside_the_code_and_in_a_built_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (resources() / "watchlists").is_dir()
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    assert resources() == tmp_path / "resources"
