"""Plan + fragments + templates → Bundle: same plan, same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from toolkit.planning.plan import ConfigFiles, Plan, ServicePlan
from toolkit.render.additions import NOTHING_ADDED, Additions
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.compose import planned_leaves, project, service_hash
from toolkit.render.fragments import read_fragment
from toolkit.render.merge import merge_leaves
from toolkit.render.templates import render_template

COMPOSE_FILE = "compose.yaml"
_FILE_MODE = 0o644
# What a reader looks for comes first.
_FIRST = ("image", "command", "user", "environment")
_HEADER = "# Rendered by toolkit: edit toolkit.yaml, not this file; the next render replaces it.\n"


class _Dumper(yaml.CSafeDumper):
    """Writes block style without anchors: people read and compare this file."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        return True


def render(
    plan: Plan,
    compose_dir: Path,
    templates_dir: Path,
    project_dir: Path,
    additions: Additions = NOTHING_ADDED,
) -> Bundle:
    """Return every file of one host: compose.yaml, files/<service>/<hash>/…, and edge/ (stable).

    A fragment named `….yaml` is the user's own, relative to `project_dir`; `additions` are texts of the user in the
    place of shipped templates and fragments, and patches of services. Raises UsageError where one cannot be used.
    """
    files: dict[str, RenderedFile] = {}
    services: dict[str, dict[str, Any]] = {}
    reload_digests: dict[str, str] = {}
    for service in plan.services:
        sources = []
        for config in service.config_files:
            texts, digest = _texts(config, templates_dir, additions)
            directory = service.name if config.stable else f"files/{service.name}/{digest}"
            files.update(
                {
                    f"{directory}/{_file_name(t)}": RenderedFile(x, _FILE_MODE, additions.source(t))
                    for t, x in texts.items()
                }
            )
            sources.append(f"./{directory}")
            if config.stable:
                reload_digests[service.name] = digest
        body = _service(plan, service, sources, compose_dir, project_dir, additions)
        services[service.name] = body
    definitions = {name: service_hash(body) for name, body in services.items()}
    text = yaml.dump(
        project(plan, services, definitions), Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True
    )
    files[COMPOSE_FILE] = RenderedFile(_HEADER + text, _FILE_MODE, "plan")
    return Bundle(files, definitions, reload_digests)


def with_images(text: str, images: Mapping[str, str]) -> str:
    """Return the text of a Compose file with other images, by the names of their services."""
    body = yaml.load(text, yaml.CSafeLoader)
    for service, image in images.items():
        body["services"][service]["image"] = image
    return _HEADER + yaml.dump(body, Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)


def _service(
    plan: Plan,
    service: ServicePlan,
    sources: list[str],
    compose_dir: Path,
    project_dir: Path,
    additions: Additions,
) -> dict[str, Any]:
    fragment, where = read_fragment(service, compose_dir, project_dir, additions.replaced)
    merged = merge_leaves(fragment, planned_leaves(plan, service, sources), where)
    # Replicas are services of their own, and a patch is for all of them.
    merged = additions.patched(service.part_of.replace("_", "-"), merged)
    return {key: merged[key] for key in (*_FIRST, *merged) if key in merged}


def _texts(config: ConfigFiles, templates_dir: Path, additions: Additions) -> tuple[dict[str, str], str]:
    """Return the text of each template, and the first 12 hex digits of the sha256 over all of them.

    A stable file can name this digest, so that the running server can be asked which one it has loaded.
    """
    values = {**config.values, "digest": ""} if config.stable else config.values
    texts = {
        name: render_template(templates_dir, name, values, additions.replaced) for name in config.templates
    }
    digest = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()[:12]
    if config.stable:
        values = {**config.values, "digest": digest}
        texts = {
            name: render_template(templates_dir, name, values, additions.replaced)
            for name in config.templates
        }
    return texts, digest


def _file_name(template: str) -> str:
    return template.rpartition("/")[2].removesuffix(".j2")
