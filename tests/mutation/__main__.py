"""The command; see the package."""

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from tests.mutation.equivalent import Equivalents
from tests.mutation.executed import read
from tests.mutation.operators import GROUPS, chosen
from tests.mutation.statements import JUDGE, WINGS, files
from tests.mutation.workspace import Workspace

#: Seconds that the claims, and the tests, may take on a broken copy.
CLAIMS, TESTS = 600, 3600


@dataclass
class Outcome:
    """What became of a mutant: noticed by "verify" or "tests", "equivalent", or "survived"."""

    mutant: object
    difference: tuple
    noticed: str
    why: str
    seconds: float


class Trial:
    """How a mutant is tried."""

    def __init__(self, texts, lines, commands, verify_only):
        self.texts, self.lines, self.commands = texts, lines, commands
        self.verify_only, self.equivalents = verify_only, Equivalents()
        self._tests_pass = False

    def _claims(self, mutant):
        """The claims that execute the mutant's lines, those that execute little else first."""
        known = self.lines[mutant.path]
        names = {name for line in mutant.lines for name in known.get(line, ())}
        breadth = dict.fromkeys(names, 0)
        for by_line in self.lines.values():
            for claims in by_line.values():
                for name in names.intersection(claims):
                    breadth[name] += 1
        return sorted(names, key=lambda name: (breadth[name], name))

    def verify(self, workspace, mutant):
        """Run the claims, or the commands until one notices, on the broken copy."""
        if not self.commands:
            return workspace.claims(self._claims(mutant), CLAIMS)
        seconds = 0.0
        for command in self.commands:
            status, printed, more = workspace.command(command, CLAIMS)
            seconds += more
            if status != 0:
                break
        return status, printed, seconds

    def run(self, workspace, mutant):
        """The outcome of one mutant."""
        source = self.texts[mutant.path]
        difference = mutant.difference(source)

        def outcome(noticed, why):
            return Outcome(mutant, difference, noticed, why, seconds)

        with workspace.broken(mutant.path, mutant.source(source)):
            status, printed, seconds = self.verify(workspace, mutant)
            if status != 0:
                return outcome("verify", _last(printed))
            reason = self.equivalents.reason(mutant, difference)
            if reason:
                return outcome("equivalent", reason)
            if self.verify_only:
                return outcome("survived", "")
            status, printed, more = workspace.tests(mutant.path, TESTS)
            seconds += more
        if status != 0 and not self._tests_pass:
            # what fails without the mutant, too, has noticed nothing
            alone, text, _ = workspace.tests(mutant.path, TESTS)
            if alone != 0:
                sys.exit(f"the tests must pass in the package as it is, got:\n{text}")
            self._tests_pass = True
        return outcome("tests", _last(printed, "FAILED")) if status != 0 else outcome(
            "survived", "")


def _last(printed, mark=""):
    """The last line of `printed` that has `mark`."""
    found = [line for line in printed.splitlines() if mark in line]
    return (found or printed.splitlines() or [""])[-1][:200]


def try_all(mutants, trial, workspaces):
    """The outcomes, in order, as they come."""
    free = SimpleQueue()
    for workspace in workspaces:
        free.put(workspace)

    def one(mutant):
        workspace = free.get()
        try:
            return trial.run(workspace, mutant)
        finally:
            free.put(workspace)

    with ThreadPoolExecutor(len(workspaces)) as pool:
        yield from pool.map(one, mutants)


def show(k, outcome):
    """One mutant as text."""
    mutant, (before, after) = outcome.mutant, outcome.difference
    print(f"{k:4} {outcome.noticed:10} {outcome.seconds:6.1f} s  {mutant.path} {mutant.function}"
          f"  {mutant.operator}")
    print(f"       - {before}\n       + {after}")
    if outcome.why:
        print(f"         {outcome.why}")
    sys.stdout.flush()


def summary(outcomes):
    """The figures."""
    by = {kind: [one for one in outcomes if one.noticed == kind]
          for kind in ("verify", "tests", "equivalent", "survived")}
    count = {kind: len(found) for kind, found in by.items()}
    different = len(outcomes) - count["equivalent"]
    share = 100 * count["verify"] / max(different, 1)
    return (f"{len(outcomes)} mutants: {count['verify']} noticed by verify, {count['tests']} by "
            f"tests only, {count['equivalent']} equivalent, {count['survived']} survived; verify "
            f"alone notices {count['verify']} of {different} ({share:.1f} %)"), by


def unbroken(workspace, commands, kept):
    """Which claims execute which lines of the copy before it is broken; all is as expected there.

    Of commands only that they find nothing wrong; from the file `kept` if that is there.
    """
    if kept and Path(kept).exists():
        return read(kept)
    listed = Path(kept or workspace.root / "lines.json").resolve()
    measuring = [sys.executable, "-m", "tests.mutation.executed", str(listed)]
    for run in ([lambda one=one: workspace.command(one, CLAIMS) for one in commands]
                or [lambda: workspace.run(measuring, CLAIMS)]):
        status, printed, _ = run()
        if status != 0:
            sys.exit("what is to notice must find nothing in the package as it is, got:\n"
                     f"{printed}")
    return {} if commands else read(listed)


def main(argv=None):
    """Try mutants; exit status 1 if one survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--package", action="append",
                        help="folders to break, the two wings by default; 'judge' for what "
                             "verdicts are made by")
    parser.add_argument("--rule", choices=("arithmetic", "all"), default="arithmetic")
    parser.add_argument("--operators", choices=GROUPS, default="tokens")
    parser.add_argument("--command", action="append", default=[],
                        help="what is to notice, in place of the claims that execute the line; "
                             "repeatable, the quickest first; 'python' is this Python")
    parser.add_argument("--verify-only", action="store_true", help="run no tests")
    parser.add_argument("--lines", help="where to keep which claims execute which lines: measured "
                                        "unless the file is there")
    parser.add_argument("--list", action="store_true", help="show the mutants and stop")
    args = parser.parse_args(argv)
    paths = {}
    for package in args.package or WINGS:
        paths |= JUDGE if package == "judge" else dict.fromkeys(files(package))
    mutants, texts = chosen(paths, GROUPS[args.operators], args.count, args.seed, args.rule)
    if args.list:
        for k, mutant in enumerate(mutants):
            show(k, Outcome(mutant, mutant.difference(texts[mutant.path]), "", "", 0.0))
        return 0
    outcomes = []
    with tempfile.TemporaryDirectory() as folder:
        workspaces = [Workspace(Path(folder, str(k))) for k in range(args.jobs)]
        lines = unbroken(workspaces[0], args.command, args.lines)
        trial = Trial(texts, lines, args.command, args.verify_only)
        for k, outcome in enumerate(try_all(mutants, trial, workspaces)):
            outcomes.append(outcome)
            show(k, outcome)
    text, by = summary(outcomes)
    print()
    for kind in ("equivalent", "survived"):
        for one in by[kind]:
            print(f"{kind}: {one.mutant.path} {one.mutant.function}\n  - {one.difference[0]}\n"
                  f"  + {one.difference[1]}\n    {one.why}")
    print(f"\n{text}")
    return 1 if by["survived"] else 0


if __name__ == "__main__":
    sys.exit(main())
