"""All geometries, on several processes; what is done is kept, whatever becomes of these."""

import os

from cnnmat.testing.grading.running import TerminatedWorkerError, side_by_side
from cnnmat.testing.process import CannotCall
from cnnmat.testing.sweeping.judging import judged, some

__all__ = ["swept"]

#: Geometries that a process is given at once; tasks that it is given in all, for evenness.
CHUNK, TASKS = 500, 4
#: How often in a row processes may be killed before any of them has handed over anything.
DEATHS = 3


def swept(sweep, session, numbers, jobs=-1, dask=None):
    """The outcomes of some geometries as they come, each once.

    Parameters
    ----------
    sweep : Sweep
    session : Session
        As it is `opened` here, where one process is enough.
    numbers : list of int
    jobs : int
        Processes; -1 is one a core.
    dask : str, optional
        The address of a cluster's scheduler.

    Raises
    ------
    CannotCall
        If the functions cannot be had, or whoever judges them is killed again and again.
    """
    count = os.cpu_count() or 1 if jobs == -1 else jobs
    if count == 1 and not dask:
        yield from judged(session, numbers)
        return
    left, deaths = list(numbers), 0
    while left:
        done = set()
        try:
            for outcomes in side_by_side(some, _tasks(sweep, left, count), jobs, dask):
                done |= {one["geometry"] for one in outcomes}
                yield from outcomes
        except TerminatedWorkerError:
            deaths = 0 if done else deaths + 1
            if deaths == DEATHS:
                raise CannotCall("the processes that judge it are killed, again and again; "
                                 "--jobs 1 judges here") from None
        left = [number for number in left if number not in done]


def _tasks(sweep, numbers, count):
    size = max(1, min(CHUNK, len(numbers) // (TASKS * count)))
    return [(sweep, numbers[k:k + size]) for k in range(0, len(numbers), size)]
