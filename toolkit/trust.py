"""Trusts exactly one certificate: that of our own edge, whatever names it has and whoever issued it."""

from __future__ import annotations

import ssl
from http.client import HTTPSConnection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def trusting(certificate: Path) -> ssl.SSLContext:
    """Return a client's context that takes this certificate and no other. Raises OSError where it cannot be read.

    It is the server's own, so its name need not be that by which it is asked: who has its key is who is meant.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    # The certificate itself is the anchor; without this only a root would do.
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cafile=str(certificate))
    return context


def connection_to(host: str, port: int | None, timeout_s: float, trust: Path | None) -> HTTPSConnection:
    """Return a connection, not yet opened, to a server with the certificate `trust`; None for those of the system."""
    context = ssl.create_default_context() if trust is None else trusting(trust)
    return HTTPSConnection(host, port, timeout=timeout_s, context=context)
