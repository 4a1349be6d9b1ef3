"""Adding an account of every network from a terminal, and what must never be seen of its sign-in.

The program runs in a process of its own; this test is the person at its terminal and at the browser. What a
newcomer would get wrong: what the network gives in return for a code is as secret as what a person types.
"""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from console.api.stage import Stage
from tests.contract.stages import STAGES
from tests.journeys.programs import LIMIT_S, ROOT, Program, program
from tests.servers.false.stage import FalseStage

LIVE = sorted(set(STAGES) - {"replay"})


class Terminal:
    """A person who answers what the program asks, and goes where it says."""

    def __init__(self, made: Program, words: list[str], typed: list[str]) -> None:
        self.process = subprocess.Popen(
            made.words(*words),
            cwd=ROOT,
            env=made.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )
        self.said: list[str] = []
        self.arguments = b""
        self._pasted = ""
        self._reader = threading.Thread(target=self._listen, name="terminal")
        self._answer(*typed)
        self._reader.start()

    def end(self) -> tuple[int, str]:
        """Waits for the program; its exit code and what it printed."""
        assert self.process.stdout is not None
        printed = self.process.stdout.read()
        code = self.process.wait(LIMIT_S)
        self._reader.join(LIMIT_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return code, printed

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line.strip())
            if line.startswith("  http"):
                self.arguments += _arguments(self.process.pid)
                self._go(line.strip())
            elif line.rstrip().endswith(":"):
                self._answer(self._pasted)
            elif line.startswith("Which one?"):
                self._answer("1")

    def _go(self, address: str) -> None:
        """A browser: follows the network's redirect to the program, or keeps where it was sent."""
        with httpx.Client(trust_env=False) as browser:
            answer = browser.get(address)
            sent_to = answer.headers.get("location", "")
            self._pasted = sent_to or answer.text
            if sent_to.startswith("http://127.0.0.1"):
                browser.get(sent_to)

    def _answer(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines))
        self.process.stdin.flush()


def _arguments(pid: int) -> bytes:
    """What everybody on the machine can read of a process, where the system shows it as a file."""
    place = Path(f"/proc/{pid}/cmdline")
    return place.read_bytes() if sys.platform == "linux" and place.exists() else b""


def typed_for(stage: Stage) -> tuple[list[str], list[str]]:
    """What is given as options, and what is typed as secrets, a line for each question."""
    known = stage.first_secret if stage.manifest.guided else stage.secret
    secrets = json.loads(known)
    options, lines = [], []
    for question in stage.manifest.sign_in:
        if question.secret:
            lines.append(str(secrets.get(question.name, "")))
        elif stage.settings.get(question.name):
            options += [f"--{question.name.replace('_', '-')}", stage.settings[question.name]]
    for switch in stage.manifest.switches:
        if switch.name in stage.settings:
            options += [f"--{switch.name}", stage.settings[switch.name]]
    return options, lines


@contextmanager
def added(name: str, folder: Path) -> Iterator[tuple[Program, Stage, Terminal, str]]:
    """One network's account, added from a terminal; with what was printed."""
    made = program(folder)
    with STAGES[name]() as stage:
        options, lines = typed_for(stage)
        words = ["account", "add", name, *options, "--deputy", "M. Jarrow", "--secret-stdin", "--json"]
        terminal = Terminal(made, words, lines)
        code, printed = terminal.end()
        assert code == 0, f"{terminal.said}"
        yield made, stage, terminal, printed


@pytest.mark.parametrize("name", LIVE)
def test_an_account_is_added_from_a_terminal_and_its_secrets_are_seen_nowhere(
    name: str, tmp_path: Path
) -> None:
    with added(name, tmp_path) as (made, stage, terminal, printed):
        account = json.loads(printed)
        assert account["network"] == name
        assert account["handle"]
        tested = made.told("account", "test", account["key"])
        assert tested[0]["key"] == account["key"]
        secrets = {text for text in json.loads(stage.first_secret).values() if len(str(text)) >= 8}
        secrets |= stage.network.given if isinstance(stage, FalseStage) else set()
        secrets |= set(typed_for(stage)[1]) - {""}
        seen = {
            "its arguments": terminal.arguments,
            "what it printed": (printed + "\n".join(terminal.said)).encode(),
            **{str(path): path.read_bytes() for path in made.profile.rglob("*") if path.is_file()},
        }
        for place, content in seen.items():
            leaked = [text for text in secrets if str(text).encode() in content]
            assert not leaked, f"{len(leaked)} parts of the sign-in are in {place}"


def test_a_sign_in_that_has_ended_is_renewed_in_its_place(tmp_path: Path) -> None:
    with added("bluesky", tmp_path) as (made, stage, _, printed):
        key = json.loads(printed)["key"]
        _, lines = typed_for(stage)
        again = made.run("account", "sign-in", key, "--secret-stdin", said="\n".join(lines) + "\n")
        assert again.returncode == 0, again.stderr
        wrong = made.run("account", "sign-in", key, "--secret-stdin", said="another password\n")
        assert wrong.returncode == 1
        assert "Bluesky" in wrong.stderr
        assert made.told("account", "test", key)[0]["key"] == key
        assert [account["key"] for account in made.told("account", "list")] == [key]


def test_an_unknown_switch_and_a_wrong_value_are_wrong_usage(tmp_path: Path) -> None:
    made = program(tmp_path)
    done = made.run("account", "add", "bluesky", "--flying", "on", "--secret-stdin", said="x\n")
    assert (done.returncode, "does not know" in done.stderr) == (2, True)
