"""Writes docs/proof/faults.md: a real stack, broken under load in every way that counts (`make proof`)."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

from tests.support import stack as stacks
from tests.support.faults import (
    KEPT,
    WRONG,
    Met,
    bad_my_cnf,
    changed,
    dies_and_returns,
    full_disk,
    kill_engine_process,
    kill_for_memory,
    make_rows,
    meet,
    restarted_daemon,
    rollback,
    stopped_at,
    up,
)
from tests.support.hosts import hosts
from tests.support.other_machine import small_disk
from tests.support.stack import OFF, Ran, Stack, gone_at_the_end

TABLE = Path("docs/proof/faults.md")
NO_MODEL = (f"models.wrong={WRONG}", "services.llm_general.model=wrong")
FAULTS: tuple[tuple[str, Callable[[Stack], str], Callable[[Stack], Ran]], ...] = (
    ("disk full at publish", full_disk, up),
    ("image missing at N+1", changed("services.api_server.image=registry.invalid/app:1"), up),
    ("bad my.cnf at N+1", bad_my_cnf, up),
    *(
        (f"Ctrl-C in `{words.removeprefix('== ')}` of `up`", stopped_at(words, after_s, signal.SIGINT), up)
        for words, after_s in (
            ("== look", 0.0),
            ("== publish", 0.0),
            ("== images", 0.0),
            ("== engine", 0.4),
            ("== wait", 0.3),
        )
    ),
    (
        "kill -9 between publish and up, then `rollback`",
        stopped_at("== images", 0.0, signal.SIGKILL),
        rollback,
    ),
    ("kill -9 between publish and up, then `up`", stopped_at("== images", 0.0, signal.SIGKILL), up),
    ("model name wrong at N+1", changed(*NO_MODEL, code=1), up),
    ("engine process killed inside the vLLM container", dies_and_returns(kill_engine_process), up),
    ("container killed for memory by the kernel", dies_and_returns(kill_for_memory), up),
    ("model name wrong at N+1, `--no-preflight`", changed(*NO_MODEL, words=("--no-preflight",)), up),
)
HEAD = f"""# What faults cost, and how service comes back

Made by `make proof` on commit {{commit}}: the development stack (two vLLM servers on CPU with a tiny model, edge,
MariaDB, Redis) under 12 users, 6 plain and 6 streaming, half of them at each model, through each fault and its repair.
A model whose server is away is answered by its stand-in, which is no failure. Every fault ended with all models
answering by their own servers. *rows* are those of MariaDB after it, of {KEPT}.

| fault | what users saw | what the tool said | repair, with the time of fault and repair | rows |
|---|---|---|---|---|
"""


def main() -> int:
    """Meet every fault, or those whose names contain the first argument; without one the table is written."""
    # Two models load under the load of twelve users.
    stacks.LIMIT_S = 900
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    # A shell starts its background jobs deaf to Ctrl-C, and they would pass that on.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True
    )
    met: list[Met] = []
    for one in chain(_here(wanted), _elsewhere(wanted)):
        print(one.line, flush=True)
        met.append(one)
        if not wanted:
            TABLE.write_text(HEAD.format(commit=commit.stdout.strip()) + "".join(f"{m.line}\n" for m in met))
    return int(any(one.kept != KEPT for one in met))


def _here(wanted: str) -> Iterator[Met]:
    chosen = [fault for fault in FAULTS if wanted in fault[0]]
    if not chosen:
        return
    with tempfile.TemporaryDirectory() as place, contextlib.ExitStack() as kept:
        directory = Path(place)
        # Room for what is published twice over, and for no more.
        kept.enter_context(small_disk(directory / "build"))
        stack = kept.enter_context(gone_at_the_end(Stack(directory, prometheus=OFF, response_cache=OFF)))
        up(stack)
        make_rows(stack)
        stack.toolkit("up", "--wait=models", "--quiet", "--set=services.mariadb.max_connections=121")
        up(stack)
        for name, strike, repair in chosen:
            yield meet(stack, name, strike, repair)


def _elsewhere(wanted: str) -> Iterator[Met]:
    """Meet the restart of a daemon: on an engine of its own."""
    name = "daemon restarted"
    if wanted not in name:
        return
    with hosts("one") as (host,), tempfile.TemporaryDirectory() as place:
        stack = Stack(Path(place), host=host, prometheus=OFF, response_cache=OFF)
        stack.expose(host.address)
        with host.meant():
            up(stack)
            make_rows(stack)
            yield meet(stack, name, restarted_daemon, up)


if __name__ == "__main__":
    sys.exit(main())
