"""What holds for every test: its own home, no keyring, no internet, no stray word or thread.

Nothing here needs to be asked for. What a newcomer would get wrong: a warning or error in the log
fails the test, like a Python warning does. A test that means to provoke one takes pytest's `caplog`
and looks at what was said.

Variables: `CORDON_LONG=1` (set by `run.py test --long`) asks for the long forms;
`CORDON_REQUIRE_SERVERS=1` (set in CI) makes a skipped test against a real server, or one that needs
a screen, fail; `CORDON_SCREENS` (set by `run.py test`) names a screen for each process.
"""

import ipaddress
import itertools
import logging
import os
import socket
import sys
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import certifi
import keyring
import keyring.backends.fail
import pytest
from hypothesis import HealthCheck, settings

# Chosen before anything imports Qt. `run.py test` names a real window system instead.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_API"] = "pyside6"

# Of several processes each has a screen of its own: on a shared one they would take each other's focus.
_screens = os.environ.get("CORDON_SCREENS", "").split()
_process = os.environ.get("PYTEST_XDIST_WORKER", "")  # gw0, gw1 and so on; empty in the only process
if _screens and _process:
    os.environ["DISPLAY"] = _screens[int(_process.removeprefix("gw")) % len(_screens)]

pytest_plugins = ["tests.servers.fixtures", "tests.spread"]

LONG = os.environ.get("CORDON_LONG") == "1"
SERVERS_REQUIRED = os.environ.get("CORDON_REQUIRE_SERVERS") == "1"
THREAD_GRACE_SECONDS = 5.0

# Short runs draw the same examples each time, so that a red suite means a change; long ones search.
settings.register_profile(
    "short", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("long", settings.get_profile("short"), derandomize=False, max_examples=2000)
settings.load_profile("long" if LONG else "short")


# --- No internet ----------------------------------------------------------------------------

_strayed: list[str] = []


def _is_near(host: object) -> bool:
    """Whether an address or a name means this machine, without asking anybody."""
    if host in {None, "", b"", "localhost", b"localhost"}:
        return True
    text = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if text.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guard(event: str, args: tuple[object, ...]) -> None:
    if event in {"socket.connect", "socket.sendto"}:
        address = args[1]
        if not isinstance(address, tuple) or _is_near(address[0]):
            return  # a Unix socket, or this machine
        host = str(address[0])
    elif event == "socket.getaddrinfo":
        if _is_near(args[0]):
            return
        host = str(args[0])
        if host.endswith((".test", ".invalid")):  # reserved: they stand for a host that is not there
            raise socket.gaierror(socket.EAI_NONAME, f"no such host in a test: {host}")
    else:
        return
    _strayed.append(host)
    raise PermissionError(f"a test tried to reach {host}; tests stay on this machine")


sys.addaudithook(_guard)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fails the test that tried to leave, even if the code under test swallowed the refusal."""
    _strayed.clear()
    yield
    if _strayed:
        pytest.fail(f"tried to reach {', '.join(_strayed)}", pytrace=False)


@pytest.fixture(autouse=True, scope="session")
def _trusts_hardly_anybody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One authority in place of all: nothing here speaks TLS, and every client would read them all anew."""
    all_of_them = Path(certifi.where()).read_text("utf-8")
    first, end, _ = all_of_them.partition("-----END CERTIFICATE-----")
    one = tmp_path_factory.mktemp("authorities") / "one.pem"
    one.write_text(f"{first}{end}\n", "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(one))
        yield


# --- A home of its own ----------------------------------------------------------------------

_numbers = itertools.count()


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, no settings from outside, and no keyring until a test sets one."""
    base = tmp_path_factory.getbasetemp()
    home = base / "homes" / str(next(_numbers))
    home.mkdir(parents=True)
    cache = base / "cache"  # shared: the fonts' index is slow to make and the same for all
    for name, folder in {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "roaming",
        "LOCALAPPDATA": home / "local",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_STATE_HOME": home / "state",
        "XDG_CACHE_HOME": cache,
    }.items():
        monkeypatch.setenv(name, str(folder))
    for name in list(os.environ):
        if name.startswith("CORDON_") and name not in {
            "CORDON_LONG",
            "CORDON_REQUIRE_SERVERS",
            "CORDON_SERVERS_CACHE",
        }:
            monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]  # keyring's own gap
    return home


@pytest.fixture
def long_form() -> bool:
    """Whether this run asked for the long forms of kill, flood, soak and fuzz."""
    return LONG


# --- Quiet ----------------------------------------------------------------------------------


class _Listener(logging.Handler):
    """Keeps every record of a warning or worse."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record, as a person would read it."""
        self.heard.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _quiet_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that logs a warning it did not ask to see by taking `caplog`."""
    listener = _Listener()
    root = logging.getLogger()
    root.addHandler(listener)
    yield
    root.removeHandler(listener)
    if listener.heard and "caplog" not in request.fixturenames:
        pytest.fail("unexpected in the log:\n" + "\n".join(listener.heard), pytrace=False)


@pytest.fixture(autouse=True)
def _no_thread_left() -> Iterator[None]:
    """Fails a test that leaves a thread behind which would keep the program from ending."""
    before = set(threading.enumerate())
    yield
    until = time.monotonic() + THREAD_GRACE_SECONDS
    for thread in set(threading.enumerate()) - before:
        if thread.daemon or thread is threading.current_thread():
            continue
        thread.join(max(0.0, until - time.monotonic()))
        if thread.is_alive():
            pytest.fail(f"left a thread behind: {thread.name}", pytrace=False)


@pytest.fixture(autouse=True)
def _no_window_left() -> Iterator[None]:
    """Fails a test that leaves a window whose timers go on, and stops them: they would fail the next ones."""
    yield
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent, QTimer
    from PySide6.QtWidgets import QApplication

    if QApplication.instance() is None:
        return
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    left = []
    for window in QApplication.topLevelWidgets():
        ticking = [t for t in window.findChildren(QTimer) if t.isActive() and not t.isSingleShot()]
        for timer in ticking:
            timer.stop()
        if ticking:
            left.append(type(window).__name__)
    if left:
        pytest.fail(f"left a window with running timers: {', '.join(left)}", pytrace=False)


# --- What this machine cannot do -----------------------------------------------------------


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a real window system where there is only Qt's offscreen one."""
    if os.environ["QT_QPA_PLATFORM"] not in {"offscreen", "minimal"}:
        return
    why = pytest.mark.skip(reason="needs a real screen; `python3 run.py test` starts one")
    for item in items:
        if item.get_closest_marker("screen"):
            item.add_marker(why)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
    call: pytest.CallInfo[None],
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skip into a failure where servers and a screen are required."""
    report = yield
    needs = item.get_closest_marker("server") or item.get_closest_marker("screen")
    if SERVERS_REQUIRED and report.skipped and needs and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but CORDON_REQUIRE_SERVERS=1: {report.longrepr}"
    return report
