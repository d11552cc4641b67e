"""host.names: what the resolver does not know."""

from __future__ import annotations

from tests.support.findings import ask
from toolkit.checking import Status
from toolkit.checks.host_names import host_names
from toolkit.facts import ReachFact


def test_an_unknown_name_is_a_warning_as_a_proxy_may_know_it() -> None:
    names = (ReachFact("huggingface.co", ""), ReachFact("registry-1.docker.io", "Name or service not known"))
    warned, known = ask(host_names, names=names)
    assert (warned.subject, warned.status) == ("registry-1.docker.io", Status.WARN)
    assert warned.observed == "Name or service not known"
    assert "getent hosts registry-1.docker.io" in warned.remedy
    assert (known.subject, known.status, known.remedy) == ("huggingface.co", Status.PASS, "")
