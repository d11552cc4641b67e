"""This machine as it is: the real kernel answers."""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

import pytest

from toolkit.probes.host import (
    Listener,
    cpu_count,
    free_disk_mib,
    memory_mib,
    port_listener,
    port_refusal,
    read_sysctl,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which this process listens."""
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        server.listen()
        yield server.getsockname()[1]


def free_port() -> int:
    with socket.socket() as server:
        server.bind((LOOPBACK, 0))
        return int(server.getsockname()[1])


def test_the_machine_has_memory_and_processors() -> None:
    assert memory_mib() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 1024**2
    assert 1 <= cpu_count() <= (os.cpu_count() or 1)


def test_free_disk_of_a_path_that_is_not_there_yet(tmp_path: Path) -> None:
    found = os.statvfs(tmp_path)

    assert abs(free_disk_mib(tmp_path / "a/b") - found.f_bavail * found.f_frsize // 1024**2) < 1024


def test_a_taken_port_is_refused_and_its_listener_named(taken: int) -> None:
    assert port_refusal(LOOPBACK, taken) == f"127.0.0.1:{taken} is in use"

    listener = port_listener(LOOPBACK, taken)
    assert listener is not None
    assert listener.pid == os.getpid()
    assert listener.as_text() == f"{listener.name} (pid {os.getpid()})"


def test_a_listener_on_one_address_excludes_all_of_them(taken: int) -> None:
    assert port_listener(EVERYWHERE, taken) is not None
    assert port_refusal(EVERYWHERE, taken) == f"0.0.0.0:{taken} is in use"


def test_a_listener_on_another_address_does_not_matter(taken: int) -> None:
    assert port_listener("127.0.0.2", taken) is None
    assert port_refusal("127.0.0.2", taken) == ""


def test_a_free_port() -> None:
    port = free_port()

    assert port_refusal(LOOPBACK, port) == ""
    assert port_listener(LOOPBACK, port) is None


def test_connections_that_ended_do_not_take_the_port() -> None:
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind((LOOPBACK, 0))
        server.listen()
        port = server.getsockname()[1]
        with socket.create_connection((LOOPBACK, port)):
            server.accept()[0].close()

    assert port_refusal(LOOPBACK, port) == ""


def test_an_address_of_another_machine() -> None:
    assert port_refusal("192.0.2.1", 8000) == "192.0.2.1 is no address of this machine"


def test_a_listener_of_another_user_stays_unnamed() -> None:
    assert Listener("", None).as_text() == "another process"


def test_a_kernel_setting_is_read_and_one_that_is_not_there_is_none() -> None:
    assert read_sysctl("vm.overcommit_memory") in {"0", "1", "2"}
    assert read_sysctl("vm.no_such_setting") is None
