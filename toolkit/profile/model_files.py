"""Reads what the files of a model say: `config.json` and the headers of its safetensors."""

from __future__ import annotations

import json
from math import prod
from typing import TYPE_CHECKING, Any

from toolkit.errors import Problem, UsageError
from toolkit.planning.model_config import facts_of_config

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.settings.models import Facts, Model

# Bytes of one element, by the names of the safetensors format; F4 and the like are packed into bytes of other types.
_ELEMENT_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2}
_LARGEST_HEADER = 100 * 1024 * 1024


def model_directory(model: Model, project_dir: Path, cache: Path) -> Path:
    """Return where the files of a model are: its own directory, or the snapshot in the Hub's cache.

    Raises UsageError for a generated model, and for one that has not been downloaded.
    """
    kind, _, name = model.source.partition(":")
    if kind == "dir":
        return project_dir / name
    if kind != "hf":
        step = "it fits anywhere: no facts are needed"
        raise UsageError(Problem(model.source, "a generated model has no files", next_step=step))
    repository = cache / "hub" / f"models--{name.replace('/', '--')}"
    revision = model.revision or "main"
    named = repository / "refs" / revision
    commit = named.read_text().strip() if named.is_file() else revision
    snapshot = repository / "snapshots" / commit
    if not snapshot.is_dir():
        step = "download it (`hf download`, or one `toolkit up`), or write the facts by hand from its config.json"
        raise UsageError(Problem(model.source, f"it is not in the cache {cache}", next_step=step))
    return snapshot


def read_facts(directory: Path) -> Facts:
    """Return what the files of a model say. Raises UsageError where they are not there or say something else."""
    path = directory / "config.json"
    try:
        config: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return facts_of_config(config, _weight_bytes(directory, config))
    except (OSError, ValueError) as error:
        step = "give the directory of a model as it is on the Hub, with config.json and *.safetensors"
        raise UsageError(Problem(str(path), "no facts can be taken from it", str(error), step)) from error


def facts_text(name: str, facts: Facts) -> str:
    """Return the lines of toolkit.yaml that say `facts` of the model `name`."""
    said = [f"      {key}: {json.dumps(value)}" for key, value in facts.model_dump().items()]
    return "\n".join(["models:", f"  {json.dumps(name)}:", "    facts:", *said])


def _weight_bytes(directory: Path, config: dict[str, Any]) -> int:
    """Return what lies on the card: every tensor of every file, the second of two tied tables left out."""
    tied = config.get("tie_word_embeddings", (config.get("text_config") or {}).get("tie_word_embeddings"))
    sizes: dict[str, int] = {}
    for file in sorted(directory.glob("*.safetensors")):
        sizes |= _tensors(file)
    if not sizes:
        raise ValueError("there are no *.safetensors beside it")
    return sum(size for name, size in sizes.items() if not (tied and name == "lm_head.weight"))


def _tensors(file: Path) -> dict[str, int]:
    """Return the bytes of each tensor of a file, as its header tells: its length in 8 bytes, then JSON.

    Tensors of 32 bit are loaded in 16: vLLM's `dtype: auto` takes them so.
    """
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > _LARGEST_HEADER:
            raise ValueError(f"{file.name} is no safetensors file")
        header: dict[str, Any] = json.loads(opened.read(length))
    header.pop("__metadata__", None)
    return {name: _size(said["dtype"], said["shape"]) for name, said in header.items()}


def _size(dtype: str, shape: list[int]) -> int:
    element = 2 if dtype == "F32" else _ELEMENT_BYTES.get(dtype, 1)
    return prod(shape) * element
