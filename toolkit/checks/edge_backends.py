"""Does the edge have a server for each service?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from toolkit.checking import Finding, Status, Suite, check
from toolkit.snapshot import Need, known

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.snapshot import Snapshot


_UP = ("UP", "OPEN", "no check")


@check(
    "edge.backends",
    "Each service behind the edge has a server",
    needs={Need.EDGE_STATS, Need.CONTAINERS},
    suites={Suite.DIAGNOSE},
    explains=("edge.errors", "edge.retries", "edge.fallback"),
)
def edge_backends(plan: Plan, seen: Snapshot) -> Iterator[Finding]:
    """Fail where all servers of a model or an application are out, warn where some are, by the edge's own checks.

    A model whose servers are out is stood in for by the other one, as long as that has some. One that is still loading
    is not judged.
    """
    loading = {fact.service for fact in known(seen.containers) if fact.health == "starting"}
    planned = {service.name for service in plan.services}
    for one in known(seen.edge_stats):
        for proxy in sorted({name.split("/")[0] for name in one.texts if name.endswith("/BACKEND/status")}):
            if proxy not in planned:
                continue
            if proxy in loading:
                yield Finding(proxy, Status.SKIP, "it is still loading")
                continue
            status = {name.split("/")[1]: text for name, text in one.texts.items() if _is_of(name, proxy)}
            whole = status.pop("BACKEND")
            out = sorted(
                server for server, text in status.items() if server != "FRONTEND" and not text.startswith(_UP)
            )
            yield _judged(proxy, whole=whole, out=out, lines=_lines(proxy, status))


def _is_of(name: str, proxy: str) -> bool:
    return name.startswith(f"{proxy}/") and name.endswith("/status")


def _lines(proxy: str, status: dict[str, str]) -> tuple[str, ...]:
    return tuple(
        f"{proxy}/{server}: {text}" for server, text in sorted(status.items()) if server != "FRONTEND"
    )


def _judged(proxy: str, *, whole: str, out: list[str], lines: tuple[str, ...]) -> Finding:
    if not out and whole.startswith(_UP):
        return Finding(
            proxy, Status.PASS, f"the edge has {len(lines)} of {len(lines)} servers", concerns=("edge", proxy)
        )
    none = not whole.startswith(_UP) or len(out) == len(lines)
    return Finding(
        proxy,
        Status.FAIL if none else Status.WARN,
        "the edge has no server for it" if none else f"the edge is without {', '.join(out)}",
        "all servers up",
        "its servers do not answer the edge's checks",
        f"toolkit status; toolkit logs {proxy}",
        lines,
        concerns=("edge", proxy),
    )
