"""Claims on a Dask cluster of two worker processes, one of which is killed midway.

A process of its own, for the threads that a cluster leaves behind; `test_cluster.py` runs it.
"""

import json
import os
import signal

from distributed import Client, LocalCluster

from cnnmat.verify.isolation import Workers
from cnnmat.verify.loading import choose, select
from cnnmat.verify.running import run_all


def plain(results):
    return [{k: v for k, v in r.to_json().items() if k != "seconds"} for r in results]


def main():
    workers = Workers(1, 60)
    chosen = choose(["martinez"], workers)
    claims = select(chosen.lectures, None)
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
                      dashboard_address=None, silence_logs=50) as cluster:
        with Client(cluster) as client:
            pids = list(client.run(os.getpid).values())
        results = []
        for result in run_all(chosen, claims, workers, cluster.scheduler_address):
            results.append(result)
            if len(results) == 5:
                os.kill(pids[0], signal.SIGKILL)
    with Workers(2, 60) as workers:
        here = list(run_all(chosen, claims, workers))
    print(json.dumps({"claims": len(claims), "on the cluster": plain(results),
                      "here": plain(here)}))


if __name__ == "__main__":
    main()
