"""The real engine: what is seen of containers, and what ends a wait for them."""

from __future__ import annotations

import json
import secrets
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest

from toolkit.clock import Deadline
from toolkit.engine.abilities import engine_abilities
from toolkit.engine.argv import Mount, ThrowAway
from toolkit.engine.compose import ComposeEngine
from toolkit.engine.runner import SubprocessRunner
from toolkit.errors import EngineError
from toolkit.planning.images import LOCAL
from toolkit.probes.containers import Containers
from toolkit.probes.engine_api import SocketApi
from toolkit.probes.engine_host import engine_host
from toolkit.probes.events import Events

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from toolkit.facts import ContainerFact, Outcome

pytestmark = pytest.mark.engine
IMAGE = LOCAL["redis"]
