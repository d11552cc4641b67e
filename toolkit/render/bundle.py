"""What rendering returns: files by path, and one digest over all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from toolkit.values import Value

HASH_LABEL = "io.llm-stack-toolkit.hash"
"""The label by which a container names the definition that it was made from."""


class RenderedFile(Value):
    """The text of one file, its mode, and the template or fragment that it came from."""

    text: str
    mode: int
    source: str


class Bundle(Value):
    """Every file of one environment by its path relative to `build/<environment>/`.

    `definitions` gives for each service the hash that its container carries as a label; `reload_digests`
    gives for each service that is reloaded, not recreated, the digest by which the running one names its
    configuration.
    """

    files: Mapping[str, RenderedFile]
    definitions: Mapping[str, str]
    reload_digests: Mapping[str, str]

    @property
    def digest(self) -> str:
        """Return the sha256 (hex) over all paths, modes and texts."""
        total = hashlib.sha256()
        for path in sorted(self.files):
            file = self.files[path]
            total.update(f"{path}\0{file.mode:o}\0{len(file.text)}\0{file.text}".encode())
        return total.hexdigest()
