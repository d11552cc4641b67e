"""Linting with an engine of our own at the door: what passes, what is refused, and what could not be asked."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.plans import bundle, plan, settings
from tests.support.rendering import MACHINES
from toolkit.cli.progress import Silent
from toolkit.clock import Deadline
from toolkit.engine.linters import Lint
from toolkit.engine.runner import Completed, Stdin
from toolkit.errors import EngineError, Problem, ProfileError
from toolkit.planning.removed_options import REMOVED, removed_in_argv, removed_in_text, removed_setting
from toolkit.render.bundle import Bundle
from toolkit.render.render import render
from toolkit.resources import resource_dir
from toolkit.routines.lint import Linted, lint, static_lint
from toolkit.routines.lint_jobs import Models, jobs
from toolkit.values import replace

FINE = {"ok": True, "stage": None, "error": None}


@dataclass
class Engine:
    """Answers as `said` says by image; `missing` images are not here."""

    said: dict[str, tuple[int, str]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    down: bool = False
    calls: list[tuple[str, ...]] = field(default_factory=list)
    files: dict[str, dict[str, str]] = field(default_factory=dict)

    def run(
        self,
        argv: Sequence[str],
        *,
        cwd: Path | None = None,  # noqa: ARG002
        env: Mapping[str, str] | None = None,  # noqa: ARG002
        deadline: Deadline | None = None,  # noqa: ARG002
        stdin: Stdin = None,
        on_line: Callable[[str], None] | None = None,  # noqa: ARG002
    ) -> Completed:
        words = tuple(argv)
        self.calls.append(words)
        if self.down:
            raise EngineError(Problem("docker", "the docker command is not on PATH"))
        if words[1:3] == ("image", "inspect"):
            gone = words[-1] in self.missing
            return Completed(words, int(gone), f"sha256:{words[-1]}\n", "No such image" if gone else "", 0.1)
        if words[1] in {"ps", "rm"}:
            return Completed(words, 0, "", "", 0.1)
        image = words[words.index("-c") - 1]
        self.files[image] = unpacked(stdin)
        code, text = self.said.get(image, (0, self._good(image)))
        return Completed(words, code, text, "", 0.1)

    def _good(self, image: str) -> str:
        lists = self.files[image].get("tmp/lint/lists", "")
        return "".join(json.dumps(FINE) + "\n" for _ in lists.splitlines())


def unpacked(stdin: Stdin) -> dict[str, str]:
    assert not isinstance(stdin, str | None)
    with tarfile.open(fileobj=io.BytesIO(b"".join(stdin))) as tar:
        return {
            one.name: (tar.extractfile(one) or io.BytesIO()).read().decode() for one in tar if one.isfile()
        }


def questions(tmp_path: Path) -> tuple[Lint, ...]:
    return jobs(plan(), bundle(), Models(settings(), tmp_path, tmp_path / "hub"))


def linted(engine: Engine, tmp_path: Path) -> dict[str, Linted]:
    asked = questions(tmp_path)
    found = lint(plan(), asked, engine, Deadline.after(20), memory=tmp_path / "memory", progress=Silent())
    return {name: one for one in found for name in one.services}


def test_every_service_with_a_program_is_asked(tmp_path: Path) -> None:
    found = linted(Engine(), tmp_path)
    assert found.keys() == {service.name for service in plan().services}
    assert {one.status for one in found.values()} == {"passed"}


def test_what_the_containers_are_given(tmp_path: Path) -> None:
    engine = Engine()
    linted(engine, tmp_path)
    redis = engine.files["llm-stack/redis:8.0"]
    assert "maxmemory " in redis["usr/local/etc/redis/redis.conf"]
    assert f"#{'0' * 64} " in redis["run/redis-acl/users.acl"]
    lists = [json.loads(line) for line in engine.files["llm-stack/vllm:0.32"]["tmp/lint/lists"].splitlines()]
    assert [one["argv"][0] for one in lists] == ["/models/tiny", "/models/tiny"]
    assert {one["deep"] for one in lists} == {False}
    (call,) = (words for words in engine.calls if "llm-stack/redis:8.0" in words and "run" in words)
    assert call[call.index("--network") + 1] == "none"
    assert call[call.index("--user") + 1] == "999:999"
    assert "--mount" not in call


def test_a_model_whose_files_are_here_is_asked_deep(tmp_path: Path) -> None:
    directory = tmp_path / ".toolkit" / "models" / "tiny-0"
    directory.mkdir(parents=True)
    (directory / "config.json").write_text("{}")
    (directory / "model.safetensors").write_bytes(b"\0" * 10)
    engine = Engine()
    linted(engine, tmp_path)
    files = engine.files["llm-stack/vllm:0.32"]
    assert {name for name in files if name.startswith("models/")} == {"models/tiny/config.json"}
    assert {json.loads(line)["deep"] for line in files["tmp/lint/lists"].splitlines()} == {True}


def test_what_passed_is_remembered_by_image_and_content(tmp_path: Path) -> None:
    linted(Engine(), tmp_path)
    engine = Engine()
    assert {one.remembered for one in linted(engine, tmp_path).values()} == {True}
    assert all(words[1] == "image" for words in engine.calls)


def test_a_complaint_is_quoted_and_not_remembered(tmp_path: Path) -> None:
    bad = Engine({"llm-stack/mariadb:11.8": (7, "[ERROR] mariadbd: unknown variable 'x=1'\n")})
    found = linted(bad, tmp_path)
    assert found["mariadb"].status == "failed"
    assert "unknown variable 'x=1'" in found["mariadb"].problem().as_text()
    assert not linted(bad, tmp_path)["mariadb"].remembered


def test_a_warning_of_a_program_that_ends_well_counts(tmp_path: Path) -> None:
    bad = Engine({"llm-stack/mariadb:11.8": (0, "[Warning] 'innodb-page-cleaners' was removed.\n")})
    assert linted(bad, tmp_path)["mariadb"].status == "failed"


def test_a_flag_that_is_gone_is_named_with_what_replaced_it(tmp_path: Path) -> None:
    wrong = {"ok": False, "stage": "parse", "error": "unrecognized arguments: --swap-space 4"}
    first = plan().service("llm-general")
    assert first is not None
    own = replace(first, command=(*first.command, "--swap-space", "4"))
    changed = replace(plan(), services=tuple(own if s.name == own.name else s for s in plan().services))
    asked = jobs(changed, bundle(), Models(settings(), tmp_path, tmp_path))
    engine = Engine({"llm-stack/vllm:0.32": (0, json.dumps(wrong) + "\n" + json.dumps(FINE) + "\n")})
    found = lint(changed, asked, engine, Deadline.after(20), memory=tmp_path, progress=Silent())
    (said,) = (one for one in found if one.status == "failed")
    assert "llm-general: unrecognized arguments: --swap-space 4\n--swap-space is gone since vLLM" in said.said
    (static,) = static_lint(changed, bundle())
    assert "--swap-space is gone since vLLM" in static.said


@pytest.mark.parametrize(
    ("engine", "name", "said"),
    [
        (Engine(down=True), "redis", "docker: the docker command is not on PATH"),
        (Engine(missing=("llm-stack/redis:8.0",)), "redis", "its image llm-stack/redis:8.0 is not here"),
        (Engine({"llm-stack/vllm:0.32": (137, "Killed\n")}), "llm-fast", "Killed"),
    ],
)
def test_what_could_not_be_asked_never_passes(engine: Engine, name: str, said: str, tmp_path: Path) -> None:
    one = linted(engine, tmp_path)[name]
    assert (one.status, one.said) == ("not linted", said)


def test_a_program_without_a_linter_is_told_and_is_no_fault(tmp_path: Path) -> None:
    whole = plan(environment="production", machine="two-hosts").on_host("app")
    asked = jobs(whole, bundle_of("two-hosts", "app"), Models(settings(), tmp_path, tmp_path))
    found = lint(whole, asked, Engine(), Deadline.after(20), memory=tmp_path / "m", progress=Silent())
    assert [(one.services, one.status) for one in found if one.status != "passed"] == [
        (("elasticsearch",), "no linter")
    ]


def test_where_nothing_can_be_kept_it_is_asked_again(tmp_path: Path) -> None:
    (tmp_path / "memory").write_text("a file in the way")
    assert {one.status for one in linted(Engine(), tmp_path).values()} == {"passed"}


def test_an_image_without_a_card_still_parses(tmp_path: Path) -> None:
    shallow = {"ok": False, "stage": "engine_config", "error": "RuntimeError: Failed to infer device type"}
    engine = Engine({"llm-stack/vllm:0.32": (0, (json.dumps(shallow) + "\n") * 2)})
    one = linted(engine, tmp_path)["llm-general"]
    assert one.status == "passed"
    assert "parsed; its configuration needs what is not here" in one.said
    assert not linted(Engine(), tmp_path)["llm-general"].remembered


def test_a_deadline_that_passes_is_told(tmp_path: Path) -> None:
    found = lint(
        plan(), questions(tmp_path), Engine(), Deadline.after(0), memory=tmp_path / "m", progress=Silent()
    )
    assert {one.status for one in found} <= {"not linted", "passed"}


def test_the_table_of_removed_options() -> None:
    assert [one.option for one in removed_in_argv("vllm", ["m", "--task=generate", "--swap-space", "4"])] == [
        "--swap-space",
        "--task",
    ]
    text = "[mariadb]\ninnodb-log-files-in-group = 2\n# innodb_page_cleaners\n"
    assert [(n, one.option) for n, one in removed_in_text("mariadb", text)] == [
        (2, "innodb_log_files_in_group")
    ]
    assert [one.option for _, one in removed_in_text("haproxy", "  option forceclose\n  block if x\n")] == [
        "option forceclose",
        "block",
    ]
    found = removed_setting("vllm", "swap_space")
    assert found is not None
    assert found.text.startswith("--swap-space is gone since vLLM")
    assert removed_setting("vllm", "max_model_len") is None
    assert len({(one.program, one.option) for one in REMOVED}) == len(REMOVED)


@pytest.mark.parametrize("machine", ["cpu-offline", "two-hosts", "rtx-5090"])
def test_nothing_shipped_has_a_removed_option(machine: str) -> None:
    planned = plan(environment="production", machine=machine)
    for host in planned.hosts:
        part = planned.on_host(host.name)
        assert static_lint(part, bundle_of(machine, host.name)) == ()


def bundle_of(machine: str, host: str) -> Bundle:

    part = plan(environment="production", machine=machine).on_host(host)
    return render(part, resource_dir("compose"), resource_dir("templates"), MACHINES / machine)


def test_a_removed_flag_in_a_profile_is_named_with_what_replaced_it() -> None:
    with pytest.raises(ProfileError) as caught:
        settings("services.llm_general.flags.swap_space=4")
    assert str(caught.value) == (
        "--set services.llm_general.flags.swap_space: unknown key `services.llm_general.flags.swap_space`\n"
        "   got: 4 (a whole number)\n"
        "  next: --swap-space is gone since vLLM 0.17: use --kv-offloading-size, or drop it: preempted requests are "
        "computed again"
    )
