"""Where everything stands: which service is on which host, with how much memory, and how one reaches another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypedDict, cast

from toolkit.errors import Problem, UsageError
from toolkit.planning.images import ImagePin, image_ref
from toolkit.planning.plan import CardPin, HealthTimings, ImageSource, PublishedPort
from toolkit.planning.sizing import Sized
from toolkit.settings.common import Health, Service
from toolkit.settings.root import RunAs, Settings
from toolkit.values import Value

# Engine 25 is the first that runs checks faster while a container starts.
_START_INTERVAL_SINCE = 25
_START_INTERVAL_S = 1.0
PUBLIC = "public"


class User(NamedTuple):
    """Whom a container's processes run as."""

    uid: int
    gid: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid}"


class Reach(NamedTuple):
    """Where one service reaches another: by its name on the same host, else at the other host's address."""

    host: str
    port: int


class Placed(TypedDict):
    """The leaves of a ServicePlan that follow from its section and its place."""

    part_of: str
    host: str
    memory_bytes: int
    cpus: float
    pids: int
    health: HealthTimings
    gpus: tuple[CardPin, ...]


def user_of(run_as: RunAs, pin: ImagePin) -> User:
    """Return the user that the profile names, else the image's own."""
    return User(
        pin.uid if run_as.uid is None else run_as.uid,
        pin.gid if run_as.gid is None else run_as.gid,
    )


def service_name(key: str) -> str:
    """Return the name of the service whose section is `key`."""
    return key.replace("_", "-")


class Site(Value):
    """What the plan of one service may ask of all the others.

    By the key of their section: the wanted `sections`, their host (`placed`), bytes of one replica (`memory`), cards
    (`cards`), sums of model servers (`sized`); `links` are pairs of keys, the first uses the second. `crowded` are
    warnings about cards; `used_from_elsewhere` are the keys that services of another host use.
    """

    settings: Settings
    source: ImageSource
    sections: Mapping[str, Service]
    placed: Mapping[str, str]
    memory: Mapping[str, int]
    cards: Mapping[str, tuple[CardPin, ...]]
    links: frozenset[tuple[str, str]]
    sized: Mapping[str, Sized]
    crowded: tuple[Problem, ...]
    used_from_elsewhere: frozenset[str]

    def image(self, pin: ImagePin) -> str:
        """Return the image's reference for this plan. Raises UsageError where there is none for its source."""
        return image_ref(pin, self.source)

    def leaves(self, key: str) -> Placed:
        """Return what every service takes from its section in the same way; cores are those of the host at most."""
        section = self.sections[key]
        cpus = self.settings.hosts[self.placed[key]].cpus
        return Placed(
            part_of=key,
            host=self.placed[key],
            memory_bytes=self.memory[key],
            cpus=min(section.cpus, cpus) if isinstance(cpus, float) else section.cpus,
            pids=section.pids,
            health=_timings(section.health, self.settings.engine.version),
            gpus=self.cards.get(key, ()),
        )

    def context(self, key: str) -> int:
        """Return --max-model-len of a model server, planned or said."""
        return cast("int", self.sized[key].flags.max_model_len)

    def sequences(self, key: str) -> int:
        """Return --max-num-seqs of a model server, planned or said."""
        return cast("int", self.sized[key].flags.max_num_seqs)

    def exposed(self, key: str) -> bool:
        """Return whether services of another host use this one."""
        return key in self.used_from_elsewhere

    def private_ports(
        self, key: str, container_port: int, host_port: int, count: int = 1
    ) -> tuple[PublishedPort, ...]:
        """Return what has to be published for services of other hosts: on the private address, nowhere else."""
        if not self.exposed(key):
            return ()
        return (PublishedPort(self._address(key), host_port, container_port, count),)

    def networks(self, key: str, *names: str) -> tuple[str, ...]:
        """Return the networks of a service: an internal one alone could not be published."""
        return (*names, PUBLIC) if self.exposed(key) and PUBLIC not in names else names

    def reach(self, user: str, used: str, container_port: int, host_port: int) -> Reach:
        """Return where `user` reaches `used`. Raises UsageError where its host has no address."""
        if self.placed[user] == self.placed[used]:
            return Reach(service_name(used), container_port)
        return Reach(self._address(used), host_port)

    def _address(self, key: str) -> str:
        host = self.placed[key]
        address = self.settings.hosts[host].address
        if address is None:
            users = ", ".join(
                sorted(service_name(u) for u, used in self.links if used == key and self.placed[u] != host)
            )
            raise UsageError(
                Problem(
                    where=f"hosts.{host}.address",
                    what=f"is missing: {users} on another host cannot reach {service_name(key)}",
                    got="null",
                    next_step=f"write the private address of {host} to toolkit.yaml: "
                    f"hosts: {{{host}: {{address: 10.0.0.2}}}}",
                )
            )
        return address


def _timings(health: Health, engine_version: str) -> HealthTimings:
    quick = int(engine_version.split(".", maxsplit=1)[0]) >= _START_INTERVAL_SINCE
    return HealthTimings(
        interval_s=health.interval,
        timeout_s=health.timeout,
        retries=health.retries,
        start_period_s=health.start_period,
        start_interval_s=_START_INTERVAL_S if quick else None,
    )
