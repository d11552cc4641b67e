"""What a user puts in the place of a shipped template or fragment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolkit.settings.common import Section


class Override(Section):
    """A file that replaces a shipped one: where it is, and which original it was made from.

    `file` is relative to `toolkit.yaml`; `of` is the first 12 hex digits of the sha256 of the shipped file that it
    began as a copy of, so that a copy whose original has gone on is noticed.
    """

    file: Annotated[str, Field(min_length=1)]
    of: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$", examples=["1f2e3d4c5b6a"])]
