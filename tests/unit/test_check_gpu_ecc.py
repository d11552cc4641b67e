"""Cards whose memory is damaged."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.gpu_ecc import gpu_ecc
from toolkit.facts import CardStateFact


def test_errors_are_a_failure_and_no_word_is_none() -> None:
    seen = (
        CardStateFact(0, "GPU-1", 100, 50, ecc_uncorrected=2),
        CardStateFact(1, "GPU-2", 100, 50, ecc_uncorrected=0),
        CardStateFact(2, "GPU-3", 100, 50),
    )
    bad, good = ask(gpu_ecc, card_states=seen)
    assert (bad.subject, bad.status, "-i 0" in bad.remedy) == ("card 0", Status.FAIL, True)
    assert (good.subject, good.status) == ("card 1", Status.PASS)
