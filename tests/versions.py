"""cnnmat on other Pythons, and on the oldest and newest releases of what it depends on.

    python -m tests.versions ~/.pyenv/versions/3.1[0-3].*/bin/python

Every interpreter gets a fresh environment with the newest releases that fit it, the first also
one with the lower bounds of setup.cfg.  In each, `cnnmat verify` runs, and every test that needs
neither PyTorch nor ONNX, of which there is not a release for every Python, nor a type checker.
"""

import configparser
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.test_house import ROOT, imports
from tests.test_packaging import MADE

ABSENT = {"torch", "onnx", "onnxruntime"}
TYPES = {"mypy", "scipy-stubs"}
#: Matplotlib's lower bound calls what later releases of this deprecate.
OF_ITS_TIME = ["pyparsing<3.2"]


def requirements():
    """What cnnmat, its report and its tests ask for in setup.cfg, less what is left out."""
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    extras = config["options.extras_require"]
    asked = [config["options"]["install_requires"], extras["report"], extras["test"]]
    return [one for text in asked for one in text.split()
            if re.split("[=>]", one)[0] not in ABSENT | TYPES]


def files_that_need(absent):
    """The files of the tests that import one of `absent`, or a file of the tests that does."""
    # conftest looks first whether there is one
    used = {path: imports(path) for path in (ROOT / "tests").rglob("*.py")
            if path.name != "conftest.py"}
    found, names = set(), set(absent)
    while more := {path for path, what in used.items() if what & names} - found:
        found |= more
        names |= {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in more}
    return sorted(path.relative_to(ROOT) for path in found)


def carry_out(name, command, folder):
    """Run a command and print the last line that it prints, all of them if it fails."""
    done = subprocess.run([str(part) for part in command], cwd=folder, capture_output=True,
                          text=True, check=False)
    lines = (done.stderr + done.stdout).strip().splitlines() or [""]
    print(f"  {name:<12} {lines[-1]}{'  FAILED' if done.returncode else ''}", flush=True)
    if done.returncode:
        print("\n".join(lines), flush=True)
    return done.returncode == 0


def attempt(python, wanted, home):
    """Install a copy of the project, and what is `wanted`, in `home`; verify, and test."""
    copy = shutil.copytree(ROOT, home / "copy", ignore=MADE)
    programs = home / "environment" / "bin"
    left_out = [f"--ignore={path}" for path in (*files_that_need(ABSENT), "tests/test_types.py")]
    steps = {
        "environment": [python, "-m", "venv", programs.parent],
        "install": [programs / "pip", "install", "--quiet", "--editable", copy, *wanted],
        "versions": [programs / "python", "-c", "import sys, numpy, scipy; print("
                     "sys.version.split()[0], numpy.__version__, scipy.__version__)"],
        "verify": [programs / "cnnmat", "verify", "--jobs", "2", "--quiet"],
        "tests": [programs / "python", "-m", "pytest", "-q", "-n", "2", *left_out,
                  "-k", "not digit_gradient and not adapters"],
    }
    return all(carry_out(name, command, copy if name == "tests" else home)
               for name, command in steps.items())


def main(interpreters):
    """Run all attempts; the exit status is 1 if one failed."""
    newest = requirements()
    oldest = [one.replace(">=", "==") for one in newest] + OF_ITS_TIME
    went_well = []
    for python, wanted in [(interpreters[0], oldest), *((one, newest) for one in interpreters)]:
        print(f"{python}, {'oldest' if wanted is oldest else 'newest'} releases", flush=True)
        with tempfile.TemporaryDirectory() as home:
            went_well.append(attempt(python, wanted, Path(home)))
    return int(not all(went_well))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1:]))
