"""What only one service can have, and which names an own service can bear: each refusal with its words."""

from __future__ import annotations

import pytest

from tests.support.plans import plan, settings
from toolkit.errors import ProfileError, UsageError

API = ('services.api_server.image="example/api:1"', "services.api_server.route=/api")


def refused(*sets: str, machine: str = "cpu-offline") -> str:
    with pytest.raises(UsageError) as caught:
        plan(*sets, machine=machine)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_a_route_has_one_service() -> None:
    assert refused(*API, 'own_services.mine={image: "mine:1", route: /api}') == (
        "own_services.mine.route: another service has this route\n"
        "   got: /api, which leads to api-server\n"
        "  next: choose another path, such as /api"
    )


def test_a_route_without_an_image_is_reserved_and_claims_nothing() -> None:
    found = plan("services.chat_server.route=/api", *API)
    assert [service.name for service in found.reserved] == ["chat-server", "auth-server"]
    assert found.service("chat-server") is None
    alone = plan(
        "services.chat_server.route=/chat",
        "services.llm_general.enabled=false",
        "services.llm_fast.enabled=false",
    )
    assert "edge" not in [service.name for service in alone.services]


@pytest.mark.parametrize("route", ["/v1", "/v1/chat", "/healthz"])
def test_the_edge_keeps_its_own_paths(route: str) -> None:
    assert refused(API[0], f"services.api_server.route={route}") == (
        f"services.api_server.route: this path is the edge's own\n   got: {route}\n"
        "  next: choose another path, such as /api"
    )


@pytest.mark.parametrize("route", ["/v1beta", "/v2", "/api/v1", "/health"])
def test_paths_that_only_look_like_it_are_free(route: str) -> None:
    assert plan(API[0], f"services.api_server.route={route}").service("api-server") is not None


@pytest.mark.parametrize("route", ["/api/", "/", "api", "/a//b", "/a b", "/a?b"])
def test_a_route_begins_with_a_slash_and_does_not_end_with_one(route: str) -> None:
    with pytest.raises(ProfileError) as caught:
        settings(f"services.api_server.route={route}")
    assert "`services.api_server.route` is not of the right form" in str(caught.value)
    assert "such as /api" in str(caught.value)


def test_a_port_of_a_host_is_published_once() -> None:
    assert refused("services.prometheus.port=8001") == (
        "services.prometheus.port: edge publishes this port of host `local` already\n"
        "   got: edge             127.0.0.1:8001\n"
        "        prometheus       127.0.0.1:8001\n"
        "  next: give one of them another port; replicas take as many in a row"
    )


def test_every_address_has_that_port_where_one_service_listens_on_all() -> None:
    said = refused("services.prometheus.port=8001", "services.edge.address=0.0.0.0")
    assert "edge             0.0.0.0:8001" in said


def test_two_addresses_of_a_host_are_two_places() -> None:
    found = plan("services.prometheus.port=8001", "services.edge.address=10.0.0.7")
    assert [service.name for service in found.services if service.ports] == ["edge", "prometheus"]


def test_replicas_take_as_many_ports_in_a_row() -> None:
    said = refused("services.chat_server.port=8081", machine="two-hosts")
    assert said.startswith("services.chat_server.port: api-server publishes this port of host `app` already")
    assert "api-server       10.0.0.2:8080-8081\n        chat-server      10.0.0.2:8081" in said


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("redis", "a shipped service has this name\n   got: redis"),
        ("api-server", "a shipped service has this name\n   got: api-server"),
        ("llm_general_2", "a shipped service has this name\n   got: llm-general-2"),
        ("Mine", "this is no name of a service\n   got: Mine"),
    ],
)
def test_an_own_service_has_a_name_of_its_own(name: str, what: str) -> None:
    said = refused(f'own_services.{name}={{image: "mine:1"}}')
    assert said.startswith(f"own_services.{name}: {what}\n  next: ")


def test_two_own_services_that_would_have_one_name_are_told_apart() -> None:
    said = refused('own_services.my_app={image: "a:1"}', 'own_services.my-app={image: "b:1"}')
    assert said.startswith("own_services.my-app: own_services.my_app has this name\n   got: my-app\n")


def test_a_fragment_is_a_yaml_file() -> None:
    with pytest.raises(ProfileError) as caught:
        settings('own_services.mine={image: "mine:1", fragment: mine.yml}')
    assert "`own_services.mine.fragment` is not of the right form" in str(caught.value)
