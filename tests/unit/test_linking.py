"""Which finding stands under which: a chain of real causes, and what must not be taken for one."""

from __future__ import annotations

from tests.support.plans import plan
from toolkit.findings import Confidence, Finding, Status
from toolkit.linking import linked

FAIL, WARN, ERROR, PASS = Status.FAIL, Status.WARN, Status.ERROR, Status.PASS
EXPLAINS = {
    "oom.limit": ("container.*", "endpoint.*"),
    "container.crash-loop": ("endpoint.*", "edge.*", "alert.*"),
    "endpoint.away": ("edge.*", "alert.*"),
    "edge.fallback": ("alert.*",),
    "disk.full": ("*",),
    "container.absent": ("endpoint.*", "=release.*"),
}


def finding(check: str, subject: str, status: Status = FAIL, **more: object) -> Finding:
    return Finding(subject, status, "seen", check=check, **more)  # type: ignore[arg-type]


def tree(*findings: Finding) -> dict[str, str]:
    return {one.key: one.under for one in linked(findings, EXPLAINS, plan())}


def test_a_chain_stands_in_its_order_whatever_order_it_was_found_in() -> None:
    found = [
        finding("alert.firing", "edge"),
        finding("edge.fallback", "edge", WARN),
        finding("endpoint.away", "llm-general"),
        finding("container.crash-loop", "llm-general"),
        finding("oom.limit", "llm-general"),
        finding("port.free", "edge", PASS),
    ]
    shown = linked(found, EXPLAINS, plan())
    assert [one.check for one in shown] == [
        "oom.limit",
        "container.crash-loop",
        "endpoint.away",
        "edge.fallback",
        "alert.firing",
        "port.free",
    ]
    assert [one.under.partition("/")[0] for one in shown] == [
        "",
        "oom.limit",
        "container.crash-loop",
        "endpoint.away",
        "edge.fallback",
        "",
    ]


def test_what_differs_of_one_is_no_effect_of_what_another_lacks() -> None:
    """Prometheus uses the edge, and yet it is defined as it is without one."""
    found = tree(
        finding("container.absent", "edge"),
        finding("release.differs", "edge", WARN),
        finding("release.differs", "prometheus", WARN),
        finding("endpoint.away", "prometheus"),
    )
    assert found == {
        "container.absent/edge": "",
        "release.differs/edge": "container.absent/edge",
        "release.differs/prometheus": "",
        "endpoint.away/prometheus": "container.absent/edge",
    }


def test_another_service_is_no_cause() -> None:
    assert tree(finding("oom.limit", "redis"), finding("container.crash-loop", "llm-fast")) == {
        "oom.limit/redis": "",
        "container.crash-loop/llm-fast": "",
    }


def test_the_machine_is_a_cause_for_all_unless_it_names_whom_it_concerns() -> None:
    crash = finding("container.crash-loop", "llm-fast")
    assert tree(finding("disk.full", "/var"), crash)["container.crash-loop/llm-fast"] == "disk.full//var"
    other = finding("disk.full", "/var", concerns=("redis",))
    assert tree(other, crash)["container.crash-loop/llm-fast"] == ""


def test_what_is_fine_neither_explains_nor_is_explained() -> None:
    assert set(
        tree(finding("oom.limit", "redis", PASS), finding("container.crash-loop", "redis")).values()
    ) == {""}
    assert set(tree(finding("oom.limit", "redis"), finding("container.exited", "redis", PASS)).values()) == {
        ""
    }


def test_what_does_not_run_cannot_be_looked_at() -> None:
    shown = tree(finding("container.crash-loop", "redis"), finding("redis.memory", "redis", ERROR))
    assert shown["redis.memory/redis"] == "container.crash-loop/redis"


def test_a_cause_named_by_hand_counts_and_a_circle_is_none() -> None:
    by_hand = finding("container.exited", "redis", under="oom.limit/redis")
    assert tree(finding("oom.limit", "redis"), by_hand)["container.exited/redis"] == "oom.limit/redis"
    one = finding("a.x", "redis", under="b.x/redis")
    two = finding("b.x", "redis", under="a.x/redis")
    assert sorted(tree(one, two).values()) == ["", "b.x/redis"]


def test_roots_come_worst_first_then_surer_then_the_one_that_explains_more() -> None:
    shown = linked(
        [
            finding("memory.use", "redis", WARN),
            finding("x.possible", "redis", confidence=Confidence.POSSIBLE),
            finding("y.plain", "mariadb"),
            finding("oom.limit", "llm-fast"),
            finding("container.exited", "llm-fast"),
        ],
        EXPLAINS,
        plan(),
    )
    assert [one.check for one in shown] == [
        "oom.limit",
        "container.exited",
        "y.plain",
        "x.possible",
        "memory.use",
    ]
