"""What the probes saw, as frozen values, and the plain readings of them that everyone shares."""

from toolkit.facts.cards import CardFact, CardProcessFact, CardStateFact
from toolkit.facts.common import Unavailable
from toolkit.facts.containers import (
    REMOVED,
    ContainerFact,
    Failure,
    LogFact,
    MountFact,
    Outcome,
    PublishedFact,
    UsageFact,
    failure_of,
)
from toolkit.facts.engine import EngineFact, GpuTrialFact, ImageFact, UlimitFact
from toolkit.facts.host import (
    CertificateFact,
    ClockFact,
    DiskFact,
    FilesystemFact,
    HostFact,
    KernelFact,
    PortFact,
    PressureFact,
)
from toolkit.facts.measured import Series, TrialFact
from toolkit.facts.models import CacheFact, EntryFact, HubFact, ModelFilesFact, ReachFact
from toolkit.facts.services import AlertFact, EndpointFact, FiguresFact, ReleaseFact

__all__ = [
    "REMOVED",
    "AlertFact",
    "CacheFact",
    "CardFact",
    "CardProcessFact",
    "CardStateFact",
    "CertificateFact",
    "ClockFact",
    "ContainerFact",
    "DiskFact",
    "EndpointFact",
    "EngineFact",
    "EntryFact",
    "Failure",
    "FiguresFact",
    "FilesystemFact",
    "GpuTrialFact",
    "HostFact",
    "HubFact",
    "ImageFact",
    "KernelFact",
    "LogFact",
    "ModelFilesFact",
    "MountFact",
    "Outcome",
    "PortFact",
    "PressureFact",
    "PublishedFact",
    "ReachFact",
    "ReleaseFact",
    "Series",
    "TrialFact",
    "UlimitFact",
    "Unavailable",
    "UsageFact",
    "failure_of",
]
