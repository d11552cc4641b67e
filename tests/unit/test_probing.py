"""All probes of a host together, over an engine in memory: what hangs costs its own part only."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from tests.support.fake_engine import HEALTHY, FakeEngine
from tests.support.fake_hub import Repository, fake_hub, hanging_server
from tests.support.plans import plan
from toolkit.checking import Status, Suite
from toolkit.checks import of_suite
from toolkit.cli.place import Place
from toolkit.cli.probing import probes_of
from toolkit.clock import SYSTEM_CLOCK, Deadline
from toolkit.engine.runner import Completed
from toolkit.facts import GpuTrialFact, HostFact, ModelFilesFact, ReachFact, Unavailable
from toolkit.planning.plan import Plan
from toolkit.probes.observe import observe
from toolkit.report import Report
from toolkit.routines.examine import examine
from toolkit.routines.preflight import BUDGET_S
from toolkit.snapshot import PARTS, Need, Snapshot
from toolkit.values import replace

if TYPE_CHECKING:
    import pytest

HERE, FAR = "unix:///var/run/docker.sock", "ssh://me@10.0.0.9"
# Of these the measuring verbs have probes of their own; the kernel's log is root's alone.
NOT_HERE = {"trials", "series", "kernel"}
ULIMITS = {"services": {"redis": {"ulimits": {"nofile": 1024}}}}


def place(wanted: Plan, directory: Path, url: str = HERE, **environ: str) -> Place:
    engine = FakeEngine()
    engine.images |= {wanted.services[0].image}
    compose: Mapping[str, object] = ULIMITS
    return Place(wanted, directory, url, url == FAR, engine, engine, lambda: compose, environ)


def online(url: str, **more: str) -> Plan:
    """A plan whose models come from the Hub at `url`."""
    env = [f"services.{key}.environment.HF_ENDPOINT={url}" for key in ("llm_general", "llm_fast")]
    return plan(*env, *(f"{key}={value}" for key, value in more.items()), machine="cpu-online")


def look(at: Place, *needs: Need, seconds: float = 10.0) -> Snapshot:
    return observe(
        needs or [need for need in Need if need not in NOT_HERE], probes_of(at), Deadline.after(seconds)
    )


def preflight(at: Place) -> Report:
    checks = of_suite(Suite.PREFLIGHT)
    probes = probes_of(at)
    return examine(
        Suite.PREFLIGHT, checks, at.plan, probes, budget_s=BUDGET_S, clock=SYSTEM_CLOCK, strict=False
    )


def test_every_need_has_a_probe_and_here_each_of_them_sees(tmp_path: Path) -> None:
    seen = look(place(plan(), tmp_path))
    unseen = {part: getattr(seen, part) for part in PARTS if isinstance(getattr(seen, part), Unavailable)}
    assert unseen == {}


def test_a_hub_that_hangs_costs_its_own_part_only(tmp_path: Path) -> None:
    with hanging_server() as url:
        at = replace(place(online(url), tmp_path), outside_s=0.3)
        report = preflight(at)

    (hub,) = (one for one in report.findings if one.check == "hub.reach")
    assert (hub.status, hub.cause) == (Status.FAIL, "it does not answer")
    assert not [one for one in report.findings if one.status is Status.ERROR]
    fine = {one.check for one in report.findings if one.status is Status.PASS}
    assert {"port.free", "disk.images"} <= fine
    assert report.elapsed_s < BUDGET_S


def test_only_what_no_cache_has_is_asked_for_with_the_token_of_the_cache(tmp_path: Path) -> None:
    made = tmp_path / "hf/hub/models--Qwen--Qwen3-0.6B/snapshots/abc"
    made.mkdir(parents=True)
    (tmp_path / "hf/token").write_text("hf_good\n")
    bound = {"model_cache.source": str(tmp_path / "hf")}
    gated = {"Qwen/Qwen3-0.6B": Repository(42, allowed=frozenset({"hf_good"}))}
    with fake_hub(gated) as (url, asked):
        at = place(online(url, **bound), tmp_path)
        (found,) = look(at, Need.HUB).hub or ()  # type: ignore[misc]
        assert (found.status, found.token) == (302, f"{tmp_path}/hf/token")
        (made / "config.json").write_text("{}")
        (made / "model.safetensors").write_text("weights")
        assert look(at, Need.HUB).hub == ()
        assert asked == ["/Qwen/Qwen3-0.6B/resolve/main/config.json"]


def test_an_adapter_of_the_hub_is_asked_for_with_the_token_of_its_server(tmp_path: Path) -> None:
    with fake_hub({"org/legal": Repository(42, allowed=frozenset({"hf_own"}))}) as (url, asked):
        server = {"HF_TOKEN": "hf_own", "HF_ENDPOINT": url}
        wanted = plan(
            'services.llm_fast.lora_modules=[{name: legal, source: "hf:org/legal"}]',
            f"services.llm_fast.environment={json.dumps(server)}",
        )
        (found,) = look(place(wanted, tmp_path), Need.HUB).hub or ()  # type: ignore[misc]
    assert (found.status, found.size_bytes, found.token) == (302, 42, "services.llm_fast.environment")
    assert asked == ["/org/legal/resolve/main/adapter_config.json"]


def test_names_are_asked_for_what_has_to_be_fetched(tmp_path: Path) -> None:
    wanted = plan(
        "image_source=registry", "services.llm_general.enabled=false", "services.llm_fast.enabled=false"
    )
    at = place(wanted, tmp_path)
    at.api.images |= {service.image for service in wanted.services}  # type: ignore[attr-defined]
    assert look(at, Need.NAMES).names == ()
    with fake_hub({}) as (url, _):
        names = look(place(online(url), tmp_path), Need.NAMES).names
    assert isinstance(names, tuple)
    assert names[0] == ReachFact("127.0.0.1", "")
    assert [one.subject for one in names[1:]] == ["registry-1.docker.io"]


def test_a_model_s_directory_is_looked_for_beside_the_profile(tmp_path: Path) -> None:
    mine = plan("models.tiny.source=dir:models/mine")
    path = str(tmp_path / "models/mine")
    assert look(place(mine, tmp_path), Need.MODELS).models == (
        ModelFilesFact("llm-general", path, False),
        ModelFilesFact("llm-fast", path, False),
    )
    Path(path).mkdir(parents=True)
    found = look(place(mine, tmp_path), Need.MODELS).models
    assert isinstance(found, tuple)
    assert all(one.exists for one in found)


class Hanging:
    """A driver that never comes back."""

    NVMLError = RuntimeError

    def nvmlInit(self) -> None:  # noqa: N802
        threading.Event().wait(20)


def test_a_driver_that_hangs_costs_its_own_parts_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", Hanging())
    seen = look(place(plan(machine="rtx-5090"), tmp_path), seconds=1.0)
    late = {part for part in PARTS if getattr(seen, part) == Unavailable("no answer in time")}
    assert late == {"cards", "card_states"}


def test_a_card_that_a_running_container_has_is_not_tried(tmp_path: Path) -> None:
    wanted = plan(machine="rtx-5090")
    at = place(wanted, tmp_path)
    engine = cast("FakeEngine", at.api)
    card = wanted.hosts[0].cards[0].uuid or ""
    assert look(at, Need.GPU_TRIALS).gpu_trials == (GpuTrialFact(card, ""),)
    assert [said for said in engine.said if said.startswith("run ")]
    engine.said.clear()
    engine.boxes["llm-general"] = {
        "Id": "id",
        "Name": "/x",
        "Image": "i",
        "Config": {"Labels": {"com.docker.compose.service": "llm-general"}},
        "HostConfig": {"DeviceRequests": [{"DeviceIDs": [card]}]},
        "State": {**HEALTHY, "ExitCode": 0},
    }
    assert look(at, Need.GPU_TRIALS).gpu_trials == (GpuTrialFact(card, ""),)
    assert [said for said in engine.said if said.startswith("run ")] == []


class HangingServers(FakeEngine):
    """An engine whose model servers take the connection and say nothing."""

    def run(self, argv: Sequence[str], **more: Any) -> Completed:
        if "curl" in argv:
            threading.Event().wait(20)
        return super().run(argv, **more)


def test_an_endpoint_that_hangs_costs_its_own_parts_only(tmp_path: Path) -> None:
    engine = HangingServers()
    labels = {"com.docker.compose.service": "llm-general"}
    engine.boxes["llm-general"] = {
        "Id": "id",
        "Name": "/x",
        "Image": "i",
        "Config": {"Labels": labels},
        "State": {**HEALTHY, "ExitCode": 0},
    }
    at = replace(place(plan(), tmp_path), api=engine, runner=engine)
    seen = look(at, Need.ENDPOINTS, Need.MODEL_METRICS, Need.CONTAINERS, Need.LOGS, seconds=1.0)
    assert isinstance(seen.containers, tuple)
    assert isinstance(seen.logs, tuple)
    assert isinstance(seen.endpoints, tuple)
    (away,) = seen.endpoints
    assert (away.service, away.status, away.refusal) == ("llm-general", 0, "no answer in time")


def test_of_a_far_machine_its_engine_is_asked_and_nothing_here_counts(tmp_path: Path) -> None:
    at = place(plan("services.redis.persistence=true"), tmp_path, FAR)
    engine = cast("FakeEngine", at.api)
    shown = "overlay 1048576 1 524288 50% /\noverlay 1000 1 250 75% /\n1\n"
    engine.refusals["df -Pk"] = (0, shown, "")
    seen = look(at)
    parts = {part: found for part in PARTS if isinstance(found := getattr(seen, part), Unavailable)}
    # What only its own machine tells is neither wrong nor known.
    assert set(parts) == {"pressure", "filesystems"}
    assert all(part.elsewhere for part in parts.values())
    assert seen.sysctls == {"vm.overcommit_memory": "1"}
    assert isinstance(seen.disks, tuple)
    assert {one.purpose for one in seen.disks} == {"data", "images", "models"}
    assert {(one.total_mib, one.free_mib, one.free_inodes_share) for one in seen.disks} == {(1024, 512, 0.25)}
    assert isinstance(seen.host, HostFact)
    assert (seen.host.memory_mib, seen.host.available_mib) == (24576, None)


def test_a_far_machine_without_an_image_says_what_nobody_could_see(tmp_path: Path) -> None:
    at = place(plan(), tmp_path, FAR)
    cast("FakeEngine", at.api).images.clear()
    seen = look(at)
    assert {part for part in PARTS if isinstance(getattr(seen, part), Unavailable)} == {
        "disks",
        "pressure",
        "filesystems",
    }
    assert isinstance(seen.disks, Unavailable)
    (problem,) = seen.disks.problems
    assert (problem.where, problem.got) == ("local", FAR)
    assert problem.what == "it is another machine, and has no image yet in which to look at it"
