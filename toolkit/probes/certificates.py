"""Looks at the certificates in what services mount: when they end, and whom they are for."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from toolkit.facts import CertificateFact, ContainerFact

_ENDINGS = frozenset({".pem", ".crt", ".cer"})
_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
_MOST_FILES, _MOST_DEPTH, _MOST_BYTES = 200, 3, 1_000_000
_UTC_TIME, _GENERALIZED_TIME = 0x17, 0x18


def certificate_facts(containers: Iterable[ContainerFact]) -> tuple[CertificateFact, ...]:
    """Return each certificate in the host's directories that the containers mount, once per service and file."""
    found = {
        (one.service, path): _certificates(path)
        for one in containers
        for mount in one.mounts
        if mount.kind == "bind"
        for path in _files(Path(mount.source))
    }
    return tuple(
        CertificateFact(service, str(path), ends.isoformat(timespec="seconds"))
        for (service, path), ends_at in found.items()
        for ends in ends_at
    )


def _files(top: Path) -> Iterator[Path]:
    """Yield what may hold one; a directory of models or data is not walked to its bottom."""
    if top.is_file():
        if top.suffix in _ENDINGS:
            yield top
        return
    seen = 0
    for directory, below, names in os.walk(top):
        if len(Path(directory).relative_to(top).parts) >= _MOST_DEPTH:
            below.clear()
        for name in names:
            seen += 1
            if seen > _MOST_FILES:
                return
            if Path(name).suffix in _ENDINGS:
                yield Path(directory, name)


def _certificates(path: Path) -> tuple[datetime, ...]:
    try:
        with path.open("rb") as file:
            text = file.read(_MOST_BYTES)
        return tuple(end_of(base64.b64decode(body)) for body in _PEM.findall(text))
    except (OSError, ValueError, IndexError):
        return ()


def end_of(der: bytes) -> datetime:
    """Return `notAfter` of a certificate (RFC 5280: Certificate > TBSCertificate > Validity). Raises ValueError."""
    signed = next(_parts(_content(der)))[1]
    for tag, content in _parts(signed):
        # The first sequence of two times; no other part of a certificate has that form.
        times = list(_parts(content)) if tag == 0x30 else []
        if len(times) == 2 and {one for one, _ in times} <= {_UTC_TIME, _GENERALIZED_TIME}:
            return _time(*times[1])
    raise ValueError("no certificate")


def _time(tag: int, content: bytes) -> datetime:
    text = content.decode("ascii")
    if tag == _UTC_TIME:  # two digits for the year: up to 49 they are of this century
        text = ("20" if int(text[:2]) < 50 else "19") + text
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _content(der: bytes) -> bytes:
    return next(_parts(der))[1]


def _parts(der: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(der):
        tag, length, start = der[at], der[at + 1], at + 2
        if length & 0x80:
            size = length & 0x7F
            length, start = int.from_bytes(der[start : start + size]), start + size
        yield tag, der[start : start + length]
        at = start + length
