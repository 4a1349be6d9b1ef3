"""Starts Bluesky's own PLC directory, PDS and AppView for the tests.

These are the programs that run the real network, from npm, on loopback. The easy mistake is to
think a PDS alone is enough: it stores posts, but only the AppView knows notifications and threads.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.node import find_node, installed_packages
from tests.servers.ports import free_ports
from tests.servers.postgres import postgres

HERE = Path(__file__).parent
GUARD = HERE.parent / "guard.py"
START_SECONDS = 60.0


@dataclass(frozen=True)
class Addresses:
    """Where the running servers answer, each as ``http://localhost:PORT``.

    ``pds`` is what a person signs in at; ``appview`` builds notifications and threads; ``plc``
    knows identities; ``moderation`` takes reports and lists them at ``/``.
    """

    pds: str
    appview: str
    plc: str
    moderation: str

    @property
    def pds_port(self) -> int:
        """The PDS's port, for a proxy in front of it."""
        return int(self.pds.rsplit(":", 1)[1])


@contextmanager
def bluesky_servers(*, seconds: float = 3600, has_rate_limits: bool = False) -> Iterator[Addresses]:
    """Run the three servers for at most ``seconds``.

    ``has_rate_limits`` turns on the limits of the real service. Raises ``MissingError`` when Node,
    PostgreSQL or a compiler is missing, ``RuntimeError`` when something does not start.
    """
    node = find_node()
    packages = installed_packages(node, HERE)
    with postgres(seconds=seconds) as database:
        folder = Path(tempfile.mkdtemp(prefix="cordon-bluesky-"))
        plc, pds, appview = free_ports(3)
        options = {
            "packages": str(packages),
            "postgres": database,
            "ports": {"plc": plc, "pds": pds, "appview": appview},
            "seconds": seconds,
            "rateLimits": has_rate_limits,
        }
        server = subprocess.Popen(
            [
                *(sys.executable, str(GUARD), str(seconds), str(folder), "-"),
                *(str(node.program), str(HERE / "serve.cjs"), json.dumps(options)),
            ],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            cwd=folder, env={"TMPDIR": str(folder), "LANG": "C.UTF-8"}, text=True,
        )  # fmt: skip
        log: list[str] = []
        listener = threading.Thread(target=_keep_log, args=(server, log), daemon=True)
        listener.start()
        try:
            yield _read_addresses(server, log)
        finally:
            assert server.stdin is not None
            server.stdin.close()  # the guard ends them
            server.wait(timeout=30)
            listener.join(timeout=5)
            for pipe in (server.stdout, server.stderr):
                if pipe is not None:
                    pipe.close()
            shutil.rmtree(folder, ignore_errors=True)


def _keep_log(server: subprocess.Popen[str], log: list[str]) -> None:
    """Keep the last lines the servers said; read on, or a full pipe would stop them."""
    assert server.stderr is not None
    for line in server.stderr:
        log.append(line)
        del log[:-200]


def _read_addresses(server: subprocess.Popen[str], log: list[str]) -> Addresses:
    """Wait for the one line that says where they answer."""
    assert server.stdout is not None
    too_late = threading.Timer(START_SECONDS, server.terminate)
    too_late.start()
    line = server.stdout.readline()
    too_late.cancel()
    if not line:
        raise RuntimeError("Bluesky's servers did not start:\n" + "".join(log))
    return Addresses(**json.loads(line))
