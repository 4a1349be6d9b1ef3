"""Fixtures that give a test real servers; loaded for all tests by ``tests/conftest.py``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.servers.bluesky.people import BlueskyNetwork
from tests.servers.bluesky.servers import bluesky_servers
from tests.servers.missing import MissingError, give_up
from tests.servers.proxy import Proxy


@pytest.fixture(scope="session")
def bluesky_network() -> Iterator[BlueskyNetwork]:
    """Bluesky's own servers, started once for the run; accounts are made by each test.

    Skips, or fails with ``CORDON_REQUIRE_SERVERS=1``, where they cannot be had.
    """
    with ExitStack() as servers:
        try:
            addresses = servers.enter_context(bluesky_servers())
        except MissingError as reason:
            give_up(reason)
        network = BlueskyNetwork(addresses)
        servers.callback(network.close)
        yield network


@pytest.fixture
def bluesky_link(bluesky_network: BlueskyNetwork) -> Iterator[Proxy]:
    """A link to the PDS that the test can cut and mend; people outside do not use it."""
    with Proxy("127.0.0.1", bluesky_network.addresses.pds_port) as link:
        yield link
