"""Does the KV cache have room beside the weights?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, against, read, speaks_for
from toolkit.diagnosis.tuning import flag, length_of_group, planned, raised_share
from toolkit.findings import Change, Finding, Status
from toolkit.units import MIB

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

_NONE = (
    r"No available memory for the cache blocks|Available KV cache memory: -[\d.]+"
    r"|not enough (?:GPU )?memory for (?:the )?(?:KV )?cache"
)
_WEIGHTS = r"(?:[Mm]odel loading took|[Ll]oading model weights took|model weights take) ([\d.]+) ?Gi?B"
_COUNTED_OTHERS = r"(?:LLM engine|vLLM API server version|version) \(?v?(?:0\.6\.4|0\.[78]\.|0\.9\.0)"


def _weights_gib(hit: Hit, scene: Scene) -> float | None:
    found = scene.told(hit.subject, _WEIGHTS)
    return float(found[1]) if found else None


def _card_gib(hit: Hit, scene: Scene) -> float | None:
    cards = scene.cards_of(hit.subject)
    return max(card.memory_mib for card in cards) * MIB / 2**30 if cards else None


def _too_large(hit: Hit, scene: Scene) -> Iterator[Signal]:
    weights, card = _weights_gib(hit, scene), _card_gib(hit, scene)
    if weights is None or card is None:
        return
    if weights > 0.9 * card:
        yield speaks_for(f"the weights take {weights} GiB of a card of {card:.1f} GiB", 3)
    else:
        yield against(f"the weights take {weights} GiB of {card:.1f}")


def _counts_others(hit: Hit, scene: Scene) -> Iterator[Signal]:
    old = scene.told(hit.subject, _COUNTED_OTHERS)
    yield speaks_for(f"this version counts so: {old[0]}") if old else against("the version is a later one")
    others = scene.strangers(hit.subject)
    if others:
        yield speaks_for(
            f"pid {others[0].pid} ({others[0].name}) holds {others[0].used_mib} MiB beside it", 2
        )


def _small_share(hit: Hit, scene: Scene) -> Iterator[Signal]:
    weights, card = _weights_gib(hit, scene), _card_gib(hit, scene)
    share = planned(hit, scene, "gpu_memory_utilization")
    if weights and card and share and weights < 0.9 * card:
        yield speaks_for(f"budget {share} × {card:.1f} GiB, weights {weights} GiB")


def _fewer_batched(hit: Hit, scene: Scene) -> Iterator[Change]:
    yield flag(hit, scene, "max_num_batched_tokens", 2048)


RULES = (
    Rule(
        "share too small",
        says=_NONE,
        cause="weights and activations use up the whole share of the card, nothing is left for the KV cache",
        remedy="raise gpu_memory_utilization ({section}.flags.gpu_memory_utilization), or take a smaller or "
        "quantized model; lowering it makes it worse",
        weight=2,
        facts=_small_share,
        changes=raised_share,
        rejects=("max_model_len is too long: with no block at all no length fits",),
    ),
    Rule(
        "weights larger than the card",
        says=_NONE,
        cause="the weights alone fill the card: no utilization leaves room for a cache",
        remedy="take a smaller or quantized model ({section}.model), or spread it: {section}.flags."
        "tensor_parallel_size with as many cards",
        weight=1,
        facts=_too_large,
    ),
    Rule(
        "this version counts the memory of others as its own",
        says=_NONE,
        cause="this version of vLLM counts what other processes hold of the card as its own while it measures, so "
        "that gpu_memory_utilization is a budget for the whole card, not for this server",
        remedy="take a newer image (the counting is mended since 0.9.1); until then raise the second server to the "
        "sum of both shares: 0.45, then 0.9",
        weight=1,
        facts=_counts_others,
        rejects=(
            "the share of this server is too small by itself: it suffices in a version that counts rightly",
        ),
    ),
    Rule(
        "one request does not fit",
        says=r"To serve at least one request with the models?'s max seq len \((?P<length>\d+)\), "
        r"\(?(?P<needed>[\d.]+) GiB KV"
        r" cache is needed, which is larger than the available KV cache memory \((?P<there>[\d.]+) GiB\)"
        r"(?:.*?estimated maximum model length is (?P<fits>\d+))?"
        r"|max seq len \((?P<len2>\d+)\) is larger than the maximum number of tokens that can be stored in "
        r"KV cache"
        r" \((?P<fits2>\d+)\)|KV cache is needed, which is larger than the available KV cache memory",
        cause="one request of full length needs more KV cache ({needed} GiB) than there is ({there} GiB)",
        remedy="lower {section}.flags.max_model_len to what fits (the text estimates it), or raise "
        "{section}.flags.gpu_memory_utilization where the card has room",
        weight=3,
        changes=lambda hit, scene: (
            *length_of_group("fits")(hit, scene),
            *length_of_group("fits2")(hit, scene),
        ),
    ),
    Rule(
        "more sequences than a hybrid model has states for",
        says=r"max_num_seqs \((?P<seqs>\d+)\) exceeds (?:the )?available Mamba cache blocks "
        r"\((?P<blocks>\d+)\)"
        r"|(?:[Mm]amba|SSM|conv) (?:cache|state).{0,60}(?:exceed|not enough|too small|insufficient)",
        cause="the model keeps a state (Mamba, linear attention) for each sequence, and max_num_seqs ({seqs}) is "
        "more than the {blocks} that fit",
        remedy="lower {section}.flags.max_num_seqs to at most {blocks}, or raise gpu_memory_utilization where "
        "the card has room",
        weight=4,
        changes=lambda hit, scene: [flag(hit, scene, "max_num_seqs", int(hit.number("blocks") or 8))],
        rejects=("the model is too large: its weights were loaded",),
    ),
    Rule(
        "peak of one step",
        says=r"Maximum concurrency for (?P<length>[\d,]+) tokens per request: 0\.\d+x",
        cause="less than one request of full length fits: what a single step (max_num_batched_tokens) takes while "
        "it is measured is missing from the cache; that step changes with max_model_len, so that longer lengths can "
        "fit again",
        remedy="set {section}.flags.max_num_batched_tokens to 2048, which lowers the peak (chunked "
        "prefill on)",
        weight=2,
        changes=_fewer_batched,
        rejects=("the card is flaky: the same length fails every time",),
    ),
    Rule(
        "cache too small for the load",
        says=r"preempted by (?:PreemptionMode\.)?(?:RECOMPUTE|SWAP)|not enough KV cache space"
        r"|There is not enough (?:KV )?cache space",
        cause="requests are preempted and computed again, as the KV cache is too small for so many at once",
        remedy="raise {section}.flags.gpu_memory_utilization where the card has room, or lower "
        "max_num_seqs or max_model_len",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "vllm.kv-cache",
    "The KV cache has room beside the weights",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_kv_cache(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which way to turn when what is left of vLLM's share of the card is too small for a KV cache.

    vLLM takes utilization × total, loads its weights, measures one step, and what remains is the cache. Nothing
    remains: raise the utilization, or take a smaller model; lowering it makes it worse. One request does not fit:
    a shorter max_model_len, the text says which. Weights against the card decide between the two, where the log
    tells them. Some versions (0.6.4, V1 before 0.9.1) also count what others hold of the card: there the second
    server needs the sum.
    """
    return read(RULES, plan, seen)
