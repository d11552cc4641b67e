"""The local images keep the contract of the official ones: versions, users, paths, programs, signals."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.engine import docker, execute, inside, until
from tests.support.throwaway import throwaway
from toolkit.engine.runner import SubprocessRunner
from toolkit.planning.images import BUILDABLE, PINS, ImagePin, local_ref
from toolkit.resources import resource_dir
from toolkit.routines.images import build_images, list_images

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.engine
CONTEXTS = resource_dir("compose") / "images"
HARDENED = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp")


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    build_images(SubprocessRunner(), CONTEXTS, BUILDABLE, print)


def config_of(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(docker("image", "inspect", local_ref(PINS[name])))[0]["Config"]
    return found


def says(name: str, script: str, *words: str) -> str:
    return docker("run", "--rm", "--entrypoint", "sh", *words, local_ref(PINS[name]), "-c", script)


def test_all_are_ready_and_a_second_build_does_nothing() -> None:
    told: list[str] = []
    assert build_images(SubprocessRunner(), CONTEXTS, BUILDABLE, told.append) == ()
    assert told == []
    states = {row.pin.name: row.state for row in list_images(SubprocessRunner(), CONTEXTS)}
    assert states == {**dict.fromkeys(PINS, "none"), **dict.fromkeys(BUILDABLE, "ready")}


@pytest.mark.parametrize("pin", [PINS[name] for name in BUILDABLE], ids=BUILDABLE)
def test_version_is_the_table_s(pin: ImagePin) -> None:
    program, *words = pin.version_argv
    said = docker("run", "--rm", "--entrypoint", program, local_ref(pin), *words)
    found = re.search(r"(\d+\.\d+)[.\w+~]*(-pg\d+)?", said)
    assert found is not None
    assert found[1] + (found[2] or "") == pin.version


@pytest.mark.parametrize(
    ("name", "user", "owned"),
    [
        ("haproxy", "haproxy", "/var/lib/haproxy"),
        ("nginx", "nginx", "/var/cache/nginx"),
        ("redis", "redis", "/data"),
        ("mariadb", "mysql", "/var/lib/mysql"),
        ("vector-db", "postgres", "/var/lib/postgresql/data"),
        ("prometheus", "nobody", "/prometheus"),
        ("vllm", "vllm", "/cache"),
    ],
)
def test_user_has_the_table_s_numbers_and_owns_its_directory(name: str, user: str, owned: str) -> None:
    pin = PINS[name]
    said = says(name, f"id -u {user}; id -g {user}; stat -c %u:%g {owned}")
    assert said.split() == [str(pin.uid), str(pin.gid), f"{pin.uid}:{pin.gid}"]


@pytest.mark.parametrize(
    ("name", "paths", "programs"),
    [
        ("haproxy", ["/usr/local/etc/haproxy"], ["bash", "haproxy"]),
        ("nginx", ["/etc/nginx/conf.d", "/var/cache/nginx"], ["nginx", "curl", "bash"]),
        ("redis", ["/usr/local/etc/redis"], ["redis-server", "redis-cli"]),
        ("vector-db", ["/docker-entrypoint-initdb.d"], ["postgres", "pg_isready", "psql", "pg_dump", "bash"]),
        ("prometheus", ["/etc/prometheus"], ["/bin/prometheus", "/bin/promtool", "wget", "sh"]),
        ("mariadb", ["/etc/mysql/conf.d"], ["healthcheck.sh", "mariadb", "mariadbd", "mariadb-dump", "bash"]),
        ("vllm", ["/cache/huggingface"], ["vllm", "python3", "curl", "sh"]),
    ],
)
def test_paths_and_programs_are_there(name: str, paths: list[str], programs: list[str]) -> None:
    tests = [f"test -d {path}" for path in paths] + [f"command -v {program}" for program in programs]
    assert len(says(name, " && ".join(tests)).splitlines()) == len(programs)


def test_how_they_start_and_stop() -> None:
    edge, redis, mariadb, vllm = (config_of(name) for name in ("haproxy", "redis", "mariadb", "vllm"))
    assert (edge["StopSignal"], edge["User"]) == ("SIGUSR1", "haproxy")
    assert edge["Cmd"] == ["haproxy", "-W", "-db", "-f", "/usr/local/etc/haproxy/haproxy.cfg"]
    assert (redis["User"], redis["Cmd"], list(redis["Volumes"])) == ("redis", ["redis-server"], ["/data"])
    assert (mariadb["Cmd"], list(mariadb["Volumes"])) == (["mariadbd"], ["/var/lib/mysql"])
    assert vllm["Entrypoint"] == ["vllm", "serve"]


def test_how_those_of_cache_search_and_metrics_start_and_stop() -> None:
    nginx, vectors, metrics = (config_of(name) for name in ("nginx", "vector-db", "prometheus"))
    assert (nginx["StopSignal"], nginx["Cmd"]) == ("SIGQUIT", ["nginx", "-g", "daemon off;"])
    assert (vectors["StopSignal"], vectors["Cmd"]) == ("SIGINT", ["postgres"])
    assert (vectors["User"], list(vectors["Volumes"])) == ("postgres", ["/var/lib/postgresql/data"])
    assert {"LANG=en_US.utf8", "PGDATA=/var/lib/postgresql/data"} < set(vectors["Env"])
    assert (metrics["User"], list(metrics["Volumes"])) == ("nobody", ["/prometheus"])
    assert metrics["Entrypoint"] == ["/bin/prometheus"]
    assert metrics["Cmd"][:2] == [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
    ]


def test_haproxy_serves_on_a_read_only_root_without_capabilities(tmp_path: Path) -> None:
    config = "defaults\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n mode http\n"
    (tmp_path / "haproxy.cfg").write_text(
        f"{config}frontend f\n bind :8080\n http-request return status 204\n"
    )
    (tmp_path / "haproxy.cfg").chmod(0o644)
    tmp_path.chmod(0o755)
    with throwaway() as things:
        mount = f"{tmp_path}:/usr/local/etc/haproxy:ro"
        name = things.start(*HARDENED, "--user", "99:99", "--volume", mount, local_ref(PINS["haproxy"]))
        look = "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && head -1 <&3"
        until(lambda: "204" in inside(name, "bash", "-c", look).stdout, "an answer of the edge")


def test_redis_serves_on_a_read_only_root_without_capabilities(tmp_path: Path) -> None:
    (tmp_path / "redis.conf").write_text("dir /data\nappendonly yes\nprotected-mode no\n")
    (tmp_path / "redis.conf").chmod(0o644)
    tmp_path.chmod(0o755)
    with throwaway() as things:
        mounts = ("--volume", f"{things.volume()}:/data", "--volume", f"{tmp_path}:/usr/local/etc/redis:ro")
        start = ("redis-server", "/usr/local/etc/redis/redis.conf")
        name = things.start(*HARDENED, *mounts, local_ref(PINS["redis"]), *start)
        until(lambda: inside(name, "redis-cli", "ping").stdout == "PONG\n", "PONG")
        assert inside(name, "redis-cli", "set", "a", "1").stdout == "OK\n"


def test_nginx_serves_on_a_read_only_root_without_capabilities(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(
        "pid /tmp/nginx.pid;\nevents {}\n"
        "http { access_log off; server { listen unix:/tmp/http.sock; return 204; } }\n"
    )
    (tmp_path / "nginx.conf").chmod(0o644)
    tmp_path.chmod(0o755)
    start = ("nginx", "-c", "/etc/nginx/ours/nginx.conf", "-g", "daemon off;")
    mounts = ("--tmpfs", "/var/cache/nginx:uid=101,gid=101", "--volume", f"{tmp_path}:/etc/nginx/ours:ro")
    with throwaway() as things:
        name = things.start(*HARDENED, "--user", "101:101", *mounts, local_ref(PINS["nginx"]), *start)
        look = ("curl", "-sS", "--unix-socket", "/tmp/http.sock", "-o", "/dev/null", "-w", "%{http_code}")
        until(lambda: inside(name, *look, "http://localhost/").stdout == "204", "an answer of nginx")
        docker("stop", "--time", "60", name)
        assert docker("inspect", "--format", "{{.State.ExitCode}}", name) == "0"
        assert execute("docker", "logs", name).stderr == ""


def test_prometheus_serves_on_a_read_only_root_without_capabilities(tmp_path: Path) -> None:
    (tmp_path / "prometheus.yml").write_text("global: {scrape_interval: 1s}\nscrape_configs: []\n")
    (tmp_path / "wrong.yml").write_text("global: {scrape_interval: often}\n")
    for file in tmp_path.iterdir():
        file.chmod(0o644)
    tmp_path.chmod(0o755)
    with throwaway() as things:
        mounts = ("--volume", f"{things.volume()}:/prometheus", "--volume", f"{tmp_path}:/etc/prometheus:ro")
        name = things.start(*HARDENED, "--user", "65534:65534", *mounts, local_ref(PINS["prometheus"]))
        look = ("wget", "-q", "-O", "-", "http://127.0.0.1:9090/-/ready")
        until(lambda: "Prometheus Server is Ready." in inside(name, *look).stdout, "Prometheus")
        check = ("promtool", "check", "config")
        assert inside(name, *check, "/etc/prometheus/prometheus.yml").returncode == 0
        assert inside(name, *check, "/etc/prometheus/wrong.yml").returncode == 1
        assert inside(name, *look[:-1], "http://127.0.0.1:9090/-/none").returncode == 1


def test_a_new_cache_volume_belongs_to_the_server_and_knows_the_model_class() -> None:
    with throwaway() as things:
        mount = ("--volume", f"{things.volume()}:/cache", "--user", "1000:1000", "--read-only")
        said = says(
            "vllm", "touch /cache/huggingface/x && find /cache/home/.cache/vllm -name '*Qwen2*'", *mount
        )
        assert said.endswith("Qwen2ForCausalLM.json")


def test_argument_lists_are_judged_by_the_mounted_script() -> None:
    lists = (
        '["/m", "--max-num-seqs", "4"]',
        '["/m", "--swap-space", "4"]',
        '["/m", "--max-num-seqs", "four"]',
        "{",
    )
    scripts = ("--volume", f"{CONTEXTS / 'vllm'}:/scripts:ro", "--entrypoint", "python3")
    confined = ("--network", "none", "--user", "1000:1000", "--env", "HOME=/tmp", *HARDENED)
    call = ("docker", "run", "--rm", "--interactive", *scripts, *confined, local_ref(PINS["vllm"]))
    done = execute(*call, "/scripts/check_argv.py", stdin="\n".join(lists) + "\n")
    verdicts = [json.loads(line) for line in done.stdout.splitlines()]
    assert [verdict["ok"] for verdict in verdicts] == [True, False, False, False]
    assert [verdict["stage"] for verdict in verdicts] == [None, "parse", "parse", "input"]
    assert "unrecognized arguments: --swap-space" in verdicts[1]["error"]
    assert "four" in verdicts[2]["error"]


MAKE = """
import runpy, sys
_, *words = sys.argv
for name, seed in zip(words[::2], words[1::2]):
    sys.argv = ["make_tiny_model.py", f"/out/{name}", "--seed", seed]
    runpy.run_path("/scripts/make_tiny_model.py", run_name="__main__")
"""


def test_tiny_model_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    scripts = ("--volume", f"{CONTEXTS / 'vllm'}:/scripts:ro", "--volume", f"{tmp_path}:/out")
    # Two processes: nothing of one may decide what the other makes.
    make = "for n in 'a 7' 'b 7 c 8'; do python3 -c \"$MAKE\" $n; done"
    says(
        "vllm",
        f"umask 077; {make}",
        "--env",
        f"MAKE={MAKE}",
        *scripts,
        "--network",
        "none",
        "--user",
        "1000:1000",
        "--env",
        "HOME=/tmp",
    )
    weights = [(tmp_path / name / "model.safetensors").read_bytes() for name in "abc"]
    assert weights[0] == weights[1] != weights[2]
    assert (tmp_path / "a" / "tokenizer.json").read_bytes() == (
        tmp_path / "b" / "tokenizer.json"
    ).read_bytes()
    modes = {file.stat().st_mode & 0o777 for file in (tmp_path / "a").iterdir()}
    assert modes == {0o644}
