"""An engine on another machine as a socket on this one: OpenSSH forwards it for as long as we run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.clock import Deadline
from toolkit.engine.argv import Argv
from toolkit.engine.runner import beside
from toolkit.errors import EngineError, Problem

_SOCKET = "/var/run/docker.sock"
_OPEN_S = 30.0
# The far side says when all is set up, and ends as soon as this side is gone.
_STAY = "echo ready && exec cat >/dev/null"


def tunnel_argv(url: str, socket: Path) -> Argv:
    """Return the call of ssh that makes the engine at `ssh://[user@]host[:port][/socket]` answer at `socket`.

    It asks nobody anything: a passphrase belongs to an agent, a new host key to `ssh` by hand.
    """
    far = urlsplit(url)
    options = ("BatchMode=yes", "ExitOnForwardFailure=yes", "ControlPath=none", "ServerAliveInterval=15")
    return (
        *("ssh", "-T", *(word for option in options for word in ("-o", option))),
        *("-L", f"{socket}:{far.path.rstrip('/') or _SOCKET}"),
        *(("-l", far.username) if far.username else ()),
        *(("-p", str(far.port)) if far.port else ()),
        *("--", far.hostname or "", _STAY),
    )


def open_tunnel(url: str, directory: Path) -> tuple[str, Callable[[], object]]:
    """Return the address at which the engine at `url` now answers on this machine, and how to close it.

    The socket lies in `directory`, mode 0600. Raises EngineError with the words of ssh.
    """
    far = urlsplit(url)
    socket = directory / f"{far.hostname}.sock"
    try:
        close = beside(tunnel_argv(url, socket), Deadline.after(_OPEN_S))
    except EngineError as error:
        got = error.problems[0].got
        step = f"`ssh {far.username + '@' if far.username else ''}{far.hostname} docker version` has to work by itself"
        raise EngineError(Problem(url, "the machine of the engine cannot be reached", got, step)) from error
    return f"unix://{socket}", close
