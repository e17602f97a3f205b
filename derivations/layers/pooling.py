"""Pooling over windows of any kind, there and back."""

import numpy as np

from cnnmat import loops, vec
from cnnmat.derivations.layers.setting import chained, inner, lecture, sign
from cnnmat.layers import pool, pool_backward
from cnnmat.verify import Sides


@lecture.claim(
    "pool/max", "identity", "A maximum over a window is one over its rows, then over its columns",
    r"\max_{k,\ell}x_{k\ell}=\max_\ell\max_kx_{k\ell}",
    cases=[{"image": (6, 7), "size": (3, 2), "stride": (2, 1)}])
def pool_by_axes(e, image, size, stride):
    x = e.integers(1, 2, *image)
    lists = loops.window_lists(list(image), list(size), list(stride), [(0, 0)] * 2, [1, 1])
    truth = [loops.pool(loops.vec(one), lists, loops.largest) for one in x[0].tolist()]
    return Sides(truth=truth, printed=vec(pool(x, "max", size, stride=stride)[0], 2),
                 wrong={"one column less": vec(pool(x, "max", (size[0], 1), stride=stride)[0][
                     ..., :-1], 2)})


#: Windows that overlap and skip, padding uneven, on one to three axes; three of
#: them have windows that ceil_mode lets run over the edge.
OVERLAPPING = [
    {"image": (7, 9), "size": (3, 2), "stride": (1, 3), "padding": ((1, 0), (0, 1)),
     "dilation": (2, 1)},
    {"image": (7, 9), "size": (3, 2), "stride": (2, 3), "padding": ((1, 0), (1, 0)),
     "dilation": (1, 2), "ceil_mode": True},
    {"image": (4, 3, 5), "size": (2, 3, 2), "stride": (1, 2, 2),
     "padding": ((0, 1), (2, 1), (1, 0)), "dilation": (2, 1, 1)},
    {"image": (9,), "size": (4,), "stride": (3,), "padding": ((2, 1),), "ceil_mode": True},
    {"image": (8, 7), "size": (5, 3), "stride": (2, 2), "ceil_mode": True},
]
#: Windows side by side, which tile the image or leave a rest.
TILES = [{"image": (6, 8), "size": (3, 2)}, {"image": (7, 5), "size": (2, 3)},
         {"image": (6,), "size": (3,)}, {"image": (4, 2, 6), "size": (2, 1, 3)},
         {"image": (6, 12), "size": (3, 6)}]
POOLINGS = [*OVERLAPPING, *TILES]
#: Windows on nothing but padding, in which there are no entries to take a mean of.
OUTSIDE = {"image": (5, 4), "size": (2, 2), "stride": (2, 1), "padding": ((2, 1), (0, 3))}


def by_windows(x, reduce, image, size, stride=None, padding=None, dilation=None, ceil_mode=False):
    """reduce(entries, number of places) of each window, by the plain loops."""
    axes = len(image)
    windows = loops.pool_windows(
        list(image), list(size), list(stride or size), list(padding or [(0, 0)] * axes),
        list(dilation or [1] * axes), ceil_mode)
    return loops.pool_images(x, windows, reduce)


def norm(p):
    """The ℓp norm of a window; where it is 0 its derivative is taken as 0."""
    power = chained(lambda v: abs(v) ** p, lambda v: p * abs(v) ** (p - 1) * sign(v))
    root = chained(lambda q: q ** (1 / p), lambda q: q ** (1 / p - 1) / p if q else 0)
    return lambda values, places: root(sum(power(v) for v in values))


#: name: formula; the arguments of `pool`; what becomes of a window; a near miss.
KINDS = {
    "sum": (r"\sum_{m\in\mathrm{window}}x_m", {"kind": "sum"},
            lambda values, places: sum(values), {"kind": "mean"}),
    "mean": (r"\tfrac1S\sum_{m\in\mathrm{window}}x_m", {"kind": "mean"},
             lambda values, places: sum(values) / places, {"kind": "sum"}),
    "mean/inside": (r"\tfrac1{|\mathrm{window}\cap\mathrm{image}|}\sum_{m\in\mathrm{window}}x_m",
                    {"kind": "mean", "count_include_pad": False},
                    lambda values, places: sum(values) / max(len(values), 1),
                    {"count_include_pad": True}),
    "max": (r"\max_{m\in\mathrm{window}}x_m", {"kind": "max"},
            lambda values, places: loops.largest(values), {"kind": "sum"}),
    "l2": (r"\sqrt{\textstyle\sum_{m\in\mathrm{window}}x_m^2}", {"kind": "l2"},
           norm(2), {"kind": "lp", "p": 3}),
    "l1": (r"\textstyle\sum_{m\in\mathrm{window}}|x_m|", {"kind": "lp", "p": 1},
           norm(1), {"p": 2}),
    "l3": (r"(\textstyle\sum_{m\in\mathrm{window}}|x_m|^3)^{1/3}", {"kind": "lp", "p": 3},
           norm(3), {"p": 2}),
    "l2.5": (r"(\textstyle\sum_{m\in\mathrm{window}}|x_m|^p)^{1/p}", {"kind": "lp", "p": 2.5},
             norm(2.5), {"p": 1.5}),
}


def pooled_image(e, image, floats=False, **_):
    """x with ties, and a row of zeros on which a norm has its kink."""
    x = e.floats(2, 3, *image) if floats else e.integers(2, 3, *image, low=-3, high=3)
    x[1, 1] = 0
    return x


for name, (formula, arguments, reduce, miss) in KINDS.items():
    cases = [*POOLINGS, OUTSIDE] if name == "mean/inside" else POOLINGS

    @lecture.claim(f"pool/{name}/windows" if name == "max" else f"pool/{name}", "algorithm",
                   f"Pooling by {name}, on one to three axes", formula, cases=cases)
    def pooled(e, arguments=arguments, reduce=reduce, miss=miss, **case):
        x = pooled_image(e, **case)
        layer = {k: v for k, v in case.items() if k != "image"}
        return Sides(truth=by_windows(x.tolist(), reduce, **case),
                     printed=pool(x, **arguments, **layer),
                     wrong={f"{miss}": pool(x, **{**arguments, **miss}, **layer)})

    @lecture.claim(f"pool_backward/{name}", "gradient", f"Pooling by {name}, taken back",
                   r"\partial\langle dt,t\rangle/\partial x,\quad t(p)=" + formula, cases=cases)
    def pooled_back(e, arguments=arguments, reduce=reduce, miss=miss, **case):
        x = pooled_image(e, **case)
        layer = {k: v for k, v in case.items() if k != "image"}
        dt = e.integers(*np.shape(by_windows(x.tolist(), reduce, **case)))
        weights = dt.tolist()
        truth = e.gradient(lambda x: inner(by_windows(x, reduce, **case), weights), x)
        return Sides(truth=truth, printed=pool_backward(dt, x, **arguments, **layer),
                     wrong={f"{miss}": pool_backward(dt, x, **{**arguments, **miss}, **layer)})


@lecture.claim(
    "pool/floats", "algorithm", "Pooling of floating-point numbers, which may all be negative",
    r"\max_{m\in\mathrm{window}}x_m,\quad\tfrac1S\sum_{m\in\mathrm{window}}x_m", cases=OVERLAPPING)
def pool_floats(e, **case):
    x = -np.abs(pooled_image(e, floats=True, **case)) - 1
    layer = {k: v for k, v in case.items() if k != "image"}
    truth = [by_windows(x.tolist(), KINDS[name][2], **case) for name in ("max", "mean")]
    t = pool(x, "max", **layer)
    return Sides(truth=truth, printed=(t, pool(x, "mean", **layer)),
                 wrong={"padding not counted": (t, pool(x, "mean", count_include_pad=False,
                                                        **layer))})


@lecture.claim(
    "pool/range", "algorithm", "Norms and means whose powers and sums are out of range",
    r"\mathrm{pool}(2^kx)=2^k\,\mathrm{pool}(x)",
    cases=[{"kind": "l2", "k": 600}, {"kind": "l2", "k": -600}, {"kind": "lp", "p": 3, "k": 500},
           {"kind": "lp", "p": 1.5, "k": -800}, {"kind": "lp", "p": 2.5, "k": 800}, {"kind": "lp", "p": 40, "k": 500},
           {"kind": "mean", "k": 1021}])
def pool_range(e, kind, k, p=2):
    case = OVERLAPPING[0]
    x = pooled_image(e, **case)
    layer = {key: v for key, v in case.items() if key != "image"} | (
        {"kind": kind, "p": p} if kind == "lp" else {"kind": kind})
    reduce = KINDS["mean"][2] if kind == "mean" else norm(p)
    there = np.array(by_windows(x.tolist(), reduce, **case))
    dt = e.integers(*there.shape)
    weights = dt.tolist()
    back = e.gradient(lambda x: inner(by_windows(x, reduce, **case), weights), x)
    t, dx = pool(np.ldexp(x, k), **layer), pool_backward(dt, np.ldexp(x, k), **layer)
    return Sides(truth=(there, back), printed=(np.ldexp(t, -k), dx),
                 wrong={"half of it": (np.ldexp(t, -k - 1), dx)})


@lecture.claim(
    "pool/same", "dimension", "Pooling with padding that keeps the size",
    r"\lceil n/s\rceil\text{ windows},\ \lfloor p/2\rfloor\text{ zeros before}",
    cases=[{"n": 5, "size": 2, "stride": 1, "padding": (0, 1)},
           {"n": 7, "size": 4, "stride": 2, "padding": (1, 2)}])
def pool_same(e, n, size, stride, padding):
    x = e.integers(1, 2, n)
    truth = by_windows(x.tolist(), KINDS["sum"][2], (n,), (size,), (stride,), (padding,))
    turned = pool(x, "sum", size, stride=stride, padding=(padding[::-1],))
    return Sides(truth=truth, printed=pool(x, "sum", size, stride=stride, padding="same"),
                 wrong={"the odd zero in front": turned})


@lecture.claim(
    "pool/out", "algorithm", "What is written to arrays of the caller's is the same",
    r"t,\quad\partial\langle dt,t\rangle/\partial x", cases=POOLINGS)
def pool_out(e, **case):
    x = pooled_image(e, **case).astype(float)
    layer = {k: v for k, v in case.items() if k != "image"}
    truth, printed, left = [], [], []
    for _, arguments, reduce, _ in KINDS.values():
        t, dx = pool(x, **arguments, **layer), np.full_like(x, 99)
        written = np.full_like(t, 99)
        dt = e.integers(*t.shape)
        pool(x, **arguments, **layer, out=written)
        pool_backward(dt, x, **arguments, **layer, out=dx)
        weights = dt.tolist()
        truth += [by_windows(x.tolist(), reduce, **case), e.gradient(
            lambda x, r=reduce, w=weights: inner(by_windows(x, r, **case), w), x)]
        printed += [written, dx]
        left += [np.full_like(t, 99), dx]
    return Sides(truth=truth, printed=printed, wrong={"t left as it was": left})
