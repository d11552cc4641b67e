"""LoRA adapters: what the server is told, what it reads, who asks it by which name, and what of a card they take."""

from __future__ import annotations

import pytest

from tests.support.plans import bundle, plan, service, settings
from toolkit.errors import ProfileError, UsageError
from toolkit.planning.model_facts import Attention, ModelFacts
from toolkit.planning.outside import hub_models
from toolkit.planning.plan import HubModel, Mount
from toolkit.planning.vram_parts import Server, Span, adapters, traits_of

HERE = 'services.llm_fast.lora_modules=[{name: legal, source: "dir:/srv/legal"}]'
BOTH = 'services.llm_fast.lora_modules=[{name: legal, source: "dir:adapters/legal"}, {name: a/b, source: "hf:org/b"}]'


def test_the_server_is_given_directories_and_repositories() -> None:
    fast = service("llm-fast", BOTH)
    at = fast.command.index("--enable-lora")
    assert fast.command[at:] == (
        *("--enable-lora", "--max-loras", "2"),
        *("--lora-modules", "legal=/adapters/legal", "a/b=org/b"),
    )
    assert Mount("bind", "adapters/legal", "/adapters/legal", read_only=True) in fast.mounts
    assert not [mount for mount in fast.mounts if "b" in mount.target.split("/")]


def test_only_an_adapter_of_the_hub_needs_a_way_out() -> None:
    assert plan(HERE).networks["inference"] is True
    assert service("llm-fast", HERE).environment["HF_HUB_OFFLINE"] == "1"
    assert plan(BOTH).networks["inference"] is False
    assert "HF_HUB_OFFLINE" not in service("llm-fast", BOTH).environment
    assert service("llm-general", BOTH).environment["HF_HUB_OFFLINE"] == "1"


def test_what_the_hub_has_to_give_is_known_before_the_start() -> None:
    assert hub_models(plan(HERE)) == ()
    assert hub_models(plan(BOTH)) == (HubModel("org/b", None, None, adapter=True),)


def test_the_edge_leads_their_names_to_their_server_and_a_stand_in_knows_them() -> None:
    (file,) = [f for path, f in bundle(HERE).files.items() if path.endswith("haproxy.cfg")]
    assert "acl asks_2 var(txn.model) -m str fast legal\n" in file.text
    general = service("llm-general", HERE).command
    assert general[general.index("--served-model-name") + 1 :][:3] == ("general", "fast", "legal")
    own = service("llm-fast", HERE).command
    assert own[own.index("--served-model-name") + 1 :][:3] == ("fast", "general", "--host")


def test_what_is_cached_is_forgotten_with_them() -> None:
    keys = {
        line
        for sets in ((), (HERE,), (HERE.replace("/srv/legal", "/srv/other"),))
        for path, file in bundle(*sets).files.items()
        if path.endswith("haproxy.cfg")
        for line in file.text.splitlines()
        if "x-edge-key" in line and "wants_models" in line
    }
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("sets", "where", "got"),
    [
        (
            HERE.replace("name: legal", "name: general"),
            "services.llm_fast.lora_modules[0].name",
            "general, as services.llm_general.served_name says",
        ),
        (
            "services.llm_fast.served_name=general",
            "services.llm_fast.served_name",
            "general, as services.llm_general.served_name says",
        ),
    ],
)
def test_a_name_that_is_taken_is_refused(sets: str, where: str, got: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(sets)
    (problem,) = caught.value.problems
    assert (problem.where, problem.what, problem.got) == (where, "this name is taken", got)


def test_a_rank_that_vllm_does_not_take_is_refused() -> None:
    with pytest.raises(ProfileError, match="max_lora_rank"):
        settings("services.llm_fast.flags.max_lora_rank=24")
    words = service("llm-fast", HERE, "services.llm_fast.flags.max_lora_rank=64").command
    assert words[words.index("--max-lora-rank") + 1] == "64"


def test_memory_of_the_places_for_them() -> None:
    # Llama 3 8B has 42 million elements in adapters of rank 16 on all projections (PEFT's own count: 41 943 040).
    llama = ModelFacts(32, (Attention(32, 8, 128),), 4096, 14336, 128256, 16 * 10**9, 8192)
    plain = Server(0.9, 1, 2048, traits_of((0, 32)))
    assert adapters(llama, plain) == Span(0, 0, 0)
    one = adapters(llama, Server(0.9, 1, 2048, traits_of((0, 32)), adapters=1, adapter_rank=16))
    assert one.likely / 2 == pytest.approx(41_943_040, rel=0.001)
    three = adapters(llama, Server(0.9, 1, 2048, traits_of((0, 32)), adapters=3, adapter_rank=64))
    assert three.likely == pytest.approx(12 * one.likely)


def test_a_sum_that_does_not_fit_names_them() -> None:
    many = ", ".join(f'{{name: a{n}, source: "dir:/srv/a{n}"}}' for n in range(60))
    said = (
        f"services.llm_general.lora_modules=[{many}]",
        "services.llm_general.flags.max_lora_rank=512",
    )
    with pytest.raises(UsageError) as caught:
        plan(*said, machine="rtx-5090")
    (problem,) = caught.value.problems
    assert "adapters " in problem.got
    assert "does not fit its card" in problem.what
