"""LoRA adapters answer by names of their own, through the edge, beside the model that they were made for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.support.adapters import write_adapter
from tests.support.models import generated, lend
from tests.support.stack import OFF, TINY, Stack, gone_at_the_end

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engine
RANK = 32
ADAPTERS = ("legal", "org/medical")


@pytest.fixture(scope="module")
def adapted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """One model with two adapters of a rank above vLLM's own limit."""
    directory = tmp_path_factory.mktemp("adapted")
    for number, name in enumerate(ADAPTERS):
        write_adapter(directory / "adapters" / name.replace("/", "-"), generated("tiny"), RANK - 8 * number)
    served = [{"name": name, "source": f"dir:adapters/{name.replace('/', '-')}"} for name in ADAPTERS]
    fast = {**TINY, "lora_modules": served, "flags": {"max_lora_rank": RANK}}
    alone = Stack(
        directory,
        llm_fast=fast,
        llm_general=OFF,
        mariadb=OFF,
        redis=OFF,
        prometheus=OFF,
        response_cache=OFF,
    )
    with gone_at_the_end(lend(alone)) as stack:
        stack.up("--wait=models")
        yield stack


def said(stack: Stack, model: str, status: int = 200) -> Any:
    body = {"model": model, "prompt": "one and the same", "max_tokens": 16, "temperature": 0}
    with stack.client() as client:
        answer = client.post("/v1/completions", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_each_name_answers_in_its_own_words(adapted: Stack) -> None:
    texts = {name: said(adapted, name)["choices"][0]["text"] for name in ("fast", *ADAPTERS)}
    assert len(set(texts.values())) == 3, texts
    assert said(adapted, "legal")["choices"][0]["text"] == texts["legal"]


def test_they_are_listed_and_no_others_are_known(adapted: Stack) -> None:
    with adapted.client() as client:
        listed = {one["id"] for one in client.get("/v1/models").json()["data"]}
    assert listed == {"fast", *ADAPTERS}
    assert said(adapted, "medical", status=404)["error"]["code"] == "model_not_found"
    assert adapted.toolkit("smoke-test", "--output=json").json["verdict"] == "pass"
