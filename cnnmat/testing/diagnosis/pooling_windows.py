"""Mistakes in which windows of a pooling layer there are, and in what is made of each."""

from dataclasses import replace
from math import prod

import numpy as np

from cnnmat.testing.diagnosis.mistakes import PADDING_NOT_CROPPED, Mistake
from cnnmat.testing.diagnosis.pooling_layer import reduced
from cnnmat.testing.diagnosis.results import fitted, recounts

__all__ = []

BOTH = ("t", "dx")


def _edited(**how):
    return lambda pool, _: pool.but(**{k: f(pool) for k, f in how.items()})


def _to_size(a, pool, _):
    return fitted(a, pool.x.shape[:2] + pool.dt.shape[2:])


def in_the_right_size(mistakes):
    """The wrong geometries among mistakes, their answers brought to the right size."""
    for one in mistakes:
        if one.slug.startswith(("stride", "padding", "dilation", "window-")) and (
                "t" in one.outputs and one.edit and not one.result):
            yield replace(one, sentence=f"{one.words('t')}, and what comes of it is cut, or filled "
                          "up with zeros, to the right size", outputs=("t",), result=_to_size,
                          company="other")


def _padded(slug, said, pads):
    return Mistake(slug, said, BOTH, edit=_edited(padding=lambda pool: tuple(
        pads(*p) for p in pool.padding)))


def _kept(n):
    if n < 0:
        raise ValueError("nothing is left of the padding")
    return n


def _geometry():
    yield Mistake("window-sides-exchanged", "rows and columns of the window are exchanged, not "
                  "those of the stride", BOTH, edit=_edited(size=lambda pool: pool.size[::-1]))
    for axis, one, other in ((0, "height", "width"), (-1, "width", "height")):
        yield Mistake("window-taken-as-square", f"the {one} of the window is taken for its {other}"
                      " too", BOTH, edit=_edited(size=lambda pool, a=axis: (
                          pool.size[a],) * len(pool.size)))
    yield Mistake("padding-axes-swapped", "the paddings are taken in reverse, columns first", BOTH,
                  edit=_edited(padding=lambda pool: pool.padding[::-1]))
    yield _padded("padding-only-before", "the image is padded above and left, not below and right",
                  lambda p, q: (p, 0))
    yield _padded("padding-only-after", "the image is padded below and right, not above and left",
                  lambda p, q: (0, q))
    # of dx, that is the corner of the padded gradient
    yield replace(_padded("padding-at-the-end", "all the padding is put behind the image",
                          lambda p, q: (0, p + q)), outputs=("t",))
    yield _padded("padding-applied-twice", "the image is padded twice",
                  lambda p, q: (2 * p, 2 * q))
    for step, word in ((-1, "little"), (1, "much")):
        yield _padded("padding-off-by-one", f"the image is padded one too {word} behind",
                      lambda p, q, s=step: (p, _kept(q + s)))
        yield _padded("padding-off-by-one", f"the image is padded one too {word} on either side",
                      lambda p, q, s=step: (_kept(p + s), _kept(q + s)))
        yield Mistake("window-off-by-one", f"the window has one row and column too {word}", BOTH,
                      edit=_edited(size=lambda pool, s=step: tuple(k + s for k in pool.size)))
    for mode, said in (("edge", "repeats the pixels of the border"), ("reflect", "mirrors the "
                       "image"), ("wrap", "goes on at the opposite side of the image")):
        yield Mistake(f"padding-{mode}", f"the padding {said}", ("t",),
                      edit=_edited(padding=lambda pool: ((0, 0),) * len(pool.size),
                                   x=lambda pool, m=mode: np.pad(
                                       pool.x, ((0, 0), (0, 0), *pool.padding), mode=m)))
    yield Mistake("stride-fixed", "the stride is 2 whatever is asked for", BOTH,
                  edit=_edited(stride=lambda pool: (2,) * len(pool.size)))
    for axis, what in ((-2, "rows"), (-1, "columns")):
        yield Mistake("stride-fixed", f"the stride along the {what} is 2 whatever is asked for",
                      BOTH, edit=_edited(stride=lambda pool, a=axis: tuple(
                          2 if k == a % len(pool.size) else s for k, s in enumerate(pool.stride))))
    for name in ("stride", "size"):
        for said, axis in (("first", 0), ("last", -1)):
            yield Mistake(f"{name}-of-{said}-axis", f"the {name} of the {said} axis is used for "
                          "every axis", BOTH, edit=_edited(**{name: lambda pool, n=name, a=axis: (
                              getattr(pool, n)[a],) * len(pool.size)}))
    yield Mistake("tiles-taken-apart", "a reshape into tiles has its axes in the wrong order: each "
                  "window is made of pixels that lie apart", BOTH, edit=_tiles_apart)


def _tiles_apart(pool, _):
    if pool.stride != pool.size or any(map(any, pool.padding)):
        raise ValueError("windows do not tile the image")
    counts = tuple(n // k for n, k in zip(pool.x.shape[2:], pool.size, strict=True))
    return pool.but(stride=(1,) * len(counts), dilation=counts)


# --- what is made of a window ---------------------------------------------------------


REDUCTIONS = (
    ("median", "the median is taken", np.median),
    ("largest-magnitude", "the largest magnitude is taken", lambda v: max(map(abs, v))),
    ("sum-of-magnitudes", "the magnitudes are added up", lambda v: sum(map(abs, v))),
    ("sum-of-squares", "the squares are added up", lambda v: sum(u * u for u in v)),
    ("product", "the entries are multiplied", prod),
    ("last-entry", "the last entry of each window is taken", lambda v: v[-1]),
    ("middle-entry", "the entry in the middle of each window is taken", lambda v: v[len(v) // 2]),
    ("range-of-window", "the largest less the smallest entry is taken", lambda v: max(v) - min(v)),
    ("size-counted", "the entries are counted and not added up", len),
    ("root-of-sum", "the root of the sum is taken: the entries are not squared",
     lambda v: np.sqrt(sum(v))),
    ("magnitude-of-sum", "the sum is squared and its root taken: the entries are not",
     lambda v: abs(sum(v))),
    ("last-not-read", "the last entry of each window is not read", lambda v: sum(v[:-1])),
)


def _of_each_window():
    for slug, said, reduce in REDUCTIONS:
        yield Mistake(slug, said, ("t",), company="none",
                      result=lambda a, pool, _, r=reduce: reduced(pool, lambda v, _: r(v)))
    yield Mistake("rest-filled-with-zeros", "windows that hang over the end are filled up with "
                  "zeros, which take part in the maximum", ("t",), company="none",
                  result=lambda a, pool, _: reduced(pool, _filled_up(pool)))
    for slug, said, by in (
            ("divided-by-full-window", "each sum is divided by the size of a whole window, where "
             "part of it hangs over as well", lambda pool: prod(pool.size)),
            ("divided-by-stride", "the sum is divided by the product of the strides",
             lambda pool: prod(pool.stride)),
            ("divided-by-sides", "the sum is divided by the sum of the window's sides",
             lambda pool: sum(pool.size)),
            ("divided-by-pixels", "the sum is divided by the number of pixels of the image",
             lambda pool: prod(pool.x.shape[2:])),
            ("divided-by-windows", "the sum is divided by the number of windows",
             lambda pool: prod(pool.dt.shape[2:]))):
        yield Mistake(slug, said, ("t",), company="none", result=lambda a, pool, _, f=by: reduced(
            pool, lambda v, _: sum(v)) / f(pool))
        yield Mistake(slug, said.replace("sum is", "gradient is", 1), ("dx",),
                      company="none", edit=lambda pool, _, f=by: pool.but(
                          share=lambda kind, values, places: [1 / f(pool)] * len(values)))


#: How far off the maximum a mask may reach.
TOLERANCES = (1e-8, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0)


def _masks():
    """A mask by a tolerance; of equal maxima all are in it, or the first only."""
    for size in TOLERANCES:
        for ties in (True, False):
            yield Mistake(
                "ties-by-tolerance", f"entries within {size:g} of the maximum get the gradient "
                "too: a mask by a tolerance", ("dx",), company="none", edit=_near(size, ties))


def _near(size, ties):
    def share(kind, values, places):
        top = max(values)
        first = values.index(top)
        return [float(top - v <= size and (ties or v < top or k == first))
                for k, v in enumerate(values)]
    return lambda pool, _: pool.but(share=share)


def _filled_up(pool):
    """Windows that hang over the end, filled up with zeros."""
    def reduce(values, _):
        short = prod(pool.size) > len(values)
        return max(*values, 0.0) if short else max(values)
    return reduce


def _place_without_stride(a, pool, _):
    """The gradient at the window's number plus the place in the window."""
    dx = np.zeros_like(pool.x)
    for (i, j), _, part in _parts(pool):
        for n, c in np.ndindex(pool.x.shape[:2]):
            row, column = np.unravel_index(part[n, c].argmax(), part.shape[2:])
            at = i + row * pool.dilation[0], j + column * pool.dilation[1]
            dx[(n, c, *at)] += pool.dt[n, c, i, j]
    return dx


def _parts(pool):
    """(window, its first pixel, what it holds of all samples and channels)."""
    fits = [d * (k - 1) + 1 for d, k in zip(pool.dilation, pool.size, strict=True)]
    if pool.kind != "max" or any(map(any, pool.padding)) or len(fits) != 2:
        raise ValueError("a maximum of windows within the image is looked at")
    for i, j in np.ndindex(*pool.dt.shape[2:]):
        top, left = i * pool.stride[0], j * pool.stride[1]
        rows = slice(top, top + fits[0], pool.dilation[0])
        yield (i, j), (top, left), pool.x[:, :, rows, left:left + fits[1]:pool.dilation[1]]


def _searched_over(over, how):
    """dx of a maximum that is searched over `over` (axes of N x C), and what its winner gets."""
    def result(a, pool, _):
        dx = np.zeros_like(pool.x)
        for window, corner, part in _parts(pool):
            for n, c in np.ndindex(pool.x.shape[:2]):
                own = [slice(None) if k in over else slice(m, m + 1) for k, m in enumerate((n, c))]
                block = part[tuple(own)]
                at = np.unravel_index(block.argmax(), block.shape)
                lead = [at[k] if k in over else m for k, m in enumerate((n, c))]
                cell = [f + d * m for f, d, m in zip(corner, pool.dilation, at[2:], strict=True)]
                if how == "all":
                    dx[(*lead, *cell)] += pool.dt[(n, c, *window)]
                elif how == "each" or tuple(lead) == (n, c):
                    dx[(n, c, *cell)] += pool.dt[(n, c, *window)]
        return dx
    return result


def _searched_too_far():
    yield Mistake("place-without-stride", "the gradient goes to the place of the maximum in its "
                  "window plus the number of the window: that is to be times the stride", ("dx",),
                  company="none", result=_place_without_stride)
    for over, said in (((1,), "the channels"), ((0,), "the batch"), ((0, 1), "batch and channels")):
        for how, what in (("all", "the gradients of all go to the one winner"),
                          ("each", "the place of the one winner is used for each"),
                          ("own", "the others get nothing")):
            yield Mistake("maximum-searched-too-far", f"the maximum of a window is searched over "
                          f"{said}, too, and {what}", ("dx",), company="none",
                          result=_searched_over(over, how))
        yield Mistake("maximum-searched-too-far", f"the maximum of a window is one over {said}, "
                      "too", ("t",), company="none", result=lambda a, pool, _, o=over: (
                          np.broadcast_to(a.max(o, keepdims=True), a.shape)))


# --- where dx is cut out of the gradient of the padded image -----------------------------


def _first(of):
    """Cut out from these pixels on."""
    def cut(wide, pool):
        firsts = of([p for p, _ in pool.padding])
        return wide[(..., *[slice(f, f + n) for f, n in zip(firsts, pool.x.shape[2:],
                                                            strict=True)])]
    return cut


CROPS = (
    ("crop-at-zero", "dx is cut out of the padded gradient from its corner: the image begins at "
     "`padding`", _first(lambda p: [0] * len(p))),
    ("crop-exchanged", "when the padding is cut off dx, its amounts for rows and columns are "
     "exchanged", _first(lambda p: p[::-1])),
    ("crop-at-end", "all the padding is cut off in front of dx: the last pixels are taken",
     _first(lambda p: [2 * n for n in p])),
    ("crop-off-by-one", "dx is cut out of the padded gradient one pixel too late",
     _first(lambda p: [n + 1 for n in p])),
    ("padding-not-cropped", PADDING_NOT_CROPPED, lambda wide, pool: wide),
    ("crop-by-negative-index", "the border is cut off with [p:-p], which is empty for p = 0: "
     "write [p:p + H]", lambda wide, pool: wide[(..., *[slice(p, -q) for p, q in pool.padding])]),
)


def _crops():
    for slug, said, cut in CROPS:
        yield Mistake(slug, said, ("dx",), edit=lambda pool, _, c=cut: pool.but(crop=c))


WINDOWS = (
    *(replace(one, company="other") for one in _geometry()), *_of_each_window(), *_crops(),
    *recounts("t", lambda pool: (pool.x.shape[2:], pool.padding, tuple(
        d * (k - 1) + 1 for d, k in zip(pool.dilation, pool.size, strict=True)), pool.stride)),
    *_masks(), *_searched_too_far(),
)
