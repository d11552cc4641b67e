"""Does the server know its flags?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.diagnosis.tuning import flag
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "flag that this image no longer has",
        says=r"error: unrecognized arguments: (?P<flags>.+)|No such option:? (?P<flag>--\S+)"
        r"|unrecognized (?:option|argument)s?:? '?(?P<option>--?[\w-]+)",
        cause="the image does not know {flags}{flag}{option}: flags come and go with the versions of the image",
        remedy="remove that flag (an override or patch of this project gives it, or the image is another "
        "version); "
        "`toolkit render --check` shows where it comes from",
        weight=3,
        expected="flags that this version of the image knows",
        rejects=(
            "the usage text is the error: it is printed after every refused flag",
            "the model server crashed at work: it ended before it touched a card (exit 2)",
        ),
    ),
    Rule(
        "value that the flag does not take",
        says=r"error: argument (?P<flag>\S+): (?P<why>(?:invalid|expected|not allowed).*)"
        r"|invalid choice: (?P<choice>\S+)|error: (?P<missing>the following arguments are required: .*)",
        cause="the flag {flag} does not take this value: {why}{choice}{missing}",
        remedy="correct the value in services.{key}.flags, the allowed ones are in the line",
        weight=3,
    ),
    Rule(
        "values that contradict each other",
        says=r"^\s*(?:\S+ )*?(?:Value error|Assertion failed), (?P<what>.+?)(?: \[type=.*)?$"
        r"|^.*?(?P<kind>Input should be .+?|Field required|Unexpected keyword argument"
        r"|Extra inputs are not permitted) \[type="
        r"|ValueError: (?P<why>(?:max_num_batched_tokens|max_num_seqs|gpu_memory_utilization|block_size"
        r"|GPU memory utilization"
        r"|Chunked|kv_cache_dtype|speculative|--?[a-z-]+ (?:must|cannot|is not)).*)",
        cause="vLLM refuses its configuration: {why}{what}{kind}",
        remedy="correct services.{key}.flags as the line says; the lines right after it name field and value",
        weight=2,
    ),
    Rule(
        "configuration that is refused",
        says=r"(?P<what>\d+ validation errors? for \w+)",
        cause="vLLM refuses its configuration: {what}",
        remedy="correct services.{key}.flags as the line says; the lines right after it name field and value",
        # Only the lines after it say what: one that is known comes before.
        weight=1,
    ),
    Rule(
        "batch smaller than a sequence",
        says=r"max_num_batched_tokens \((?P<batch>\d+)\) (?:is smaller than|must be greater than or equal to) "
        r"(?P<what>max_model_len|max_num_seqs) \((?P<least>\d+)\)",
        cause="one step (max_num_batched_tokens {batch}) is smaller than {what} ({least})",
        remedy="raise services.{key}.flags.max_num_batched_tokens to at least {least}, or lower {what}",
        weight=4,
        changes=lambda hit, scene: [flag(hit, scene, "max_num_batched_tokens", int(hit.words["least"]))],
    ),
)


@check("vllm.flags", "The server knows its flags", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def vllm_flags(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which flag a server refuses, and that taking it out is the cure.

    Flags come and go: --swap-space, --disable-log-requests, --num-scheduler-steps, --task and --device are gone
    from vLLM. The server then prints its whole usage and ends with exit code 2 before it touches a card, so the
    long last output is not the error: the line `unrecognized arguments` is. Certain from the text. Do not touch
    memory or cards for it.
    """
    return read(RULES, plan, seen)
