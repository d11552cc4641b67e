"""Is the server built for this card?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Suite, check
from toolkit.diagnosis import EVIDENCE, TOLD, Rule, read
from toolkit.findings import Finding

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot

RULES = (
    Rule(
        "image built for other cards",
        says=r"no kernel image is available for execution on the device|cudaErrorNoKernelImageForDevice"
        r"|(?P<card>NVIDIA .+?) with CUDA capability (?P<sm>sm_\d+) is not compatible with the current "
        r"PyTorch"
        r"|CUDA error: invalid device function|sm_\d+.* is not (?:supported|defined for option)"
        r"|(?:unsupported|Unsupported) (?:gpu|GPU) architecture|device kernel image is invalid",
        cause="the image holds no kernels for this generation of cards {card} {sm}",
        remedy="take an image that is built for this generation (a newer one for newer cards, an older one for "
        "cards that were dropped): {section}.image",
        weight=3,
        rejects=("a broken card: it runs, and nothing was compiled for it",),
    ),
    Rule(
        "driver older than the image's CUDA",
        says=r"the provided PTX was compiled with an unsupported toolchain"
        r"|CUDA driver version is insufficient for CUDA runtime version"
        r"|NVIDIA driver on your system is too old(?: \(found version (?P<found>\d+)\))?"
        r"|cudaErrorInsufficientDriver"
        r"|CUDA_ERROR_UNSUPPORTED_PTX_VERSION|forward compatibility was attempted on non supported HW"
        r"|[Ee]rror 804"
        r"|container was built for NVIDIA Driver Release (?P<wants>[\d.]+) or later",
        cause="the driver of the host is older than the CUDA of the image",
        remedy="update the driver of the host, or take an older image (pin it)",
        weight=3,
        rejects=("the container's toolkit: nvidia-smi works there, and asks for no CUDA",),
    ),
    Rule(
        "libcuda of another version than the driver",
        says=r"[Ss]ystem has unsupported display driver / cuda driver combination|[Ee]rror 803"
        r"|cudaErrorSystemDriver"
        r"Mismatch|CUDA_ERROR_SYSTEM_DRIVER_MISMATCH",
        cause="the libcuda that the container loads and the driver in the kernel are of different versions: the "
        "driver was updated without a restart, or the image's compat library (LD_LIBRARY_PATH) comes before the "
        "host's",
        remedy="restart the host after a driver update; take /usr/local/cuda/compat out of LD_LIBRARY_PATH in "
        "{section}.environment, or take an image that fits the driver",
        weight=3,
    ),
    Rule(
        "libcuda that the linker does not find",
        says=r"cannot find -lcuda|libcuda\.so cannot found|AssertionError: libcuda\.so|Command "
        r".*gcc.*'-lcuda'.*non-zero",
        cause="kernels are compiled at the start, and the linker finds no libcuda.so: the driver's libraries are "
        "not mounted, or only as libcuda.so.1",
        remedy="start it with a card and the capabilities compute,utility (NVIDIA_DRIVER_CAPABILITIES); a link "
        "libcuda.so → libcuda.so.1 on LIBRARY_PATH, or {section}.flags.enforce_eager: true",
        weight=4,
    ),
    Rule(
        "capture of CUDA graphs that fails",
        says=r"operation (?:not permitted|failed due to a previous error).{0,20}(?:when stream is capturing"
        r"|during "
        r"capture)|cudaErrorStreamCapture\w+|CUDA graphs? (?:capture|capturing) failed",
        cause="CUDA graphs cannot be captured: a kernel or a library does something that a capture does not "
        "allow",
        remedy="set {section}.flags.enforce_eager: true to go on; update the image, or another "
        "attention backend",
        weight=3,
    ),
    Rule(
        "code that torch.compile cannot take",
        says=r"torch\._dynamo\.exc\.\w+|TorchRuntimeError|torch\.compile.{0,60}(?:fail|error)",
        cause="torch.compile cannot compile this model's code",
        remedy="set {section}.flags.enforce_eager: true (or --compilation-config 0), and remove the cache of "
        "torch_compile_cache; a newer image",
        weight=2,
    ),
    Rule(
        "system library missing in the image",
        says=r"ImportError: lib(?!cudart|cublas|cudnn|nccl|nvrtc|cuda\.)(?P<lib>[\w.+-]+): cannot open "
        r"shared object",
        cause="the image lacks the system library lib{lib}",
        remedy="take the full image instead of a slimmed one, or an image of your own `FROM` it with that package "
        "(libGL: libgl1)",
        weight=3,
    ),
    Rule(
        "compiler missing in the image",
        says=r"Failed to find C compiler|(?:nvcc|gcc|cc1plus|ninja)['\"]?:? (?:command )?not found"
        r"|No such file or directory: '\S*(?:nvcc|gcc|ninja)'"
        r"|Could not find nvcc|CUDA_HOME environment variable is not set|fatal error: Python\.h: No such "
        r"file",
        cause="kernels are compiled at the start (Triton, FlashInfer), and the image lacks the compiler or "
        "its headers",
        remedy="take the full image instead of a slimmed one, or set {section}.flags.enforce_eager: true",
        weight=3,
    ),
    Rule(
        "kernel that is larger than the card's shared memory",
        says=r"out of resource: shared memory(?:, Required: (?P<needs>\d+), Hardware limit: (?P<has>\d+))?",
        cause="a Triton kernel needs more of the card's shared memory than it has ({needs} of {has} bytes)",
        remedy="another attention backend (VLLM_ATTENTION_BACKEND) or a newer image; it is neither "
        "/dev/shm nor GPU memory",
        weight=3,
        rejects=("/dev/shm is too small: this is memory on the chip",),
    ),
    Rule(
        "library of another build",
        says=r"undefined symbol: (?P<symbol>\S+)|ImportError: lib(?:cudart|cublas|cudnn|nccl"
        r"|nvrtc)\S*: cannot open shared object"
        r"|libcudnn\S*.*(?:not found|cannot)|cuDNN.*version mismatch|GLIBC(?:XX)?_[\d.]+' not found",
        cause="libraries of different builds are mixed in the image",
        remedy="take the image as it was published: packages that were added to it, or mounts over its "
        "libraries, do not fit it",
        weight=2,
    ),
    Rule(
        "processor without the instructions",
        says=r"Illegal instruction|SIGILL|AVX(?:2|512)? (?:is )?(?:not supported|required)|CPU does not "
        r"support x86-64-v"
        r"|CPU (?:does not support|lacks) (?:the )?AVX",
        cause="the image uses instructions (AVX2 or AVX-512) that this processor does not have",
        remedy="take an image that is built for this processor, or another machine",
        weight=2,
    ),
    Rule(
        "kernels that cannot be compiled",
        says=r"Ninja build failed|nvcc fatal|`?ptxas`? (?:fatal|error|failed)|fatal error: \S+\.(?:h|cuh"
        r"|hpp): No such file|CompilationError|BackendCompilerFailed|InductorError"
        r"|torch\._inductor\.exc|Internal Triton PTX codegen error|PTXASError"
        r"|error: command '\S*(?:nvcc|gcc|ninja)' failed|JIT (?:build|compil\w+) fail"
        r"|(?:ptxas|nvcc|ninja|cicc): (?:command )?not found|Cannot find ptxas|ptxas\S* (?:not found|is not)"
        r"|[Nn]inja is required to load C\+\+ extensions|CUDA_HOME environment variable is not set"
        r"|Could not find nvcc|Failed to find (?:C|nvcc|CUDA) compiler|No (?:C|CUDA) compiler found"
        r"|NVRTC_ERROR_\w+|nvrtc: error|error: identifier \S+ is undefined",
        cause="kernels are compiled at the start, and that fails: a compiler (gcc, nvcc, ptxas), headers or CUDA of "
        "the image are missing, cannot run there, or do not go with the sources or the card",
        remedy="take another (mostly the previous) image; else another backend (VLLM_ATTENTION_BACKEND, "
        "VLLM_USE_FLASHINFER_SAMPLER=0) or {section}.flags.enforce_eager: true",
        weight=2,
    ),
    Rule(
        "attention backend that the card cannot do",
        says=r"FlashAttention only supports Ampere|(?:FlashAttention|FlashInfer|FLASH_ATTN|FLASHMLA"
        r"|FlashMLA).{0,60}(?:not supported|only supports?|requires|is not available(?!.*[Ff]alling back)"
        r"|Unsupported)"
        r"|[Uu]nsupported FA version|Invalid attention backend|No valid attention backend"
        r"|Unknown attention backend|Cannot use \S+ backend (?:for|on|because)|[Ss]inks are only supported"
        r"|[Aa]ttention backend .{0,40}(?:not support"
        r"|is not)",
        cause="the card or the image cannot do this attention backend",
        remedy="take VLLM_ATTENTION_BACKEND out of {section}.environment, so that vLLM chooses one "
        "(TRITON_ATTN or FLASH_ATTN by hand)",
        weight=3,
    ),
    Rule(
        "parts of vLLM of another build",
        says=r"No module named 'vllm\.\w+'|_OpNamespace' '_(?:C|moe_C)"
        r"|operator torchvision::nms does not exist|compiled using NumPy 1\.x"
        r"|numpy\.core\.multiarray failed|Failed to import from vllm\._C|torch\.ops\._C",
        cause="compiled parts of vLLM, torch or numpy are of different builds: packages were added to the "
        "image, or mounts lie over them",
        remedy="take the image as it was published, and make what is added agree with its torch",
        weight=3,
    ),
    Rule(
        "CUDA in a forked process",
        says=r"Cannot re-initialize CUDA in forked subprocess"
        r"|before the current process has finished its bootstrapping phase",
        cause="CUDA was used before the workers were forked",
        remedy="set VLLM_WORKER_MULTIPROC_METHOD to spawn in {section}.environment",
        weight=3,
    ),
)


@check(
    "vllm.kernels", "The server is built for this card", needs=TOLD, wants=EVIDENCE, suites={Suite.DIAGNOSE}
)
def vllm_kernels(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Compare what the image was built for with the card, the driver and the processor.

    `no kernel image` means that the image was compiled for other generations of cards; `PTX … unsupported
    toolchain` and `driver … insufficient` that the host's driver is older than the image's CUDA. Both are cured
    by another image or driver, never by a flag. Certain from the text.
    """
    return read(RULES, plan, seen)
