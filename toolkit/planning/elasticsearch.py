"""Elasticsearch: one node, its heap from the container's limit, its password from a secret file."""

from __future__ import annotations

from toolkit.planning.images import PINS
from toolkit.planning.plan import ConfigFiles, Mount, Reason, SecretFile, ServicePlan
from toolkit.planning.site import Site, user_of
from toolkit.planning.sysctls import MAX_MAP_COUNT
from toolkit.settings.elasticsearch import Elasticsearch
from toolkit.units import MIB

PORT = 9200
USER = "elastic"
_HOME = "/usr/share/elasticsearch"
_UNLIMITED = -1


def heap(section: Elasticsearch, limit_bytes: int) -> Reason:
    """Return the heap in bytes, in whole MiB: a share of the container's limit, up to the ceiling."""
    value = min(int(limit_bytes * section.heap_share), section.heap_ceiling) // MIB * MIB
    return Reason(
        value=value,
        formula="min(memory_limit × heap_share, heap_ceiling)",
        inputs={
            "services.elasticsearch.memory_limit": limit_bytes,
            "services.elasticsearch.heap_share": section.heap_share,
            "services.elasticsearch.heap_ceiling": section.heap_ceiling,
        },
        source="half is the file system cache's, and above some 26 GB pointers are no longer compressed "
        "(Elasticsearch, JVM settings)",
        unit="bytes",
    )


def plan_elasticsearch(site: Site) -> ServicePlan:
    """Return the service `elasticsearch`. Raises UsageError where images are built on the machine: it has none."""
    section = site.settings.services.elasticsearch
    pin = PINS["elasticsearch"]
    user = user_of(site.settings.run_as, pin)
    size_mib = int(str(heap(section, site.memory["elasticsearch"]).value)) // MIB
    return ServicePlan(
        name="elasticsearch",
        fragment="elasticsearch",
        pin="elasticsearch",
        image=site.image(pin),
        # Whoever runs it: what the image has to write to belongs to this group.
        user=f"{user.uid}:{pin.gid}",
        environment=_settings(site, section),
        networks=site.networks("elasticsearch", "data"),
        ports=site.private_ports("elasticsearch", PORT, PORT),
        ulimits=_ulimits(section),
        mounts=(Mount("volume", "elasticsearch-data", f"{_HOME}/data", read_only=False),),
        secrets=(SecretFile("elasticsearch-password", user.uid, user.gid),),
        config=ConfigFiles(
            ("elasticsearch/heap.options.j2",), f"{_HOME}/config/jvm.options.d", {"heap": f"{size_mib}m"}
        ),
        sysctls=(MAX_MAP_COUNT,),
        **site.leaves("elasticsearch"),
    )


def _settings(site: Site, section: Elasticsearch) -> dict[str, str]:
    """Return what stands in elasticsearch.yml elsewhere: the image takes each setting as a variable, too."""
    return {
        "cluster.name": f"{site.settings.project}-{site.settings.environment}",
        "node.name": "elasticsearch",
        "discovery.type": "single-node",
        "bootstrap.memory_lock": "true" if section.ulimits.memlock else "false",
        "xpack.security.enabled": "true",
        # Passwords travel on internal networks, or on the hosts' private one, as those of the databases do.
        "xpack.security.http.ssl.enabled": "false",
        "xpack.security.autoconfiguration.enabled": "false",
        "xpack.security.enrollment.enabled": "false",
        # It would reckon with memory that no sum has; and there is no way out to download anything.
        "xpack.ml.enabled": "false",
        "ingest.geoip.downloader.enabled": "false",
        "ELASTIC_PASSWORD_FILE": "/run/secrets/elasticsearch-password",
    }


def _ulimits(section: Elasticsearch) -> dict[str, int]:
    limits = section.ulimits
    memlock = {"memlock": _UNLIMITED} if limits.memlock else {}
    return {**memlock, **({"nofile": limits.nofile} if limits.nofile is not None else {})}
