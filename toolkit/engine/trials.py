"""Tries in throw-away containers what an engine only tells when it is asked for it: ulimits and cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.errors import EngineError, Problem
from toolkit.facts import GpuTrialFact, UlimitFact

if TYPE_CHECKING:
    from toolkit.clock import Deadline
    from toolkit.engine.runner import Runner

# A program that every image with a shell has; that it is missing is told after all that is tried here.
_NOTHING = "true"


@dataclass(frozen=True, slots=True)
class Ulimit:
    """A limit that a service asks for, `value` as `soft:hard`."""

    service: str
    name: str
    value: str


def wanted_ulimits(compose: Mapping[str, object]) -> tuple[Ulimit, ...]:
    """Return the ulimits in a Compose file, whether a fragment or the user's patch asks for them."""
    services = compose.get("services")
    found = services.items() if isinstance(services, Mapping) else ()
    return tuple(
        Ulimit(service, str(name), _flag(value))
        for service, body in found
        for name, value in (body.get("ulimits") or {}).items()
    )


def _flag(value: object) -> str:
    if isinstance(value, Mapping):
        return f"{value['soft']}:{value['hard']}"
    return f"{value}:{value}"


def ulimit_facts(
    runner: Runner, wanted: Iterable[Ulimit], image: str | None, deadline: Deadline
) -> tuple[UlimitFact, ...]:
    """Return each limit with the engine's refusal; each value is tried once, in a container of `image`."""
    wanted = tuple(wanted)
    tried: dict[tuple[str, str], str | None] = {}
    for one in wanted:
        if (one.name, one.value) not in tried:
            flags = ("--ulimit", f"{one.name}={one.value}")
            tried[one.name, one.value] = _refusal(runner, image, flags, "rlimit", deadline)
    return tuple(UlimitFact(o.service, o.name, o.value, tried[o.name, o.value]) for o in wanted)


def gpu_facts(
    runner: Runner, device_ids: Iterable[str], image: str | None, deadline: Deadline
) -> tuple[GpuTrialFact, ...]:
    """Return each card with the engine's refusal to hand it to a container of `image`."""
    return tuple(
        GpuTrialFact(one, _refusal(runner, image, ("--gpus", f'"device={one}"'), "", deadline))
        for one in device_ids
    )


def _refusal(
    runner: Runner, image: str | None, flags: argv.Argv, telling: str, deadline: Deadline
) -> str | None:
    """Return the line that refuses, "" for none; only a line with the word `telling` counts."""
    if image is None:
        return None
    done = runner.run(argv.run(argv.ThrowAway(image, entrypoint=_NOTHING, flags=flags)), deadline=deadline)
    said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    # 127: the image has no such program, which is found out last.
    if done.returncode in {0, 127}:
        return ""
    return next((line for line in said if telling in line), None) if telling else (said or ["it refused"])[0]


@dataclass(frozen=True, slots=True)
class FarLook:
    """What a container shows of its machine: the disk under the engine, and kernel settings by name."""

    total_mib: int
    free_mib: int
    free_inodes_share: float
    sysctls: Mapping[str, str]


def far_look(runner: Runner, image: str, sysctls: Iterable[str], deadline: Deadline) -> FarLook:
    """Return what a throw-away container of `image` sees. Raises EngineError where it tells nothing."""
    names = tuple(sysctls)
    files = [f"/proc/sys/{name.replace('.', '/')}" for name in names]
    shown = "; ".join(["df -Pk / | tail -n 1", "df -Pi / | tail -n 1", *(f"cat {file}" for file in files)])
    once = argv.ThrowAway(image, command=("-c", shown), entrypoint="sh")
    done = runner.run(argv.run(once), deadline=deadline)
    lines = done.stdout.splitlines()
    if done.returncode != 0 or len(lines) != 2 + len(names):
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        step = "run `toolkit preflight` on that machine, too"
        raise EngineError(Problem(f"image {image}", "it shows nothing of its machine", "".join(said), step))
    size, inodes = lines[0].split(), lines[1].split()
    share = int(inodes[3]) / int(inodes[1]) if inodes[1].isdigit() and int(inodes[1]) else 1.0
    settings = dict(zip(names, lines[2:], strict=True))
    return FarLook(int(size[1]) // 1024, int(size[3]) // 1024, round(share, 4), settings)
