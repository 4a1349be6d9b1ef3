#!/usr/bin/env python3
"""Make everything Cordon needs on this machine, then run it, its tests or its checks.

    python3 run.py              open the console (without a screen: an exercise in the terminal)
    python3 run.py ARGS...      the same as `cordon ARGS...`
    python3 run.py test [--long] [pytest arguments]
    python3 run.py check        format, lint, types, walls
    python3 run.py bench [--json] [--only WORD] [--long]
    python3 run.py build        the program for people without Python, started once
    python3 run.py lock [--upgrade]   write the lock files anew from pyproject.toml

Standard library only, because it runs before anything is installed. What a newcomer would get
wrong: it must stay silent on stdout, where commands print their JSON; all it says goes to stderr.
A set of packages is installed once: `.venv/cordon-ready.json` holds the digest of the lock file it
came from, and a start that finds the same digests does no set-up at all.

Outside facts: the libraries a Qt window needs are those its own files name (`readelf -d` over the
PySide6 6.11.3 wheel); their Debian packages are those of Debian 12 and Ubuntu 22.04 to 24.04.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
READY = VENV / "cordon-ready.json"
MAKING = VENV / "cordon-making"  # stands while .venv is worked on; found at a start: cut off
WINDOWS = sys.platform == "win32"
LINUX = sys.platform.startswith("linux")
OLDEST, NEWEST = (3, 11), (3, 13)
TERMINAL_SECONDS = 110  # the exercise without a screen; two minutes are promised with its start
MOST_PROCESSES = 4  # that run tests at once; with more, windows and servers wait for one another
# In the order of tests/spread.py. A test that hangs or crashes ends the run, as it does in one process;
# xdist would start it again, up to four times for each process.
SHOWS = re.compile("-[lqvx]*s[lqsvx]*")  # pytest's -s, alone or among other letters
SPREAD = ("--no-loadscope-reorder", "--max-worker-restart=0")
APT_SECONDS = 300  # how long to wait while somebody else's apt-get holds its lock

QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libwayland-egl.so.1": "libwayland-egl1",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
}
FONTS = {"emoji": "fonts-noto-color-emoji", "dejavusans": "fonts-dejavu-core"}


def say(text: str) -> None:
    """Tell the person something, on stderr."""
    print(text, file=sys.stderr, flush=True)


def fail(text: str, code: int = 1) -> NoReturn:
    """End with one plain line on stderr and exit code `code`."""
    say(text)
    sys.exit(code)


# --- Python ---------------------------------------------------------------------------------


def ensure_python() -> None:
    """Go on with a Python that Cordon supports, or say which one to install."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # A shim (pyenv, the Windows store) may be there without the Python it stands for.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            command = [found, str(ROOT / "run.py"), *sys.argv[1:]]
            if WINDOWS:
                sys.exit(subprocess.call(command))
            os.execv(found, command)
    here = platform.python_version()
    fail(f"Cordon needs Python 3.11, 3.12 or 3.13; this is {here}. Install one and start again.")


def venv_python() -> Path:
    """Return the interpreter inside `.venv`, whether or not it exists yet."""
    return VENV / ("Scripts/python.exe" if WINDOWS else "bin/python")


# --- Showing progress -----------------------------------------------------------------------


class Progress:
    """One line that shows that work goes on: redrawn on a terminal, repeated elsewhere.

    `note` is what is being done just now; it may be set from any thread.
    """

    def __init__(self, title: str) -> None:
        self.title = title
        self.note = ""
        self._began = time.monotonic()
        self._ended = threading.Event()
        self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
        self._live = sys.stderr.isatty()

    def __enter__(self) -> Progress:  # noqa: PYI034 - Self is newer than the oldest Python greeted
        """Announce the work and begin to redraw."""
        if not self._live:
            say(f"{self.title} ...")
        self._ticker.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop redrawing and say how long it took."""
        self._ended.set()
        self._ticker.join()
        took = f"{self.title}: {time.monotonic() - self._began:.0f} s"
        say(f"\r\x1b[K{took}" if self._live else took)

    def _tick(self) -> None:
        while not self._ended.wait(0.2 if self._live else 5):
            text = f"{self.title} ... {time.monotonic() - self._began:.0f} s  {self.note}"
            if self._live:
                width = shutil.get_terminal_size().columns - 1
                print(f"\r\x1b[K{text[:width]}", end="", file=sys.stderr, flush=True)
            else:
                say(f"  {text}")


def work(title: str, command: Sequence[str], note: Callable[[str], str | None]) -> tuple[int, str]:
    """Run a command out of sight, under a line of progress.

    `note` turns a line of its output into what to show, or None. Returns the exit code and the last
    lines of output, for the case that it failed.
    """
    tail: list[str] = []
    quiet = {"DEBIAN_FRONTEND": "noninteractive", "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"}
    with Progress(title) as progress:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            env={**os.environ, **quiet},
            close_fds=False,  # the lock of `alone` passes on: it holds while the child lives
        )
        with child:
            for line in child.stdout or ():
                tail = [*tail[-29:], line.rstrip()]
                progress.note = note(line) or progress.note
    return child.returncode, "\n".join(tail)


# --- What the system lacks ------------------------------------------------------------------


def loads(library: str) -> bool:
    """Say whether the dynamic loader finds this library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def lacking_for_venv() -> list[str]:
    """Name the packages without which `python -m venv` cannot work (Debian splits them off)."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - whether it can be imported is the question
        import venv  # noqa: F401, PLC0415
    except ImportError:
        return [f"python3.{sys.version_info[1]}-venv"]
    return []


def lacking_for_window() -> list[str]:
    """Name the packages of Qt's libraries and of the fonts that are missing here."""
    if not LINUX:
        return []
    lacking = [package for library, package in QT_LIBRARIES.items() if not loads(library)]
    places = ["/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".local/share/fonts")]
    names = [
        name.lower().replace("-", "") for place in places for _, _, files in os.walk(place) for name in files
    ]
    return lacking + [package for part, package in FONTS.items() if not any(part in name for name in names)]


def lacking_for_tests() -> list[str]:
    """Name the packages of the programs that tests start, where they are missing."""
    if not LINUX:
        return []
    lacking = [] if shutil.which("Xvfb") else ["xvfb"]
    if not shutil.which("initdb") and not any(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        lacking.append("postgresql")
    # better-sqlite3, inside Bluesky's own server, is compiled when npm installs it.
    lacking += [] if shutil.which("c++") else ["g++"]
    lacking += [] if shutil.which("make") else ["make"]
    return lacking


def lacking_for_build() -> list[str]:
    """Name the packages that PyInstaller calls or copies, where they are missing."""
    if not LINUX:
        return []
    library = f"libpython3.{sys.version_info[1]}"
    beside = Path(sys.base_prefix) / "lib"
    has_library = loads(f"{library}.so.1.0") or any(beside.glob(f"{library}.so*"))
    return [
        *([] if shutil.which("objdump") else ["binutils"]),
        *([] if has_library else [library]),
    ]


def install_system(packages: Sequence[str], *, needed: bool) -> None:
    """Install Debian packages if this person may, else say the one command to type.

    `needed` says whether going on without them is pointless.
    """
    if not packages:
        return
    wanted = " ".join(packages)
    if not shutil.which("apt-get"):
        lines = f"This system lacks what Debian calls: {wanted}. Install its own packages of these."
    elif os.geteuid() != 0:
        lines = f"This system lacks some packages. Type:\n  sudo apt-get install -y {wanted}"
    else:
        apt = ["apt-get", "-y", "-q", "-o", f"DPkg::Lock::Timeout={APT_SECONDS}"]
        work("Asking for the list of system packages", [*apt, "update"], lambda line: line.strip())
        install = [*apt, "install", "--no-install-recommends", *packages]
        code, tail = work(
            f"Installing {len(packages)} system packages",
            install,
            lambda line: line.strip() if line.startswith(("Get:", "Setting up")) else None,
        )
        if code == 0:
            return
        lines = f"{tail}\napt-get could not install: {wanted}. The lines above say why."
    if needed:
        fail(lines)
    say(lines)


# --- The environment ------------------------------------------------------------------------


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the operating system's lock on the environment, so that two starts do not mix theirs."""
    try:
        file: IO[bytes] = (ROOT / ".venv.lock").open("a+b")
    except OSError as error:
        fail(f"Cordon cannot write to its own folder {ROOT}: {error.strerror}.")
    with file:
        os.set_inheritable(file.fileno(), True)
        try:
            _lock(file, wait=False)
        except OSError:
            say("Another start is preparing .venv; waiting for it.")
            _lock(file, wait=True)
        yield  # the lock ends with the file


def _lock(file: IO[bytes], *, wait: bool) -> None:
    if sys.platform == "win32":
        import msvcrt  # noqa: PLC0415 - exists on Windows only

        # LK_LOCK gives up after ten tries of a second each, so ask until it is had.
        while True:
            file.seek(0)
            try:
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            except OSError:
                if not wait:
                    raise
            else:
                return
    else:
        import fcntl  # noqa: PLC0415 - exists elsewhere only

        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def lock_file(name: str) -> Path:
    """Return where the lock file of a set of packages (run, test, build) lives."""
    return ROOT / "locks" / f"{name}.lock"


def digest(name: str) -> str:
    """Return what must match for the set `name` to count as installed."""
    return hashlib.sha256(lock_file(name).read_bytes()).hexdigest()


def ready() -> dict[str, str]:
    """Read what is installed: set to digest, and `python` to the interpreter; empty if unknown."""
    try:
        found = json.loads(READY.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(found, dict) or found.get("python") != this_python() or MAKING.exists():
        return {}
    return {str(key): str(value) for key, value in found.items()}


def this_python() -> str:
    """Return what `.venv` depends on in the Python that made it."""
    return f"{sys.version_info[0]}.{sys.version_info[1]} {sys.base_prefix}"


def ensure(name: str) -> None:
    """Make `.venv` hold exactly the locked packages of the set `name`; quick when it does."""
    ensure_python()
    if ready().get(name) == digest(name):
        return
    with alone():
        have = ready()
        if have.get(name) == digest(name):
            return
        # Every set is compiled under the pins of `run`, so it comes first and the others add to it.
        for each in dict.fromkeys(["run", name]):
            if have.get(each) == digest(each):
                continue
            _ask_system(each)
            if not have:
                _make_venv()
            MAKING.touch()
            _install(each)
            have = {**have, "python": this_python(), each: digest(each)}
            READY.write_text(json.dumps(have, indent=1), "utf-8")
            MAKING.unlink()


def _ask_system(name: str) -> None:
    if name == "run":
        venv = lacking_for_venv()
        install_system(venv + lacking_for_window(), needed=bool(venv) or has_screen())
    if name == "test":
        install_system(lacking_for_tests(), needed=False)
    if name in {"test", "build"}:
        install_system(lacking_for_build(), needed=False)


def _make_venv() -> None:
    """Make `.venv`, or take over one that somebody made whole with this very Python."""
    if _is_whole():
        return
    if VENV.exists():
        say("The folder .venv is half made or made by another Python; making it anew.")
        if Path(sys.prefix).resolve() == VENV.resolve():
            fail("Start run.py with the system's own Python: this one lives in that folder.")
        shutil.rmtree(VENV)
    VENV.mkdir()
    MAKING.touch()
    command = [sys.executable, "-m", "venv", str(VENV)]
    code, tail = work("Making the environment .venv", command, lambda _: None)
    if code:
        fail(f"{tail}\nPython could not make .venv. The lines above say why.")


def _is_whole() -> bool:
    """Say whether there is a working `.venv` of this Python that run.py did not leave half made."""
    if MAKING.exists() or READY.exists() or not venv_python().exists():
        return False
    major, minor = sys.version_info[:2]
    ask = f"import pip, sys; sys.exit(sys.version_info[:2] != ({major}, {minor}))"
    return subprocess.call([str(venv_python()), "-c", ask], stderr=subprocess.DEVNULL) == 0


def _install(name: str) -> None:
    lines = lock_file(name).read_text("utf-8").splitlines()
    total = sum(line[:1].isalpha() for line in lines)  # a pin begins its line, a hash does not
    seen, unpacking = 0, False

    def note(line: str) -> str | None:
        nonlocal seen, unpacking
        words = line.split()
        if words[:1] == ["Collecting"]:
            seen += 1
            return f"[{seen}/{total}] {words[1]}"
        unpacking = unpacking or words[:1] == ["Installing"]
        return "unpacking" if unpacking else None

    pip = [str(venv_python()), "-m", "pip", "install", "--require-hashes", "--no-deps"]
    pip += ["--only-binary=:all:", "--no-input", "--progress-bar=off"]
    pip += ["--disable-pip-version-check", "-r", str(lock_file(name))]
    title = {"run": "Installing Cordon's packages", "test": "Installing what tests need"}
    code, tail = work(title.get(name, f"Installing what {name} needs"), pip, note)
    if code:
        if not unpacking:  # nothing was touched, so what was there before still stands
            MAKING.unlink()
        fail(f"{tail}\nThe packages could not be installed. The lines above say why; start again.")


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a program that runs from this folder, whatever the current one."""
    paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **more}


def module(name: str, *args: str) -> list[str]:
    """Return the command that runs a module in `.venv`; `-P` keeps the current folder out of it."""
    return [str(venv_python()), "-P", "-m", name, *args]


# --- The commands ---------------------------------------------------------------------------


def has_screen() -> bool:
    """Say whether a window can be shown at all."""
    if not LINUX:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def run_cordon(args: Sequence[str]) -> int:
    """Become `cordon ARGS...`; without arguments and without a screen, play an exercise."""
    ensure("run")
    if not args and not has_screen():
        say("There is no screen here, so an exercise is played in this terminal.")
        args = ["exercise", "--headless", "--seconds", str(TERMINAL_SECONDS), "--live"]
    command = module("console", *args)
    if not WINDOWS:  # there, exec returns to the shell and leaves two programs at one keyboard
        os.execve(command[0], command, environment())
    return subprocess.call(command, env=environment())


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Start a virtual screen and yield the variables that lead Qt to it; end it afterwards.

    Where there is no Xvfb (Windows, macOS), tests run on the screen that is there.
    """
    xvfb = shutil.which("Xvfb") if LINUX else None
    if xvfb is None:
        yield {}
        return
    reading, writing = os.pipe()
    options = ["-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(
        [xvfb, "-displayfd", str(writing), *options],
        pass_fds=[writing],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                number = pipe.readline().strip()  # empty at once if the server ends
            if not number:
                fail("The virtual screen (Xvfb) did not start.")
            yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}
        finally:
            server.terminate()


def processes(args: Sequence[str]) -> int:
    """Return how many processes are to run the tests that these arguments of pytest name.

    One when only a file is named, since a second would start for nothing, and where somebody wants
    to look on: a debugger, or what a test prints, belongs to one process at this terminal.
    """
    alone = {"--pdb", "--trace", "--capture=no", "--setup-show", "no:xdist", "-pno:xdist"}
    given = ("-n", "--numprocesses", "--dist")  # somebody has decided
    is_alone = any(arg in alone or arg.startswith(given) or SHOWS.fullmatch(arg) for arg in args)
    names_file = any(arg.partition("::")[0].endswith(".py") for arg in args if not arg.startswith("-"))
    return 1 if is_alone or names_file else min(cores(), MOST_PROCESSES)


def cores() -> int:
    """Return how many processor cores this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def test(args: Sequence[str]) -> int:
    """Run the tests with all they need; `--long` asks for the long forms of the heavy ones."""
    ensure("test")
    long_form = {"CORDON_LONG": "1"} if "--long" in args else {}
    rest = [arg for arg in args if arg != "--long"]
    count = processes(rest)
    with contextlib.ExitStack() as open_screens:
        screens = [open_screens.enter_context(screen()) for _ in range(count)]
        # Each process takes one of them (tests/conftest.py); on one screen they would disturb each other.
        names = " ".join(each["DISPLAY"] for each in screens if "DISPLAY" in each)
        display = {**screens[0], "CORDON_SCREENS": names}
        # Node would trust its own list of authorities only, and fail behind a force's proxy.
        variables = environment(NODE_USE_SYSTEM_CA="1", **display, **long_form)
        spread = ["-n", str(count), *SPREAD] if count > 1 else []
        return subprocess.call(module("pytest", *spread, *rest), env=variables, cwd=ROOT)


def check(_: Sequence[str]) -> int:
    """Run format, lint, types and walls; all of them, so that one start shows every fault."""
    ensure("test")
    walls = "from importlinter.cli import lint_imports_command as walls; walls()"
    steps = {
        "format": module("ruff", "format", "--check", "."),
        "lint": module("ruff", "check", "."),
        "types": module("mypy"),
        "walls": [str(venv_python()), "-P", "-c", walls],
    }
    failed = []
    for name, command in steps.items():
        say(f"check: {name}")
        if subprocess.call(command, env=environment(), cwd=ROOT):
            failed.append(name)
    say(f"check failed: {', '.join(failed)}" if failed else "check passed")
    return 1 if failed else 0


def bench(args: Sequence[str]) -> int:
    """Measure the budgets, in a virtual screen of their own."""
    ensure("test")
    with screen() as display:
        return subprocess.call(module("tests.bench", *args), env=environment(**display))


def build(_: Sequence[str]) -> int:
    """Make the program in dist/ and start it once, playing an exercise for five seconds."""
    ensure("build")
    pyinstaller = ["--noconfirm", "--clean", "--log-level", "WARN", "build.spec"]
    if subprocess.call(module("PyInstaller", *pyinstaller), env=environment(), cwd=ROOT):
        fail("PyInstaller could not make the program. The lines above say why.")
    program = ROOT / "dist" / "cordon" / ("cordon-cli.exe" if WINDOWS else "cordon")
    play = [str(program), "exercise", "--headless", "--seconds", "5", "--rate", "200", "--json"]
    # Away from this folder and its environment: the program must carry everything itself.
    bare = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(play, cwd=ROOT / "dist", env=bare, stdout=subprocess.PIPE, timeout=120, check=False)
    try:
        stored = int(json.loads(done.stdout)["stored"]) if done.returncode == 0 else 0
    except (ValueError, KeyError, TypeError):
        stored = 0
    if not stored:
        fail(f"The built program did not play the exercise (exit code {done.returncode}).")
    say(f"Built {program}; it stored {stored} items of the exercise.")
    return 0


def write_locks(args: Sequence[str]) -> int:
    """Write the lock files anew from pyproject.toml; `--upgrade` takes the newest versions."""
    ensure("test")
    (ROOT / "locks").mkdir(exist_ok=True)
    common = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    common += ["--generate-hashes", "--no-emit-index-url", "--no-annotate", "--system-certs"]
    common += ["--custom-compile-command", "python3 run.py lock", *args]
    for name, extra in {
        "run": ["pyproject.toml"],
        "build": ["pyproject.toml", "--group", "build", "--constraint", "locks/run.lock"],
        "test": ["pyproject.toml", "--group", "test", "--constraint", "locks/build.lock"],
    }.items():
        command = module("uv", *common, *extra, "-o", f"locks/{name}.lock")
        if subprocess.call(command, cwd=ROOT):
            fail(f"The lock file {name} could not be written. The lines above say why.")
    return 0


COMMANDS = {"test": test, "check": check, "bench": bench, "build": build, "lock": write_locks}


def main() -> int:
    """Do what the arguments ask and return the exit code."""
    ensure_python()
    if hasattr(signal, "SIGTERM"):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` ends Xvfb
    command, args = (sys.argv[1] if len(sys.argv) > 1 else ""), sys.argv[2:]
    try:
        return COMMANDS[command](args) if command in COMMANDS else run_cordon(sys.argv[1:])
    except KeyboardInterrupt:
        say("\nStopped.")
        return 130


if __name__ == "__main__":
    sys.exit(main())
