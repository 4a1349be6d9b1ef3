"""Runs one server and ends it with the tests: ``python guard.py SECONDS FOLDER USER PROGRAM ARG…``.

Standard library only. The easy mistake is to start a server directly: a test run that is killed
cannot stop anything any more, so its servers would live on. This small parent outlives the run by
an instant: when its stdin reaches end of file (the run is gone) or ``SECONDS`` are over, it ends
the program and removes ``FOLDER``. ``USER`` is whom to run it as, or ``-``. Ends with the
program's own exit code if that ends first.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys

LOOK_EVERY_SECONDS = 0.2
GRACE_SECONDS = 5.0


def watch(seconds: float, folder: str, user: str, command: list[str]) -> int:
    """Run ``command`` until it ends, its starter is gone or ``seconds`` are over."""
    if user == "-":
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    else:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, user=user, group=user, extra_groups=[])
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))
    left = seconds
    try:
        while left > 0 and program.poll() is None:
            readable, _, _ = select.select([0], [], [], LOOK_EVERY_SECONDS)
            if readable and not os.read(0, 1024):
                break
            left -= LOOK_EVERY_SECONDS
    finally:
        if program.poll() is None:
            # PostgreSQL takes SIGINT as "end at once, in order"; SIGTERM would wait for clients.
            program.send_signal(signal.SIGINT)
            try:
                program.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                program.kill()
                program.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return program.returncode


if __name__ == "__main__":
    sys.exit(watch(float(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]))
