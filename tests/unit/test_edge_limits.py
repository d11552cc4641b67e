"""How much one key may ask for: the values, and what the configuration makes of them."""

from __future__ import annotations

import pytest

from tests.support import edge_config
from tests.support.edge_config import sections
from toolkit.planning.edge_limits import RateLimit, RateValues, rate_values


@pytest.mark.parametrize(("window_s", "retry_after_s"), [(60.0, 10), (1.0, 1), (61.0, 11)])
def test_who_is_over_comes_back_after_a_sixth_of_the_window(window_s: float, retry_after_s: int) -> None:
    values = rate_values(RateLimit(100, window_s))
    assert values == RateValues(100, round(window_s * 1000), round(2000 * window_s), retry_after_s)


def test_no_limit_is_none() -> None:
    assert rate_values(None) is None
    made = sections(edge_config.text("haproxy.cfg", edge_config.values())[0])
    assert not {"backend rates", "peers edge"} & set(made)
    assert "429" not in made["frontend edge"]


def test_a_limit_counts_what_is_admitted_and_outlives_a_reload() -> None:
    made = sections(edge_config.text("haproxy.cfg", edge_config.values(rate_limit=RateLimit(100, 60.0)))[0])
    assert "if wants_answer { sc0_gpc0_rate ge 100 }\n" in made["frontend edge"]
    assert "at most 100 requests in 60 s." in made["frontend edge"]
    assert "store gpc0,gpc0_rate(60000ms) peers edge\n" in made["backend rates"]
    assert "    localpeer self\n" in made["global"]
