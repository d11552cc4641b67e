"""`up` as a release: begun before anything is touched, numbered once it serves, else the former one comes back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from toolkit.errors import Problem, PublishError, ServiceFailedError, ToolkitError
from toolkit.planning.rolling import outages_to_expect
from toolkit.publish import publish, translated
from toolkit.render.release import FAILED, LOADING, SERVES, Release, UsedImage
from toolkit.routines.way_back import data_volumes
from toolkit.values import replace

if TYPE_CHECKING:
    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.planning.reconcile import Action
    from toolkit.routines.deploy import Deploy
    from toolkit.routines.edge_view import EdgeView
    from toolkit.routines.progress import Progress
    from toolkit.routines.result import UpResult
    from toolkit.routines.wreck import Evidence
    from toolkit.state.releases import Releases

_REASON_CHARS = 300


@dataclass(slots=True)
class Releasing:
    """One deploy of one host; the caller holds the environment's lock.

    `way_back` gives the same for a former release, and raises BlockedError with what stands in its way;
    with `automatic` it is gone when this one fails. `restores` is the former release whose files these are.
    """

    deploy: Deploy
    releases: Releases
    settings: Mapping[str, Any]
    toolkit: str
    who: str
    way_back: Callable[[Release], Releasing]
    evidence: Evidence
    edge_view: EdgeView | None = None
    automatic: bool = True
    restores: int | None = None
    _begun: Release | None = None
    _resumes: bool = False
    _began_at: float = field(default_factory=time.time)

    @property
    def plan(self) -> Plan:
        """What is deployed."""
        return self.deploy.plan

    @property
    def progress(self) -> Progress:
        """Where it tells what it is doing."""
        return self.deploy.progress

    def check(self) -> None:
        """Do as `Deploy.check`."""
        self.deploy.check()

    def up(self, *, wait_for_models: bool | None) -> UpResult:
        """Bring the environment up, and make it a release where it is another one than before.

        Raises ToolkitError; what failed after the engine was told to change something has become a wreck by then,
        and where it is said so the former release serves again.
        """
        self._began_at = time.time()
        self.deploy.before = self._begin
        try:
            result = self.deploy.up(wait_for_models=wait_for_models)
        except ToolkitError as error:
            if self._begun is None:
                raise
            raise self._failed(error, self._begun, wait_for_models) from error
        return self._served(result)

    def _begin(self, actions: tuple[Action, ...], seen: tuple[ContainerFact, ...]) -> None:
        current, unfinished = self.releases.current, self.releases.unfinished
        same = current is not None and current.digest == self.deploy.bundle.digest
        if same and not actions and unfinished is None and self.restores is None:
            return
        self._tell_outages(outages_to_expect(self.plan, actions, seen), current)
        begun, self._resumes = self._new(), unfinished is not None
        try:
            with translated(self.releases.root):
                directory = self.releases.begin(begun, self.plan, self.settings)
            publish(self.deploy.bundle, directory)
        except PublishError:
            self.releases.drop()
            raise
        self._begun = begun

    def _tell_outages(self, expected_s: Mapping[str, float], current: Release | None) -> None:
        for model in (one for one in self.plan.models if one.served_name in expected_s):
            # What the last start took is known better than what any sum says.
            took_s = [current.ready_s[name] for name in model.services if current and name in current.ready_s]
            for_s = min(took_s, default=expected_s[model.served_name])
            meanwhile = f"{model.fallback} stands in" if model.fallback else "its users get 503"
            self.progress.note(
                f"{model.served_name}: no server of its own for about {for_s:.0f} s; {meanwhile}"
            )

    def _new(self) -> Release:
        bundle, plan = self.deploy.bundle, self.plan
        return Release(
            number=self.releases.next_number,
            environment=plan.environment,
            host=plan.hosts[0].name,
            project=plan.project,
            toolkit=self.toolkit,
            who=self.who,
            began=datetime.fromtimestamp(self._began_at, UTC).isoformat(timespec="seconds"),
            digest=bundle.digest,
            restores=self.restores,
            images={service.name: UsedImage(service.image, "") for service in plan.services},
            definitions=bundle.definitions,
            reload_digests=bundle.reload_digests,
            sources={path: (file.mode, file.source) for path, file in bundle.files.items()},
        )

    def _served(self, result: UpResult) -> UpResult:
        current = self.releases.current
        if self._begun is None:
            return replace(result, release=current.number if current else None)
        if self._resumes and self.deploy.bringing.rolling is not None:
            self.deploy.bringing.rolling.forget()
        done = self._completed(self._begun, result)
        if current is not None and current.content == done.content and self.restores is None:
            # What was mended is no other release.
            self.releases.drop()
            return replace(result, release=current.number, outages_s=done.outages_s)
        try:
            self.releases.keep(done)
        except OSError as error:
            self.progress.note("warning: " + _unwritable(self.releases.root, error).as_text())
        return replace(result, release=done.number, restores=self.restores, outages_s=done.outages_s)

    def _completed(self, begun: Release, result: UpResult) -> Release:
        """Return the release as it has come to serve."""
        containers, first = self.deploy.containers, self.releases.current is None
        ids = {fact.service: fact.image_id for fact in containers.of_project(self.plan.project)}
        named = containers.image_ids(service.image for service in self.plan.services)
        view = self.edge_view if self.deploy.bringing.touched else None
        return replace(
            begun,
            verdict=LOADING if result.pending_models else SERVES,
            elapsed_s=round(time.time() - self._began_at, 1),
            images={
                name: UsedImage(image.reference, ids.get(name) or named.get(image.reference) or "")
                for name, image in begun.images.items()
            },
            volumes=data_volumes(self.plan, containers.volume_names(self.plan.project)),
            ready_s=view.ready_s() if view else {},
            outages_s=view.lost_s(self._began_at, time.time()) if view and not first else {},
        )

    def _failed(self, error: ToolkitError, begun: Release, wait_for_models: bool | None) -> ToolkitError:
        former = self.releases.current
        if not self.deploy.bringing.touched:
            return self._untouched(error, former)
        self._save_wreck(error, begun)
        if former is None:
            return _with(error, self._said(begun, "it does not serve, and none was before it to go back to"))
        if self.restores is not None or not self.automatic:
            what = "it does not serve, and stays as it is"
            step = f"bring back the one before: toolkit rollback --env {self.plan.environment}"
            return _with(error, self._said(begun, what, step))
        self.progress.note(f"release {begun.number} does not serve: going back to release {former.number}")
        try:
            result = self.way_back(former).up(wait_for_models=wait_for_models)
        except ToolkitError as second:
            step = f"correct what is said above, then: toolkit rollback --env {self.plan.environment}"
            what = f"it does not serve, and release {former.number} could not be brought back"
            return _with(error, *second.problems, self._said(begun, what, step))
        return ServiceFailedError(*error.problems, self._restored(begun, former, result))

    def _untouched(self, error: ToolkitError, former: Release | None) -> ToolkitError:
        """Nothing was changed on the engine: what is published is that which runs, again."""
        self.releases.drop()
        if former is None or isinstance(error, PublishError):
            return error
        with suppress(ToolkitError):
            publish(self.releases.bundle(former), self.deploy.build_dir)
        self.progress.note(f"nothing was changed: release {former.number} goes on as it is")
        return error

    def _save_wreck(self, error: ToolkitError, begun: Release) -> None:
        reason = str(error)[:_REASON_CHARS]
        elapsed_s = round(time.time() - self._began_at, 1)
        failed = replace(begun, verdict=FAILED, reason=reason, elapsed_s=elapsed_s)
        try:
            self.evidence.save(self.releases.give_up(failed), error)
        except OSError as problem:
            self.progress.note(f"warning: not all of the evidence could be saved: {problem}")

    def _restored(self, begun: Release, former: Release, result: UpResult) -> Problem:
        took_s = time.time() - self._began_at
        lost = self.edge_view.lost_s(self._began_at, time.time()) if self.edge_view else {}
        felt = ", ".join(f"{model} had no server of its own for {s:.1f} s" for model, s in lost.items())
        what = f"it did not become ready; release {former.number} serves again, as release {result.release}"
        got = f"{felt or 'every model had a server of its own all the time'}; back after {took_s:.0f} s"
        return replace(self._said(begun, what), got=f"{got}\n{self._place(begun)}")

    def _said(self, begun: Release, what: str, step: str = "") -> Problem:
        again = f"correct toolkit.yaml, then: toolkit up --env {self.plan.environment}"
        return Problem(f"release {begun.number}", what, self._place(begun), step or again)

    def _place(self, begun: Release) -> str:
        return f"evidence: {self.releases.wreck(begun.number)}"


def _with(error: ToolkitError, *more: Problem) -> ToolkitError:
    return type(error)(*error.problems, *more)


def _unwritable(where: object, error: OSError) -> Problem:
    step = "free some space (`df -h .`), or run as the user that owns the directory; then run it again"
    return Problem(str(where), "the release cannot be kept", str(error), step)
