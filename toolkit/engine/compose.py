"""Acts on the engine for one Compose project; what fails is an EngineError with its problems told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolkit.engine import argv, parse
from toolkit.engine.abilities import compose_missing
from toolkit.engine.failures import classify
from toolkit.errors import EngineError, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from toolkit.clock import Deadline
    from toolkit.engine.runner import Completed, OnLine, Runner, Stdin

_ENGINE_SPEAKS = ("Error response from daemon", "Error: No such container", "Cannot connect to the Docker")
_RUN_PREFIX = "docker: "
# Compose 2.26 begins each log line with it, even where it writes to no terminal.
_CLEAR_LINE = "\x1b[2K"


class ComposeEngine:
    """One project, deployed from `directory`/compose.yaml. Every method raises EngineError when it fails."""

    def __init__(self, runner: Runner, project: str, directory: Path) -> None:
        self._runner = runner
        self._project = argv.Project(project, directory)

    def container(self, service: str) -> str:
        """Return the name of the service's container."""
        return f"{self._project.name}-{service}-1"

    def validate(self, deadline: Deadline | None = None) -> None:
        """Have Compose itself read the file; what it says of secrets in env files is not shown."""
        done = self._runner.run(argv.compose_config(self._project), deadline=deadline)
        if done.returncode != 0:
            step = "`toolkit render` writes it anew; a patch or service of your own is the likely cause"
            what, said = "Compose does not accept this file", _last_lines(done)
            raise EngineError(Problem(str(self._project.file), what, said, step))

    def up(
        self, services: Iterable[str] = (), *, on_line: OnLine | None = None, deadline: Deadline | None = None
    ) -> None:
        """Create and start what differs from the file, and only that; it neither builds, pulls nor waits."""
        self._do(argv.compose_up(self._project, services), on_line, deadline)

    def create(self, services: Iterable[str], *, deadline: Deadline | None = None) -> None:
        """Create the containers of `services` that are not there, and start none."""
        self._do(argv.compose_create(self._project, services), None, deadline)

    def up_alone(self, services: Iterable[str], *, deadline: Deadline | None = None) -> None:
        """Do as `up`, but leave what the services depend on untouched."""
        self._do(argv.compose_up(self._project, services, with_dependencies=False), None, deadline)

    def stop(self, services: Iterable[str] = (), *, on_line: OnLine | None = None) -> None:
        """Stop the services, all without any; each gets its own stop grace."""
        self._do(argv.compose_stop(self._project, services), on_line)

    def down(self, *, volumes: bool, on_line: OnLine | None = None) -> None:
        """Remove containers and networks; with `volumes` also the named volumes and all that is in them."""
        self._do(argv.compose_down(self._project, volumes=volumes), on_line)

    def restart(self, services: Iterable[str] = (), *, on_line: OnLine | None = None) -> None:
        """Restart the services as they are, all without any."""
        self._do(argv.compose_restart(self._project, services), on_line)

    def logs(self, services: Iterable[str], *, follow: bool, tail: int | None, on_line: OnLine) -> None:
        """Give each log line to `on_line` as it comes; with `follow` until Ctrl-C."""
        call = argv.compose_logs(self._project, services, follow=follow, tail=tail)
        self._do(call, lambda line: on_line(line.removeprefix(_CLEAR_LINE)))

    def exec(
        self,
        service: str,
        command: Iterable[str],
        *,
        stdin: str | None = None,
        deadline: Deadline | None = None,
        on_line: OnLine | None = None,
    ) -> Completed:
        """Run a command in the service's container and return what it left, its own failure included."""
        call = argv.execute(self.container(service), command)
        done = self._runner.run(call, stdin=stdin, deadline=deadline, on_line=on_line)
        return self._unless_engine(done)

    def run(
        self, once: argv.ThrowAway, *, stdin: Stdin = None, deadline: Deadline | None = None
    ) -> Completed:
        """Run a throw-away container and return what it left, its own failure included."""
        return self._unless_engine(self._runner.run(argv.run(once), stdin=stdin, deadline=deadline))

    def run_once(self, service: str, command: Iterable[str], *, capability: str) -> None:
        """Run one command as root in a throw-away container of the service, with one capability more."""
        self._do(argv.compose_run(self._project, service, command, capability))

    def kill(self, service: str, signal: str) -> None:
        """Send a signal, such as `USR2`, to the first process of the service's container."""
        self._do(argv.kill(self.container(service), signal))

    def pull(
        self, reference: str, *, on_line: OnLine | None = None, deadline: Deadline | None = None
    ) -> None:
        """Pull one image from its registry."""
        done = self._runner.run(argv.image_pull(reference), on_line=on_line, deadline=deadline)
        if done.returncode != 0:
            raise EngineError(*classify(done.stderr or done.stdout, f"image {reference}"))

    def image_present(self, reference: str) -> bool:
        """Return whether the image is on this machine."""
        done = self._runner.run(argv.image_inspect([reference]))
        if done.returncode != 0 and "o such image" not in done.stderr:
            self._refuse(done)
        return done.returncode == 0

    def _do(self, call: argv.Argv, on_line: OnLine | None = None, deadline: Deadline | None = None) -> None:
        done = self._runner.run(call, on_line=on_line, deadline=deadline)
        if done.returncode != 0:
            self._refuse(done)

    def _unless_engine(self, done: Completed) -> Completed:
        """Refuse what the engine, and not the command, says: only its words tell the two apart."""
        if done.returncode != 0 and done.stderr.lstrip().removeprefix(_RUN_PREFIX).startswith(_ENGINE_SPEAKS):
            self._refuse(done)
        return done

    def _refuse(self, done: Completed) -> None:
        if parse.plugin_missing(done.stderr):
            raise EngineError(compose_missing())
        raise EngineError(*classify(done.stderr or done.stdout, self._project.name))


def _last_lines(done: Completed) -> str:
    return "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
