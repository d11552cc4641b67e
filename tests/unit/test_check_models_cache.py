"""models.cache: there, and open to the user of the model servers."""

from __future__ import annotations

import pytest

from tests.support.findings import ask
from tests.support.plans import plan
from toolkit.checking import Status
from toolkit.checks.models_cache import models_cache
from toolkit.facts import CacheFact, EntryFact

BOUND = plan("model_cache.source=/srv/hf", machine="cpu-online")


def cache(*entries: EntryFact, exists: bool = True, readable: bool = True) -> CacheFact:
    return CacheFact("/srv/hf", exists, readable, entries)


@pytest.mark.parametrize(
    ("uid", "gid", "mode", "status"),
    [
        (1001, 1001, 0o755, Status.PASS),
        (0, 1001, 0o775, Status.PASS),
        (0, 0, 0o777, Status.PASS),
        (0, 0, 0o755, Status.FAIL),
        (0, 1001, 0o755, Status.FAIL),
        (1001, 1001, 0o555, Status.FAIL),
    ],
)
def test_the_user_of_the_servers_has_to_write(uid: int, gid: int, mode: int, status: Status) -> None:
    (found,) = ask(models_cache, BOUND, cache=cache(EntryFact("/srv/hf", uid, gid, mode)))
    assert found.status is status


def test_what_another_user_left_is_shown_with_the_command() -> None:
    entries = EntryFact("/srv/hf", 1001, 1001, 0o755), EntryFact("/srv/hf/hub", 0, 0, 0o755)
    (found,) = ask(models_cache, BOUND, cache=cache(*entries))
    assert (found.observed, found.evidence) == ("1001:1001 may not write there", ("0755 0:0 /srv/hf/hub",))
    assert found.remedy.startswith("chown -R 1001:1001 /srv/hf\n")


def test_a_directory_that_is_not_there() -> None:
    (found,) = ask(models_cache, BOUND, cache=cache(exists=False))
    assert (found.status, found.observed) == (Status.FAIL, "the directory is not there")
    assert found.remedy.startswith("mkdir -p /srv/hf && chown 1001:1001 /srv/hf\n")


def test_a_volume_is_the_engine_s() -> None:
    assert ask(models_cache, cache=cache(exists=False)) == ()
