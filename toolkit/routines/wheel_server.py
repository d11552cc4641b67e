"""Offers the files of one directory on the loopback address, for the time of a build."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# How long the server may take to notice that it is no longer needed.
_SHUTDOWN_S = 0.05


class _Silent(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing: pip's own output names what it takes."""


@contextmanager
def offered(directory: Path) -> Iterator[str]:
    """Yield the address, with a slash at its end, under which `directory` can be read on this machine."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Silent, directory=str(directory))) as server:
        Thread(target=server.serve_forever, args=(_SHUTDOWN_S,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
