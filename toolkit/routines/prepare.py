"""What has to be there before the services start: secrets, keys, generated models, volumes' owners."""

from __future__ import annotations

import binascii
import io
import os
import shutil
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.engine import argv
from toolkit.engine.archive import Entry, tar_stream
from toolkit.errors import EngineError, Problem
from toolkit.planning.plan_files import APP_KEY
from toolkit.state.digest_files import stands, write_digest_file
from toolkit.state.keys import Key, Keys
from toolkit.state.secrets import SecretSpec, copies_stand, ensure_copies, ensure_secrets, untouched
from toolkit.state.tls import ensure_tls, tls_stands

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from toolkit.engine.compose import ComposeEngine
    from toolkit.engine.runner import Runner
    from toolkit.planning.plan import GeneratedModel, OwnedVolume, Plan, SecretFile
    from toolkit.render.remembered import Remembered
    from toolkit.state.directory import StateDirectory

OWN_KEY = "toolkit"
FIRST_KEY = "default"
# Below compose/, by the kind of model; the second one uses the first.
_GENERATORS = {"chat": "images/vllm/make_tiny_model.py", "embeddings": "models/make_tiny_embeddings.py"}
# In and out by way of the engine: what is mounted would be of the engine's machine, which need not be this one.
_GENERATE = """
set -e
mkdir /tmp/generators /tmp/model
tar -C /tmp/generators -xf -
python3 "/tmp/generators/$1" /tmp/model --seed "$2" >&2
tar -C /tmp/model -cf - . | base64
"""


def prepare_state(state: StateDirectory, plan: Plan) -> tuple[Key, ...]:
    """Make secrets, files of digests and the first keys where they are missing; return the new keys.

    What it learns to do, `is_prepared` has to learn to see.
    """
    digests = ensure_secrets(state.secrets, _specs(plan.secrets))
    for file in plan.digest_files:
        write_digest_file(state, file, digests)
    wanted = key_names(plan)
    if plan.tls is not None:
        ensure_tls(state, plan.tls)
    new = _first_keys(Keys(state), wanted) if wanted else ()
    ensure_copies(_copies(state, plan.secret_copies), state.secrets)
    return new


def is_prepared(state: StateDirectory, known: Remembered) -> bool:
    """Return whether `prepare_state` would do nothing, and every key it needs is still held by its file.

    Raises BlockedError or OSError where that cannot be seen.
    """
    if known.tls_digest and not tls_stands(state, known.tls_digest):
        return False
    digests = untouched(state.secrets, _specs(known.secrets))
    if digests is None or not all(stands(state, file, digests) for file in known.digest_files):
        return False
    keys = {key.name: key for key in Keys(state).all()} if known.keys else {}
    if not all(name in keys and keys[name].kept for name in known.keys):
        return False
    return copies_stand(_copies(state, known.secret_copies), state.secrets)


def key_names(plan: Plan) -> tuple[str, ...]:
    """Return the keys that the edge has to know: the toolkit's own, and one for applications; none without an edge."""
    if plan.service("edge") is None:
        return ()
    return (OWN_KEY, APP_KEY) if plan.applications_ask else (OWN_KEY,)


def _specs(secrets: Iterable[SecretFile]) -> list[SecretSpec]:
    return [SecretSpec(s.name, s.uid, s.gid) for s in secrets]


def _copies(state: StateDirectory, copies: Iterable[SecretFile]) -> list[tuple[SecretSpec, Path]]:
    return [(SecretSpec(s.name, s.uid, s.gid), copied_from(state, s.copy_of)) for s in copies]


def copied_from(state: StateDirectory, source: str) -> Path:
    """Return the file whose value a copy has: a generated secret, or an API key (`key:NAME`)."""
    kind, _, name = source.rpartition(":")
    return state.keys / f"{name}.key" if kind == "key" else state.secrets / name


def missing_sources(state: StateDirectory, plan: Plan, made_here: Collection[str]) -> list[str]:
    """Return the files of other hosts that copies need and that are not here; `made_here` comes into being anyway."""
    copies = (secret.copy_of for secret in plan.secret_copies)
    sources = dict.fromkeys(source for source in copies if source not in made_here)
    paths = (copied_from(state, source) for source in sources)
    return [str(path) for path in paths if not path.exists()]


def _first_keys(keys: Keys, needed: tuple[str, ...]) -> tuple[Key, ...]:
    """The needed ones that are missing, and in the beginning one for the user."""
    keys.ensure_map()
    known = {key.name for key in keys.all()}
    wanted = (*needed, *(() if known else (FIRST_KEY,)))
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
        _run_generator(runner, model, image, staging, compose_dir)
        staging.chmod(0o755)
        staging.rename(target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return True


def _run_generator(runner: Runner, model: GeneratedModel, image: str, out: Path, compose_dir: Path) -> None:
    scripts = {kind: compose_dir / path for kind, path in _GENERATORS.items()}
    once = argv.ThrowAway(
        image=image,
        entrypoint="sh",
        command=("-c", _GENERATE, "generate", scripts[model.kind].name, str(model.seed)),
        user=f"{os.getuid()}:{os.getgid()}",
    )
    entries = (
        Entry(script.name, 0o644, os.getuid(), os.getgid(), source=script) for script in scripts.values()
    )
    done = runner.run(argv.run(once), stdin=tar_stream(entries))
    if done.returncode != 0:
        raise EngineError(
            Problem(
                where="generated model",
                what=f"{image} could not make it (exit code {done.returncode})",
                got="\n".join((done.stderr or done.stdout).strip().splitlines()[-5:]),
                next_step="choose another `model:` in toolkit.yaml",
            )
        )
    _unpack(binascii.a2b_base64(done.stdout), out)


def _unpack(archive: bytes, to: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(archive)) as made:
        for member in made:
            path, content = to / os.path.normpath(f"/{member.name}")[1:], made.extractfile(member)
            if content is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.read())
    # Containers read it as users of their own.
    for path in to.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)


def own_volume(engine: ComposeEngine, volume: OwnedVolume) -> None:
    """Give the root of a new volume to the user that will write there.

    An engine makes it root's unless the image has that directory. Raises EngineError.
    """
    engine.run_once(
        volume.service, ("chown", f"{volume.uid}:{volume.gid}", volume.target), capability="CHOWN"
    )
