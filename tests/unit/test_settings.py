"""Settings: written whole, read back, and never a reason for the desk not to open."""

import getpass
from pathlib import Path

import pytest

from console.settings import Settings, read_settings, seat, system_user, write_settings


def test_what_was_chosen_is_read_back_and_only_that_is_written(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    chosen = Settings(operator="R. Calder", theme="dark", keys={"hide": "x"})
    write_settings(path, chosen)
    assert read_settings(path) == (chosen, None)
    assert "density" not in path.read_text()
    assert [file.name for file in tmp_path.iterdir()] == ["settings.json"]
    assert chosen.who == "R. Calder"


def test_no_file_is_no_complaint(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "none.json") == (Settings(), None)
    (tmp_path / "file").write_text("")
    assert read_settings(tmp_path / "file" / "settings.json") == (Settings(), None)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"theme": "stripes"}', '{"text_percent": 3}', "\0", '{"keys": 1}']
)
def test_a_broken_file_is_said_in_one_line_and_the_defaults_hold(tmp_path: Path, text: str) -> None:
    path = tmp_path / "settings.json"
    path.write_text(text)
    settings, complaint = read_settings(path)
    assert settings == Settings()
    assert complaint is not None
    assert str(path) in complaint
    assert "\n" not in complaint
    assert path.read_text() == text, "what a person wrote stays for that person to mend"


def test_a_setting_from_a_later_version_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text('{"operator": "R. Calder", "wings": true}')
    assert read_settings(path) == (Settings(operator="R. Calder"), None)


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    settings, complaint = read_settings(tmp_path)
    assert settings == Settings()
    assert complaint


def test_somebody_always_sits_here(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().who == system_user() != ""
    assert seat()

    def unknown() -> str:
        raise OSError("no such user")

    monkeypatch.setattr(getpass, "getuser", unknown)
    assert system_user() == "operator"
