"""A streaming server that does what it is told to the millisecond, as a program of its own beside the client.

Each request says in the member `paced` of its body: `first_s`, `gaps_s`, `status` (an error in place of an answer),
`cut` (the stream ends without its last event), `warm` (not recorded). Times count from when the request was read. GET
/done tells when the tokens of each whole answer really went out, in seconds after its request was read: on a busy
machine the server, too, is late.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

_END = b"data: [DONE]\n\n"
_DONE: list[list[float]] = []


async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
        while await one(reader, writer):
            pass
    writer.close()


async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    if head.startswith("get /done"):
        body = json.dumps(_DONE).encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
        return True
    length = int(head.partition("content-length:")[2].split("\r\n")[0] or 0)
    paced = json.loads(await reader.readexactly(length) or b"{}").get("paced", {})
    return await answer(writer, paced, time.perf_counter())


async def answer(writer: asyncio.StreamWriter, paced: dict[str, Any], began: float) -> bool:
    at = began + paced.get("first_s", 0.0)
    await asyncio.sleep(at - time.perf_counter())
    if "status" in paced:
        writer.write(f"HTTP/1.1 {paced['status']} As asked\r\nContent-Length: 2\r\n\r\n{{}}".encode())
        return True
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
    gaps = paced.get("gaps_s", [])
    token(writer)
    sent = [time.perf_counter() - began]
    for gap in gaps:
        at += gap
        await asyncio.sleep(at - time.perf_counter())
        token(writer)
        sent.append(time.perf_counter() - began)
    if paced.get("cut"):
        return False
    usage = json.dumps({"choices": [], "usage": {"completion_tokens": 1 + len(gaps)}}).encode()
    chunk(writer, b"data: " + usage + b"\n\n" + _END)
    writer.write(b"0\r\n\r\n")
    if not paced.get("warm"):
        _DONE.append(sent)
    return True


def token(writer: asyncio.StreamWriter) -> None:
    chunk(writer, b'data: {"choices": [{"index": 0, "delta": {"content": "word "}}]}\n\n')


def chunk(writer: asyncio.StreamWriter, text: bytes) -> None:
    writer.write(b"%x\r\n%b\r\n" % (len(text), text))


@contextlib.contextmanager
def paced_server() -> Iterator[str]:
    """Yield the URL of a server that runs until the end."""
    program = subprocess.Popen([sys.executable, __file__], stdout=subprocess.PIPE, text=True)
    assert program.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(program.stdout.readline())}"
    finally:
        program.kill()
        program.communicate()


async def main() -> None:
    server = await asyncio.start_server(talk, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
