"""How much room images take that are not there yet: before a pull or a build nobody else tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from toolkit.planning.plan import ImageSource
from toolkit.units import MIB


class _Sizes(NamedTuple):
    registry_mib: int
    local_mib: int


# Unpacked, rounded up. Local builds: measured with `docker images`. Official ones: about what `docker images` shows of
# these versions; vLLM's: 28.6 GB, https://github.com/vllm-project/vllm/pull/22377.
_SIZES: Mapping[str, _Sizes] = {
    "haproxy": _Sizes(120, 250),
    "nginx": _Sizes(200, 260),
    "redis": _Sizes(150, 250),
    "mariadb": _Sizes(400, 500),
    "vector-db": _Sizes(500, 560),
    "prometheus": _Sizes(320, 450),
    "elasticsearch": _Sizes(1500, 0),
    "vllm": _Sizes(28000, 2800),
    "vllm-cpu": _Sizes(6000, 2800),
}


def image_bytes(pin: str, source: ImageSource) -> int | None:
    """Return about how many bytes the image of a pin takes, None for one of an application: nobody knows."""
    known = _SIZES.get(pin)
    if known is None:
        return None
    return (known.registry_mib if source == "registry" else known.local_mib) * MIB
