"""Blocks of outputs that share a window: V with its rows regrouped, w repeated in a band."""

from itertools import product

import numpy as np

from cnnmat import Partition, Windows, loops
from cnnmat.derivations.layers.setting import lecture
from cnnmat.layers.lowering import Blocked
from cnnmat.layers.plans import Geometry
from cnnmat.textbook.vec import kron, one_per_row, vec
from cnnmat.verify import Blocks, Sides

SIZES = ((1, 1), (2, 1), (1, 2), (2, 2), (2, 4))
CASES = [{"block": block, "image": (5, 10), "kernel": (2, 3), "stride": (1, 1)}
         for block in SIZES] + [
    {"block": (2, 2), "image": (8, 7), "kernel": (3, 1), "stride": (2, 2)}]


def larger(block, kernel, stride):
    """The kernel and the stride of the windows that whole blocks see."""
    return (tuple(k + (r - 1) * s for k, r, s in zip(kernel, block, stride, strict=True)),
            tuple(r * s for r, s in zip(block, stride, strict=True)))


def by_columns(*sides):
    """Places of a rectangle, the first index running fastest."""
    return [place[::-1] for place in product(*map(range, sides[::-1]))]


def picking(block, kernel, stride):
    """E: which entry of a block's window stands at each place of each of its windows."""
    height, _ = larger(block, kernel, stride)[0]
    places = [i * stride[0] + k + height * (j * stride[1] + l)
              for i, j in by_columns(*block) for k, l in by_columns(*kernel)]
    return one_per_row(np.array(places), int(np.prod(larger(block, kernel, stride)[0])))


def windows_by_block(block, image, kernel, stride):
    """The windows of the plain loops, a block's one after the other."""
    lists = loops.window_lists(list(image), list(kernel), list(stride), [(0, 0)] * 2, [1, 1])
    output = [(m - k) // s + 1 for m, k, s in zip(image, kernel, stride, strict=True)]
    blocks = by_columns(*(o // r for o, r in zip(output, block, strict=True)))
    return [lists[p * block[0] + i + output[0] * (q * block[1] + j)]
            for p, q in blocks for i, j in by_columns(*block)]


@lecture.claim(
    "blocks/windows", "identity", "V, its windows grouped by blocks, picks them from larger ones",
    r"\Pi\,V=(I\otimes E)\,V'", cases=CASES)
def windows(e, block, image, kernel, stride):
    E = picking(block, kernel, stride)
    both, moved = larger(block, kernel, stride)
    V = Partition(Windows(image, both, moved)).matrix
    blocks = V.shape[0] // E.shape[1]
    truth = [[int(m == i) for m in range(image[0] * image[1])]
             for window in windows_by_block(block, image, kernel, stride) for i in window]
    turned = E[np.arange(E.shape[0])[::-1]]
    eye = np.eye(blocks, dtype=np.int8)
    return Sides(truth=truth, printed=kron(eye, E) @ V,
                 wrong={"each block read backwards": kron(eye, turned) @ V},
                 show={"E": Blocks(E, rows=int(np.prod(kernel)))})


@lecture.claim(
    "blocks/kernels", "identity", "The kernel of a block is w, repeated in a band",
    r"W=(I\otimes w^{\mathsf T})\,E", cases=CASES)
def kernels(e, block, image, kernel, stride):
    w = e.symbols("w", *kernel)
    both, _ = larger(block, kernel, stride)
    path = Blocked(Geometry(Windows(image, kernel, stride), 1, 1, 1, dtype=np.dtype(object)), *block)
    # the path keeps a block and a window row by row, the text by columns
    W = path._W(w[None, None]).reshape(*block, *both).transpose(1, 0, 3, 2).reshape(
        block[0] * block[1], -1)
    each = vec(w)
    truth = [[0] * (both[0] * both[1]) for _ in by_columns(*block)]
    for row, (i, j) in zip(truth, by_columns(*block), strict=True):
        for value, (k, l) in zip(each, by_columns(*kernel), strict=True):
            row[i * stride[0] + k + both[0] * (j * stride[1] + l)] = value
    E = picking(block, kernel, stride).toarray().astype(object)
    bands = kron(np.eye(block[0] * block[1], dtype=object), each[None]) @ E
    return Sides(truth=(truth, truth), printed=(W, bands),
                 wrong={"the kernel reversed": (W[:, ::-1], bands[:, ::-1])})


@lecture.claim(
    "blocks/gradient", "gradient", "The gradient by w is the sum over the bands of that by W",
    r"dw=\sum_{b}(E_b\,dW_b^{\mathsf T})", cases=CASES)
def gradient(e, block, image, kernel, stride):
    both, _ = larger(block, kernel, stride)
    path = Blocked(Geometry(Windows(image, kernel, stride), 1, 1, 1, dtype=np.dtype(object)), *block)
    dW = e.symbols("dW", *block, *both)
    truth = [[sum(dW[i, j, i * stride[0] + k, j * stride[1] + l]
                  for i, j in by_columns(*block)) for l in range(kernel[1])]
             for k in range(kernel[0])]
    dw = np.empty((1, 1, *kernel), dtype=object)
    path._kernel_gradient(dW, dw)
    first = dW[0, 0, :kernel[0], :kernel[1]]
    return Sides(truth=truth, printed=dw[0, 0],
                 wrong={"of one of the bands alone, twice": 2 * first})
