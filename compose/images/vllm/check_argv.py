"""Judges argument lists of `vllm serve` by vLLM's own parser, without starting a server.

usage: check_argv.py [--deep] < LISTS > VERDICTS

LISTS holds one JSON list of strings a line: what follows `vllm serve`. VERDICTS holds one JSON object a line,
in the same order: {"ok": bool, "stage": null | "input" | "parse" | "engine_config", "error": null | str}.
With --deep the engine's configuration is made as well: that needs the model's config files, but no weights.
Run it with the Python of a vLLM image. Exit 0 when every list was judged, whatever the verdicts.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")

# vLLM and its libraries print while they are imported, and stdout belongs to the verdicts
with contextlib.redirect_stdout(sys.stderr):
    from vllm.engine.arg_utils import AsyncEngineArgs
    from vllm.entrypoints.cli.serve import ServeSubcommand
    from vllm.entrypoints.launchers.cli_args import validate_parsed_serve_args
    from vllm.usage.usage_lib import UsageContext
    from vllm.utils.argparse_utils import FlexibleArgumentParser

Verdict = dict[str, object]
FINE: Verdict = {"ok": True, "stage": None, "error": None}


def bad(stage: str, error: str) -> Verdict:
    """Return the verdict that `stage` refused the list."""
    return {"ok": False, "stage": stage, "error": error}


def parse(argv: list[str]) -> object:
    """Return what `vllm serve` would work with; SystemExit or ValueError where it would refuse."""
    parser = FlexibleArgumentParser(prog="vllm")
    ServeSubcommand().subparser_init(parser.add_subparsers(dest="subparser"))
    before, sys.argv = sys.argv, ["vllm", "serve", *argv]
    try:
        parsed = parser.parse_args(["serve", *argv])
    finally:
        sys.argv = before
    if getattr(parsed, "model_tag", None):
        parsed.model = parsed.model_tag
    validate_parsed_serve_args(parsed)
    return parsed


def judge(argv: list[str], *, deep: bool) -> Verdict:
    """Return the verdict on one argument list."""
    stage, said = "parse", io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            parsed = parse(argv)
            if deep:
                stage = "engine_config"
                AsyncEngineArgs.from_cli_args(parsed).create_engine_config(UsageContext.OPENAI_API_SERVER)
    except SystemExit:
        return bad(stage, (said.getvalue().strip().splitlines() or ["the parser ended without a word"])[-1])
    except Exception as error:  # noqa: BLE001 - whatever vLLM raises is its verdict
        return bad(stage, f"{type(error).__name__}: {error}")
    return FINE


def judge_line(line: str, *, deep: bool) -> Verdict:
    """Return the verdict on one line of input."""
    try:
        argv = json.loads(line)
    except ValueError as error:
        return bad("input", f"not JSON: {error}")
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        return bad("input", "not a list of strings")
    return judge(argv, deep=deep)


def main() -> None:
    """Judge every line of stdin."""
    deep = sys.argv[1:] == ["--deep"]
    if sys.argv[1:] and not deep:
        sys.exit("usage: check_argv.py [--deep] < LISTS > VERDICTS")
    for line in sys.stdin:
        if line.strip():
            sys.stdout.write(json.dumps(judge_line(line, deep=deep)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
