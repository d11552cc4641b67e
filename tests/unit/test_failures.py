"""What failed commands print, recorded from Engine 20.10.24 with Compose 2.26.1 (and 28 where named)."""

from __future__ import annotations

import pytest

from toolkit.engine.failures import classify

PROJECT = "llm-testing"
OCI = (
    "Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed:"
    " unable to start container process: "
)


def progress(*steps: str) -> str:
    return "".join(f" Container {PROJECT}-{step}\n" for step in steps)


ONE_OPEN = progress(
    "redis-1  Created", "llm-general-1  Created", "redis-1  Started", "llm-general-1  Starting"
)


@pytest.mark.parametrize(
    ("line", "where", "what", "next_step"),
    [
        pytest.param(
            "Error response from daemon: driver failed programming external connectivity on endpoint"
            " llm-testing-edge-1 (a66d16): Error starting userland proxy:"
            " listen tcp4 127.0.0.1:8001: bind: address already in use",
            "edge",
            "port 127.0.0.1:8001 is taken by another process",
            "`ss -ltnp` names it; stop it, or set another services.edge.port",
            id="port-process",
        ),
        pytest.param(
            "Error response from daemon: failed to set up container networking: driver failed programming external"
            " connectivity on endpoint llm-testing-edge-1 (a66d16): failed to bind host port for"
            " 127.0.0.1:8001:172.18.0.2:8000/tcp: address already in use",
            "edge",
            "port 127.0.0.1:8001 is taken by another process",
            "`ss -ltnp` names it; stop it, or set another services.edge.port",
            id="port-process-28",
        ),
        pytest.param(
            "Error response from daemon: driver failed programming external connectivity on endpoint"
            " llm-testing-edge-1 (983beb): Bind for 127.0.0.1:8001 failed: port is already allocated",
            "edge",
            "port 127.0.0.1:8001 is taken by another container",
            "`docker ps` names it; stop it, or set another services.edge.port",
            id="port-container",
        ),
        pytest.param(
            "Error response from daemon: no such image: llm-stack/none:1: No such image: llm-stack/none:1",
            "llm-general",
            "the image llm-stack/none:1 is not on this machine",
            "`toolkit up` gets it: it pulls, or with `image_source: local` builds",
            id="no-image",
        ),
        pytest.param(
            'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup'
            " registry-1.docker.io on 10.255.255.53:53: no such host",
            "llm-general",
            "the registry registry-1.docker.io cannot be reached",
            "check network and proxy of the engine, or use `image_source: local` with `toolkit images build`",
            id="no-network",
        ),
        pytest.param(
            "Error response from daemon: manifest for redis:99 not found: manifest unknown: manifest unknown",
            "llm-general",
            "the registry has no such image or tag",
            "check name and tag of the image",
            id="no-tag",
        ),
        pytest.param(
            "Error response from daemon: pull access denied for llm/none, repository does not exist or may require"
            " 'docker login': denied: requested access to the resource is denied",
            "llm-general",
            "the registry gives this image to nobody of that name",
            "check the image's name; if it is a private one, `docker login` first",
            id="pull-denied",
        ),
        pytest.param(
            "Error response from daemon: toomanyrequests: You have reached your pull rate limit.",
            "llm-general",
            "the registry refuses: too many pulls from this address",
            "`docker login`, or wait some hours, or use `image_source: local` with `toolkit images build`",
            id="rate-limit",
        ),
        pytest.param(
            'Error response from daemon: invalid mount config for type "bind": bind source path does not exist:'
            " /srv/llm/build/testing/files/redis/1f",
            "llm-general",
            "a path to be mounted is not there: /srv/llm/build/testing/files/redis/1f",
            "`toolkit render` writes what belongs to the bundle; a path of your own has to exist before",
            id="bind-source",
        ),
        pytest.param(
            f'{OCI}error during container init: error mounting "/srv/adir" to rootfs at "/etc/passwd": mount'
            " /srv/adir:/etc/passwd (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying"
            " to mount a directory onto a file (or vice-versa)? Check if the specified host path exists",
            "llm-general",
            "a directory is mounted onto a file, or a file onto a directory",
            "compare the two paths of the mount: both have to be a file, or both a directory",
            id="dir-onto-file",
        ),
        pytest.param(
            "env file /srv/none.env not found: stat /srv/none.env: no such file or directory",
            "llm-general",
            "an env file is not there: /srv/none.env",
            "make it, or take it out of the service",
            id="env-file",
        ),
        pytest.param(
            f'{OCI}exec: "vllm": executable file not found in $PATH: unknown',
            "llm-general",
            "the program vllm is not in the image",
            "check image and tag: the command belongs to another image",
            id="no-program",
        ),
        pytest.param(
            f'{OCI}exec: "/etc/passwd": permission denied: unknown',
            "llm-general",
            "the file /etc/passwd may not be executed",
            "check image and tag: the command belongs to another image",
            id="not-executable",
        ),
        pytest.param(
            f"{OCI}exec /usr/bin/vllm: exec format error: unknown",
            "llm-general",
            "the image is built for another processor architecture",
            "use an image for this machine's architecture: `docker image inspect` names the image's",
            id="architecture",
        ),
        pytest.param(
            'Error response from daemon: Conflict. The container name "/mine" is already in use by container'
            ' "82293725d24539e3". You have to remove (or rename) that container to be able to reuse that name.',
            "llm-general",
            "a container named mine is there already",
            "look at it with `docker inspect mine`; if it is of no use, `docker rm -f mine`",
            id="name-conflict",
        ),
        pytest.param(
            "failed to create network llm-testing_data: Error response from daemon: Pool overlaps with other one on"
            " this address space",
            "llm-general",
            "no free address range is left for a network",
            "`docker network ls` shows the networks, `docker network prune` removes the unused ones",
            id="pool",
        ),
        pytest.param(
            f"{OCI}error during container init: error setting rlimits for ready process: error setting rlimit type"
            " 8: operation not permitted: unknown",
            "llm-general",
            "this machine does not allow the ulimit memlock",
            "lower it or leave it out in the profile: the engine's own limits stand above it",
            id="rlimit",
        ),
        pytest.param(
            "Error response from daemon: Range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available",
            "llm-general",
            "asks for more processors than the machine has: 2.00",
            "set services.llm_general.cpus to at most 2.00",
            id="cpus",
        ),
        pytest.param(
            "Error response from daemon: Minimum memory limit allowed is 6MB",
            "llm-general",
            "its memory limit is below the engine's least, 6MB",
            "raise services.llm_general.memory",
            id="least-memory",
        ),
        pytest.param(
            'Error response from daemon: could not select device driver "nvidia" with capabilities: [[gpu]]',
            "llm-general",
            "the engine cannot give GPUs to containers",
            "install the NVIDIA Container Toolkit on that host and restart its engine, or use `hardware: cpu`",
            id="gpu",
        ),
        pytest.param(
            f"{OCI}error running hook #0: error running hook: exit status 1, stdout: , stderr: nvidia-container-cli:"
            " device error: GPU-ffffffff-0000-4000-8000-000000000000: unknown device: unknown",
            "llm-general",
            "the host has no card GPU-ffffffff-0000-4000-8000-000000000000",
            "`nvidia-smi -L` on that host lists its cards; correct `gpus` of the host under `hosts:`, "
            "or of the service that names it",
            id="no-such-card",
        ),
        pytest.param(
            "nvidia-container-cli: initialization error: nvml error: driver not loaded",
            "llm-general",
            "the NVIDIA driver of the host does not answer: nvml error: driver not loaded",
            "`nvidia-smi` on that host has to list its cards first: (re)install the driver, or restart the host",
            id="no-driver",
        ),
        pytest.param(
            "Error response from daemon: mkdir /var/lib/docker/overlay2/4b: no space left on device",
            "llm-general",
            "the disk is full",
            "`docker system df` shows what the engine holds; `docker builder prune` frees what builds left",
            id="disk-full",
        ),
    ],
)
def test_a_known_failure(line: str, where: str, what: str, next_step: str) -> None:
    (problem,) = classify(ONE_OPEN + line + "\n", PROJECT)

    assert (problem.where, problem.what, problem.got, problem.next_step) == (where, what, line, next_step)


def test_an_engine_that_went_away_is_the_only_problem() -> None:
    line = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"

    (problem,) = classify(ONE_OPEN + line, PROJECT)

    assert problem.what == "the engine is not running"


def test_the_unknown_is_shown_in_its_own_words_without_the_progress() -> None:
    (problem,) = classify(ONE_OPEN + "Error response from daemon: the moon is full\nsee above\n", PROJECT)

    assert problem.where == "llm-general"
    assert problem.what == "the engine refused"
    assert problem.got == "Error response from daemon: the moon is full\nsee above"
    assert problem.next_step.startswith("these are its own words")


def test_silence_is_named() -> None:
    (problem,) = classify("")

    assert (problem.where, problem.got) == ("docker", "it printed nothing")


def test_two_services_left_open_are_not_guessed_between() -> None:
    text = (
        progress("redis-1  Creating", "edge-1  Creating") + "Error response from daemon: No such image: a/b:1"
    )

    (problem,) = classify(text, PROJECT)

    assert problem.where == PROJECT
    assert problem.what == "the image a/b:1 is not on this machine"


def test_a_key_is_left_open_where_no_service_is_known() -> None:
    (problem,) = classify("Bind for 0.0.0.0:80 failed: port is already allocated", PROJECT)

    assert problem.next_step.endswith("set another services.<service>.port")


def test_the_same_problem_said_twice_is_one_and_two_are_two() -> None:
    port = "Error on endpoint llm-testing-edge-1: Bind for 127.0.0.1:8001 failed: port is already allocated"
    image = "Error response from daemon: No such image: a/b:1"

    problems = classify("\n".join([port, image, port]), PROJECT)

    assert [problem.where for problem in problems] == ["edge", PROJECT]
