"""The edge as a service: its sums, its port, and the files that it reads."""

from __future__ import annotations

from toolkit.planning.edge_sections import edge_values_of
from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, ModelEndpoint, Mount, PublishedPort, Scratch, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.planning.sockets import SOCKETS
from toolkit.planning.tls import TLS_PORT, tls_files
from toolkit.planning.wanted import MODELS
from toolkit.units import MIB
from toolkit.values import fields_of

EDGE_PORT = 8080
_EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 - an address of a profile
_CONFIG_DIR = "/usr/local/etc/haproxy"
_KEYS_DIR = "/etc/haproxy/keys"
_TEMPLATES = ("edge/haproxy.cfg.j2", "edge/servers-down.state.j2")


def plan_edge(site: Site, models: tuple[ModelEndpoint, ...]) -> ServicePlan:
    """Return the service `edge` before `models`."""
    pin = PINS["haproxy"]
    user = user_of(site.settings.run_as, pin)
    tls = tls_files(site, user)
    return ServicePlan(
        name="edge",
        fragment="edge",
        pin="haproxy",
        image=site.image(pin),
        user=str(user),
        networks=_networks(site),
        ports=_ports(site, EDGE_PORT if tls is None else TLS_PORT),
        tls=tls,
        # Hashes of API keys are state: they outlive the rendered tree, and change without it.
        mounts=_mounts(site),
        # States of the servers, from one worker to the next on a reload; gone with the container, as they should be.
        scratch=(Scratch("/run/edge", MIB),),
        config=ConfigFiles(_TEMPLATES, _CONFIG_DIR, fields_of(edge_values_of(site, models)), stable=True),
        **site.leaves("edge"),
    )


def _mounts(site: Site) -> tuple[Mount, ...]:
    keys = Mount("bind", f".toolkit/{site.settings.environment}/edge", _KEYS_DIR, read_only=True)
    return (keys, SOCKETS) if "response_cache" in site.sections else (keys,)


def _networks(site: Site) -> tuple[str, ...]:
    uses = {used for user, used in site.links if user == "edge"}
    inference = ("inference",) if uses & set(MODELS) else ()
    apps = ("apps",) if any(key not in MODELS for key in uses) or ("edge" in _used(site)) else ()
    return ("public", *inference, *apps)


def _used(site: Site) -> set[str]:
    """What services of this host use."""
    return {used for user, used in site.links if site.placed[user] == site.placed["edge"]}


def _ports(site: Site, container_port: int) -> tuple[PublishedPort, ...]:
    section = site.settings.services.edge
    asked = PublishedPort(section.address, section.port, container_port)
    private = site.private_ports("edge", container_port, section.port)
    if section.address in _EVERYWHERE or asked in private:
        return (asked,)
    return (asked, *private)
