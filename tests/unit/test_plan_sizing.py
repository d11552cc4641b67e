"""The memory of model servers in the plan: what fits, what is refused, what is told, what is chosen."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.support.plans import plan, settings
from toolkit.cli.app import run
from toolkit.errors import UsageError
from toolkit.planning.build import build_plan
from toolkit.planning.survey import survey

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.planning.plan import Plan

FLAGS = "services.llm_general.flags"
OPEN = (f"{FLAGS}.max_model_len=auto", f"{FLAGS}.max_num_seqs=auto", f"{FLAGS}.max_num_batched_tokens=auto")
TOO_LONG = f"{FLAGS}.max_model_len=40960"
GIB = 2**30


def two_hosts(*sets: str) -> Plan:
    return plan(*sets, environment="production", machine="two-hosts")


def flag(planned: Plan, name: str, flag_name: str) -> str:
    service = planned.service(name)
    assert service is not None
    return service.command[service.command.index(flag_name) + 1]


def refusal(*sets: str) -> str:
    with pytest.raises(UsageError) as caught:
        two_hosts(*sets)
    return str(caught.value)


@pytest.mark.parametrize("machine", ["two-hosts", "rtx-5090"])
@pytest.mark.parametrize(
    "sets",
    [
        (),
        ("gpu.memory_utilization=0.75",),
        (
            "gpu.memory_utilization=0.9",
            "services.llm_general.model=exaone-3.5-7.8b-awq",
            "services.llm_fast.model=exaone-3.5-2.4b-awq",
            f"{FLAGS}.max_model_len=32768",
            "services.llm_fast.flags.max_model_len=32768",
        ),
    ],
    ids=["as shipped", "strict", "exaone"],
)
def test_what_is_shipped_fits_with_certainty(machine: str, sets: tuple[str, ...]) -> None:
    site, _ = survey(settings(*sets, environment="production", machine=machine))
    verdicts = {key: one.fit.verdict for key, one in site.sized.items() if one.fit is not None}
    expected = {"llm_general", "llm_fast", *(("embeddings",) if machine == "two-hosts" else ())}
    assert verdicts == dict.fromkeys(expected, "fits")


def test_reasons_of_the_cache_of_the_reference_production() -> None:
    reasons = two_hosts().reasons
    memory = reasons["services.llm_general.kv_memory"]
    assert isinstance(memory.value, int)
    assert memory.inputs["services.llm_general.flags.gpu_memory_utilization"] == 0.82
    assert memory.inputs["weights at least"] == int(9514 * 2**20 * 0.995)
    at_least, at_most = memory.inputs["kv_memory at least"], memory.inputs["kv_memory at most"]
    assert isinstance(at_least, int)
    assert isinstance(at_most, int)
    assert 5.4 * GIB < at_least < memory.value < at_most < 6.6 * GIB
    assert reasons["services.llm_general.kv_bytes_per_token"].value == 2 * 40 * 8 * 128 * 2
    assert reasons["services.llm_general.kv_tokens"].value == memory.value // 163840 // 16 * 16
    assert reasons["services.llm_general.kv_context"].value == memory.value // 163840 // 16 * 16
    sequences = reasons["services.llm_general.kv_sequences"].value
    assert sequences == pytest.approx(memory.value / 163840 / 6144, abs=0.01)
    assert "services.embeddings.kv_tokens" in reasons


def test_a_flag_in_the_profile_wins_and_is_marked() -> None:
    planned = two_hosts(f"{FLAGS}.max_model_len=8192")
    reason = planned.reasons["services.llm_general.flags.max_model_len"]
    assert flag(planned, "llm-general", "--max-model-len") == "8192"
    assert (reason.value, reason.formula, reason.source) == (8192, "chosen by hand", "the profile")


def test_what_is_left_open_is_chosen_for_the_concurrency() -> None:
    planned = two_hosts(*OPEN)
    chosen = ("--max-model-len", "--max-num-seqs", "--max-num-batched-tokens")
    assert [flag(planned, "llm-general", name) for name in chosen] == ["2048", "16", "2048"]
    reason = planned.reasons["services.llm_general.flags.max_model_len"]
    assert reason.value == 2048
    assert reason.formula.startswith("so that `concurrency` requests of full length have room at once")
    assert reason.inputs["services.llm_general.concurrency"] == 16
    edge = planned.service("edge")
    assert edge is not None
    assert edge.config is not None


def test_fewer_requests_at_once_leave_longer_ones() -> None:
    four = two_hosts(*OPEN, "services.llm_general.concurrency=4")
    assert flag(four, "llm-general", "--max-model-len") == "9216"
    assert flag(four, "llm-general", "--max-num-seqs") == "4"


def test_an_open_batch_is_as_large_as_costs_little() -> None:
    fast = two_hosts("services.llm_fast.flags.max_num_batched_tokens=auto")
    assert flag(fast, "llm-fast", "--max-num-batched-tokens") == "4096"


def test_an_encoder_is_given_its_whole_length() -> None:
    where = "services.embeddings.flags"
    planned = two_hosts(f"{where}.max_model_len=auto", f"{where}.max_num_batched_tokens=auto")
    assert flag(planned, "embeddings", "--max-model-len") == "8192"
    assert flag(planned, "embeddings", "--max-num-batched-tokens") == "8192"


def test_a_model_that_does_not_fit_is_refused_with_its_sum_and_what_fits() -> None:
    assert refusal(f"{FLAGS}.gpu_memory_utilization=0.4") == (
        "services.llm_general: qwen3-14b-awq does not fit its card: 2.97 GiB are missing\n"
        "   got: card         19.59 GiB, of which 0.4: 7.84 GiB\n"
        "        weights      9.24 to 9.43 GiB\n"
        "        activations  0.17 to 0.42 GiB\n"
        "        graphs       0.04 to 0.16 GiB\n"
        "        other        0.03 to 0.55 GiB\n"
        "        cache        -2.66 to -1.69 GiB\n"
        "        cache needs  0.94 GiB for 1 request of 6144 tokens\n"
        "  next: these fit; in toolkit.yaml, one of them:\n"
        "        services:\n"
        "          llm_general: {flags: {gpu_memory_utilization: 0.59}}\n"
        "          llm_general: {model: qwen3-8b-awq}\n"
        "          llm_general: {model: qwen3-1.7b}"
    )


def test_a_concurrency_that_has_no_room_is_refused() -> None:
    said = refusal(f"{FLAGS}.max_num_seqs=auto", f"{FLAGS}.max_model_len=16384")
    assert "33.80 GiB are missing" in said
    assert "40.00 GiB for 16 requests of 16384 tokens" in said
    assert "llm_general: {flags: {max_num_seqs: 2}}" in said


def test_what_is_proposed_is_taken() -> None:
    for proposed in ("gpu_memory_utilization=0.59", "gpu_memory_utilization=0.82"):
        assert two_hosts(f"{FLAGS}.{proposed}").warnings == ()
    assert two_hosts(f"{FLAGS}.gpu_memory_utilization=0.4", "services.llm_general.model=qwen3-8b-awq")


def test_all_that_do_not_fit_are_told_at_once() -> None:
    said = refusal(
        f"{FLAGS}.gpu_memory_utilization=0.4", "services.llm_fast.flags.gpu_memory_utilization=0.1"
    )
    assert "services.llm_general: qwen3-14b-awq does not fit" in said
    assert "services.llm_fast: qwen3-4b-awq does not fit" in said


def test_too_close_to_call_is_a_warning_and_for_the_strict_an_error() -> None:
    (warning,) = two_hosts(TOO_LONG).warnings
    assert warning.where == "services.llm_general"
    assert warning.what == "whether qwen3-14b-awq fits its card is too close to call"
    assert "cache needs  6.25 GiB for 1 request of 40960 tokens" in warning.got
    assert "llm_general: {flags: {kv_cache_dtype: fp8}}" in warning.next_step
    found = settings(TOO_LONG, environment="production", machine="two-hosts")
    with pytest.raises(UsageError) as caught:
        build_plan(found.model_copy(update={"strict": True}))
    assert caught.value.problems == (warning,)


def test_shares_by_hand_come_to_the_card_at_most() -> None:
    with pytest.raises(UsageError) as caught:
        plan(
            f"{FLAGS}.gpu_memory_utilization=0.8",
            "services.llm_fast.flags.gpu_memory_utilization=0.3",
            environment="production",
            machine="rtx-5090",
        )
    assert str(caught.value) == (
        "hosts.local.gpus[0]: its model servers take more than the whole card\n"
        "   got: services.llm_general.flags.gpu_memory_utilization  0.8\n"
        "        services.llm_fast.flags.gpu_memory_utilization     0.3\n"
        "        together                                           1.1\n"
        "  next: lower one of these flags"
    )


@pytest.mark.parametrize(("share", "warned"), [(0.9, False), (0.91, True), (1.0, True)])
def test_a_crowded_card_is_told(share: float, *, warned: bool) -> None:
    warnings = two_hosts(f"{FLAGS}.gpu_memory_utilization={share}").warnings
    assert [warning.where for warning in warnings] == (["hosts.ai.gpus[0]"] if warned else [])
    assert [warning.what for warning in warnings] == (
        ["more than 90% of this card is planned"] if warned else []
    )


@pytest.mark.parametrize(
    ("section", "flags", "said"),
    [
        (
            "llm_fast",
            ("max_model_len=65536",),
            "services.llm_fast.flags.max_model_len: qwen3-4b-awq was made for 40960 tokens\n"
            "   got: 65536\n"
            "  next: write at most 40960",
        ),
        (
            "llm_fast",
            ("max_num_batched_tokens=8",),
            "services.llm_fast.flags.max_num_batched_tokens: a step has to have a token for each of 16 requests\n"
            "   got: 8\n"
            "  next: write at least 16, or lower max_num_seqs",
        ),
        (
            "embeddings",
            ("max_num_batched_tokens=2048",),
            "services.embeddings.flags.max_num_batched_tokens: bge-m3 reads a text at once, and one may have 6144 "
            "tokens\n"
            "   got: 2048\n"
            "  next: write at least 6144, or lower max_model_len",
        ),
    ],
)
def test_numbers_that_contradict_each_other_are_refused(
    section: str, flags: tuple[str, ...], said: str
) -> None:
    assert refusal(*(f"services.{section}.flags.{flag}" for flag in flags)) == said


def test_a_model_of_unknown_size_is_told() -> None:
    (warning,) = two_hosts('models."qwen3-4b-awq".facts=null').warnings
    assert warning.as_text() == (
        "services.llm_fast.model: nothing is known of the size of qwen3-4b-awq: whether it fits its card cannot be "
        "told\n"
        "   got: facts: null\n"
        "  next: write its facts to toolkit.yaml: `toolkit profile facts qwen3-4b-awq` prints them"
    )
    assert two_hosts("services.llm_fast.model=tiny").warnings == ()


def test_auto_needs_a_card_and_facts() -> None:
    with pytest.raises(UsageError) as caught:
        plan("services.llm_fast.flags.max_model_len=auto")
    assert str(caught.value) == (
        "services.llm_fast.flags: `auto` cannot be planned: it has no card\n"
        "   got: max_model_len: auto\n"
        "  next: write numbers, such as max_model_len: 6144, max_num_seqs: 16, max_num_batched_tokens: 2048"
    )
    said = refusal(*OPEN, "services.llm_general.model=tiny")
    assert "`auto` cannot be planned: nothing is known of the size of tiny" in said


def test_weights_of_a_flag_count_as_they_are_loaded() -> None:
    def weights(*sets: str) -> object:
        reasons = plan(*sets, environment="production", machine="rtx-5090").reasons
        return reasons["services.llm_fast.kv_memory"].inputs["weights at least"]

    plain, fp8, wide = (
        weights(),
        weights("services.llm_fast.flags.quantization=fp8"),
        weights("services.llm_fast.flags.dtype=float32", "services.llm_fast.flags.max_model_len=2048"),
    )
    assert isinstance(plain, int)
    assert isinstance(fp8, int)
    assert fp8 < plain
    assert wide == pytest.approx(2 * plain, abs=2)


def test_validate_tells_the_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "hardware: rtx-5090\nhosts: {local: {memory: 62GiB, cpus: 16.0}}\nimage_source: registry\n"
        'engine: {version: "28.5"}\nmodel_cache: {source: volume}\n'
        'models: {"qwen3-1.7b": {facts: null}}\n'
    )
    (tmp_path / "toolkit.yaml").write_text(text)
    words = ["validate", "--project-dir", str(tmp_path), "--output", "json"]

    assert run(words) == 0
    told = capsys.readouterr()
    assert told.err.startswith("warning: services.llm_fast.model: nothing is known of the size of qwen3-1.7b")
    assert [w["where"] for w in json.loads(told.out)["warnings"]] == ["services.llm_fast.model"]
    assert run([*words, "--strict"]) == 2
    assert capsys.readouterr().err.startswith("error: services.llm_fast.model: nothing is known")


@hypothesis_settings(deadline=None, max_examples=20)
@given(st.integers(12, 80), st.integers(0, 40))
def test_a_larger_card_never_holds_less_and_a_plan_is_a_pure_function(card_gib: int, more_gib: int) -> None:
    found = settings(*OPEN, environment="production", machine="two-hosts")

    def lengths(memory_gib: int) -> tuple[int, int]:
        ai = found.hosts["ai"]
        gpus = [gpu.model_copy(update={"memory": memory_gib * GIB}) for gpu in ai.gpus]
        hosts = {**found.hosts, "ai": ai.model_copy(update={"gpus": gpus})}
        changed = found.model_copy(update={"hosts": hosts})
        try:
            first = build_plan(changed)
        except UsageError:
            return 0, 0
        assert build_plan(changed) == first
        values = [int(flag(first, "llm-general", name)) for name in ("--max-model-len", "--max-num-seqs")]
        return values[0], values[1]

    (length, seqs), (longer, same) = lengths(card_gib), lengths(card_gib + more_gib)
    assert longer * same >= length * seqs
