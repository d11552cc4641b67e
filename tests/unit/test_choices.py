"""What `init` decides for a machine, with the reason that it writes beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.support.disks import as_root
from toolkit.errors import PublishError, UsageError
from toolkit.planning.build import build_plan
from toolkit.planning.choices import Choice, Machine, ModelCacheFound, choose
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir
from toolkit.routines.init import profile_text, write_profile
from toolkit.units import MIB
from toolkit.values import replace

GIB = 1024 * MIB
OPEN = Machine(
    engine_version="28.5.1",
    memory_bytes=32 * GIB,
    cpus=8,
    registry="",
    hub="",
    cache=None,
    uid=0,
    gid=0,
)


def test_a_machine_with_all_doors_open() -> None:
    choices = choose(OPEN, None)

    assert choices.hardware == Choice("cpu", "8 cores, 32 GiB, no NVIDIA card")
    assert choices.image_source == Choice("registry", "the engine reaches the registry")
    assert choices.engine == Choice("28.5", "the engine here is 28.5.1")
    assert choices.cache == Choice(ModelCacheFound("volume", 1000, 1000), "no Hugging Face cache here yet")
    assert choices.model == Choice("qwen3-0.6b", "the Hub can be reached")
    assert choices.run_as is None


def test_without_a_registry_images_are_built_here() -> None:
    assert choose(replace(OPEN, registry="no such host"), None).image_source == Choice(
        "local", "no registry: no such host"
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"hub": "no answer within 10 s"}, "the Hub cannot be reached: no answer within 10 s"),
        ({"memory_bytes": 12 * GIB - 1}, "under 12 GiB of memory"),
    ],
)
def test_the_tiny_model_where_no_other_is_possible(change: dict[str, object], why: str) -> None:
    assert choose(replace(OPEN, **change), None).model == Choice("tiny", why)  # type: ignore[arg-type]


def test_twelve_gibibytes_are_enough() -> None:
    assert choose(replace(OPEN, memory_bytes=12 * GIB), None).model.value == "qwen3-0.6b"


def test_debian_s_engine_version_is_cut_to_what_counts() -> None:
    assert choose(replace(OPEN, engine_version="20.10.24+dfsg1"), None).engine.value == "20.10"


def test_a_cache_that_is_there_keeps_its_owner() -> None:
    found = ModelCacheFound("/home/ada/.cache/huggingface", 1001, 1002)
    assert choose(replace(OPEN, cache=found), None).cache == Choice(
        found, "the cache that this machine has already, with its owner"
    )


def test_without_root_the_services_run_as_the_person() -> None:
    choice = choose(replace(OPEN, uid=1001, gid=1002), None).run_as
    assert choice is not None
    assert choice.why == "Not root: the services run as you, because their secrets are your files"


MACHINES = {
    "open": OPEN,
    "closed": replace(
        OPEN,
        engine_version="20.10.24+dfsg1",
        registry='Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no host',
        hub="[Errno -3] Temporary failure in name resolution",
    ),
    "person": replace(
        OPEN, uid=1001, gid=1002, cache=ModelCacheFound("/home/ada/.cache/huggingface", 1001, 1002)
    ),
    "awkward": replace(OPEN, cache=ModelCacheFound('/srv/a, "b": {c} #d', 7, 8)),
}


@pytest.mark.parametrize("name", MACHINES)
def test_what_is_written_is_a_valid_profile_with_nothing_left_open(name: str, tmp_path: Path) -> None:
    machine = MACHINES[name]
    text = profile_text(machine, "testing", None)
    write_profile(tmp_path, text, replace=False)

    settings = load_profile(
        tmp_path, environment=None, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    ).settings

    assert build_plan(settings).project == "llm-testing"
    choices = choose(machine, None)
    cache = choices.cache.value
    assert isinstance(cache, ModelCacheFound)
    found = settings.model_cache
    assert (found.source, found.uid, found.gid) == (cache.path, cache.uid, cache.gid)
    assert (settings.run_as.uid, settings.run_as.gid) == ((1001, 1002) if name == "person" else (None, None))
    for choice in (choices.hardware, choices.image_source, choices.engine, choices.cache, choices.model):
        assert choice.why in text


def test_without_a_registry_there_is_no_elasticsearch_and_the_file_says_why(tmp_path: Path) -> None:
    text = profile_text(MACHINES["closed"], "production", None)
    assert (
        "  # Elasticsearch comes from its registry only, and that is out of reach.\n"
        "  elasticsearch: {enabled: false}\n"
    ) in text
    write_profile(tmp_path, text, replace=False)
    settings = load_profile(
        tmp_path, environment=None, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    ).settings
    assert build_plan(settings).service("elasticsearch") is None
    # Also where the models are the hardware's.
    assert "services:\n  # Elasticsearch" in profile_text(MACHINES["closed"], "production", "rtx-5090")
    assert "elasticsearch" not in profile_text(OPEN, "production", None)


def test_the_licence_of_the_chosen_model_is_named() -> None:
    assert "  # Licence of qwen3-0.6b: Apache-2.0.\n" in profile_text(OPEN, "development", None)


def test_an_unknown_environment_is_refused() -> None:
    with pytest.raises(UsageError) as caught:
        profile_text(OPEN, "prod", None)
    assert str(caught.value) == (
        "--env: unknown environment `prod`\n  next: did you mean `production`? known: development, production, testing"
    )


def test_a_profile_that_is_there_is_not_replaced_unless_asked(tmp_path: Path) -> None:
    write_profile(tmp_path, "environment: testing\n", replace=False)

    with pytest.raises(UsageError) as caught:
        write_profile(tmp_path, "environment: production\n", replace=False)
    assert str(caught.value) == (
        f"{tmp_path}/toolkit.yaml: it is there already\n"
        "  next: edit it, or replace it with `toolkit init --force`"
    )

    path = write_profile(tmp_path, "environment: production\n", replace=True)
    assert yaml.safe_load(path.read_text()) == {"environment": "production"}
    assert (tmp_path / "toolkit.yaml.bak").read_text() == "environment: testing\n"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["toolkit.yaml", "toolkit.yaml.bak"]


@as_root
def test_a_full_disk_leaves_the_old_profile_in_its_place(small_disk: Path) -> None:
    write_profile(small_disk, "environment: testing\n", replace=False)

    with pytest.raises(PublishError, match=r"toolkit\.yaml: it cannot be written\n   got: .*No space left"):
        write_profile(small_disk, "# " + "x" * 100_000, replace=True)

    assert {p.name: p.read_text() for p in small_disk.iterdir()} == {"toolkit.yaml": "environment: testing\n"}


def test_a_directory_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(PublishError) as caught:
        write_profile(tmp_path / "gone", "environment: testing\n", replace=False)
    assert str(caught.value).startswith(
        f"{tmp_path}/gone/toolkit.yaml: it cannot be written\n   got: [Errno 2]"
    )


def test_a_persona_and_the_strict_set_are_written_where_they_were_asked_for(tmp_path: Path) -> None:
    assert "\npersona:" not in profile_text(OPEN, "testing", None)
    write_profile(tmp_path, profile_text(OPEN, "testing", None, "multi-tasker", strict=True), replace=False)
    settings = load_profile(
        tmp_path, environment=None, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    ).settings
    assert (settings.persona, settings.strict) == ("multi-tasker", True)


def test_an_unknown_persona_is_not_written() -> None:
    with pytest.raises(UsageError) as caught:
        profile_text(OPEN, "testing", None, "multitasker")
    assert str(caught.value) == (
        "--persona: unknown persona `multitasker`\n"
        "  next: did you mean `multi-tasker`? known: data-analyst, multi-tasker, speed-runner"
    )
