"""Is the context one that the model can do?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.diagnosis.tuning import length_of_group
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _allowed_longer(hit: Hit, scene: Scene) -> Iterator[Signal]:
    told = scene.told(hit.subject, r"VLLM_ALLOW_LONG_MAX_MODEL_LEN\W+1\b|max_model_len.*VLLM_ALLOW_LONG")
    if told or scene.env(hit.subject, "VLLM_ALLOW_LONG_MAX_MODEL_LEN") == "1":
        yield speaks_for("VLLM_ALLOW_LONG_MAX_MODEL_LEN=1 lets the length exceed the model's positions", 3)
    if scene.told(hit.subject, r"greater than the derived max_model_len"):
        yield speaks_for("vLLM said at its start that the length exceeds the model's own")


RULES = (
    Rule(
        "length over the model's positions",
        says=r"device-side assert|index out of bounds|[Ii]ndexing\.cu.*Assertion|tl\.broadcast_to"
        r"|IndexKernel.*Assertion",
        cause="a request went past the model's position embeddings: max_model_len is longer than the model was made "
        "for, and VLLM_ALLOW_LONG_MAX_MODEL_LEN kept vLLM from refusing that at its start",
        remedy="take VLLM_ALLOW_LONG_MAX_MODEL_LEN out of {section}.environment and lower "
        "{section}.flags.max_model_len to the model's own length (or configure rope scaling)",
        weight=0,
        facts=_allowed_longer,
        rejects=(
            "broken hardware: the assert is an index check of a kernel, and the kernel's log has no Xid of "
            "hardware",
        ),
    ),
    Rule(
        "longer than the model's own length",
        says=r"User-specified max_model_len \((?P<asked>\d+)\) is greater than the derived max_model_len"
        r" \((?:[\w.]+=)?(?P<own>\d+)",
        cause="max_model_len {asked} is longer than the {own} tokens that the model was made for",
        remedy="lower {section}.flags.max_model_len to at most {own}; the variable that the text recommends "
        "(VLLM_ALLOW_LONG_MAX_MODEL_LEN) makes it crash later instead",
        weight=3,
        changes=length_of_group("own"),
    ),
    Rule(
        "requests longer than the context",
        says=r"maximum context length is (?P<own>\d+) tokens"
        r"|Input prompt \((?P<asked>\d+) tokens\) is too long"
        r"|prompt .*longer than the maximum model length of (?P<most>\d+)"
        r"|prompt .*too long to fit into the model \(context length (?P<fits>\d+)\)"
        r"|max_tokens must be at least 1, got -|[Ii]nput length \(\d+\) exceeds (?:the )?model's? maximum",
        cause="requests ask for more tokens than max_model_len ({own}{most}{fits}); they get a 400, the server is "
        "well",
        remedy="shorten prompts or max_tokens at the client, or raise {section}.flags.max_model_len "
        "where memory allows",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "vllm.context",
    "The context is one that the model can do",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_context(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Compare the configured context with the model's own, and say what goes past it.

    vLLM refuses a length above the model's positions. VLLM_ALLOW_LONG_MAX_MODEL_LEN, which its own error text
    recommends, turns that refusal into a crash at the first long request: `device-side assert` looks like
    hardware, and is an index past the position embeddings. Lower the length instead. The variable in the plan, or
    the refusal in the log, decides.
    """
    return read(RULES, plan, seen)
