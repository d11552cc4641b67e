"""Images that services start from: pulled from the registry, or built here."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.routines.images import build_images

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.runner import Runner
    from toolkit.planning.plan import ImageSource, ServicePlan
    from toolkit.routines.progress import Progress


def provide_images(  # noqa: PLR0913 - the doors of one step
    runner: Runner,
    engine: ComposeEngine,
    compose_dir: Path,
    source: ImageSource,
    services: Collection[ServicePlan],
    progress: Progress,
) -> None:
    """Pull or build each image of `services` that is not on this machine. Raises EngineError."""
    missing = {s.image: s.pin for s in services if not engine.image_present(s.image)}
    if missing and source == "local":
        progress.note(f"building {', '.join(missing)} on this machine, once: this takes minutes")
        build_images(runner, compose_dir / "images", sorted(set(missing.values())), progress.line)
    elif missing:
        for reference in missing:
            progress.note(f"pulling {reference}")
            engine.pull(reference, on_line=progress.line)
