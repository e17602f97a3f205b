"""What is built holds all that it must, and what is installed is found: sdist, wheel, checkout."""

import shutil
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

import cnnmat

ROOT = Path(cnnmat.__file__).resolve().parents[1]
#: What a checkout makes for itself.
MADE = shutil.ignore_patterns(
    "__pycache__", "*.egg-info", "build", "dist", ".git", ".venv*", ".coverage*", ".*_cache",
    ".hypothesis", ".benchmarks", "report*.html", "*.png")


def run(*command, folder):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                          cwd=folder, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def checkout(tmp_path):
    """A copy of the project in a folder of its own name."""
    return Path(shutil.copytree(ROOT, tmp_path / "cnnmat", ignore=MADE))


@pytest.fixture
def install(tmp_path):
    """A function that installs something in a fresh environment, and returns the environment.

    What cnnmat depends on is lent to it by a path file; a path file in a lent folder is not
    read, so cnnmat itself is not lent.
    """
    home = tmp_path / "environment"
    venv.create(home, symlinks=True)
    folder = next(home.glob("lib/*/site-packages"))
    lent = [path for path in sys.path if path.endswith("site-packages")]
    folder.joinpath("lent.pth").write_text("\n".join(lent), encoding="locale")

    def installing(*what):
        run(sys.executable, "-m", "pip", "--python", home / "bin" / "python", "install", "--quiet",
            "--no-deps", "--no-index", "--no-build-isolation", *what, folder=tmp_path)
        return home / "bin"

    return installing


def project_files(checkout):
    """The files that git tracks, or, in an unpacked sdist, those that came with it."""
    if not (ROOT / ".git").exists():
        return {str(path.relative_to(checkout)) for path in checkout.rglob("*") if path.is_file()}
    tracked = run("git", "-c", "safe.directory=*", "ls-files", folder=ROOT).splitlines()
    return {name for name in tracked if (ROOT / name).exists()}


def build(checkout, *kinds):
    run(sys.executable, "-m", "build", "--no-isolation", *kinds, folder=checkout)
    return checkout / "dist"


def test_the_sdist_holds_every_file_of_the_project(checkout):
    files = project_files(checkout)
    assert {"tests/conftest.py", "examples/edges.py", ".ci/run", "CHANGELOG.md"} < files
    sdist, = build(checkout, "--sdist").glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert files - held == set()


def test_the_wheel_of_the_sdist_verifies_a_lecture_away_from_the_checkout(checkout, install,
                                                                         tmp_path):
    wheel, = build(checkout).glob("*.whl")
    programs = install(wheel)
    where = run(programs / "python", "-c", "import cnnmat; print(cnnmat.__file__)",
                folder=tmp_path)
    assert Path(where.strip()).is_relative_to(programs.parent)
    assert Path(where.strip()).with_name("py.typed").exists()
    said = run(programs / "cnnmat", "verify", "lec14", "--claim", "s1d", "--quiet",
               folder=tmp_path)
    assert said.endswith("all as expected\n")


def test_a_script_beside_an_editable_checkout_finds_the_package(checkout, install):
    """And not the checkout's folder, which Python takes for a namespace package."""
    programs = install("--editable", checkout)
    script = checkout.with_name("script.py")
    script.write_text("import cnnmat, cnnmat.derivations as lectures\n"
                      "print(cnnmat.__file__, lectures.__file__, sep='\\n')\n")
    found = run(programs / "python", script, folder=script.parent)
    assert found.splitlines() == [str(checkout / part / "__init__.py")
                                  for part in ("cnnmat", "derivations")]


def test_the_package_is_a_program(tmp_path):
    said = run(sys.executable, "-m", "cnnmat", "--version", folder=tmp_path)
    assert said == f"cnnmat {cnnmat.__version__}\n"
