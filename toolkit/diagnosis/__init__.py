"""Reads what servers, engine and kernel wrote, with the facts beside it, and weighs what may be the cause."""

from toolkit.diagnosis.reading import read
from toolkit.diagnosis.rule import EVIDENCE, TOLD, Hit, Rule, Signal, against, speaks_for
from toolkit.diagnosis.scene import Scene

__all__ = ["EVIDENCE", "TOLD", "Hit", "Rule", "Scene", "Signal", "against", "read", "speaks_for"]
