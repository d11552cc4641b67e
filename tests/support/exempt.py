"""Services that no test on the real engine starts here, each with the reason: the only list of them."""

from __future__ import annotations

from collections.abc import Mapping

NOT_RUN: Mapping[str, str] = {
    "elasticsearch": "Debian has no package of it, and an official image needs a registry within reach",
}
