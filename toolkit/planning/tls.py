"""With which certificate the edge is asked, and for which names it makes one itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.errors import Problem, UsageError
from toolkit.planning.plan import TlsFiles

if TYPE_CHECKING:
    from toolkit.planning.site import Site, User

# 8080 goes on in the clear, for the services on the networks inside; what is published is this one.
TLS_PORT = 8443
_ANYWHERE = {"0.0.0.0", "::"}  # noqa: S104 - compared with, not bound to


def tls_files(site: Site, user: User) -> TlsFiles | None:
    """Return the certificate of the edge, which runs as `user`; None without TLS.

    Raises UsageError where certificate and key are not given together, or a self-signed one is wanted beside them.
    """
    said = site.settings.services.edge.tls
    if not said.self_signed and said.certificate is None and said.key is None:
        return None
    if said.self_signed == (said.certificate is not None) or (said.certificate is None) != (said.key is None):
        step = "give `certificate` and `key`, or `self_signed: true` alone"
        got = f"certificate: {said.certificate}, key: {said.key}, self_signed: {said.self_signed}"
        raise UsageError(Problem("services.edge.tls", "this is no certificate with its key", got, step))
    return TlsFiles(said.certificate or "", said.key or "", said.self_signed, _names(site), *user)


def _names(site: Site) -> tuple[str, ...]:
    edge, host = site.settings.services.edge, site.settings.hosts[site.placed["edge"]]
    addresses = {edge.address, host.address} - _ANYWHERE - {None, "127.0.0.1"}
    return ("localhost", "127.0.0.1", "::1", "edge", *sorted(str(one) for one in addresses))
