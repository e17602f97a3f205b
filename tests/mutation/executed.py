"""Which claims execute which lines, by coverage.

    python -m tests.mutation.executed FILE [LECTURE ...]

writes as JSON {file: {line: [claims]}}, a claim being "lecture id".
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import coverage

from tests.mutation.statements import ROOT, WINGS, arithmetic, files


def forget():
    """Empty what the package keeps between calls, so that each claim computes all of its own."""
    from cnnmat.layers import paths, pooling, winograd

    winograd.squares.cache_clear()
    for kept in (paths.PLANS, pooling.POOLINGS):
        kept.__init__(kept.limit)


def measure(lectures):
    """{file: {line: [claims]}} of the two wings of matrices."""
    from cnnmat.derivations import LECTURES
    from cnnmat.verify.judge import run
    from cnnmat.verify.loading import load

    # what runs on import is executed by no claim
    claims = [claim for slug in lectures or LECTURES for lecture in load(slug)
              for claim in lecture.claims.values() if not claim.real]
    recorder = coverage.Coverage(include=[f"{ROOT}/{wing}/*" for wing in WINGS], data_file=None,
                                 config_file=False)
    for claim in claims:
        forget()
        recorder.start()
        recorder.switch_context(f"{claim.lecture} {claim.id}")
        result = run(claim)
        recorder.stop()
        if not result.as_expected:
            raise SystemExit(f"{claim.lecture} {claim.id}: {result.message}")
    data = recorder.get_data()
    return {path: data.contexts_by_lineno(str(ROOT / path))
            for wing in WINGS for path in files(wing)}


def measured(path, *lectures):
    """`measure` in a process of its own, which starts under no other coverage."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    subprocess.run([sys.executable, "-m", "tests.mutation.executed", str(path), *lectures],
                   check=True, cwd=ROOT, env=environment)
    return read(path)


def read(path):
    """What `measured` has written to the file `path`."""
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    return {path: {int(line): claims for line, claims in known.items()}
            for path, known in found.items()}


def missing(lines, wings=WINGS):
    """The statements of arithmetic in `wings` that no claim executes."""
    return [f"{one.path}:{one.node.lineno} ({one.function})"
            for wing in wings for path in files(wing) for one in arithmetic(path)
            if not any(lines[path].get(line) for line in one.lines)]


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(measure(sys.argv[2:])), encoding="utf-8")
