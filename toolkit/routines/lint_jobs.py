"""What of a rendered host is to be judged by which program: one question for each set of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.engine import linters
from toolkit.engine.linters import Asked, Dialect, Lint
from toolkit.errors import UsageError
from toolkit.planning.images import PINS
from toolkit.planning.model_sources import GENERATED, model_path
from toolkit.profile.model_files import model_directory
from toolkit.resources import resource_dir

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.planning.plan_service import ServicePlan
    from toolkit.render.bundle import Bundle
    from toolkit.settings.models import Model
    from toolkit.settings.root import Settings

NO_DRY_RUN: Mapping[str, str] = {"elasticsearch": "Elasticsearch has no way to check its files but to start"}
_VLLM = frozenset({"vllm", "vllm-cpu"})
_SIMPLE = {
    "haproxy": linters.haproxy,
    "nginx": linters.nginx,
    "mariadb": linters.mariadb,
    "vector-db": linters.postgresql,
    "prometheus": linters.prometheus,
}
# Of a model's files those that its configuration is made of; weights are not.
_CONFIGURATION = frozenset({".json", ".jinja", ".txt"})
_LARGEST_BYTES = 20_000_000
_WEIGHTS_INDEX = ".safetensors.index.json"


@dataclass(frozen=True, slots=True)
class Models:
    """Where files of models may be: beside toolkit.yaml, and in the Hub's cache of this machine."""

    settings: Settings
    project_dir: Path
    cache: Path


def jobs(plan: Plan, bundle: Bundle, models: Models) -> tuple[Lint, ...]:
    """Return the questions about all services of a host whose program has a way to check its files."""
    found = [_simple(service, bundle) for service in plan.services if service.pin in {*_SIMPLE, "redis"}]
    for pin in sorted(_VLLM):
        servers = [service for service in plan.services if service.pin == pin]
        if servers:
            found.append(_servers(servers, models))
    return tuple(found)


def asked_argvs(job: Lint, plan: Plan) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each different argument list of a question about vLLM, with the first service that has it."""
    return _distinct([s for s in plan.services if s.name in job.services])


def texts_of(service: ServicePlan, bundle: Bundle) -> dict[str, str]:
    """Return the rendered texts of a service by their paths in its container."""
    wanted = {
        template.rpartition("/")[2].removesuffix(".j2"): config.target
        for config in service.config_files
        for template in config.templates
    }
    own = (f"files/{service.name}/", f"{service.name}/")
    return {
        f"{wanted[name]}/{name}": file.text
        for path, file in bundle.files.items()
        if path.startswith(own) and (name := path.rpartition("/")[2]) in wanted
    }


def _simple(service: ServicePlan, bundle: Bundle) -> Lint:
    target = service.config.target if service.config is not None else ""
    texts = {path: text for path, text in texts_of(service, bundle).items() if path.startswith(f"{target}/")}
    digests = service.digest_file
    if service.pin == "redis" and digests is not None:
        dialect = linters.redis(target, texts, (f"{digests.target}/{digests.name}", digests.text))
    else:
        dialect = _SIMPLE[service.pin](target, texts)
    return Lint((service.name,), service.image, _user(service.pin), dialect)


def _user(pin: str) -> str:
    return f"{PINS[pin].uid}:{PINS[pin].gid}"


def _distinct(servers: list[ServicePlan]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found: dict[tuple[str, ...], str] = {}
    for service in servers:
        found.setdefault(service.command, service.name)
    return tuple((name, argv) for argv, name in found.items())


def _servers(servers: list[ServicePlan], models: Models) -> Lint:
    files: dict[str, str] = {}
    asked = []
    for _, argv in _distinct(servers):
        own = _files_of(argv[0], models)
        files |= own
        asked.append(Asked(argv, deep=bool(own)))
    images, shipped = resource_dir("compose") / "images" / "vllm", resource_dir("compose") / "models"
    scripts = {
        path.name: path.read_text(encoding="utf-8")
        for path in (images / "check_argv.py", shipped / "lint_argv.py")
    }
    dialect: Dialect = linters.vllm(asked, scripts, files)
    return Lint(tuple(s.name for s in servers), servers[0].image, _user(servers[0].pin), dialect)


def _files_of(path: str, models: Models) -> dict[str, str]:
    """Return the configuration of the model that vLLM is given as `path`, as the container finds it; {} if not here."""
    for name, model in models.settings.models.items():
        if model_path(name, model) == path:
            return dict(_configuration(path, model, models))
    return {}


def _configuration(path: str, model: Model, models: Models) -> Iterator[tuple[str, str]]:
    directory, target = _places(path, model, models)
    if directory is None or not (directory / "config.json").is_file():
        return
    for file in sorted(directory.iterdir()):
        small = file.is_file() and file.stat().st_size <= _LARGEST_BYTES
        if small and file.suffix in _CONFIGURATION and not file.name.endswith(_WEIGHTS_INDEX):
            yield f"{target}/{file.name}", file.read_text(encoding="utf-8")
    if not path.startswith("/"):
        repository = target.partition("/snapshots/")[0]
        yield f"{repository}/refs/{model.revision or 'main'}", target.rpartition("/")[2]


def _places(path: str, model: Model, models: Models) -> tuple[Path | None, str]:
    """Return where the files are on this machine, and where the container looks for them."""
    if model.source in GENERATED:
        return models.project_dir / GENERATED[model.source].directory, path
    try:
        found = model_directory(model, models.project_dir, models.cache)
    except UsageError:
        return None, ""
    if path.startswith("/"):
        return found, path
    return found, f"{linters.HUB}/hub/models--{path.replace('/', '--')}/snapshots/{found.name}"
