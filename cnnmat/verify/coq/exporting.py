"""The command ``cnnmat export``: theorems for Coq, and the run of its compiler over them."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from cnnmat.arguments import Usage
from cnnmat.verify import completing
from cnnmat.verify.claims import Lecture
from cnnmat.verify.completing import completed
from cnnmat.verify.coq.theorems import file_of, theorems
from cnnmat.verify.loading import every, select
from cnnmat.verify.sums.sizes import Outside

__all__ = ["Exported", "Rejected", "accepted", "add_parser", "lemmas", "written"]

#: Characters in a file: of many theorems more than one, so that they are compiled side by side.
SIZE = 500_000

CLOSED = "Closed under the global context"


class Rejected(Exception):
    """Coq has not accepted what was exported."""


@dataclass
class Exported:
    """What was written into a folder.

    Attributes
    ----------
    files : list of Path
        In the order in which they are to be compiled.
    theorems : dict
        By key: the lecture and the name of the theorem.
    left_out : dict
        By claim, why it has no theorem.
    """

    files: list[Path] = field(default_factory=list)
    theorems: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def add_parser(commands: Any) -> None:
    """Hook the command into the subparsers of ``cnnmat``."""
    one = commands.add_parser(
        "export", help="what holds for all sizes, as theorems of Coq",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  cnnmat export --coq build 47.1262 --check\n"
               "  cnnmat export --coq build --lecture layers")
    one.set_defaults(run=export)
    completed(one.add_argument("id", nargs="*", metavar="ID",
                               help="the number of a claim (all by default)"), completing.claims)
    one.add_argument("--coq", required=True, metavar="DIR", help="the folder to write into")
    completed(one.add_argument(
        "--lecture", action="append", metavar="LECTURE",
        help="a lecture that ships (all by default), or the path of your own, which is run; "
             "repeatable"), completing.lectures)
    one.add_argument("--check", action="store_true", help="let coqc check what was written")
    one.add_argument("--record", metavar="FILE",
                     help="write down what coqc has accepted, as JSON; needs --check, and no ID")


def export(args: Any) -> int:
    """``cnnmat export``."""
    if args.record and (args.id or not args.check):
        raise Usage("--record needs --check, and all theorems: no ID")
    folder = Path(args.coq)
    folder.mkdir(parents=True, exist_ok=True)
    found = written(folder, every(args.lecture), args.id)
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in found.files)
    for claim, why in found.left_out.items():
        print(f"{claim} is left out: {why}")
    print(f"{len(found.theorems)} theorems, {lines} lines in {folder}")
    if args.check:
        start = time.perf_counter()
        try:
            version = accepted(folder, found)
        except Rejected as error:
            print(f"coqc: {error}")
            return 1
        print(f"all accepted by coqc {version} in {time.perf_counter() - start:.0f} s, "
              f"{CLOSED[0].lower()}{CLOSED[1:]}")
        if args.record:
            record = {"coqc": version, "date": date.today().isoformat(),
                      "theorems": dict(sorted(found.theorems.items()))}
            text = json.dumps(record, indent=1, ensure_ascii=False)
            Path(args.record).write_text(f"{text}\n", encoding="utf-8")
    return 0


def written(folder: Path, lectures: list[Lecture], ids: list[str]) -> Exported:
    """Write the theorems of all claims, or of those with these ids; what is said twice once."""
    found = Exported([lemmas(folder)])
    claims = select(lectures, ids)
    for lecture in lectures:
        texts: list[str] = []
        for claim in claims:
            if claim.lecture == lecture.slug:
                texts += _texts(claim, found)
        slug = lecture.slug.replace("-", "_")
        for k, part in enumerate(_parts(texts)):
            path = folder / f"{slug}{f'_{k + 1}' if k else ''}.v"
            path.write_text(file_of(lecture.title, part), encoding="utf-8")
            found.files.append(path)
    return found


def _parts(texts):
    """The texts in lots of at least `SIZE` characters, but for the last."""
    lot: list[str] = []
    for text in texts:
        lot.append(text)
        if sum(map(len, lot)) >= SIZE:
            yield lot
            lot = []
    if lot:
        yield lot


def lemmas(folder: Path) -> Path:
    """Write the file of lemmas that all proofs use."""
    text = resources.files("cnnmat.verify.coq").joinpath("Sums.v").read_text(encoding="utf-8")
    path = folder / "Sums.v"
    path.write_text(text, encoding="utf-8")
    return path


def _texts(claim, found):
    """The texts of the theorems of a claim that are new."""
    try:
        for one in theorems(claim):
            if one.statement.key not in found.theorems:
                text = one.text()
                found.theorems[one.statement.key] = f"{claim.lecture} {one.name}"
                yield text
    except Outside as error:
        found.left_out[f"{claim.lecture} {claim.id}"] = str(error)


def accepted(folder: Path, found: Exported) -> str:
    """Let coqc compile what was exported; its version.

    Raises
    ------
    Rejected
        With what it says, if it accepts not all of it, or only by an axiom.
    Usage
        If there is no coqc.
    """
    if shutil.which("coqc") is None:
        raise Usage("--check needs coqc and mathcomp: apt-get install coq libcoq-mathcomp-algebra")
    first, *others = (path.name for path in found.files)
    _compiled(folder, first)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        said = list(pool.map(lambda name: _compiled(folder, name), others))
    closed = [line for text in said for line in text.splitlines()]
    if closed != [CLOSED] * len(found.theorems):
        other = [line for line in closed if line != CLOSED]
        raise Rejected(f"{len(found.theorems)} theorems must be closed, got {len(closed)} answers"
                       f"{', with ' if other else ''}{' '.join(other)}")
    version = subprocess.run(["coqc", "--print-version"], capture_output=True, text=True,
                             check=True)
    return version.stdout.split()[0]


def _compiled(folder, name):
    run = subprocess.run(["coqc", "-w", "none", name], cwd=folder, capture_output=True, text=True,
                         check=False)
    if run.returncode:
        raise Rejected(run.stderr.strip())
    return run.stdout
