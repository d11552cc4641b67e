"""Does the image know this model?"""

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
        "transformers of the image too old",
        says=r"Transformers does not recognize this architecture|KeyError: '(?P<type>[a-z][\w.-]*)'\s*$"
        r"|model type `(?P<kind>[\w.-]+)`"
        r"|Model architectures? \[(?P<archs>[^\]]*)\] (?:are|is) not supported"
        r"|Model architectures .*failed to be inspected"
        r"|has no vLLM implementation and the Transformers implementation is not compatible"
        r"|The checkpoint you are trying to load has model type",
        cause="the model is newer than the image: its transformers or vLLM does not know the architecture "
        "{type}{kind}{archs}",
        remedy="take a newer image ({section}.image), or a model that this one knows; "
        "trust_remote_code does not help",
        weight=2,
        services=r"llm|embed|train|^$",
        rejects=("trust_remote_code is missing: the architecture is one of the library's own",),
    ),
    Rule(
        "code of the repository that is not trusted",
        says=r"trust_remote_code=True|requires you to execute the (?:configuration|model|tokenizer) file"
        r"|contains custom code which must be executed",
        cause="the repository brings its own code, and the profile does not allow to run it",
        remedy="read that code, pin its commit (`revision:`), then set trust_remote_code: true of the "
        "model under `models:`",
        weight=2,
    ),
    Rule(
        "code of the repository that the image has outgrown",
        says=r"cannot import name '(?P<name>\w+)' from '?(?P<module>[\w.]+)"
        r"|ImportError: cannot import name '(?P<only>\w+)'"
        r"|AttributeError: .*(?:transformers_modules|has no attribute '?(?P<attr>\w+))"
        r"|transformers_modules.*Error"
        r"|This modeling file requires the following packages",
        cause="code that came with the model uses {name}{only}{attr}, which the transformers of this image "
        "no longer has",
        remedy="pin the image to the version before, pin `revision:` of the model to a commit that fits, or take an "
        "image in which vLLM serves the model by its own code",
        weight=2,
        services=r"llm|embed|train|^$",
        rejects=("the flags: model and flags are unchanged, the image is not",),
    ),
    Rule(
        "transformers newer than this vLLM",
        says=r"'(?P<name>[\w-]+)' is already used by a Transformers config"
        r"|(?P<package>[\w-]+)[><=~!][\w.,<>=!~]+ is required "
        r"for a normal functioning of this module, but found (?P<found>\S+?)\.?$"
        r"|all_special_tokens_extended"
        r"|cannot import name '(?:ALLOWED_LAYER_TYPES|ProcessorMixin|AutoModelForVision2Seq)' from "
        r"'transformers",
        cause="the transformers in the image is newer than this vLLM was made for {name}{package} {found}",
        remedy="take the image as it was published (a `pip install -U transformers` on top breaks it), or a "
        "newer image",
        weight=4,
        services=r"llm|embed|train|^$",
    ),
    Rule(
        "bug of this version",
        says=r"Expected all tensors to be on the same device|unsupported operand type\(s\) for \S+ 'NoneType'"
        r"|is only (?:supported|implemented) (?:in|on) V[01]\b|NotImplementedError: (?P<what>.{8,})",
        cause="this version of the image cannot serve the model with these flags: a path of its code that is "
        "missing or wrong {what}",
        remedy="take a newer image (or the one before); else the flags that are not the default, one after "
        "the other",
        weight=1,
        services=r"llm|embed|train|^$",
    ),
    Rule(
        "package missing in the image",
        says=r"ModuleNotFoundError: No module named '(?P<module>[\w.]+)'|Please (?:install"
        r"|upgrade) (?P<package>[\w-]+)|ImportError: (?P<what>.*requires? .*(?:install|package).*)",
        cause="the image lacks the Python package {module}{package} {what}",
        remedy="take an image that has it: an image of your own `FROM` this one that installs it, under "
        "{section}.image",
        weight=2,
    ),
    Rule(
        "model without a chat template",
        says=r"default chat template is no longer allowed|does not (?:have|define) a chat template"
        r"|[Cc]annot use chat template|chat_template.*(?:not found|is not set)",
        cause="the model has no chat template: it is a base model, or its tokenizer files are incomplete",
        remedy="take the instruct version of the model, or give a template with an override "
        "(--chat-template)",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "model of another kind",
        says=r"does not support (?P<what>Chat Completions|Completions|Embeddings|Pooling"
        r"|Transcriptions?) API|model does not support (?P<task>\w+) task"
        r"|This model does not support the '(?P<t2>\w+)' task|`--task` .*not supported",
        cause="the model is of another kind than what is asked of it ({what}{task}{t2})",
        remedy="ask a model of that kind: chat at services.llm_*, vectors at services.embeddings",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "adapter of a higher rank",
        says=r"LoRA rank (?P<rank>\d+) is greater than max_lora_rank (?P<most>\d+)",
        cause="a LoRA adapter has rank {rank}, and the server takes {most} at most (max_lora_rank)",
        remedy="raise {section}.flags.max_lora_rank to {rank}; every place for an adapter takes memory of that rank",
        weight=4,
    ),
    Rule(
        "adapter that does not fit",
        says=r"No adapter found for (?P<path>\S+)|Loading lora \S+ failed"
        r"|does not support LoRA|expected target modules in",
        cause="a LoRA adapter does not fit its model {path}",
        remedy="correct {section}.lora_modules (path and base model)",
        weight=3,
    ),
    Rule(
        "tokenizer that cannot be read",
        says=r"(?:Can't|Unable to) load tokenizer|Tokenizer class (?P<name>\S+) does not exist"
        r"|data did not match any variant of untagged enum"
        r"|Couldn't instantiate the backend tokenizer|SentencePiece|Error while initializing (?:BPE"
        r"|tokenizer)",
        cause="the image's tokenizers library cannot read the model's tokenizer: it is newer, or its files "
        "are incomplete",
        remedy="take a newer image, or fetch the tokenizer files again",
        weight=2,
    ),
    Rule(
        "tools or modality that are not switched on",
        says=r"tool choice requires --enable-auto-tool-choice|At most \d+ (?:image|audio"
        r"|video)\(?s?\)? may be provided"
        r"|is not a multimodal model|does not support (?:image|audio|tool)",
        cause="requests ask for tools, images or sound that this server was not started with, or that the "
        "model cannot do",
        remedy="the flag that the line names, or another model",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "name of another model",
        says=r"The model `(?P<name>[^`]+)` does not exist|model_not_found|model '(?P<n2>[^']+)' not found",
        cause="requests name the model {name}{n2}, which this server does not serve",
        remedy="ask by its served name: `toolkit status` and /v1/models list them",
        weight=3,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "configuration that this version reads otherwise",
        says=r"rope_scaling.*(?:must|should|field|key)|KeyError: '(?:type|rope_type|factor)'"
        r"|Unrecognized configuration class|got an unexpected keyword argument '(?P<arg>\w+)'"
        r"|does not have the attribute",
        cause="the model's configuration was written for another version of transformers than the image has",
        remedy="take a newer image, or a revision of the model of the image's time",
        weight=2,
        services=r"llm|embed|train|^$",
    ),
    Rule(
        "files in the form of Mistral",
        says=r"Found 0 files matching the pattern|tekken\.json|params\.json.{0,60}(?:not found|No such"
        r"|missing)"
        r"|[Mm]istral tokenizer .{0,60}(?:not|present)|MistralTokenizer.{0,60}(?:Error|not)",
        cause="tokenizer, configuration or weights are asked for in the form of Mistral (tekken.json, params.json), "
        "and the directory has the one of transformers, or the other way round",
        remedy="take --tokenizer-mode, --config-format and --load-format mistral out of {section}.flags, or "
        "give all three for files of Mistral's own form",
        weight=3,
        services=r"llm|embed|train|^$",
    ),
    Rule(
        "draft model that does not go with the model",
        says=r"unify_kv_cache_spec|(?:speculative|spec_decode|draft[ _]model|num_speculative_tokens).*"
        r"(?:Error|mismatch|not supported|must|should|different|cannot)",
        cause="the draft model (speculative decoding) does not go with the model: another vocabulary, "
        "cache layout or kind of attention",
        remedy="leave speculative decoding out, or take the draft that was made for this model",
        weight=1,
        services=r"llm|embed|train|^$",
    ),
    Rule(
        "guided decoding",
        says=r"(?:outlines|xgrammar|guidance|lm-format-enforcer|guided[_ ](?:decoding|json|regex)"
        r"|structured output).{0,80}(?:[Ee]rror|not supported|fail|[Ii]nvalid)|FSM.*fail",
        cause="the grammar or schema of a request cannot be compiled by the backend for structured output",
        remedy="simplify the schema, or choose another backend (--structured-outputs-config)",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
    Rule(
        "key of the API",
        says=r"401 Unauthorized.*(?:/v1/|chat/completions)|Incorrect API key|[Ii]nvalid API key"
        r"|[Mm]issing (?:API key|Bearer)",
        cause="clients send no key, or another one than edge or server know",
        remedy="`toolkit keys list` and `toolkit keys add`; the header is `Authorization: Bearer KEY`",
        weight=2,
        status=Status.WARN,
        lasting=True,
    ),
)


@check("vllm.model", "The image knows this model", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def vllm_model(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say why the image cannot make a server of these model files.

    Model and image have to be of one time. A model newer than the image is not recognized (`KeyError`, `does not
    recognize this architecture`): a newer image. Code in the repository that is older than the image imports
    names that are gone: pin image or revision. trust_remote_code helps only where the text asks for it; read the
    code first, it runs with the server's rights.
    """
    return read(RULES, plan, seen)
