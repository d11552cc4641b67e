"""`--set KEY=VALUE` is read by the same rules as a file, and says itself where it comes from."""

from __future__ import annotations

import pytest

from toolkit.profile.sets import read_set
from toolkit.profile.tree import dotted, plain, walk


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("fast_startup=false", {"fast_startup": False}),
        ("services.redis.memory=2GiB", {"services": {"redis": {"memory": "2GiB"}}}),
        ("services.redis.max_clients=64", {"services": {"redis": {"max_clients": 64}}}),
        ("services.edge.cpus=0.5", {"services": {"edge": {"cpus": 0.5}}}),
        ("a.b={c: 1, d: [x, z]}", {"a": {"b": {"c": 1, "d": ["x", "z"]}}}),
        ('models."qwen3-0.6b".revision=main', {"models": {"qwen3-0.6b": {"revision": "main"}}}),
        ("a.b=null", {"a": {"b": None}}),
        ('a.b=""', {"a": {"b": ""}}),
        ("a.b=c=d", {"a": {"b": "c=d"}}),
        ('a.b="yes"', {"a": {"b": "yes"}}),
    ],
)
def test_a_value_at_its_key(text: str, value: object) -> None:
    layer, faults = read_set(text)
    assert faults == []
    assert layer is not None
    assert plain(layer.node) == value


def test_every_origin_is_the_flag_without_its_value() -> None:
    layer, _ = read_set("services.redis.health={retries: 3, timeout: 5s}")
    assert layer is not None
    assert {str(node.origin) for _, node in walk(layer.node)} == {"--set services.redis.health"}
    assert [dotted(path) for path, _ in walk(layer.node)][-1] == "services.redis.health.timeout"


@pytest.mark.parametrize(
    ("text", "where", "what", "next_step"),
    [
        ("services.redis.memory", "--set", "there is no `=`", "write --set KEY=VALUE, such as"),
        ("", "--set", "there is no `=`", "write --set KEY=VALUE, such as"),
        ("=5", "--set", "the key cannot be read", "join names by dots"),
        ("a..b=5", "--set", "the key cannot be read", "join names by dots"),
        ("a[0]=5", "--set", "the key cannot be read", "join names by dots"),
        (
            "models.qwen3-0.6b.revision=main",
            "--set",
            "the key cannot be read",
            'models."qwen3-0.6b".revision=main',
        ),
        ("a b=5", "--set", "the key cannot be read", "join names by dots"),
        ("a.b=", "--set a.b", "there is no value after the `=`", 'write null, "" or a value'),
        ("a.b=#x", "--set a.b", "there is no value after the `=`", 'write null, "" or a value'),
        ("a.b=yes", "--set a.b", "`yes` is true or false to some", "in quotes where text is meant"),
        (
            "a.b=12:30",
            "--set a.b",
            "`12:30` is taken for a number in base 60",
            "in quotes where text is meant",
        ),
        ("a.b=[1, 2", "--set a.b", "broken YAML: a bracket is not closed", "close it with ] or }"),
        ("a.b=x: y: z", "--set a.b", "broken YAML: a `:` stands where none can", "quote the text"),
        ("environment=testing", "--set environment", "`environment` decides which layers", "use --env NAME"),
        ("hardware=cpu", "--set hardware", "`hardware` decides which layers", "use --hardware NAME"),
    ],
)
def test_what_cannot_be_read_is_told(text: str, where: str, what: str, next_step: str) -> None:
    _, (fault,) = read_set(text)
    problem = fault.problem()
    assert problem.where == where
    assert problem.what.startswith(what)
    assert next_step in problem.next_step
