"""Hypothesis strategies for tests of one's own: geometries, layers, networks.

Needs the package ``hypothesis``.  Sizes are small and arrays hold whole numbers, so that
results can be compared with ``==``.
"""

import numpy as np
from hypothesis import strategies as st

from cnnmat.textbook.windows import Windows

__all__ = ["arrays", "geometries", "layers", "networks"]


def arrays(shape, largest=9):
    """Arrays of float64 that hold whole numbers between -`largest` and `largest`.

    Parameters
    ----------
    shape : tuple of int
    largest : int

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(arrays((2, 3)))
    ... def test(a):
    ...     assert a.shape == (2, 3) and (a == a.round()).all()
    >>> test()
    """
    count = int(np.prod(shape))
    numbers = st.lists(st.integers(-largest, largest), min_size=count, max_size=count)
    return numbers.map(lambda values: np.array(values, dtype=float).reshape(shape))


@st.composite
def geometries(draw, dims=2, *, longest=7, stride=True, padding=True, dilation=True):
    """`cnnmat.Windows` of at least one window.

    Parameters
    ----------
    dims : int
        Axes of the image.
    longest : int
        The longest side of an image.
    stride, padding, dilation : bool
        Whether they may differ from 1, 0 and 1; padding may be uneven.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(geometries())
    ... def test(windows):
    ...     assert windows.P >= 1
    >>> test()
    """
    axes = [_axis(draw, longest, stride, padding, dilation) for _ in range(dims)]
    length, kernel, step, pair, apart = zip(*axes, strict=True)
    return Windows(length, kernel, step, pair, apart)


def _axis(draw, longest, stride, padding, dilation):
    pair = draw(st.tuples(st.integers(0, 2), st.integers(0, 2))) if padding else (0, 0)
    length = draw(st.integers(1, longest))
    room = length + sum(pair)
    apart = draw(st.integers(1, 3)) if dilation else 1
    kernel = draw(st.integers(1, min(4, (room - 1) // apart + 1)))
    return length, kernel, draw(st.integers(1, 4)) if stride else 1, pair, apart


@st.composite
def layers(draw, /, dims=2, **conventions):
    """Correlation layers: a dictionary of x, w, b, dz and the `geometry`.

    Parameters
    ----------
    dims : int
    **conventions
        As in `geometries`.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(layers(dims=1))
    ... def test(layer):
    ...     assert layer["dz"].shape[2:] == layer["geometry"].output
    >>> test()
    """
    geometry = draw(geometries(dims, **{"longest": 5, **conventions}))
    n, c, d = (draw(st.integers(1, 3)) for _ in range(3))
    return {
        "geometry": geometry, "x": draw(arrays((n, c, *geometry.shape))),
        "w": draw(arrays((d, c, *geometry.kernel))), "b": draw(arrays((d,))),
        "dz": draw(arrays((n, d, *geometry.output))),
    }


@st.composite
def networks(draw, most=3):
    """Fully connected networks: a dictionary of x, weights, biases, one of each a layer.

    Parameters
    ----------
    most : int
        The largest number of layers.

    Examples
    --------
    >>> from hypothesis import given
    >>> @given(networks())
    ... def test(network):
    ...     assert network["weights"][0].shape[1] == network["x"].shape[1]
    >>> test()
    """
    sizes = draw(st.lists(st.integers(1, 4), min_size=2, max_size=most + 1))
    steps = list(zip(sizes[1:], sizes[:-1], strict=True))
    return {
        "x": draw(arrays((draw(st.integers(1, 3)), sizes[0]))),
        "weights": [draw(arrays(shape)) for shape in steps],
        "biases": [draw(arrays((outputs,))) for outputs, _ in steps],
    }
