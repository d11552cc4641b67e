"""One injected fault of each class: the first finding is the true cause, and its remedy cures."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.gallery_model import tiny_model
from tests.support.injected import Fault, try_fault
from tests.support.injected_list import ONE_OF_EACH

pytestmark = pytest.mark.engine


@pytest.mark.parametrize("fault", ONE_OF_EACH, ids=lambda fault: fault.name)
def test_the_first_finding_names_the_cause_and_its_remedy_cures(fault: Fault, tmp_path: Path) -> None:
    if fault.service.startswith("llm"):
        tiny_model(tmp_path)
    result = try_fault(fault, tmp_path)
    assert result.named, result.detail
    assert result.cured
