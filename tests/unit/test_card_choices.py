"""What `init` makes of the cards that it finds: who is on which, and why some machine does without."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from tests.unit.test_cards_probe import Driver, NVMLError, NVMLError_LibraryNotFound
from tests.unit.test_choices import OPEN
from toolkit.planning.build import build_plan
from toolkit.planning.card_choices import FoundCard
from toolkit.planning.choices import Machine, choose
from toolkit.planning.plan import Plan
from toolkit.profile.load import load_profile
from toolkit.resources import resource_dir
from toolkit.routines.init import profile_text, write_profile
from toolkit.routines.machine import found_cards
from toolkit.units import MIB
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.probes.cards import Nvml

GIB = 1024 * MIB
UUID = "GPU-5d6f2a1c-0b7e-4c55-9a51-2f3d8f6b7c9"


def card(index: int, gib: float, capability: tuple[int, int] = (8, 9), name: str = "NVIDIA L4") -> FoundCard:
    return FoundCard(index, f"{UUID}{index % 10}", name, int(gib * GIB), capability)


def machine(*cards: FoundCard, **others: object) -> Machine:
    return replace(OPEN, memory_bytes=128 * GIB, cards=cards, driver="580.1", **others)  # type: ignore[arg-type]


def planned(found: Machine, directory: Path) -> Plan:
    """Return the plan of what is written for a machine; nothing in it may be open, or too close to call."""
    write_profile(directory, profile_text(found, "production", None), replace=False)
    loaded = load_profile(
        directory, environment=None, hardware=None, sets=(), profiles_dir=resource_dir("profiles")
    )
    plan = build_plan(loaded.settings)
    assert plan.warnings == ()
    return plan


def servers(plan: Plan) -> dict[str, tuple[str, list[int]]]:
    return {s.name: (s.command[0], [pin.index for pin in s.gpus]) for s in plan.services if s.pin == "vllm"}


def test_one_large_card_is_shared_by_both(tmp_path: Path) -> None:
    plan = planned(machine(card(0, 31.36, (12, 0))), tmp_path)
    assert servers(plan) == {
        "llm-general": ("Qwen/Qwen3-14B-AWQ", [0]),
        "llm-fast": ("Qwen/Qwen3-4B-AWQ", [0]),
    }
    shares = [s.gpus[0].share for s in plan.services if s.pin == "vllm"]
    assert shares == [0.65, 0.35]


def test_a_small_card_has_one_model_and_all_of_it(tmp_path: Path) -> None:
    plan = planned(machine(card(0, 7.6)), tmp_path)
    ((name, (model, cards)),) = servers(plan).items()
    assert (name, model, cards) == ("llm-general", "Qwen/Qwen3-4B-AWQ", [0])
    assert (
        "  # The cards have no room for it.\n  llm_fast: {enabled: false}"
        in (tmp_path / "toolkit.yaml").read_text()
    )


def test_the_largest_of_unequal_cards_has_the_larger_model(tmp_path: Path) -> None:
    plan = planned(machine(card(0, 7.6), card(1, 22.0)), tmp_path)
    assert servers(plan) == {
        "llm-general": ("Qwen/Qwen3-14B-AWQ", [1]),
        "llm-fast": ("Qwen/Qwen3-4B-AWQ", [0]),
    }


def test_a_third_card_embeds_and_others_are_spare(tmp_path: Path) -> None:
    plan = planned(machine(*(card(i, 22.0) for i in range(5))), tmp_path)
    assert servers(plan)["embeddings"] == ("BAAI/bge-m3", [2])
    assert "# Spare cards: 3, 4." in (tmp_path / "toolkit.yaml").read_text()


def test_an_instance_of_a_cut_card_is_a_card(tmp_path: Path) -> None:
    cut = replace(
        card(100, 19.5), uuid="MIG-4bd078ee-fb8a-5e9c-a0ad-a38f0e4e6d06", name="NVIDIA A100-SXM4-80GB"
    )
    plan = planned(machine(cut), tmp_path)
    assert {pin.device_id for s in plan.services for pin in s.gpus} == {cut.uuid}


def test_an_old_card_gets_what_it_can_reckon_with(tmp_path: Path) -> None:
    plan = planned(machine(card(0, 14.6, (7, 5), "Tesla T4")), tmp_path)
    commands = [s.command for s in plan.services if s.pin == "vllm"]
    assert commands
    assert all(words[words.index("--dtype") + 1] == "float16" for words in commands)


def test_what_is_written_names_the_cards_as_they_were_seen(tmp_path: Path) -> None:
    planned(machine(card(0, 22.0, name='NVIDIA "L4": {x}')), tmp_path)
    text = (tmp_path / "toolkit.yaml").read_text()
    assert "# 8 cores, 128 GiB, 1 NVIDIA card, driver 580.1.\nhardware: gpu\n" in text
    assert "      # compute capability 8.9\n" in text
    assert f'uuid: {UUID}0, name: "NVIDIA \\"L4\\": {{x}}", memory: 22GiB}}' in text


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (replace(OPEN), "no NVIDIA card"),
        (
            replace(OPEN, driver="Driver/library version mismatch"),
            "its NVIDIA driver fails: Driver/library version",
        ),
        (
            machine(card(0, 11.0, (6, 1))),
            "no NVIDIA card of compute capability 7.5 or newer, which vLLM needs",
        ),
        (machine(card(0, 1.0)), "no NVIDIA card that is large enough for a model of the catalogue"),
        (
            machine(card(0, 22.0), card(1, 22.0), registry="no such host"),
            "2 NVIDIA cards, but the image for them",
        ),
    ],
)
def test_why_a_machine_does_without(found: Machine, why: str, tmp_path: Path) -> None:
    text = profile_text(found, "testing", None)
    choice = choose(found, None).hardware
    assert (choice.value, "hardware: cpu\n" in text) == ("cpu", True)
    assert why in choice.why
    write_profile(tmp_path, text, replace=False)


def test_without_the_hub_the_tiny_model_is_on_the_card(tmp_path: Path) -> None:
    plan = planned(machine(card(0, 22.0), hub="no answer"), tmp_path)
    assert {model for model, _ in servers(plan).values()} == {"/models/tiny"}


def test_cards_are_taken_over_with_what_programs_can_have_of_them() -> None:
    name = "NVIDIA RTX 4000 Ada Generation"
    cards, driver = found_cards(cast("Nvml", Driver()))
    assert driver == "580.1"
    assert cards == tuple(FoundCard(i, f"GPU-{i}", name, 20060 * MIB, (8, 9)) for i in (0, 1))


@pytest.mark.parametrize(
    ("failing", "trouble"),
    [
        (NVMLError_LibraryNotFound("not found"), ""),
        (NVMLError("Driver/library version mismatch"), "Driver/library version mismatch"),
    ],
)
def test_without_a_driver_or_with_a_broken_one_init_goes_on(failing: Exception, trouble: str) -> None:
    assert found_cards(cast("Nvml", Driver(failing))) == ((), trouble)


def test_who_asks_for_no_cards_gets_none() -> None:
    assert choose(machine(card(0, 22.0)), "cpu").cards is None
