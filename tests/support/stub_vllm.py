"""An OpenAI-compatible server of the standard library alone: vLLM's place where only the edge is tested.

Run it as a program, in a container or not; the environment sets it up: STUB_NAMES (its own name first),
STUB_ADDRESS, STUB_PORT, STUB_START_DELAY_S (seconds before it listens) and STUB_FIRST_ANSWER_AFTER_S (seconds
until it counts a first completion by itself; empty: never). A request steers its own answer by the member
`stub` of its body: delay_s, hold (at the server of this name until one of the next POSTs), events, gap_s,
status, text, broken.
POST /kill ends the program at once; after POST /mute it closes connections unanswered, after /busy it says
503, after /busy-once it says so once, after /normal neither. GET /counts tells how many completions were
`asked` for since the last POST /forget, and how many are `running`.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAMES = os.environ.get("STUB_NAMES", "general,fast").split(",")
FINISHED = threading.Event()
HELD = threading.Event()
LONGEST_S = 30
MODE = {"now": "normal"}
MODES = {"/mute", "/busy", "/busy-once", "/normal"}
COUNTS = {"asked": 0, "running": 0}
COUNTING = threading.Lock()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class Talk(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60

    def do_GET(self) -> None:
        listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in NAMES]}
        answers = {
            "/health": ("", "text/plain"),
            "/metrics": (_metrics(), "text/plain"),
            "/counts": (json.dumps(COUNTS), "application/json"),
            "/v1/models": (json.dumps(listed), "application/json"),
        }
        text, kind = answers.get(self.path, ("", ""))
        self._send(200 if kind else 404, text, kind or "text/plain")

    def do_POST(self) -> None:
        body = self._body()
        if self.path == "/kill":
            self._send(200, "{}", "application/json")
            os._exit(0)
        if self.path in MODES:
            MODE["now"] = self.path[1:]
            HELD.set()
            self._send(200, "{}", "application/json")
        elif self.path == "/forget":
            COUNTS["asked"] = 0
            self._send(200, "{}", "application/json")
        else:
            self._counted(json.loads(body))

    def _counted(self, asked: dict[str, Any]) -> None:
        with COUNTING:
            COUNTS["asked"] += 1
            COUNTS["running"] += 1
        try:
            self._complete(asked, asked.get("stub", {}))
        finally:
            with COUNTING:
                COUNTS["running"] -= 1

    def _complete(self, asked: dict[str, Any], steer: dict[str, Any]) -> None:
        time.sleep(steer.get("delay_s", 0))
        if steer.get("hold") == NAMES[0]:
            HELD.clear()
            HELD.wait(LONGEST_S)
        if MODE["now"] == "mute":
            self.close_connection = True
        elif MODE["now"].startswith("busy"):
            self._busy()
        else:
            self._answer(asked, steer)

    def _busy(self) -> None:
        if MODE["now"] == "busy-once":
            MODE["now"] = "normal"
        self._send(503, '{"error": {"message": "busy"}}', "application/json")

    def _answer(self, asked: dict[str, Any], steer: dict[str, Any]) -> None:
        if steer.get("broken"):
            self.close_connection = True
            self.wfile.write(b"this is no HTTP\r\n\r\n")
        elif "status" in steer:
            text = steer.get("text", json.dumps({"error": {"message": "as asked", "code": steer["status"]}}))
            self._send(steer["status"], text, "text/plain" if "text" in steer else "application/json")
        elif asked.get("stream"):
            self._stream(steer.get("events", 5), steer.get("gap_s", 0.05))
        else:
            headers = sorted(name.lower() for name in self.headers)
            choices = [{"index": 0, "message": {"role": "assistant", "content": "hello"}}]
            answer = {"object": "chat.completion", "model": NAMES[0], "choices": choices, "headers": headers}
            self._send(200, json.dumps(answer), "application/json")
        FINISHED.set()

    def _stream(self, events: int, gap_s: float) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(events):
            event = {"model": NAMES[0], "choices": [{"delta": {"content": f"w{number} "}}], "at": time.time()}
            self._chunk(f"data: {json.dumps(event)}\n\n")
            time.sleep(gap_s)
        self._chunk("data: [DONE]\n\n")
        self.wfile.write(b"0\r\n\r\n")

    def _chunk(self, text: str) -> None:
        self.wfile.write(f"{len(text.encode()):x}\r\n{text}\r\n".encode())

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _send(self, status: int, text: str, kind: str) -> None:
        body = text.encode()
        head = f"HTTP/1.1 {status} Stub\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests read answers, not logs."""


def _metrics() -> str:
    counted = f'engine="0",finished_reason="stop",model_name="{NAMES[0]}"'
    return (
        "# TYPE vllm:request_success_total counter\n"
        f"vllm:request_success_total{{{counted}}} {float(FINISHED.is_set())}\n"
        f"vllm:num_requests_running {float(COUNTS['running'])}\n"
    )


def main() -> None:
    # As the first process of a container it would be deaf to the order to end, and every stop take ten seconds.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    time.sleep(float(os.environ.get("STUB_START_DELAY_S") or 0))
    own = os.environ.get("STUB_FIRST_ANSWER_AFTER_S", "")
    if own:
        threading.Timer(float(own), FINISHED.set).start()
    port = int(os.environ.get("STUB_PORT", "8000"))
    Server((os.environ.get("STUB_ADDRESS", ""), port), Talk).serve_forever()


if __name__ == "__main__":
    main()
