"""Probes of what models come from: cache, directories, Hub, and the names and the clock that fetching needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from toolkit.cli.place import OUTSIDE_S
from toolkit.clock import Deadline
from toolkit.errors import ToolkitError
from toolkit.facts import CacheFact, ClockFact, ModelFilesFact
from toolkit.planning.model_sources import CACHE_VOLUME
from toolkit.planning.outside import HF_HOME, cache_directory, hub_models, registry_hosts
from toolkit.probes import hub, kernel
from toolkit.probes.engine_fact import image_facts
from toolkit.probes.model_cache import TOKEN_FILE, cache_fact
from toolkit.probes.names import name_facts
from toolkit.snapshot import Need

if TYPE_CHECKING:
    from toolkit.cli.place import Place
    from toolkit.facts import HubFact, ReachFact
    from toolkit.planning.plan import HubModel


def bound_cache(place: Place) -> Path | None:
    """Return the directory of the host that the servers' cache is, None for a volume."""
    source = cache_directory(place.plan)
    return None if source is None else place.directory / source


def _cache(place: Place, _: Deadline) -> CacheFact:
    home = bound_cache(place)
    if home is not None:
        place.refuse_far()
    home = home or _volume(place)
    if home is None:
        return CacheFact(CACHE_VOLUME, exists=False, readable=True)
    if place.far:
        return CacheFact(CACHE_VOLUME, exists=True, readable=False)
    return cache_fact(home, [model.repository for model in hub_models(place.plan)])


def cached_repositories(place: Place) -> frozenset[str]:
    """Return the Hub models whose weights are here whole, as far as this user can see."""
    with suppress(ToolkitError):
        return frozenset(_cache(place, Deadline.after(OUTSIDE_S)).repositories)
    return frozenset()


def _volume(place: Place) -> Path | None:
    """Return where the engine keeps the volume of the cache, None where there is none yet."""
    name = f"{place.plan.project}_{CACHE_VOLUME}"
    found = place.api.volumes({"name": [name]})
    path = next((Path(one["Mountpoint"]) for one in found if one["Name"] == name), None)
    return None if path is None else path / HF_HOME.rpartition("/")[2]


def _models(place: Place, _: Deadline) -> tuple[ModelFilesFact, ...]:
    generated = {model.directory for model in place.plan.generated_models}
    wanted = [
        (service.name, (place.directory / mount.source).resolve())
        for service in place.plan.services
        for mount in service.mounts
        if mount.target.startswith(("/models/", "/adapters/")) and mount.source not in generated
    ]
    # Also for a machine that is far away: they are brought there from here.
    return tuple(ModelFilesFact(service, str(path), path.is_dir()) for service, path in wanted)


def _hub(place: Place, deadline: Deadline) -> tuple[HubFact, ...]:
    if not hub_models(place.plan):
        return ()
    cache, missing = _missing(place, deadline)
    wanted = [hub.Wanted(model.repository, model.revision, model.adapter) for model in missing]
    tokens = hub.Tokens(_token(place), bool(place.environ.get("HF_TOKEN")))
    known = cache.readable
    return hub.hub_facts(
        wanted, _endpoint(place), tokens, deadline.within(place.outside_s), cache_known=known
    )


def _missing(place: Place, deadline: Deadline) -> tuple[CacheFact, list[HubModel]]:
    cache = _cache(place, deadline)
    return cache, [model for model in hub_models(place.plan) if model.repository not in cache.repositories]


def _token(place: Place) -> hub.Token | None:
    """Return the token that the model servers will have: of their environment, else of their cache."""
    for service in place.plan.services:
        if service.fetches and (value := service.environment.get("HF_TOKEN")):
            return hub.Token(value, f"services.{service.part_of}.environment")
    home = bound_cache(place) or (None if place.far else _volume(place))
    with suppress(OSError):
        if home is not None and (value := (home / TOKEN_FILE).read_text().strip()):
            return hub.Token(value, str(home / TOKEN_FILE))
    return None


def _endpoint(place: Place) -> str:
    named = (s.environment.get("HF_ENDPOINT") for s in place.plan.services if s.fetches)
    return (next(filter(None, named), None) or hub.HUB).rstrip("/")


def _names(place: Place, deadline: Deadline) -> tuple[ReachFact, ...]:
    if place.far:
        return ()  # the other machine has a resolver of its own, and so has its engine
    hosts = [urlsplit(_endpoint(place)).hostname or ""] if _missing(place, deadline)[1] else []
    if place.plan.image_source == "registry":
        images = image_facts(place.api, (service.image for service in place.plan.services))
        hosts += registry_hosts(image.reference for image in images if not image.present)
    return name_facts(hosts, deadline.within(place.outside_s))


def _clock(place: Place, deadline: Deadline) -> ClockFact:
    if place.far:
        theirs = datetime.fromisoformat(place.api.info()["SystemTime"][:19]).replace(tzinfo=UTC)
        return ClockFact(synchronised=False, offset_s=(theirs - datetime.now(UTC)).total_seconds())
    asks = bool(hub_models(place.plan))
    offset_s = hub.date_offset_s(_endpoint(place), deadline.within(place.outside_s)) if asks else None
    return ClockFact(kernel.clock_synchronised(), offset_s)


LOOKS: Mapping[Need, Callable[[Place, Deadline], object]] = {
    Need.CACHE: _cache,
    Need.MODELS: _models,
    Need.HUB: _hub,
    Need.NAMES: _names,
    Need.CLOCK: _clock,
}
