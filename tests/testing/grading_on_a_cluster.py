"""Submissions graded on a Dask cluster of two processes; one of them ends whoever judges it.

A process of its own, for the threads that a cluster leaves behind; `test_grading.py` runs it.
"""

import sys

from distributed import LocalCluster

from cnnmat.cli import main


def run(folder):
    """Grade what lies in `folder`/handed_in."""
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
                      dashboard_address=None, silence_logs=50) as cluster:
        return main(["grade", f"{folder}/handed_in", "--rubric", f"{folder}/rubric.toml", "--out",
                     f"{folder}/grades", "--dask", cluster.scheduler_address])


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
