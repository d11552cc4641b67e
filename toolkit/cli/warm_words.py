"""What a warm-up is told in, as JSON and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.values import as_plain

if TYPE_CHECKING:
    from toolkit.routines.priming import Primed, Reached
    from toolkit.routines.warm import Warmed


def warm_json(
    models: tuple[Warmed, ...], stores: tuple[Reached, ...], primed: Primed | None
) -> dict[str, Any]:
    """Return what was warmed up for machines; all times in seconds."""
    return {
        "models": [as_plain(one) for one in models],
        "stores": [as_plain(one) for one in stores],
        "prompts": None if primed is None else as_plain(primed),
    }


def warm_text(models: tuple[Warmed, ...], stores: tuple[Reached, ...], primed: Primed | None) -> list[str]:
    """Return what was warmed up for people, one line each."""
    lines = [_model(one) for one in models]
    lines += [f"{one.service}: {one.reason or f'reached, {one.elapsed_s:.2f} s'}" for one in stores]
    if primed is not None:
        lines.append(
            f"prompts: {primed.kept} kept, {primed.held} were kept already, {primed.passed} cannot be kept,"
            f" {primed.failed} failed, {primed.elapsed_s:.1f} s"
        )
        lines += [f"  {reason}" for reason in primed.reasons]
    return lines


def _model(one: Warmed) -> str:
    shapes = ", ".join(
        f"{s.shape} {s.elapsed_s:.2f} s" + (f" ({s.requests} at once)" if s.requests > 1 else "")
        for s in one.shapes
        if s.requests
    )
    return f"{one.service}: {one.reason or 'warm'}, {one.elapsed_s:.1f} s; {shapes}"
