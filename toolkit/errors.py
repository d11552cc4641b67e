"""The error tree, with the exit code of each branch.

ToolkitError
├── UsageError (2)            bad flag, unknown environment, impossible profile
│   └── ProfileError (2)      one or more problems in the layers of a profile
├── BlockedError (1)          the machine is not as the plan needs it: port, disk, secret gone
├── ActionError (3)           could not act or look
│   ├── EngineError (3)       engine or Compose missing, too old, unreachable, or refusing
│   ├── LockHeldError (3)     another run holds this environment
│   ├── PublishError (3)      the rendered tree could not be written
│   └── ServiceFailedError (3) a service failed after its start
└── DiffersError (4)          what is there differs from what would be rendered

70 (our own bug) and 130 (interrupted) have no class: they are what is left in the outermost `except`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass  # noqa: TID251 - `--version` loads this, and no values
from typing import ClassVar

EXIT_OK = 0
EXIT_BUG = 70
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where it stands (file:line or service), what, what was got, what next."""

    where: str
    what: str
    got: str = ""
    next_step: str = ""

    def as_text(self) -> str:
        """Return the message, one to three lines, without a trailing newline."""
        lines = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.got:
            lines.append("   got: " + self.got.replace("\n", "\n        "))
        if self.next_step:
            lines.append("  next: " + self.next_step.replace("\n", "\n        "))
        return "\n".join(lines)

    def as_json(self) -> dict[str, str]:
        """Return the four parts by name."""
        return asdict(self)


class ToolkitError(Exception):
    """Base of every error that is shown to the user as a message, never as a traceback."""

    exit_code: ClassVar[int] = EXIT_BUG

    def __init__(self, *problems: Problem) -> None:
        if not problems:
            raise ValueError("an error needs at least one problem")
        self.problems = problems
        super().__init__("\n".join(p.as_text() for p in problems))


class UsageError(ToolkitError):
    """A bad flag, an unknown environment, an impossible profile."""

    exit_code = 2


class ProfileError(UsageError):
    """All problems of a profile at once."""


class BlockedError(ToolkitError):
    """The machine is not as the plan needs it."""

    exit_code = 1


class ActionError(ToolkitError):
    """The toolkit could not act, or could not look."""

    exit_code = 3


class EngineError(ActionError):
    """Engine or Compose is missing, too old, unreachable, or refused a call."""


class LockHeldError(ActionError):
    """Another run holds the environment's lock."""


class PublishError(ActionError):
    """The rendered tree could not be written."""


class ServiceFailedError(ActionError):
    """A service failed after its start."""


class DiffersError(ToolkitError):
    """What is there differs from what would be rendered."""

    exit_code = 4
