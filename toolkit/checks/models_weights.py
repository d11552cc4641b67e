"""Are the weights whole?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Hit, Rule, Scene, Signal, read, speaks_for
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


def _too_small(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"git-lfs|version https://git-lfs"):
        yield speaks_for("the lines beside it name git-lfs", 2)


def _header(hit: Hit, scene: Scene) -> Iterator[Signal]:
    if scene.told(hit.subject, r"in (?:parse|_?read|get)_safetensors\w*"):
        yield speaks_for("it was reading the header of a file of weights: the first bytes are none", 4)


_READERS = r"llm|embed|train|api|^$"
RULES = (
    Rule(
        "header that is none",
        says=r"^\s*MemoryError\s*$|OverflowError: (?:Python int too large|cannot fit)",
        cause="the file of the weights holds no weights: its first eight bytes, read as a length, ask for all the "
        "memory there is: a pointer of git-lfs (a text of about 130 bytes), or a page of an error",
        remedy="`git lfs install && git lfs pull` in that directory, or `hf download`; `ls -l` shows the "
        "tiny files",
        weight=0,
        facts=_header,
        rejects=("memory: no limit would be high enough",),
    ),
    Rule(
        "pointer of git-lfs",
        says=r"HeaderTooLarge|InvalidHeader(?:Length|Deserialization)?|header too (?:large|small)"
        r"|HeaderTooSmall|invalid load key, 'v'|version https://git-lfs",
        cause="the weights are a text of about 130 bytes: the repository was cloned without git-lfs, so "
        "that its pointer files came instead",
        remedy="`git lfs install && git lfs pull` in that directory, or `hf download`; `ls -l` shows the "
        "tiny files",
        weight=2,
        facts=_too_small,
        rejects=("the version of torch or safetensors: they read the file rightly, it holds no weights",),
    ),
    Rule(
        "download that ended early",
        says=r"MetadataIncompleteBuffer|incomplete metadata, file not fully covered|InvalidHeader"
        r"|unexpected (?:EOF|end of file)|PytorchStreamReader failed"
        r"|failed finding central directory|Consistency check failed|file size mismatch|\bInvalidOffset\b"
        r"|size mismatch for .*: copying a param",
        cause="a file of the weights is cut short: a download or a copy ended early (killed, disk full)",
        remedy="delete that file (in the cache: its blob and snapshot) and fetch it again; look at the "
        "disk's room before",
        weight=2,
        services=_READERS,
    ),
    Rule(
        "directory without weights",
        says=r"Cannot find any model weights with `?(?P<path>[^`\s]+)|no file named (?:pytorch_model|model"
        r"|tf_model)|No safetensors (?:weights|files)? ?found"
        r"|FileNotFoundError.*(?:safetensors|model-\d+-of)|unable to open file <(?P<gone>[^>]+)> in "
        r"read-only mode|Could not find (?:model weights|shard)"
        r"|index\.json.*(?:missing|not found)",
        cause="the directory holds a configuration, but no weights that vLLM reads {path}",
        remedy="fetch all files of the model (`hf download`), the *.safetensors above all",
        weight=3,
    ),
    Rule(
        "directory without a configuration",
        says=r"(?:does not appear to have|Can't find|No|not find) (?:a )?(?:file named )?['\"]?config\.json"
        r"|Invalid repository ID or local directory specified|does not contain a config\.json"
        r"|Unrecognized model in (?P<path>\S+?)\.? Should have a `model_type`|Could not detect config format"
        r"|No supported config format found|Can't load the configuration of '(?P<given>[^']+)'",
        cause="what is given as the model holds no config.json: the directory is the wrong one (a cache "
        "root instead of snapshots/REVISION), or incomplete",
        remedy="name the directory that holds config.json: `source: dir:PATH` of the model",
        weight=2,
    ),
    Rule(
        "weights of another model or format",
        says=r"There is no module or parameter named|KeyError: '(?:model\.|lm_head|transformer"
        r"|language_model|layers)[\w.]*'|size mismatch for"
        r"|[Ff]ollowing weights were not initialized from checkpoint|weights? .*(?:shape|size).*mismatch"
        r"|AssertionError: .*param.*(?:shape|size)|Attempted to load weight \(.*into parameter",
        cause="names or shapes of the weights are not those that the configuration promises or the image expects: a "
        "model that is newer than the image, or files of two models or quantizations that are mixed",
        remedy="take a newer image (it may know the model by now); else fetch the model again into an empty "
        "directory at a fixed revision, and correct its quantization",
        weight=2,
    ),
    Rule(
        "GGUF that vLLM cannot take",
        says=r"(?i)gguf.{0,80}(?:not supported|unknown|error|invalid)|(?:Unrecognized|Unknown) .*gguf"
        r"|KeyError: 'general\.",
        cause="vLLM cannot serve this GGUF file",
        remedy="take the safetensors version of the model (AWQ, GPTQ or FP8 where it has to be small)",
        weight=2,
    ),
    Rule(
        "weights that this version does not expect",
        says=r"Unexpected weight|unexpected key|[Mm]issing key\(s\)|weight_scale"
        r"|size of tensor a \(\d+\) must match|start \(\d+\) \+ length \(\d+\) exceeds dimension size"
        r"|quant_method is not None|does not match the shape"
        r"|Error\(s\) in loading state_dict",
        cause="the weights hold something else than this version of the image expects: another "
        "quantization or layout, or a model that is newer",
        remedy="take a newer image (parts that stay unquantized are a frequent gap), else fetch the "
        "model's files again at a fixed revision",
        weight=2,
    ),
    Rule(
        "file that is no JSON",
        says=r"JSONDecodeError|Expecting value: line 1 column 1|is not a valid JSON file|UnicodeDecodeError"
        r"|It looks like the config file at .* is not",
        cause="a configuration file of the model is empty, cut short or something else (an error page)",
        remedy="delete that file from the cache and fetch it again",
        weight=1,
        services=r"llm|embed|train|^$",
    ),
)


@check("models.weights", "The weights are whole", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE})
def models_weights(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say what is wrong with the files of a model.

    `HeaderTooLarge` is a text file where weights should be: git without git-lfs left its pointers. `incomplete
    metadata` is a download cut short. Both are mended by fetching again, never by another version of torch. A
    directory without config.json is mostly the cache's root instead of snapshots/REVISION.
    """
    return read(RULES, plan, seen)
