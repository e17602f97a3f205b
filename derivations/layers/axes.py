"""Each path on one to three axes, cut into bands, and what else can be asked of it."""

import numpy as np

from cnnmat import layers, loops
from cnnmat.derivations.layers.setting import (
    LAYERS,
    by_loops,
    drawn,
    lecture,
    options,
    there_and_back,
    there_and_back_by_loops,
)
from cnnmat.verify import Sides

PLAIN = {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "dilation": (1, 1), "groups": 1}
LINE = {"n": 3, "before": 4, "after": 6, "image": (10,), "kernel": (3,), "stride": (2,),
        "padding": ((1, 2),), "dilation": (1,), "groups": 2}
BLOCK = {"n": 2, "before": 2, "after": 4, "image": (4, 5, 6), "kernel": (3, 2, 2),
         "stride": (1, 2, 1), "padding": ((1, 1), (0, 1), (1, 0)), "dilation": (1, 1, 2),
         "groups": 2}
#: Dilation along the first axis, which pairs of output rows do not go with.
WIDER = {"n": 2, "before": 3, "after": 2, "image": (7, 6), "kernel": (2, 3), "stride": (1, 2),
         "padding": ((1, 2), (0, 1)), "dilation": (3, 1), "groups": 1}
ONES = [
    {"n": 2, "before": 4, "after": 6, "image": (5, 3), "kernel": (1, 1), **PLAIN, "groups": 2},
    {**LINE, "kernel": (1,), "stride": (1,), "padding": ((0, 0),), "groups": 1},
    {**BLOCK, "kernel": (1, 1, 1), "stride": (1,) * 3, "padding": ((0, 0),) * 3},
]
#: Outputs of 4 x 8 and 2 x 3 x 4, which blocks of up to 2 x 4 divide.
SHARED = [
    {"n": 3, "before": 2, "after": 4, "image": (7, 9), "kernel": (3, 2), "stride": (2, 1),
     "padding": ((1, 1), (0, 0)), "dilation": (1, 1), "groups": 2},
    {"n": 2, "before": 3, "after": 2, "image": (2, 7, 8), "kernel": (2, 2, 3), "stride": (1, 2, 2),
     "padding": ((0, 1), (0, 1), (1, 0)), "dilation": (1, 3, 1), "groups": 1},
]
#: Blocks other than pairs of rows.
SIDES = ("blocked-1x2", "blocked-2x2", "blocked-2x4")
AXES = {"literal": [LINE, BLOCK, WIDER], "lowering": [LINE, BLOCK, WIDER],
        "lowering-apart": [LINE, BLOCK, WIDER], "lowering-together": [LINE, BLOCK, WIDER],
        "blocked": [LINE, BLOCK, *SHARED], "direct": [*ONES, LINE, BLOCK, WIDER],
        **dict.fromkeys(SIDES, SHARED)}

for name, cases in AXES.items():
    @lecture.claim(
        f"axes/{name}", "algorithm",
        f"On one to three axes the {name} path computes the layer and takes it back, dx or not",
        r"z,\quad\partial\langle dz,z\rangle/\partial(x,w,b)", cases=cases)
    def axes(e, name=name, **case):
        x, w, b = drawn(e, **case)
        dz = e.integers(*np.shape(by_loops(x, w, b, **options(case))))
        layer = {"method": name, **options(case)}
        return Sides(truth=there_and_back_by_loops(x, w, b, dz, **options(case)),
                     printed=there_and_back(x, w, b, dz, **layer),
                     wrong={"x from the other end of the batch": there_and_back(
                         x[::-1].copy(), w, b, dz, **layer)})


#: Of each path at least two bands, the last one smaller; of lowering two chunks of samples, too.
BANDS = {
    "literal": [{"n": 1, "before": 6, "after": 2, "image": (61, 131), "kernel": (2, 3),
                 "stride": (1, 1), "padding": ((1, 0), (0, 2))}],
    "lowering": [{"n": 71, "before": 3, "after": 2, "image": (9, 9), "kernel": (2, 3),
                  "stride": (1, 1), "padding": ((1, 0), (0, 0))},
                 {"n": 2, "before": 3, "after": 2, "image": (129, 70), "kernel": (3, 2),
                  "stride": (2, 1), "padding": ((1, 0), (0, 2))}],
    "blocked": [{"n": 71, "before": 3, "after": 2, "image": (15, 7), "kernel": (3, 2),
                 "stride": (1, 1), "padding": ((1, 0), (0, 1))}],
}


def rows(x, w, dz, stride, padding):
    """z, dx, dw by the plain loops that go a row at a time."""
    z = [loops.correlate_rows(one, w, stride, padding) for one in x]
    back = [loops.correlate_rows_backward(up, one, w, stride, padding)
            for up, one in zip(dz, x, strict=True)]
    dw = [dw for _, dw in back]
    return z, [dx for dx, _ in back], loops.build(
        loops.shape_of(w), lambda *cell: sum(loops.entry(one, cell) for one in dw))


for name, cases in BANDS.items():
    @lecture.claim(
        f"bands/{name}", "algorithm", f"The {name} path is the same, cut into bands",
        r"V=\begin{bmatrix}V_1\\\vdots\\V_B\end{bmatrix}\Rightarrow z=\mathrm{col}\{H_b^{\mathsf T}w\},\ "
        r"dx=\sum_bV_b^{\mathsf T}\mathrm{vec}(w\delta_b^{\mathsf T})", cases=cases)
    def bands(e, stride, padding, name=name, **sizes):
        x, w, _ = drawn(e, **sizes)
        layer = {"stride": stride, "padding": padding, "method": name}
        z = layers.correlate(x, w, **layer)
        dz = e.integers(*z.shape)
        back = layers.correlate_backward(dz, x, w, **layer)[:2]
        return Sides(truth=rows(x.tolist(), w.tolist(), dz.tolist(), stride, padding),
                     printed=(z, *back),
                     wrong={"the last column of windows left out": (z, *layers.correlate_backward(
                         dz * (np.arange(z.shape[-1]) < z.shape[-1] - 1), x, w, **layer)[:2])})


CHOSEN = [
    {**LAYERS[1], "n": 1}, ONES[0],
    {"n": 8, "before": 2, "after": 3, "image": (6, 5), "kernel": (3, 2), **PLAIN},
]


@lecture.claim(
    "auto", "algorithm", "Whichever path is chosen, the layer is computed",
    r"z_{nd}=\sum_c V\,\mathrm{vec}(x_{nc})\text{ against }w_{dc}",
    cases=[{**case, "method": method} for method in ("auto", "measured") for case in CHOSEN])
def auto(e, method, **case):
    x, w, b = drawn(e, **case)
    dz = e.integers(*layers.correlate(x, w, **options(case)).shape)
    truth = there_and_back_by_loops(x, w, 0 * b, dz, **options(case))[:3]
    x, w, dz = x.astype(float), w.astype(float), dz.astype(float)

    def printed(x):
        layer = {"method": method, **options(case)}
        return layers.correlate(x, w, **layer), *layers.correlate_backward(dz, x, w, **layer)[:2]

    return Sides(truth=truth, printed=printed(x),
                 wrong={"the maps exchanged": printed(x[:, ::-1])})


@lecture.claim(
    "exact", "algorithm", "On exact entries the literal path is taken: the text itself",
    r"z_n^{(d)}=\sum_jH_n^{(j)\mathsf T}w_j^{(d)}+b_d\mathbb{1}",
    cases=[{"image": (2, 3), "kernel": (2, 2), "stride": (1, 1), "padding": ((0, 0), (1, 0)),
            "dilation": (1, 1), "groups": 2}])
def exact(e, image, kernel, **layer):
    x, w = e.symbols("x", 1, 2, *image), e.symbols("w", 2, 1, *kernel)
    b = e.symbols("b", 2)
    dz = e.symbols("dz", *np.shape(by_loops(x, w, b, **layer)))
    turned = w.swapaxes(-1, -2)
    return Sides(truth=there_and_back_by_loops(x, w, b, dz, **layer),
                 printed=there_and_back(x, w, b, dz, **layer),
                 wrong={"the kernel transposed": there_and_back(x, turned, b, dz, **layer)})


@lecture.claim(
    "kept", "algorithm", "H that is kept is that of the x at hand, and x may change",
    r"\partial\langle dz,z\rangle/\partial w=\sum_nH_n\delta_n^{\mathsf T}",
    cases=[{**LAYERS[0], "n": 1}, {**LINE, "n": 1, "groups": 1}])
def kept(e, **case):
    x, w, b = drawn(e, **case)
    before = x.copy()
    layer = {"method": "literal", **options(case)}
    dz = e.integers(*layers.correlate(x, w, b, **layer).shape)
    layers.correlate(x, w, b, **layer)
    same = layers.correlate_backward(dz, x, w, **layer)[1]
    x[:, 1] += 1
    other = layers.correlate_backward(dz, x, w, **layer)[1]
    truth = tuple(there_and_back_by_loops(one, w, b, dz, **options(case))[2]
                  for one in (before, x))
    return Sides(truth=truth, printed=(same, other), wrong={"the same H": (same, same)})


#: Which of z, dx, dw, db are made of x, of w, of dz.
USES = ((0, 2), (0, 1), (1, 2, 3))


def marked(a, cell, mark=np.nan):
    """`a` in floats with a mark in one cell; without one it is all zeros, with a one there."""
    marked = a.astype(float) if np.isnan(mark) else np.zeros_like(a)
    marked[cell] = mark
    return marked


for name in ("literal", "lowering", "blocked", "direct", *SIDES):
    @lecture.claim(
        f"nan/{name}", "algorithm", f"On the {name} path NaN reaches what sees it, and nothing else",
        r"z(p)=\mathrm{NaN}\iff m\in\mathrm{window}\ p",
        cases=[{**SHARED[0], "n": 2, "before": 4, "after": 6}] if name in SIDES else LAYERS)
    def not_a_number(e, name=name, **case):
        x, w, b = drawn(e, **case)
        layer, nothing = {"method": name, **options(case)}, np.zeros_like(b)
        dz = e.integers(*np.shape(by_loops(x, w, b, **options(case))))
        ones = [np.ones_like(a) for a in (x, w, dz)]
        cells = (1, 2, 3, 4), (4, 1, 0, 1), (0, 5, 2, 1)
        truth, printed = [], []
        # x, w and dz in turn: what a one there among ones makes different from zero
        for k, cell in enumerate(cells):
            at = [one if j != k else marked(one, cell, 1) for j, one in enumerate(ones)]
            sees = there_and_back_by_loops(at[0], at[1], nothing, at[2], **options(case))[:4]
            now = [one if j != k else marked(one, cell) for j, one in enumerate((x, w, dz))]
            truth.append([np.array(one) * (result in USES[k]) > 0
                          for result, one in enumerate(sees)])
            printed.append([np.isnan(one) for one in
                            there_and_back(now[0], now[1], b, now[2], **layer)[:4]])
        return Sides(truth=truth, printed=printed, wrong={
            "the windows flipped": [[one[..., ::-1] for one in found] for found in printed]})


@lecture.claim(
    "array_like", "algorithm", "Nested lists are taken as arrays",
    r"z,\quad t,\quad\partial\langle dz,z\rangle/\partial(x,w,b)", cases=LAYERS)
def array_like(e, **case):
    x, w, b = drawn(e, **case)
    dz = e.integers(*np.shape(by_loops(x, w, b, **options(case))))
    windows = loops.pool_windows(list(case["image"]), [2, 2], [2, 2], [(0, 0)] * 2, [1, 1], False)
    pooled = loops.pool_images(x.tolist(), windows, lambda values, places: sum(values))

    def printed(*arrays):
        x, w, b, dz = (one.tolist() for one in arrays)
        layer = {k: np.array(v).tolist() for k, v in options(case).items()}
        return (*there_and_back(x, w, b, dz, **layer), layers.pool(x, "sum", [2, 2]),
                layers.convolve(x, w, b, **layer))

    turned = w.swapaxes(0, 1).reshape(w.shape)
    there = there_and_back_by_loops(x, w, b, dz, **options(case))
    back = np.array([[loops.flip(mask) for mask in masks] for masks in w.tolist()])
    return Sides(truth=(*there, pooled, by_loops(x, back, b, **options(case))),
                 printed=printed(x, w, b, dz),
                 wrong={"the kernel's maps exchanged": printed(x, turned, b, dz)})
