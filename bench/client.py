"""Times requests on kept connections to several servers in turns; runs in a container, on nothing but Python.

Reads its order from standard input and writes the seconds of every request, both JSON; see `bench.latency`.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from typing import Any

_TIMEOUT_S = 30.0
_UNTIMED = 3


class Connection:
    """One kept connection; requests are sent as they are, since no client library is to be measured."""

    def __init__(self, target: dict[str, Any]) -> None:
        self._sock = socket.create_connection((target["host"], target["port"]), _TIMEOUT_S)
        self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._marks = [b"HTTP/1.1 200 ", *(mark.encode() for mark in target["marks"])]
        self._late_marks = [mark.encode() for mark in target.get("late_marks", ())]

    def settle(self) -> None:
        """Ask from now on for what only later answers carry."""
        self._marks += self._late_marks

    def ask(self, request: bytes) -> float:
        """Return the seconds from the first byte sent to the last received; an answer but 200 is an error."""
        began = time.perf_counter()
        self._sock.sendall(request)
        head, _, body = self._receive_head().partition(b"\r\n\r\n")
        missing = _length(head) - len(body)
        while missing > 0:
            missing -= len(self._receive())
        taken = time.perf_counter() - began
        if not all(mark in head for mark in self._marks):
            raise ConnectionError(f"not the answer that was expected: {head!r}")
        return taken

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def _receive_head(self) -> bytes:
        read = b""
        while b"\r\n\r\n" not in read:
            read += self._receive()
        return read

    def _receive(self) -> bytes:
        chunk = self._sock.recv(65536)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        return chunk


def _length(head: bytes) -> int:
    lines = head.lower().split(b"\r\n")
    return next(int(line.partition(b":")[2]) for line in lines if line.startswith(b"content-length:"))


def block(target: dict[str, Any], case: dict[str, Any]) -> list[float]:
    """Return the seconds of each request of each client; the first few requests of a connection do not count."""
    request, clients, every_s = case["request"].encode(), case["clients"], case["every_s"]
    taken: list[list[float]] = [[] for _ in range(clients)]
    failed: list[Exception] = []
    start = threading.Barrier(clients)

    def client(number: int) -> None:
        try:
            connection = Connection(target)
            for _ in range(_UNTIMED):
                connection.ask(request)
            connection.settle()
            start.wait(_TIMEOUT_S)
            began = time.perf_counter() + number * every_s / clients
            for turn in range(case["requests"]):
                time.sleep(max(0.0, began + turn * every_s - time.perf_counter()))
                taken[number].append(connection.ask(request))
            connection.close()
        except (OSError, threading.BrokenBarrierError) as error:
            failed.append(error)
            start.abort()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return [seconds for own in taken for seconds in own]


def measure(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one entry for each block: its request, clients, round, target and seconds."""
    found = []
    for case in order["cases"]:
        for number in range(order["rounds"]):
            targets = order["targets"] if number % 2 == 0 else order["targets"][::-1]
            for target in targets:
                at = {"case": case["name"], "round": number, "target": target["name"]}
                found.append({**at, "seconds": block(target, case)})
    return found


if __name__ == "__main__":
    json.dump(measure(json.load(sys.stdin)), sys.stdout)
