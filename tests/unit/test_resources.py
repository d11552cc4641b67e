"""compose/, templates/ and profiles/ are found inside a package, else beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

import toolkit
from toolkit.resources import resource_dir

NAMES = ("compose", "templates", "profiles")


@pytest.mark.parametrize("name", NAMES)
def test_in_a_checkout_they_lie_beside_the_package(name: str) -> None:
    checkout = Path(toolkit.__file__).parents[1]
    assert resource_dir(name) == checkout / name


@pytest.mark.parametrize("name", NAMES)
def test_a_package_that_carries_them_uses_its_own(name: str, tmp_path: Path) -> None:
    package = tmp_path / "site-packages" / "toolkit"
    for parent in (package / "assets", package.parent):
        (parent / name).mkdir(parents=True)

    assert resource_dir(name, package) == package / "assets" / name


def test_a_file_of_that_name_beside_the_package_is_not_taken(tmp_path: Path) -> None:
    package = tmp_path / "toolkit"
    package.mkdir()
    (tmp_path / "profiles").write_text("not a directory")

    with pytest.raises(FileNotFoundError) as caught:
        resource_dir("profiles", package)

    assert str(caught.value) == f"profiles/ is neither in {package / 'assets'} nor in {tmp_path}"
