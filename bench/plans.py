"""How long a large plan takes: 200 services on 20 hosts, and whether the time grows with their number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from bench.comparison import Comparison, Series
from bench.timing import Side, in_turns, run

if TYPE_CHECKING:
    from pathlib import Path

    from bench.project import Project

_ROUNDS = 12
_HOSTS, _SERVICES = 20, 200
_LIMIT_S = 1.0
# Twice as much may take twice as long, and a little more for what is read anyway.
_GROWTH = 2.2


def plans(project: Project, scratch: Path) -> list[Comparison]:
    """Compare the plan of 200 services on 20 hosts with one second, and with the plan of half as much."""
    program = project.program
    sides = [
        Side(f"toolkit plan, {count} services on {hosts} hosts", _planned(program, scratch, hosts, count))
        for hosts, count in ((_HOSTS, _SERVICES), (_HOSTS // 2, _SERVICES // 2))
    ]
    for side in sides:
        run(side.argv)
    taken = in_turns(sides, _ROUNDS)
    large, half = (Series(side.name, taken[side.name]) for side in sides)
    second = Series("one second", (_LIMIT_S,) * _ROUNDS)
    return [
        Comparison(large, second, "ratio", large.seconds, 1.0),
        Comparison(
            large,
            half,
            "ratio",
            tuple(a / b for a, b in zip(large.seconds, half.seconds, strict=True)),
            _GROWTH,
        ),
    ]


def _planned(program: str, scratch: Path, hosts: int, count: int) -> tuple[str, ...]:
    home = scratch / f"plan-{count}"
    home.mkdir()
    (home / "toolkit.yaml").write_text(yaml.safe_dump(profile(hosts, count)))
    return (program, "plan", "--output", "json", "--project-dir", str(home))


def profile(hosts: int, count: int) -> dict[str, Any]:
    """Return a profile with `count` services in all, spread over `hosts`: the shipped ones, the others of one's own."""
    names = ["local", *(f"h{number:02}" for number in range(1, hosts))]
    machine: dict[str, Any] = {"engine": None, "memory": "256GiB", "cpus": 64.0, "disk": "4TiB", "gpus": []}
    shipped = {
        key: {"host": names[number % hosts]}
        for number, key in enumerate(
            ("redis", "mariadb", "vector_db", "elasticsearch", "api_server", "chat_server")
        )
    }
    edge = {key: {"host": names[0]} for key in ("edge", "response_cache", "prometheus", "auth_server")}
    models = {
        key: {"host": names[0], "model": "tiny", "flags": {"kv_cache_memory_bytes": "64MiB"}}
        for key in ("llm_general", "llm_fast")
    }
    own = {
        f"worker_{number:03}": {
            "image": f"registry.example.com/worker:{number}",
            "host": names[number % hosts],
            "memory": "0.5%",
            "uses": ["redis", "mariadb"],
        }
        for number in range(count - len(shipped) - len(edge) - len(models))
    }
    return {
        "hardware": "gpu",
        "image_source": "registry",
        "engine": {"version": "28.5"},
        "model_cache": {"source": "volume"},
        "hosts": {
            name: {**machine, "address": f"10.0.{number // 250}.{number % 250 + 1}"}
            for number, name in enumerate(names)
        },
        "services": {**shipped, **edge, **models, "elasticsearch": {"host": names[0], "enabled": True}},
        "own_services": own,
    }
