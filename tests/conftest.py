"""What the tests share: one hypothesis profile, and what "equal to rounding" means."""

import compileall
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, settings

# tests.versions runs what can be run where there is no torch
if find_spec("torch"):
    import torch

    # small tensors: threads would only wait for each other
    torch.set_num_threads(1)

settings.register_profile(
    "cnnmat", derandomize=True, deadline=None, database=None, print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much,
                           HealthCheck.data_too_large])
settings.load_profile("cnnmat")


def pytest_configure(config):
    """Compile the package where Python is told not to, once and for all processes of the run.

    Half of the time in which the command starts is compiling otherwise.  Files that tests write
    and write anew are as before compiled each time: one of the same second and size would be
    taken for the other.
    """
    if not hasattr(config, "workerinput"):
        for folder in ("cnnmat", "derivations"):
            compileall.compile_dir(Path(__file__).parents[1] / folder, quiet=2)


def pytest_collection_modifyitems(items):
    """Of what is marked `every`, leave a sample in the files test_*.py, and all in every_*.py."""
    met, left = Counter(), []
    for item in items:
        mark = item.get_closest_marker("every")
        if mark is None or item.path.name.startswith("every_"):
            left.append(item)
        elif mark.args:
            met[item.path, item.originalname] += 1
            if (met[item.path, item.originalname] - 1) % mark.args[0] == 0:
                left.append(item)
    items[:] = left


def close(have, want, rtol=1e-12):
    """Whether two arrays of one shape differ by at most `rtol` of the largest of `want`."""
    have, want = np.asarray(have, dtype=float), np.asarray(want, dtype=float)
    if have.shape != want.shape or not np.isfinite(have).all():
        return False
    return bool((np.abs(have - want) <= rtol * np.abs(want).max(initial=0.0)).all())


def fractions(random, shape):
    """Whole and broken numbers between -4 and 4 in an object array: exact entries."""
    from fractions import Fraction

    flat = [Fraction(int(random.integers(-4, 5)), int(random.choice([1, 1, 2, 3])))
            for _ in range(int(np.prod(shape)))]
    array = np.empty(len(flat), dtype=object)
    array[:] = flat
    return array.reshape(shape)
