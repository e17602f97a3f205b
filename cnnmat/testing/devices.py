"""Functions on the arrays of a framework, where there is a device: called with NumPy's arrays.

Each takes a forward and, if there is one, a backward function, and gives the same on arrays of
NumPy; without a backward function PyTorch's and JAX's own derivatives are taken.  The arrays lie
on the first device that the framework finds, and have the type of the NumPy ones.
"""

import numpy as np

from cnnmat.testing.adapters import jax_pair, torch_pair

__all__ = ["FRAMEWORKS", "cupy_functions", "jax_functions", "torch_functions"]

#: What a caller may name.
FRAMEWORKS = ("torch", "jax", "cupy")


def torch_functions(forward, backward=None, *, dtype="float64"):
    """(forward, backward) of functions of PyTorch's tensors, on CUDA if it is there.

    Examples
    --------
    >>> import torch
    >>> forward, backward = torch_functions(torch.square)
    >>> backward(np.ones(2), np.array([1.0, 3.0]))
    array([2., 6.])
    """
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    if backward is None:
        return torch_pair(forward, dtype=dtype, device=device)

    def there(array):
        return torch.tensor(np.array(array, order="C"), device=device)

    return [_through(f, there, lambda t: t.numpy(force=True)) for f in (forward, backward)]


def jax_functions(forward, backward=None, *, dtype="float64"):
    """(forward, backward) of functions of JAX's arrays, on its default device."""
    import jax

    # JAX has no double precision unless it is told so, before it makes its first array
    if dtype == "float64":
        jax.config.update("jax_enable_x64", True)
    if backward is None:
        return jax_pair(forward)
    return [_through(f, jax.numpy.asarray, np.asarray) for f in (forward, backward)]


def cupy_functions(forward, backward=None, *, dtype="float64"):
    """[forward] or [forward, backward] of functions of CuPy's arrays."""
    import cupy

    given = [f for f in (forward, backward) if f is not None]
    return [_through(f, cupy.asarray, cupy.asnumpy) for f in given]


def _through(function, there, back):
    """The function on NumPy's arrays; tuples and lists come back with their arrays turned."""
    def called(*args):
        answer = function(*(there(a) if isinstance(a, np.ndarray) else a for a in args))
        return (type(answer)(map(back, answer)) if isinstance(answer, (tuple, list))
                else back(answer))

    called.__name__ = getattr(function, "__name__", "function")
    return called
