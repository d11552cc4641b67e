"""Volumes that several services share are filled for one of them before the others come."""

from __future__ import annotations

from tests.support.plans import plan
from toolkit.planning.reconcile import Action
from toolkit.planning.stages import first_users

BOTH = (Action("llm-general", "create", ""), Action("llm-fast", "create", ""), Action("edge", "create", ""))


def test_the_first_of_two_that_share_what_their_image_fills() -> None:
    """Two model servers share the cache that their image brings; the sockets are memory, and no image has any."""
    assert first_users(plan(), BOTH) == ("llm-general",)


def test_who_is_alone_needs_no_turn() -> None:
    assert first_users(plan(), BOTH[:1]) == ()
    there = (BOTH[0], Action("llm-fast", "recreate", ""))
    assert first_users(plan(), there) == ()


def test_a_volume_that_no_image_fills_needs_no_turn() -> None:
    assert first_users(plan("image_source=registry"), BOTH) == ()
