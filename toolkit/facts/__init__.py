"""What the probes saw, as frozen values, and the plain readings of them that everyone shares."""

from toolkit.facts.cards import CardFact, CardProcessFact, CardStateFact
from toolkit.facts.common import Unavailable
from toolkit.facts.containers import REMOVED, ContainerFact, Failure, LogFact, Outcome, failure_of
from toolkit.facts.engine import EngineFact, GpuTrialFact, ImageFact, UlimitFact
from toolkit.facts.host import ClockFact, DiskFact, HostFact, KernelFact, PortFact
from toolkit.facts.measured import Series, TrialFact
from toolkit.facts.models import CacheFact, EntryFact, HubFact, ModelFilesFact, ReachFact

__all__ = [
    "REMOVED",
    "CacheFact",
    "CardFact",
    "CardProcessFact",
    "CardStateFact",
    "ClockFact",
    "ContainerFact",
    "DiskFact",
    "EngineFact",
    "EntryFact",
    "Failure",
    "GpuTrialFact",
    "HostFact",
    "HubFact",
    "ImageFact",
    "KernelFact",
    "LogFact",
    "ModelFilesFact",
    "Outcome",
    "PortFact",
    "ReachFact",
    "Series",
    "TrialFact",
    "UlimitFact",
    "Unavailable",
    "failure_of",
]
