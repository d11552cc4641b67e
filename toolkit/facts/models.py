"""What models come from: cache, directories, the Hub, and the names that reaching it takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.values import Value, field

if TYPE_CHECKING:
    from collections.abc import Mapping


class EntryFact(Value):
    """Who owns a file or directory, and its permission bits."""

    path: str
    uid: int
    gid: int
    mode: int

    def open_to(self, uid: int, gid: int) -> bool:
        """Return whether that user may read, write and enter, without being root over others."""
        shift = 6 if self.uid == uid else 3 if self.gid == gid else 0
        return self.mode >> shift & 0o7 == 0o7


class CacheFact(Value):
    """Where downloaded weights are kept.

    `readable`: whether this user could look into it; `entries`: it and the directories in it that downloads write to;
    `repositories`: the bytes of each that is there as a whole.
    """

    path: str
    exists: bool
    readable: bool
    entries: tuple[EntryFact, ...] = ()
    repositories: Mapping[str, int] = field(default_factory=dict)


class ModelFilesFact(Value):
    """The directory of this machine that a service reads its model from."""

    service: str
    path: str
    exists: bool


class HubFact(Value):
    """A repository that has to be fetched from the Hub, as it answers for the servers' own token.

    `status` is HTTP's, 0 without an answer, when `refusal` says why; `code` is the Hub's own word (GatedRepo …).
    `size_bytes` are all its files, None where it did not tell. `token` says where the token stands, "" without one;
    the token itself is nowhere. `shell_token`: whether this shell has one that the servers do not get.
    `cache_known`: whether the cache was looked into, so that it is known to be missing.
    """

    repository: str
    status: int
    code: str
    refusal: str
    size_bytes: int | None
    token: str
    shell_token: bool
    cache_known: bool


class ReachFact(Value):
    """A name outside: `refusal` is "" where it is known, else why not."""

    subject: str
    refusal: str
