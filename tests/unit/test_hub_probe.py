"""The Hub as it answers: no token, a good one, one that was not let in; away, or hanging."""

from __future__ import annotations

import pytest

from tests.support.fake_hub import Repository, fake_hub, hanging_server
from toolkit.clock import Deadline
from toolkit.facts import HubFact
from toolkit.probes.hub import Token, Tokens, Wanted, date_offset_s, hub_facts

GATED = Repository(700, allowed=frozenset({"hf_good"}), known_tokens=frozenset({"hf_other"}))
REPOSITORIES = {"meta/big": GATED, "qwen/small": Repository(42)}


def ask(endpoint: str, *names: str, tried: str = "", shell: bool = False) -> tuple[HubFact, ...]:
    tokens = Tokens(Token(tried, "the cache") if tried else None, shell)
    wanted = [Wanted(name, None) for name in names]
    return hub_facts(wanted, endpoint, tokens, Deadline.after(60), cache_known=True)


def test_an_open_repository_tells_its_size() -> None:
    with fake_hub(REPOSITORIES) as (url, asked):
        (found,) = ask(url, "qwen/small")
    assert found == HubFact("qwen/small", 302, "", "", 42, "", False, True)
    assert asked == ["/qwen/small/resolve/main/config.json"]


@pytest.mark.parametrize(
    ("token", "status", "code", "size"),
    [
        ("", 401, "GatedRepo", None),
        ("hf_bad", 401, "GatedRepo", None),
        ("hf_other", 403, "GatedRepo", None),
        ("hf_good", 302, "", 700),
    ],
)
def test_a_gated_one_tells_tokens_apart_and_shows_none(
    token: str, status: int, code: str, size: int | None
) -> None:
    with fake_hub(REPOSITORIES) as (url, _):
        (found,) = ask(url, "meta/big", tried=token, shell=True)  # noqa: S604 - no shell
    assert (found.status, found.code, found.size_bytes) == (status, code, size)
    assert (found.token, found.shell_token) == (("the cache", False) if token else ("", True))
    assert "hf_" not in repr(found)
    assert "hf_" not in repr(Token(token, "the cache"))


def test_the_revision_is_asked_for_and_an_unknown_repository_told() -> None:
    with fake_hub(REPOSITORIES) as (url, asked):
        tokens = Tokens(None, False)
        (found,) = hub_facts([Wanted("x/y", "abc")], url, tokens, Deadline.after(60), cache_known=False)
    assert (found.status, found.code, found.cache_known) == (404, "RepoNotFound", False)
    assert asked == ["/x/y/resolve/abc/config.json"]


def test_an_adapter_has_a_file_of_its_own_kind() -> None:
    with fake_hub({"org/legal": Repository(7)}) as (url, asked):
        wanted = [Wanted("org/legal", None, adapter=True)]
        (found,) = hub_facts(wanted, url, Tokens(None, False), Deadline.after(60), cache_known=True)
    assert (found.status, found.size_bytes) == (302, 7)
    assert asked == ["/org/legal/resolve/main/adapter_config.json"]


def test_nobody_there() -> None:
    with hanging_server() as url:
        pass
    (found,) = ask(url, "qwen/small")
    assert (found.status, found.refusal) == (0, "Connection refused")


def test_one_that_hangs_is_told_in_time() -> None:
    with hanging_server() as url:
        found = hub_facts(
            [Wanted("a/b", None), Wanted("c/d", None)],
            url,
            Tokens(None, False),
            Deadline.after(0.2),
            cache_known=True,
        )
        assert date_offset_s(url, Deadline.after(0.1)) is None
    assert [one.refusal for one in found] == ["it does not answer"] * 2


def test_its_date_shows_how_far_off_this_clock_is() -> None:
    with fake_hub({}) as (url, _):
        offset_s = date_offset_s(url, Deadline.after(60))
    assert offset_s is not None
    assert abs(offset_s) < 5
