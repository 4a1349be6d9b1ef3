"""The false network itself: gives out numbered items, hides them, and counts every call.

    python -m tests.journeys.false_network.server TOTAL SECONDS

Prints its address. It listens on 127.0.0.1, ends after SECONDS or when its input is closed, and then has
nothing left behind. `/counts` tells how often each item was hidden and unhidden.
"""

import json
import sys
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Network:
    """What the network knows."""

    def __init__(self, total: int) -> None:
        self.total = total
        self.lock = threading.Lock()
        self.hidden: set[str] = set()
        self.calls: Counter[str] = Counter()

    def answer(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """What a call answers; changes what it asks to change."""
        with self.lock:
            if path == "/items":
                after = int(body["after"])
                upto = min(after + 40, self.total)
                return {"items": list(range(after + 1, upto + 1)), "cursor": upto}
            if path == "/act":
                for one in body["ids"]:
                    self.calls[f"{body['verb']} {one}"] += 1
                (self.hidden.update if body["verb"] == "hide" else self.hidden.difference_update)(body["ids"])
                return {"ok": True}
            if path == "/look":
                return {"hidden": [one for one in body["ids"] if one in self.hidden]}
            if path == "/counts":
                return {"calls": self.calls, "hidden": sorted(self.hidden)}
        return {"error": "unknown"}


def main(total: int, seconds: float) -> None:
    """Serves until the time is over or the input is closed."""
    network = Network(total)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else every answer's body waits 40 ms for word that its head arrived

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = json.dumps(network.answer(self.path, body)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

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
    main(int(sys.argv[1]), float(sys.argv[2]))
