"""Asks a model server what users will ask it, from inside its container; on nothing but Python.

    python3 warm_up.py '{"model": "general", "port": 8000, "pooling": false, "context": 6144, "sequences": 16,
                         "budget_s": 60}'

Writes one line of JSON for each shape: {"shape", "requests", "failed", "elapsed_s", "reason"}. What is left of the
shapes when the budget is spent is told with 0 requests. Exit code 0, 1 where a request failed.
"""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

# The part of the context that a long prompt fills: the rest is for the answer.
LONG = 0.75
ANSWER = 16
MANY = 128
# Tokens that every vocabulary has, and none that means something special: those come first or last.
TOKENS = (100, 500)


class Server:
    """The server in this container, and the moment at which the budget is spent."""

    def __init__(self, order: dict) -> None:
        self.order = order
        self.until = time.monotonic() + order["budget_s"]

    def left_s(self) -> float:
        """Return the seconds that are left."""
        return self.until - time.monotonic()

    def ask(self, method: str, path: str, body: dict | None = None) -> str:
        """Read one answer to its end; return "" or why there was none."""
        try:
            connection = HTTPConnection("127.0.0.1", self.order["port"], timeout=max(self.left_s(), 0.1))
            text = None if body is None else json.dumps({"model": self.order["model"], **body})
            connection.request(method, path, text, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            while answer.status == 200 and answer.read(65536):
                # A stream lives as long as something comes: the budget counts for the whole of it.
                if self.left_s() < 0:
                    return "the budget was spent before its end"
            return (
                ""
                if answer.status == 200
                else f"HTTP {answer.status}: {answer.read(300).decode(errors='replace')}"
            )
        except (OSError, HTTPException) as error:
            return "the budget was spent before its end" if self.left_s() < 0.1 else repr(error)
        finally:
            connection.close()

    def chat(self, stream: bool = False) -> str:
        """Ask for a short answer to one message, as chats do."""
        messages = [{"role": "user", "content": f"Hello, number {random.random()}"}]  # noqa: S311 - no secret
        body = {"messages": messages, "max_tokens": ANSWER, "stream": stream}
        return self.ask("POST", "/v1/chat/completions", body)

    def tokens(self, share: float) -> list[int]:
        """Return a prompt that fills so much of the context, and that no cache has."""
        count = max(1, min(int(self.order["context"] * share), self.order["context"] - ANSWER - 1))
        return [random.randint(*TOKENS) for _ in range(count)]  # noqa: S311 - as above

    def complete(self, share: float, answer: int) -> str:
        """Ask for `answer` tokens after a prompt that fills so much of the context."""
        return self.ask("POST", "/v1/completions", {"prompt": self.tokens(share), "max_tokens": answer})

    def embed(self, share: float) -> str:
        """Ask for the vector of a text that fills so much of the context."""
        return self.ask("POST", "/v1/embeddings", {"input": self.tokens(share)})


def at_once(count: int, ask) -> list[str]:
    """Ask so many times at once; return the reasons of those that failed."""
    said: list[str] = []
    threads = [threading.Thread(target=lambda: said.append(ask())) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for one in said if one]


def shapes(server: Server) -> list:
    """Return name, number of requests and question of each shape, the cheapest and commonest first."""
    many = min(server.order["sequences"], MANY)
    models = ("models", 1, lambda: server.ask("GET", "/v1/models"))
    if server.order["pooling"]:
        return [
            models,
            ("short", 1, lambda: server.embed(0.01)),
            ("concurrent", many, lambda: server.embed(0.01)),
            ("long", 1, lambda: server.embed(LONG)),
        ]
    return [
        models,
        ("first token", 1, lambda: server.complete(0.01, 1)),
        ("short", 1, server.chat),
        ("streamed", 1, lambda: server.chat(stream=True)),
        ("concurrent", many, lambda: server.chat(stream=True)),
        ("long", 1, lambda: server.complete(LONG, 1)),
    ]


def main() -> int:
    """Ask all shapes in turn while time is left."""
    threading.stack_size(256 * 1024)
    server, bad = Server(json.loads(sys.argv[1])), False
    for name, count, ask in shapes(server):
        began, requests = time.monotonic(), count if server.left_s() > 0 else 0
        failed = at_once(requests, ask)
        bad = bad or bool(failed)
        told = {"shape": name, "requests": requests, "failed": len(failed)}
        told["elapsed_s"] = round(time.monotonic() - began, 3)
        told["reason"] = failed[0] if failed else ("" if requests else "no time was left")
        print(json.dumps(told), flush=True)  # noqa: T201 - its answer
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
