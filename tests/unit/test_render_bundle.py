"""What rendering returns: paths by content, one hash per service, one digest over all."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pytest
import yaml

from tests.support.plans import bundle, plan
from toolkit.errors import UsageError
from toolkit.render.bundle import Bundle, RenderedFile
from toolkit.render.render import COMPOSE_FILE, render
from toolkit.render.templates import render_template
from toolkit.resources import resource_dir
from toolkit.values import replace


def changed_services(*sets: str) -> set[str]:
    before, after = bundle().definitions, bundle(*sets).definitions
    return {name for name in before if before[name] != after[name]}


def test_every_file_has_its_place() -> None:
    files = bundle().files

    places = [path.split("/")[0] for path in files]
    assert sorted(places) == ["compose.yaml", *["edge"] * 2, *["files"] * 8]
    stores = [path for path in files if path.startswith("files/")]
    assert all(len(path.split("/")[2]) == 12 for path in stores)
    assert {file.mode for file in files.values()} == {0o644}
    assert files["edge/haproxy.cfg"].source == "edge/haproxy.cfg.j2"
    assert all(file.text.endswith("\n") and not file.text.endswith("\n\n") for file in files.values())


def test_the_compose_file_says_that_it_is_rendered_and_uses_no_anchors() -> None:
    text = bundle().files[COMPOSE_FILE].text
    assert text.startswith(
        "# Rendered by toolkit: edit toolkit.yaml, not this file; the next render replaces it.\n"
    )
    assert "&id" not in text
    assert yaml.safe_load(text)["name"] == "llm-testing"


def test_the_label_is_the_hash_of_the_definition() -> None:
    rendered = bundle()
    services = yaml.safe_load(rendered.files[COMPOSE_FILE].text)["services"]
    labels = {name: body["labels"]["io.llm-stack-toolkit.hash"] for name, body in services.items()}
    assert labels == dict(rendered.definitions)


@pytest.mark.parametrize(
    ("sets", "changed"),
    [
        (("services.mariadb.max_connections=77",), {"mariadb"}),
        (("services.redis.maxmemory_policy=noeviction",), {"redis"}),
        (("services.llm_fast.flags.max_num_batched_tokens=1024",), {"llm-fast"}),
        (("services.edge.check_interval=2s",), set()),
        (("services.edge.timeouts.read=91s",), {"response-cache"}),
        (("services.edge.port=9001",), {"edge"}),
        (
            ("logs.max_files=7",),
            {
                *("edge", "redis", "mariadb", "vector-db", "response-cache"),
                *("prometheus", "llm-general", "llm-fast"),
            },
        ),
        ((), set()),
    ],
)
def test_a_change_reaches_the_services_that_it_is_about(sets: tuple[str, ...], changed: set[str]) -> None:
    assert changed_services(*sets) == changed


def test_a_changed_configuration_is_a_new_path_but_for_the_edge_a_new_digest() -> None:
    before, after = bundle(), bundle("services.mariadb.max_connections=77", "services.edge.check_interval=2s")

    assert {path.split("/")[1] for path in set(before.files) ^ set(after.files)} == {"mariadb"}
    assert before.reload_digests != after.reload_digests
    assert set(before.reload_digests) == {"edge"}
    assert f"description {after.reload_digests['edge']}" in after.files["edge/haproxy.cfg"].text


def test_the_digest_covers_paths_modes_and_texts() -> None:
    def digest(**files: RenderedFile) -> str:
        return Bundle(files, {}, {}).digest

    file = RenderedFile("text", 0o644, "source")
    assert digest(a=file) == digest(a=replace(file, source="elsewhere"))
    others = [
        digest(b=file),
        digest(a=replace(file, mode=0o600)),
        digest(a=replace(file, text="text\n")),
        digest(),
    ]
    assert len({digest(a=file), *others}) == 5
    assert digest(a=file, b=replace(file, text="2")) == digest(b=replace(file, text="2"), a=file)


def test_the_same_plan_gives_the_same_bytes() -> None:
    once, again = (
        render(plan(), resource_dir("compose"), resource_dir("templates"), Path()) for _ in range(2)
    )
    assert once.digest == again.digest


def test_a_value_that_the_plan_does_not_give_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "x.j2").write_text("port {{ prot }}\n")
    with pytest.raises(jinja2.UndefinedError, match="'prot' is undefined"):
        render_template(tmp_path, "x.j2", {"port": 1})


def test_nothing_is_escaped_and_blocks_leave_no_lines(tmp_path: Path) -> None:
    (tmp_path / "x.j2").write_text("{% if true %}\n  {# why #}\nvalue = {{ value }}\n{% endif %}\nend\n")
    assert render_template(tmp_path, "x.j2", {"value": "<a & 'b'>"}) == "value = <a & 'b'>\nend\n"


def test_a_fragment_that_sets_a_leaf_of_the_plan_is_refused_by_its_file(tmp_path: Path) -> None:
    for fragment in resource_dir("compose").glob("*.yaml"):
        (tmp_path / fragment.name).write_text(fragment.read_text())
    (tmp_path / "redis.yaml").write_text(
        "restart: always\nhealthcheck: {test: [CMD, 'true'], interval: 1s}\n"
    )

    with pytest.raises(UsageError) as caught:
        render(plan(), tmp_path, resource_dir("templates"), Path())

    assert str(caught.value).startswith(
        f"{tmp_path}/redis.yaml: `healthcheck.interval` is set by the fragment, but it belongs to the plan\n"
        "   got: 1s\n"
    )
