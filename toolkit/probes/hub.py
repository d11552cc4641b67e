"""Asks the Hugging Face Hub for repositories, with the token that the servers will have; nothing else is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from toolkit.facts import HubFact
from toolkit.probes.side_by_side import LateError, side_by_side

if TYPE_CHECKING:
    import requests

    from toolkit.clock import Deadline

HUB = "https://huggingface.co"
# What each repository of its kind has.
_MODEL, _ADAPTER = "config.json", "adapter_config.json"


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the Hub and the place it stands at; its value is not shown, whoever prints this."""

    value: str
    place: str

    def __repr__(self) -> str:
        return f"Token({self.place})"


@dataclass(frozen=True, slots=True)
class Tokens:
    """The token that the servers will have, and whether this shell has one of its own."""

    server: Token | None
    shell: bool


class _Said(NamedTuple):
    status: int
    code: str
    refusal: str
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A repository and the revision that is planned, None for its main branch; whether an adapter is in it."""

    repository: str
    revision: str | None
    adapter: bool = False


def hub_facts(
    wanted: Iterable[Wanted], endpoint: str, tokens: Tokens, deadline: Deadline, *, cache_known: bool
) -> tuple[HubFact, ...]:
    """Return how the Hub answers for each repository, all asked at once."""
    calls = {one: partial(_ask, one, endpoint, tokens.server, deadline) for one in wanted}
    place = "" if tokens.server is None else tokens.server.place
    return tuple(
        HubFact(one.repository, *_said(said), place, tokens.server is None and tokens.shell, cache_known)
        for one, said in side_by_side(calls, deadline).items()
    )


def date_offset_s(endpoint: str, deadline: Deadline) -> float | None:
    """Return how far this machine's clock is ahead of the Hub's, None where it does not answer; within a second."""
    import requests  # noqa: PLC0415 - 0.1 s that only those pay who ask

    try:
        answer = requests.head(endpoint, timeout=deadline.remaining_s(), allow_redirects=False)
        theirs = parsedate_to_datetime(answer.headers["date"])
    except (requests.RequestException, KeyError, ValueError):
        return None
    return (datetime.now(UTC) - theirs).total_seconds()


def _ask(one: Wanted, endpoint: str, token: Token | None, deadline: Deadline) -> _Said:
    import requests  # noqa: PLC0415 - as above

    session = requests.Session()
    session.headers["user-agent"] = "llm-stack-toolkit"
    if token is not None:
        session.headers["authorization"] = f"Bearer {token.value}"
    revision = one.revision or "main"
    with session:
        # A file of the repository: a gated one describes itself to everybody, and gives its files to few.
        file = session.head(
            f"{endpoint}/{one.repository}/resolve/{revision}/{_ADAPTER if one.adapter else _MODEL}",
            timeout=deadline.remaining_s(),
            allow_redirects=False,
        )
        size = None if file.status_code >= 400 else _size(session, one, endpoint, revision, deadline)
    return _Said(file.status_code, file.headers.get("x-error-code", ""), "", size)


def _size(
    session: requests.Session, one: Wanted, endpoint: str, revision: str, deadline: Deadline
) -> int | None:
    url = f"{endpoint}/api/models/{one.repository}/revision/{revision}?blobs=true"
    answer = session.get(url, timeout=deadline.remaining_s())
    if answer.status_code != 200:
        return None
    files: list[dict[str, Any]] = answer.json().get("siblings") or []
    return sum(int(file.get("size") or 0) for file in files) or None


def _said(said: _Said | Exception) -> _Said:
    if isinstance(said, _Said):
        return said
    late = isinstance(said, LateError) or "Timeout" in type(said).__name__
    # The whole text repeats the address three times and names classes.
    return _Said(0, "", "it does not answer" if late else _root(said), None)


def _root(error: BaseException) -> str:
    seen = [error]
    while (below := seen[-1].__cause__ or seen[-1].__context__) is not None and below not in seen:
        seen.append(below)
    told = next((one for one in reversed(seen) if isinstance(one, OSError) and one.strerror), error)
    return getattr(told, "strerror", None) or type(error).__name__
