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
        cause="the image does not know {flags}{flag}{option}: flags come and go with the versions of the "
        "image",
        remedy="remove that flag (an override or patch of this project gives it, or the image is another version); "
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
        remedy="correct the value in {section}.flags, the allowed ones are in the line",
        weight=3,
    ),
    Rule(
        "values that contradict each other",
        says=r"^\s*(?:\S+ )*?(?:Value error|Assertion failed), (?P<what>.+?)(?: \[type=.*)?$"
        r"|^.*?(?P<kind>Input should be .+?|Field required|Unexpected keyword argument"
        r"|Extra inputs are not permitted) \[type="
        r"|ValueError: (?P<why>(?:max_num_batched_tokens|max_num_seqs(?! \(\d+\) exceeds)|gpu_memory_utilization"
        r"|block_size|Chunked|kv_cache_dtype|speculative|--?[a-z-]+ (?:must|cannot|is not)).*)",
        cause="vLLM refuses its configuration: {why}{what}{kind}",
        remedy="correct {section}.flags as the line says; the lines right after it name field and value",
        weight=2,
    ),
    Rule(
        "share of the card out of range",
        says=r"(?i)gpu[ _]memory[ _]utilization must be (?:less than|in|between|greater).*?(?:Got "
        r"(?P<got>[\d.]+))?\.?$",
        cause="gpu_memory_utilization is a share of the card between 0 and 1, and was given as {got}",
        remedy="set {section}.flags.gpu_memory_utilization to 0.9 or less (0.95 at most, no percent)",
        weight=4,
        changes=lambda hit, scene: [flag(hit, scene, "gpu_memory_utilization", 0.9)],
    ),
    Rule(
        "parser that this version does not have",
        says=r"invalid (?P<kind>tool call|reasoning)[ _]parser:? '?(?P<name>[\w.-]+)(?: \(chose from "
        r"(?P<have>.*?)\))?"
        r"|(?P<kind2>Tool|Reasoning) parser '?(?P<name2>[\w.-]+)'? not found",
        cause="this version of the image has no {kind}{kind2} parser {name}{name2}",
        remedy="take one that the line lists ({have}) for {section}.flags, the one made for the model, or a "
        "newer image",
        weight=4,
    ),
    Rule(
        "flag that needs another one",
        says=r"(?P<one>--[a-z-]+) requires (?P<other>--[a-z-]+)|(?P<a>--[a-z-]+) (?:can only be used|is only"
        r" (?:supported|valid|allowed)) (?:with|when|if) (?P<b>.*)",
        cause="the flag {one}{a} works only together with {other}{b}",
        remedy="give both, or take {one}{a} out of {section}.flags",
        weight=4,
    ),
    Rule(
        "chat template that is not there",
        says=r"supplied chat template (?:string )?\(?(?P<path>[^\s)]+)\)? (?:looks like a file path|appears "
        r"path-like)",
        cause="the chat template {path} is not in the container: its path is taken for the template's text",
        remedy="mount the file and give the path as the container sees it, or leave --chat-template out",
        weight=4,
    ),
    Rule(
        "value that has to be JSON",
        says=r"argument (?P<flag>--[a-z-]+): [Vv]alue (?P<value>.+?) cannot be converted to <function "
        r"(?:loads|json)",
        cause="the flag {flag} wants JSON in this version, and got {value}",
        remedy='write it as JSON in {section}.flags, as {{"image": 1}}',
        weight=4,
    ),
    Rule(
        "engine of the version before",
        says=r"VLLM_USE_V1=1 is not supported(?: with (?P<what>.+?))?\.?$",
        cause="the engine V1 of this image does not do what is asked ({what})",
        remedy="take out the flag or variable that the line names; VLLM_USE_V1 out of {section}.environment",
        weight=3,
    ),
    Rule(
        "configuration that is refused",
        says=r"(?P<what>\d+ validation errors? for \w+)",
        cause="vLLM refuses its configuration: {what}",
        remedy="correct {section}.flags as the line says; the lines right after it name field and value",
        # Only the lines after it say what: one that is known comes before.
        weight=1,
    ),
    Rule(
        "batch smaller than a sequence",
        says=r"max_num_batched_tokens \((?P<batch>\d+)\) (?:is smaller than|must be greater than or equal "
        r"to) "
        r"(?P<what>max_model_len|max_num_seqs) \((?P<least>\d+)\)",
        cause="one step (max_num_batched_tokens {batch}) is smaller than {what} ({least})",
        remedy="raise {section}.flags.max_num_batched_tokens to at least {least}, or lower {what}",
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
