"""The generated models, made once for all stacks of a run that do not have to make their own."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.support.quiet import busy
from tests.support.stack import Stack
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.images import PINS, local_ref
from toolkit.planning.plan import GeneratedModel
from toolkit.resources import resource_dir
from toolkit.routines.prepare import generate_model


@cache
def generated(name: str) -> Path:
    """Return the directory of the model that the catalogue calls `name`."""
    room = Path(tempfile.mkdtemp(prefix="toolkit-models-"))
    atexit.register(shutil.rmtree, room, ignore_errors=True)
    room.chmod(0o755)
    model = GeneratedModel(name, 0, "embeddings" if "embeddings" in name else "chat")
    with busy():
        made = generate_model(
            SubprocessRunner(), model, local_ref(PINS["vllm-cpu"]), room, resource_dir("compose")
        )
    assert made
    return room / name


def lend(stack: Stack, name: str = "tiny") -> Stack:
    """Give a stack that was never up its model, as an `up` before would have; return the stack."""
    state = stack.directory / ".toolkit"
    # As the catalogue calls it: the seed is part of the name.
    shutil.copytree(generated(name), state / "models" / f"{name}-0")
    state.chmod(0o700)
    return stack
