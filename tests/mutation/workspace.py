"""A copy of the project in which one file at a time is broken."""

import contextlib
import json
import os
import resource
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.mutation.statements import ROOT

FOLDERS = ("cnnmat", "derivations", "examples", "tests")
#: Address space of a child in bytes, so that a broken size is an error and not a full machine.
MEMORY = 2**33
#: Tests that look at the source or run commands about it, and not at what it computes.
NOT_ASKED = ("tests/test_house.py", "tests/mutation", "tests/benchmarks", "tests/browser")


class Workspace:
    """A copy of the project in the folder `place`."""

    def __init__(self, place):
        self.root = Path(place)
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.root / name, symlinks=True)
        for path in ROOT.iterdir():
            if path.is_file() and not path.name.startswith(".coverage"):
                shutil.copy2(path, self.root)
        # so that what is imported is the copy, whatever is installed
        (self.root / "cnnmat" / "derivations").symlink_to(self.root / "derivations")

    @contextlib.contextmanager
    def broken(self, path, source):
        """The file `path` holds `source` for a while."""
        file = self.root / path
        whole = file.read_bytes()
        try:
            file.write_text(source, encoding="utf-8")
            # compiled files are told apart by time and size, which may both be the same
            for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*"):
                compiled.unlink()
            yield self
        finally:
            file.write_bytes(whole)

    def run(self, command, timeout):
        """(exit status or None if it was still running, the end of what it printed, seconds)."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("COV", "PYTEST"))}
        environment |= {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        start = time.perf_counter()
        with subprocess.Popen(command, cwd=self.root, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              start_new_session=True, preexec_fn=_bounded) as process:
            try:
                printed, _ = process.communicate(timeout=timeout)
                status = process.returncode
            except subprocess.TimeoutExpired:
                # what it has started goes with it
                os.killpg(process.pid, 9)
                printed, status = "still running", None
        return status, printed.strip()[-2000:], time.perf_counter() - start

    def claims(self, names, timeout):
        """Run the claims `names` until one notices."""
        listed = self.root / "claims.json"
        listed.write_text(json.dumps(names), encoding="utf-8")
        return self.run([sys.executable, "-m", "tests.mutation.claims", str(listed)], timeout)

    def tests(self, path, timeout):
        """Run the tests of the file `path`, then all others, until one notices."""
        parts = Path(path).with_suffix("").parts
        folder = Path("tests", *parts[1:-1])
        first = [str(one) for one in (folder / f"test_{parts[-1]}.py", folder)
                 if (self.root / one).exists()]
        return self.run([sys.executable, "-m", "pytest", "-x", "-q", "-n", "0", "-p",
                         "no:cacheprovider", *first, "tests/test_doctests.py", "tests",
                         *(f"--ignore={one}" for one in NOT_ASKED)], timeout)

    def command(self, text, timeout):
        """Run a command; "python" stands for the one that runs this."""
        words = [sys.executable if word == "python" else word for word in shlex.split(text)]
        return self.run(words, timeout)


def _bounded():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
