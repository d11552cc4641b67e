"""How defects of a running stack come about, and how each is undone: context managers over one stack."""

from __future__ import annotations

import hashlib
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tests.support.datastores import ask_mariadb, ask_redis
from tests.support.engine import docker, execute, inside, inspect, until
from toolkit.load.prompts import chat_bodies, synthetic
from toolkit.load.streams import Ask, Load, run_load

if TYPE_CHECKING:
    from tests.support.stack import Stack

_ADMIN = "exec 3<>/dev/tcp/127.0.0.1/9999 && cat >&3 && cat <&3"
_STRANGER = "sk-nobody-has-this-key"
_TEMPLATE = "templates/edge/frontend.j2"
_ONE_IN_33 = """\
    stick-table type integer size 1 expire 10m store gpc0
    http-request track-sc1 int(1) if { path /v1/models }
    http-request sc-inc-gpc0(1) if { path /v1/models }
    http-request return status 500 if { path /v1/models } { sc1_get_gpc0,mod(33) eq 0 }
"""


@contextmanager
def _with(do: Callable[[], object], undo: Callable[[], object]) -> Iterator[None]:
    try:
        do()
        yield
    finally:
        undo()


def _healthy(stack: Stack, service: str) -> None:
    def good() -> bool:
        state = inspect(stack.container(service))["State"]
        return bool(state.get("Health", {}).get("Status") == "healthy")

    until(good, f"{service} is healthy again", 120, 0.5)


def _admitted(stack: Stack, *models: str) -> None:
    def answers(model: str) -> bool:
        body = {"model": model, "messages": [{"role": "user", "content": "back?"}], "max_tokens": 1}
        with stack.client(timeout_s=5) as client, suppress(Exception):
            answer = client.post("/v1/chat/completions", json=body)
            return bool(answer.headers.get("x-served-by") == f"llm-{model}")
        return False

    for model in models:
        until(partial(answers, model), f"{model} is served by its own server again", 120, 0.5)


def stopped(service: str, stack: Stack) -> Any:
    def back() -> None:
        docker("start", stack.container(service))
        _healthy(stack, service)
        _admitted(stack, "general", "fast")

    return _with(lambda: docker("stop", "--time", "2", stack.container(service)), back)


def paused(service: str, stack: Stack) -> Any:
    def back() -> None:
        docker("unpause", stack.container(service))
        _healthy(stack, service)
        _admitted(stack, "general", "fast")

    return _with(lambda: docker("pause", stack.container(service)), back)


def limited(service: str, cpus: str, stack: Stack) -> Any:
    former = str(inspect(stack.container(service))["HostConfig"]["NanoCpus"] / 1e9)

    def back() -> None:
        docker("update", "--cpus", former, stack.container(service))
        _healthy(stack, service)

    return _with(lambda: docker("update", "--cpus", cpus, stack.container(service)), back)


@contextmanager
def _again_and_again(act: Callable[[], object]) -> Iterator[None]:
    over = threading.Event()

    def run() -> None:
        while not over.is_set():
            act()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(20)


def stuttering(service: str, paused_s: float, running_s: float, stack: Stack) -> Any:
    name = stack.container(service)

    def act() -> None:
        docker("pause", name)
        time.sleep(paused_s)
        docker("unpause", name)
        time.sleep(running_s)

    return _again_and_again(act)


@contextmanager
def restarted_meanwhile(service: str, stack: Stack) -> Iterator[None]:
    timer = threading.Timer(4.0, lambda: docker("restart", "--time", "1", stack.container(service)))
    timer.start()
    try:
        yield
    finally:
        timer.join()
        _healthy(stack, service)


def _edge(stack: Stack, order: str) -> None:
    done = inside(stack.container("edge"), "bash", "-c", _ADMIN, stdin=order + "\n")
    assert done.returncode == 0, done.stderr


def aside(server: str, stack: Stack) -> Any:
    def back() -> None:
        _edge(stack, f"set server {server} state ready")
        _admitted(stack, "general", "fast")

    return _with(lambda: _edge(stack, f"set server {server} state maint"), back)


def key_gone(stack: Stack) -> Any:
    digest = hashlib.sha256(stack.key("toolkit").encode()).hexdigest()
    keys = "/etc/haproxy/keys/keys.map"
    return _with(
        lambda: _edge(stack, f"del map {keys} {digest}"),
        lambda: _edge(stack, f"add map {keys} {digest} toolkit"),
    )


def stranger_admitted(stack: Stack) -> Any:
    digest = hashlib.sha256(_STRANGER.encode()).hexdigest()
    keys = "/etc/haproxy/keys/keys.map"
    return _with(
        lambda: _edge(stack, f"add map {keys} {digest} stranger"),
        lambda: _edge(stack, f"del map {keys} {digest}"),
    )


def redis(do: str, undo: str, stack: Stack) -> Any:
    return _with(
        lambda: ask_redis(stack, do, user="admin"),
        lambda: ask_redis(stack, undo, user="admin") if undo else None,
    )


def mariadb(do: str, undo: str, stack: Stack) -> Any:
    return _with(lambda: _sql(stack, do), lambda: _sql(stack, undo))


def _sql(stack: Stack, text: str) -> None:
    done = ask_mariadb(stack, text.format(password=stack.secret("mariadb-password")))
    assert done.returncode == 0, done.stderr


@contextmanager
def mariadb_locked(stack: Stack) -> Iterator[None]:
    text = "FLUSH TABLES WITH READ LOCK; SELECT 'locked'; SELECT SLEEP(40);"
    thread = threading.Thread(target=ask_mariadb, args=(stack, text), daemon=True)
    thread.start()
    time.sleep(1.5)
    try:
        yield
    finally:
        find = "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP%';"
        for number in ask_mariadb(stack, find).stdout.split():
            ask_mariadb(stack, f"KILL {number};")
        thread.join(30)


def postgresql(do: str, undo: str, stack: Stack) -> Any:
    def say(text: str) -> None:
        # The administrator comes by the socket inside the container.
        client = ("psql", "-U", "postgres", "-d", "toolkit", "-v", "ON_ERROR_STOP=1", "-f", "-")
        done = inside(stack.container("vector-db"), *client, stdin=text)
        assert done.returncode == 0, done.stderr

    return _with(lambda: say(do), lambda: say(undo))


@contextmanager
def loaded(model: str, streams: int, tokens: int, rate: float | None, stack: Stack) -> Iterator[None]:
    """Ask a model for more than it can answer, as users do."""
    over = threading.Event()
    bodies = chat_bodies(model, synthetic(8, seed=time.time_ns()), tokens)
    load = Load(
        stack.url, stack.key(), (Ask(body=b) for b in bodies), streams=streams, duration_s=40, rate_per_s=rate
    )
    thread = threading.Thread(target=run_load, args=(load, None, over.is_set), daemon=True)
    thread.start()
    time.sleep(2.0)
    try:
        yield
    finally:
        over.set()
        thread.join(20)


_GROWS = """\
piece=$(printf '%{bytes}s' x); for n in $(seq {at_once}); do all+=$piece; done; echo taken
while read -r -t {pause_s} _ || [ $? -gt 128 ]; do all+=$piece; done
"""


@contextmanager
def growing(service: str, step_kib: int, pause_s: float, stack: Stack, at_once: int = 0) -> Iterator[None]:
    """A shell in the container that takes more and more memory, and never gives any back."""
    grows = _GROWS.format(bytes=step_kib * 1024, at_once=at_once, pause_s=pause_s)
    program = subprocess.Popen(
        ("docker", "exec", "--interactive", stack.container(service), "bash", "-c", grows),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert program.stdin is not None
    assert program.stdout is not None
    assert program.stderr is not None
    try:
        # What it takes at once is taken when it says so.
        assert program.stdout.readline() == b"taken\n", program.stderr.read()
        yield
    finally:
        program.stdin.close()
        program.wait(20)
        program.stdout.close()
        program.stderr.close()


def full(service: str, mib: int, stack: Stack) -> Any:
    return growing(service, 2048, 3600, stack, at_once=mib // 2)


def cold(stack: Stack) -> Any:
    """The cache forgets what it keeps as fast as it comes in."""
    clear = (
        "for n in $(seq 40); do rm -rf /var/cache/nginx/answers/* /var/cache/nginx/micro/*; sleep 0.02; done"
    )
    name = stack.container("response-cache")
    return _again_and_again(lambda: execute("docker", "exec", name, "bash", "-c", clear))


def cut_off(service: str, network: str, stack: Stack) -> Any:
    words = (f"{stack.project}_{network}", stack.container(service))

    def back() -> None:
        docker("network", "connect", "--alias", service, *words)
        _admitted(stack, "general", "fast")

    return _with(lambda: docker("network", "disconnect", *words), back)


@contextmanager
def failing(stack: Stack) -> Iterator[None]:
    """Of each 33 requests for the list of models one fails: 1.5 % of the light requests."""
    made = stack.toolkit("profile", "override", _TEMPLATE)
    file = stack.directory / "overrides" / _TEMPLATE
    text = file.read_text()
    at = "    acl wants_models path "
    assert at in text
    file.write_text(text.replace(at, _ONE_IN_33 + at, 1))
    profile = stack.directory / "toolkit.yaml"
    former = profile.read_text()
    profile.write_text(former + "overrides:\n" + made.out.rstrip().splitlines()[-1] + "\n")
    try:
        stack.up()
        yield
    finally:
        profile.write_text(former)
        file.unlink()
        stack.up()
