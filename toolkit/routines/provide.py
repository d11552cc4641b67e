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


def provide_images(
    runner: Runner,
    engine: ComposeEngine,
    compose_dir: Path,
    source: ImageSource,
    services: Collection[ServicePlan],
    progress: Progress,
) -> None:
    """Pull what is missing, or build what is missing or stale, of the services' images.

    Images of the user's own are never built here. Raises EngineError.
    """
    pins = sorted({s.pin for s in services if s.pin}) if source == "local" else ()
    if pins:
        build_images(runner, compose_dir / "images", pins, progress.note)
    for reference in dict.fromkeys(s.image for s in services if s.pin not in pins):
        if not engine.image_present(reference):
            progress.note(f"pulling {reference}")
            engine.pull(reference, on_line=progress.line)
