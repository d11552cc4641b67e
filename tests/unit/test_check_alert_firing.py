"""Alerts of Prometheus."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.alert_firing import alert_firing
from toolkit.facts import AlertFact


def test_alerts_by_severity() -> None:
    seen = (
        AlertFact("ModelDown", "firing", "llm-fast", "critical", "2026-01-01T00:00:00.5Z", "no answer"),
        AlertFact("Slow", "firing", "elsewhere", "warning"),
        AlertFact("Soon", "pending", "redis", "critical"),
    )
    found = {one.observed.split()[0]: one for one in ask(alert_firing, alerts=seen)}
    assert (found["ModelDown"].status, found["ModelDown"].subject) == (Status.FAIL, "llm-fast")
    assert (found["Slow"].status, found["Slow"].subject) == (Status.WARN, "prometheus")
    assert (found["Soon"].status, found["Soon"].remedy) == (Status.PASS, "")


def test_a_service_is_not_named_twice() -> None:
    seen = (
        AlertFact("server_down", "firing", "llm-fast", summary="llm-fast: server down: 0, wanted >= 1"),
        AlertFact("server_down", "firing", "elsewhere", summary="elsewhere: server down: 0, wanted >= 1"),
        AlertFact("error_rate", "firing", summary="error rate: 0.031, wanted <= 0.01"),
    )
    assert [(one.subject, one.cause) for one in ask(alert_firing, alerts=seen)] == [
        ("llm-fast", "server down: 0, wanted >= 1"),
        ("prometheus", "elsewhere: server down: 0, wanted >= 1"),
        ("prometheus", "error rate: 0.031, wanted <= 0.01"),
    ]


def test_none() -> None:
    (found,) = ask(alert_firing, alerts=())
    assert found.status is Status.PASS
