"""postgres.access: who gets in"""

from __future__ import annotations

import pytest

from tests.support.readings import agrees
from toolkit.checks.postgres_access import postgres_access


@pytest.mark.parametrize(
    ("service", "line", "cause", "remedy"),
    [
        (
            "vector-db",
            'FATAL:  password authentication failed for user "app"',
            "when the volume is first started",
            "former secret",
        ),
        (
            "vector-db",
            'FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "app", database "x", no encryption',
            "10.0.0.9",
            "only with TLS",
        ),
        ("vector-db", "FATAL:  sorry, too many clients already", "leaves them open", "pg_stat_activity"),
        (
            "vector-db",
            "Error: Database is uninitialized and superuser password is not specified.",
            "found no password",
            "secret",
        ),
    ],
)
def test_a_line_is_read(service: str, line: str, cause: str, remedy: str) -> None:
    agrees(postgres_access, service, line, cause, remedy)
