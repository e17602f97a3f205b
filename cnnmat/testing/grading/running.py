"""All submissions, side by side; what is done is kept, and none takes another with it."""

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
from joblib.externals.loky.process_executor import TerminatedWorkerError

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.testing.grading.marking import digest, mark, worth_of
from cnnmat.texts import to_json

__all__ = ["TerminatedWorkerError", "alone", "graded", "side_by_side"]

#: The fewest processes: with one, joblib would grade in this one, which a submission may end.
APART = 2


def graded(found, rubric, records, *, jobs=-1, dask=None, resume=False):
    """Outcomes as they come, each kept in the folder `records` before it is handed on.

    Parameters
    ----------
    found : dict
        {name: path}, as `submissions` gives it.
    rubric : Rubric
    records : Path
        A folder.
    jobs : int
        Processes; -1 is one a core.
    dask : str, optional
        The address of a cluster that sees the same files.
    resume : bool
        Hand on what is kept of submissions that have not changed since, nor the rubric.
    """
    todo = []
    for name, path in found.items():
        known = digest(path, rubric)
        kept = _kept(records / f"{name}.json", known) if resume else None
        if kept is None:
            todo.append((name, path, rubric, known))
        else:
            yield kept
    for outcome in _marked(todo, jobs, dask):
        with files.replacing(records / f"{outcome['submission']}.json") as file:
            file.write(to_json(outcome, indent=1).encode())
        yield outcome


def _kept(path, known):
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return kept if kept["digest"] == known else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _marked(todo, jobs, dask):
    """The outcomes; those among which one has ended its judge, one at a time."""
    while todo:
        done = set()
        try:
            # a cluster begins again what has ended a worker of its own, and again
            for outcome in side_by_side(alone if dask else mark, todo, jobs, dask):
                done.add(outcome["submission"])
                yield outcome
            return
        except TerminatedWorkerError:
            left = [one for one in todo if one[0] not in done]
        # they are begun in order: those that run, and the one that waits
        suspects = left[:_count(jobs) + 1]
        for one in suspects:
            yield alone(*one)
        todo = left[len(suspects):]


def _count(jobs):
    """How many processes."""
    return max(APART, os.cpu_count() or 1 if jobs == -1 else jobs)


def side_by_side(judged, todo, jobs, dask):
    """``judged(*one)`` of each of `todo`, as they come, by joblib: here, or on a cluster."""
    config = {"backend": "dask", "scheduler_host": dask} if dask else {"backend": "loky"}
    count = None if dask else _count(jobs)
    try:
        with joblib.parallel_config(**config):
            yield from joblib.Parallel(n_jobs=count, return_as="generator_unordered", batch_size=1)(
                joblib.delayed(judged)(*one) for one in todo)
    except ImportError as error:
        raise Usage(f"--dask needs distributed: pip install 'cnnmat[dask]' ({error})") from error


def alone(name, path, rubric, known):
    """`mark`, in a process for this one submission, which it may end."""
    import cnnmat

    root = str(Path(cnnmat.__file__).parents[1])
    places = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        [sys.executable, "-c", _MARK], input=pickle.dumps((name, path, rubric, known)),
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(places)})
    try:
        return json.loads(done.stdout)
    except ValueError:
        worth = sum(map(worth_of, rubric.checks))
        lost = {"title": "the submission", "kind": "", "score": 0.0, "of": worth, "rows": [],
                "verdict": "not judged", "hints": [],
                "error": "it ended the process that judges it"}
        return {"submission": name, "score": 0.0, "of": worth, "seconds": 0.0, "digest": known,
                "checks": [lost]}


#: What the process does.
_MARK = """import json, pickle, sys
from cnnmat.testing.grading.marking import mark
print(json.dumps(mark(*pickle.load(sys.stdin.buffer))))
"""
