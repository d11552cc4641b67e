"""What holds for every test, whoever starts pytest."""

from __future__ import annotations

import signal

# A shell starts its background jobs deaf to Ctrl-C, and they pass that on: tests of interrupts would wait for ever.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
