"""The part of the composition root that has to do with releases."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from toolkit.cli.wiring import Project
    from toolkit.render.release import Release
    from toolkit.routines.deploy import Deploy
    from toolkit.routines.releasing import Releasing
    from toolkit.routines.result import UpResult
    from toolkit.state.releases import Releases


def releases_of(part: Project) -> Releases:
    """Return where the releases of one host are kept."""
    from toolkit.state.releases import Releases

    return Releases(part.state, part.plan.part)


def releasing(
    part: Project, made: frozenset[str] | None = None, *, preflight: bool = True, automatic: bool = True
) -> Releasing:
    """Return the sequence of `up` on one host that leaves a release; `made` as `Project.deploy` has it."""
    settings = part.settings.model_dump(mode="json")
    return _releasing(part, part.deploy(made, preflight=preflight), settings, automatic=automatic)


def rolled_back(
    project: Project, number: int | None, wait_for_models: bool | None, *, preflight: bool = True
) -> tuple[UpResult, ...]:
    """Bring a former release back on every host that is reached, by default the one before what runs."""
    from toolkit.planning.hosts import start_order
    from toolkit.routines.across import up_across
    from toolkit.routines.back import meant

    parts = {part.plan.hosts[0].name: part for part in project.reached()}
    with project.lock("rollback"):
        order = [name for name in start_order(project.whole_plan) if name in parts]
        targets = {name: meant(releases_of(parts[name]), number) for name in order}
        back = {name: way_back(parts[name], targets[name], preflight=preflight) for name in order}
        if len(back) == 1:
            return tuple(one.up(wait_for_models=wait_for_models) for one in back.values())
        return up_across(back, lambda: (), wait_for_models=wait_for_models)


def way_back(part: Project, release: Release, *, preflight: bool = False) -> Releasing:
    """Return the sequence that brings `release` back. Raises BlockedError with what stands in its way."""
    from toolkit.errors import BlockedError
    from toolkit.routines.back import as_it_was
    from toolkit.routines.way_back import way_back_problems
    from toolkit.state.secrets import existing

    releases = releases_of(part)
    plan, bundle = releases.plan(release), releases.bundle(release)
    later = [one for one in (*releases.all(), *releases.failed()) if one.number > release.number]
    problems = way_back_problems(
        release,
        plan,
        later,
        image_ids=part.containers.image_ids(image.id for image in release.images.values() if image.id),
        secrets=existing(part.state.secrets, [secret.name for secret in plan.secrets]),
        volumes=part.containers.volume_names(plan.project),
    )
    if problems:
        raise BlockedError(*problems)
    named = part.containers.image_ids(image.reference for image in release.images.values())
    former = part.with_plan(*as_it_was(release, plan, bundle, named))
    deploy = former.deploy(preflight=preflight)
    return _releasing(former, deploy, releases.settings(release), automatic=False, restores=release.number)


def _releasing(
    part: Project,
    deploy: Deploy,
    settings: Mapping[str, Any],
    *,
    automatic: bool,
    restores: int | None = None,
) -> Releasing:
    from toolkit import __version__
    from toolkit.clock import SYSTEM_CLOCK
    from toolkit.engine.edge import EdgeAdmin
    from toolkit.routines.edge_view import EdgeView
    from toolkit.routines.releasing import Releasing
    from toolkit.routines.rolling import Rolling
    from toolkit.routines.wreck import Evidence
    from toolkit.state.lock import Holder

    us, plan = Holder.of_this_run("up"), deploy.plan
    if deploy.edge is not None:
        admin = EdgeAdmin(part.runner, part.engine.container("edge"))
        deploy.bringing.rolling = Rolling(admin, part.engine, part.progress, SYSTEM_CLOCK)
    models = {model.served_name: model.services for model in plan.models}
    return Releasing(
        deploy,
        releases_of(part),
        settings,
        toolkit=__version__,
        who=f"{us.user}@{us.host}",
        way_back=partial(way_back, part),
        evidence=Evidence(part.containers, plan.project, part.state),
        edge_view=EdgeView(part.containers, plan.project, models) if deploy.edge is not None else None,
        automatic=automatic,
        restores=restores,
    )
