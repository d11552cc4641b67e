"""The edge's certificate: one that is given, or a self-signed one of ours; its key is read by the edge alone."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from toolkit.errors import BlockedError, Problem
from toolkit.state import files, self_signed
from toolkit.values import Value

if TYPE_CHECKING:
    from pathlib import Path

    from toolkit.planning.plan_files import TlsFiles
    from toolkit.state.directory import StateDirectory

_KEY_MODE, _PUBLIC_MODE = 0o600, 0o644


class Pair(Value):
    """A certificate with those of its issuers, and its key, both PEM."""

    certificates: bytes
    key: bytes


def ensure_tls(state: StateDirectory, tls: TlsFiles) -> bool:
    """Have the certificate where the edge reads it; return whether that changed anything.

    `edge/tls.pem` (0600, the edge's uid) has certificate and key, `edge.crt` the certificate for whoever asks the edge.
    Raises BlockedError as `tls_problem` tells, and when the disk refuses.
    """
    try:
        pair = _self_signed(state, tls) if tls.self_signed else _given(state, tls)
        text = (pair.certificates.rstrip() + b"\n" + pair.key).decode("ascii")
        if not _stands(state, tls, text):
            state.edge_tls.unlink(missing_ok=True)
            files.create(state.edge_tls, text, _KEY_MODE, (tls.uid, tls.gid))
            files.replace(state.edge_certificate, _first(pair.certificates), _PUBLIC_MODE)
            return True
    except OSError as error:
        step = f"free some space, or make {state.edge} writable for this user"
        raise BlockedError(
            Problem(str(state.edge_tls), "the certificate cannot be written", str(error), step)
        ) from error
    return False


def tls_problems(state: StateDirectory, tls: TlsFiles | None) -> tuple[Problem, ...]:
    """Return what is wrong with a given certificate or its key; nothing is written."""
    try:
        if tls is not None and not tls.self_signed:
            _given(state, tls)
    except BlockedError as error:
        return error.problems
    return ()


def tls_digest(state: StateDirectory) -> str:
    """Return the sha256 (hex) of the public part of what the edge reads. Raises OSError where it is not there."""
    return sha256(state.edge_certificate.read_bytes()).hexdigest()


def tls_stands(state: StateDirectory, digest: str) -> bool:
    """Return whether the certificate of that digest is there, and a key beside it. Raises OSError."""
    return state.edge_tls.lstat().st_mode & 0o7777 == _KEY_MODE and tls_digest(state) == digest


def _stands(state: StateDirectory, tls: TlsFiles, text: str) -> bool:
    try:
        found = state.edge_tls.lstat()
        own = os.geteuid() != 0 or (found.st_uid, found.st_gid) == (tls.uid, tls.gid)
        closed = own and found.st_mode & 0o7777 == _KEY_MODE
        return closed and state.edge_tls.read_text("ascii") == text and state.edge_certificate.exists()
    except OSError:
        return False


def _first(certificates: bytes) -> str:
    end = b"-----END CERTIFICATE-----"
    return (certificates.partition(end)[0] + end + b"\n").decode("ascii").lstrip()


def _given(state: StateDirectory, tls: TlsFiles) -> Pair:
    where = "services.edge.tls"
    certificate, key = (state.project_dir / path for path in (tls.certificate, tls.key))
    try:
        pair = Pair(certificate.read_bytes(), key.read_bytes())
    except OSError as error:
        step = f"give its path in {where}, from toolkit.yaml or absolute"
        raise BlockedError(
            Problem(str(error.filename), "cannot be read", str(error.strerror), step)
        ) from error
    _refuse_unfit(pair, certificate, key)
    return pair


def _refuse_unfit(pair: Pair, certificate: Path, key: Path) -> None:
    """Raise BlockedError for what no client would take: not PEM, not a pair, or out of its time."""
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415 - only who has TLS pays for it
        Encoding,
        PublicFormat,
        load_pem_private_key,
    )
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415 - as above

    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    try:
        leaf = load_pem_x509_certificates(pair.certificates)[0]
    except ValueError as error:
        step = "it has to be PEM, the server's own certificate first, then its issuers'"
        raise BlockedError(
            Problem(str(certificate), "this is no certificate", str(error)[:200], step)
        ) from error
    try:
        public = load_pem_private_key(pair.key, None).public_key()
    except (ValueError, TypeError) as error:
        step = f"it has to be PEM without a password: openssl pkey -in {key} -out FILE"
        raise BlockedError(Problem(str(key), "this key cannot be used", str(error)[:200], step)) from error
    now = datetime.now(UTC)
    if public.public_bytes(*form) != leaf.public_key().public_bytes(*form):
        step = f"give the key that {certificate.name} was made with, the server's own certificate first in that file"
        raise BlockedError(Problem(str(key), f"is not the key of {certificate}", "another public key", step))
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        what = "has expired" if now > leaf.not_valid_after_utc else "is not valid yet"
        got = f"valid from {leaf.not_valid_before_utc:%F %T} to {leaf.not_valid_after_utc:%F %T} UTC, it is {now:%F %T}"
        raise BlockedError(Problem(str(certificate), what, got, "renew it, or put the clock right"))


def _self_signed(state: StateDirectory, tls: TlsFiles) -> Pair:
    """Return the one that is there while it is good, else a new one."""
    there = state.edge_tls.read_bytes() if state.edge_tls.exists() else b""
    return Pair(*(self_signed.still_good(there, tls.names) or self_signed.make(tls.names)))
