"""The cache of weights on a real file system, as huggingface_hub lays it out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from toolkit.probes.model_cache import cache_fact

NAME = "Qwen/Qwen3-0.6B"


def snapshot(home: Path, **files: str) -> Path:
    folder = home / "hub" / "models--Qwen--Qwen3-0.6B"
    made = folder / "snapshots" / "abc"
    made.mkdir(parents=True)
    (folder / "blobs").mkdir()
    for name, text in files.items():
        blob = folder / "blobs" / name
        blob.write_text(text)
        (made / name.replace("__", ".")).symlink_to(Path("../../blobs") / name)
    return made


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    found = cache_fact(tmp_path / "none", [NAME])
    assert (found.exists, found.readable, found.entries) == (False, True, ())


def test_a_whole_repository_counts_with_its_bytes(tmp_path: Path) -> None:
    snapshot(tmp_path, config__json="{}", model__safetensors="12345")
    found = cache_fact(tmp_path, [NAME, "other/one"])
    assert dict(found.repositories) == {NAME: 7}
    assert [Path(entry.path).name for entry in found.entries] == [
        tmp_path.name,
        "hub",
        "models--Qwen--Qwen3-0.6B",
    ]
    assert found.entries[0].uid == os.getuid()


def test_an_adapter_is_whole_with_a_file_of_its_own_kind(tmp_path: Path) -> None:
    snapshot(tmp_path, adapter_config__json="{}", adapter_model__safetensors="123")
    assert dict(cache_fact(tmp_path, [NAME]).repositories) == {NAME: 5}


@pytest.mark.parametrize("files", [{"config__json": "{}"}, {"model__safetensors": "1"}])
def test_a_part_of_one_does_not(tmp_path: Path, files: dict[str, str]) -> None:
    snapshot(tmp_path, **files)
    assert dict(cache_fact(tmp_path, [NAME]).repositories) == {}


def test_a_link_into_nothing_is_a_download_that_was_cut_off(tmp_path: Path) -> None:
    made = snapshot(tmp_path, config__json="{}", model__safetensors="1")
    (made / "tokenizer.json").symlink_to("../../blobs/none")
    assert dict(cache_fact(tmp_path, [NAME]).repositories) == {}


@pytest.mark.parametrize(("second", "whole"), [({}, False), ({"b__safetensors": "22"}, True)])
def test_every_shard_of_the_index_has_to_be_there(
    tmp_path: Path, second: dict[str, str], whole: bool
) -> None:
    index = json.dumps({"weight_map": {"x": "a.safetensors", "y": "b.safetensors"}})
    made = snapshot(tmp_path, config__json="{}", a__safetensors="1", **second)
    (made / "model.safetensors.index.json").write_text(index)
    assert (NAME in cache_fact(tmp_path, [NAME]).repositories) is whole
