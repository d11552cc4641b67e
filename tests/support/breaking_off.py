"""Ends an `up` in the middle, at something that it says."""

from __future__ import annotations

import signal
import subprocess
import time

from tests.support.stack import Ran, Stack


def broken_off(
    stack: Stack,
    words: str,
    after_s: float,
    *sets: str,
    end: signal.Signals = signal.SIGINT,
    code: int | None = 130,
) -> Ran:
    """Start `up`, send `end` to it `after_s` seconds after it has said `words`; return its end, timed from there.

    It has to end with `code`, None for any.
    """
    options = [f"--set={one}" for one in sets]
    with stack.start("up", "--verbose", "--wait=models", *options) as running:
        wait_for_line(running, words)
        time.sleep(after_s)
        began = time.monotonic()
        running.send_signal(end)
        out, err = running.communicate(timeout=120)
    return stack.note(Ran(("up", words), running.returncode, out, err, time.monotonic() - began), code)


def wait_for_line(running: subprocess.Popen[str], words: str) -> None:
    """Read what the command tells until `words` come."""
    assert running.stderr is not None
    heard = []
    for line in running.stderr:
        heard.append(line)
        if words in line:
            return
    raise AssertionError(f"it ended without saying {words!r}:\n{''.join(heard)}")
