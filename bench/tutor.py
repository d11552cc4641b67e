"""Tutor, the peer of `render`, in a virtual environment of its own with its locked dependencies."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

from bench.timing import run

_HERE = Path(__file__).resolve().parent
_LOCK = _HERE.parent / "requirements-bench.lock"
# Of this name because git, ruff and others leave every `.venv` alone.
_VENV = _HERE / ".venv"
_INSTALL_TIMEOUT_S = 900


class Tutor:
    """The command of one installation. Each call raises BenchError when Tutor fails."""

    def __init__(self, command: Path) -> None:
        self._command = str(command)

    def version(self) -> str:
        """Return its name and version."""
        return "Tutor " + run((self._command, "--version")).split()[-1]

    def save(self, root: Path) -> tuple[str, ...]:
        """Return the command that renders its whole tree below `root`, with every answer the default one."""
        return (self._command, f"--root={root}", "config", "save")


def installed() -> Tutor:
    """Return Tutor of the lock file, installed first where it is not. Raises BenchError when pip cannot."""
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    stamp = _VENV / ".stamp"
    if not stamp.is_file() or stamp.read_text("utf-8") != wanted:
        shutil.rmtree(_VENV, ignore_errors=True)
        run((sys.executable, "-m", "venv", str(_VENV)))
        pip = (str(_VENV / "bin" / "pip"), "install", "--quiet", "--require-hashes", "-r", str(_LOCK))
        run(pip, timeout_s=_INSTALL_TIMEOUT_S)
        stamp.write_text(wanted, "utf-8")
    return Tutor(_VENV / "bin" / "tutor")
