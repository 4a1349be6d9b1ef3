"""The fixtures that guard every test do guard: small suites that misbehave are run and must fail.

They run in a process of their own, with the project's settings, because what is tested is that the
run goes red.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.sources import ROOT

MISBEHAVIOUR = """
import contextlib, logging, pytest, socket, warnings
def test_that_reaches_out_and_swallows_the_refusal():
    with contextlib.suppress(OSError):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
def test_that_asks_for_an_outside_name():
    with contextlib.suppress(OSError):
        socket.getaddrinfo("example.org", 443)
def test_that_warns():
    warnings.warn("quietly wrong", UserWarning)
def test_that_logs():
    logging.getLogger("console.store").warning("something odd")
def test_that_forgets_to_await():
    async def forgotten():
        pass
    forgotten()
@pytest.mark.server
def test_whose_real_server_cannot_be_had():
    pytest.skip("no such server")
"""
PROPER = """
import keyring, keyring.errors, logging, os, pathlib, pytest, socket
def test_the_log_may_be_looked_at(caplog):
    logging.getLogger("console.store").warning("expected")
    assert "expected" in caplog.text
def test_this_machine_may_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
def test_an_invented_host_is_not_there():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("force.test", 443)
def test_home_is_empty_and_holds_no_keyring():
    assert list(pathlib.Path.home().iterdir()) == []
    assert "CORDON_PROFILE" not in os.environ
    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("cordon", "anyone")
"""


def run_suite(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run one small file of tests under the project's settings and fixtures."""
    file = folder / "test_small.py"
    file.write_text(text, "utf-8")
    options = ["-p", "tests.conftest", "-p", "no:cacheprovider", "-q", f"--rootdir={ROOT}"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", str(ROOT / "pyproject.toml"), *options, str(file)],
        cwd=ROOT,
        env={**os.environ, "CORDON_REQUIRE_SERVERS": "1", "CORDON_PROFILE": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_misbehaviour_makes_its_test_red(tmp_path: Path) -> None:
    done = run_suite(tmp_path, MISBEHAVIOUR)
    red = set(re.findall(r"^(?:FAILED|ERROR) \S*::(\w+)", done.stdout, flags=re.MULTILINE))
    assert red == set(re.findall(r"def (test_\w+)", MISBEHAVIOUR)), done.stdout


def test_a_suite_that_behaves_stays_green(tmp_path: Path) -> None:
    done = run_suite(tmp_path, PROPER)
    assert done.returncode == 0, done.stdout + done.stderr
