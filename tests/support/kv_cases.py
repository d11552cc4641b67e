"""Measured starts of vLLM as wishes of the planner, and what the planner says of each."""

from __future__ import annotations

import json
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from toolkit.planning.fit import Fit, Wish, fit
from toolkit.planning.kv import KvLayout, tokens_in
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.planning.vram_parts import GIB, Server, traits_of
from toolkit.planning.weights import estimated_bytes
from toolkit.values import replace

DATA = Path(__file__).parents[1] / "data"
# Logs that do not tell their version are mostly of the long time before graphs were counted.
_UNKNOWN_VERSION = (0, 11)
# How logs name a quantization, by the word that they have in common; none of them: 16 bit.
_METHODS = {
    "awq": "awq",
    "gptq": "gptq",
    "w4a16": "gptq",
    "int4": "gptq",
    "4bit": "bitsandbytes",
    "bnb": "bitsandbytes",
    "nf4": "bitsandbytes",
    "nvfp4": "nvfp4",
    "mxfp4": "mxfp4",
    "fp8": "fp8",
    "int8": "int8",
    "w8a8": "int8",
    "autoround": "gptq",
    "q4": "gptq",
    "q8": "int8",
}
# What the driver shows of a card that a log names without its memory, in GiB.
_CARDS = {
    "a100-80": 79.25,
    "a100-40": 39.49,
    "a100-sxm4-40": 39.49,
    "h100": 79.18,
    "h200": 139.8,
    "b200": 178.35,
    "l40s": 44.42,
    "l4": 22.03,
    "a10": 22.06,
    "t4": 14.56,
    "a6000": 47.4,
    "3090": 23.56,
    "4090": 23.52,
    "5090": 31.36,
    "4080": 15.57,
    "v100-32": 31.74,
    "v100-16": 15.77,
    "rtx pro 6000": 94.97,
}
# Of these layers some keep something else than keys and values of all tokens, and the kind does not say how many.
_MIXED = ("hybrid", "mamba", "linear", "ssm", "deltanet", "gdn", "sliding")
_FIELDS = (
    *(
        "id",
        "source",
        "model",
        "kind",
        "params_b",
        "layers",
        "kv_heads",
        "head_dim",
        "weight_dtype",
        "kv_dtype",
        "gpu",
    ),
    *(
        "vram_gib",
        "gpus",
        "tp",
        "pp",
        "util",
        "max_model_len",
        "max_num_seqs",
        "max_num_batched_tokens",
        "eager",
    ),
    *("vllm_version", "weights_gib", "kv_gib", "kv_tokens", "max_concurrency", "outcome", "kv_needed_gib"),
    *("estimated_max_len", "overhead_gib", "overhead_basis", "note"),
)
_WORDS = ("model", "kind", "weight_dtype", "kv_dtype", "gpu", "outcome")
_SHAPES: dict[str, dict[str, Any]] = yaml.safe_load((DATA / "kv-models.yaml").read_text())

Case = dict[str, Any]


@dataclass(frozen=True)
class Judged:
    """A case beside its fit; `files` is whether the bytes of the weights came from the case, not from parameters."""

    case: Case
    wish: Wish
    fit: Fit
    files: bool

    @property
    def error_gib(self) -> float | None:
        """The middle of the interval less what was measured."""
        measured = self.case["kv_gib"]
        return None if measured is None else self.fit.kv.likely / GIB - measured

    @property
    def held(self) -> bool | None:
        """Whether the interval holds what was measured."""
        measured = self.case["kv_gib"]
        return None if measured is None else self.fit.kv.low <= measured * GIB <= self.fit.kv.high

    @property
    def width_gib(self) -> float:
        """How wide the interval is."""
        return (self.fit.kv.high - self.fit.kv.low) / GIB

    @property
    def decided(self) -> bool:
        """Whether the planner dares to say yes or no."""
        return self.fit.verdict != "too close to call"

    @property
    def right(self) -> bool:
        """Whether a decided case came out as it was said."""
        return self.fit.verdict == ("fits" if self.case["outcome"] == "starts" else "does not fit")

    @property
    def counted_tokens(self) -> int:
        """The tokens that the measured memory holds by the formula."""
        memory = self.case["kv_gib"] * GIB
        return tokens_in(self.wish.facts, self.wish.layout, memory, self.wish.max_model_len)


def read_cases(name: str) -> tuple[list[Case], list[tuple[Case, str]]]:
    """Return the cases of a file of tests/data that can be judged, and the others with the reason why not."""
    every = [complete(case) for case in json.loads((DATA / name).read_text())]
    reasons = [(case, why_not(case)) for case in every]
    return [c for c, why in reasons if not why], [(c, why) for c, why in reasons if why]


def complete(case: Case) -> Case:
    """Return a case with every field: None where it says nothing, text empty, one rank, the memory of its card."""
    whole: Case = {name: case.get(name) for name in _FIELDS}
    whole |= {name: str(whole[name] or "") for name in _WORDS}
    whole |= {"tp": whole["tp"] or 1, "pp": whole["pp"] or 1, "gpus": whole["gpus"] or 1}
    if whole["vram_gib"] is None:
        names = [name for name in _CARDS if re.search(rf"(?<![a-z0-9]){name}(?![0-9])", whole["gpu"].lower())]
        whole["vram_gib"] = _CARDS[max(names, key=len)] if names else None
    return whole


def why_not(case: Case) -> str:
    """Return what a case lacks, "" where it gives card, utilization and layers."""
    lacking = [key for key in ("vram_gib", "util", "layers") if case[key] is None]
    if case["params_b"] is None and case["weights_gib"] is None:
        lacking.append("params_b or weights_gib")
    if case["overhead_basis"] == "util assumed or default":
        lacking.append("util (assumed by whoever wrote it down)")
    return f"does not give {', '.join(lacking)}" if lacking else ""


def judge(case: Case, *, from_files: bool = True) -> Judged:
    """Return what the planner says of a case; with `from_files` the weights are what was loaded, where it tells."""
    version = _version(case)
    facts, files = _facts(case, from_files=from_files)
    length = case["max_model_len"] or facts.positions
    batched, sequences = batch_defaults(case, version, length)
    layout = KvLayout(1 if case["kv_dtype"].startswith("fp8") else 2, batched, case["tp"], case["pp"])
    server = Server(
        case["util"],
        sequences,
        batched,
        traits_of(version),
        eager=bool(case["eager"]),
        tensor_parallel=case["tp"],
        pipeline_parallel=case["pp"],
    )
    wish = Wish(int(case["vram_gib"] * GIB), facts, server, layout, length)
    return Judged(case, wish, _by_need(case, fit(wish)), files)


def _by_need(case: Case, found: Fit) -> Fit:
    """Layers that nothing is known of are judged by what vLLM said that they need; without that nobody can tell.

    Where some of them keep less than all tokens, what all would need is the most that they can.
    """
    shape = _shape(case)
    mixed = any(word in case["kind"].lower() for word in _MIXED) and "sliding" not in shape
    told = case["kv_heads"] is not None or case["kind"].startswith("mla")
    if "attention" in shape or (told and not mixed):
        return found
    need = (case["kv_needed_gib"] or 0) * GIB
    if found.kv.high <= 0 or need > found.kv.high:
        return replace(found, need_bytes=need, verdict="does not fit")
    most = need or (found.need_bytes if told else 0)
    return replace(
        found, need_bytes=need or most, verdict="fits" if 0 < most <= found.kv.low else "too close to call"
    )


def batch_defaults(case: Case, version: tuple[int, int], length: int) -> tuple[int, int]:
    """Return tokens and sequences of a batch: said by the case, else vLLM's own for this card and version.

    `EngineArgs.get_batch_defaults`: large cards but the A100 get 8192 and 1024. The engine before 0.8 put a whole
    prompt into a batch up to 32k of context, and chunked it above.
    """
    large = case["vram_gib"] >= 70 and "A100" not in case["gpu"]
    tokens = 8192 if large else 2048
    if version < (0, 8):
        tokens = max(2048, length if length <= 32768 else 0)
    return case["max_num_batched_tokens"] or tokens, case["max_num_seqs"] or (1024 if large else 256)


def _version(case: Case) -> tuple[int, int]:
    found = re.search(r"(\d+)\.(\d+)", case["vllm_version"] or "")
    return (int(found[1]), int(found[2])) if found else _UNKNOWN_VERSION


def _facts(case: Case, *, from_files: bool) -> tuple[ModelFacts, bool]:
    shape = _shape(case)
    method = next((m for word, m in _METHODS.items() if word in case["weight_dtype"].lower()), None)
    files = case["weights_gib"] is not None and (from_files or case["params_b"] is None)
    weights = (
        int(case["weights_gib"] * GIB * case["tp"] * case["pp"])
        if files
        else estimated_bytes(
            case["params_b"] * 1e9,
            shape["vocabulary"],
            shape["hidden"],
            tied=shape.get("tied", False),
            method=method,
        )
    )
    return ModelFacts(
        layers=case["layers"],
        attention=_attention(case, shape),
        hidden=shape["hidden"],
        intermediate=shape["intermediate"],
        vocabulary=shape["vocabulary"],
        weight_bytes=weights,
        positions=shape["positions"],
        quantization=method,
        experts_per_token=shape.get("experts", 0),
        sees="multimodal" in case["kind"] or "gemma-4" in case["model"],
    ), files


def _attention(case: Case, shape: dict[str, Any]) -> tuple[Attention, ...]:
    if "attention" in shape:
        return tuple(Attention(**group) for group in shape["attention"])
    if case["kind"].startswith("mla"):
        return (Attention(case["layers"], 1, shape.get("latent", 576), latent=True),)
    if "sliding" not in shape:
        return (Attention(case["layers"], case["kv_heads"] or 8, case["head_dim"] or 128),)
    full = case["layers"] // shape["sliding"]["every"]
    heads = (case["kv_heads"], case["head_dim"])
    return (
        Attention(full, *heads),
        Attention(case["layers"] - full, *heads, window=shape["sliding"]["window"]),
    )


def _shape(case: Case) -> dict[str, Any]:
    """Return the shape of a known model, else what models of its size mostly look like."""
    words = case["model"].rpartition("/")[2].lower()
    known = [name for name in _SHAPES if name.lower() in words]
    if known:
        return _SHAPES[max(known, key=len)]
    parameters = (case["params_b"] or case["weights_gib"] * case["tp"] * case["pp"] / 2) * 1e9
    hidden = max(1, round((parameters / 12 / case["layers"]) ** 0.5 / 128)) * 128
    # A token goes through few of a mixture's experts: most of its parameters are in none of its batches.
    hidden = min(hidden, 4096) if "moe" in case["kind"].lower() else hidden
    guess = {"hidden": hidden, "intermediate": 7 * hidden // 2, "vocabulary": 151936}
    return {**guess, "positions": case["max_model_len"] or 32768, "latent": 576}


@dataclass(frozen=True)
class Summary:
    """The goals over judged cases."""

    cases: int
    median_error_gib: float
    held: float
    median_width_gib: float
    decided: float
    wrong: tuple[str, ...]


def summary(judged: list[Judged]) -> Summary:
    """Return the figures that the goals are set in: errors and widths where memory was measured, verdicts of all."""
    measured = [j for j in judged if j.error_gib is not None]
    return Summary(
        cases=len(judged),
        median_error_gib=statistics.median(abs(j.error_gib or 0.0) for j in measured),
        held=sum(bool(j.held) for j in measured) / len(measured),
        median_width_gib=statistics.median(j.width_gib for j in measured),
        decided=sum(j.decided for j in judged) / len(judged),
        wrong=tuple(j.case["id"] for j in judged if j.decided and not j.right),
    )
