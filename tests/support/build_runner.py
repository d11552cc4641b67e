"""A runner in place of docker, debootstrap and pip: it remembers what was built with which labels."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from toolkit.engine.runner import Completed, Stdin

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from toolkit.clock import Deadline

NO_TORCH = "ERROR: No matching distribution found for torch==2.13.0+cpu"


@dataclass
class BuildRunner:
    """Answers as the programs do; `failing` maps a word of a command to its exit code and last words."""

    failing: dict[str, tuple[int, str]] = field(default_factory=dict)
    images: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[tuple[str, ...]] = field(default_factory=list)
    environments: list[Mapping[str, str] | None] = field(default_factory=list)
    fetched: list[bytes] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,  # noqa: ARG002
        env: Mapping[str, str] | None = None,
        deadline: Deadline | None = None,  # noqa: ARG002
        stdin: Stdin = None,  # noqa: ARG002
        on_line: Callable[[str], None] | None = None,
    ) -> Completed:
        argv = tuple(argv)
        self.calls.append(argv)
        self.environments.append(env)
        failure = next((left for word, left in self.failing.items() if word in argv), None)
        if failure is not None:
            return Completed(argv, failure[0], "", failure[1], 0.1)
        return Completed(argv, *self._answer(argv, on_line), 0.1)

    def _answer(self, argv: tuple[str, ...], on_line: Callable[[str], None] | None) -> tuple[int, str, str]:
        if argv[:3] == ("docker", "image", "inspect"):
            return self._inspect(argv[5:])
        if argv[:2] == ("docker", "build"):
            if on_line is not None:
                on_line("Step 1/2 : FROM base")
                on_line(" ---> 0123456789ab")
            self.images[argv[argv.index("--tag") + 1]] = dict(pairs(argv, "--label"))
            self._fetch(dict(pairs(argv, "--build-arg")).get("WHEELS"))
        elif argv[:2] == ("docker", "import"):
            self.images[argv[-1]] = {}
        elif "download" in argv:
            return self._download(argv)
        return 0, "", ""

    def _inspect(self, references: tuple[str, ...]) -> tuple[int, str, str]:
        there = [ref for ref in references if ref in self.images]
        found = [
            json.dumps(
                {"id": f"sha256:{ref}", "tags": [ref], "labels": self.images[ref] or None, "bytes": 2**20}
            )
            for ref in there
        ]
        gone = [f"Error: No such image: {ref}" for ref in references if ref not in there]
        return (1 if gone else 0), "\n".join([*found, ""]), "\n".join(gone)

    def _fetch(self, address: str | None) -> None:
        if address:
            with urlopen(f"{address}torch.whl", timeout=5) as answer:  # noqa: S310 - our own
                self.fetched.append(answer.read())

    @staticmethod
    def _download(argv: tuple[str, ...]) -> tuple[int, str, str]:
        if "--extra-index-url" not in argv:
            return 1, "", NO_TORCH
        (Path(argv[argv.index("--dest") + 1]) / "torch.whl").write_bytes(b"wheel")
        return 0, "", ""

    def commands(self) -> list[str]:
        """Return the first words of every call that changes something."""
        return [" ".join(call[:2]) for call in self.calls if call[:3] != ("docker", "image", "inspect")]


def pairs(argv: tuple[str, ...], flag: str) -> list[tuple[str, str]]:
    """Return key and value of every `FLAG key=value`."""
    values = [argv[i + 1] for i, word in enumerate(argv) if word == flag and "=" in argv[i + 1]]
    return [(value.partition("=")[0], value.partition("=")[2]) for value in values]
