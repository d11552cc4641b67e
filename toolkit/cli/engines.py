"""How each engine is reached: this machine's own, one at an address, one behind ssh; opened once for a run."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.planning.plan import HostPlan
    from toolkit.probes.engine_api import SdkApi


def engine_address(host: HostPlan) -> str:
    """Return where docker shall find the engine of `host`; empty for the one that it talks to anyway.

    What is behind ssh becomes a socket of this machine, once, and is gone with this run. Raises EngineError.
    """
    from toolkit.probes.engine_host import engine_host

    address = host.engine or engine_host()
    return _tunnel(address) if address.startswith("ssh:") else host.engine


def is_far(host: HostPlan) -> bool:
    """Return whether the engine may be another machine's: whoever mounts files there has to ask it."""
    from toolkit.probes.engine_host import engine_host

    return bool(host.engine) or not engine_host().startswith(("unix:", "npipe:", "fd:"))


@cache
def engine_api(address: str) -> SdkApi:
    """Return the door for those who look, to the engine at `address` or to the one that docker talks to."""
    from toolkit.probes.engine_api import SdkApi
    from toolkit.probes.engine_host import engine_host

    return SdkApi(address or engine_host())


@cache
def _tunnel(url: str) -> str:
    from toolkit.engine.tunnel import open_tunnel

    # Not in the project: a socket's path has room for 107 bytes only.
    directory = Path(tempfile.mkdtemp(prefix="toolkit-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    address, close = open_tunnel(url, directory)
    atexit.register(close)
    return address
