"""container.dependency: what a service needs and does not reach"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.container_dependency import container_dependency


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "edge",
            "dependency failed to start: container llm-x-1 is unhealthy",
            "start_period",
            "not its retries",
        ),
        (
            "compose",
            "dependency failed to start: container stack-mariadb-1 exited (1)",
            "the service stack-mariadb-1 that was waited for",
            "look at its own finding and",
        ),
        (
            "redis",
            "Error: connect ECONNREFUSED 127.0.0.1:3306",
            "at localhost (port 3306)",
            "instead of localhost",
        ),
        (
            "redis",
            "Error: connect ECONNREFUSED 172.18.0.4:3306",
            "nothing listens at 172.18.0.4:3306",
            "its own finding",
        ),
        (
            "redis",
            "redis.exceptions.ConnectionError: Error -3 connecting to redis:6379. Temporary failure in name resolution.",
            "the container redis is not known by that name: it",
            "start it, put both into one network",
        ),
        (
            "api",
            "KeyError: 'DATABASE_URL'",
            "the variable DATABASE_URL that the service needs",
            "environment",
        ),
        (
            "app-api",
            'psycopg.OperationalError: connection to server at "localhost" (127.0.0.1), port 5432 failed: Connection refused',
            "itself",
            "name instead of localhost",
        ),
        (
            "compose",
            'service "seed" didn\'t complete successfully: exit 3',
            "the service seed that was waited for ended with 3",
            "its own finding",
        ),
        (
            "api",
            "Invalid HTTP_HOST header: 'my_api:8000'. The domain name provided is not valid according to RFC 1034/1035.",
            "no valid host name",
            "ALLOWED_HOSTS",
        ),
        (
            "edge",
            "wget: can't connect to remote host: [::1]:8080 Connection refused",
            "localhost is ::1 there",
            "127.0.0.1 instead of localhost",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(container_dependency, service, line, cause, remedy)
