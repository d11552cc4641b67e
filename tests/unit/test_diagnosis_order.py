"""Which finding of one subject is the root of the rest."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from tests.support.readings import container
from toolkit.checking import Finding, Suite, judge
from toolkit.checks import of_suite
from toolkit.facts import LogFact
from toolkit.snapshot import Snapshot


def _said(service: str, *lines: str, **state: str) -> dict[str, Finding]:
    seen = Snapshot(
        "now",
        containers=tuple(
            container(one.name, **(state if one.name == service else {})) for one in plan().started
        ),
        logs=(LogFact(service, lines),),
        kernel=(),
        card_states=(),
    )
    said = judge(of_suite(Suite.DIAGNOSE), plan(), seen)
    return {one.check: one for one in said if one.subject == service}


@pytest.mark.parametrize(
    ("service", "line", "knows", "generic"),
    [
        (
            "response-cache",
            'nginx: [alert] could not open error log file: open() "/log/error.log" failed (13: Permission denied)',
            "nginx.config",
            "container.permission",
        ),
    ],
)
def test_who_knows_the_line_stands_over_who_reads_what_any_program_prints(
    service: str, line: str, knows: str, generic: str
) -> None:
    said = _said(service, line)
    assert not said[knows].under
    assert generic not in said or said[generic].under == said[knows].key


def test_a_symptom_that_leads_with_the_line_of_a_warning_stands_under_it() -> None:
    line = "[error] 29#29: *1 no live upstreams while connecting to upstream, client: 172.19.0.1"
    said = _said("response-cache", line)
    assert said["container.down"].under == said["nginx.start"].key
