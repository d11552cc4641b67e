"""Incidents from public threads as snapshots, and what is to be found in each, written by hand."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.support.plans import plan
from toolkit.checking import Finding, Status, Suite, judge
from toolkit.checks import of_suite
from toolkit.facts import (
    CardProcessFact,
    CardStateFact,
    ContainerFact,
    DiskFact,
    EndpointFact,
    EngineFact,
    FiguresFact,
    FilesystemFact,
    HubFact,
    KernelFact,
    LogFact,
    PortFact,
    ReachFact,
)
from toolkit.snapshot import Snapshot
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan

DATA = Path(__file__).parents[1] / "data"
_DOWN = {"state": "restarting", "exit_code": 1, "restart_count": 4}


@dataclass(frozen=True)
class Incident:
    """One incident: what its thread tells, and what a reader of it expects (`expected`)."""

    id: str
    told: Mapping[str, Any]
    expected: Mapping[str, Any]

    @property
    def first(self) -> bool:
        """Whether its cause has to come first: where it was established, or two signals speak for it."""
        return self.told["confidence"] == "established" or len(self.told["evidence"]) > 1

    @property
    def plan(self) -> Plan:
        """The stack that it happened to: with cards, so that every kind of server is there."""
        return plan(*self.expected.get("sets", ()), machine=self.expected.get("machine", "rtx-5090"))

    @property
    def snapshot(self) -> Snapshot:
        """All that was seen, the red herrings with it."""
        return _snapshot(self.told, self.expected, self.plan)


@cache
def incidents(name: str = "incidents") -> tuple[Incident, ...]:
    """Return the incidents of tests/data/NAME.json with what NAME-expected.yaml says of each."""
    told = json.loads((DATA / f"{name}.json").read_text())
    expected = yaml.safe_load((DATA / f"{name}-expected.yaml").read_text())
    return tuple(Incident(one["id"], one, expected[one["id"]]) for one in told)


def found(incident: Incident) -> tuple[Finding, ...]:
    """Return what diagnose says of an incident, in its own order, without what nobody looked at."""
    said = judge(of_suite(Suite.DIAGNOSE), incident.plan, incident.snapshot)
    return tuple(one for one in said if one.status in {Status.FAIL, Status.WARN})


def names_cause(finding: Finding, expected: Mapping[str, Any]) -> str:
    """Return "" where a finding is the one that was expected, else what it lacks."""
    if finding.check not in _listed(expected["check"]):
        return f"check {finding.check}, not {expected['check']}"
    return next((lack for lack in _lacks(finding, expected) if lack), "")


def _lacks(finding: Finding, expected: Mapping[str, Any]) -> Iterator[str]:
    for part, text in (("cause", finding.cause), ("remedy", finding.remedy)):
        yield from (f"{part} without `{word}`: {text}" for word in _missing(expected.get(part, ()), text))
    rejected = "\n".join(finding.rejected)
    yield from (f"`{w}` not rejected: {rejected}" for w in _missing(expected.get("rejected", ()), rejected))
    never = _listed(expected.get("never", ()))
    yield from (f"remedy with `{w}`" for w in never if re.search(w, finding.remedy, re.IGNORECASE))
    changes = {change.key.rpartition(".")[2]: str(change.value) for change in finding.changes}
    wanted = {key: str(value) for key, value in expected.get("changes", {}).items()}
    if wanted and wanted != changes:
        yield f"changes {changes}, not {wanted}"


def _missing(words: str | Iterable[str], text: str) -> list[str]:
    return [word for word in _listed(words) if not re.search(word, text, re.IGNORECASE)]


def _listed(words: str | Iterable[str]) -> list[str]:
    return [words] if isinstance(words, str) else list(words)


def _snapshot(told: Mapping[str, Any], expected: Mapping[str, Any], stack: Plan) -> Snapshot:
    service = expected.get("service", "llm-general")
    lines = [str(one) for one in [*told["evidence"], *told["red_herrings"]]]
    lines = [*expected.get("before", ()), *lines, *expected.get("lines", ())]
    place = expected.get("place", "log")
    container = {**_DOWN, **expected.get("container", {})}
    container["health_output"] = tuple(lines) if place == "health" else ()
    if place == "error":
        container |= {"state": "created", "exit_code": 128, "restart_count": 0, "error": "\n".join(lines)}
    others = tuple(
        ContainerFact(one.name, one.name, f"llm-testing-{one.name}-1", "running", "healthy")
        for one in stack.started
        if one.name != service
    )
    kernel = [*(lines if place == "kernel" else ()), *expected.get("kernel", ())]
    seen: dict[str, Any] = {
        "containers": (ContainerFact(service, "c0ffee", f"llm-testing-{service}-1", **container), *others),
        "logs": (LogFact(service, tuple(lines) if place == "log" else ()),),
        "kernel": tuple(
            KernelFact(text, container_id="c0ffee" if "c0ffee" in text else "") for text in kernel
        ),
    }
    if place == "endpoint":
        seen["endpoints"] = (EndpointFact(service, "/", expected.get("status", 500), 1.0, "\n".join(lines)),)
    return Snapshot("2026-01-01T00:00:00+00:00", **seen, **_facts(expected))


_KINDS: Mapping[str, tuple[str, type[Any]]] = {
    "disks": ("disks", DiskFact),
    "filesystems": ("filesystems", FilesystemFact),
    "ports": ("ports", PortFact),
    "hub": ("hub", HubFact),
    "names": ("names", ReachFact),
}
_ENGINE = EngineFact("28.1.0", "1.48", "2.36", "amd64", ("runc",), "/var/lib/docker", "2", 131072, 16, ())


def _facts(expected: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        part: tuple(kind(**one) for one in expected[key])
        for key, (part, kind) in _KINDS.items()
        if key in expected
    }
    if "processes" in expected or "card" in expected:
        facts["card_states"] = (_card(expected),)
    if "redis" in expected:
        facts["redis"] = (FiguresFact("redis", expected["redis"]),)
    if "engine" in expected:
        facts["engine"] = replace(_ENGINE, **expected["engine"])
    if "sysctls" in expected:
        facts["sysctls"] = expected["sysctls"]
    return facts


def _card(expected: Mapping[str, Any]) -> CardStateFact:
    own = tuple(CardProcessFact(**one) for one in expected.get("processes", ()))
    given = {"memory_mib": 32607, "used_mib": sum(one.used_mib for one in own), **expected.get("card", {})}
    return CardStateFact(0, "GPU-1", processes=own, **given)
