"""The Compose project of an edge under test: the shipped fragment, and stub servers on its networks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from toolkit.planning import response_cache
from toolkit.planning.edge import CACHE_SOCKETS, EdgeValues
from toolkit.planning.edge_routes import RouteValues
from toolkit.planning.images import PINS, local_ref
from toolkit.resources import resource_dir

MODELS = ("general", "fast")
_STUB = Path(__file__).with_name("stub_vllm.py")
_APPLICATION = Path(__file__).with_name("stub_app.py")


def project(directory: Path, values: EdgeValues, start_delay_s: float) -> dict[str, Any]:
    """Return compose.yaml; configurations and keys are directories of `directory`, named after their service."""
    pools = values.pools
    servers = {
        server.name: _server([pool.model, *(p.model for p in pools if p is not pool)], start_delay_s)
        for pool in pools
        for server in pool.servers
    }
    networks: dict[str, Any] = {"public": {}, "inference": {"internal": True}}
    whole: dict[str, Any] = {"services": {"edge": _edge(directory, values), **servers}, "networks": networks}
    if values.cache:
        _add_cache(whole, directory)
    if values.routes:
        whole["services"] |= {s.host: _application(r) for r in values.routes for s in r.servers}
    return whole


def _application(route: RouteValues) -> dict[str, Any]:
    return {
        "image": local_ref(PINS["vllm-cpu"]),
        "entrypoint": ["python3", "-S", "/stub_app.py"],
        "user": "1000:1000",
        "restart": "unless-stopped",
        "networks": ["inference"],
        "volumes": [f"{_APPLICATION}:/stub_app.py:ro"],
        "deploy": {"replicas": route.replicas},
    }


def _add_cache(whole: dict[str, Any], directory: Path) -> None:
    fragment = yaml.safe_load((resource_dir("compose") / "response-cache.yaml").read_text())
    shared = f"sockets:{CACHE_SOCKETS}"
    whole["services"]["edge"]["volumes"].append(shared)
    whole["services"]["response-cache"] = {
        **fragment,
        "image": local_ref(PINS["nginx"]),
        "user": "101:101",
        "command": list(response_cache.COMMAND),
        "volumes": [
            f"{directory}/response-cache:{response_cache.CONFIG_DIR}:ro",
            f"answers:{response_cache.DIRECTORY}",
            shared,
        ],
        "healthcheck": {**fragment["healthcheck"], "interval": "1s", "timeout": "2s", "retries": 3},
    }
    # In memory, and in these two containers alone.
    options = {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,mode=1777"}
    whole["volumes"] = {"answers": {}, "sockets": {"driver_opts": options}}


def _edge(directory: Path, values: EdgeValues) -> dict[str, Any]:
    fragment = yaml.safe_load((resource_dir("compose") / "edge.yaml").read_text())
    return {
        **fragment,
        "image": local_ref(PINS["haproxy"]),
        "user": "99:99",
        "networks": ["public", "inference"],
        "ports": ["127.0.0.1::8080", *([f"127.0.0.1::{values.tls.port}"] if values.tls else [])],
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
