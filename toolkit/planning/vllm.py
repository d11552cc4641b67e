"""A model server: typed flags → argv, and what surrounds the process."""

from __future__ import annotations

import json

from toolkit.errors import Problem, UsageError
from toolkit.planning.gate import PORT
from toolkit.planning.images import PINS
from toolkit.planning.model_sources import adapter_path, fetched, model_path, mounts
from toolkit.planning.outside import HF_HOME
from toolkit.planning.plan import CardPin, Reason, ServicePlan
from toolkit.planning.site import Site, service_name
from toolkit.settings.hosts import GpuRules
from toolkit.settings.models import Model
from toolkit.settings.vllm import Llm, VllmFlags
from toolkit.units import config_size


def vllm_argv(flags: VllmFlags, model: Model, path: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Return what follows `vllm serve`: the model, its names (its own first), and one flag per setting.

    A null setting gives no flag; false gives the `--no-` form: the server's own default never decides.
    """
    argv = [path, "--served-model-name", *names, "--host", "0.0.0.0", "--port", str(PORT)]  # noqa: S104 - in the container
    if model.revision is not None:
        argv += ["--revision", model.revision]
    if model.trust_remote_code:
        argv.append("--trust-remote-code")
    for name, value in flags.model_dump(mode="python", exclude={"greedy", "kv_cache_memory_bytes"}).items():
        argv += _flag(name.replace("_", "-"), value)
    if flags.kv_cache_memory_bytes is not None:
        argv += ["--kv-cache-memory-bytes", config_size(flags.kv_cache_memory_bytes)]
    if flags.greedy:
        argv += ["--override-generation-config", json.dumps({"temperature": 0.0})]
    return tuple(argv)


def _flag(name: str, value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [f"--{name}" if value else f"--no-{name}"]
    return [f"--{name}", str(value)]


def replica_names(key: str, section: Llm) -> tuple[str, ...]:
    """Return the names of a model's servers: `llm-general`, `llm-general-2` and so on."""
    name = service_name(key)
    return (name, *(f"{name}-{number}" for number in range(2, section.replicas + 1)))


def private_port(key: str, replica: int) -> int:
    """Return the port at which another host reaches replica 0, 1 … of a model: 8101, 8102, 8201 …"""
    return 8001 + 100 * (1 + ("llm_general", "llm_fast", "embeddings").index(key)) + replica


def utilization(key: str, section: Llm, pins: tuple[CardPin, ...], rules: GpuRules) -> Reason | None:
    """Return --gpu-memory-utilization: what may be taken of a card, split by shares; None without a card.

    A value in the profile wins. The flag counts the whole card (vLLM's documentation), so two servers on one card each
    get their part of it.
    """
    where = f"services.{key}"
    if section.flags.gpu_memory_utilization is not None:
        said = section.flags.gpu_memory_utilization
        name = f"{where}.flags.gpu_memory_utilization"
        return Reason(said, "chosen by hand", {name: said}, "the profile")
    if not pins:
        return None
    share = pins[0].share
    return Reason(
        value=int(rules.memory_utilization * share * 1000) / 1000,
        formula="gpu.memory_utilization × gpu_share",
        inputs={"gpu.memory_utilization": rules.memory_utilization, f"{where}.gpu_share": share},
        source="the share of the whole card that all its services together may take",
    )


def plan_llm(key: str, site: Site, aliases: tuple[str, ...]) -> tuple[ServicePlan, ...]:
    """Return the servers of one model; `aliases` are the names of the models that it stands in for.

    Raises UsageError where its cards do not divide into replicas of tensor_parallel_size each.
    """
    section: Llm = getattr(site.settings.services, key)
    parts = _parts(key, section, site.cards[key])
    return tuple(
        _replica(key, name, number, site, aliases, pins)
        for number, (name, pins) in enumerate(zip(replica_names(key, section), parts, strict=True))
    )


def _parts(key: str, section: Llm, pins: tuple[CardPin, ...]) -> list[tuple[CardPin, ...]]:
    """Return the cards of each replica."""
    each = section.flags.tensor_parallel_size
    if not pins:
        return [()] * section.replicas
    if len(pins) != each * section.replicas:
        raise UsageError(
            Problem(
                where=f"services.{key}.gpus",
                what=f"{section.replicas} replicas of tensor_parallel_size {each} need "
                f"{each * section.replicas} cards",
                got=f"{len(pins)}: {', '.join(pin.device_id for pin in pins)}",
                next_step="name as many cards, or change `replicas` or `flags.tensor_parallel_size`",
            )
        )
    return [pins[i : i + each] for i in range(0, len(pins), each)]


def _replica(
    key: str, name: str, number: int, site: Site, aliases: tuple[str, ...], pins: tuple[CardPin, ...]
) -> ServicePlan:
    section: Llm = getattr(site.settings.services, key)
    model, cache = site.settings.models[section.model], site.settings.model_cache
    pin = PINS["vllm" if pins else "vllm-cpu"]
    reason = utilization(key, section, pins, site.settings.gpu)
    flags = site.sized[key].flags.model_copy(update={"gpu_memory_utilization": reason and reason.value})
    argv = vllm_argv(flags, model, model_path(section.model, model), (section.served_name, *aliases))
    leaves = site.leaves(key)
    leaves["gpus"] = pins
    return ServicePlan(
        name=name,
        fragment="embeddings" if key == "embeddings" else "llm",
        pin=pin.name,
        image=site.image(pin),
        user=f"{cache.uid}:{cache.gid}",
        command=(*argv, *_extras(key, section)),
        environment=_environment(section, model),
        shm_bytes=section.shm_size,
        networks=site.networks(key, "inference"),
        ports=site.private_ports(key, PORT, private_port(key, number)),
        fetches=fetched(section, model),
        mounts=mounts(section, model, cache),
        **leaves,
    )


def _extras(key: str, section: Llm) -> tuple[str, ...]:
    """Return the flags that no setting of `flags` gives: what the server is for, and its adapters."""
    pooling = ("--runner", "pooling") if key == "embeddings" else ()
    if not section.lora_modules:
        return pooling
    adapters = (f"{adapter.name}={adapter_path(adapter)}" for adapter in section.lora_modules)
    # Without it requests for different adapters would wait for each other.
    at_once = str(len(section.lora_modules))
    return (*pooling, "--enable-lora", "--max-loras", at_once, "--lora-modules", *adapters)


def _environment(section: Llm, model: Model) -> dict[str, str]:
    hub = {} if fetched(section, model) else {"HF_HUB_OFFLINE": "1"}
    return {
        "CUDA_LAUNCH_BLOCKING": "0",
        "DO_NOT_TRACK": "1",
        "HF_HOME": HF_HOME,
        "HOME": "/cache/home",
        # The health check asks the metrics for this name: it is the server's own, never an alias.
        "OWN_MODEL_NAME": section.served_name,
        "PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:512",
        "VLLM_NO_USAGE_STATS": "1",
        **hub,
        **section.environment,
    }
