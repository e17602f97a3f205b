"""A case: the arrays and settings of one call, and how the arrays lie in memory."""

from dataclasses import dataclass, field, replace

import numpy as np

__all__ = []

#: How the arrays are handed over, with what each way is there for.
FORMS = {
    "plain": "C order, writable: what everybody tries",
    "fortran": "column-major order: code that reads memory as if it were C order is wrong here",
    "strided": "views with gaps and negative steps, as slices of larger arrays have",
    "read-only": "writing is forbidden: code that changes its input, if only for a while, raises",
    "integer": "x holds int64, as images do, and nothing else is whole: results that take its "
               "type are cut, forward and backward",
}


@dataclass(frozen=True, eq=False)
class Case:
    """The inputs of one configuration.

    Parameters
    ----------
    name : str
        What it is there for, in a few words.
    behaviour : str
        The row of the score that it counts for: "plain", "stride", "padding" ...
    arrays : dict of ndarray
        By the names of the formulas, in the canonical layout (N x C x image, D x C x kernel).
    settings : dict
        Everything else that the call needs.
    form : str
        A key of `FORMS`.
    """

    name: str
    behaviour: str
    arrays: dict
    settings: dict = field(default_factory=dict)
    form: str = "plain"

    def with_arrays(self, **arrays):
        """The same case with some arrays replaced."""
        return replace(self, arrays={**self.arrays, **arrays})

    def twin(self):
        """The same shapes, other values: each array back to front."""
        return replace(self, arrays={k: np.flip(a).copy() for k, a in self.arrays.items()})


def whole(rng, shape, largest=9):
    """Random whole numbers of both signs, none of them zero, as float64."""
    return (rng.integers(1, largest, shape, endpoint=True) * rng.choice([-1, 1], shape)) * 1.0


def distinct(rng, shape):
    """Whole numbers of both signs, no two alike: no ties in any maximum."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - count // 2).reshape(shape) * 1.0


def tiny(rng, shape, dtype):
    """Whole multiples of a denormal number, among whole numbers."""
    small = np.finfo(dtype).tiny * whole(rng, shape) / 1024
    return np.where(rng.random(shape) < 0.5, small, whole(rng, shape))


def dressed(array, form):
    """A fresh copy of `array`, lying in memory as `form` says.

    Examples
    --------
    >>> dressed(np.arange(6).reshape(2, 3), "fortran").flags.f_contiguous
    True
    """
    if form == "fortran":
        return np.array(array, order="F")
    if form == "strided":
        # filled with a value that a wrong reading of memory would bring into the result
        room = np.full([2 * n for n in array.shape], 77, dtype=array.dtype)
        view = room[tuple(slice(None, None, -2) for _ in array.shape)]
        view[...] = array
        return view
    copy = np.array(array, order="C")
    if form == "read-only":
        copy.flags.writeable = False
    return copy


def reshaped(array, shape):
    """`array` cut to `shape`; where it is too small, its entries are repeated in order."""
    cut = array[tuple(slice(0, n) for n in shape)]
    return cut.copy() if cut.shape == tuple(shape) else np.resize(array, shape)


def exact(array):
    """Nested lists: of ints where all entries are whole (the loops are exact then), else floats."""
    a = np.asarray(array)
    if a.dtype.kind == "f" and a.size and np.all(a == np.rint(a)) and np.abs(a).max() < 2**53:
        a = a.astype(np.int64)
    return a.tolist() if a.dtype.kind in "biu" else a.astype(float).tolist()


def per_axis(value, dims, among):
    """A setting of a row, for rows and columns, in `dims` dimensions.

    Where the two differ the depth differs from both, or at least from the smaller one, where
    `among` has no third: an axis that is taken for another shows.

    Examples
    --------
    >>> per_axis(2, 3, (1, 2, 3)), per_axis((1, 3), 3, (1, 2, 3)), per_axis((1, 3), 1, (1, 2, 3))
    ([2, 2, 2], [2, 1, 3], [3])
    """
    values = [value] * 2 if isinstance(value, int) else list(value)
    if dims < 3:
        return values[-dims:]
    others = [one for one in among if one not in values]
    return [values[0] if values[0] == values[1] else (others or [max(values)])[0], *values]


def depth(rows, kernel, stride, padding, dilation):
    """How deep an image of so many rows is, all else being of three axes, the depth first.

    There are two windows along the depth, and a rest where there is one along the rows.

    Examples
    --------
    >>> none = [[0, 0]] * 3
    >>> depth(6, (2, 3, 3), [2] * 3, none, [1] * 3), depth(7, (2, 3, 3), [2] * 3, none, [1] * 3)
    (5, 4)
    """
    spans = [d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True)]
    rest = (rows + sum(padding[1]) - spans[1]) % stride[1] > 0 and stride[0] > 1
    return max(kernel[0], spans[0] + stride[0] + rest - sum(padding[0]))
