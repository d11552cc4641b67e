"""Judges argument lists one by one with check_argv, each as deep as it says.

usage: lint_argv.py LISTS

A line of LISTS is {"argv": [what follows `vllm serve`], "deep": bool}; a line of the answer is check_argv's verdict.
Run it with the Python of a vLLM image, beside check_argv.py.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from check_argv import judge  # type: ignore[import-not-found]  # it lies beside this file, in the container

for line in Path(sys.argv[1]).read_text(encoding="utf-8").splitlines():
    wanted = json.loads(line)
    sys.stdout.write(json.dumps(judge(wanted["argv"], deep=wanted["deep"])) + "\n")
    sys.stdout.flush()
