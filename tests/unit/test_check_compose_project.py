"""compose.project: what Compose lacks before it asks the engine"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.compose_project import compose_project


@pytest.mark.parametrize(
    ("line", "cause", "remedy"),
    [
        (
            "docker: 'compose' is not a docker command.",
            "the engine's client has no Compose (version 2 is a",
            "install docker-compose-plugin from the",
        ),
        (
            'ERROR: Version in "./compose.yaml" is unsupported.',
            "this Compose is older than the file: version 1",
            "update to Compose version 2 (`docker",
        ),
        (
            "validating /srv/compose.yml: services.backend Additional property develop is not allowed",
            "this Compose is too old for `develop`",
            "update docker-compose-plugin",
        ),
        (
            "no configuration file provided: not found",
            "Compose finds no file: it was called in another",
            "`toolkit render`, then call it in the",
        ),
        (
            "env file /srv/.env not found: stat /srv/.env: no such file or directory",
            "the file of variables /srv/.env is not there",
            "make it, or take `env_file` out (with",
        ),
        (
            "Dependency cycle detected: a -> b -> a",
            "services wait for each other in a circle a -> b -> a",
            "take one `depends_on` (or link",
        ),
        (
            'volume "data" declared as external, but could not be found',
            "the external volume data is not there: Compose does",
            "`docker volume ls` shows names: `docker",
        ),
        (
            "Cannot link to a non running container: /piwik_db_1 AS /app/db",
            "the container /piwik_db_1 that this one is linked",
            "look at that service's own finding",
        ),
        (
            "dependency failed to start: Error response from daemon: No such container: 2c8a8294ae6b",
            "the container 2c8a8294ae6b went away while Compose",
            "`toolkit down`, then `toolkit up`; one",
        ),
        (
            "no such service: redis",
            "the service redis is not defined here: misspelt, of",
            "`docker compose config --services`",
        ),
        (
            'Conflict. The container name "/redis" is already in use by container',
            "named redis",
            "docker inspect redis",
        ),
        (
            "removal of container abc is already in progress",
            "stuck in its removal",
            "restart the engine",
        ),
        (
            "services.redis Additional property memory is not allowed",
            "the Compose definition is not valid",
            "toolkit validate",
        ),
        (
            'The "HF_TOKEN" variable is not set. Defaulting to a blank string.',
            "no value for HF_TOKEN",
            "$$ for a dollar",
        ),
        ("Found orphan containers ([p-old-1]) for this project.", "no longer defined", "--remove-orphans"),
    ],
)
def test_a_line_is_read(line: str, cause: str, remedy: str) -> None:
    agrees(compose_project, "compose", line, cause, remedy)
