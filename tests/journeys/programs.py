"""Starting the real program in a process of its own, as a person or a script would."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLUGINS = Path(__file__).parent / "false_network" / "plugins"
ROOT = Path(__file__).resolve().parents[2]
LIMIT_S = 120


@dataclass(frozen=True)
class Program:
    """Cordon on one profile, with a passphrase that no person types."""

    profile: Path
    passphrase: Path

    @property
    def environment(self) -> dict[str, str]:
        """What the program is started with."""
        return {
            **os.environ,
            "CORDON_PASSPHRASE_FILE": str(self.passphrase),
            "CORDON_PLUGINS": str(PLUGINS),
            "PYTHONUNBUFFERED": "1",
        }

    def words(self, *words: str) -> list[str]:
        """The command line of one command on this profile."""
        return [sys.executable, "-m", "console", "--profile", str(self.profile), *words]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Starts a command that goes on by itself; whoever starts it ends it."""
        return subprocess.Popen(
            self.words(*words),
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def run(self, *words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        """Runs a command to its end."""
        return subprocess.run(
            self.words(*words),
            cwd=ROOT,
            env=self.environment,
            input=said,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )

    def told(self, *words: str, said: str = "") -> list[dict[str, Any]]:
        """What a command printed as JSON lines; it must end well."""
        done = self.run(*words, "--json", said=said)
        assert done.returncode == 0, f"{' '.join(words)} ended with {done.returncode}: {done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]


def program(folder: Path) -> Program:
    """A program with a new profile in a folder of a test."""
    passphrase = folder / "passphrase"
    passphrase.write_text("an invented passphrase\n", encoding="utf-8")
    return Program(profile=folder / "profile", passphrase=passphrase)


@contextmanager
def false_network(total: int, seconds: int = 900, mood: str = "") -> Iterator[str]:
    """The false network in a process of its own; gives its address. Its mood is `rough`, or good."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.false_network.server", str(total), str(seconds), mood],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield server.stdout.readline().strip()
    finally:
        server.stdin.close()
        server.wait(20)
        server.stdout.close()


def hides(counts: dict[str, int]) -> dict[str, int]:
    """How often each item was hidden, by its remote id."""
    return {call.removeprefix("hide "): number for call, number in counts.items() if call.startswith("hide ")}


def keys_of(lines: Sequence[dict[str, Any]]) -> list[str]:
    """The keys of some printed items."""
    return [line["key"] for line in lines]
