"""Starts vLLM's CPU build once for each setting and tells what it says of its cache.

Runs inside the image: `python3 kv_engine.py DIRECTORY` with a settings.json, a list of arguments of `vllm.LLM`, and one
directory with a config.json for each model. Weights are dummies: the size of the cache does not depend on them.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")


def main() -> None:
    """Fork for each setting, so that the imports are paid for once and no server is left in the next one's memory."""
    from vllm import LLM  # type: ignore[import-not-found]  # noqa: PLC0415 - inside the image only

    directory = Path(sys.argv[1])
    for number, setting in enumerate(json.loads((directory / "settings.json").read_text())):
        child = os.fork()
        if child == 0:
            print(f"setting {number}", flush=True)
            LLM(
                str(directory / setting.pop("model")),
                load_format="dummy",
                skip_tokenizer_init=True,
                enforce_eager=True,
                dtype="bfloat16",
                **setting,
            )
            os._exit(0)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
