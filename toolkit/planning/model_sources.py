"""What a model server reads: its model, its adapters, the cache of downloads; and where each comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from toolkit.planning.outside import HF_HOME
from toolkit.planning.plan import GeneratedModel, HubModel, Mount
from toolkit.settings.models import Model
from toolkit.settings.root import ModelCache
from toolkit.settings.vllm import Llm, Lora

CACHE_VOLUME = "model-cache"
# By the `source` of a model; shared by all environments.
GENERATED: Mapping[str, GeneratedModel] = {
    "generated": GeneratedModel(".toolkit/models/tiny-0", 0, "chat"),
    "generated-embeddings": GeneratedModel(".toolkit/models/tiny-embeddings-0", 0, "embeddings"),
}


def mounts(section: Llm, model: Model, cache: ModelCache) -> tuple[Mount, ...]:
    """Return what is mounted into the server of `section`, whose model is `model`."""
    return (*_cache_mounts(cache), *_model_mounts(section.model, model), *_adapter_mounts(section))


def adapter_path(adapter: Lora) -> str:
    """Return what vLLM is given of an adapter: a Hub id, or the directory where its files are mounted."""
    return adapter.source.removeprefix("hf:") if adapter.from_hub else f"/adapters/{adapter.name}"


def _adapter_mounts(section: Llm) -> tuple[Mount, ...]:
    return tuple(
        Mount("bind", str(PurePosixPath(one.source.removeprefix("dir:"))), adapter_path(one), read_only=True)
        for one in section.lora_modules
        if not one.from_hub
    )


def model_path(name: str, model: Model) -> str:
    """Return what vLLM is given: a Hub id, or the directory in the container where the files are mounted."""
    return model.source.removeprefix("hf:") if model.source.startswith("hf:") else f"/models/{name}"


def generated_models(models: Mapping[str, Model], used: tuple[str, ...]) -> tuple[GeneratedModel, ...]:
    """Return what has to be generated before the servers of the models `used` can start."""
    sources = {models[name].source for name in used}
    return tuple(model for source, model in GENERATED.items() if source in sources)


def _cache_mounts(cache: ModelCache) -> tuple[Mount, ...]:
    volume = Mount("volume", CACHE_VOLUME, "/cache", read_only=False)
    if cache.source == "volume":
        return (volume,)
    return (volume, Mount("bind", cache.source, HF_HOME, read_only=False))


def _model_mounts(name: str, model: Model) -> tuple[Mount, ...]:
    if model.source.startswith("hf:"):
        return ()
    return (Mount("bind", _model_source(model), f"/models/{name}", read_only=True),)


def fetched(section: Llm, model: Model) -> tuple[HubModel, ...]:
    """Return the repositories of the Hub that the server of `section` reads: those of `model` and of adapters."""
    adapters = tuple(
        HubModel(one.source.removeprefix("hf:"), None, None, adapter=True)
        for one in section.lora_modules
        if one.from_hub
    )
    if not model.source.startswith("hf:"):
        return adapters
    weight_bytes = None if model.facts is None else model.facts.weights
    return (HubModel(model.source.removeprefix("hf:"), model.revision, weight_bytes), *adapters)


def _model_source(model: Model) -> str:
    if model.source in GENERATED:
        return GENERATED[model.source].directory
    return str(PurePosixPath(model.source.removeprefix("dir:")))
