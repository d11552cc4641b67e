"""Plan + fragments + templates → Bundle: same plan, same bytes."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import yaml

from toolkit.planning.plan import ConfigFiles, Plan, ServicePlan
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.compose import planned_leaves, project
from toolkit.render.merge import merge_leaves
from toolkit.render.templates import render_template

COMPOSE_FILE = "compose.yaml"
_FILE_MODE = 0o644
_HEADER = "# Rendered by toolkit: edit toolkit.yaml, not this file; the next render replaces it.\n"


class _Dumper(yaml.CSafeDumper):
    """Writes block style without anchors: people read and compare this file."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - PyYAML's own signature
        return True


def render(plan: Plan, compose_dir: Path, templates_dir: Path) -> Bundle:
    """Return every file of the environment: compose.yaml, files/<service>/<hash>/…, and edge/ (stable)."""
    files: dict[str, RenderedFile] = {}
    services: dict[str, dict[str, Any]] = {}
    for service in plan.services:
        rendered = _configs(service, templates_dir)
        files.update(rendered)
        source = f"./{next(iter(rendered)).rpartition('/')[0]}" if rendered else None
        fragment_path = compose_dir / f"{service.fragment}.yaml"
        fragment = _load_fragment(fragment_path)
        services[service.name] = merge_leaves(fragment, planned_leaves(plan, service, source), str(fragment_path))
    text = yaml.dump(project(plan, services), Dumper=_Dumper, sort_keys=False, width=120, allow_unicode=True)
    files[COMPOSE_FILE] = RenderedFile(_HEADER + text, _FILE_MODE, "plan")
    return Bundle(files)


def _load_fragment(path: Path) -> dict[str, Any]:
    fragment: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # noqa: S506
    return fragment


def _configs(service: ServicePlan, templates_dir: Path) -> dict[str, RenderedFile]:
    config = service.config
    if config is None:
        return {}
    texts = {_file_name(t): (t, _text(templates_dir, t, config)) for t in config.templates}
    directory = service.name if config.stable else f"files/{service.name}/{_digest(t for _, t in texts.values())}"
    return {f"{directory}/{n}": RenderedFile(text, _FILE_MODE, source) for n, (source, text) in texts.items()}


def _text(templates_dir: Path, template: str, config: ConfigFiles) -> str:
    if not config.stable:
        return render_template(templates_dir, template, config.values)
    # A stable file names its own digest, so that the running server can be asked which one it has loaded.
    blank = render_template(templates_dir, template, {**config.values, "digest": ""})
    return render_template(templates_dir, template, {**config.values, "digest": _digest([blank])})


def _file_name(template: str) -> str:
    return template.rpartition("/")[2].removesuffix(".j2")


def _digest(texts: Any) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]
