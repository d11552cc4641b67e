"""A small application: it serves, and on request looks at everything that it was given.

usage: app.py serve | health | look | reach HOST PORT
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import socket
import struct
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PORT = 8080
_CAPABILITIES = 0x200 | 0x8000 | 0x8 | 0x80000  # protocol 4.1, secure connection, with a database, by plug-in


class Answer(BaseHTTPRequestHandler):
    """Says which container this is."""

    def do_GET(self) -> None:
        body = json.dumps({"host": socket.gethostname(), "path": self.path}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def secret(name: str) -> str:
    """Return the secret in the file that the variable names."""
    return Path(os.environ[name]).read_text()


def redis() -> str:
    """Log in, write and read."""
    words = (f"AUTH {os.environ['REDIS_USER']} {secret('REDIS_PASSWORD_FILE')}", "SET seen yes", "GET seen")
    with socket.create_connection((os.environ["REDIS_HOST"], int(os.environ["REDIS_PORT"])), 5) as server:
        server.sendall("".join(f"{line}\r\n" for line in words).encode())
        said = b""
        while said.count(b"\r\n") < 4 and b"-" not in said[:1]:
            said += server.recv(1000)
    return said.decode().strip().replace("\r\n", " ")


def mariadb() -> str:
    """Log in to the database; return OK or the server's own words."""
    address = (os.environ["MARIADB_HOST"], int(os.environ["MARIADB_PORT"]))
    with socket.create_connection(address, 5) as server:
        hello = server.recv(1000)[4:]
        rest = hello[hello.index(b"\0") + 5 :]
        salt = rest[:8] + rest[27:39]
        user, database = os.environ["MARIADB_USER"].encode(), os.environ["MARIADB_DATABASE"].encode()
        proof = scrambled(secret("MARIADB_PASSWORD_FILE").encode(), salt)
        body = (
            struct.pack("<IIB23x", _CAPABILITIES, 2**24 - 1, 45) + user + b"\0" + bytes([len(proof)]) + proof
        )
        body += database + b"\0" + b"mysql_native_password\0"
        server.sendall(struct.pack("<I", len(body) | 1 << 24) + body)
        said = server.recv(1000)[4:]
    return "OK" if said[:1] == b"\0" else repr(said)


def sha1(text: bytes) -> bytes:
    return hashlib.sha1(text, usedforsecurity=False).digest()


def scrambled(password: bytes, salt: bytes) -> bytes:
    """Return the proof of mysql_native_password, which is made of SHA-1."""
    once = sha1(password)
    mask = sha1(salt + sha1(once))
    return bytes(a ^ b for a, b in zip(once, mask, strict=True))


def completion() -> Any:
    """Ask the model that the variable names, through the edge."""
    body = {"model": os.environ["LLM_GENERAL_MODEL"], "prompt": "hello", "max_tokens": 4}
    headers = {
        "Content-Type": "application/json",
        "Authorization": f"Bearer {secret('OPENAI_API_KEY_FILE')}",
    }
    url = f"{os.environ['OPENAI_BASE_URL']}/completions"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - http
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - http
        return json.load(answer)["choices"][0]["text"]


def secrets() -> dict[str, Any]:
    """Return owner, mode and digest of each secret."""
    found = {}
    for path in sorted(Path("/run/secrets").iterdir()):
        state = path.stat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        found[path.name] = {"uid": state.st_uid, "mode": oct(state.st_mode & 0o777), "sha256": digest}
    return found


def look() -> dict[str, Any]:
    """Try everything."""
    given = {name: value for name, value in os.environ.items() if name not in {"PATH", "HOME", "HOSTNAME"}}
    return {
        "uid": os.getuid(),
        "environment": given,
        "secrets": secrets(),
        "redis": redis(),
        "mariadb": mariadb(),
        "completion": completion(),
    }


def reach(host: str, port: str) -> None:
    """End with a message where nobody answers there."""
    try:
        socket.create_connection((host, int(port)), 3).close()
    except OSError as error:
        sys.exit(str(error))


def main() -> None:
    """Do what the arguments say."""
    verb, *words = sys.argv[1:]
    if verb == "serve":
        # As the first process of a container it would be deaf to the order to end, and every stop take ten seconds.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        ThreadingHTTPServer(("", PORT), Answer).serve_forever()
    elif verb == "look":
        print(json.dumps(look()))
    else:
        reach(*(words or ("127.0.0.1", str(PORT))))


if __name__ == "__main__":
    main()
