"""What a service takes of a card against its planned share."""

from __future__ import annotations

from tests.support.plans import plan
from tests.support.watches import series, statuses, watched
from toolkit.checks.watch_gpu import watch_gpu


def test_cards() -> None:
    of = plan(machine="rtx-5090", environment="production")
    seen = [
        series("gpu_memory", "llm-general on card 0", [17000.0, 17100.0]),
        series("gpu_memory", "llm-fast on card 0", [17000.0]),
    ]
    found = watched(watch_gpu, *seen, of=of)
    assert set(statuses(found)) == {"llm-general on card 0", "llm-fast on card 0"}
    assert str(found["llm-fast on card 0"].status) == "fail"
    assert watched(watch_gpu, of=of) == {}
