"""Importing any part of the program opens no connection, writes no file and starts no thread.

The command line is quick and plugins can be read safely only as long as this holds. Each room is
imported in a fresh interpreter, because a module is imported only once.
"""

import subprocess
import sys

import pytest

from tests.architecture.sources import PROGRAM, ROOT, python_files

# `__main__` is the one module whose import is meant to act.
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in python_files(*PROGRAM)
    if path.name != "__main__.py"
]
ROOMS = sorted({".".join(name.split(".")[:2]) for name in MODULES})

SCRIPT = """
import importlib, os, sys, threading
sys.dont_write_bytecode = True
acts = []

def watch(event, args):
    if event in ("socket.connect", "socket.bind", "subprocess.Popen", "os.mkdir", "sqlite3.connect"):
        acts.append(f"{event} {args[-1]!r}")
    if event == "open":
        name, mode, flags = args
        writes = flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if writes and "__pycache__" not in str(name) and str(name) != os.devnull:
            acts.append(f"open {name!r}")

sys.addaudithook(watch)
for name in sys.argv[1:]:
    importlib.import_module(name)
acts += [f"thread {each.name}" for each in threading.enumerate() if each is not threading.main_thread()]
print("\\n".join(acts))
"""


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_does_nothing(room: str) -> None:
    inside = [name for name in MODULES if name.startswith(f"{room}.")] if "." in room else []
    modules = [room, *inside]
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT, *modules],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
