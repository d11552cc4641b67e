"""A generated model whose answers take as long as those of a model that somebody uses: what else there is, is small."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.support.engine import docker
from toolkit.planning.images import PINS, local_ref
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from tests.support.stack import Stack

# About 100 million weights: two cores take some 20 ms for a token of four streams.
_SHAPE = "hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12, num_key_value_heads=2"
_MAKE = f"""
import runpy, sys, transformers
plain = transformers.Qwen2Config
transformers.Qwen2Config = lambda **more: plain(**{{**more, **dict({_SHAPE})}})
sys.argv = ["make_tiny_model.py", "/out/model"]
runpy.run_path("/scripts/make_tiny_model.py", run_name="__main__")
"""


def lend_wide(stack: Stack) -> Stack:
    """Give a stack that was never up this model in the place of the tiny one; return the stack."""
    room = stack.directory / "wide"
    room.mkdir()
    room.chmod(0o777)
    scripts = resource_dir("compose") / "images" / "vllm"
    mounts = ("--volume", f"{scripts}:/scripts:ro", "--volume", f"{room}:/out")
    confined = ("--network", "none", "--user", "1000:1000", "--env", "HOME=/tmp", "--entrypoint", "python3")
    docker("run", "--rm", *mounts, *confined, local_ref(PINS["vllm-cpu"]), "-c", _MAKE)
    state = stack.directory / ".toolkit"
    shutil.copytree(room / "model", state / "models" / "tiny-0")
    state.chmod(0o700)
    return stack
