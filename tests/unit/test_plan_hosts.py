"""Several hosts: who stands where, what crosses from one to another, and what each one's part is."""

from __future__ import annotations

import pytest

from tests.support.plans import plan
from toolkit.errors import UsageError
from toolkit.planning.hosts import chosen_host, chosen_hosts, reached_hosts, start_order
from toolkit.planning.plan import Plan, PublishedPort
from toolkit.values import replace

TWO = plan(environment="production", machine="two-hosts")


def environment(plan: Plan, name: str) -> dict[str, str]:
    service = plan.service(name)
    assert service is not None
    return dict(service.environment)


def test_each_service_stands_on_its_host() -> None:
    places: dict[str, set[str]] = {}
    for service in (*TWO.services, *TWO.reserved):
        places.setdefault(service.host, set()).add(service.part_of)
    assert {"llm_general", "llm_fast", "embeddings", "edge", "training_server"} <= places["ai"]
    assert {"mariadb", "redis", "api_server", "chat_server", "auth_server"} <= places["app"]


def test_only_what_another_host_uses_is_published_and_only_on_the_private_address() -> None:
    ports = {service.name: service.ports for service in TWO.services if service.ports}
    assert ports["edge"] == (
        PublishedPort("127.0.0.1", 8002, 8080),
        PublishedPort("10.0.0.1", 8002, 8080),
    )
    # Two replicas behind one address need a port each.
    assert ports["api-server"] == (PublishedPort("10.0.0.2", 8080, 8080, 2),)
    assert ports["chat-server"] == (PublishedPort("10.0.0.2", 8090, 8090),)
    assert not {"mariadb", "redis", "llm-general", "llm-fast"} & set(ports)


def test_a_service_of_another_host_is_reached_at_its_address() -> None:
    seen = environment(TWO, "api-server")
    assert seen["OPENAI_BASE_URL"] == "http://10.0.0.1:8002/v1"
    assert (seen["MARIADB_HOST"], seen["MARIADB_PORT"]) == ("mariadb", "3306")


def test_model_servers_are_published_where_the_edge_is_elsewhere() -> None:
    moved = plan(
        *("services.edge.host=app", "services.response_cache.host=app"),
        environment="production",
        machine="two-hosts",
    )
    ports = {service.name: service.ports for service in moved.services if service.host == "ai"}
    assert ports["llm-general"] == (PublishedPort("10.0.0.1", 8101, 8000),)
    assert ports["llm-fast"] == (PublishedPort("10.0.0.1", 8201, 8000),)
    edge = moved.service("edge")
    assert edge is not None
    assert edge.ports == (PublishedPort("127.0.0.1", 8002, 8080),)


def test_the_part_of_a_host_has_its_services_and_their_networks_alone() -> None:
    ai, app = TWO.on_host("ai"), TWO.on_host("app")
    assert {s.host for s in (*ai.services, *ai.reserved)} == {"ai"}
    assert {s.host for s in (*app.services, *app.reserved)} == {"app"}
    assert (ai.part, app.part) == ("ai", "app")
    assert "inference" in ai.networks
    assert "inference" not in app.networks
    assert (ai.project_directory, plan().on_host("local").project_directory) == ("../../..", "../..")


def test_a_missing_address_names_who_needs_it() -> None:
    with pytest.raises(UsageError) as caught:
        plan("hosts.app.address=null", environment="production", machine="two-hosts")
    assert str(caught.value) == (
        "hosts.app.address: is missing: edge on another host cannot reach api-server\n"
        "   got: null\n"
        "  next: write the private address of app to toolkit.yaml: hosts: {app: {address: 10.0.0.2}}"
    )


@pytest.mark.parametrize(
    ("sets", "text"),
    [
        (
            ("services.redis.host=null",),
            "services.redis.host: names no host, and there are several\n  next: write one of ai, app",
        ),
        (
            ("services.redis.host=db",),
            "services.redis.host: there is no host `db`\n  next: write one of ai, app",
        ),
    ],
)
def test_every_service_has_to_have_a_host(sets: tuple[str, ...], text: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(*sets, machine="two-hosts")
    assert str(caught.value) == text


def test_a_container_gets_no_more_cores_than_its_host_has() -> None:
    small = plan("hosts.local.cpus=1.0")
    assert {service.cpus for service in small.services} == {0.5, 1.0}


def test_a_verb_needs_to_know_which_host() -> None:
    assert chosen_host(TWO, "app") == "app"
    assert chosen_host(plan(), None) == "local"
    assert chosen_hosts(TWO, None) == ("ai", "app")
    for named in (None, "db"):
        with pytest.raises(UsageError, match="ai, app"):
            chosen_host(TWO, named)
    with pytest.raises(UsageError) as caught:
        reached_hosts(TWO, None)
    assert str(caught.value) == (
        "--host: this profile has 2 hosts: ai, app\n"
        "  next: run it on each with --host NAME, or give each an engine: hosts.NAME.engine: ssh://user@address"
    )


def test_hosts_with_engines_are_all_reached_from_one_place() -> None:
    near = replace(TWO, hosts=tuple(replace(host, engine="ssh://x") for host in TWO.hosts))
    assert reached_hosts(near, None) == ("ai", "app")
    assert reached_hosts(near, "app") == ("app",)


def test_the_host_that_gives_a_key_or_a_password_comes_first() -> None:
    # The applications of `app` ask the models of `ai` with a key.
    assert start_order(TWO) == ("ai", "app")
    assert start_order(replace(TWO, hosts=TWO.hosts[::-1])) == ("ai", "app")


def test_hosts_that_need_each_other_come_in_the_profile_s_order() -> None:
    trainer = "services.training_server.image=x:1", "services.training_server.uses=[mariadb]"
    both = plan(*trainer, environment="production", machine="two-hosts")
    assert start_order(both) == ("ai", "app")
    assert start_order(replace(both, hosts=both.hosts[::-1])) == ("app", "ai")


def test_the_response_cache_stays_with_the_edge() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.edge.host=app", environment="production", machine="two-hosts")
    assert str(caught.value) == (
        "services.response_cache.host: has to be on the edge's host, `app`: they share sockets\n"
        "   got: ai\n"
        "  next: write services.response_cache.host: app"
    )
