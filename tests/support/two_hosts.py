"""The reference production in small: the profile of two hosts of a test, with an application that asks a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

from tests.support.engine import engine_version
from toolkit.settings.root import Services

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.hosts import Host

EDGE_PORT = 8001
API_PORT = 8080
# An image of the stack that has a shell and nothing of its own to read.
_IMAGE = "llm-stack/redis:8.0"
# Healthy once a model of the other host has answered it: with what it is told, and nothing else.
ASKS = """
url=${OPENAI_BASE_URL#http://}
place=${url%%/*}
body='{"model":"general","prompt":"1","max_tokens":4}'
until grep -q '"object":"text_completion"' /tmp/answer 2>/dev/null; do
  exec 3<>"/dev/tcp/${place%:*}/${place#*:}" &&
  printf 'POST /v1/completions HTTP/1.0\\r\\nHost: edge\\r\\nAuthorization: Bearer %s\\r\\n'"\
"'Content-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n%s' \\
    "$(cat "$OPENAI_API_KEY_FILE")" ${#body} "$body" >&3 &&
  cat <&3 >/tmp/answer || sleep 1
done
cat /tmp/answer
exec redis-server --port 8080 --protected-mode no --save ''
"""


def two_hosts_profile(directory: Path, ai: Host, app: Host, *, engines: bool = False) -> None:
    """Write toolkit.yaml for two hosts: one model, one application and its cache; with `engines`, to be reached."""
    quick = {"health": {"interval": "2s"}}
    application = {
        **quick,
        "image": _IMAGE,
        "command": ["bash", "-c", ASKS],
        "health_command": ["redis-cli", "-p", str(API_PORT), "ping"],
        "uses": ["edge", "redis"],
        "port": API_PORT,
        "route": "/api",
        "memory": "64MiB",
    }
    services: dict[str, object] = {name: {"enabled": False} for name in Services.model_fields}
    services |= {"llm_general": {"model": "tiny", "memory": "2GiB"}, "edge": quick, "redis": quick}
    profile = {
        "project": "pair",
        "hardware": "cpu-two-hosts",
        "image_source": "local",
        "engine": {"version": engine_version()},
        "model_cache": {"source": "volume"},
        "hosts": {
            h.name: {"address": h.address, "engine": h.docker_host if engines else None} for h in (ai, app)
        },
        "services": {**services, "api_server": application},
    }
    directory.mkdir(exist_ok=True)
    (directory / "toolkit.yaml").write_text(yaml.safe_dump(profile))
