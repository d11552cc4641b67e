"""What a service reads that is made for it: its configuration, its secrets, and what carries their digests."""

from __future__ import annotations

from collections.abc import Mapping

from toolkit.values import Value

APP_KEY = "applications"
"""The name of the API key with which applications ask the models."""


class ConfigFiles(Value):
    """Templates that are rendered into one directory, mounted at `target`.

    A `stable` directory keeps its path when its content changes: its service is reloaded, not recreated.
    """

    templates: tuple[str, ...]
    target: str
    values: Mapping[str, object]
    stable: bool = False


class SecretFile(Value):
    """A secret that one service reads from /run/secrets/<target> as uid:gid.

    It is generated under `name`, or is the copy of another secret or of an API key (`key:NAME`) that `copy_of` names:
    a file has one owner, so that each reader has one of its own.
    """

    name: str
    uid: int
    gid: int
    target: str = ""
    copy_of: str = ""


class TlsFiles(Value):
    """The edge's certificate and its key, which uid:gid reads: files of the user, or a self-signed one for `names`."""

    certificate: str
    key: str
    self_signed: bool
    names: tuple[str, ...]
    uid: int
    gid: int


class DigestFile(Value):
    """A file of the state in which `{sha256:NAME}` stands for the digest of a secret.

    Its directory carries the hash of the text, so that a new text is a new path and recreates the service,
    while the rendered tree stays free of anything that comes from a secret.
    """

    directory: str
    name: str
    text: str
    target: str
    secrets: tuple[SecretFile, ...]
