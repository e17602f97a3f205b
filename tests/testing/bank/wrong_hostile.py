"""Functions that misbehave in other ways than by a wrong number."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import conv, conv_back
from tests.testing.bank.register import wrong_made, wrong_pair

forward = partial(wrong_pair, "correlation", backward=conv_back)
backward = partial(wrong_pair, "correlation", forward=conv)


@forward()
def raises(x, w, b, stride, padding):
    """Raises."""
    raise RuntimeError("not today")


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


@forward()
def raises_unprintable(x, w, b, stride, padding):
    """Raises something that cannot be printed."""
    raise Unprintable


@forward()
def exits(x, w, b, stride, padding):
    """Leaves the program."""
    raise SystemExit(3)


@forward()
def interrupts(x, w, b, stride, padding):
    """Looks like Ctrl-C."""
    raise KeyboardInterrupt


@forward()
def recurses(x, w, b, stride, padding):
    """Calls itself for ever."""
    return recurses(x, w, b, stride, padding)


@forward()
def returns_none(x, w, b, stride, padding):
    """The return is forgotten."""
    conv(x, w, b, stride, padding)


@forward()
def returns_text(x, w, b, stride, padding):
    """Returns a str."""
    return str(conv(x, w, b, stride, padding))


@forward()
def returns_generator(x, w, b, stride, padding):
    """yield for return."""
    yield conv(x, w, b, stride, padding)


@forward()
def returns_pair(x, w, b, stride, padding):
    """(z, cache)."""
    return conv(x, w, b, stride, padding), (x, w)


@forward()
def returns_flat(x, w, b, stride, padding):
    """N x everything else."""
    return conv(x, w, b, stride, padding).reshape(len(x), -1)


@forward()
def returns_objects(x, w, b, stride, padding):
    """An array of Python objects."""
    return conv(x, w, b, stride, padding).astype(object)


@forward()
def returns_ragged(x, w, b, stride, padding):
    """Nested lists of unequal lengths."""
    rows = conv(x, w, b, stride, padding).tolist()
    rows[0][0][0] = rows[0][0][0] + [1.0]
    return rows


@forward()
def returns_complex(x, w, b, stride, padding):
    """The real part was not taken after an FFT."""
    return conv(x, w, b, stride, padding) + 1j


@forward()
def returns_nan(x, w, b, stride, padding):
    """NaN."""
    z = conv(x, w, b, stride, padding)
    z[0, 0, 0, 0] = np.nan
    return z


@forward()
def returns_infinity(x, w, b, stride, padding):
    """inf."""
    z = conv(x, w, b, stride, padding)
    z[-1, -1, -1, -1] = np.inf
    return z


@forward()
def changes_x(x, w, b, stride, padding):
    """x is scaled where it stands, right result."""
    z = conv(x, w, b, stride, padding)
    x *= 0.5
    return z


@forward()
def changes_weights(x, w, b, stride, padding):
    """The kernel is turned where it stands."""
    z = conv(x, w, b, stride, padding)
    w[...] = w[:, :, ::-1, ::-1].copy()
    return z


@forward()
def writes_and_restores(x, w, b, stride, padding):
    """x is changed for a while: harmless, unless somebody else reads it or it is read-only."""
    x += 1
    x -= 1
    return conv(x, w, b, stride, padding)


@forward()
def runs_for_ever(x, w, b, stride, padding):
    """An endless loop."""
    while True:
        stride = stride + 0


@forward()
def hangs_on_stride(x, w, b, stride, padding):
    """The loop's step is forgotten when the stride is not 1."""
    while stride != 1:
        padding = padding + 0
    return conv(x, w, b, stride, padding)


class Strange:
    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array here")


@forward()
def returns_strange_object(x, w, b, stride, padding):
    """Something whose conversion to an array raises."""
    return Strange()


@wrong_made("correlation")
def random_noise():
    """Noise is added."""
    rng = np.random.default_rng()

    def noisy(x, w, b, stride, padding):
        return conv(x, w, b, stride, padding) + rng.normal()

    return noisy, conv_back


@wrong_made("correlation")
def every_third_call():
    """Wrong at every third call."""
    count = [0]

    def moody(x, w, b, stride, padding):
        count[0] += 1
        return conv(x, w, b, stride, padding) + (count[0] % 3 == 0)

    return moody, conv_back


@backward()
def changes_dz(dz, x, w, stride, padding):
    """dz is changed where it stands."""
    gradients = conv_back(dz, x, w, stride, padding)
    dz *= 2
    return gradients


@backward()
def returns_two(dz, x, w, stride, padding):
    """(dx, dw): db is missing."""
    return conv_back(dz, x, w, stride, padding)[:2]


@backward()
def returns_one(dz, x, w, stride, padding):
    """dx alone."""
    return conv_back(dz, x, w, stride, padding)[0]


@backward()
def returns_dictionary(dz, x, w, stride, padding):
    """A dictionary."""
    return dict(zip(("dx", "dw", "db"), conv_back(dz, x, w, stride, padding), strict=True))


@backward(supports="stride")
def raises_for_stride(dz, x, w, stride, padding):
    """Not written for strides."""
    if stride > 1:
        raise NotImplementedError("stride")
    return conv_back(dz, x, w, stride, padding)


@backward()
def backward_none(dz, x, w, stride, padding):
    """The return is forgotten."""
    conv_back(dz, x, w, stride, padding)


@backward()
def nan_in_dw(dz, x, w, stride, padding):
    """0/0 in dw."""
    dx, dw, db = conv_back(dz, x, w, stride, padding)
    return dx, dw * np.nan, db
