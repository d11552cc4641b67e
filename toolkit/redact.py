"""Takes out of texts what nobody else may read: keys, tokens, passwords, prompts, and addresses; pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

HIDDEN = "(hidden)"
_LONG_ENOUGH = 6
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:TOKEN|PASSWORD|PASSWD|SECRET|CREDENTIAL|AUTH|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY)S?(?:_|$)",
    re.IGNORECASE,
)
_HARMLESS_NAME = re.compile(r"_(?:FILE|PATH|DIR|HOST|PORT|URL)$", re.IGNORECASE)
_KNOWN_FORMS = (
    re.compile(r"\bhf_[A-Za-z0-9]{8,}"),
    re.compile(r"\b(?:sk|tk)-[A-Za-z0-9_-]{12,}"),
    re.compile(r"\bgh[pousr]_[A-Za-z0-9]{20,}"),
    re.compile(r"\bAKIA[0-9A-Z]{16}\b"),
    re.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL),
)
_BEARER = re.compile(r"\b(bearer|basic)(\s+)[A-Za-z0-9._~+/=-]{4,}", re.IGNORECASE)
_IN_URL = re.compile(r"(\b[a-z][a-z0-9+.-]{0,20}://[^\s:/@]{0,128}):([^\s@/]{1,512})@", re.IGNORECASE)
# Not `max_tokens=8`, and not MariaDB's `(using password: YES)`.
_ASSIGNED = re.compile(
    r"""((?:^|[\s"'{,;?&(-])[\w-]{0,64}(?:token|passwords?|passwd|secrets?|api[_-]?keys?|credentials?)["']?\s*[=:]\s*)"""
    r"""(?!(?:yes|no|true|false|none|null)\b)(?:"[^"]*"|'[^']*'|[^\s"',;&})]+)""",
    re.IGNORECASE,
)
_OPTION = re.compile(
    r"((?<![\w-])--?[\w-]{0,64}(?:token|password|secret|api-key)\s+)[^\s-]\S*", re.IGNORECASE
)
# vLLM with --enable-log-requests, and whatever prints a request's own JSON.
_PROMPT = re.compile(
    r"""((?:^|[\s{,(])["']?(?:prompt|content|input|text)["']?\s*[:=]\s*)(?:"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)""",
    re.IGNORECASE,
)
_TOKEN_IDS = re.compile(r"""(token_ids["']?\s*[:=]\s*)\[[^\]]*\]?""")
_IPV4 = re.compile(r"(?<![\d.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\d.])")
_IPV6 = re.compile(r"(?<![\w:.])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])", re.IGNORECASE)
_MAC = re.compile(r"(?<![\w:])(?:[0-9a-f]{2}:){5}[0-9a-f]{2}(?![\w:])", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64}")
_NOBODY_S = re.compile(r"^(?:127\.|0\.0\.0\.0$|255\.)")


def is_secret_name(name: str) -> bool:
    """Return whether a variable of that name holds a secret; what names a file of one does not."""
    return bool(_SECRET_NAME.search(name)) and not _HARMLESS_NAME.search(name)


class Redactor:
    """Knows the secrets of one stack by value, and the forms that secrets have."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        """Take the values that are secret; one shorter than six characters would hide ordinary words."""
        longest_first = sorted({v for v in values if len(v) >= _LONG_ENOUGH}, key=len, reverse=True)
        self._names: dict[str, str] = {}
        self._values = re.compile("|".join(map(re.escape, longest_first))) if longest_first else None

    def secrets(self, text: str) -> str:
        """Return `text` without secrets and without what users asked a model."""
        if self._values is not None:
            text = self._values.sub(HIDDEN, text)
        for form in _KNOWN_FORMS:
            text = form.sub(HIDDEN, text)
        text = _BEARER.sub(rf"\1\2{HIDDEN}", text)
        text = _IN_URL.sub(rf"\1:{HIDDEN}@", text)
        text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
        text = _OPTION.sub(rf"\1{HIDDEN}", text)
        text = _TOKEN_IDS.sub(rf"\1{HIDDEN}", text)
        return _PROMPT.sub(rf"\1{HIDDEN}", text)

    def all(self, text: str) -> str:
        """Return `text` also without addresses of machines and people; each keeps a name of its own in all texts."""
        text = _MAIL.sub("(mail)", self.secrets(text))
        for form in (_MAC, _IPV4, _IPV6):
            text = form.sub(self._named, text)
        return text

    def _named(self, found: re.Match[str]) -> str:
        address = found[0]
        if _NOBODY_S.match(address) or not (_MAC.fullmatch(address) or _is_address(address)):
            return address
        return self._names.setdefault(address, f"(address {len(self._names) + 1})")


def _is_address(text: str) -> bool:
    """Return whether it is one of a machine: a time of day looks like the beginning of one."""
    try:
        return not ipaddress.ip_address(text).is_unspecified
    except ValueError:
        return False
