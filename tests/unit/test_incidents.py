"""Incidents from public threads: the cause that was established comes out first, the red herrings beside it or not."""

from __future__ import annotations

import pytest

from tests.support.incidents import Incident, found, incidents, names_cause


@pytest.mark.parametrize("incident", [*incidents(), *incidents("incidents-more")], ids=lambda one: one.id)
def test_the_cause_is_named(incident: Incident) -> None:
    said = found(incident)
    assert said, "nothing was found"
    # Where nobody established the cause, it has to be among those that are named.
    lacks = [names_cause(one, incident.expected) for one in (said[:1] if incident.first else said)]
    assert "" in lacks, "\n".join(lacks)
