"""A project's first toolkit.yaml, written by whichever verb needs one: part of the composition root."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.profile.inputs import USER_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.cli.options import Common
    from toolkit.planning.choices import Machine
    from toolkit.routines.progress import Progress


def initialise(directory: Path, common: Common, progress: Progress) -> None:
    """Write toolkit.yaml as `toolkit init` does, where there is none."""
    if (directory / USER_FILE).exists():
        return
    from toolkit.routines.init import write_profile

    path = write_profile(directory, first_profile(common), replace=False)
    progress.note(f"no {USER_FILE} here: looked at this machine and wrote {path}")


def first_profile(common: Common) -> str:
    """Return the text of toolkit.yaml for this machine, with what the command line chooses for good."""
    from toolkit.routines.init import profile_text

    environment = common.env or "development"
    return profile_text(_machine(), environment, common.hardware, common.persona, strict=common.strict)


def _machine() -> Machine:
    """Look at this machine, as `init` needs it. Raises EngineError when no engine answers."""
    from toolkit.engine.runner import SubprocessRunner
    from toolkit.routines.machine import look_at_machine

    return look_at_machine(SubprocessRunner())
