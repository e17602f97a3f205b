"""Each path computes the layer and takes it back."""

import numpy as np

from cnnmat import layers, loops
from cnnmat.derivations.layers.setting import (
    LAYERS,
    by_loops,
    drawn,
    lecture,
    options,
    there_and_back_by_loops,
)
from cnnmat.verify import Sides

for name in ("literal", "lowering", "blocked"):
    @lecture.claim(f"correlate/{name}", "algorithm", f"The {name} path computes the layer",
                   r"z_{nd}=\sum_c V\,\mathrm{vec}(x_{nc})\text{ against }w_{dc},\text{ plus }b_d",
                   cases=LAYERS)
    def forward(e, name=name, **case):
        x, w, b = drawn(e, **case)
        z = layers.correlate(x, w, b, method=name, **options(case))
        return Sides(truth=by_loops(x, w, b, **options(case)), printed=z,
                     wrong={"the kernel flipped": layers.convolve(
                         x, w, b, method=name, **options(case))})

    @lecture.claim(f"correlate_backward/{name}", "gradient", f"The {name} path takes the layer back",
                   r"\partial\langle dz,z\rangle/\partial(x,w,b)", cases=LAYERS)
    def backward(e, name=name, **case):
        x, w, b = drawn(e, **case)
        z = by_loops(x, w, b, **options(case))
        dz = e.integers(*np.shape(z))
        settings = options(case)
        truth = loops.correlate_backward(
            dz.tolist(), x.tolist(), w.tolist(), list(settings["stride"]),
            list(settings["padding"]), list(settings["dilation"]), settings["groups"])
        dx, dw, db = layers.correlate_backward(dz, x, w, method=name, **settings)
        return Sides(truth=truth, printed=(dx, dw, db),
                     wrong={"dz from the other end of the batch": layers.correlate_backward(
                         dz[::-1].copy(), x, w, method=name, **settings)})


def flipped(w):
    """Each mask of a kernel flipped, by the plain loops."""
    return np.array([[loops.flip(mask) for mask in masks] for masks in w.tolist()])


@lecture.claim(
    "convolve", "gradient", "A convolution is the correlation with flipped masks, there and back",
    r"z=x*w,\quad\partial\langle dz,z\rangle/\partial(x,w,b)", cases=LAYERS)
def convolved(e, **case):
    x, w, b = drawn(e, **case)
    dz = e.integers(*np.shape(by_loops(x, w, b, **options(case))))
    z, dx, dw, db, *_ = there_and_back_by_loops(x, flipped(w), b, dz, **options(case))
    printed = (layers.convolve(x, w, b, **options(case)),
               *layers.convolve_backward(dz, x, w, **options(case)))
    return Sides(truth=(z, dx, flipped(np.array(dw)), db), printed=printed,
                 wrong={"dw not flipped back": (*printed[:2], printed[2][..., ::-1, ::-1],
                                                printed[3])})


@lecture.claim(
    "out", "algorithm", "What is written to arrays of the caller's is the same",
    r"z,\quad\partial\langle dz,z\rangle/\partial(x,w,b)", cases=LAYERS)
def out(e, **case):
    x, w, b = drawn(e, **case)
    z = np.full(np.shape(by_loops(x, w, b, **options(case))), 99)
    dz = e.integers(*z.shape)
    truth = there_and_back_by_loops(x, w, b, dz, **options(case))[:4]
    turned = there_and_back_by_loops(x, flipped(w), b, dz, **options(case))[1:4]
    straight, convolved = ([np.full_like(a, 99) for a in (x, w, b)] for _ in range(2))
    layers.correlate(x, w, b, out=z, **options(case))
    layers.correlate_backward(dz, x, w, out=tuple(straight), **options(case))
    layers.convolve_backward(dz, x, w, out=tuple(convolved), **options(case))
    dx, dw, db = turned
    return Sides(truth=(*truth, dx, flipped(np.array(dw)), db), printed=(z, *straight, *convolved),
                 wrong={"correlation and convolution exchanged": (z, *convolved, *straight)})
