"""`profile override` copies a shipped file beside toolkit.yaml and says what makes it count."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from toolkit.errors import PublishError, UsageError
from toolkit.profile.shipped import shipped_files, short_digest
from toolkit.profile.tree import plain
from toolkit.profile.yaml_source import read_text
from toolkit.resources import resource_dir
from toolkit.routines.override import copy_shipped, how_to_go_on

if TYPE_CHECKING:
    from pathlib import Path

CONF = "templates/redis/redis.conf.j2"
SHIPPED = shipped_files(resource_dir("templates"), resource_dir("compose"))


def test_the_copy_and_its_line(tmp_path: Path) -> None:
    copy, line = copy_shipped(tmp_path, CONF, SHIPPED)
    original = SHIPPED[CONF].read_bytes()
    assert (copy, copy.read_bytes()) == (tmp_path / "overrides" / CONF, original)
    said = how_to_go_on(copy, line)
    assert said.startswith(f"wrote {copy}\nit counts once toolkit.yaml says:\n\noverrides:\n")
    node = read_text(said.partition("\n\n")[2], "said").node
    assert node is not None
    assert plain(node) == {"overrides": {CONF: {"file": f"overrides/{CONF}", "of": short_digest(original)}}}


def test_a_copy_is_never_replaced(tmp_path: Path) -> None:
    copy, _ = copy_shipped(tmp_path, CONF, SHIPPED)
    copy.write_text("mine")
    with pytest.raises(UsageError) as caught:
        copy_shipped(tmp_path, CONF, SHIPPED)
    assert str(caught.value) == f"{copy}: it is there already\n  next: edit it, or remove it to begin anew"
    assert copy.read_text() == "mine"


def test_a_file_that_is_not_shipped(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        copy_shipped(tmp_path, "redis.conf", SHIPPED)
    assert str(caught.value).startswith(
        f"PATH: no file `redis.conf` is shipped\n  next: did you mean `{CONF}`? known: templates/edge/"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "overrides").write_text("in the way")
    with pytest.raises(PublishError) as caught:
        copy_shipped(tmp_path, CONF, SHIPPED)
    assert f"{tmp_path}/overrides/{CONF}: it cannot be written\n   got: " in str(caught.value)
    assert str(caught.value).endswith("next: free some space, or make the directory writable for this user")
