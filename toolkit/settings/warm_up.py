"""The section about warming up: what is asked of each model before users ask."""

from __future__ import annotations

from toolkit.settings.common import Seconds, Section


class WarmUp(Section):
    """What `up` asks of models that it has started, so that no user meets a cold one.

    `budget` is for one server. `prompts` is a file beside `toolkit.yaml`, a JSON object a line: bodies of requests as
    clients send them, asked once with each API key, so that the response cache has their answers.
    """

    enabled: bool
    budget: Seconds
    prompts: str | None
