"""Looks into the directory of downloaded weights, laid out as huggingface_hub does: hub/models--OWNER--NAME."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from toolkit.facts import CacheFact, EntryFact

_HUB = "hub"
_WEIGHTS = ("*.safetensors", "*.bin", "*.gguf")
# An adapter has a file of its own kind, and its weights under one of the same names.
_CONFIGURATIONS = ("config.json", "adapter_config.json")
_INDEX = "model.safetensors.index.json"
TOKEN_FILE = "token"  # noqa: S105 - where it stands, not what it is


def cache_fact(home: Path, repositories: Iterable[str]) -> CacheFact:
    """Return what is at `home`, the directory that HF_HOME names, and which of `repositories` are there as a whole."""
    try:
        if not home.is_dir():
            return CacheFact(str(home), exists=False, readable=True)
        whole = {name: size for name in repositories if (size := _bytes(home, name))}
        entries = tuple(_entry(path) for path in (home, home / _HUB, home / _HUB / ".locks") if path.is_dir())
        models = tuple(_entry(path) for name in repositories if (path := _folder(home, name)).is_dir())
        return CacheFact(str(home), exists=True, readable=True, entries=entries + models, repositories=whole)
    except PermissionError:
        return CacheFact(str(home), exists=True, readable=False)


def _folder(home: Path, repository: str) -> Path:
    return home / _HUB / ("models--" + repository.replace("/", "--"))


def _entry(path: Path) -> EntryFact:
    found = path.stat()
    return EntryFact(str(path), found.st_uid, found.st_gid, found.st_mode & 0o7777)


def _bytes(home: Path, repository: str) -> int:
    """Return the bytes of a snapshot that has all its weights, 0 without: an interrupted download leaves parts."""
    snapshots = _folder(home, repository) / "snapshots"
    found = sorted(snapshots.iterdir()) if snapshots.is_dir() else []
    return max((sum(f.stat().st_size for f in one.iterdir()) for one in found if _whole(one)), default=0)


def _whole(snapshot: Path) -> bool:
    described = any((snapshot / name).exists() for name in _CONFIGURATIONS)
    if not described or any(not file.exists() for file in snapshot.iterdir()):
        return False
    index = snapshot / _INDEX
    if index.exists():
        with suppress(ValueError, KeyError):
            wanted = set(json.loads(index.read_text())["weight_map"].values())
            return all((snapshot / name).exists() for name in wanted)
        return False
    return any(True for pattern in _WEIGHTS for _ in snapshot.glob(pattern))
