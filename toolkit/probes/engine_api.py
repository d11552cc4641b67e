"""The door to the engine for those who look: the docker SDK, its exceptions translated at this border."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from toolkit.errors import EngineError, Problem
from toolkit.unreachable import no_permission, not_running

if TYPE_CHECKING:
    import docker

    from toolkit.clock import Deadline

CALL_TIMEOUT_S = 20

Filters = Mapping[str, Sequence[str]]
Document = dict[str, Any]


class NotFoundError(EngineError):
    """The engine knows no such object."""


class EngineApi(Protocol):
    """What is asked of an engine; each method raises EngineError, for an unknown object NotFoundError."""

    def info(self) -> Document:
        """Return what the engine tells of itself and its machine."""
        ...

    def containers(self, filters: Filters, *, stopped: bool) -> list[Document]:
        """Return the list's entries, with `stopped` also those that do not run."""
        ...

    def container(self, name: str) -> Document:
        """Return what `inspect` tells of a container by id or name."""
        ...

    def logs(self, container: str, tail: int) -> bytes:
        """Return the last `tail` lines of both streams in the order written."""
        ...

    def stats(self, container: str) -> Document:
        """Return what a running container uses; the engine takes a second or two for its two looks."""
        ...

    def errors(self, container: str) -> bytes:
        """Return all that it wrote to its standard error, each line behind its time (RFC 3339, UTC)."""
        ...

    def image(self, reference: str) -> Document:
        """Return what `inspect` tells of an image."""
        ...

    def volumes(self, filters: Filters) -> list[Document]:
        """Return the volumes."""
        ...

    def events(self, filters: Filters, deadline: Deadline) -> AbstractContextManager[Iterator[Document]]:
        """Listen from now on; the iterator ends at `deadline`, with EngineError if the engine goes away."""
        ...


class SdkApi:
    """The engine at `host` (unix:// or tcp://) through the docker SDK; connected at the first question."""

    def __init__(self, host: str, timeout_s: int = CALL_TIMEOUT_S) -> None:
        self._host = host
        self._timeout_s = timeout_s

    def info(self) -> Document:
        """Ask, as `EngineApi.info` says."""
        with self._translated():
            return dict(self._client.info())

    def containers(self, filters: Filters, *, stopped: bool) -> list[Document]:
        """List, as `EngineApi.containers` says."""
        with self._translated():
            return list(self._client.containers(all=stopped, filters=dict(filters)))

    def container(self, name: str) -> Document:
        """Inspect, as `EngineApi.container` says."""
        with self._translated():
            return dict(self._client.inspect_container(name))

    def logs(self, container: str, tail: int) -> bytes:
        """Read, as `EngineApi.logs` says."""
        with self._translated():
            return bytes(self._client.logs(container, stdout=True, stderr=True, tail=tail))

    def stats(self, container: str) -> Document:
        """Look, as `EngineApi.stats` says."""
        with self._translated():
            return dict(self._client.stats(container, stream=False))

    def errors(self, container: str) -> bytes:
        """Read, as `EngineApi.errors` says."""
        with self._translated():
            return bytes(self._client.logs(container, stdout=False, stderr=True, timestamps=True))

    def image(self, reference: str) -> Document:
        """Inspect, as `EngineApi.image` says."""
        with self._translated():
            return dict(self._client.inspect_image(reference))  # type: ignore[no-untyped-call]

    def volumes(self, filters: Filters) -> list[Document]:
        """List, as `EngineApi.volumes` says."""
        with self._translated():
            return list(self._client.volumes(filters=dict(filters))["Volumes"] or ())

    @contextmanager
    def events(self, filters: Filters, deadline: Deadline) -> Iterator[Iterator[Document]]:
        """Listen, as `EngineApi.events` says."""
        with self._translated():
            # Without a start the engine would begin when it has read the request, a moment too late.
            since: Any = time.time()  # whole seconds, all that its stubs know, would bring back what is over
            stream = self._client.events(since=since, filters=dict(filters), decode=True)
        # The stream has no time limit of its own; closing it from the side ends the wait for the next event.
        ender = threading.Timer(deadline.remaining_s(), stream.close)
        ender.daemon = True
        ender.start()
        try:
            yield self._until(stream, deadline)
        finally:
            ender.cancel()
            stream.close()

    def _until(self, stream: Iterator[Document], deadline: Deadline) -> Iterator[Document]:
        try:
            with self._translated():
                yield from stream
        except EngineError:
            if not deadline.passed:
                raise
        if not deadline.passed:
            raise EngineError(not_running(self._host, "it closed the stream of its events"))

    @cached_property
    def _client(self) -> docker.APIClient:
        import docker  # noqa: PLC0415 - 0.1 s that only those pay who ask

        return docker.APIClient(base_url=self._host, version="auto", timeout=self._timeout_s)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import requests  # noqa: PLC0415 - as above
        from docker.errors import APIError, DockerException, NotFound  # noqa: PLC0415

        try:
            yield
        except NotFound as error:
            raise NotFoundError(_refused(error)) from error
        except APIError as error:
            raise EngineError(_refused(error)) from error
        except requests.exceptions.ReadTimeout as error:
            raise EngineError(not_running(self._host, f"no answer within {self._timeout_s} s")) from error
        except (DockerException, requests.exceptions.RequestException, OSError) as error:
            raise EngineError(self._unreachable(error)) from error

    def _unreachable(self, error: BaseException) -> Problem:
        chain = list(_causes(error))
        if any(isinstance(cause, PermissionError) for cause in chain):
            return no_permission(self._host, "permission denied")
        root = next((cause for cause in chain if isinstance(cause, OSError) and cause.strerror), error)
        return not_running(self._host, getattr(root, "strerror", None) or str(root))


def _refused(error: Any) -> Problem:
    return Problem(
        "Docker Engine",
        f"the engine refused with status {error.status_code}",
        str(error.explanation or error),
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield the error and all that lie below it: as cause, as context, and wrapped as an argument."""
    while error is not None:
        yield error
        for wrapped in error.args:
            if isinstance(wrapped, BaseException):
                yield from _causes(wrapped)
        error = error.__cause__ or error.__context__
