"""Do clients ask what the model can do?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding, Status

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "key that the server does not take",
        says=r"HTTP/1\.1\" 401 Unauthorized|Error code: 401.*(?:Unauthorized|API key)|Incorrect API key "
        r"provided"
        r"|\"error\": ?\"Unauthorized\"",
        cause="requests carry no key or another one than the server (or the edge) was started with",
        remedy="give the client the key (`Authorization: Bearer …`) as `toolkit` made it; recreate both "
        "after a change",
        weight=3,
        status=Status.WARN,
        lasting=True,
        rejects=("the Hub's token: the model is loaded, it is the client that is refused",),
    ),
    Rule(
        "roles that the template does not take",
        says=r"roles must alternate|[Ss]ystem role (?:is )?not supported"
        r"|[Aa]fter the optional system message|must (?:start|end) with (?:a )?(?:user|assistant)"
        r"|jinja2?\S*TemplateError",
        cause="the model's chat template refuses the roles of the messages (no system role, or user and assistant "
        "have to alternate)",
        remedy="join messages of one role and put the system text into the first user message at the client, or "
        "give a template that takes them (--chat-template)",
        weight=3,
        status=Status.WARN,
        lasting=True,
        rejects=("the server: it answers other requests",),
    ),
    Rule(
        "placeholders that do not match the images",
        says=r"multimodal tokens to \d+ placeholders|[Ee]xpected there to be \d+ prompt (?:updates"
        r"|placeholders|"
        r"replacements)|[Mm]ismatch in .{0,20}(?:image|mm|multi-?modal)|image token.{0,40}(?:mismatch|does "
        r"not match)",
        cause="the number of images (or sounds) in a request is not that of the placeholders in its text: the "
        "template of the chat was not used, or the processor of the model does not go with the image's transformers",
        remedy="send images by the chat API instead of a prompt of your own; else another image or revision "
        "of the model",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "more images than are allowed",
        says=r"At most (?P<most>\d+) (?P<kind>\w+)\(?s?\)? may be provided|exceeds the (?:pre-allocated "
        r")?encoder cache size",
        cause="a request holds more or larger images than the server takes ({most} {kind})",
        remedy="fewer or smaller ones at the client, or --limit-mm-per-prompt in {section}.flags; 0 means that "
        "the model takes none",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "media that cannot be fetched",
        says=r"(?:Failed|Cannot|Unable) to (?:load|fetch|open|download) (?:image|video|audio|media)|cannot "
        r"identify image "
        r"file|Cannot load local files without",
        cause="the server cannot fetch what a request names by its address: no way out, a local path that is not "
        "allowed, or a file that is none",
        remedy="send it as data (base64), let the server reach the address, or allow the path "
        "(--allowed-local-media-path); raise VLLM_IMAGE_FETCH_TIMEOUT where it is slow",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "parameter that is refused",
        says=r"logprobs.{0,40}(?:greater than max|must be|not supported)|\b(?:temperature|top_p|top_k|min_p"
        r"|best_of|"
        r"presence_penalty|frequency_penalty) must be|extra_forbidden|Extra inputs are not permitted|"
        r"Unsupported (?:value|parameter)|RequestValidationError",
        cause="a parameter of the request is out of its range, or this version does not know it",
        remedy="correct it at the client; the line names it",
        weight=2,
        services=r"llm|embed|train",
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "tool call that cannot be read",
        says=r"Error in extracting tool call|[Ee]rror trying to handle streaming tool call"
        r"|tool_choice.{0,60}(?:not|requires)",
        cause="the model's tool call is not in the format that the chosen tool parser reads",
        remedy="take the parser and the chat template made for this model (--tool-call-parser, "
        "--chat-template)",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
)


@check(
    "vllm.requests",
    "Requests are ones that the model can answer",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_requests(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what is wrong with requests that a model server refuses while it is well.

    Roles that the chat template does not take, images that cannot be fetched, a schema or parameter that is refused:
    the answer is a 400 or 500, and the server goes on. The client has to change, or the template; no flag of memory
    helps.
    """
    return read(RULES, plan, seen)
