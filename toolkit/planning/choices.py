"""What `init` decides for a machine: the values that a profile leaves at `auto`, each with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.planning.card_choices import OLDEST_CAPABILITY, CardChoice, FoundCard, place_models
from toolkit.planning.model_facts import ModelFacts
from toolkit.planning.plan import ImageSource
from toolkit.units import MIB, format_bytes
from toolkit.values import Value

# Below this, two servers with a 0.6 B model each would crowd out everything else.
_MEMORY_FOR_HUB_MODEL = 12 * 1024 * MIB
GPU = "gpu"
"""The hardware profile of one host with cards that were looked at."""


class ModelCacheFound(Value):
    """A Hugging Face cache that the host has already, and its owner."""

    path: str
    uid: int
    gid: int


class Machine(Value):
    """What was seen of a machine. `registry` and `hub` are empty where reachable, else the reason why not.

    `driver` is the version of the NVIDIA driver, or what is wrong with it; empty without one.
    """

    engine_version: str
    memory_bytes: int
    cpus: int
    registry: str
    hub: str
    cache: ModelCacheFound | None
    uid: int
    gid: int
    cards: tuple[FoundCard, ...] = ()
    driver: str = ""


class Choice(Value):
    """A value and why it was chosen."""

    value: object
    why: str


class Choices(Value):
    """A choice for each key that a profile leaves open.

    `run_as` is None for root, who can give files away; `search` where the environment decides.
    """

    hardware: Choice
    memory: Choice
    cpus: Choice
    image_source: Choice
    engine: Choice
    cache: Choice
    model: Choice
    run_as: Choice | None
    search: Choice | None
    cards: CardChoice | None = None


def choose(machine: Machine, hardware: str | None, models: Mapping[str, ModelFacts] | None = None) -> Choices:
    """Return what suits `machine`; `hardware` where somebody has decided; `models` is what the catalogue has."""
    cards = _cards(machine, models or {}) if hardware in {None, GPU} else None
    return Choices(
        hardware=_hardware(machine, hardware, cards),
        cards=cards,
        memory=Choice(format_bytes(machine.memory_bytes // MIB * MIB), "what this machine has"),
        cpus=Choice(float(machine.cpus), "what this machine has"),
        image_source=_image_source(machine),
        engine=Choice(_major_minor(machine.engine_version), f"the engine here is {machine.engine_version}"),
        cache=_cache(machine),
        model=_model(machine),
        run_as=_run_as(machine),
        search=_search(machine),
    )


def _cards(machine: Machine, models: Mapping[str, ModelFacts]) -> CardChoice | None:
    """Cards need the official image: what is built on a machine is for processors."""
    if machine.registry:
        return None
    return place_models(machine.cards, models, "tiny" if machine.hub else None)


def _hardware(machine: Machine, said: str | None, cards: CardChoice | None) -> Choice:
    if said:
        return Choice(said, "you said so")
    memory_gib = machine.memory_bytes // (1024 * MIB)
    there = f"{machine.cpus} cores, {memory_gib} GiB"
    if cards is not None:
        count = len(machine.cards)
        return Choice(
            GPU, f"{there}, {count} NVIDIA card{'' if count == 1 else 's'}, driver {machine.driver}"
        )
    return Choice("cpu", f"{there}, {_no_card(machine)}")


def _no_card(machine: Machine) -> str:
    if not machine.cards:
        return f"its NVIDIA driver fails: {machine.driver}" if machine.driver else "no NVIDIA card"
    if machine.registry:
        return f"{len(machine.cards)} NVIDIA cards, but the image for them comes from the registry only"
    old = [one for one in machine.cards if not one.serves]
    if len(old) == len(machine.cards):
        oldest = ".".join(map(str, OLDEST_CAPABILITY))
        return f"no NVIDIA card of compute capability {oldest} or newer, which vLLM needs"
    return "no NVIDIA card that is large enough for a model of the catalogue"


def _major_minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _image_source(machine: Machine) -> Choice:
    source: ImageSource = "local" if machine.registry else "registry"
    why = f"no registry: {machine.registry}" if machine.registry else "the engine reaches the registry"
    return Choice(source, why)


def _cache(machine: Machine) -> Choice:
    if machine.cache is None:
        return Choice(ModelCacheFound("volume", 1000, 1000), "no Hugging Face cache here yet")
    return Choice(machine.cache, "the cache that this machine has already, with its owner")


def _run_as(machine: Machine) -> Choice | None:
    if machine.uid == 0:
        return None
    return Choice(machine, "Not root: the services run as you, because their secrets are your files")


def _search(machine: Machine) -> Choice | None:
    if not machine.registry:
        return None
    return Choice(False, "Elasticsearch comes from its registry only, and that is out of reach")


def _model(machine: Machine) -> Choice:
    if machine.hub:
        return Choice("tiny", f"the Hub cannot be reached: {machine.hub}")
    if machine.memory_bytes < _MEMORY_FOR_HUB_MODEL:
        return Choice("tiny", "under 12 GiB of memory")
    return Choice("qwen3-0.6b", "the Hub can be reached")
