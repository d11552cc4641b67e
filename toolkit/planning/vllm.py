"""A model server: typed flags → argv, and what surrounds the process."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import PurePosixPath

from toolkit.planning.common import limits
from toolkit.planning.plan import GeneratedModel, Mount, ServicePlan
from toolkit.settings.models import Model
from toolkit.settings.root import ModelCache, Settings
from toolkit.settings.vllm import Llm, VllmFlags
from toolkit.units import config_size

PORT = 8000
CACHE_VOLUME = "model-cache"
_GENERATED_SEED = 0
# Relative to the rendered tree; shared by all environments.
GENERATED_DIRECTORY = f"../../.toolkit/models/tiny-{_GENERATED_SEED}"


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


def plan_llm(
    name: str, settings: Settings, section: Llm, aliases: tuple[str, ...], pin: str, image: str
) -> ServicePlan:
    """Return the service `name`; `aliases` are the names of the models that it stands in for."""
    model = settings.models[section.model]
    cache = settings.model_cache
    return ServicePlan(
        name=name,
        fragment="llm",
        pin=pin,
        image=image,
        user=f"{cache.uid}:{cache.gid}",
        command=vllm_argv(
            section.flags, model, model_path(section.model, model), (section.served_name, *aliases)
        ),
        environment=_environment(section, model),
        shm_bytes=section.shm_size,
        mounts=(*_cache_mounts(cache), *_model_mounts(section.model, model)),
        **limits(section, settings.engine),
    )


def model_path(name: str, model: Model) -> str:
    """Return what vLLM is given: a Hub id, or the directory in the container where the files are mounted."""
    return model.source.removeprefix("hf:") if model.source.startswith("hf:") else f"/models/{name}"


def generated_models(models: Mapping[str, Model], used: tuple[str, ...]) -> tuple[GeneratedModel, ...]:
    """Return what has to be generated before the servers of the models `used` can start."""
    wanted = any(models[name].source == "generated" for name in used)
    return (GeneratedModel(GENERATED_DIRECTORY, _GENERATED_SEED),) if wanted else ()


def _cache_mounts(cache: ModelCache) -> tuple[Mount, ...]:
    volume = Mount("volume", CACHE_VOLUME, "/cache", read_only=False)
    if cache.source == "volume":
        return (volume,)
    return (volume, Mount("bind", cache.source, "/cache/huggingface", read_only=False))


def _model_mounts(name: str, model: Model) -> tuple[Mount, ...]:
    if model.source.startswith("hf:"):
        return ()
    return (Mount("bind", _model_source(model), f"/models/{name}", read_only=True),)


def _model_source(model: Model) -> str:
    if model.source == "generated":
        return GENERATED_DIRECTORY
    path = PurePosixPath(model.source.removeprefix("dir:"))
    # A relative path starts where toolkit.yaml is; the rendered tree lies two levels below.
    return str(path if path.is_absolute() else PurePosixPath("../..") / path)


def _environment(section: Llm, model: Model) -> dict[str, str]:
    hub = {} if model.source.startswith("hf:") else {"HF_HUB_OFFLINE": "1"}
    return {
        "CUDA_LAUNCH_BLOCKING": "0",
        "DO_NOT_TRACK": "1",
        "HF_HOME": "/cache/huggingface",
        "HOME": "/cache/home",
        # The health check asks the metrics for this name: it is the server's own, never an alias.
        "OWN_MODEL_NAME": section.served_name,
        "PYTORCH_CUDA_ALLOC_CONF": "max_split_size_mb:512",
        "VLLM_NO_USAGE_STATS": "1",
        **hub,
        **section.environment,
    }
