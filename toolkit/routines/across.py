"""`up` of several hosts from one place: all are looked at before any is touched, then one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from toolkit.errors import BlockedError, Problem, ToolkitError
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.planning.plan import Plan
    from toolkit.routines.progress import Progress
    from toolkit.routines.result import UpResult
    from toolkit.state.keys import Key


class Upward(Protocol):
    """What brings one host up, as a release or without being one."""

    @property
    def plan(self) -> Plan:
        """What is deployed there."""
        ...

    @property
    def progress(self) -> Progress:
        """Where it tells what it is doing."""
        ...

    def check(self) -> None:
        """Raise BlockedError with all that stands in the way."""
        ...

    def up(self, *, wait_for_models: bool | None) -> UpResult:
        """Bring it up. Raises ToolkitError."""
        ...


def up_across(
    deploys: Mapping[str, Upward], prepare: Callable[[], tuple[Key, ...]], *, wait_for_models: bool | None
) -> tuple[UpResult, ...]:
    """Bring up each host, in this order; `prepare` makes the state of all of them. The caller holds the lock.

    Raises BlockedError with what stands in the way on any host, else the error of the host that failed, which also
    says what was done on the others.
    """
    _look_everywhere(deploys)
    keys, done = prepare(), []  # type: tuple[Key, ...], list[UpResult]
    for name, deploy in deploys.items():
        deploy.progress.note(f"host {name}, {deploy.plan.hosts[0].address}")
        with in_turn(name, list(deploys), "up"):
            result = deploy.up(wait_for_models=wait_for_models)
        has_edge = deploy.plan.service("edge") is not None
        done.append(replace(result, new_keys=keys + result.new_keys) if has_edge else result)
    return tuple(done)


@contextmanager
def in_turn(name: str, hosts: Sequence[str], state: str) -> Iterator[None]:
    """Do something to the host `name`, one of `hosts` in their order, after which it is `state`: up, down.

    An error of it also says what was done on the others; with one host alone it stays as it is.
    """
    try:
        yield
    except ToolkitError as error:
        if len(hosts) == 1:
            raise
        before, after = hosts[: hosts.index(name)], hosts[hosts.index(name) + 1 :]
        said = [f"{one} is {state}" for one in before] + [f"{one} was not touched" for one in after]
        step = "the same command goes on from what is there"
        stopped = Problem("hosts", f"stopped at {name}", "; ".join(said), step)
        raise type(error)(*_of(name, error), stopped) from error


def _look_everywhere(deploys: Mapping[str, Upward]) -> None:
    problems: list[Problem] = []
    for name, deploy in deploys.items():
        try:
            deploy.check()
        except BlockedError as error:
            problems += _of(name, error)
        except ToolkitError as error:
            raise type(error)(*_of(name, error)) from error
    if problems:
        raise BlockedError(*problems)


def _of(host: str, error: ToolkitError) -> list[Problem]:
    return [
        replace(one, where=one.where if one.where == host else f"{host}: {one.where}")
        for one in error.problems
    ]
