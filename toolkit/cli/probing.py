"""The probe of each need for one host: the part of the composition root that looking takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli import probing_models, probing_running, probing_services
from toolkit.cli.running_now import RunningNow
from toolkit.engine import trials
from toolkit.engine.abilities import versions
from toolkit.errors import EngineError, Problem
from toolkit.facts import DiskFact, GpuTrialFact
from toolkit.planning.outside import cache_directory
from toolkit.probes import kernel
from toolkit.probes.cards import card_facts
from toolkit.probes.containers import Containers
from toolkit.probes.engine_fact import engine_fact, far_host_fact, image_facts
from toolkit.probes.host import port_listener, port_refusal, read_sysctl
from toolkit.probes.ports import NOWHERE, port_facts
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.cli.place import Place
    from toolkit.clock import Deadline
    from toolkit.facts import (
        CardFact,
        EngineFact,
        HostFact,
        ImageFact,
        PortFact,
        UlimitFact,
    )
    from toolkit.probes.observe import Probe

# Another program gets less than the whole: its own words are worth more than "too late".
_PROGRAM_S = 8.0


def probes_of(place: Place) -> dict[Need, Probe]:
    """Return the probe of each need for the host `place`."""
    now = RunningNow(place)
    running = {**probing_running.LOOKS, **probing_services.LOOKS}
    return {
        **{need: partial(look, place) for need, look in _LOOKS.items()},
        **{need: partial(look, now) for need, look in running.items()},
    }


def _host(place: Place, _: Deadline) -> HostFact:
    return far_host_fact(place.api.info()) if place.far else kernel.host_fact()


def _disks(place: Place, deadline: Deadline) -> tuple[DiskFact, ...]:
    root = Path(place.api.info()["DockerRootDir"])
    if place.far:
        return _far_disks(place, root, deadline)
    models = probing_models.bound_cache(place) or root / "volumes"
    return kernel.disk_facts({"data": root / "volumes", "images": root, "models": models})


def _far_disks(place: Place, root: Path, deadline: Deadline) -> tuple[DiskFact, ...]:
    """The engine's own disk; another one that the model cache may be on, no container shows before it runs."""
    found = _far_look(place, deadline)
    purposes = ("data", "images", *(() if cache_directory(place.plan) else ("models",)))
    return tuple(
        DiskFact(one, str(root), found.total_mib, found.free_mib, found.free_inodes_share) for one in purposes
    )


def _far_look(place: Place, deadline: Deadline) -> trials.FarLook:
    image = _trial_image(place)
    if image is None:
        what = "it is another machine, and has no image yet in which to look at it"
        step = "this shows after the first `toolkit up`; until then run `toolkit preflight` there"
        raise EngineError(Problem(place.plan.hosts[0].name, what, place.url, step))
    return trials.far_look(place.runner, image, _wanted_sysctls(place), deadline.within(_PROGRAM_S))


def _engine(place: Place, deadline: Deadline) -> EngineFact:
    told, compose = versions(place.runner, deadline.within(_PROGRAM_S))
    return engine_fact(place.api.info(), told.text, told.api, compose, told.architecture)


def _cards(place: Place, _: Deadline) -> tuple[CardFact, ...]:
    if not any(host.cards for host in place.plan.hosts):
        return ()
    place.refuse_far()
    return card_facts()


def _images(place: Place, _: Deadline) -> tuple[ImageFact, ...]:
    return image_facts(place.api, (service.image for service in place.plan.services))


def _ports(place: Place, _: Deadline) -> tuple[PortFact, ...]:
    asked = (NOWHERE, NOWHERE) if place.far else (_listening, _no_address)
    return port_facts(place.plan.services, place.plan.project, place.api, *asked)


def _listening(address: str, port: int) -> str:
    found = port_listener(address, port)
    return "" if found is None else found.as_text()


def _no_address(address: str, port: int) -> str:
    refusal = port_refusal(address, port)
    # The engine listens, as root: a port that is root's alone is no hindrance.
    return refusal if refusal.endswith("of this machine") else ""


def _sysctls(place: Place, deadline: Deadline) -> dict[str, str]:
    wanted = _wanted_sysctls(place)
    if place.far:
        return dict(_far_look(place, deadline).sysctls) if wanted else {}
    return {name: value for name in wanted if (value := read_sysctl(name)) is not None}


def _wanted_sysctls(place: Place) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sysctl.name for _, sysctl in place.plan.sysctls))


def _ulimits(place: Place, deadline: Deadline) -> tuple[UlimitFact, ...]:
    here = {service.name for service in place.plan.services}
    wanted = [one for one in trials.wanted_ulimits(place.compose()) if one.service in here]
    image = _trial_image(place) if wanted else None
    return trials.ulimit_facts(place.runner, wanted, image, deadline.within(_PROGRAM_S))


def _gpu_trials(place: Place, deadline: Deadline) -> tuple[GpuTrialFact, ...]:
    wanted = dict.fromkeys(pin.device_id for service in place.plan.services for pin in service.gpus)
    if not wanted:
        return ()
    # What a running container has been given, the engine gives.
    facts = Containers(place.api).of_project(place.plan.project)
    given = {card for fact in facts if fact.state == "running" for card in fact.cards}
    left = [one for one in wanted if one not in given]
    image = _trial_image(place) if left else None
    tried = trials.gpu_facts(place.runner, left, image, deadline.within(_PROGRAM_S))
    return (*(GpuTrialFact(one, "") for one in wanted if one in given), *tried)


def _trial_image(place: Place) -> str | None:
    """Return the smallest of the plan's images that the engine has."""
    there = [
        image for image in image_facts(place.api, (s.image for s in place.plan.services)) if image.present
    ]
    return min(there, key=lambda image: image.size_bytes).reference if there else None


_LOOKS: Mapping[Need, Callable[[Place, Deadline], object]] = {
    Need.HOST: _host,
    Need.DISKS: _disks,
    Need.ENGINE: _engine,
    Need.CARDS: _cards,
    Need.IMAGES: _images,
    Need.PORTS: _ports,
    Need.SYSCTLS: _sysctls,
    Need.ULIMITS: _ulimits,
    Need.GPU_TRIALS: _gpu_trials,
    **probing_models.LOOKS,
}
