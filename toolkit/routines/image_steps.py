"""One step of building an image: run it, tell where it is, and turn its failure into a message."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolkit.engine import images_argv
from toolkit.engine.failures import classify
from toolkit.engine.parse import unreachable
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from toolkit.engine.images_argv import Build
    from toolkit.engine.runner import Completed, Runner

_LINES_SHOWN = 8
# Enough to know an instruction; some run over many lines.
_STEP_WIDTH = 72


@dataclass(frozen=True, slots=True)
class Steps:
    """The runner, and who listens."""

    runner: Runner
    on_step: Callable[[str], None]

    def run(self, argv: Sequence[str], what: str, next_step: str = "") -> Completed:
        """Run one command to its end. Raises EngineError with its last lines when it fails."""
        self.on_step(what)
        return self.checked(self.runner.run(argv), what, next_step)

    def build(self, wanted: Build) -> None:
        """Build one image, telling each instruction of its Dockerfile. Raises EngineError."""
        what = f"building {wanted.reference}"
        self.on_step(what)
        done = self.runner.run(
            images_argv.build(wanted),
            env=images_argv.BUILD_ENVIRONMENT,
            on_line=lambda line: self._tell(wanted.reference, line),
        )
        self.checked(done, what, "check the network and the disk (`docker system df`), then try again")

    def checked(self, done: Completed, what: str, next_step: str) -> Completed:
        """Return `done`. Raises EngineError when it failed."""
        if done.returncode == 0:
            return done
        said = f"{done.stdout}\n{done.stderr}"
        if unreachable(said):
            raise EngineError(*classify(said))
        last = "\n".join([line for line in said.splitlines() if line.strip()][-_LINES_SHOWN:])
        raise EngineError(Problem("images", f"{what} failed (exit code {done.returncode})", last, next_step))

    def _tell(self, reference: str, line: str) -> None:
        if line.startswith("Step "):
            self.on_step(f"{reference}: {line[:_STEP_WIDTH]}")
