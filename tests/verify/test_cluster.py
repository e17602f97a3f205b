"""Claims on a Dask cluster of two worker processes, one of which is killed midway."""

import json
import subprocess
import sys
from pathlib import Path


def test_a_worker_killed_midway_loses_no_claim():
    script = Path(__file__).with_name("cluster_run.py")
    run = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    found = json.loads(run.stdout.splitlines()[-1])
    assert len(found["on the cluster"]) == found["claims"] > 50
    assert found["on the cluster"] == found["here"]
