"""Slides 55 to 60: the convolutional layer, equation (10), and its sizes."""

import math

import numpy as np

from cnnmat import Windows, flip, loops
from cnnmat.derivations.mendez.setting import LAYER, convolve_inside, layer, lecture, total
from cnnmat.textbook.images import convolve_image, correlate_image
from cnnmat.verify import Sides, vanishes


def sizes(kit):
    """m^(l-1) and m^(l) of a layer by its loops: number of maps, rows, columns."""
    (C, D), image, kernel = kit["maps"], kit["image"], kit["kernel"]
    out = [loops.count_windows(m, k, 1) for m, k in zip(image, kernel, strict=True)]
    return (C, *image), (D, *out)


def matrices(kit):
    """The same by the windows of the package."""
    windows = Windows(kit["image"], kit["kernel"])
    return (kit["maps"][0], *windows.shape), (kit["maps"][1], *windows.output)


lecture.remark("slide 56", "data hunger, and that nobody understands why it works: no mathematics")


@layer("s55a/size", "dimension", "What comes into a convolutional layer",
       r"m_1^{(l-1)}\;\text{maps of}\;m_2^{(l-1)}\times m_3^{(l-1)}",
       rewritten=r"Y_j^{(l-1)}:\;m_2^{(l-1)}\times m_3^{(l-1)}")
def comes_in(s):
    slopes = s.e.gradient(lambda maps: sum(
        v for one in s.loops(Y=maps, K=np.ones_like(s.K)) for row in one for v in row), s.Y)
    before, after = matrices(s.kit)
    return Sides(truth=(sizes(s.kit)[0], sum(1 for v in slopes.ravel() if not vanishes(v))),
                 printed=(before, math.prod(before)),
                 wrong={"(l) for (l-1)": (after, math.prod(after)),
                        "m_1 of layer l": ((after[0], *before[1:]), after[0] * math.prod(before[1:]))})


@lecture.claim(
    "s55b/size", "dimension", "Size of the output maps",
    r"m_1^{(l)}\;\text{maps of size}\;m_2^{(l-1)}\times m_3^{(l-1)}", expect="misprint",
    corrected_formula=r"Y_i^{(l)}:\;m_2^{(l)}\times m_3^{(l)}",
    reason="slide 59 has the size m^{(l)} = m^{(l-1)} - 2h without a border; all three builds here "
           "keep the input's. Invisible for kernels of one entry, or with zeros around the image",
    cases=[{"maps": (2, 3), "image": (3, 4), "kernel": (1, 1)}, *LAYER],
    rewritten=r"Y_i^{(l)}:\;m_2^{(l-1)}\times m_3^{(l-1)}")
def output_size(e, **kit):
    _, (D, *out) = sizes(kit)
    before, after = matrices(kit)
    return Sides(truth=(D, *out), printed=(after[0], *before[1:]), corrected=after,
                 wrong={"transposed": (after[0], after[2], after[1])})


lecture.remark("slide 55", "one build has (t) for the layer's number (l) in the size of the output maps, another "
               "breaks off after the m of the size of the inputs; the last one is whole")


@layer("s55d/size", "definition", "The first layer's input is the image with its channels",
       r"l=1:\;Y_j^{(0)}\;\text{is channel}\;j", reason="slide 61 repeats it", source_kind="words")
def first_layer(s):
    pixels = [[[s.Y[c, r, k] for c in range(s.C)] for k in range(s.Y.shape[2])]
              for r in range(s.Y.shape[1])]
    by_channel = [[[one[c] for one in row] for row in pixels] for c in range(s.C)]
    tall = np.concatenate(s.Y)
    return Sides(truth=s.loops(Y=by_channel), printed=s.matrices(), wrong={
        "channels as more rows": convolve_image(tall, s.K[0, 0], padding="valid"),
        "channels in reverse": s.matrices(Y=s.Y[::-1])})


@layer("s57a", "definition", "Which feature map Y_i is", r"Y_i^{(l)}:\;j^{\text{th}}\;\text{map}",
       expect="misprint", corrected_formula=r"Y_i^{(l)}:\;i^{\text{th}}\;\text{map}",
       reason="slide 58 has the i-th; j is bound by the sum over the incoming maps, of which there are "
              "fewer here than maps going out. Both builds", source_kind="words")
def which_map(s):
    have, i, j = s.matrices(), s.D - 1, s.C - 1             # the last map; j stops before it
    return Sides(truth=s.loops()[i], printed=have[j], corrected=have[i],
                 wrong={"first map": have[0]})


def product(k, y):
    return convolve_image(y, k, padding="valid")


FUSION = r"\sum_{j=1}^{m_1^{(l-1)}}K_{ij}^{(l)}*Y_j^{(l-1)}"


@layer("s57b", "identity", "Fusion of maps, first build: the summed index",
       r"\sum_{i=1}^{m_1^{(l-1)}}K_{ij}^{(l)}*Y_j^{(l-1)}", expect="scan", corrected_formula=FUSION,
       reason="summing over i mixes the kernels of different outputs on one input; the second build "
              "and (10) sum over j", cases=[{"maps": (2, 2), "image": (2, 3), "kernel": (1, 2)}, *LAYER])
def fused_index(s):
    over_i = [sum(product(s.K[i, j], s.Y[j]) for i in range(s.C)) for j in range(s.C)]
    second = [total(*(convolve_inside(s.Y[j].tolist(), s.K[i, j].tolist()) for j in range(s.C)))
              for i in range(s.D)]
    return Sides(truth=s.loops(B=0 * s.B), printed=over_i, corrected=s.matrices(B=0 * s.B),
                 elsewhere=second, wrong={"correlation": s.matrices(K=flip(s.K), B=0 * s.B)})


@layer("s57c", "identity", "A map fuses all incoming maps", FUSION)
def fusion(s):
    alone = [s.matrices(Y=s.Y * (np.arange(s.C) == j)[:, None, None], B=0 * s.B) for j in range(s.C)]
    return Sides(truth=s.loops(B=0 * s.B), printed=sum(alone), wrong={"one map left out": alone[0]})


TEN = r"Y_i^{(l)}=B_i^{(l)}+\sum_{j=1}^{m_1^{(l-1)}}K_{ij}^{(l)}*Y_j^{(l-1)}"


@layer("s58a", "identity", "(10): the convolutional layer", TEN,
       reason="the star is slide 49's convolution, inside the image")
def the_layer(s):
    return Sides(truth=s.loops(), printed=s.matrices(),
                 wrong={"correlation": s.matrices(correlate_image),
                        "bias subtracted": s.matrices(B=-s.B),
                        "K_ji": s.matrices(K=s.K.swapaxes(0, 1)[:, :s.C])})


@layer("s58b", "definition", "Which output a bias matrix belongs to",
       r"B_i^{(l)}:\;\text{of output}\;j", expect="misprint",
       corrected_formula=r"B_i^{(l)}:\;\text{of output}\;i",
       reason="j is bound by the sum; with a bias for every j inside the sum each output gets the "
              "biases of all inputs. All three builds. Invisible with one map in and one out",
       cases=[{"maps": (1, 1), "image": (2, 3), "kernel": (1, 2)}, *LAYER], source_kind="words")
def bias_of(s):
    none = s.matrices(B=0 * s.B)
    return Sides(truth=s.loops(), corrected=s.matrices(), printed=none + sum(s.B[:s.C]),
                 wrong={"biases left out": none})


@lecture.claim("s58c/size", "dimension", "Size of a kernel",
               r"[2h_1^{(l)}+1]\times[2h_2^{(l)}+1]",
               cases=[{"h": (1, 2), "image": (6, 7)}, {"h": (0, 1), "image": (4, 3)}])
def kernel_size(e, h, image):
    counted = [sum(1 for k in range(-9, 10) if abs(k) <= a) for a in h]
    places = [loops.count_windows(m, k, 1) for m, k in zip(image, counted, strict=True)]
    windows = Windows(image, tuple(2 * a + 1 for a in h))
    return Sides(truth=(counted, places), printed=(windows.kernel, windows.output),
                 wrong={"even": ([2 * a for a in h], windows.output),
                        "h exchanged": (windows.kernel[::-1], windows.output)})


@layer("s58d/size", "dimension", "A bias matrix has the size of its output map",
       r"B_i^{(l)}:\;m_2^{(l)}\times m_3^{(l)}", reason="one bias a place, not one a map",
       source_kind="consequence")
def bias_size(s):
    theta = s.e.symbols("theta", s.D)
    shared = [[[t] * s.B.shape[2] for _ in range(s.B.shape[1])] for t in theta.tolist()]
    spread = np.stack([np.full(s.B.shape[1:], t) for t in theta])
    maps = s.matrices(B=spread)
    return Sides(truth=(sizes(s.kit)[1], s.loops(B=shared)), printed=(s.B.shape, maps),
                 wrong={"of the input's size": (matrices(s.kit)[0], maps),
                        "another bias": (s.B.shape, s.matrices(B=spread[::-1]))})


def centres(m, h):
    """The places r, from 1, where r-h and r+h are both inside 1..m."""
    return [r for r in range(1, m + 1) if r - h >= 1 and r + h <= m]


@lecture.claim(
    "s59a/size", "dimension", "Size after a convolution inside the image",
    r"m_2^{(l)}=m_2^{(l-1)}-2h_1^{(l)},\;m_3^{(l)}=m_3^{(l-1)}-2h_2^{(l)}",
    cases=[{"m": (3, 4), "h": (0, 1)}, {"m": (6, 7), "h": (1, 2)}])
def size_inside(e, m, h):
    counted = [len(centres(a, b)) for a, b in zip(m, h, strict=True)]
    windows = Windows(m, tuple(2 * b + 1 for b in h))
    return Sides(truth=(counted, counted), printed=([a - 2 * b for a, b in zip(m, h, strict=True)],
                                                    windows.output),
                 wrong={"m-2h+1": ([a - 2 * b + 1 for a, b in zip(m, h, strict=True)], counted),
                        "one side": ([a - b for a, b in zip(m, h, strict=True)], counted)})


@lecture.claim("s59b", "identity", "Border effects shrink the map", r"m_2m_3-(m_2-2h_1)(m_3-2h_2)",
               cases=[{"image": (6, 7), "h": (1, 2)}], source_kind="words")
def border(e, image, h):
    kernel = tuple(2 * a + 1 for a in h)
    lists = loops.window_lists(image, kernel, [1, 1], [(a, a) for a in h], [1, 1])
    touched = sum(1 for one in lists if -1 in one)
    (H, W), (a, b) = image, h
    return Sides(truth=touched, printed=H * W - (H - 2 * a) * (W - 2 * b),
                 wrong={"corners twice": 2 * a * W + 2 * b * H})


@layer("s59c", "definition", "A superscript (i) in the first build", r"m_2^{(i)},\;m_3^{(i)}",
       expect="scan", corrected_formula=r"m_2^{(l)},\;m_3^{(l)}",
       reason="i numbers maps, whose sizes are equal in a layer; the second build has (l). Read as the "
              "sizes of layer i, each map would be smaller than the one before",
       cases=[{"maps": (1, 3), "image": (8, 15), "kernel": (3, 5)}])
def superscript_i(s):
    D, *after = matrices(s.kit)[1]
    return Sides(truth=[sizes(s.kit)[1][1:]] * s.D,
                 printed=[tuple(m - i * (k - 1) for m, k in zip(after, s.kernel, strict=True))
                          for i in range(D)],
                 corrected=[one.shape for one in s.matrices()], elsewhere=[after] * D,
                 wrong={"one map": [after], "transposed": [after[::-1]] * D})


@layer("s59d/size", "dimension", "The output of layer l",
       r"m_1^{(l)}\;\text{maps of}\;m_2^{(l)}\times m_3^{(l)}",
       reason="settles what slide 55 misprints",
       rewritten=r"Y_i^{(l)}:\;m_2^{(l)}\times m_3^{(l)}")
def output(s):
    before, after = sizes(s.kit)
    return Sides(truth=after, printed=s.matrices().shape,
                 wrong={"slide 55's size": (after[0], *before[1:])})


@lecture.claim("s60a/size", "identity", "Why 2h: h rows are lost on either side",
               r"m_2^{(l-1)}-m_2^{(l)}=h_1^{(l)}+h_1^{(l)}",
               cases=[{"m": 6, "h": 1}, {"m": 9, "h": 3}], source_kind="own")
def why(e, m, h):
    kept = centres(m, h)
    lost_before, lost_after = kept[0] - 1, m - kept[-1]
    return Sides(truth=(lost_before, lost_after, lost_before + lost_after), printed=(h, h, 2 * h),
                 wrong={"one side only": (h, 0, h)})
