"""A link that can be cut: a small TCP proxy in a thread of its own.

``Proxy.cut`` does what a pulled plug does to a program: open connections break off and new ones
are refused. The easy mistake is to stop the server instead, which also stops everybody else on
the network; past a cut link they go on talking.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from types import TracebackType
from typing import Self

CHUNK = 65536


class Proxy:
    """Passes bytes from a port of its own to ``host``:``port`` until it is cut.

    A context manager: it listens inside the block. ``url`` is where clients go.
    """

    def __init__(self, host: str, port: int) -> None:
        """``host`` and ``port`` say where the bytes go."""
        self._target = (host, port)
        self._lock = threading.Lock()
        self._door = self._listen(0)
        self._port = int(self._door.getsockname()[1])
        self._lines: set[socket.socket] = set()
        self._is_cut = False
        self._is_closed = False
        self._outage: threading.Timer | None = None
        self.mended = threading.Event()
        self.mended.set()
        self._serve()

    @property
    def url(self) -> str:
        """The address for clients, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._outage:
            self._outage.cancel()
            self._outage.join()
        self._is_closed = True
        self.cut()

    def cut(self) -> None:
        """Break off every connection and refuse new ones, until ``mend``."""
        with self._lock:
            if self._is_cut:
                return
            self._is_cut = True
            self.mended.clear()
            lines, self._lines = self._lines, set()
        # Shutting the door down wakes the thread that waits in accept; closing alone would not.
        for line in (self._door, *lines):
            _end(line)

    def mend(self) -> None:
        """Take connections again, at the same address."""
        with self._lock:
            if not self._is_cut or self._is_closed:
                return
            self._door = self._listen(self._port)
            self._is_cut = False
            self._serve()
            self.mended.set()

    def cut_for(self, seconds: float) -> threading.Event:
        """Cut now and mend by itself after ``seconds``; the event is set when it is mended."""
        self.cut()
        self._outage = threading.Timer(seconds, self.mend)
        self._outage.daemon = True
        self._outage.start()
        return self.mended

    @staticmethod
    def _listen(port: int) -> socket.socket:
        door = socket.socket()
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", port))
        door.listen(64)
        return door

    def _serve(self) -> None:
        threading.Thread(target=self._admit, args=(self._door,), name="proxy door", daemon=True).start()

    def _admit(self, door: socket.socket) -> None:
        while True:
            try:
                near, _ = door.accept()
            except OSError:
                return  # cut or closed
            try:
                far = socket.create_connection(self._target)
            except OSError:
                _end(near)
                continue
            for line in (near, far):  # else what goes through waits where the straight way would not
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                is_cut = self._is_cut
                if not is_cut:
                    self._lines |= {near, far}
            if is_cut:
                _end(near)
                _end(far)
                continue
            for source, sink in ((near, far), (far, near)):
                threading.Thread(
                    target=self._pass, args=(source, sink), name="proxy line", daemon=True
                ).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while chunk := source.recv(CHUNK):
                sink.sendall(chunk)
        except OSError:
            pass  # the other side broke off, or the link was cut
        finally:
            with self._lock:
                self._lines -= {source, sink}
            _end(source)
            _end(sink)


def _end(line: socket.socket) -> None:
    """Close a socket so that a thread waiting on it wakes."""
    with contextlib.suppress(OSError):  # it may not be connected any more
        line.shutdown(socket.SHUT_RDWR)
    line.close()
