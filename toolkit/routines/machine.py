"""Looks at the machine for `init`: engine, memory, cores, registry, Hub, model cache; side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.engine.abilities import engine_abilities
from toolkit.planning.choices import Machine, ModelCacheFound
from toolkit.planning.images import PINS
from toolkit.probes.engine_host import engine_host
from toolkit.probes.host import cpu_count, memory_mib
from toolkit.probes.registry import hub_refusal, registry_refusal
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.engine.runner import Runner

_LOOK_S = 10


def look_at_machine(runner: Runner, environ: Mapping[str, str] = os.environ) -> Machine:
    """Return what was seen, within ten seconds. Raises EngineError when no engine answers."""
    abilities = engine_abilities(runner, Deadline.after(_LOOK_S))
    with ThreadPoolExecutor(2) as side_by_side:
        registry = side_by_side.submit(
            registry_refusal, engine_host(environ), PINS["redis"].registry, _LOOK_S
        )
        hub = side_by_side.submit(hub_refusal, _LOOK_S)
        return Machine(
            engine_version=abilities.engine_version,
            memory_bytes=memory_mib() * MIB,
            cpus=cpu_count(),
            registry=_one_line(registry.result()),
            hub=_one_line(hub.result()),
            cache=model_cache(environ),
            uid=os.getuid(),
            gid=os.getgid(),
        )


def model_cache(environ: Mapping[str, str]) -> ModelCacheFound | None:
    """Return the host's Hugging Face cache, $HF_HOME or ~/.cache/huggingface, with its owner."""
    home = Path(environ.get("HOME", "/"))
    path = Path(environ.get("HF_HOME") or home / ".cache" / "huggingface")
    if not path.is_dir():
        return None
    found = path.stat()
    return ModelCacheFound(str(path.resolve()), found.st_uid, found.st_gid)


def hub_cache(said: str, environ: Mapping[str, str] = os.environ) -> Path:
    """Return where files of the Hub are kept: where `model_cache.source` says, else in this machine's own cache."""
    if said.startswith("/"):
        return Path(said)
    found = model_cache(environ)
    return Path(found.path) if found is not None else Path(environ.get("HOME", "/"), ".cache", "huggingface")


def _one_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
