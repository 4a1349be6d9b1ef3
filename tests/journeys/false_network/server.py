"""The false network itself: gives out numbered items, hides and deletes them, and counts every call.

    python -m tests.journeys.false_network.server TOTAL SECONDS [rough]

Prints its address. It listens on 127.0.0.1, ends after SECONDS or when its input is closed, and then has
nothing left behind. `/counts` tells how often each item was hidden, shown and deleted, and what was deleted
again without a look in between. A rough one cuts the line now and then, before or after it has done what was
asked, and takes its time; `/calm` makes it behave.
"""

import json
import random
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROUGH = "rough"


class Network:
    """What the network knows."""

    def __init__(self, total: int, *, is_rough: bool = False) -> None:
        self.total = total
        self.lock = threading.Lock()
        self.hidden: set[str] = set()
        self.deleted: set[str] = set()
        self.calls: Counter[str] = Counter()
        self.unlooked: set[str] = set()
        self.again: list[str] = []
        self.is_rough = is_rough
        self.chance = random.Random(7)

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a call answers; changes what it asks to change."""
        with self.lock:
            if path == "/items":
                after = int(body["after"])
                upto = min(after + 40, self.total)
                return {"items": list(range(after + 1, upto + 1)), "cursor": upto}
            if path == "/act":
                for one in body["ids"]:
                    self._act(body["verb"], one)
                return {"ok": True}
            if path == "/look":
                self.unlooked.difference_update(body["ids"])
                return {
                    "hidden": [one for one in body["ids"] if one in self.hidden],
                    "deleted": [one for one in body["ids"] if one in self.deleted],
                }
            if path == "/calm":
                self.is_rough = False
                return {"ok": True}
            if path == "/counts":
                return {
                    "calls": self.calls,
                    "hidden": sorted(self.hidden),
                    "deleted": sorted(self.deleted),
                    "again": self.again,
                }
        return {"error": "unknown"}

    def _act(self, verb: str, one: str) -> None:
        self.calls[f"{verb} {one}"] += 1
        if verb == "delete":
            if one in self.unlooked:
                self.again.append(one)
            self.unlooked.add(one)
            self.deleted.add(one)
        elif verb == "hide":
            self.hidden.add(one)
        else:
            self.hidden.discard(one)

    def mood(self, path: str) -> tuple[float, bool, bool]:
        """How long a call takes, and whether the line is cut before or after what it asks is done."""
        if not self.is_rough or path not in {"/act", "/look"}:
            return 0.0, False, False
        with self.lock:
            return self.chance.uniform(0, 0.03), self.chance.random() < 0.05, self.chance.random() < 0.1


def main(total: int, seconds: float, *, is_rough: bool) -> None:
    """Serves until the time is over or the input is closed."""
    network = Network(total, is_rough=is_rough)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else every answer's body waits 40 ms for word that its head arrived

        def do_POST(self) -> None:
            try:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            except ValueError:  # whoever asked was killed in the middle of it
                self.close_connection = True
                return
            takes_s, is_cut_before, is_cut_after = network.mood(self.path)
            time.sleep(takes_s)
            if is_cut_before:
                self.close_connection = True
                return
            answer = json.dumps(network.answer(self.path, body)).encode()
            if is_cut_after:
                self.close_connection = True
                return
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # whoever asked was killed
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Says nothing: the counts say it all."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    timer = threading.Timer(seconds, server.shutdown)
    timer.daemon = True
    timer.start()

    def until_input_ends() -> None:
        sys.stdin.read()
        server.shutdown()

    threading.Thread(target=until_input_ends, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)  # noqa: T201 - its address is its output
    server.serve_forever()
    server.server_close()
    sys.exit(0)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), is_rough=ROUGH in sys.argv[3:])
