"""Can the card do the model's number format?"""

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
        "bfloat16 on an older card",
        says=r"(?i)bfloat16 is only supported on GPUs with compute capability of at least 8\.0"
        r"(?:\. Your (?P<card>.+?) GPU has compute capability (?P<has>\d+\.\d+))?"
        r"|bf16.*not supported.*(?:device|GPU)",
        cause="the model's numbers are bfloat16, which the card {card} (compute capability {has}) cannot do",
        remedy="set dtype to half: {section}.flags.dtype: float16",
        weight=3,
        changes=lambda hit, scene: [flag(hit, scene, "dtype", "float16")],
        expected="compute capability of at least 8.0, or dtype half",
    ),
    Rule(
        "quantization that the card is too old for",
        says=r"quantization method (?P<method>\S+) is not supported for the current GPU\.? Minimum "
        r"capability: (?P<least>\d+)"
        r"|(?P<fp8>[Ff][Pp]8).{0,80}(?:not supported|only supported|requires).{0,80}(?:compute capability"
        r"|GPU|sm|SM|Hopper|Ada|CUDA arch)"
        r"|(?:compute capability|CUDA arch).{0,40}(?:>=|at least).{0,40}(?:fp8|FP8|nvfp4|NVFP4|mxfp4|MXFP4)"
        r"|fp8e4nv not supported",
        cause="the card is too old for this quantization {method}",
        remedy="take a model in another quantization (AWQ and GPTQ run from compute capability 7.5 on), or leave "
        "{section}.flags.kv_cache_dtype at auto where that asks for fp8",
        weight=3,
    ),
    Rule(
        "quantization without kernels for this card",
        says=r"No compiled \w+ for (?:a )?(?:compute capability|CUDA device|current)|No (?:suitable|valid"
        r"|compatible) "
        r"(?:kernel|backend|scheme)s? (?:found|available)? ?(?:for|to).{0,80}|Failed to find a kernel that "
        r"can "
        r"implement|(?:Marlin|Machete|CUTLASS|cutlass|FBGEMM|DeepGEMM)\S* (?:does not support|is not "
        r"supported"
        r"|requires|not available|is only supported)|WNA16.{0,40}not support"
        r"|(?:nvfp4|NVFP4|mxfp4|MXFP4|FP4).{0,60}(?:requires|only supported|not supported|Blackwell)",
        cause="the image holds no kernel of this quantization for this generation of cards",
        remedy="take an image that is built for the card (a newer one for a new card), or the model in another "
        "quantization (AWQ or GPTQ for older cards)",
        weight=3,
    ),
    Rule(
        "quantization that does not go with the rest",
        says=r"(?:BitAndBytes|BitsAndBytes|bitsandbytes).{0,80}(?:not supported|is not|only support)"
        r"|Cannot find any of \[(?P<keys>[^\]]*)\] in the model's quantization config"
        r"|quantization.{0,60}(?:not supported|only supported) (?:with|for|by|yet)"
        r"|(?:size|weight).{0,80}not divisible by (?:weight )?quantization block|group_size.{0,40}(?:not "
        r"supported|must)"
        r"|[Qq]uantization scheme is not supported|[Uu]nsupported quantization",
        cause="this quantization does not go with the model's layers, the parallelism or the load format",
        remedy="let the model say it ({section}.flags.quantization and load_format: null), a smaller "
        "tensor_parallel_size, or the model in another quantization (AWQ, GPTQ, FP8)",
        weight=3,
    ),
    Rule(
        "format that the quantization does not go with",
        says=r"(?P<dtype>torch\.\w+|bfloat16|float\w*"
        r"|half) is not supported for quantization method (?P<method>\w+)",
        cause="{method} does not go with {dtype}",
        remedy="set {section}.flags.dtype: float16",
        weight=3,
        changes=lambda hit, scene: [flag(hit, scene, "dtype", "float16")],
    ),
    Rule(
        "quantization of the flag is not that of the model",
        says=r"Quantization method specified in the model config \((?P<own>\w+)\) does not match the "
        r"quantization method specified"
        r" in the `quantization` argument \((?P<asked>\w+)\)|Cannot find the config file for (?P<missing>\w+)"
        r"|Unknown quantization method:? (?P<unknown>\S+)",
        cause="the model is quantized with {own}, the flag says {asked}{missing}{unknown}",
        remedy="leave it to the model: {section}.flags.quantization: null",
        weight=3,
    ),
)


@check(
    "vllm.dtype",
    "The card can do the model's number format",
    needs=TOLD,
    wants=EVIDENCE,
    suites={Suite.DIAGNOSE},
)
def vllm_dtype(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Say which number format the card or the quantization cannot do, and which one it can.

    Cards before Ampere (T4, V100) have no bfloat16: float16 (`half`) does. FP8 needs Ada or Hopper. AWQ wants
    float16 in some versions. Certain from the text. It is no matter of memory, and the wrapper `Engine core
    initialization failed` after it says nothing.
    """
    return read(RULES, plan, seen)
