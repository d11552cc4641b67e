"""Names outside: known, unknown, and a resolver that hangs."""

from __future__ import annotations

import socket
import threading

from toolkit.clock import Deadline
from toolkit.facts import ReachFact
from toolkit.probes.names import name_facts


def test_known_and_unknown_and_hanging() -> None:
    release = threading.Event()

    def resolve(name: str) -> str:
        if name == "slow":
            release.wait()
        if name == "unknown":
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return ""

    found = name_facts(["known", "unknown", "slow"], Deadline.after(1.0), resolve)
    release.set()
    assert found == (
        ReachFact("known", ""),
        ReachFact("unknown", "Name or service not known"),
        ReachFact("slow", "the resolver does not answer"),
    )


def test_the_resolver_of_this_machine() -> None:
    assert name_facts(["localhost"], Deadline.after(5)) == (ReachFact("localhost", ""),)
