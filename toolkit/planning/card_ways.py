"""What else could be said of a card that was promised twice: ways that are tried until one of them plans."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from toolkit.errors import UsageError
from toolkit.planning.cards import DoublePromise
from toolkit.settings.application import Application
from toolkit.settings.common import Service
from toolkit.settings.root import Settings
from toolkit.settings.vllm import Llm

Way = Mapping[str, Mapping[str, object]]
"""For each section the keys that change."""


def proposal(
    settings: Settings,
    sections: Mapping[str, Service],
    promise: DoublePromise,
    spare: tuple[int, ...],
    plans: Callable[[Settings], object],
) -> str:
    """Return lines for toolkit.yaml that plan, "" where none of the ways does.

    `spare` are cards of the host that nobody has; `plans` raises UsageError for settings that do not.
    """
    for way in _ways(sections, promise, spare):
        try:
            plans(_changed(settings, way))
        except UsageError:
            continue
        return _lines(settings, way)
    return ""


def _ways(sections: Mapping[str, Service], promise: DoublePromise, spare: tuple[int, ...]) -> Iterator[Way]:
    """Yield ways, that with the least loss first: started by name, on a card of its own, in parts of this one."""
    keys = [section for section, _ in promise.said]
    yield from ({key: {"on_demand": True}} for key in keys if isinstance(sections[key], Application))
    for key in reversed(keys):
        section = sections[key]
        assert isinstance(section, Application | Llm)  # noqa: S101 - nothing else names cards
        yield from ({key: {"gpus": [n if g == promise.index else g for g in section.gpus]}} for n in spare)
    yield {key: {"gpu_share": int(100 / len(keys)) / 100} for key in keys}


def _changed(settings: Settings, way: Way) -> Settings:
    own = {key: one.model_copy(update=dict(way.get(key, {}))) for key, one in settings.own_services.items()}
    shipped: dict[str, Any] = {
        key: getattr(settings.services, key).model_copy(update=dict(changes))
        for key, changes in way.items()
        if key not in own
    }
    services = settings.services.model_copy(update=shipped)
    return settings.model_copy(update={"services": services, "own_services": own})


def _lines(settings: Settings, way: Way) -> str:
    blocks = {
        "services": [key for key in way if key not in settings.own_services],
        "own_services": [key for key in way if key in settings.own_services],
    }
    lines = []
    for block, keys in blocks.items():
        lines += [f"{block}:"] if keys else []
        lines += [
            f"  {key}: {{{', '.join(f'{k}: {_text(v)}' for k, v in way[key].items())}}}" for key in keys
        ]
    return "\n".join(lines)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
