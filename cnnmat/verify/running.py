"""Claims run one after the other, in processes, or on a cluster: results in order, as they come."""

from dataclasses import replace

from cnnmat.arguments import Usage
from cnnmat.verify.judge import run
from cnnmat.verify.loading import load

__all__ = ["run_all"]


def run_one(source, id):
    """Run one claim of the lecture that `source` names: what a worker process does."""
    return strip(run(load(source).claims[id]))


def strip(result):
    """`result` without the function of its claim, which does not travel between processes."""
    return replace(result, claim=replace(result.claim, function=None, cases=()))


def run_all(sources, lectures, claims, jobs=1, dask=None):
    """Results in the order of the claims, as they come: here, in processes, or on a cluster."""
    if jobs == 1 and not dask:
        yield from map(run, claims)
        return
    import joblib

    source_of = {one.slug: source for source, one in zip(sources, lectures, strict=True)}
    calls = (joblib.delayed(run_one)(source_of[c.lecture], c.id) for c in claims)
    where = {"backend": "dask", "scheduler_host": dask} if dask else {"n_jobs": jobs}
    try:
        with joblib.parallel_config(**where):
            yield from joblib.Parallel(return_as="generator", batch_size="auto")(calls)
    except ImportError as error:
        raise Usage(f"--dask needs distributed: pip install 'cnnmat[dask]' ({error})") from error
