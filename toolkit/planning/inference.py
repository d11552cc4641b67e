"""The engines of inference: which are known, which is built, and which settings each of them has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan_service import ServicePlan
from toolkit.planning.site import Site
from toolkit.planning.vllm import plan_llm
from toolkit.settings.common import Service
from toolkit.settings.vllm import Llm, VllmFlags
from toolkit.values import Value

Servers = Callable[[str, Site, tuple[str, ...]], tuple[ServicePlan, ...]]


class Inference(Value):
    """One engine: the settings it has (under `flags`, and of the section itself), and how its servers are planned.

    `servers` is None for one that is known and not built: a profile may name it, and is told so.
    """

    name: str
    flags: frozenset[str]
    features: frozenset[str]
    servers: Servers | None


_FEATURES = frozenset({"lora_modules", "replicas", "gpu_share"})
# What stands for each of our flags in their own command lines; what is missing here they do not have.
_TENSORRT = frozenset(
    {"dtype", "quantization", "kv_cache_dtype", "max_model_len", "max_num_seqs", "max_num_batched_tokens"}
) | {"tensor_parallel_size", "enable_prefix_caching", "gpu_memory_utilization"}
_SGLANG = _TENSORRT | {"seed", "enforce_eager", "max_num_queued_reqs"}
ENGINES: Mapping[str, Inference] = {
    engine.name: engine
    for engine in (
        Inference("vllm", frozenset(VllmFlags.model_fields), _FEATURES, plan_llm),
        Inference("tensorrt-llm", _TENSORRT, frozenset({"replicas"}), None),
        Inference("sglang", _SGLANG, _FEATURES, None),
    )
}


def refuse_engines(sections: Mapping[str, Service]) -> None:
    """Raise UsageError for each model server whose engine is not built, and for each setting that its engine lacks."""
    problems = [
        problem
        for key, section in sections.items()
        if isinstance(section, Llm)
        for problem in _refused(key, section)
    ]
    if problems:
        raise UsageError(*problems)


def plan_servers(key: str, section: Llm, site: Site, aliases: tuple[str, ...]) -> tuple[ServicePlan, ...]:
    """Return the servers of one model by its engine, which `refuse_engines` has let pass."""
    servers = ENGINES[section.engine].servers
    assert servers is not None, section.engine  # noqa: S101 - a bug of ours otherwise
    return servers(key, site, aliases)


def _refused(key: str, section: Llm) -> Iterator[Problem]:
    engine, where = ENGINES[section.engine], f"services.{key}"
    if engine.servers is None:
        built = ", ".join(name for name, one in ENGINES.items() if one.servers is not None)
        what = f"{engine.name} is known, but its servers are not built yet"
        yield Problem(f"{where}.engine", what, engine.name, f"write engine: {built}")
    for name, value in section.flags:
        if name not in engine.flags and _is_said(value):
            yield _lacking(f"{where}.flags.{name}", engine.name, value)
    for name in sorted(_FEATURES - engine.features):
        if _is_said(getattr(section, name)):
            yield _lacking(f"{where}.{name}", engine.name, getattr(section, name))


def _is_said(value: object) -> bool:
    """Whether a value asks for something: what is off, empty, or one of one does not."""
    return value is True or (value not in (None, "auto", []) and not (isinstance(value, int) and value <= 1))


def _lacking(where: str, engine: str, value: object) -> Problem:
    nothing = "[]" if isinstance(value, list) else "false" if isinstance(value, bool) else "null"
    return Problem(where, f"{engine} has no such setting", str(value), f"write {nothing}, or another engine")
