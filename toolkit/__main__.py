"""The command `toolkit`."""

from __future__ import annotations

import gc
import os
import sys


def main() -> None:
    """Run the command line and exit with its code."""
    # Loading makes many objects and no garbage: to look for it as often as usual would take 15 ms.
    gc.set_threshold(100_000)
    # No plugin of another package has a say in a profile; to look for some would read the metadata of every library.
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"
    try:
        from toolkit.cli.app import run
    except KeyboardInterrupt:
        # Still being loaded: nothing was begun, and a traceback would say nothing.
        sys.exit(130)
    code = run(sys.argv[1:])
    # What is left ends with the process: Python would look through all of it for garbage first, for 30 ms.
    gc.freeze()
    sys.exit(code)


if __name__ == "__main__":
    main()
