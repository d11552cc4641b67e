"""container.create: what the engine refuses before anything runs"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_create import container_create


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "unable to find user vllm: no matching entries in passwd file",
            "the user vllm of the definition is not known in the",
            "give it by number (uid:gid) in",
        ),
        (
            'unable to start container process: chdir to cwd ("/app") set in config.json failed: permission '
            "denied",
            "the working directory /app cannot be entered by the",
            "correct working_dir or its owner and",
        ),
        (
            "error during container init: open sysctl net.ipv4.ip_unprivileged_port_start file: reopen fd 8: "
            "permission denied",
            "the kernel setting",
            "take it out of sysctls; what is not of",
        ),
        (
            'create data/: "data/" includes invalid characters for a local volume name',
            "a mount is written wrongly: a relative path is",
            "write ./path or an absolute one for a",
        ),
        (
            "joining network namespace of container: No such container: 3f2a",
            "it shares the network of another container",
            "start that one first, then recreate",
        ),
        (
            "conflicting options: port publishing and the container type network mode",
            "two settings of the container exclude each other",
            "take one of them out of the patch or",
        ),
        (
            "failed to initialize logging driver: dial tcp 127.0.0.1:24224: connect: connection refused",
            "the log driver cannot start: dial tcp",
            "json-file or local as the driver",
        ),
        (
            'error gathering device information while adding custom device "/dev/kfd": no such file or '
            "directory",
            "the device /dev/kfd of the definition is not there",
            "take it out of `devices`, or load its",
        ),
        (
            "opening seccomp profile (x.json) failed: no such file",
            "a security profile of the definition cannot be read",
            "correct security_opt: the path of the",
        ),
        (
            "secret not found: db_password",
            "the secret or config db_password is not there",
            "`toolkit up` makes those of the",
        ),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(container_create, "redis", line, cause, remedy)
