"""Where there is no screen, the shipped exercise is played whole in the terminal, within its seconds."""

import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 12


def test_the_whole_exercise_is_played_in_the_terminal_within_its_seconds(tmp_path: Path) -> None:
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "console", "exercise", "--headless", "--live", "--seconds", str(SECONDS)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    took = time.monotonic() - began
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    items = (ROOT / "resources" / "exercises" / "chandlers-row.jsonl").read_bytes().count(b"\n")
    all_of_them = re.search(r"^\s*All\s+([\d,]+)\s*$", done.stdout, flags=re.MULTILINE)
    assert all_of_them is not None, done.stdout
    assert int(all_of_them[1].replace(",", "")) == items
    # The start and the orderly end of the program are not part of the playing.
    assert took < SECONDS + 30
