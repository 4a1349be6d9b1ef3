"""Free TCP ports on loopback, for servers that must know their port before they start."""

from __future__ import annotations

import socket
from contextlib import ExitStack


def free_ports(count: int) -> list[int]:
    """Return ``count`` different ports of 127.0.0.1 that nobody listens on.

    Another program could take one before the server does; all are held until the last is found,
    so that at least they differ from one another.
    """
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            door = held.enter_context(socket.socket())
            door.bind(("127.0.0.1", 0))
            ports.append(int(door.getsockname()[1]))
        return ports
