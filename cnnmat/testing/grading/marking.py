"""One submission, by a rubric: its points by behaviour, and what it may be told."""

import contextlib
import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from cnnmat import __version__, testing
from cnnmat.arguments import Usage
from cnnmat.testing import pacing
from cnnmat.testing.entrances import proposals
from cnnmat.testing.process import CannotCall
from cnnmat.testing.remote import functions
from cnnmat.texts import plain

__all__ = ["digest", "mark", "submissions", "untried", "worth_of"]


def submissions(folder):
    """{name: path} of the submissions in a folder: its folders, and its Python files.

    Raises
    ------
    Usage
        If there are none.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise Usage(f"SUBMISSIONS must be a folder, got {str(folder)!r}")
    found = {path.name if path.is_dir() else path.stem: path.resolve()
             for path in sorted(folder.iterdir())
             if not path.name.startswith((".", "__")) and (path.is_dir() or path.suffix == ".py")}
    if not found:
        raise Usage(f"SUBMISSIONS must be a folder of folders or of .py files, got {str(folder)!r}")
    return found


def digest(path, rubric):
    """What a mark depends on: the files of a submission, the rubric, the version."""
    made = hashlib.sha256(json.dumps([asdict(rubric), __version__], sort_keys=True).encode())
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        with contextlib.suppress(OSError):
            made.update(f"\0{file.relative_to(path.parent)}\0".encode())
            made.update(file.read_bytes())
    return made.hexdigest()


def mark(name, path, rubric, known=""):
    """The outcome of a submission: plain data.

    Parameters
    ----------
    name : str
    path : Path
        Its folder, or its one file.
    rubric : Rubric
    known : str
        Its `digest`, which is written beside it.
    """
    started = time.monotonic()
    checks = []
    for check in rubric.checks:
        left = rubric.seconds - (time.monotonic() - started)
        checks.append(_checked(check, path, rubric, left))
    return {
        "submission": name, "score": round(sum(c["score"] for c in checks), 6),
        "of": round(sum(c["of"] for c in checks), 6), "checks": checks,
        "seconds": round(time.monotonic() - started, 3), "digest": known,
    }


def _checked(check, path, rubric, left):
    blank = {"title": check.title, "kind": check.kind, "score": 0.0, "of": worth_of(check),
             "verdict": "not judged", "rows": [], "hints": [], "error": ""}
    if left <= 0:
        return blank | {"error": f"{rubric.seconds:g} s for the submission were over"}
    try:
        # what it prints is relayed to the standard error, where nobody reads it
        with (open(os.devnull, "w", encoding="utf-8") as nobody,
              contextlib.redirect_stderr(nobody), pacing.paced(check.budget)):
            result = _result(check, path, rubric, left)
    except (CannotCall, TypeError, ValueError) as error:
        return blank | {"error": _told(str(error), path) if rubric.hint != "none" else
                        "it cannot be called"}
    rows = _rows(check, result, rubric)
    return blank | {"verdict": result.verdict, "rows": rows, "hints": _hints(result, rubric.hint),
                    "score": round(sum(row["points"] for row in rows), 6)}


def _told(text, path):
    """Without the place on the machine that graded."""
    return text.replace(f"{path}/", "").replace(str(path), path.name)


def _result(check, path, rubric, left):
    names = [_named(path, name) for name in check.functions]
    if len(names) == 1 and ":" not in names[0]:
        names = _proposed(names[0], check.kind, left)
    options = {"timeout": rubric.timeout, **check.options}
    # what was looked for is called as it was found
    if not all(":" in name for name in check.functions):
        options.setdefault("convention", "auto")
    folder = path if path.is_dir() else path.parent
    with functions(names, left, memory=rubric.memory * 2**20, folder=folder) as given:
        return getattr(testing, f"check_{check.kind}")(*given, **options)


def _named(path, name):
    """A function of the rubric in a submission, whose one file may have any name."""
    file, _, function = name.rpartition(":")
    if not file and function.endswith(".py"):
        return str(path / function if path.is_dir() else path)
    where = path / file if path.is_dir() and file else path
    if path.is_dir() and not file:
        own = sorted(path.glob("*.py"))
        if len(own) != 1:
            raise CannotCall(f"there must be one Python file, got {len(own)}")
        where, = own
    return f"{where}:{function}"


def _proposed(where, kind, left):
    rows = [names for _, names, ran in proposals(where, [kind], left) if ran]
    if len(rows) != 1:
        raise CannotCall(f"it must have one thing that looks like a {kind} and runs, got "
                         f"{len(rows)}")
    return rows[0]


def worth_of(check):
    """All points of a check."""
    return float(sum(check.points.values()) if isinstance(check.points, dict) else check.points)


def _rows(check, result, rubric):
    """Points for each behaviour and output; of a behaviour they are shared by its outputs."""
    # what is not tried in a budget counts for nothing; after a call without end, it is lost
    ended = any(f.reason == "timeout" for f in result.failures)
    names = result.behaviours if ended else list(result.scores)
    worth = (check.points if isinstance(check.points, dict)
             else dict.fromkeys(names, check.points / len(names)))
    rows = []
    for behaviour, points in worth.items():
        missing = dict.fromkeys((m for m in result.missing if m not in check.without), (0, 0))
        row = {**result.scores.get(behaviour, {"all": (0, 0)}), **missing}
        for output, (right, tried) in row.items():
            refused = result.refused_calls.get(behaviour, {}).get(output, 0)
            share = _share(right, tried, refused, rubric.refusal)
            rows.append({"behaviour": behaviour, "output": output, "right": right, "tried": tried,
                         "refused": refused, "of": points / len(row),
                         "points": share * points / len(row)})
    return rows


def _share(right, tried, refused, refusal):
    """Nothing where an answer is wrong; else the mean over the calls, those refused included."""
    if right < tried or not tried + refused:
        return 0.0
    return (tried + refusal * refused) / (tried + refused)


def untried(rubric, outcomes):
    """The behaviours that have points in the rubric, and no call in any submission.

    Examples
    --------
    >>> from cnnmat.testing.grading.rubric import Check, Rubric
    >>> rubric = Rubric((Check("risk", ("a.py:f",), {"plain": 1, "strides": 2}),))
    >>> row = {"behaviour": "plain", "tried": 3, "refused": 0}
    >>> untried(rubric, [{"checks": [{"rows": [row]}]}])
    ['strides']
    """
    asked = {b for check in rubric.checks if isinstance(check.points, dict) for b in check.points}
    rows = [row for outcome in outcomes for check in outcome["checks"] for row in check["rows"]]
    tried = {row["behaviour"] for row in rows if row["tried"] + row["refused"]}
    return sorted(asked - tried) if rows else []


def _hints(result, hint):
    """What may be told of it."""
    if hint == "none":
        return []
    told = [*map(str, result.refusals), *result.known]
    told += [f"{output} is not given" for output in result.missing]
    told += [note for note in result.notes if note.startswith("convention")]
    if hint == "what":
        told += [f"It looks as if {d.sentence}" for d in result.diagnosis]
        told += [result.counterexample.source] if result.counterexample else []
    return plain(told)
