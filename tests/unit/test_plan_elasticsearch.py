"""Elasticsearch: its heap, what its image is told, what it needs of the host, and where it cannot be had."""

from __future__ import annotations

import pytest
import yaml

from tests.support.exempt import NOT_RUN
from tests.support.plans import bundle, plan, service, settings
from toolkit.errors import ProfileError, UsageError
from toolkit.planning.images import PINS
from toolkit.planning.sysctls import MAX_MAP_COUNT, OVERCOMMIT, Sysctl
from toolkit.units import MIB

GIB = 1024 * MIB
ON = ("services.elasticsearch.enabled=true",)
ONLINE = "cpu-online"


@pytest.mark.parametrize(("memory", "heap"), [("2GiB", GIB), ("3001MiB", 1500 * MIB), ("20GiB", 10 * GIB)])
def test_the_heap_is_half_of_the_limit(memory: str, heap: int) -> None:
    found = plan(*ON, f"services.elasticsearch.memory={memory}", machine=ONLINE)
    assert found.reasons["services.elasticsearch.heap"].value == heap


def test_the_heap_stays_where_pointers_are_small() -> None:
    low = "services.elasticsearch.heap_ceiling=1GiB"
    reason = plan(*ON, "services.elasticsearch.memory=8GiB", low, machine=ONLINE).reasons[
        "services.elasticsearch.heap"
    ]
    assert (reason.value, reason.formula) == (GIB, "min(memory_limit × heap_share, heap_ceiling)")
    assert settings(machine=ONLINE).services.elasticsearch.heap_ceiling == 26 * GIB


def test_more_than_half_is_refused() -> None:
    with pytest.raises(ProfileError) as caught:
        settings("services.elasticsearch.heap_share=0.6")
    assert "services.elasticsearch.heap_share" in str(caught.value)


def test_both_ends_of_the_heap_are_rendered_alike() -> None:
    files = bundle(*ON, "services.elasticsearch.memory=2GiB", machine=ONLINE).files
    text = next(file.text for path, file in files.items() if path.endswith("/heap.options"))
    assert text.count("-Xms1024m\n") == text.count("-Xmx1024m\n") == 1


def rendered(*sets: str) -> dict[str, object]:
    text = bundle(*ON, *sets, machine=ONLINE).files["compose.yaml"].text
    body: dict[str, object] = yaml.safe_load(text)["services"]["elasticsearch"]
    return body


def test_limits_of_processes_are_the_profile_s() -> None:
    assert rendered()["ulimits"] == {"memlock": -1, "nofile": 65535}
    none = "services.elasticsearch.ulimits={memlock: null, nofile: null}"
    assert "ulimits" not in rendered(none)
    without = service("elasticsearch", *ON, none, machine=ONLINE)
    assert without.environment["bootstrap.memory_lock"] == "false"


def test_nobody_gets_in_without_the_password() -> None:
    found = service("elasticsearch", *ON, machine=ONLINE)
    assert found.environment["xpack.security.enabled"] == "true"
    assert found.environment["ELASTIC_PASSWORD_FILE"] == "/run/secrets/elasticsearch-password"
    assert not [name for name in found.environment if name.endswith("PASSWORD")]
    assert [secret.name for secret in found.secrets] == ["elasticsearch-password"]
    assert (found.networks, found.ports) == (("data",), ())
    # the group that the image's own files belong to, whoever the user is
    assert found.user == "1001:0"


def test_applications_are_told_user_address_and_password_file() -> None:
    image = "services.api_server.image=registry.example.com/api:1"
    found = service("api-server", *ON, image, machine=ONLINE)
    assert {key: value for key, value in found.environment.items() if key.startswith("ELASTICSEARCH")} == {
        "ELASTICSEARCH_URL": "http://elasticsearch:9200",
        "ELASTICSEARCH_USER": "elastic",
        "ELASTICSEARCH_PASSWORD_FILE": "/run/secrets/elasticsearch-password",
    }
    copies = {(s.target, s.copy_of) for s in found.secrets}
    assert ("elasticsearch-password", "elasticsearch-password") in copies


def test_production_has_it_and_the_others_do_not() -> None:
    for environment, there in (("production", True), ("development", False), ("testing", False)):
        found = plan(environment=environment, machine=ONLINE).service("elasticsearch")
        assert (found is not None) == there


def test_where_images_are_built_here_it_says_how_to_turn_it_off() -> None:
    with pytest.raises(UsageError) as caught:
        plan(*ON, environment="production")
    assert "next: `services.elasticsearch.enabled=false`, or `image_source: registry`" in str(caught.value)


def test_what_is_needed_of_the_kernel_is_in_the_plan() -> None:
    saving = plan(*ON, "services.redis.persistence=true", machine=ONLINE)
    assert saving.sysctls == (("redis", OVERCOMMIT), ("elasticsearch", MAX_MAP_COUNT))
    # A cache never saves.
    assert plan(*ON, machine=ONLINE).sysctls == (("elasticsearch", MAX_MAP_COUNT),)


@pytest.mark.parametrize(
    ("sysctl", "value", "met"),
    [
        (MAX_MAP_COUNT, "262144\n", True),
        (MAX_MAP_COUNT, "1048576", True),
        (MAX_MAP_COUNT, "65530", False),
        (MAX_MAP_COUNT, "", False),
        (OVERCOMMIT, "1", True),
        (OVERCOMMIT, "0", False),
        # never more than there is: a fork would be refused even sooner
        (OVERCOMMIT, "2", False),
    ],
)
def test_a_kernel_setting_is_met_or_not(sysctl: Sysctl, value: str, met: bool) -> None:
    assert sysctl.met(value) is met


def test_it_is_the_only_service_that_is_never_run_here_because_it_alone_cannot_be_built() -> None:
    assert set(NOT_RUN) == {name for name, pin in PINS.items() if pin.local is None} == {"elasticsearch"}
