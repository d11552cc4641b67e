"""Plan + fragments + templates → Bundle: same plan, same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import ConfigFiles, Plan, ServicePlan
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.compose import planned_leaves, project, service_hash
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


def render(plan: Plan, compose_dir: Path, templates_dir: Path, project_dir: Path) -> Bundle:
    """Return every file of one host: compose.yaml, files/<service>/<hash>/…, and edge/ (stable).

    A fragment named `….yaml` is the user's own, relative to `project_dir`. Raises UsageError where it is not there or
    cannot be read.
    """
    files: dict[str, RenderedFile] = {}
    services: dict[str, dict[str, Any]] = {}
    reload_digests: dict[str, str] = {}
    for service in plan.services:
        directory = None
        if service.config is not None:
            texts, digest = _texts(service.config, templates_dir)
            directory = service.name if service.config.stable else f"files/{service.name}/{digest}"
            files.update(
                {f"{directory}/{_file_name(t)}": RenderedFile(x, _FILE_MODE, t) for t, x in texts.items()}
            )
            if service.config.stable:
                reload_digests[service.name] = digest
        path = _fragment_path(service, compose_dir, project_dir)
        services[service.name] = _service(plan, service, directory, path)
    definitions = {name: service_hash(body) for name, body in services.items()}
    text = yaml.dump(
        project(plan, services, definitions), Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True
    )
    files[COMPOSE_FILE] = RenderedFile(_HEADER + text, _FILE_MODE, "plan")
    return Bundle(files, definitions, reload_digests)


def _fragment_path(service: ServicePlan, compose_dir: Path, project_dir: Path) -> Path:
    if service.fragment.endswith(".yaml"):
        return project_dir / service.fragment
    return compose_dir / f"{service.fragment}.yaml"


def _fragment(service: ServicePlan, path: Path) -> dict[str, Any]:
    try:
        read = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, yaml.YAMLError) as error:
        step = f"write the fragment, or correct own_services.{service.part_of}.fragment"
        raise UsageError(
            Problem(str(path), f"the fragment of {service.name} cannot be read", str(error), step)
        ) from error
    if not isinstance(read, dict):
        step = "write the keys of one Compose service, without its name above them"
        raise UsageError(Problem(str(path), f"the fragment of {service.name} is no mapping", str(read), step))
    return read


def _service(plan: Plan, service: ServicePlan, directory: str | None, path: Path) -> dict[str, Any]:
    fragment = _fragment(service, path)
    merged = merge_leaves(fragment, planned_leaves(plan, service, directory and f"./{directory}"), str(path))
    return {key: merged[key] for key in (*_FIRST, *merged) if key in merged}


def _texts(config: ConfigFiles, templates_dir: Path) -> tuple[dict[str, str], str]:
    """Return the text of each template, and the first 12 hex digits of the sha256 over all of them.

    A stable file can name this digest, so that the running server can be asked which one it has loaded.
    """
    values = {**config.values, "digest": ""} if config.stable else config.values
    texts = {name: render_template(templates_dir, name, values) for name in config.templates}
    digest = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()[:12]
    if config.stable:
        values = {**config.values, "digest": digest}
        texts = {name: render_template(templates_dir, name, values) for name in config.templates}
    return texts, digest


def _file_name(template: str) -> str:
    return template.rpartition("/")[2].removesuffix(".j2")
