"""Prometheus: what it looks at, how long it remembers, and what memory it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.support.plans import bundle, plan, service, settings
from toolkit.planning.plan import Mount, PublishedPort
from toolkit.planning.prometheus import go_memory, query_samples
from toolkit.units import MIB

if TYPE_CHECKING:
    from collections.abc import Iterator

ON = "services.prometheus.enabled=true"


def targets(*sets: str, machine: str = "cpu-offline") -> Iterator[tuple[str, str, int]]:
    """Yield job, service and port of everything it looks at."""
    config = service("prometheus", ON, *sets, machine=machine).config
    assert config is not None
    jobs = config.values["jobs"]
    assert isinstance(jobs, dict)
    for job, found in jobs.items():
        yield from ((job, target["service"], target["port"]) for target in found)


def test_it_looks_at_the_edge_at_every_replica_and_at_itself() -> None:
    assert list(targets("services.llm_fast.replicas=2")) == [
        ("edge", "edge", 8404),
        ("models", "llm-general", 8000),
        ("models", "llm-fast", 8000),
        ("models", "llm-fast-2", 8000),
        ("prometheus", "prometheus", 9090),
    ]


def test_it_looks_at_its_own_host_only() -> None:
    here = ("services.prometheus.host=app", "services.edge.host=ai")
    assert list(targets(*here, machine="two-hosts")) == [("prometheus", "prometheus", 9090)]


def test_every_target_says_which_service_of_which_environment_it_is() -> None:
    (path,) = (path for path in bundle(ON).files if path.endswith("/prometheus.yml"))
    text = bundle(ON).files[path].text

    assert (
        '- targets: ["llm-general:8000"]\n        labels: {environment: testing, service: llm-general}'
        in text
    )
    assert text.count("environment: testing") == 1 + len(list(targets()))


def test_alerts_are_rendered_where_some_are_declared() -> None:
    own = (
        "services.prometheus.alerts.disk_full.metric=node_free",
        "services.prometheus.alerts.disk_full.operator=<",
    )
    more = (
        "services.prometheus.alerts.disk_full.threshold=0.1",
        "services.prometheus.alerts.disk_full.duration=90s",
    )
    files = bundle(ON, *own, *more).files
    (text,) = (file.text for path, file in files.items() if path.endswith("/alerts.yml"))
    rules = {rule["alert"]: rule for rule in yaml.safe_load(text)["groups"][0]["rules"]}
    assert rules["disk_full"]["expr"] == "(node_free) < 0.1"
    assert rules["disk_full"]["for"] == "90s"
    assert rules["disk_full"]["annotations"]["summary"] == (
        '{{ with $labels.service }}{{ . }}: {{ end }}disk full: {{ printf "%.4g" $value }}, wanted >= 0.1'
    )
    assert rules["server_down"]["expr"] == "(up) < 1"
    (config,) = (file.text for path, file in files.items() if path.endswith("/prometheus.yml"))
    assert yaml.safe_load(config)["rule_files"] == ["alerts.yml"]


def test_without_alerts_there_are_no_rules() -> None:
    names = ("server_down", "error_rate", "first_token")
    files = bundle(ON, *(f"services.prometheus.alerts.{name}=null" for name in names)).files
    assert not any(path.endswith("/alerts.yml") for path in files)
    (config,) = (file.text for path, file in files.items() if path.endswith("/prometheus.yml"))
    assert "rule_files" not in yaml.safe_load(config)


def test_it_shares_the_network_of_the_models_and_nothing_is_published() -> None:
    found = service("prometheus", ON)
    assert (found.networks, found.ports) == (("inference",), ())
    assert found.mounts == (Mount("volume", "prometheus-data", "/prometheus", read_only=False),)


def test_a_port_publishes_it_on_this_machine_only() -> None:
    found = service("prometheus", ON, "services.prometheus.port=9090")
    assert found.ports == (PublishedPort("127.0.0.1", 9090, 9090),)
    assert found.networks == ("inference", "public")


@pytest.mark.parametrize(
    ("key", "value", "flag"),
    [
        ("retention_days", "30", "--storage.tsdb.retention.time=30d"),
        ("retention_size", "2GiB", "--storage.tsdb.retention.size=2GB"),
        ("retention_size", "2.5GiB", "--storage.tsdb.retention.size=2560MB"),
        ("retention_size", "5000B", "--storage.tsdb.retention.size=5000B"),
        ("concurrent_queries", "5", "--query.max-concurrency=5"),
    ],
)
def test_what_the_profile_says_becomes_a_flag(key: str, value: str, flag: str) -> None:
    assert flag in service("prometheus", ON, f"services.prometheus.{key}={value}").command


@pytest.mark.parametrize(
    ("interval", "rendered", "timeout"),
    [("15s", "15s", "10s"), ("5s", "5s", "5s"), ("1.5s", "1500ms", "1500ms")],
)
def test_a_look_never_takes_longer_than_the_time_between_two(
    interval: str, rendered: str, timeout: str
) -> None:
    config = service("prometheus", ON, f"services.prometheus.scrape_interval={interval}").config
    assert config is not None
    assert (config.values["scrape_interval"], config.values["scrape_timeout"]) == (rendered, timeout)


def test_go_knows_of_the_limit_in_whole_mebibytes() -> None:
    assert go_memory(settings().services.prometheus, 192 * MIB).value == 172 * MIB
    found = service("prometheus", ON, "services.prometheus.memory=192MiB")
    assert found.environment == {"GOMEMLIMIT": f"{172 * MIB}B"}


def test_all_queries_at_once_stay_in_their_part_of_that_memory() -> None:
    section = settings().services.prometheus
    samples = query_samples(section, 192 * MIB).value
    assert samples == int(192 * MIB * 0.9 * 0.5) // 32
    assert (
        f"--query.max-samples={samples}"
        in service("prometheus", ON, "services.prometheus.memory=192MiB").command
    )


def test_the_reasons_name_formula_inputs_and_source() -> None:
    reason = plan(ON, "services.prometheus.memory=192MiB").reasons["services.prometheus.go_memory"]
    assert reason.formula == "memory_limit × go_memory_share"
    assert dict(reason.inputs) == {
        "services.prometheus.memory_limit": 192 * MIB,
        "services.prometheus.go_memory_share": 0.9,
    }
    assert reason.source.startswith("Go collects harder near GOMEMLIMIT")
    assert "services.prometheus.query_samples" in plan(ON).reasons
