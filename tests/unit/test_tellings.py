"""What services print of themselves, recorded from the real ones, and the one command that asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from toolkit.clock import Deadline
from toolkit.engine import figures
from toolkit.engine.runner import Completed
from toolkit.engine.tellings import Tellings, model_answers
from toolkit.errors import EngineError
from toolkit.facts import AlertFact, EndpointFact, FiguresFact

SOON = Deadline.after(60)
METRICS = """# HELP vllm:kv_cache_usage_perc KV-cache usage. 1 means 100 percent usage.
# TYPE vllm:kv_cache_usage_perc gauge
vllm:kv_cache_usage_perc{engine="0",model_name="general"} 0.25
vllm:kv_cache_usage_perc{engine="1",model_name="general"} 0.75
# TYPE vllm:request_success_total counter
vllm:request_success_total{engine="0",finished_reason="stop",model_name="general"} 3.0
vllm:request_success_total{engine="0",finished_reason="length",model_name="general"} 4.0
# TYPE vllm:time_to_first_token_seconds histogram
vllm:time_to_first_token_seconds_bucket{le="0.001",model_name="general"} 0.0
vllm:time_to_first_token_seconds_sum{model_name="general"} 1.5
process_open_fds 12.0
"""
STAT = """Name: HAProxy
CurrConns: 3

# pxname,svname,qcur,scur,status,check_status,hrsp_5xx,addr,
api,FRONTEND,,0,OPEN,,2,,
llm-general,llm-general,0,1,UP,L7OK,0,172.18.0.5:8000,
llm-general,BACKEND,7,1,UP,,1,,

"""


@dataclass
class Says:
    """Answers every command with one text; keeps what it was asked."""

    out: str = ""
    code: int = 0
    err: str = ""
    asked: list[Sequence[str]] = field(default_factory=list)
    stdin: Any = None

    def run(self, argv: Sequence[str], *, stdin: Any = None, **_: Any) -> Completed:
        self.asked.append(argv)
        self.stdin = stdin
        return Completed(tuple(argv), self.code, self.out, self.err, 0.1)


def test_vllm_s_metrics_are_summed_and_gauges_are_not() -> None:
    found = figures.prometheus_figures("llm-general", METRICS)
    assert found.numbers == {
        "kv_cache_usage_perc": 0.75,
        "request_success_total": 7.0,
        "time_to_first_token_seconds_sum": 1.5,
    }


def test_the_edge_s_table() -> None:
    says = Says(STAT)
    found = Tellings(says, "p").edge(SOON)
    assert found.numbers["llm-general/BACKEND/qcur"] == 7
    assert found.numbers["api/FRONTEND/hrsp_5xx"] == 2
    assert found.numbers["CurrConns"] == 3
    assert found.texts["llm-general/llm-general/check_status"] == "L7OK"
    assert found.texts["llm-general/llm-general/addr"] == "172.18.0.5:8000"
    assert says.asked[0][:4] == ("docker", "exec", "--interactive", "p-edge-1")


def test_redis_gets_its_password_on_standard_input_only() -> None:
    says = Says(
        "OK\n# Server\r\nredis_version:8.0.2\r\nused_memory:1048576\r\nmaxmemory_policy:allkeys-lru\r\n"
    )
    found = Tellings(says, "p").redis("app", "hunter2", SOON)
    assert (found.numbers["used_memory"], found.texts["maxmemory_policy"]) == (1048576, "allkeys-lru")
    assert found.texts["redis_version"] == "8.0.2"
    assert "hunter2" not in " ".join(says.asked[0])
    assert says.stdin == "AUTH app hunter2\nINFO\n"
    with pytest.raises(EngineError, match="WRONGPASS") as refused:
        Tellings(Says("WRONGPASS invalid"), "p").redis("app", "hunter2", SOON)
    assert "hunter2" not in str(refused.value)


def test_a_table_of_names_and_values() -> None:
    found = Tellings(
        Says("Threads_connected\t4\nmax_connections\t200\nversion\t11.8.3-MariaDB\n"), "p"
    ).mariadb(SOON)
    assert found == FiguresFact(
        "mariadb", {"Threads_connected": 4, "max_connections": 200}, {"version": "11.8.3-MariaDB"}
    )
    assert found.share("Threads_connected", "max_connections") == pytest.approx(4 / 204)
    assert found.share("Threads_connected", "none") is None
    with pytest.raises(EngineError, match="Access denied"):
        Tellings(Says(code=1, err="ERROR 1045: Access denied"), "p").mariadb(SOON)


def test_each_path_of_a_model_server_is_an_answer() -> None:
    said = (
        '{"object":"list"}\n@@200 0.004 http://127.0.0.1:8000/v1/models \n'
        "\n@@000 2.501 http://127.0.0.1:8000/health Operation timed out after 2501 milliseconds\n"
        f"{METRICS}\n@@200 0.010 http://127.0.0.1:8000/metrics \n"
    )
    found = Tellings(Says(said, code=28), "p").model("llm-general", SOON)
    assert found.endpoints == (
        EndpointFact("llm-general", "/v1/models", 200, 0.004, '{"object":"list"}'),
        EndpointFact(
            "llm-general", "/health", 0, 2.501, refusal="Operation timed out after 2501 milliseconds"
        ),
        EndpointFact("llm-general", "/metrics", 200, 0.01),
    )
    assert [one.answers for one in found.endpoints] == [True, False, True]
    assert found.metrics is not None
    assert found.metrics.numbers["request_success_total"] == 7
    assert model_answers("x", "").endpoints == ()


def test_prometheus_alerts() -> None:
    text = """{"status":"success","data":{"alerts":[{"labels":{"alertname":"ModelDown","service":"llm-fast",
    "severity":"critical"},"annotations":{"summary":"no answer"},
    "state":"firing","activeAt":"2026-01-01T00:00:00Z"}]}}"""
    assert Tellings(Says(text), "p").alerts(SOON) == (
        AlertFact("ModelDown", "firing", "llm-fast", "critical", "2026-01-01T00:00:00Z", "no answer"),
    )
    with pytest.raises(EngineError, match="does not tell"):
        Tellings(Says('{"status":"error"}'), "p").alerts(SOON)
