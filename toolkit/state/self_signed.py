"""Makes a self-signed certificate, for development: EC P-256, for names and addresses of one machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.x509 import Certificate, GeneralName

# As long as the authorities of browsers give (CA/Browser Forum: 398 days); renewed by an `up` of its last month.
_LIFE = timedelta(days=397)
_RENEWED_BEFORE = timedelta(days=30)
_KEY_BEGINS = b"-----BEGIN PRIVATE KEY-----"
# The libraries take 40 ms to load: only who has TLS pays for that.
# ruff: noqa: PLC0415


def still_good(text: bytes, names: Iterable[str]) -> tuple[bytes, bytes] | None:
    """Return certificate and key of a former one, None where it is not ours, for other names, or ends soon."""
    from cryptography.x509 import load_pem_x509_certificate

    try:
        there = load_pem_x509_certificate(text)
    except ValueError:
        return None
    certificate, begins, key = text.partition(_KEY_BEGINS)
    fresh = there.not_valid_after_utc - datetime.now(UTC) > _RENEWED_BEFORE
    ours = there.issuer == there.subject and _names(there) == set(names)
    return (certificate, begins + key) if fresh and ours and key else None


def _names(certificate: Certificate) -> set[str]:
    from cryptography import x509

    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return set()
    return {str(one.value) for one in found}


def make(names: Iterable[str]) -> tuple[bytes, bytes]:
    """Return a new certificate and its key, both PEM; `names` are host names and addresses."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "llm-stack-toolkit")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectAlternativeName([_general(one) for one in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return made.public_bytes(Encoding.PEM), private


def _general(name: str) -> GeneralName:
    from cryptography import x509

    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
