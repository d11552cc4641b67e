"""Every setting does something: another value makes another plan, other files, or a refusal."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from tests.support.plans import settings
from toolkit.errors import ToolkitError
from toolkit.planning.build import build_plan
from toolkit.render.render import render
from toolkit.resources import resource_dir
from toolkit.settings.root import Settings
from toolkit.settings.vector_db import VectorColumn
from toolkit.settings.vllm import Lora

# Where each setting counts: nothing is at a bound, switched off, or without what it is a part of.
MACHINES: Mapping[str, tuple[str, ...]] = {
    "two-hosts": (
        "services.edge.rate_limit.requests=100",
        "services.redis.persistence=true",
        "services.prometheus.port=9090",
        "services.auth_server.image=registry.example.com/auth:1",
        "services.auth_server.route=/auth",
        "services.auth_server.port=8190",
        "services.training_server.image=registry.example.com/training:1",
        "services.training_server.route=/train",
        "services.training_server.port=8290",
        "services.llm_general.concurrency=2",
        "services.llm_fast.concurrency=8",
        "services.llm_general.flags.max_num_seqs=auto",
        "services.llm_fast.flags.max_num_seqs=auto",
    ),
    "cpu-offline": ("services.embeddings.enabled=true", "services.embeddings.model=tiny-embeddings"),
}
# Each with its reason.
ELSEWHERE = {
    "hardware": "chosen before there are settings",
    "preset": "chosen before there are settings",
    "persona": "chosen before there are settings",
    "strict": "only refuses",
    "overrides": "read when templates are chosen",
    "patches": "read when templates are chosen",
    "own_service_base": "what own services begin with",
    "models": "a catalogue: of most nothing is used",
}
# Bounds that nothing comes near; what counts on a machine with cards; and cards of services that have none here.
_IDLE = (
    *("memory_floor", "memory_ceiling", "hosts.local.gpus", "embeddings.concurrency"),
    *("chat_server.gpu_share", "auth_server.gpu_share"),
)
# What nothing else stands for.
_SAMPLES: Mapping[str, list[Any]] = {
    "lora_modules": [[Lora(name="legal", source="dir:/srv/legal")]],
    "columns": [[VectorColumn(table="chunks", column="embedding")]],
    "memlock": [None],
}


@pytest.mark.parametrize("section", sorted(Settings.model_fields.keys() - ELSEWHERE.keys()))
def test_another_value_makes_a_difference(section: str) -> None:
    seen: dict[str, bool] = {}
    for machine, sets in MACHINES.items():
        for path, value, kind in _leaves(getattr(_base(machine, sets), section), (section,)):
            name = ".".join(path)
            if not name.endswith(_IDLE) and not seen.get(name):
                seen[name] = any(
                    _differs(machine, sets, path, other)
                    for other in _SAMPLES.get(path[-1], _others(value, kind))
                )
    assert [name for name, counts in seen.items() if not counts] == []


def test_what_counts_elsewhere_is_still_a_setting() -> None:
    assert ELSEWHERE.keys() <= Settings.model_fields.keys()


@cache
def _base(machine: str, sets: tuple[str, ...]) -> Settings:
    return settings(*sets, environment="production", machine=machine)


@cache
def _made(machine: str, sets: tuple[str, ...]) -> tuple[Any, str]:
    return _outcome(_base(machine, sets))


def _outcome(made: Settings) -> tuple[Any, str]:
    plan = build_plan(made)
    return plan, render(plan, resource_dir("compose"), resource_dir("templates"), Path("/nowhere")).digest


def _differs(machine: str, sets: tuple[str, ...], path: tuple[str, ...], value: Any) -> bool:
    # Outside of what is tried: one that is refused itself would make every setting count.
    before = _made(machine, sets)
    try:
        return _outcome(_with(_base(machine, sets), path, value)) != before
    except (ToolkitError, FileNotFoundError):
        # Refused, or a fragment that is not there: it was read.
        return True
    except (AttributeError, KeyError, TypeError):
        # A value of a kind that validation would have refused.
        return False


def _leaves(
    value: Any, path: tuple[str, ...], kind: Any = None
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            yield from _leaves(getattr(value, name), (*path, name), field.annotation)
    elif isinstance(value, dict) and any(isinstance(one, BaseModel) for one in value.values()):
        for name, one in value.items():
            yield from _leaves(one, (*path, name))
    else:
        yield path, value, kind


def _with(at: Any, path: tuple[str, ...], value: Any) -> Any:
    name, *rest = path
    inner = at[name] if isinstance(at, dict) else getattr(at, name)
    new = _with(inner, tuple(rest), value) if rest else value
    return {**at, name: new} if isinstance(at, dict) else at.model_copy(update={name: new})


def _others(value: Any, kind: Any) -> list[Any]:
    """Return values that may stand there, too."""
    words = [word for part in typing.get_args(kind) for word in (typing.get_args(part) or (part,))]
    literal = [word for word in words if isinstance(word, (str, int)) and word != value]
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, (int, float)):
        return [value + 1, value * 2, value * 0.9, 1, *literal]
    if isinstance(value, str):
        return [*literal, f"{value}x", "qwen3-0.6b", 1]
    if isinstance(value, list):
        return [[], [*value, "x"], ["redis"]]
    if isinstance(value, dict):
        return [{"A": "b"}]
    return [*literal, 1, 2.0, "x", "/x", True]
