"""The edge as a service: its sums, its port, and the files that it reads."""

from __future__ import annotations

from dataclasses import fields

from toolkit.planning.common import limits, user_of
from toolkit.planning.edge import EdgeModel, EdgeTimeouts, EdgeValues, edge_values
from toolkit.planning.images import ImagePin
from toolkit.planning.plan import ConfigFiles, ModelEndpoint, Mount, PublishedPort, Scratch, ServicePlan
from toolkit.planning.vllm import PORT as VLLM_PORT
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm
from toolkit.units import MIB

EDGE_PORT = 8080
_CONFIG_DIR = "/usr/local/etc/haproxy"
_KEYS_DIR = "/etc/haproxy/keys"
_TEMPLATES = ("edge/haproxy.cfg.j2", "edge/servers-down.state.j2")


def plan_edge(
    settings: Settings, models: tuple[ModelEndpoint, ...], llms: dict[str, Llm], pin: ImagePin, image: str
) -> ServicePlan:
    """Return the service `edge` before `models`, whose servers are `llms`."""
    section = settings.services.edge
    return ServicePlan(
        name="edge",
        fragment="edge",
        pin="haproxy",
        image=image,
        user=str(user_of(settings.run_as, pin)),
        ports=(PublishedPort(section.address, section.port, EDGE_PORT),),
        # Hashes of API keys are state: they outlive the rendered tree, and change without it.
        mounts=(Mount("bind", f"../../.toolkit/{settings.environment}/edge", _KEYS_DIR, read_only=True),),
        # States of the servers, from one worker to the next on a reload; gone with the container, as they should be.
        scratch=(Scratch("/run/edge", MIB),),
        config=ConfigFiles(
            _TEMPLATES, _CONFIG_DIR, _template_values(_values(settings, models, llms)), stable=True
        ),
        **limits(section, settings.engine),
    )


def _values(settings: Settings, models: tuple[ModelEndpoint, ...], llms: dict[str, Llm]) -> EdgeValues:
    section = settings.services.edge
    return edge_values(
        models=tuple(_edge_model(m, llms[m.service]) for m in models),
        largest_max_model_len=max(llm.flags.max_model_len for llm in llms.values()),
        max_connections=section.max_connections,
        # One thread per whole core: HAProxy would take all cores of the host, its limit notwithstanding.
        threads=max(1, int(section.cpus)),
        timeouts=EdgeTimeouts(
            section.timeouts.connect, section.timeouts.read, section.timeouts.write, section.timeouts.queue
        ),
        check_interval_s=section.check_interval,
    )


def _edge_model(model: ModelEndpoint, llm: Llm) -> EdgeModel:
    return EdgeModel(
        model.served_name, model.service, model.service, VLLM_PORT, llm.flags.max_num_seqs, model.fallback
    )


def _template_values(values: EdgeValues) -> dict[str, object]:
    return {field.name: getattr(values, field.name) for field in fields(values)}
