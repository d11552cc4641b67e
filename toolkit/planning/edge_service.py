"""The edge as a service: its sums, its port, and the files that it reads."""

from __future__ import annotations

from dataclasses import asdict

from toolkit.planning.common import limits
from toolkit.planning.edge import EdgeModel, edge_values
from toolkit.planning.images import ImagePin
from toolkit.planning.plan import ConfigFiles, ModelEndpoint, Mount, PublishedPort, ServicePlan
from toolkit.planning.vllm import PORT as VLLM_PORT
from toolkit.settings.root import Settings

EDGE_PORT = 8080
_CONFIG_DIR = "/usr/local/etc/haproxy"
_KEYS_DIR = "/etc/haproxy/keys"
