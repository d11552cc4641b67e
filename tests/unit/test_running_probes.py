"""What runs, looked at through the kernel's own files: groups, log, file systems, certificates; and looked at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.fake_engine import FakeEngine
from toolkit.clock import Deadline
from toolkit.errors import EngineError
from toolkit.facts import CertificateFact, ContainerFact, KernelFact, MountFact, UsageFact
from toolkit.probes.certificates import certificate_facts, end_of
from toolkit.probes.cgroups import Cgroup, Sample, container_of
from toolkit.probes.container_detail import with_sources
from toolkit.probes.filesystems import filesystem_facts
from toolkit.probes.kernel_log import Line, dmesg_lines, kernel_facts, read_kmsg
from toolkit.probes.once import Once
from toolkit.probes.pressure import pressure_fact
from toolkit.probes.side_by_side import side_by_side
from toolkit.probes.usage import Usage, usage_facts
from toolkit.values import replace

ONE, TWO = "ab" * 32, "cd" * 32
REDIS = ContainerFact("redis", ONE, "p-redis-1", "running", "healthy", pid=7)
MIB = 2**20


def files(top: Path, texts: dict[str, str]) -> None:
    for name, text in texts.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text)


def test_a_group_of_version_1(tmp_path: Path) -> None:
    group = f"/docker/{ONE}"
    files(
        tmp_path,
        {
            "proc/7/cgroup": f"4:memory:{group}\n3:cpu,cpuacct:{group}\n2:pids:{group}\n0::/\n",
            f"cg/memory{group}/memory.usage_in_bytes": str(100 * MIB),
            f"cg/memory{group}/memory.stat": f"cache 9\ntotal_inactive_file {40 * MIB}\n",
            f"cg/memory{group}/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
            f"cg/cpu{group}/cpu.stat": "nr_periods 10\nnr_throttled 4\nthrottled_time 99\n",
            f"cg/cpuacct{group}/cpuacct.usage": "2500000000",
            f"cg/pids{group}/pids.current": "12\n",
        },
    )
    sample = Cgroup(7, tmp_path / "proc", tmp_path / "cg").sample()
    assert (sample.memory_mib, sample.cpu_s, sample.pids, sample.oom_kills) == (60, 2.5, 12, 2)
    assert (sample.periods, sample.throttled) == (10, 4)
    assert container_of(7, tmp_path / "proc") == ONE
    assert container_of(8, tmp_path / "proc") == ""


def test_a_group_of_version_2(tmp_path: Path) -> None:
    group = f"/system.slice/docker-{TWO}.scope"
    files(
        tmp_path,
        {
            "proc/7/cgroup": f"0::{group}\n",
            f"cg{group}/memory.current": str(100 * MIB),
            f"cg{group}/memory.stat": f"inactive_file {40 * MIB}\n",
            f"cg{group}/memory.events": "low 0\noom 1\noom_kill 1\n",
            f"cg{group}/cpu.stat": "usage_usec 2500000\nnr_periods 10\nnr_throttled 4\n",
            f"cg{group}/pids.current": "12\n",
        },
    )
    sample = Cgroup(7, tmp_path / "proc", tmp_path / "cg").sample()
    assert (sample.memory_mib, sample.cpu_s, sample.pids, sample.oom_kills) == (60, 2.5, 12, 1)
    assert container_of(7, tmp_path / "proc") == TWO


def test_use_comes_from_the_engine_where_no_file_tells_it() -> None:
    running = replace(REDIS, pid=-1, memory_limit_mib=256, pids_limit=50)
    stopped = replace(REDIS, container_id=TWO, state="exited")
    found = usage_facts([running, stopped], FakeEngine(), 2, Deadline.after(5), far=False)
    assert found == (UsageFact("redis", ONE, 100, 256, None, None, 3, 50, None),)


class Busy:
    """A group that works half a second of its processor between two looks, and waits every other time."""

    looks = 0

    def __init__(self, pid: int) -> None:
        assert pid == REDIS.pid

    def sample(self) -> Sample:
        Busy.looks += 1
        return Sample(64, Busy.looks * 0.5, Busy.looks * 10, Busy.looks * 5, 3, 0)


def test_processors_are_told_in_percent_of_what_is_allowed() -> None:
    own = replace(REDIS, cpus_limit=0.5, memory_limit_mib=128)
    (found,) = usage_facts(
        [own],
        FakeEngine(),
        2,
        Deadline.after(5),
        far=False,
        pause=lambda _: 1.0,
        group=Busy,  # type: ignore[arg-type]
    )
    assert found == UsageFact("redis", ONE, 64, 128, 100.0, 50.0, 3, 0, 0)


def test_who_looks_again_and_again_waits_for_no_window() -> None:
    times = iter((10.0, 11.0))
    usage = Usage(FakeEngine(), 2, far=False, now=lambda: next(times), group=Busy)  # type: ignore[arg-type]
    own = replace(REDIS, cpus_limit=0.5)
    (first,) = usage.look([own])
    (second,) = usage.look([own])
    assert (first.memory_mib, first.cpu_percent, first.throttled_percent) == (64, None, None)
    assert (second.cpu_percent, second.throttled_percent) == (100.0, 50.0)
    assert usage.look([replace(own, state="exited")]) == ()


class Anew:
    """A group whose counters begin with its process: that of a later one has worked less."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def sample(self) -> Sample:
        return Sample(64, 90.0 if self.pid == REDIS.pid else 0.5, 100, 50, 3, 0)


def test_a_container_that_was_started_anew_counts_from_there() -> None:
    usage = Usage(FakeEngine(), 2, far=False, group=Anew)  # type: ignore[arg-type]
    usage.look([REDIS])
    (after,) = usage.look([replace(REDIS, pid=99)])
    assert (after.cpu_percent, after.throttled_percent) == (None, None)


LOG = f"""[    1.000000] usb 1-1: new high-speed USB device
[   10.500000] python invoked oom-killer: gfp_mask=0xcc0
[   10.600000] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset={TWO},mems_allowed=0,\
oom_memcg=/docker/{ONE},task_memcg=/docker/{ONE},task=python,pid=7,uid=0
[   10.700000] Memory cgroup out of memory: Killed process 7 (python) total-vm:900kB
[   20.000000] NVRM: Xid (PCI:0000:01:00): 79, pid=12, GPU has fallen off the bus.
[   30.000000] oom-kill:constraint=CONSTRAINT_NONE,global_oom,task_memcg=/docker/{TWO},task=mysqld
[   30.100000] Out of memory: Killed process 9 (mysqld)
"""


def test_the_kernel_s_log_names_containers_and_times() -> None:
    found = kernel_facts(dmesg_lines(LOG), wall=lambda: 1000.0, boot=lambda: 1000.0)
    assert [one.container_id for one in found] == ["", ONE, ONE, "", TWO, TWO]
    assert found[3] == KernelFact(
        "NVRM: Xid (PCI:0000:01:00): 79, pid=12, GPU has fallen off the bus.", "1970-01-01T00:00:20+00:00"
    )


def test_records_of_the_kernel_are_read_until_there_are_no_more(tmp_path: Path) -> None:
    kept = tmp_path / "kmsg"
    kept.write_text("4,1,10500000,-;oom_reaper: reaped process 7\n SUBSYSTEM=x\n")
    assert read_kmsg(kept) == (Line(10.5, "oom_reaper: reaped process 7"),)
    with pytest.raises(EngineError, match="it cannot be read"):
        read_kmsg(tmp_path / "none")


def test_file_systems_of_the_host_once_and_of_containers_what_is_in_memory(tmp_path: Path) -> None:
    inside = tmp_path / "7/root/dev/shm"
    inside.mkdir(parents=True)
    files(
        tmp_path,
        {
            "self/mounts": f"/dev/a {tmp_path} ext4 ro,noatime 0 0\n/dev/a / ext4 rw 0 0\nproc /proc proc rw 0 0\n",
            "7/mounts": "shm /dev/shm tmpfs rw 0 0\ntmpfs /proc/acpi tmpfs ro 0 0\noverlay / overlay rw 0 0\n",
        },
    )
    found = filesystem_facts([REDIS, replace(REDIS, service="gone", pid=0)], tmp_path)
    assert [(one.service, one.path, one.read_only) for one in found][:1] == [("", str(tmp_path), True)]
    assert [(one.service, one.path, one.kind) for one in found if one.service] == [
        ("redis", "/dev/shm", "tmpfs")
    ]


def test_the_kernel_s_pressure_is_the_last_minute_s(tmp_path: Path) -> None:
    files(
        tmp_path,
        {
            "pressure/memory": "some avg10=0.10 avg60=1.20 total=9\nfull avg10=0 avg60=0.50 total=1\n",
            "pressure/cpu": "some avg10=0.10 avg60=3.00 total=9\nfull avg10=0 avg60=0.00 total=0\n",
        },
    )
    found = pressure_fact(tmp_path)
    assert found.stalled == {"cpu.some": 3.0, "memory.some": 1.2, "memory.full": 0.5}
    assert 0 <= found.cpu_percent <= 100


# The self-signed certificate of `openssl req -x509 -newkey ed25519 -days 3650 -subj /CN=edge`.
PEM = """-----BEGIN CERTIFICATE-----
MIIBMjCB5aADAgECAhRgeYl94C4ohnnUQ9PfBM7pQfNwCzAFBgMrZXAwDzENMAsG
A1UEAwwEZWRnZTAeFw0yNjEyMDEwNDA5MTRaFw0zNjExMjgwNDA5MTRaMA8xDTAL
BgNVBAMMBGVkZ2UwKjAFBgMrZXADIQBnhkSGDqkJ/DQq63GdbPiF2jWxkDRPToia
YHjZ3jF016NTMFEwHQYDVR0OBBYEFP6aQbEdvALmAh7jH5wIRqUW4lqNMB8GA1Ud
IwQYMBaAFP6aQbEdvALmAh7jH5wIRqUW4lqNMA8GA1UdEwEB/wQFMAMBAf8wBQYD
K2VwA0EAMWLmoRoIWTyW2AtKUXJkfv4ONcs7uD61csIZi5+eYlny+aASoxBiq5ke
oSc6weXrbE8wZvG5Rzw5d4vO1R4aAw==
-----END CERTIFICATE-----
"""


def test_a_certificate_tells_its_end(tmp_path: Path) -> None:
    files(tmp_path, {"tls/edge.crt": PEM, "tls/deep/er/and/deeper/x.pem": PEM, "tls/broken.pem": "none"})
    mounted = replace(REDIS, mounts=(MountFact("bind", str(tmp_path / "tls"), "/tls"),))
    assert certificate_facts([mounted]) == (
        CertificateFact("redis", f"{tmp_path}/tls/edge.crt", "2036-11-28T04:09:14+00:00"),
    )
    with pytest.raises((ValueError, StopIteration, IndexError)):
        end_of(b"\x30\x03\x30\x01\x00")


def test_the_source_of_a_mount_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir(mode=0o750)
    mounts = [MountFact("bind", str(tmp_path / name), f"/{name}") for name in ("here", "gone")]
    here, gone, memory = with_sources(replace(REDIS, mounts=(*mounts, MountFact("tmpfs", "", "/tmp")))).mounts
    assert (here.exists, here.directory, here.mode) == (True, True, 0o750)
    assert (here.uid, gone.exists, memory.exists) == ((tmp_path / "here").stat().st_uid, False, None)


def test_what_several_need_is_looked_at_once_also_where_it_fails() -> None:
    looks: list[int] = []

    def look() -> int:
        looks.append(1)
        raise LookupError("away")

    once = Once(look)
    found = side_by_side(dict.fromkeys("abcd", once), Deadline.after(5))
    assert [str(one) for one in found.values()] == ["away"] * 4
    assert len(looks) == 1
    assert Once(lambda: None)() is None
