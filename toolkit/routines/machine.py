"""Looks at the machine for `init`: engine, memory, cores, registry, Hub, model cache; side by side."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.clock import Deadline
from toolkit.engine.abilities import engine_abilities
from toolkit.errors import EngineError
from toolkit.planning.card_choices import FoundCard
from toolkit.planning.choices import Machine, ModelCacheFound
from toolkit.planning.images import PINS
from toolkit.probes.cards import card_facts
from toolkit.probes.engine_host import engine_host
from toolkit.probes.host import cpu_count, memory_mib
from toolkit.probes.registry import hub_refusal, registry_refusal
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.engine.runner import Runner
    from toolkit.probes.cards import Nvml

_LOOK_S = 10


def look_at_machine(
    runner: Runner, environ: Mapping[str, str] = os.environ, nvml: Nvml | None = None
) -> Machine:
    """Return what was seen, within ten seconds; `nvml` is the driver's. Raises EngineError without an engine."""
    abilities = engine_abilities(runner, Deadline.after(_LOOK_S))
    cards, driver = found_cards(nvml)
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
            cards=cards,
            driver=driver,
        )


def found_cards(nvml: Nvml | None = None) -> tuple[tuple[FoundCard, ...], str]:
    """Return the NVIDIA cards with the memory that programs get, and the driver: its version, or its trouble."""
    try:
        facts = card_facts(nvml)
    except EngineError as error:
        return (), _one_line(error.problems[0].got)
    cards = tuple(
        FoundCard(one.index, one.uuid, one.name, one.usable_mib * MIB, _capability(one.compute_capability))
        for one in facts
    )
    return cards, facts[0].driver if facts else ""


def _capability(text: str) -> tuple[int, int]:
    """Return a compute capability as numbers, `8.9` as (8, 9)."""
    major, _, minor = text.partition(".")
    return int(major), int(minor)


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
