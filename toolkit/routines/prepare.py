"""What has to be there before the services start: secrets, keys, generated models, volumes' owners."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.errors import EngineError, Problem
from toolkit.planning.applications import APP_KEY
from toolkit.state.digest_files import write_digest_file
from toolkit.state.keys import Key, Keys
from toolkit.state.secrets import SecretSpec, ensure_copies, ensure_secrets

if TYPE_CHECKING:
    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.runner import Runner
    from toolkit.planning.plan import GeneratedModel, OwnedVolume, Plan
    from toolkit.state.directory import StateDirectory

OWN_KEY = "toolkit"
FIRST_KEY = "default"
_GENERATOR = "images/vllm/make_tiny_model.py"


def prepare_state(state: StateDirectory, plan: Plan) -> tuple[Key, ...]:
    """Make secrets, files of digests and the first keys where they are missing; return the new keys."""
    specs = [SecretSpec(s.name, s.uid, s.gid) for s in plan.secrets]
    digests = ensure_secrets(state.secrets, specs)
    for file in plan.digest_files:
        write_digest_file(state, file, digests)
    new = _first_keys(Keys(state), plan) if plan.service("edge") is not None else ()
    ensure_copies(_copies(state, plan), state.secrets)
    return new


def _copies(state: StateDirectory, plan: Plan) -> list[tuple[SecretSpec, Path]]:
    return [(SecretSpec(s.name, s.uid, s.gid), copied_from(state, s.copy_of)) for s in plan.secret_copies]


def copied_from(state: StateDirectory, source: str) -> Path:
    """Return the file whose value a copy has: a generated secret, or an API key (`key:NAME`)."""
    kind, _, name = source.rpartition(":")
    return state.keys / f"{name}.key" if kind == "key" else state.secrets / name


def _first_keys(keys: Keys, plan: Plan) -> tuple[Key, ...]:
    """The toolkit's own key, with which it proves that the edge serves, one for the applications, one for the user."""
    keys.ensure_map()
    known = {key.name for key in keys.all()}
    applications = (APP_KEY,) if plan.applications_ask else ()
    wanted = (OWN_KEY, *applications, *(() if known else (FIRST_KEY,)))
    return tuple(keys.add(name) for name in wanted if name not in known)


def generate_model(
    runner: Runner, model: GeneratedModel, image: str, project_dir: Path, compose_dir: Path
) -> bool:
    """Make the tiny model with the model server's own image, unless it is there; return whether it was made.

    It appears whole or not at all. Raises EngineError when the image cannot make it.
    """
    target = (project_dir / model.directory).resolve()
    if (target / "config.json").is_file():
        return False
    staging = target.with_name(f".{target.name}.{os.getpid()}")
    staging.mkdir(parents=True)
    try:
        _run_generator(runner, model, image, staging, compose_dir / _GENERATOR)
        staging.chmod(0o755)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return True


def _run_generator(runner: Runner, model: GeneratedModel, image: str, out: Path, script: Path) -> None:
    mounts = (argv.Mount(script, "/generate.py"), argv.Mount(out, "/out", writable=True))
    once = argv.ThrowAway(
        image=image,
        entrypoint="python3",
        command=("/generate.py", "/out", "--seed", str(model.seed)),
        user=f"{os.getuid()}:{os.getgid()}",
        mounts=mounts,
    )
    done = runner.run(argv.run(once))
    if done.returncode != 0:
        raise EngineError(
            Problem(
                where="generated model",
                what=f"{image} could not make it (exit code {done.returncode})",
                got="\n".join((done.stderr or done.stdout).strip().splitlines()[-5:]),
                next_step="choose another model: services.llm_general.model in toolkit.yaml",
            )
        )


def own_volume(engine: ComposeEngine, volume: OwnedVolume) -> None:
    """Give the root of a new volume to the user that will write there.

    An engine makes it root's unless the image has that directory. Raises EngineError.
    """
    engine.run_once(
        volume.service, ("chown", f"{volume.uid}:{volume.gid}", volume.target), capability="CHOWN"
    )
