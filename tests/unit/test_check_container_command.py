"""container.command: what cannot run"""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from tests.support.readings import agrees, container
from toolkit.checks.container_command import container_command
from toolkit.facts import LogFact


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "redis",
            "8:M 01 Dec 2026 09:20:43.366 # Fatal: Can't initialize Background Jobs. Error message: Resource temporarily unavailable",
            "as many processes",
            "services.redis.pids",
        ),
        ("redis", "sh: 1: exec: /tmp/run.sh: not found", "Windows line ends", "sed -i"),
        (
            "redis",
            "bash: line 1: /srv/run.sh: cannot execute: required file not found",
            "interpreter",
            "sed -i",
        ),
        (
            "redis",
            "exec /usr/bin/redis-server: exec format error",
            "another processor architecture",
            "architecture",
        ),
        (
            "redis",
            'OCI runtime create failed: exec: "redis-serve": executable file not found in $PATH: unknown',
            "redis-serve is not in the image",
            "image and tag",
        ),
        ("redis", 'exec: "/entry.sh": permission denied: unknown', "/entry.sh", "chmod +x"),
        ("redis", "/usr/bin/env: 'bash\\r': No such file or directory", "Windows line ends", "sed"),
        ("redis", "fork: Resource temporarily unavailable", "as many processes", "pids"),
        (
            "redis",
            "Fatal glibc error: CPU does not support x86-64-v2",
            "the image is built for processors of the level",
            "take an image of an older base, or pass",
        ),
        (
            "redis",
            "runtime/cgo: pthread_create failed: Operation not permitted",
            "the image's C library makes system calls that the",
            "update docker, runc and libseccomp2 on",
        ),
        (
            "redis",
            "runtime/cgo: pthread_create failed: Resource temporarily unavailable",
            "the container (or its user on this host) has as",
            "raise services.redis.pids, and ulimits",
        ),
        (
            "redis",
            "standard_init_linux.go:228: exec user process caused: permission denied",
            "the file that the container starts with may not be",
            "`chmod +x` the file on the host or in",
        ),
        (
            "redis",
            "s6-overlay-suexec: fatal: can only run as pid 1",
            "the image's own init has to be process 1, and",
            "take `init` and `pid` out of that",
        ),
        (
            "redis",
            'sh: 1: Syntax error: "(" unexpected',
            "a script written for bash is run by sh (dash or ash)",
            "`#!/bin/bash` as its first line and",
        ),
        (
            "redis",
            "# Can't initialize Background Jobs. Error message: Operation not permitted",
            "the image's C library makes system calls that the",
            "update docker, runc and libseccomp2 on",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_command, service, line, cause, remedy)


def test_the_section_of_a_service_of_the_user_s_own_is_named_as_such() -> None:
    own = plan("own_services.search_api.image=mine:1", "own_services.search_api.health_command=[check]")
    told = (LogFact("search-api", ("sh: fork: Resource temporarily unavailable",)),)
    (found,) = ask(container_command, own, logs=told, containers=(container("search-api"),))
    assert found.remedy.startswith("raise own_services.search_api.pids")
