"""Every branch of the edge's and the cache's templates is accepted by the program that reads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import edge_config, linters
from tests.support.engine import execute
from toolkit.planning import response_cache
from toolkit.planning.edge import CACHE_SOCKETS, EdgeCache, EdgeValues
from toolkit.planning.edge_limits import RateLimit
from toolkit.planning.edge_pools import EdgeServer
from toolkit.planning.edge_routes import EdgeRoute, Sticky
from toolkit.planning.images import PINS, local_ref
from toolkit.planning.response_cache import response_cache_values
from toolkit.units import MIB
from toolkit.values import replace

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.engine

CACHE = EdgeCache("one")
LIMIT = RateLimit(100, 60.0)
API = EdgeRoute(
    "api-server",
    "/api",
    (EdgeServer("api-server", "api-server", 8080),),
    5.0,
    replicas=3,
    health_path="/health",
    sticky=Sticky("SERVERID", 3600.0),
    micro_cache=True,
)
FAR = EdgeRoute("far", "/api/far", (EdgeServer("far", "10.0.0.2", 8080),), 5.0)
MODELS = (
    edge_config.model("general", "fast", replicas=3),
    edge_config.model("fast", "general"),
    replace(edge_config.model("embeddings"), pooling=True),
)
VARIANTS: Mapping[str, EdgeValues] = {
    "cache": edge_config.values(cache=CACHE),
    "limit": edge_config.values(rate_limit=LIMIT),
    "routes": edge_config.values(routes=(API, FAR)),
    "replicas": edge_config.values(*MODELS),
    "all": edge_config.values(*MODELS, cache=CACHE, routes=(API, FAR), rate_limit=LIMIT),
}


@pytest.fixture
def state(tmp_path: Path) -> Path:
    for directory in (tmp_path, *tmp_path.parents[:2]):
        directory.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize("name", VARIANTS)
def test_haproxy_accepts_it(state: Path, name: str) -> None:
    edge_config.write(state / "edge", VARIANTS[name])
    verdict = linters.haproxy(state / "edge", state)
    assert (verdict.code, verdict.complaints) == (0, ()), verdict.text
    assert "Configuration file is valid" in verdict.text


def nginx(directory: Path) -> tuple[int, str]:
    """Return the exit code of `nginx -t`, and what it said."""
    # As it will run: it also makes its directories and its socket.
    closed = ("--read-only", "--network", "none", "--user", "101:101", "--cap-drop", "ALL")
    writable = (f"{response_cache.DIRECTORY}:uid=101,mode=700", f"{CACHE_SOCKETS}:mode=1777")
    tmpfs = (word for place in writable for word in ("--tmpfs", place))
    mount = ("--volume", f"{directory}:{response_cache.CONFIG_DIR}:ro")
    command = ("nginx", "-t", "-e", "stderr", "-c", f"{response_cache.CONFIG_DIR}/nginx.conf")
    image = local_ref(PINS["nginx"])
    done = execute("docker", "run", "--rm", "--pull", "never", *closed, *tmpfs, *mount, image, *command)
    return done.returncode, done.stdout + done.stderr


def written(state: Path, more: str = "") -> Path:
    known = response_cache_values(
        VARIANTS["all"], ttl_s=3600.0, entries=20_000, size_bytes=200 * MIB, micro_ttl_s=5.0, cpus=2.0
    )
    (state / "nginx.conf").write_text(edge_config.cache_text(known) + more)
    return state


def test_nginx_accepts_it_without_a_warning(state: Path) -> None:
    code, said = nginx(written(state))
    assert code == 0, said
    assert "test is successful" in said
    assert "[warn]" not in said


def test_nginx_refuses_a_line_that_it_does_not_know(state: Path) -> None:
    code, said = nginx(written(state, "bogus_directive on;\n"))
    assert code == 1
    assert 'unknown directive "bogus_directive"' in said
