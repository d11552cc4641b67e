"""What `up` says at its end: what was done, where the stack serves, how long it took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from toolkit.cli.indexes import remarkable
from toolkit.cli.warm_words import warm_json
from toolkit.values import as_plain

if TYPE_CHECKING:
    from toolkit.routines.result import UpResult


def up_json(result: UpResult) -> dict[str, Any]:
    """Return the result for machines; `phases_s` and `elapsed_s` are seconds, keys appear by file only."""
    return {
        "environment": result.environment,
        "project": result.project,
        "actions": [{"service": a.service, "kind": a.kind, "cause": a.cause} for a in result.actions],
        "written": list(result.written),
        "edge_reloaded": result.reloaded,
        "services": dict(result.states),
        "pending_models": list(result.pending_models),
        "endpoint": result.endpoint,
        "indexes": [as_plain(index) for index in result.indexes],
        "completions": {
            name: {"text": c.text, "served_by": c.served_by, "elapsed_s": round(c.elapsed_s, 3)}
            for name, c in result.completions.items()
        },
        "new_keys": {key.name: str(key.file) for key in result.new_keys},
        "warm_up": {
            **warm_json(result.warmed, result.stores, result.primed),
            "in_background": result.warming,
        },
        "release": result.release,
        "restores": result.restores,
        "outages_s": dict(result.outages_s),
        "phases_s": dict(result.phases_s),
        "elapsed_s": round(sum(result.phases_s.values()), 3),
    }


def up_text(result: UpResult) -> str:
    """Return the result for people."""
    healthy = sum(state == "healthy" for state in result.states.values())
    elapsed = sum(result.phases_s.values())
    lines = [
        f"{result.project}: {_done(result)}; "
        f"{healthy} of {len(result.services)} services healthy, {elapsed:.1f} s"
    ]
    if result.release is not None:
        lines.append(f"  release       {result.release}{_restored(result)}")
    lines += [
        f"  {model:13} had no server of its own for {lost:.1f} s" for model, lost in result.outages_s.items()
    ]
    if result.pending_models:
        lines.append(
            f"  still loading: {', '.join(result.pending_models)}"
            " (503 with Retry-After until each has answered)"
        )
    if result.warming:
        lines.append("  warm-up       in the background, as soon as they have loaded: `toolkit status` tells")
    lines += [f"  warm-up       {one.service}: {one.reason}" for one in result.warmed if one.reason]
    lines += [f"  warm-up       {one.service}: {one.reason}" for one in result.stores if one.reason]
    if result.endpoint:
        lines.append(f"  endpoint      {result.endpoint}/v1   models: {', '.join(result.models)}")
    lines += remarkable(result.indexes)
    lines += [f"  API key       {key.file}" for key in result.new_keys if key.name != "toolkit"]
    for name, completion in result.completions.items():
        text = " ".join(completion.text.split())
        lines.append(f"  {name:13} {text[:72]!r}  ({completion.served_by}, {completion.elapsed_s:.2f} s)")
    slow = [f"{title} {seconds:.1f} s" for title, seconds in result.phases_s.items() if seconds >= 0.05]
    lines += [f"  time          {', '.join(slow)}"] if slow else []
    return "\n".join(lines)


def _restored(result: UpResult) -> str:
    if result.restores is None:
        return ""
    return f": release {result.restores} again; toolkit.yaml is as it was, correct it before the next `up`"


def _done(result: UpResult) -> str:
    if not result.actions:
        return "edge reloaded" if result.reloaded else "nothing to change"
    by_kind: dict[str, list[str]] = {}
    for action in result.actions:
        by_kind.setdefault(action.kind, []).append(action.service)
    past = {
        "create": "created",
        "recreate": "recreated",
        "start": "started",
        "restart": "restarted",
        "remove": "removed",
    }
    done = [f"{past[kind]} {', '.join(names)}" for kind, names in by_kind.items()]
    return ", ".join([*done, "edge reloaded"] if result.reloaded else done)
