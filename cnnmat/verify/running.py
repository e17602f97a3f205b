"""Claims run one after the other, in processes, or on a cluster: results in order, as they come."""

import os
from functools import cache

from cnnmat.arguments import Usage
from cnnmat.verify.claims import VERDICTS
from cnnmat.verify.conventions import disputes, settled
from cnnmat.verify.guard import Guard
from cnnmat.verify.isolation import Workers
from cnnmat.verify.judge import Result, run
from cnnmat.verify.loading import ships
from cnnmat.verify.selftest import Unsound, check_judge

__all__ = ["cores", "run_all"]


def cores(jobs):
    """How many processes `jobs` means; -1 is one a core."""
    return os.cpu_count() or 1 if jobs == -1 else jobs


def run_all(chosen, claims, workers, dask=None, *, slips=False):
    """Results in the order of the claims; with `slips`, also which generated ones they tell apart.

    Claims that ship, wanted one after the other, run in this process; all others in `workers`, or
    in such processes on the cluster of which `dask` is the address.
    """
    disputed = disputes(c for one in chosen.lectures for c in one.claims.values())
    for result in _found(chosen, claims, workers, dask, slips):
        yield settled(result, disputed)


def _found(chosen, claims, workers, dask, slips):
    here = workers.jobs == 1 and not dask and all(map(ships, chosen.sources.values()))
    if here:
        check_judge()
        guard = Guard()
        yield from (run(claim, guard=guard, slips=slips) for claim in claims)
        return
    requests = [{"source": chosen.sources[c.lecture], "slug": c.lecture, "id": c.id,
                 "slips": slips} for c in claims]
    answers = _on_cluster(requests, dask, workers.seconds) if dask else workers.ask(requests)
    for claim, answer in zip(claims, answers, strict=True):
        yield _result(claim, answer)


def _result(claim, answer):
    """The result that a process has answered, which is not to be believed further than its form."""
    if "unsound" in answer:
        raise Unsound(answer["unsound"])
    found = answer.get("result", {"message": str(answer.get("error"))})
    blank = Result(claim, "error", [], {}).outcome()
    try:
        result = Result(claim, **blank | found)
    except TypeError:
        return Result(claim, "error", [], {}, message="the process answered what is no result")
    if result.verdict not in (*VERDICTS, "fails"):
        result.verdict = "error"
    return result


def _on_cluster(requests, address, seconds):
    """The answers of processes beside the cluster's own."""
    import joblib

    try:
        with joblib.parallel_config(backend="dask", scheduler_host=address):
            yield from joblib.Parallel(return_as="generator", batch_size="auto")(
                joblib.delayed(run_one)(request, seconds) for request in requests)
    except ImportError as error:
        raise Usage(f"--dask needs distributed: pip install 'cnnmat[dask]' ({error})") from error


@cache
def _own_workers(seconds):
    return Workers(1, seconds)


def run_one(request, seconds):
    """The answer to one request: what a process of the cluster does, by way of one of its own."""
    answer, = _own_workers(seconds).ask([request])
    return answer
