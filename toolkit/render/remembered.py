"""What an `up` has to find where nothing has changed, by names and digests, and whether that is what it finds."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from toolkit.planning.plan_files import DigestFile, SecretFile
from toolkit.planning.plan_models import ModelEndpoint
from toolkit.planning.reconcile import Wanted, reconcile
from toolkit.render.bundle import HASH_LABEL
from toolkit.values import Value, as_plain, replace

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from toolkit.facts import ContainerFact
    from toolkit.planning.plan import Plan
    from toolkit.render.bundle import Bundle


class Remembered(Value):
    """What is left of a plan and its bundle once they are deployed; nothing that comes from a secret.

    `engine` is the address of the host's own engine, empty for the one that docker talks to. `files` gives the sha256
    (hex) of each published file by its path below `build_dir`, `sources` that of each file of the user's own that was
    rendered. `edge_digest` is the name by which the running edge knows its configuration.
    """

    environment: str
    part: str
    project: str
    engine: str
    build_dir: str
    wait_for_models: bool
    services: tuple[Wanted, ...]
    awaited: tuple[str, ...]
    models: tuple[ModelEndpoint, ...]
    secrets: tuple[SecretFile, ...]
    secret_copies: tuple[SecretFile, ...]
    digest_files: tuple[DigestFile, ...]
    keys: tuple[str, ...]
    files: Mapping[str, str]
    sources: Mapping[str, str]
    edge_url: str | None
    edge_digest: str
    tls_digest: str = ""
    """The sha256 of the edge's certificate, empty without TLS."""

    @property
    def model_services(self) -> tuple[str, ...]:
        """The model servers of this host."""
        here = {wanted.service for wanted in self.services}
        return tuple(s for model in self.models for s in model.services if s in here)

    def agrees(
        self, seen: Collection[ContainerFact], image_ids: Mapping[str, str], made_from_label: str
    ) -> bool:
        """Return whether every container is as wanted, healthy where that is awaited, and made from our directory.

        `image_ids` gives the id of each image reference that is on the machine.
        """
        there = {fact.service for fact in seen}
        return (
            reconcile(self.services, seen, image_ids, HASH_LABEL) == ()
            and all(one.image in image_ids for one in self.services if one.service in there)
            and there.issuperset(self.awaited)
            and all(fact.healthy for fact in seen if fact.service in self.awaited)
            and all(fact.labels.get(made_from_label) == self.build_dir for fact in seen)
        )

    def as_json(self) -> dict[str, Any]:
        """Return it for `remembered_from`."""
        return as_plain(self)


def wanted_of(plan: Plan, bundle: Bundle) -> tuple[Wanted, ...]:
    """Return the services of the plan as they were rendered."""
    return tuple(
        Wanted(s.name, bundle.definitions[s.name], s.image, s.replicas, s.on_demand) for s in plan.services
    )


def remember(
    plan: Plan,
    bundle: Bundle,
    build_dir: str,
    *,
    keys: tuple[str, ...],
    sources: Mapping[str, str],
    edge_url: str | None,
    tls_digest: str = "",
) -> Remembered:
    """Return what is to be remembered of the deployed part of one host.

    `build_dir` as the containers' labels name it; `keys` are the API keys that the edge has to know.
    """
    return Remembered(
        environment=plan.environment,
        part=plan.part,
        project=plan.project,
        engine=plan.hosts[0].engine,
        build_dir=build_dir,
        wait_for_models=plan.wait_for_models,
        services=wanted_of(plan, bundle),
        awaited=tuple(service.name for service in plan.started if service.awaited),
        models=plan.models,
        secrets=plan.secrets,
        secret_copies=plan.secret_copies,
        digest_files=tuple(replace(file, secrets=()) for file in plan.digest_files),
        keys=keys,
        files={path: sha256(file.text.encode()).hexdigest() for path, file in bundle.files.items()},
        sources=sources,
        edge_url=edge_url,
        edge_digest=bundle.reload_digests.get("edge", ""),
        tls_digest=tls_digest,
    )


def remembered_from(found: Mapping[str, Any]) -> Remembered:
    """Return what `as_json` gave. Raises TypeError or KeyError for anything else."""
    return Remembered(
        **{
            **found,
            "services": tuple(Wanted(**one) for one in found["services"]),
            "awaited": tuple(found["awaited"]),
            "models": tuple(
                ModelEndpoint(
                    **{**one, "services": tuple(one["services"]), "adapters": tuple(one["adapters"])}
                )
                for one in found["models"]
            ),
            "secrets": tuple(SecretFile(**one) for one in found["secrets"]),
            "secret_copies": tuple(SecretFile(**one) for one in found["secret_copies"]),
            "keys": tuple(found["keys"]),
            "digest_files": tuple(DigestFile(**{**one, "secrets": ()}) for one in found["digest_files"]),
        }
    )
