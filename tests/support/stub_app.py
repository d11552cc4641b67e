"""An application of the standard library alone: says who it is and what reached it.

GET and POST answer with JSON: `host` (its container), `path`, `headers`, `length` of the body, `number` of the
request. The query steers the answer: `header=Name:value` adds one, `status=N` sets the status. /health is 200.
"""

from __future__ import annotations

import itertools
import json
import os
import signal
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

PORT = 8080
NUMBERS = itertools.count(1)


class Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._answer(0)

    def do_POST(self) -> None:
        self._answer(len(self.rfile.read(int(self.headers.get("Content-Length", 0)))))

    def _answer(self, length: int) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        said = {
            "host": socket.gethostname(),
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "length": length,
            "number": 0 if self.path == "/health" else next(NUMBERS),
        }
        body = json.dumps(said).encode()
        self.send_response(int(asked.get("status", ["200"])[0]))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for header in asked.get("header", []):
            self.send_header(*header.split(":", 1))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read answers, not logs."""


if __name__ == "__main__":
    # As the first process of a container it would be deaf to the order to end, and every stop take ten seconds.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    ThreadingHTTPServer(("", PORT), Talk).serve_forever()
