"""Run claims until one does not come out as expected.

    python -m tests.mutation.claims FILE

reads the claims, ["lecture id", ...], from a JSON file; exit status 1 and the claim's name tell
that one noticed.
"""

import json
import sys
from pathlib import Path


def first_to_notice(names):
    """The first of `names` that comes out otherwise than expected, with its message."""
    from cnnmat.verify.judge import run
    from cnnmat.verify.loading import load

    for name in names:
        slug, _, id = name.partition(" ")
        [lecture] = load(slug)
        result = run(lecture.claims[id])
        if not result.as_expected:
            return f"{name}: {result.message}"
    return None


if __name__ == "__main__":
    noticed = first_to_notice(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(noticed or "not noticed")
    sys.exit(1 if noticed else 0)
