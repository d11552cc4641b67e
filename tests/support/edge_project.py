"""The Compose project of an edge under test: the shipped fragment, and stub servers on its networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from toolkit.planning.edge_pools import EdgePool
from toolkit.planning.images import PINS, local_ref
from toolkit.resources import resource_dir

MODELS = ("general", "fast")
_STUB = Path(__file__).with_name("stub_vllm.py")


def project(directory: Path, pools: Sequence[EdgePool], start_delay_s: float) -> dict[str, Any]:
    """Return compose.yaml; configuration and keys are the directories `edge` and `keys` of `directory`."""
    servers = {
        server.name: _server([pool.model, *(p.model for p in pools if p is not pool)], start_delay_s)
        for pool in pools
        for server in pool.servers
    }
    networks: dict[str, Any] = {"public": {}, "inference": {"internal": True}}
    return {"services": {"edge": _edge(directory), **servers}, "networks": networks}


def _edge(directory: Path) -> dict[str, Any]:
    fragment = yaml.safe_load((resource_dir("compose") / "edge.yaml").read_text())
    return {
        **fragment,
        "image": local_ref(PINS["haproxy"]),
        "user": "99:99",
        "ports": ["127.0.0.1::8080"],
        "tmpfs": ["/run/edge:uid=99,gid=99,mode=0700,size=1m"],
        "volumes": [f"{directory}/edge:/usr/local/etc/haproxy:ro", f"{directory}/keys:/etc/haproxy/keys:ro"],
        "healthcheck": {**fragment["healthcheck"], "interval": "1s", "timeout": "2s", "retries": 3},
    }


def _server(names: Sequence[str], start_delay_s: float) -> dict[str, Any]:
    return {
        "image": local_ref(PINS["vllm"]),
        "entrypoint": ["python3", "-S", "/stub_vllm.py"],
        "user": "1000:1000",
        "restart": "unless-stopped",
        "networks": ["inference"],
        "volumes": [f"{_STUB}:/stub_vllm.py:ro"],
        "environment": {"STUB_NAMES": ",".join(names), "STUB_START_DELAY_S": str(start_delay_s)},
    }
