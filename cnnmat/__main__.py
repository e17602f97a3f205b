"""``python -m cnnmat`` is the command ``cnnmat``."""

import sys

from cnnmat.cli import main

if __name__ == "__main__":
    sys.exit(main())
