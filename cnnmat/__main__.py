# PYTHON_ARGCOMPLETE_OK
"""``python -m cnnmat`` is the command ``cnnmat``, which can be interrupted before it is loaded."""

import os
import signal
import sys

__all__ = ["main"]


def main() -> int:
    """Load the command and run it; return its exit status."""
    handler = signal.getsignal(signal.SIGINT)
    # an exception would come up in the middle of whatever is imported, which may show or lose it
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from cnnmat.cli import main as run

    signal.signal(signal.SIGINT, handler)
    return run()


def _leave(*_):
    os.write(2, b"cnnmat: interrupted\n")
    os._exit(130)


if __name__ == "__main__":
    sys.exit(main())
