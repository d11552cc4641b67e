"""A request by a client that has asked nothing before: a process of its own, which takes the time itself."""

from __future__ import annotations

import json
import subprocess

from bench.errors import BenchError

_SAYS = "%{time_total} %{http_code} %header{x-served-by}"


def post_once(url: str, key: str, body: str, limit_s: float) -> tuple[float, int, str]:
    """Return seconds from connecting to the last byte, status (0 without an answer) and `x-served-by`, by curl.

    One process for all requests would be slow for the first of them, whatever the server does: it has waited for
    half a minute. Raises BenchError where there is no curl.
    """
    words = {
        "url": url,
        "header": f"authorization: Bearer {key}",
        "data": body,
        "output": "/dev/null",
        "write-out": _SAYS,
        "max-time": f"{limit_s:.0f}",
    }
    # In a file of options, which is read from standard input: everybody can read arguments.
    options = [f"{name} = {json.dumps(value)}" for name, value in words.items()]
    options += ["silent", 'header = "content-type: application/json"', 'noproxy = "*"']
    try:
        done = subprocess.run(
            ("curl", "--config", "-"), input="\n".join(options), capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BenchError(f"curl: {error}") from error
    seconds, status, server = (*done.stdout.split(" "), "", "", "")[:3]
    return float(seconds or 0), int(status or 0), server
