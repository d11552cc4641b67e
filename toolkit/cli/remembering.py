"""The short way of `up`: the part of the composition root that goes without profile, plan and bundle."""

from __future__ import annotations

import os
from dataclasses import fields
from functools import cached_property, partial
from typing import TYPE_CHECKING

from toolkit.clock import SYSTEM_CLOCK
from toolkit.resources import PACKAGE, resource_dir

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from toolkit.cli.options import Common
    from toolkit.render.remembered import Remembered
    from toolkit.routines.result import UpResult
    from toolkit.state.directory import StateDirectory
    from toolkit.state.remembered import Memory

# How it is answered, and the directory, which counts as what it resolves to. Every other option may change the result.
_OUTWARD = frozenset({"project_dir", "output", "quiet", "verbose", "no_color"})


class Remembering:
    """What an earlier `up` of the same project by the same options has left."""

    def __init__(self, common: Common, directory: Path, *, keeps: bool = True) -> None:
        self._common = common
        self._directory = directory
        self._keeps = keeps

    def none(self) -> Remembering:
        """Return one that knows and keeps nothing."""
        return Remembering(self._common, self._directory, keeps=False)

    @cached_property
    def inputs(self) -> str | None:
        """The digest of all that profile, plan and bundle come from; taken before any of that is read."""
        if not self._keeps:
            return None
        from toolkit.probes.engine_host import engine_host
        from toolkit.profile.inputs import inputs_digest

        shipped = [resource_dir(name) for name in ("profiles", "compose", "templates")]
        names = [field.name for field in fields(self._common) if field.name not in _OUTWARD]
        said = {name: getattr(self._common, name) for name in names}
        said |= {"engine": engine_host(), "user": os.geteuid()}
        return inputs_digest(self._directory, shipped, PACKAGE, said)

    @cached_property
    def plan(self) -> Remembered | None:
        """What is remembered of the very same inputs, None without."""
        from toolkit.state.remembered import recall

        return recall(self._directory, self.inputs)

    @property
    def helps(self) -> bool:
        """Whether the short way can be tried: not for whom asks to see every command, as that one runs none."""
        return self.plan is not None and not self._common.verbose

    def memory(self, state: StateDirectory, part: str, sources: Mapping[str, str]) -> Memory:
        """Return where it is kept for one host's `part`, whose user's own files had the digests `sources`."""
        from toolkit.state.remembered import Memory

        return Memory(state.remembered(part), self.inputs, sources)

    def up(self, state: StateDirectory, wait_for_models: bool | None) -> tuple[UpResult, ...]:
        """Return the result of an `up` that finds nothing to do, none where the long way has to be gone."""
        if self.plan is None:
            return ()
        from toolkit.probes.engine_host import engine_host
        from toolkit.probes.glance import glance_at
        from toolkit.probes.http import Endpoint
        from toolkit.routines.unchanged import Unchanged

        glance = glance_at(self.plan.engine or engine_host())
        if glance is None:
            return ()
        trust = state.edge_certificate if self.plan.tls_digest else None
        endpoint = partial(Endpoint, trust=trust)
        found = Unchanged(self.plan, state, glance, endpoint, SYSTEM_CLOCK).up(
            wait_for_models=wait_for_models
        )
        return () if found is None else (found,)
