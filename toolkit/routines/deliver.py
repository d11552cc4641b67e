"""Brings what containers mount to the machine of an engine that is not this one, through the engine itself."""

from __future__ import annotations

import secrets
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.engine.archive import Entry, tar_stream
from toolkit.errors import BlockedError, EngineError, Problem
from toolkit.routines.cargo import Item, cargo, outer_directories

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.runner import Completed, Stdin
    from toolkit.planning.plan import Plan
    from toolkit.render.bundle import Bundle
    from toolkit.state.directory import StateDirectory

# Below it the directories of the other machine are mounted: at their own place they could hide the image's programs.
_THERE = "/there"
_SAME = "same machine"
# $1 a file that only this machine has, $2 what was brought before; stdin: a stamp and a path for each wanted file.
# Says which of them are not there as they shall be.
_LOOK = f"""
cd {_THERE}
if [ -e "$1" ]; then echo "{_SAME}"; exit; fi
while IFS= read -r line; do
  if [ ! -e "${{line#* }}" ] || ! grep -qxF -e "$line" "$2" 2>/dev/null; then printf '%s\\n' "${{line#* }}"; fi
done
"""
# $1 what was brought, the others directories; stdin: the archive, each file under a name of its own beside its place.
_BRING = f"""
set -e
cd {_THERE}
manifest=$1
shift
umask 077
find "$@" -maxdepth 1 -name '.*.arriving' -delete 2>/dev/null || true
tar -xpf -
find "$@" -maxdepth 1 -name '.*.arriving' | while IFS= read -r new; do
  name=${{new##*/.}}
  mv -f "$new" "${{new%/*}}/${{name%.arriving}}"
done
mv -f "$manifest.new" "$manifest"
"""


@dataclass(frozen=True, slots=True)
class Delivery:
    """The way to one host: nothing there is ever deleted, and a file is there whole or not at all."""

    engine: ComposeEngine
    plan: Plan
    bundle: Bundle
    build_dir: Path
    state: StateDirectory

    def bring(self) -> int:
        """Bring what is missing or differs; return how many files that were: 0 where the engine sees ours.

        Raises EngineError where a throw-away container cannot take them, BlockedError where one cannot be read here.
        """
        try:
            stamps = {item: item.stamp for item in cargo(self.plan, self.bundle, self.build_dir, self.state)}
            wanted = self._missing(stamps)
            if wanted:
                self._do(
                    _BRING, [self._manifest, *_parents(wanted)], tar_stream(self._entries(wanted, stamps))
                )
        except OSError as error:
            problem = Problem(
                self._host, "a file for its machine cannot be read here", str(error), "run as its owner"
            )
            raise BlockedError(problem) from error
        return len(wanted)

    @property
    def _host(self) -> str:
        return self.plan.hosts[0].name

    @property
    def _manifest(self) -> str:
        return _inside(self.state.root / f"delivered-{self._host}")

    def _missing(self, stamps: dict[Item, str]) -> list[Item]:
        lines = "".join(f"{stamp} {_inside(item.path)}\n" for item, stamp in stamps.items())
        with self._token() as token:
            said = self._do(_LOOK, [_inside(token), self._manifest], lines).stdout
        names = set(said.splitlines())
        return [] if _SAME in names else [item for item in stamps if _inside(item.path) in names]

    @contextmanager
    def _token(self) -> Iterator[Path]:
        """Yield a file that no other machine has."""
        token = self.state.root / f".here-{secrets.token_hex(8)}"
        token.touch(mode=0o600)
        try:
            yield token
        finally:
            token.unlink(missing_ok=True)

    def _entries(self, wanted: Sequence[Item], stamps: dict[Item, str]) -> Iterator[Entry]:
        yield from self._directories(wanted)
        for item in wanted:
            name = _inside(item.path.with_name(f".{item.path.name}.arriving"))
            yield Entry(name, item.mode, item.uid, item.gid, source=item.path)
        text = "".join(f"{stamp} {_inside(item.path)}\n" for item, stamp in stamps.items())
        yield Entry(f"{self._manifest}.new", 0o600, 0, 0, text=text)

    def _directories(self, wanted: Sequence[Item]) -> Iterator[Entry]:
        """Yield every directory above the files that is below a mounted one, with the mode that it has here."""
        needed = {parent for item in wanted for parent in item.path.parents} | {
            self.state.root,
            self.state.root.parent,
        }
        for path in sorted(needed):
            if any(path != root and path.is_relative_to(root) for root in self._roots):
                yield Entry(_inside(path), stat.S_IMODE(path.stat().st_mode), 0, 0)

    @property
    def _roots(self) -> tuple[Path, ...]:
        return (self.state.project_dir, *outer_directories(self.plan, self.state.project_dir))

    def _do(self, script: str, words: Sequence[str], stdin: Stdin) -> Completed:
        mounts = tuple(argv.Mount(root, f"{_THERE}{root}", writable=True, made=True) for root in self._roots)
        image = self._carrier()
        command = ("-c", script, "sh", *words)
        once = argv.ThrowAway(image, command, entrypoint="sh", user="0:0", mounts=mounts)
        done = self.engine.run(once, stdin=stdin)
        if done.returncode != 0:
            raise EngineError(
                Problem(
                    where=self._host,
                    what=f"its machine did not take the files that its containers mount, by way of {image}",
                    got="\n".join((done.stderr or done.stdout).strip().splitlines()[-5:]),
                    next_step="free some space there; the image has to have sh, tar, find and grep",
                )
            )
        return done

    def _carrier(self) -> str:
        """Return an image that is there anyway: one of the toolkit's own, whose contract includes a shell, if any."""
        services = self.plan.started or self.plan.services
        return next((s.image for s in services if s.pin), services[0].image)


def _inside(path: Path) -> str:
    return str(path).removeprefix("/")


def _parents(items: Iterable[Item]) -> list[str]:
    return sorted({_inside(item.path.parent) for item in items})
