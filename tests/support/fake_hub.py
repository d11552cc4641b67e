"""A Hugging Face Hub of one machine's own, over real HTTP; and a server that takes connections and never answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Repository:
    """What the Hub answers for one: `allowed` are the tokens that get its files, None for everybody."""

    size_bytes: int = 0
    allowed: frozenset[str] | None = None
    known_tokens: frozenset[str] = field(default_factory=frozenset)


class _Hub(ThreadingHTTPServer):
    repositories: Mapping[str, Repository]
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    server: _Hub

    def do_HEAD(self) -> None:
        name = "/".join(self.path.split("/")[1:3])
        found = self.server.repositories.get(name)
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        self.server.asked.append(self.path)
        if self.path == "/":
            self._answer(200)
        elif found is None:
            self._answer(404, "RepoNotFound")
        elif found.allowed is not None and token not in found.allowed:
            self._answer(403 if token in found.known_tokens else 401, "GatedRepo")
        else:
            self._answer(302)

    def do_GET(self) -> None:
        name = "/".join(self.path.split("/")[3:5])
        files = [{"rfilename": "a", "size": self.server.repositories[name].size_bytes}, {"rfilename": "b"}]
        self._answer(200, body=json.dumps({"siblings": files}).encode())

    def _answer(self, status: int, code: str = "", body: bytes = b"") -> None:
        self.send_response(status)
        if code:
            self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def fake_hub(repositories: Mapping[str, Repository]) -> Iterator[tuple[str, list[str]]]:
    """Yield the address of a Hub with these repositories, and the paths of the files that were asked for."""
    server = _Hub(("127.0.0.1", 0), _Handler)
    server.repositories, server.asked = repositories, []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", server.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def hanging_server() -> Iterator[str]:
    """Yield the address of a server to which everybody connects and from which nobody hears."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
