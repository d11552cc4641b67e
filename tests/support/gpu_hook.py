"""Stands in for NVIDIA's prestart hook: refuses cards that are not in the inventory, and notes who got which.

runc calls it for every container that asks for driver `nvidia`, with the container's state on stdin and
dockerd's environment: GPU_INVENTORY names a JSON list of UUIDs in the order of their indices, GPU_LOG a file
that gets one JSON line for each container.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def asked_for(config: Path, cards: Sequence[str]) -> list[str]:
    """Return the ids, as they were written, that a container's `config.json` asks for."""
    given = dict(one.split("=", 1) for one in json.loads(config.read_text())["process"]["env"] if "=" in one)
    visible = given.get("NVIDIA_VISIBLE_DEVICES", "")
    if visible == "all":
        return [str(index) for index in range(len(cards))]
    return [one for one in visible.split(",") if one not in {"", "none", "void"}]


def main() -> int:
    state = json.load(sys.stdin)
    cards = json.loads(Path(os.environ["GPU_INVENTORY"]).read_text())
    ids = asked_for(Path(state["bundle"]) / "config.json", cards)
    known = {*cards, *(str(index) for index in range(len(cards)))}
    for one in ids:
        if one not in known:
            # The words of libnvidia-container, which end up in what docker says.
            sys.stderr.write(f"nvidia-container-cli: device error: {one}: unknown device\n")
            return 1
    with Path(os.environ["GPU_LOG"]).open("a") as log:
        log.write(json.dumps({"container": state["id"], "ids": ids}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
