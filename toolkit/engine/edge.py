"""Talks to the running edge from inside its container: API keys, states of its servers, lossless reload."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn, TypeVar

from toolkit.engine.argv import execute
from toolkit.engine.edge_state import TABLE, parse_state
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from toolkit.clock import Deadline
    from toolkit.engine.edge_state import EdgeState, ServerState
    from toolkit.engine.runner import Completed, Runner

CONFIG = "/usr/local/etc/haproxy/haproxy.cfg"
KEYS_MAP = "/etc/haproxy/keys/keys.map"
_ADMIN = "exec 3<>/dev/tcp/127.0.0.1/9999 && cat >&3 && cat <&3"
# The states go where the next worker looks for them. The signal comes from inside: sent by the engine it
# marks the container as stopped by hand (20.10 does), and a crash would no longer restart it.
_RELOAD = (
    "set -o pipefail; exec 3<>/dev/tcp/127.0.0.1/9999 && echo 'show servers state' >&3"
    " && grep . <&3 >/run/edge/servers.state && kill -USR2 1"
)
# The second line undoes the first: when the program that asked ends or is gone, and after half a minute at the latest.
_ASIDE = (
    "IFS= read -r out; IFS= read -r back; "
    'say() { exec 3<>/dev/tcp/127.0.0.1/9999 && echo "$1" >&3 && cat <&3; exec 3>&-; }; '
    'trap \'say "$back"\' EXIT; say "$out"; read -r -t 30 _; true'
)
_DIGEST = re.compile(r"[0-9a-f]{64}")
T = TypeVar("T")
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SERVER = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_SHOW = "show info;show stat -1 4 -1"


class EdgeAdmin:
    """The admin interface of one edge container; every call raises EngineError without an answer."""

    def __init__(self, runner: Runner, container: str) -> None:
        self._runner = runner
        self._container = container

    def add_key(self, digest: str, name: str, deadline: Deadline) -> None:
        """Admit the key with this sha256 (hex) from now on; the map file is the caller's."""
        _refuse_unless(_NAME.fullmatch(name), "name of a key", name)
        self._order(f"add map {KEYS_MAP} {_sha256(digest)} {name}", deadline)

    def revoke_key(self, digest: str, deadline: Deadline) -> None:
        """Refuse the key with this sha256 (hex) from now on; one that is not admitted stays so."""
        said = self._ask(f"del map {KEYS_MAP} {_sha256(digest)}", deadline)
        if said.strip() not in {"", "Key not found."}:
            self._refuse("did not take the order", said)

    def state(self, deadline: Deadline) -> EdgeState:
        """Return what is loaded and how every server is seen."""
        return parse_state(self._ask(_SHOW, deadline))

    def server_states(self, deadline: Deadline) -> tuple[ServerState, ...]:
        """Return how every server is seen, by backend."""
        return self.state(deadline).servers

    def aside(self, servers: Sequence[str], meanwhile: Callable[[], T], deadline: Deadline) -> T:
        """Return what `meanwhile` does while `servers` (`backend/server`) get no request, as if they were gone.

        They are brought back whatever happens: a shell beside the edge does it, also when we are killed. Raises
        EngineError where the edge does not take the order.
        """
        for server in servers:
            _refuse_unless(_SERVER.fullmatch(server), "name of a server", server)
        found: list[T] = []

        def coming() -> Iterator[bytes]:
            for state in ("maint", "ready"):
                yield (";".join(f"set server {server} state {state}" for server in servers) + "\n").encode()
            found.append(meanwhile())

        call = execute(self._container, ("bash", "-c", _ASIDE))
        done = self._runner.run(call, stdin=coming(), deadline=deadline)
        if done.returncode != 0 or done.stdout.strip():
            self._refuse("did not take a server aside", done.stdout or done.stderr)
        return found[0]

    def lead_around(self, pool: str, server: str, deadline: Deadline) -> None:
        """Give this server of a pool no new requests; those under way and its checks go on."""
        self._order(f"set server {_path(pool, server)} weight 0", deadline)

    def lead_to(self, pool: str, server: str, deadline: Deadline) -> None:
        """Give this server its share of the requests again."""
        self._order(f"set server {_path(pool, server)} weight 100%", deadline)

    def under_way(self, pool: str, server: str, deadline: Deadline) -> int:
        """Return how many requests run and wait at this server."""
        return self._of(pool, server, deadline).under_way

    def see_anew(self, pool: str, server: str, deadline: Deadline) -> None:
        """Return when a check that began after this call has found the server good.

        Raises EngineError where none has by the deadline.
        """
        self._order(f"set server {_path(pool, server)} health down", deadline)
        while not self._of(pool, server, deadline).up:
            if deadline.passed:
                self._refuse(f"does not see {server} come back", "waited for a new result of its check")

    def _of(self, pool: str, server: str, deadline: Deadline) -> ServerState:
        states = self.server_states(deadline)
        found = next((one for one in states if (one.backend, one.server) == (pool, server)), None)
        if found is None:
            self._refuse(f"knows no server {pool}/{server}", ", ".join(one.server for one in states))
        return found

    def check(self, config: str, deadline: Deadline) -> None:
        """Raise EngineError with HAProxy's own lines unless it accepts this text; nothing is changed."""
        self._accept(self._exec(("haproxy", "-c", "-f", "/dev/stdin"), deadline, stdin=config))

    def sees_published(self, deadline: Deadline) -> bool:
        """Return whether the container still has the directory that is published to.

        It holds on to the one that was there at its start: once that is deleted, only a restart shows the new one.
        """
        return self._exec(("test", "-e", CONFIG), deadline).returncode == 0

    def reload(self, digest: str, deadline: Deadline) -> EdgeState:
        """Make the edge take up the published file, whose digest is `digest`; return its state after that.

        Running requests end in the former worker, servers keep their states, and this returns only when each
        has been checked anew. Raises EngineError with HAProxy's own lines when the file is refused (the
        former configuration goes on serving), or when digest or checks are still out at the deadline.
        """
        self._accept(self._exec(("haproxy", "-c", "-f", CONFIG), deadline))
        done = self._exec(("bash", "-c", _RELOAD), deadline)
        if done.returncode != 0:
            self._refuse("could not be told to reload", done.stderr)
        while (state := self._taken_up(digest, deadline)) is None:
            if deadline.passed:
                waited = f"waited for digest {digest} and a new result of every check"
                self._refuse("did not take up its configuration in time", waited)
        return state

    def _taken_up(self, digest: str, deadline: Deadline) -> EdgeState | None:
        done = self._say(_SHOW, deadline)
        # The former worker can break off in the middle of an answer while it hands over.
        if done.returncode != 0 or TABLE not in done.stdout:
            return None
        state = parse_state(done.stdout)
        return state if state.digest == digest and state.checked else None

    def _accept(self, done: Completed) -> None:
        if done.returncode != 0:
            alerts = [line for line in done.stderr.splitlines() if "[ALERT]" in line]
            said = "\n".join(alerts) or done.stderr or done.stdout
            step = "change the setting that the line comes from; the edge goes on with the former ones"
            raise EngineError(Problem("edge", "HAProxy refuses the configuration", said.strip(), step))

    def _order(self, command: str, deadline: Deadline) -> None:
        said = self._ask(command, deadline)
        if said.strip():
            self._refuse("did not take the order", said)

    def _ask(self, command: str, deadline: Deadline) -> str:
        done = self._say(command, deadline)
        if done.returncode != 0:
            self._refuse("does not answer", done.stderr)
        return done.stdout

    def _say(self, command: str, deadline: Deadline) -> Completed:
        # By stdin: arguments of a command can be read by every user of the machine.
        return self._exec(("bash", "-c", _ADMIN), deadline, stdin=command + "\n")

    def _exec(self, command: Iterable[str], deadline: Deadline, stdin: str | None = None) -> Completed:
        return self._runner.run(execute(self._container, command), deadline=deadline, stdin=stdin)

    def _refuse(self, what: str, said: str) -> NoReturn:
        step = f"look at its log: docker logs --tail 20 {self._container}"
        raise EngineError(Problem("edge", what, said.strip(), step))


def _sha256(digest: str) -> str:
    _refuse_unless(_DIGEST.fullmatch(digest), "sha256 in hex", digest)
    return digest


def _path(pool: str, server: str) -> str:
    for name in (pool, server):
        _refuse_unless(_NAME.fullmatch(name), "name of a server", name)
    return f"{pool}/{server}"


def _refuse_unless(fits: object, what: str, got: str) -> None:
    # A space or a semicolon more would be a second order to the edge.
    if not fits:
        raise ValueError(f"not the {what}: {got!r}")
