"""A Reason for every derived value of a plan, by its key: what `toolkit explain` shows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from toolkit.planning import mariadb_sums, prometheus, redis, vector_db_sums
from toolkit.planning.edge_reasons import edge_reasons
from toolkit.planning.edge_sections import edge_values_of
from toolkit.planning.elasticsearch import heap
from toolkit.planning.memory_reasons import memory_reasons
from toolkit.planning.plan import HostPlan, ModelEndpoint, Reason
from toolkit.planning.response_cache_reasons import response_cache_reasons
from toolkit.planning.response_cache_service import response_cache_values_of
from toolkit.planning.site import Site
from toolkit.planning.vllm import utilization
from toolkit.planning.wanted import MODELS
from toolkit.settings.vllm import Llm

_Reasons = Mapping[str, Reason]


def reasons_of(site: Site, hosts: Sequence[HostPlan], models: tuple[ModelEndpoint, ...]) -> dict[str, Reason]:
    """Return why each derived value is what it is.

    Every value of a template has the key `services.SECTION.NAME`: that of a reason here, or of a setting.
    """
    found = dict(memory_reasons(site, hosts))
    for key, reasons in _SECTIONS.items():
        if key in site.sections:
            found |= reasons(site)
    if "edge" in site.sections:
        found |= edge_reasons(site, edge_values_of(site, models))
    if "response_cache" in site.sections:
        found |= response_cache_reasons(site, response_cache_values_of(site, models))
    for key in (key for key in MODELS if key in site.sections):
        found |= _model(site, key)
    return found


def _redis(site: Site) -> _Reasons:
    return redis.reasons(site.settings.services.redis, site.memory["redis"])


def _mariadb(site: Site) -> _Reasons:
    return mariadb_sums.reasons(site.settings.services.mariadb, site.memory["mariadb"])


def _elasticsearch(site: Site) -> _Reasons:
    section = site.settings.services.elasticsearch
    return {"services.elasticsearch.heap": heap(section, site.memory["elasticsearch"])}


def _vector_db(site: Site) -> _Reasons:
    section, cpus = site.settings.services.vector_db, site.leaves("vector_db")["cpus"]
    return vector_db_sums.reasons(section, site.memory["vector_db"], cpus)


_SECTIONS: Mapping[str, Callable[[Site], _Reasons]] = {
    "redis": _redis,
    "mariadb": _mariadb,
    "elasticsearch": _elasticsearch,
    "vector_db": _vector_db,
    "prometheus": prometheus.reasons,
}


def _model(site: Site, key: str) -> _Reasons:
    section = cast("Llm", site.sections[key])
    share = utilization(key, section, site.cards[key], site.settings.gpu)
    own = {} if share is None else {f"services.{key}.flags.gpu_memory_utilization": share}
    return {**own, **site.sized[key].reasons}
