"""What the tests share: one hypothesis profile, and what "equal to rounding" means."""

from importlib.util import find_spec

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
