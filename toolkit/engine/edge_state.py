"""What a running edge says of itself: the configuration it has loaded, how it sees its servers; pure."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass

from toolkit.errors import EngineError, Problem

TABLE = "# pxname"
_LOADED = re.compile(r"^description: (\w*)$", re.MULTILINE)
_UNCHECKED = "INI"


@dataclass(frozen=True, slots=True)
class ServerState:
    """A server as one backend sees it; `check` is its last result (L7OK, L4CON, INI), "" without a check.

    `under_way` are its running and waiting requests; one that is `led_around` is given no new ones.
    """

    backend: str
    server: str
    up: bool
    check: str
    under_way: int = 0
    led_around: bool = False


@dataclass(frozen=True, slots=True)
class EdgeState:
    """What the running edge has loaded, and how it sees the model servers."""

    digest: str
    servers: tuple[ServerState, ...]

    @property
    def checked(self) -> bool:
        """Whether every check has had a result since this configuration was loaded."""
        return all(server.check != _UNCHECKED for server in self.servers)


def parse_state(text: str) -> EdgeState:
    """Return the answer to `show info;show stat -1 4 -1`.

    The statistics are CSV under a header line that starts with `# pxname`; `* ` before a check's result says
    that the next one is under way. Backends with a colon in their name are the edge's own ways to the model
    servers and to others: they are left out. Raises EngineError where there is no such table.
    """
    loaded = _LOADED.search(text)
    _, found, table = text.partition(TABLE)
    if loaded is None or not found:
        raise EngineError(Problem("edge", "gave an answer that is none of HAProxy's", text[:200].strip()))
    rows = csv.DictReader((TABLE[2:] + table).strip().splitlines())
    return EdgeState(loaded[1], tuple(_server(row) for row in rows if ":" not in row["pxname"]))


def _server(row: dict[str, str]) -> ServerState:
    check = row["check_status"].removeprefix("* ")
    up, busy = row["status"].startswith("UP"), int(row["scur"] or 0) + int(row["qcur"] or 0)
    return ServerState(row["pxname"], row["svname"], up, check, busy, led_around=row["weight"] == "0")
