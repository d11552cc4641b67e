"""How long a model is expected to load: what the profile says, else sums over the bytes of its weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.planning.plan import Reason
from toolkit.planning.said import model_key
from toolkit.planning.start import Start
from toolkit.units import GIB, MIB

if TYPE_CHECKING:
    from toolkit.settings.models import Model
    from toolkit.settings.vllm import Llm

# Measured with vLLM 0.32: 13 to 20 s on two cores until it serves a model that weighs nothing; graphs, which eager
# servers do without, take about as long again.
SERVER_S = 20.0
GRAPHS_S = 20.0
# A disk that is no SSD, and a line of 160 Mbit/s: slower ones are what PATIENCE is for.
READ_BYTES_S = 250 * MIB
FETCH_BYTES_S = 20 * MIB
# Where no file of the catalogue says it: an 8-billion model in four bits.
UNKNOWN_WEIGHTS = 6 * GIB


def weight_bytes(model: Model) -> int:
    """Return the bytes of the weights; those of a model that is made here are none."""
    if model.source.startswith("generated"):
        return 0
    return UNKNOWN_WEIGHTS if model.facts is None else model.facts.weights


def expected_start(key: str, section: Llm, model: Model) -> tuple[Start, Reason]:
    """Return the times of a model's start, and why loading is expected to take so long."""
    weights = weight_bytes(model)
    fetch_s = weights / FETCH_BYTES_S if model.source.startswith("hf:") else 0.0
    name = f"services.{key}.estimated_load"
    said = section.estimated_load
    if said != "auto":
        return Start(load_s=said, fetch_s=fetch_s), Reason(said, "said by hand", {name: said}, "the profile")
    graphs_s = 0.0 if section.flags.enforce_eager else GRAPHS_S
    load_s = round(SERVER_S + graphs_s + weights / READ_BYTES_S, 1)
    reason = Reason(
        value=load_s,
        formula="server + graphs + weights ÷ reading",
        inputs={
            "server": f"{SERVER_S:g} s",
            "graphs": f"{graphs_s:g} s",
            f"{model_key(section.model)}.facts.weights": weights,
            "reading": f"{READ_BYTES_S // MIB} MiB/s",
        },
        source="starts of vLLM 0.32, measured; fetching what is not in the cache is added where the waiting begins",
    )
    return Start(load_s=load_s, fetch_s=fetch_s), reason
