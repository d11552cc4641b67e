"""A bundle for somebody else: all that tells of the fault is in it, nothing of what was planted."""

from __future__ import annotations

import io
import json
import stat
import tarfile
from pathlib import Path

import pytest

from tests.support.plans import plan
from toolkit import recorded
from toolkit.cli.app import run
from toolkit.facts import ContainerFact, LogFact
from toolkit.recorded import Look
from toolkit.redact import Redactor
from toolkit.routines.evidence import ALL_BYTES, FILE_BYTES, evidence
from toolkit.snapshot import Snapshot

AT = "2026-01-01T00:00:00+00:00"
SECRET = "Xy7-planted_by_the_test-0123456789"
PLANTED = (
    SECRET,
    "sk-PlantedKeyOfAUser0123456789",
    "hf_PlantedTokenOfTheHub",
    "the secret plan of a user",
    "192.168.7.42",
    "someone@example.org",
)
LINES = (
    f"redis AUTH failed for {SECRET}",
    "authorization: Bearer sk-PlantedKeyOfAUser0123456789",
    "huggingface_hub: token hf_PlantedTokenOfTheHub is invalid",
    "Received request cmpl-7: prompt: 'the secret plan of a user', params: SamplingParams(n=1)",
    "client 192.168.7.42:41234 closed, mail someone@example.org",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20.00 MiB",
)


def unpacked(body: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        return {one.name: (archive.extractfile(one) or io.BytesIO()).read().decode() for one in archive}


def test_nothing_that_was_planted_comes_out_and_the_fault_does() -> None:
    seen = Snapshot(
        AT,
        containers=(ContainerFact("redis", "id", "p", "exited", command=("redis-server", SECRET)),),
        logs=(LogFact("redis", LINES),),
    )
    look = recorded.write((Look("diagnose", 1.0, False, plan(), seen),), "1")
    texts = {"look.json": look, "logs/redis.log": "\n".join(LINES)}
    files = unpacked(evidence(texts, AT, Redactor([SECRET])))
    assert [name for name in files for planted in PLANTED if planted in files[name]] == []
    assert all("CUDA out of memory. Tried to allocate 20.00 MiB" in text for text in files.values())
    (back,) = recorded.read(files["look.json"], "look.json")
    assert back.seen.logs is not None
    assert "(address 1)" in files["logs/redis.log"]
    assert "(address 1)" in files["look.json"]


def test_its_size_is_bounded_and_the_end_of_a_log_is_what_stays() -> None:
    long = "beginning\n" + ("x" * 99 + "\n") * (FILE_BYTES // 100 + 10) + "the end\n"
    files = unpacked(evidence({f"{number:02}.log": long for number in range(20)}, AT, Redactor()))
    assert sum(map(len, files.values())) <= ALL_BYTES
    assert files["00.log"].endswith("the end\n")
    assert files["00.log"].startswith("(the beginning is left out)")
    assert "19.log" not in files


def test_members_are_for_their_owner_and_bear_the_time_of_the_look() -> None:
    with tarfile.open(fileobj=io.BytesIO(evidence({"a.txt": "x"}, AT, Redactor()))) as archive:
        (one,) = archive
        assert (one.mode, one.mtime) == (0o600, 1767225600)


def test_the_verb_writes_one_for_its_owner_only(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["diagnose", "host.*", "--bundle", "e.tar.gz", "--set", "services.redis.memory=1GiB"]
    words += ["--set", f"services.llm_general.environment.HF_TOKEN={SECRET}"]
    run(words)
    assert stat.S_IMODE((here / "e.tar.gz").stat().st_mode) == 0o600
    files = unpacked((here / "e.tar.gz").read_bytes())
    assert {"report.txt", "report.json", "look.json", "rendered/compose.yaml"} <= files.keys()
    assert [name for name, text in files.items() if SECRET in text] == []
    assert json.loads(files["report.json"])["suite"] == "diagnose"
    assert SECRET not in capsys.readouterr().out


@pytest.mark.usefixtures("here")
def test_what_does_not_go_together_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diagnose", "--replay", "toolkit.yaml", "--fix"]) == 2
    assert "--replay judges what was seen elsewhere" in capsys.readouterr().err
