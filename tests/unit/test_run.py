"""`run.py` does no work twice, mends what was cut off, and keeps quiet where scripts listen."""

import contextlib
import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

import run


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder of its own with small lock files and no environment."""
    (tmp_path / "locks").mkdir()
    for name in ("run", "test", "build"):
        (tmp_path / "locks" / f"{name}.lock").write_text(f"{name}==1 \\\n    --hash=sha256:0\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "READY", tmp_path / ".venv" / "cordon-ready.json")
    monkeypatch.setattr(run, "MAKING", tmp_path / ".venv" / "cordon-making")
    for lacking in ("venv", "window", "tests", "build"):
        monkeypatch.setattr(run, f"lacking_for_{lacking}", list)
    return tmp_path


@pytest.fixture
def worked(place: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The programs that were started to set up, by what they do, without starting them."""
    started: list[str] = []

    def work(_title: str, command: Sequence[str], _note: object) -> tuple[int, str]:
        if "venv" in command:
            started.append("venv")
            python = run.venv_python()
            python.parent.mkdir(parents=True)
            python.touch()
        else:
            started.append(Path(command[-1]).stem)
        return 0, ""

    monkeypatch.setattr(run, "work", work)
    return started


def test_the_first_start_makes_the_environment_and_the_second_does_nothing(worked: list[str]) -> None:
    run.ensure("run")
    assert worked == ["venv", "run"]
    run.ensure("run")
    assert worked == ["venv", "run"]


def test_tests_add_to_what_a_start_installed(worked: list[str]) -> None:
    run.ensure("run")
    run.ensure("test")
    assert worked == ["venv", "run", "test"]
    run.ensure("run")
    assert worked == ["venv", "run", "test"]


def test_a_changed_lock_is_installed_into_the_same_environment(worked: list[str], place: Path) -> None:
    run.ensure("run")
    (place / "locks" / "run.lock").write_text("run==2 \\\n    --hash=sha256:1\n")
    run.ensure("run")
    assert worked == ["venv", "run", "run"]


def test_an_environment_that_was_cut_off_is_made_anew(worked: list[str], place: Path) -> None:
    run.ensure("run")
    (place / ".venv" / "left-over").touch()
    run.MAKING.touch()
    run.ensure("run")
    assert worked == ["venv", "run", "venv", "run"]
    assert not (place / ".venv" / "left-over").exists()
    assert not run.MAKING.exists()


def test_an_environment_of_another_python_is_made_anew(worked: list[str]) -> None:
    run.ensure("run")
    run.READY.write_text(json.dumps({**json.loads(run.READY.read_text()), "python": "3.9 elsewhere"}))
    run.ensure("run")
    assert worked == ["venv", "run", "venv", "run"]


def test_a_download_that_fails_spoils_nothing_that_was_there(
    worked: list[str], place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.ensure("run")
    monkeypatch.setattr(run, "work", lambda *_: (1, "no network"))
    with pytest.raises(SystemExit):
        run.ensure("test")
    assert worked == ["venv", "run"]
    assert set(run.ready()) == {"python", "run"}


def test_a_second_start_waits_while_the_first_prepares(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    waiting, entered = threading.Event(), threading.Event()

    def second() -> None:
        waiting.set()
        with run.alone():
            entered.set()

    with run.alone():
        thread = threading.Thread(target=second)
        thread.start()
        assert waiting.wait(10)
        assert not entered.is_set()
    assert entered.wait(10)
    thread.join()
    said = capsys.readouterr()
    assert said.out == ""


def _become(monkeypatch: pytest.MonkeyPatch, *args: str) -> list[str]:
    """The arguments of `cordon` that a start with these arguments would become."""

    class BecameError(Exception):
        pass

    commands: list[list[str]] = []

    def execve(_path: str, command: list[str], _environment: object) -> NoReturn:
        commands.append(command)
        raise BecameError

    monkeypatch.setattr(run, "WINDOWS", False)
    monkeypatch.setattr("os.execve", execve)
    with pytest.raises(BecameError):
        run.run_cordon(args)
    (command,) = commands
    assert command[1:4] == ["-P", "-m", "console"]
    return command[4:]


def test_a_start_without_arguments_opens_the_window(
    worked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "has_screen", lambda: True)
    assert _become(monkeypatch) == []


def test_a_start_without_a_screen_says_so_and_plays_an_exercise_for_under_two_minutes(
    worked: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "has_screen", lambda: False)
    args = _become(monkeypatch)
    assert args[:2] == ["exercise", "--headless"]
    assert int(args[args.index("--seconds") + 1]) < 120
    said = capsys.readouterr()
    assert "no screen" in said.err
    assert said.out == ""


def test_arguments_are_passed_on_as_they_are(worked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "has_screen", lambda: False)
    assert _become(monkeypatch, "items", "--limit", "3") == ["items", "--limit", "3"]


def test_a_person_without_root_is_given_the_one_command_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    monkeypatch.setattr("os.geteuid", lambda: 1000, raising=False)
    with pytest.raises(SystemExit) as ended:
        run.install_system(["libegl1", "libgl1"], needed=True)
    assert ended.value.code == 1
    assert "sudo apt-get install -y libegl1 libgl1" in capsys.readouterr().err


def test_an_unwritable_folder_is_said_in_one_line(
    place: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "ROOT", place / "locks" / "run.lock")  # a file, where a folder should be
    with pytest.raises(SystemExit), run.alone():
        pass
    said = capsys.readouterr().err.strip()
    assert "cannot write" in said
    assert "\n" not in said


@pytest.mark.parametrize(
    ("args", "count"),
    [
        ([], 4),
        (["-x", "-k", "ledger"], 4),
        (["tests/unit", "tests/ui", "--durations=40"], 4),
        (["tests/unit/test_run.py"], 1),
        (["tests/unit/test_run.py::test_one", "-x"], 1),
        (["--pdb"], 1),
        (["-s"], 1),
        (["-vs", "tests/ui"], 1),
        (["-n", "3"], 1),
        (["-n0"], 1),
        (["-p", "no:xdist"], 1),
    ],
    ids=str,
)
def test_tests_run_in_several_processes_unless_somebody_looks_on_or_names_a_file(
    args: list[str], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "cores", lambda: 8)
    assert run.processes(args) == count


def test_a_single_core_runs_the_tests_in_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "cores", lambda: 1)
    assert run.processes([]) == 1
    assert run.processes(["tests/unit"]) == 1


def test_every_process_is_given_a_screen_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter("567")
    ended: list[str] = []
    started: list[tuple[list[str], dict[str, str]]] = []

    @contextlib.contextmanager
    def screen() -> Iterator[dict[str, str]]:
        number = next(numbers)
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        ended.append(number)

    def call(command: list[str], *, env: dict[str, str], cwd: Path) -> int:
        assert not ended
        assert cwd == run.ROOT
        started.append((command, env))
        return 3

    monkeypatch.setattr(run, "ensure", lambda _: None)
    monkeypatch.setattr(run, "cores", lambda: 2)
    monkeypatch.setattr(run, "screen", screen)
    monkeypatch.setattr("subprocess.call", call)
    assert run.test(["--long", "tests/unit"]) == 3
    [(command, env)] = started
    assert command[-5:] == ["-n", "2", *run.SPREAD, "tests/unit"]
    assert (env["CORDON_SCREENS"], env["DISPLAY"], env["CORDON_LONG"]) == (":5 :6", ":5", "1")
    assert sorted(ended) == ["5", "6"]
