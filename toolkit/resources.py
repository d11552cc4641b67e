"""Where compose/, templates/ and profiles/ are: inside the installed package, else in the checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_dir(name: str, package: Path = PACKAGE) -> Path:
    """Return the directory of `compose`, `templates` or `profiles`.

    A wheel carries them under `toolkit/assets/`; a checkout has them beside the package.
    Raises FileNotFoundError when neither is there, which only a broken installation can cause.
    """
    for candidate in (package / "assets" / name, package.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}/ is neither in {package / 'assets'} nor in {package.parent}")
