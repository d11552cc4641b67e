"""No secret of the running stack can be seen from outside: not by inspect, in a log, or as an argument."""

from __future__ import annotations

import json
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.engine import execute, inspect, logs
from tests.support.stack import SERVICES

if TYPE_CHECKING:
    from tests.support.command_lines import CommandLines
    from tests.support.stack import Stack

pytestmark = pytest.mark.engine


def is_open(stack: Stack, file: Path) -> bool:
    """Whether a file of the state is one that holds no secret itself: logs, records, releases, digests."""
    closed = (stack.state / "secrets", stack.state / "keys", stack.state / "edge" / "tls.pem")
    return file.is_file() and not any(file.is_relative_to(one) for one in closed)


def environments(container: str) -> str:
    """Return the environments of all processes of a container, as root sees them from outside."""
    found = execute("docker", "top", container, "-eo", "pid").stdout.split()[1:]
    texts = []
    for pid in found:
        # A health check that has ended by now.
        with suppress(OSError):
            texts.append(Path("/proc", pid, "environ").read_bytes().decode("utf-8", "replace"))
    assert any(texts)
    return "\n".join(texts)


def test_no_secret_can_be_seen(stack: Stack, command_lines: CommandLines) -> None:
    values = stack.secrets()
    assert set(values) >= {"mariadb-root-password", "mariadb-password", "redis-app-password", "default.key"}
    compose = (
        "docker",
        "compose",
        "--project-name",
        stack.project,
        "--file",
        str(stack.build / "compose.yaml"),
    )
    places = {
        "compose config": execute(*compose, "config").stdout,
        "the command's own words": "".join(ran.out + ran.err for ran in stack.ran),
        **{f"inspect {service}": json.dumps(inspect(stack.container(service))) for service in SERVICES},
        **{f"logs {service}": logs(stack.container(service)) for service in SERVICES},
        **{str(file): file.read_text() for file in stack.build.rglob("*") if file.is_file()},
        **{str(file): file.read_text() for file in stack.state.rglob("*") if is_open(stack, file)},
        **{f"environment of {name}": environments(stack.container(name)) for name in SERVICES},
    }
    assert places["compose config"]
    found = [
        (place, name) for place, text in places.items() for name, value in values.items() if value in text
    ]
    assert found == []
    assert command_lines.with_any([str(stack.directory)]) != []
    assert command_lines.with_any(list(values.values())) == []


def test_the_state_is_closed_to_others(stack: Stack) -> None:
    def mode(path: Path) -> int:
        return stat.S_IMODE(path.stat().st_mode)

    closed = [stack.directory / ".toolkit", stack.state, stack.state / "secrets", stack.state / "keys"]
    assert {str(path): mode(path) for path in closed} == {str(path): 0o700 for path in closed}
    files = [*(stack.state / "secrets").iterdir(), *(stack.state / "keys").iterdir()]
    assert len(files) >= 6
    assert {file.name: mode(file) for file in files} == {file.name: 0o600 for file in files}
