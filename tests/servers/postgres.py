"""A throwaway PostgreSQL on loopback, from the system's own package.

The easy mistake is to start it as root, which PostgreSQL refuses: as root it runs as the user
``postgres`` that its package made. It is started in the foreground under ``guard.py``, never with
``pg_ctl``, which would detach it from the tests that must end it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.missing import MissingError
from tests.servers.ports import free_ports

GUARD = Path(__file__).with_name("guard.py")
START_SECONDS = 30.0


def find_postgres() -> Path:
    """Return the folder with ``initdb`` and ``postgres``, the newest if there are several.

    Raises ``MissingError`` without one. Debian keeps them off the path, by version.
    """
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if found:
        return max(found, key=lambda path: int(re.sub(r"\D", "", path.parent.name) or 0))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise MissingError("PostgreSQL is not installed (Debian and Ubuntu: apt-get install postgresql)")


def _other_user() -> str | None:
    """Return whom to run PostgreSQL as, or ``None`` for whoever runs the tests."""
    return "postgres" if os.name == "posix" and os.geteuid() == 0 else None


@contextmanager
def postgres(*, seconds: float = 3600) -> Iterator[str]:
    """Run PostgreSQL for at most ``seconds``; yields the address of an empty database.

    Raises ``MissingError`` when it is not installed, ``RuntimeError`` when it does not start.
    """
    programs = find_postgres()
    folder = Path(tempfile.mkdtemp(prefix="cordon-postgres-"))
    user = _other_user()
    if user:
        shutil.chown(folder, user, user)
    data = folder / "data"
    plain = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    try:
        subprocess.run(
            [
                *(str(programs / "initdb"), "-D", str(data), "-U", "cordon", "-E", "UTF8"),
                *("--locale=C", "--auth=trust", "--no-sync"),
            ],
            check=True, capture_output=True, cwd=folder, env=plain,
            user=user, group=user, extra_groups=[] if user else None,
        )  # fmt: skip
        [port] = free_ports(1)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(folder),
            # Nothing here is worth surviving a power cut.
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
        }
        command = [str(programs / "postgres"), "-D", str(data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        server = subprocess.Popen(
            [sys.executable, str(GUARD), str(seconds), str(folder), user or "-", *command],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            cwd=folder, env=plain, text=True,
        )  # fmt: skip
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    try:
        listener = _wait_until_ready(server)
        yield f"postgresql://cordon@127.0.0.1:{port}/postgres"
    finally:
        assert server.stdin is not None
        assert server.stderr is not None
        server.stdin.close()  # the guard ends PostgreSQL
        server.wait(timeout=30)
        listener.join(timeout=5)
        server.stderr.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: subprocess.Popen[str]) -> threading.Thread:
    """Return once the server's log says that it takes connections; the thread reads on."""
    said: list[str] = []
    ready = threading.Event()

    def listen() -> None:
        assert server.stderr is not None
        for line in server.stderr:  # read to the end, or a full pipe would stop the server
            said.append(line)
            if "ready to accept connections" in line:
                ready.set()
        ready.set()

    listener = threading.Thread(target=listen, name="postgres log", daemon=True)
    listener.start()
    if not ready.wait(START_SECONDS) or server.poll() is not None:
        raise RuntimeError("PostgreSQL did not start:\n" + "".join(said[-20:]))
    return listener
