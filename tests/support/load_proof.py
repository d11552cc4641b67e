"""Writes docs/proof/load.md: the load against a server that is told its times, and against `vllm bench serve`."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from tests.support.load_truth import Truth, deviations, measured, programme, really
from tests.support.paced_server import paced_server
from tests.support.stack import OFF, Stack, gone_at_the_end
from tests.support.wide_model import lend_wide
from toolkit.confidence import quantile
from toolkit.load.prompts import synthetic
from toolkit.load.sample import Measured
from toolkit.load.streams import Ask, Load, run_load
from toolkit.planning.images import PINS, local_ref

TABLE = Path(__file__).parents[2] / "docs" / "proof" / "load.md"
ROUNDS, PEER_ROUNDS = 3, 3
# Streams, requests, and how far off a percentile may be.
SIZES = ((1, 20, 0.02), (16, 160, 0.02), (64, 512, 0.05))
STREAMS, REQUESTS, TOKENS, WORDS = 4, 48, 32, 16
_HEAD = """# The load: what it measures, and what was there

Written by `make proof`, commit {commit}, on two cores that {others}. Medians of {rounds} rounds,
of {peer_rounds} against the peer.

## A server on loopback that is told its times

Times to the first token are lognormal about 400 ms, gaps about 100 ms; one request in ten is refused (429, 503) or cut.
"told" compares with what the server was told, "did" with when it really wrote: a busy machine makes it late, too.
"""
_PEER = """
## `vllm bench serve` on the same vLLM server

The same {requests} requests of {words} words and {tokens} tokens, {streams} at once, through the edge, by turns;
the peer in a container on the host's network. Completions, not chat: of a chat the peer takes the event that only
says who speaks for the first token. The model has 100 million random weights, so that a token takes as long as it does
where people use one: of a model that takes 2 ms for it, on the very cores where its clients are, each client measures
itself, too. Milliseconds and tokens per second.
"""
_LINES = {
    "TTFT mean": r"Mean TTFT \(ms\):\s+([\d.]+)",
    "TTFT P50": r"Median TTFT \(ms\):\s+([\d.]+)",
    "ITL mean": r"Mean ITL \(ms\):\s+([\d.]+)",
    "tokens/s": r"Output token throughput \(tok/s\):\s+([\d.]+)",
}


def accuracy() -> Iterator[str]:
    """Yield the rows of the first table."""
    names = [f"{name} p{share}" for name in ("TTFT", "gap", "total") for share in (50, 95, 99)]
    yield f"| streams | requests | {' | '.join(names)} | |"
    yield "|---" * 12 + "|"
    for streams, requests, allowed in SIZES:
        told_off, did_off, errors = [], [], []
        for turn in range(ROUNDS):
            asks, told = programme(requests, 8, seed=turn)
            with paced_server() as url:
                seen = measured(url, streams, asks)
                did = really(url, told)
            told_off.append(deviations(told, seen))
            did_off.append(deviations(did, seen))
            errors.append(_errors(told, seen))
        for name, off in (("told", told_off), ("did", did_off)):
            cells = [median(one[key] for one in off) for key in off[0]]
            worst = max(map(abs, cells))
            mark = "" if worst <= allowed else " **over**"
            shown = " | ".join(f"{cell:+.1%}" for cell in cells)
            yield f"| {streams} {name} | {requests} | {shown} | {errors[0]}; allowed {allowed:.0%}{mark} |"
            print(streams, name, shown, errors[0], mark, flush=True)


def _errors(told: Truth, seen: Measured) -> str:
    return "errors exact" if told.errors == seen.errors else f"errors {seen.errors}, not {told.errors}"


def against_the_peer(stack: Stack) -> Iterator[str]:
    """Yield the rows of the second table."""
    ours, theirs = [], []
    prompts = list(itertools.islice(synthetic(WORDS, seed=5), REQUESTS))
    for _ in range(PEER_ROUNDS):
        theirs.append(_peer(stack, prompts))
        ours.append(_ours(stack, prompts))
        print(theirs[-1], ours[-1], flush=True)
    yield "| | the load | vllm bench serve | apart |"
    yield "|---" * 4 + "|"
    for name in _LINES:
        mine, peer = median(one[name] for one in ours), median(one[name] for one in theirs)
        yield f"| {name} | {mine:.2f} | {peer:.2f} | {mine / peer - 1:+.1%} |"


def _ours(stack: Stack, prompts: Sequence[str]) -> Mapping[str, float]:
    # Of a chat the peer takes the event with the role for the first token, which it is not.
    more = {"model": "general", "max_tokens": TOKENS, "ignore_eos": True, "temperature": 0}
    usage = {"stream": True, "stream_options": {"include_usage": True}}
    asks = (Ask("/v1/completions", {"prompt": one, **more, **usage}) for one in itertools.cycle(prompts))
    load = Load(stack.url, stack.key(), asks, streams=STREAMS, requests=REQUESTS, warm_up=STREAMS)
    # All at once, as the peer begins: streams that come one after the other prefill while others decode, ever after.
    with patch("toolkit.load.streams._APART_S", 0.0):
        seen = run_load(load)
    assert not seen.errors, seen.errors
    assert seen.trustworthy, seen.client_cpu
    firsts, gaps = seen.first_tokens_s, seen.gaps_s
    return {
        "TTFT mean": 1000 * sum(firsts) / len(firsts),
        "TTFT P50": 1000 * quantile(firsts, 0.5),
        "ITL mean": 1000 * sum(gaps) / len(gaps),
        "tokens/s": seen.tokens_per_s,
    }


def _peer(stack: Stack, prompts: Sequence[str]) -> Mapping[str, float]:
    model = next((stack.state.parent / "models").iterdir())
    file = stack.directory / "prompts.json"
    # The form that the peer reads without further libraries; the second part gives it a length that we set.
    file.write_text(json.dumps([{"conversations": [{"value": one}, {"value": one}]} for one in prompts]))
    at = ("--base-url", stack.url, "--endpoint", "/v1/completions")
    # The very prompts of ours, in their order.
    prompt = (
        *("--dataset-name", "sharegpt", "--dataset-path", "/prompts.json", "--disable-shuffle"),
        *("--sharegpt-output-len", str(TOKENS), "--temperature", "0"),
    )
    words = (
        *("bench", "serve", "--backend", "openai", *at, "--model", "general", "--tokenizer", "/model"),
        *(*prompt, "--num-prompts", str(REQUESTS)),
        *("--max-concurrency", str(STREAMS), "--num-warmups", str(STREAMS), "--ignore-eos"),
    )
    mount = ("--volume", f"{model}:/model:ro", "--volume", f"{file}:/prompts.json:ro")
    call = ("docker", "run", "--rm", "--network", "host", "--env", "OPENAI_API_KEY", *mount)
    image = ("--entrypoint", "vllm", local_ref(PINS["vllm-cpu"]))
    environ = {**os.environ, "OPENAI_API_KEY": stack.key()}
    done = subprocess.run((*call, *image, *words), capture_output=True, text=True, check=False, env=environ)
    assert done.returncode == 0, done.stderr[-2000:]
    found = {name: re.search(line, done.stdout) for name, line in _LINES.items()}
    assert all(found.values()), done.stdout
    return {name: float(one[1]) for name, one in found.items() if one}


@contextmanager
def _page(others: str) -> Iterator[list[str]]:
    commit = subprocess.run(
        ("git", "rev-parse", "--short", "HEAD"), capture_output=True, text=True, check=True
    )
    lines = [
        _HEAD.format(commit=commit.stdout.strip(), rounds=ROUNDS, peer_rounds=PEER_ROUNDS, others=others)
    ]
    yield lines
    TABLE.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _others() -> str:
    """Say what else the machine did: what it does in between is in every figure."""
    if os.sched_getscheduler(0) == os.SCHED_FIFO:
        return "had other work, too: client and server went before it (`chrt -f 10`, `nice -n -19`)"
    busy = os.getloadavg()[0]
    return (
        "had nothing else to do" if busy < 1.5 else f"had other work, too (load {busy:.0f} before it began)"
    )


def write(stack: Stack) -> None:
    """Measure and write the page."""
    others = _others()
    with _page(others) as lines:
        lines.extend(accuracy())
        lines.append(_PEER.format(requests=REQUESTS, words=WORDS, tokens=TOKENS, streams=STREAMS))
        lines.extend(against_the_peer(stack))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place, gone_at_the_end(Stack(Path(place), llm_fast=OFF)) as running:
        lend_wide(running).up("--wait=models")
        time.sleep(5)
        write(running)
