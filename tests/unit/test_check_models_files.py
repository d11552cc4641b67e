"""models.files: a model's directory that is not there."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.models_files import models_files
from toolkit.facts import ModelFilesFact


def test_a_directory_has_to_be_there() -> None:
    models = ModelFilesFact("llm-general", "/srv/mine", False), ModelFilesFact("llm-fast", "/srv/other", True)
    missing, there = ask(models_files, models=models)
    assert (missing.subject, missing.status, missing.cause) == ("llm-general", Status.FAIL, "/srv/mine")
    assert (
        missing.remedy == "correct `source: dir:…` (of the model, or in lora_modules), or put the files there"
    )
    assert (there.subject, there.status) == ("llm-fast", Status.PASS)
