"""One line of evidence: who wrote it, how deep in the stack of processes, and whether it names anything at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# The process that was started last fails first; those around it only report that it is gone.
_DEPTHS = (
    (re.compile(r"^\(?(?:VllmWorker|Worker|RayWorker|WorkerProc)[^)]*\)?|\brank\d+\]?:"), 3),
    (re.compile(r"^\((?:EngineCore|EngineCor)[^)]*\)|\[core\.py:\d+\]"), 2),
    (re.compile(r"^\(APIServer[^)]*\)"), 1),
)
# What is written because something else went wrong before; none of these lines is ever a cause.
_WRAPPERS = re.compile(
    r"Engine core initialization failed|Engine process failed to start|EngineDeadError|EngineCore encountered"
    r"|EngineCore (?:hit an exception|failed to start)|Engine loop is not running|MQEngineDead"
    r"|WorkerProc initialization failed"
    r"|WorkerProc failed to start|Failed core proc|See (?:root cause|stack trace)|EngineGenerateError"
    r"|Executor failed|Worker proc \S+ died|destroy_process_group\(\)|resource_tracker: There appear"
    r"|\[ERROR\] Aborting|init function returned error|registration as a STORAGE ENGINE failed"
    r"|Unknown/unsupported storage engine: InnoDB|Plugin initialization aborted"
    r"|database system is shut down|startup process .*was terminated"
    r"|aborting startup due to startup process failure"
    r"|terminating any other active server processes|server process \(PID \d+\) was terminated"
    r"|Some protocols failed to start|Fatal errors found in configuration"
    r"|Error\(s\) found in configuration file"
    r"|Failed to initialize server\(s\) addr|fatal exception while booting"
    r"|ERROR: Elasticsearch (?:did not exit|exited|died)"
    r"|bootstrap checks failed|dependency failed to start|goroutine \d+ \[|^\s*goroutine "
    r"|^Traceback \(most recent"
    r"|During handling of the above|The above exception was the direct cause|configuration file \S+ test failed"
    r"|^usage: |^exec failed|Shutting down$|^Exiting|shutdown complete|Error loading config \(--config\.file",
    re.IGNORECASE,
)
_SAYS_ERROR = re.compile(
    r"\b(?:ERROR|FATAL|PANIC|CRITICAL|emerg|alert|ALERT|Exception|panic)\b|Error\b|error:|\bfailed\b|\bcannot\b"
    r"|Can't|Permission denied|not found|No such file|refused|denied|Killed|Segmentation fault|level=error",
)


# A level below an error, said by the line itself, outweighs the words in it.
_SAYS_LESS = re.compile(
    r"\b(?:DEBUG|INFO|WARNING|WARN|NOTICE)\b|\[(?:Note|Warning|notice|warn|info)\]|level=(?:info|warn"
    r"|debug)|\bLOG: "
)


class Source(StrEnum):
    """Where a line comes from."""

    LOG = "log"
    HEALTH = "health check"
    ENGINE = "engine"
    KERNEL = "kernel"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Line:
    """A line without colours, its place among those of its account, and its depth: 0 is the outermost process."""

    text: str
    number: int
    source: Source

    @property
    def depth(self) -> int:
        """How far inside the process is that wrote it."""
        return depth_of(self.text)

    @property
    def is_wrapper(self) -> bool:
        """Whether it only says that something failed that was told elsewhere."""
        return _WRAPPERS.search(self.text) is not None

    @property
    def says_error(self) -> bool:
        """Whether it reads as an error at all."""
        loud = _SAYS_ERROR.search(self.text) is not None and _SAYS_LESS.search(self.text) is None
        return loud and not self.is_wrapper


def depth_of(text: str) -> int:
    """Return how far inside the process is that wrote `text`; 0 for the outermost, or where nothing tells."""
    return next((depth for pattern, depth in _DEPTHS if pattern.search(text)), 0)


def clean(texts: Iterable[str], source: Source, start: int = 0) -> Iterator[Line]:
    """Yield a Line for each line of `texts`, numbered from `start`, without the escapes of terminals."""
    parts = (part for text in texts for part in text.splitlines())
    return (Line(_ESCAPES.sub("", part).rstrip(), number, source) for number, part in enumerate(parts, start))


def first_error(lines: Iterable[Line]) -> Line | None:
    """Return the first error of the innermost process that wrote one; wrappers are none. None where nobody did."""
    errors = [line for line in lines if line.says_error]
    return min(errors, key=lambda line: (-line.depth, line.number), default=None)
