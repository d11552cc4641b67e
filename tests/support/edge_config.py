"""The edge's files with values that suit a test."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

from toolkit.planning import response_cache
from toolkit.planning.edge import EdgeExtras, EdgeTimeouts, EdgeValues, edge_values
from toolkit.planning.edge_pools import EdgeModel, EdgeServer
from toolkit.render.templates import render_template
from toolkit.resources import resource_dir
from toolkit.values import fields_of

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.planning.response_cache import ResponseCacheValues

TEMPLATES = ("haproxy.cfg", "servers-down.state")


def model(name: str, fallback: str | None = None, max_in_flight: int = 16, replicas: int = 1) -> EdgeModel:
    """Return a model whose servers are llm-NAME, or llm-NAME-1 and so on where there are several."""
    names = [f"llm-{name}-{number}" for number in range(1, replicas + 1)] if replicas > 1 else [f"llm-{name}"]
    return EdgeModel(name, tuple(EdgeServer(at, at, 8000) for at in names), max_in_flight, fallback)


def values(
    *models: EdgeModel, read_s: float = 90.0, write_s: float = 90.0, queue_s: float = 10.0, **more: Any
) -> EdgeValues:
    """Return the values of the shipped profile; without `models` for two, each the other's stand-in.

    `more` goes to EdgeExtras.
    """
    return edge_values(
        extras=EdgeExtras(**more),
        models=models or (model("general", "fast"), model("fast", "general")),
        largest_max_model_len=6144,
        max_connections=512,
        threads=1,
        timeouts=EdgeTimeouts(10.0, read_s, write_s, queue_s),
        check_interval_s=1.0,
    )


def text(template: str, given: EdgeValues) -> tuple[str, str]:
    """Return the rendered text and its digest, which is taken from the text without it."""
    known = fields_of(given)
    blank = render_template(resource_dir("templates"), f"edge/{template}.j2", {**known, "digest": ""})
    digest = hashlib.sha256(blank.encode()).hexdigest()[:12]
    return render_template(
        resource_dir("templates"), f"edge/{template}.j2", {**known, "digest": digest}
    ), digest


def cache_text(given: ResponseCacheValues) -> str:
    """Return nginx.conf of the response cache."""
    known = fields_of(given)
    return render_template(resource_dir("templates"), response_cache.TEMPLATES[0], known)


def write(directory: Path, given: EdgeValues) -> str:
    """Write both files, each by rename as publishing does, and return the digest of haproxy.cfg."""
    directory.mkdir(exist_ok=True)
    for template in TEMPLATES:
        fresh = directory / f"{template}.new"
        fresh.write_text(text(template, given)[0])
        fresh.rename(directory / template)
    return text("haproxy.cfg", given)[1]


def sections(config: str) -> dict[str, str]:
    """Return the sections of haproxy.cfg by their first line."""
    kinds = "global|defaults|resolvers|frontend|backend|listen|peers"
    parts = re.split(rf"^(?=(?:{kinds})\b)", config, flags=re.MULTILINE)
    return {part.splitlines()[0]: part for part in parts if part.strip()}


def servers(section: str) -> list[str]:
    """Return what stands behind `server` in each line of a section that begins with it."""
    return re.findall(r"^    server (.+)$", section, re.MULTILINE)
