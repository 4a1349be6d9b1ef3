"""The program with its window ends in order when the system asks it to, even while nobody touches it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.servers.waiting import until

ROOT = Path(__file__).resolve().parents[2]
TERM_BIT = 1 << (signal.SIGTERM - 1)


def _hears(pid: int) -> bool:
    """Whether the process has its own answer to SIGTERM yet, as Linux tells."""
    for line in Path(f"/proc/{pid}/status").read_text("ascii").splitlines():
        if line.startswith("SigCgt:"):
            return bool(int(line.split()[1], 16) & TERM_BIT)
    return False


class _Rest:
    """Whether a process used no processor time since it was last asked about."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._used = -1.0

    def __call__(self) -> bool:
        spent = self._process.cpu_times()
        before, self._used = self._used, spent.user + spent.system
        return self._used == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks /proc whether a signal is heard")
def test_a_window_at_rest_on_its_first_choice_ends_when_asked(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "console", "--profile", str(tmp_path / "profile")],
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as program:
        try:
            until(
                "an answer to SIGTERM", lambda: program.poll() is not None or _hears(program.pid), within=60
            )
            until("the window to be at rest", _Rest(program.pid), within=60, every=0.5)
            program.send_signal(signal.SIGTERM)
            said, _ = program.communicate(timeout=60)
        finally:
            program.kill()
    assert program.returncode == 0, said
    assert "Traceback" not in said
