"""Whole rendered trees, made by the command itself."""

from __future__ import annotations

from pathlib import Path

from toolkit.cli.app import run

MACHINES = Path(__file__).parents[1] / "data"
ENVIRONMENTS = ("development", "testing", "production")
MACHINE_NAMES = ("cpu-offline", "cpu-online", "rtx-5090", "two-hosts")
PERSONAS = ("data-analyst", "multi-tasker", "speed-runner")
CASES = (
    *((machine, environment) for machine in MACHINE_NAMES for environment in ENVIRONMENTS),
    *((f"two-hosts-{persona}", "production") for persona in PERSONAS),
)


def render_tree(machine: str, environment: str, project: Path) -> Path:
    """Render `environment` for a machine of tests/data in `project`; return the directory of the tree."""
    return render_profile(profile_of(machine), environment, project)


def profile_of(machine: str) -> str:
    """Return the profile of a machine of tests/data, or of one with a persona behind its name."""
    for persona in PERSONAS:
        if machine.endswith(f"-{persona}"):
            text = (MACHINES / machine.removesuffix(f"-{persona}") / "toolkit.yaml").read_text()
            return f"{text}persona: {persona}\n"
    return (MACHINES / machine / "toolkit.yaml").read_text()


def render_profile(text: str, environment: str, project: Path) -> Path:
    """Render `environment` with `text` as toolkit.yaml in `project`; return the directory of the tree."""
    project.mkdir(parents=True, exist_ok=True)
    (project / "toolkit.yaml").write_text(text, encoding="utf-8")
    assert run(["render", "--env", environment, "--project-dir", str(project), "--output", "json"]) == 0
    return project / "build" / environment


def tree_of(directory: Path) -> dict[str, bytes]:
    """Return every file below `directory` by its relative path."""
    return {
        str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }
