"""Finds the engine as the docker command finds it, so that both always speak to the same one."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from toolkit.unreachable import DEFAULT_HOST

if TYPE_CHECKING:
    from collections.abc import Mapping


def engine_host(environ: Mapping[str, str] = os.environ) -> str:
    """Return the engine's address: DOCKER_HOST, else that of the docker context in use, else the default."""
    if environ.get("DOCKER_HOST"):
        return environ["DOCKER_HOST"]
    config = Path(environ.get("DOCKER_CONFIG") or Path(environ.get("HOME", "/")) / ".docker")
    context = environ.get("DOCKER_CONTEXT") or _read(config / "config.json").get("currentContext")
    if not context or context == "default":
        return DEFAULT_HOST
    meta = _read(config / "contexts" / "meta" / sha256(context.encode()).hexdigest() / "meta.json")
    return str(meta.get("Endpoints", {}).get("docker", {}).get("Host") or DEFAULT_HOST)


def _read(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError):
        return {}
