"""The engine's socket, with a small server in the engine's place: real HTTP over a real unix socket."""

from __future__ import annotations

import json
import socketserver
import threading
import time
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from toolkit.clock import Deadline
from toolkit.errors import EngineError
from toolkit.probes.engine_api import NotFoundError, SdkApi
from toolkit.probes.engine_host import engine_host

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Engine(BaseHTTPRequestHandler):
    """Answers a few paths as the engine does; the server's `version` is the API that it speaks."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(self.path)
        if path.endswith("/version"):
            self.answer(200, json.dumps({"ApiVersion": self.server.version}).encode())
        elif path.endswith("/events"):
            self.events()
        elif path.endswith("/containers/none/json"):
            self.answer(404, b'{"message":"No such container: none"}')
        elif path.endswith("/containers/broken/json"):
            self.answer(500, b"not even JSON")
        elif path.endswith("/containers/slow/json"):
            self.server.ended.wait(5)
        else:
            self.answer(
                200, json.dumps([{"path": path, "query": parse_qs(urlsplit(self.path).query)}]).encode()
            )

    def answer(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self) -> None:
        """Two events, cut where no line ends, and then silence, or the end."""
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (b'{"Action":"sta', b'rt"}\n{"Action":"die"}\n'):
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.flush()
        if self.server.silent:
            self.server.ended.wait(5)
        self.wfile.write(b"0\r\n\r\n")

    def address_string(self) -> str:
        return "unix"

    def log_message(self, *_: object) -> None:
        """Print nothing."""


class Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), Engine)
        self.version = "1.41"
        self.silent = True
        self.ended = threading.Event()
        self.asked: list[str] = []

    def handle_error(self, *_: object) -> None:
        """Let a client that left early leave."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "docker.sock") as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.ended.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def api(server: Server) -> SdkApi:
    return SdkApi(f"unix://{server.server_address!s}", timeout_s=1)


def refusal(host: str) -> str:
    with pytest.raises(EngineError) as caught:
        SdkApi(host, timeout_s=1).containers({}, stopped=True)
    assert caught.value.exit_code == 3
    return str(caught.value)


def test_a_call_speaks_the_version_of_the_engine_and_asks_for_it_once(api: SdkApi, server: Server) -> None:
    [answer] = api.containers({"label": ["a=b"]}, stopped=True)

    assert answer["path"] == "/v1.41/containers/json"
    assert answer["query"]["all"] == ["1"]
    assert json.loads(answer["query"]["filters"][0]) == {"label": ["a=b"]}
    api.containers({}, stopped=False)
    assert [one for one in server.asked if one.endswith("/version")] == ["/version"]


def test_what_is_not_there_is_told_apart(api: SdkApi) -> None:
    with pytest.raises(NotFoundError) as caught:
        api.container("none")

    assert str(caught.value) == (
        "Docker Engine: the engine refused with status 404\n   got: No such container: none"
    )


def test_a_refusal_that_is_no_json_is_shown_as_it_came(api: SdkApi) -> None:
    with pytest.raises(EngineError, match="status 500\n   got: not even JSON") as caught:
        api.container("broken")
    assert not isinstance(caught.value, NotFoundError)


def test_an_engine_that_does_not_answer_is_not_waited_for(api: SdkApi) -> None:
    began = time.monotonic()

    with pytest.raises(EngineError, match="the engine is not running\n   got: no answer within 1 s"):
        api.container("slow")
    assert time.monotonic() - began < 30


def test_a_silent_stream_ends_at_the_deadline(api: SdkApi, server: Server) -> None:
    began = time.monotonic()

    with api.events({"type": ["container"]}, Deadline.after(0.8)) as events:
        assert [event["Action"] for event in events] == ["start", "die"]

    assert 0.75 < time.monotonic() - began < 30
    assert "since=" in server.asked[-1]


def test_a_stream_that_the_engine_ends_is_an_error(api: SdkApi, server: Server) -> None:
    server.silent = False
    seen: list[Any] = []

    with (
        pytest.raises(EngineError, match="got: it closed the stream of its events"),
        api.events({}, Deadline.after(60)) as events,
    ):
        seen.extend(event["Action"] for event in events)
    assert seen == ["start", "die"]


def test_what_the_reader_of_a_stream_raises_is_its_own(api: SdkApi) -> None:
    def read() -> None:
        with api.events({}, Deadline.after(60)) as events:
            next(events)
            raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        read()


def test_no_socket_is_an_engine_that_does_not_run(tmp_path: Path) -> None:
    text = refusal(f"unix://{tmp_path}/none.sock")

    assert text.startswith(
        f"Docker Engine at unix://{tmp_path}/none.sock: the engine is not running\n"
        "   got: No such file or directory\n"
        "  next: start it: `systemctl start docker`, or `make up`"
    )
    assert text.endswith("or unset DOCKER_HOST (or the docker context) if this engine is not meant")


def test_a_socket_left_by_a_killed_engine_is_an_engine_that_does_not_run(tmp_path: Path) -> None:
    Server(tmp_path / "stale.sock").server_close()

    assert "is not running\n   got: Connection refused" in refusal(f"unix://{tmp_path}/stale.sock")


# The SDK leaves the closing of a socket that never connected to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_tcp_engine_that_is_away() -> None:
    assert "Docker Engine at tcp://127.0.0.1:1: the engine is not running" in refusal("tcp://127.0.0.1:1")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with two docker contexts, `rootless` in use; each directory is the sha256 of its name."""
    rootless = "12b961af5feb3e9d39f93b2cefb9a1a944f18d02cca0cac2f04f5a982240605f"
    other = "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"
    for digest, socket in ((rootless, "/run/user/1000/docker.sock"), (other, "/run/other.sock")):
        meta = tmp_path / ".docker/contexts/meta" / digest
        meta.mkdir(parents=True)
        content = {"Endpoints": {"docker": {"Host": f"unix://{socket}"}}}
        (meta / "meta.json").write_text(json.dumps(content))
    (tmp_path / ".docker/config.json").write_text('{"currentContext": "rootless"}')
    return tmp_path


@pytest.mark.parametrize(
    ("environ", "host"),
    [
        ({}, "unix:///run/user/1000/docker.sock"),
        ({"DOCKER_CONTEXT": "other"}, "unix:///run/other.sock"),
        ({"DOCKER_CONTEXT": "default"}, "unix:///var/run/docker.sock"),
        ({"DOCKER_CONTEXT": "unknown"}, "unix:///var/run/docker.sock"),
        ({"DOCKER_HOST": "unix:///run/x.sock", "DOCKER_CONTEXT": "other"}, "unix:///run/x.sock"),
        ({"DOCKER_HOST": ""}, "unix:///run/user/1000/docker.sock"),
        ({"DOCKER_CONFIG": "/nowhere"}, "unix:///var/run/docker.sock"),
    ],
)
def test_the_engine_is_found_as_docker_finds_it(home: Path, environ: dict[str, str], host: str) -> None:
    assert engine_host({"HOME": str(home), **environ}) == host


def test_without_any_configuration_it_is_the_default(tmp_path: Path) -> None:
    assert engine_host({"HOME": str(tmp_path)}) == "unix:///var/run/docker.sock"
    assert engine_host({}) == "unix:///var/run/docker.sock"
