"""The virtual environments of the toolkit and of its peer: each from its lock file alone, as its users have it.

The environment that the bench itself runs in may hold development tools, some of which others load when they find
them; that would be measured too.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from bench.timing import run

ROOT = Path(__file__).resolve().parents[1]
# Of this name because git, ruff and others leave every `.venv` alone.
_HOME = Path(__file__).with_name(".venv")
_INSTALL_TIMEOUT_S = 900


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment, ready to use."""

    directory: Path

    def command(self, name: str) -> str:
        """Return the path of a command that is installed in it."""
        return str(self.directory / "bin" / name)


def toolkit_environment() -> Environment:
    """Return the environment of this checkout. Raises BenchError when pip cannot make it."""
    checkout = ("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    return _environment("toolkit", "requirements.lock", checkout)


def tutor_environment() -> Environment:
    """Return the environment of Tutor. Raises BenchError when pip cannot make it."""
    return _environment("tutor", "requirements-bench.lock", None)


def _environment(name: str, lock: str, more: tuple[str, ...] | None) -> Environment:
    """Make the environment unless it is there, from this lock file and with these words to pip after it."""
    found = Environment(_HOME / name)
    stamp = found.directory / "stamp"
    wanted = "\n".join([str(more), *(_digest(ROOT / file) for file in (lock, "pyproject.toml"))])
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(found.directory, ignore_errors=True)
        run((sys.executable, "-m", "venv", str(found.directory)))
        pip = (found.command("pip"), "install", "--quiet", "--disable-pip-version-check")
        run((*pip, "--require-hashes", "--requirement", str(ROOT / lock)), timeout_s=_INSTALL_TIMEOUT_S)
        if more is not None:
            run((*pip, *more), timeout_s=_INSTALL_TIMEOUT_S)
        stamp.write_text(wanted, "utf-8")
    return found


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()
