"""Claims on a Dask cluster of two worker processes, one of which is killed midway."""

import os
import signal

import pytest
from distributed import Client, LocalCluster

from cnnmat import cli, report


@pytest.fixture
def cluster():
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1",
                      dashboard_address=None, silence_logs=50) as cluster:
        yield cluster


def test_a_worker_killed_midway_loses_no_claim(cluster):
    sources, lectures = cli.chosen(["sayed"])
    claims = cli.select(lectures, None)
    with Client(cluster) as client:
        pids = list(client.run(os.getpid).values())
    results = []
    for result in cli.run_all(sources, lectures, claims, dask=cluster.scheduler_address):
        results.append(result)
        if len(results) == 5:
            os.kill(pids[0], signal.SIGKILL)
    here = [cli.strip(r) for r in cli.run_all(sources, lectures, claims)]
    assert len(results) == len(claims) > 5

    def plain(results):
        return [{k: v for k, v in r.to_json().items() if k != "seconds"} for r in results]

    assert plain(results) == plain(here)
    assert report.summary(results)["unexpected"] == 0
