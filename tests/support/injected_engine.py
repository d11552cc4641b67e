"""Faults of the engine and of model servers, each with what cures it: its remedy to the letter."""

from __future__ import annotations

from tests.support.injected import Fault, Run
from tests.support.injected_redis import REDIS_DATA, redis_run

ENGINE = (
    Fault("engine: program that is not in the image", "redis", Run((), ("redis-serve",)), redis_run(), "container.command",
          "redis-serve is not in the image", "command", "Ready"),
    Fault("engine: file of another architecture", "redis",
          Run(("--volume", "{dir}/bad:/bad:ro"), ("/bad/program",), files={"bad/program": "\x7fELF\x02\x01\x01garbage"}),
          redis_run(), "container.command", "architecture|may not be executed", "architecture|chmod", "Ready"),
    Fault("engine: script with Windows line ends", "redis",
          Run(("--volume", "{dir}/s:/s:ro"), ("sh", "-c", "cp /s/run.sh /tmp/run.sh && chmod +x /tmp/run.sh && exec /tmp/run.sh"),
              files={"s/run.sh": "#!/bin/sh\r\nexec redis-server\r\n"}),
          redis_run(), "container.command", "interpreter.*Windows line ends", "sed", "Ready"),
    Fault("engine: file that may not be executed", "redis",
          Run(("--volume", "{dir}/x:/x:ro"), ("/x/run.sh",), files={"x/run.sh": "#!/bin/sh\nexec redis-server\n"}),
          redis_run(), "container.command", "may not be executed", "chmod", "Ready"),
    Fault("engine: directory over a file", "redis",
          Run(("--volume", "{dir}/conf:/etc/hostname-of-mine:ro", "--mount",
               "type=bind,source={dir}/conf,target=/etc/passwd,readonly"), ("redis-server",), files={"conf/x": ""}),
          redis_run(), "container.mount", "a directory is mounted", "remove that empty directory", "Ready"),
    Fault("engine: address of another machine", "redis", Run(("--publish", "10.9.9.9:6379:6379"), ("redis-server",)),
          redis_run(), "container.port", "not one of this machine", "ip address", "Ready"),
    Fault("engine: card without the NVIDIA toolkit", "redis",
          Run(("--gpus", "all"), ("redis-server",)), redis_run(), "gpu.driver", "cannot give cards",
          "hardware: cpu|nvidia-container-toolkit", "Ready"),
    Fault("engine: limit of processes", "redis", Run(("--pids-limit", "3"), ("sh", "-c", "redis-server & sleep 1; (true) & (true) & (true) & wait")),
          redis_run(), "container.command", "processes|threads", "raise services.redis.pids", "Ready"),
    Fault("engine: health check without its program", "redis",
          Run((*REDIS_DATA, "--health-cmd", "curl -f localhost", "--health-interval", "1s", "--health-retries", "1"),
              ("redis-server",), until="Ready to accept", after="sleep 4"),
          redis_run(), "container.command", "health check calls", "program that the image has", "Ready"),
)  # fmt: skip
_VLLM_ENV = (
    "--env",
    "VLLM_ENABLE_V1_MULTIPROCESSING=0",
    "--env",
    "OMP_NUM_THREADS=1",
    "--env",
    "VLLM_NO_USAGE_STATS=1",
    "--env",
    "HF_HUB_OFFLINE=1",
    "--env",
    "HOME=/tmp",
    "--tmpfs",
    "/tmp:exec,mode=1777",
)
_MODEL = ("--volume", "{dir}/model:/models/tiny:ro")


def _vllm(*words: str, model: str = "/models/tiny", options: tuple[str, ...] = ()) -> Run:
    return Run((*_VLLM_ENV, *_MODEL, *options),
               (model, "--served-model-name", "general", "--port", "8000", "--enforce-eager", *words),
               until="Application startup complete")  # fmt: skip


_SMALL = ("--kv-cache-memory-bytes", "64M", "--max-model-len", "512")
_VLLM_UP = _vllm(*_SMALL)
_UP = "Application startup complete"
VLLM = (
    Fault("vllm: flag that is gone", "llm-general", _vllm(*_SMALL, "--swap-space", "4"), _VLLM_UP, "vllm.flags",
          "does not know --swap-space", "remove that flag", _UP),
    Fault("vllm: path that is not in the container", "llm-general", _vllm(*_SMALL, model="/models/absent"), _VLLM_UP,
          "hub.unknown", "does not exist inside the container", "mount", _UP),
    Fault("vllm: offline and not in the cache", "llm-general", _vllm(*_SMALL, model="someone/absent"), _VLLM_UP,
          "hub.offline", "not in the cache", "dir:PATH|fill the cache", _UP),
    Fault("vllm: longer than the model", "llm-general",
          _vllm("--kv-cache-memory-bytes", "64M", "--max-model-len", "900000"), _VLLM_UP, "vllm.context",
          "longer than", "lower services.llm_general.flags.max_model_len", _UP),
    Fault("vllm: cache for less than one request", "llm-general",
          _vllm("--kv-cache-memory-bytes", "16K", "--max-model-len", "32768"), _VLLM_UP, "vllm.kv-cache",
          "one request|nothing is left", "lower services.llm_general.flags.max_model_len|raise", _UP),
    Fault("vllm: memory of the container", "llm-general", _vllm(*_SMALL, options=("--memory", "400m", "--memory-swap", "400m")),
          _vllm(*_SMALL, options=("--memory", "2g")), "container.memory", "limit", "raise services.llm_general.memory", _UP),
    Fault("vllm: weights that are a pointer of git-lfs", "llm-general",
          Run((*_VLLM_ENV, "--volume", "{dir}/pointer:/models/tiny:ro"),
              ("/models/tiny", "--enforce-eager", *_SMALL), until=_UP),
          _VLLM_UP, "models.weights", "git-lfs", "git lfs", _UP),
    Fault("vllm: number format of the flag", "llm-general", _vllm(*_SMALL, "--dtype", "float99"), _VLLM_UP, "vllm.flags",
          "does not take", "correct the value", _UP),
)  # fmt: skip
