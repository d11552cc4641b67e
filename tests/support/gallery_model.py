"""A tiny model for faults of model servers, made once by the product's own way; and one whose weights never came."""

from __future__ import annotations

import shutil
import tempfile
from functools import cache
from pathlib import Path

from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.plan import GeneratedModel
from toolkit.resources import resource_dir
from toolkit.routines.prepare import generate_model

_POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 988097824\n"
_IMAGE = "llm-stack/vllm:0.32"


@cache
def _made() -> Path:
    place = Path(tempfile.mkdtemp(prefix="gallery-model-"))
    generate_model(SubprocessRunner(), GeneratedModel("model", 0), _IMAGE, place, resource_dir("compose"))
    return place / "model"


def tiny_model(directory: Path) -> None:
    """Put `model`, which serves, and `pointer`, cloned without git-lfs, into a directory."""
    shutil.copytree(_made(), directory / "model")
    shutil.copytree(_made(), directory / "pointer")
    (directory / "pointer/model.safetensors").write_text(_POINTER)
    for file in directory.rglob("*"):
        file.chmod(0o755 if file.is_dir() else 0o644)
    directory.chmod(0o755)
