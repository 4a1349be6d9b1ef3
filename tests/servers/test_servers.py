"""The servers of the tests themselves: that they run, that a link can be cut, that they end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import httpx
import psutil
import pytest

from tests.servers.bluesky.people import BlueskyNetwork
from tests.servers.missing import MissingError, give_up
from tests.servers.postgres import find_postgres
from tests.servers.proxy import Proxy
from tests.servers.waiting import until

ROOT = Path(__file__).parents[2]


@pytest.mark.server
@pytest.mark.timeout(900)  # the first run installs and compiles
def test_a_bystander_sees_what_is_said_and_not_what_the_owner_hides(
    bluesky_network: BlueskyNetwork,
) -> None:
    force = bluesky_network.create_account("force")
    outsider = bluesky_network.create_account("outsider")
    post = force.post("The ford road is closed.")
    kind = outsider.reply(post, "Thank you.")
    unkind = outsider.reply(post, "Liars.")
    gate = {
        "$type": "app.bsky.feed.threadgate",
        "post": post.uri,
        "createdAt": "2026-03-01T20:00:00.000Z",
        "hiddenReplies": [unkind.uri],
    }
    body = {"repo": force.did, "collection": gate["$type"], "rkey": post.rkey, "record": gate}
    bluesky_network.call("com.atproto.repo.putRecord", body, token=force.token)
    until("the reply to be hidden", lambda: bluesky_network.hidden_replies(post) == [unkind.uri])
    assert bluesky_network.shown_replies(post) == [kind.uri]


@pytest.mark.server
@pytest.mark.timeout(900)
def test_a_cut_link_fails_and_a_mended_one_answers(
    bluesky_network: BlueskyNetwork, bluesky_link: Proxy
) -> None:
    assert bluesky_network.addresses.pds_port
    health = f"{bluesky_link.url}/xrpc/_health"
    with httpx.Client(trust_env=False) as client:
        assert client.get(health).status_code == 200
        bluesky_link.cut()
        with pytest.raises(httpx.TransportError):
            client.get(health)
        bluesky_link.mend()
        assert client.get(health).status_code == 200


def test_a_server_that_cannot_be_had_is_skipped_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CORDON_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="PostgreSQL is not installed"):
        give_up(MissingError("PostgreSQL is not installed"))


def test_a_server_that_is_required_and_cannot_be_had_fails_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDON_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="PostgreSQL is not installed"):
        give_up(MissingError("PostgreSQL is not installed"))


def test_an_outage_of_a_set_length_ends_by_itself() -> None:
    with Proxy("127.0.0.1", 9) as link:
        mended = link.cut_for(0.05)
        assert not mended.is_set()
        assert mended.wait(5)


def test_a_connection_in_use_breaks_when_the_link_is_cut() -> None:
    with ExitStack() as open_ones:
        server = open_ones.enter_context(socket.create_server(("127.0.0.1", 0)))
        link = open_ones.enter_context(Proxy("127.0.0.1", server.getsockname()[1]))
        port = int(link.url.rsplit(":", 1)[1])
        near = open_ones.enter_context(socket.create_connection(("127.0.0.1", port)))
        far, _ = server.accept()
        open_ones.enter_context(far)
        near.sendall(b"asked")
        assert far.recv(5) == b"asked"
        threading.Timer(0.02, link.cut).start()
        near.settimeout(5)
        assert near.recv(1) == b""


def test_postgres_ends_when_the_tests_are_killed() -> None:
    try:
        find_postgres()
    except MissingError as reason:
        pytest.skip(str(reason))
    program = (
        "import sys, time\n"
        "from tests.servers.postgres import postgres\n"
        "with postgres(seconds=60) as address:\n"
        "    print(address, flush=True)\n"
        "    sys.stdin.read()\n"
    )
    run = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert run.stdout is not None
    assert run.stdin is not None
    assert run.stdout.readline().startswith("postgresql://")
    children = psutil.Process(run.pid).children(recursive=True)
    assert children
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    run.stdin.close()
    run.stdout.close()
    until("its processes to end", lambda: not any(child.is_running() for child in children))
