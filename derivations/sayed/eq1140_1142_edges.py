"""Edge detection, (47.1140) to (47.1142)."""

from fractions import Fraction
from itertools import pairwise
from math import sqrt

import numpy as np

from cnnmat import (
    correlate_image,
    edge_map,
    flip,
    gaussian,
    laplacian,
    loops,
    prewitt,
    sharpen,
    sobel,
)
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import correlating
from cnnmat.derivations.tables import table
from cnnmat.textbook.masks import unit
from cnnmat.verify import Sides

IMAGE = [{"image": (4, 5)}]
#: What the text says of edges is true of rising ones, or of magnitudes.
EDGES_ARE = {"edges are": "where the grey level rises"}


@lecture.claim(
    "47.1140/derivative", "example", "At an edge the derivative of the image is locally largest",
    r"\partial\mathcal{I}/\partial x\text{ assumes a local maximum at an edge}", expect="ambiguous",
    source_kind="words", cites={
        "the derivative itself": "what is said of an edge before (47.1140)",
        "its magnitude": "the length in (47.1142), by which edges are found"}, assumes=EDGES_ARE,
    corrected_formula=r"|\partial\mathcal{I}/\partial x|\text{ assumes a local maximum at an edge}",
    reason="true of the magnitude; where the image darkens the derivative itself has a minimum. "
           "(47.1142) uses the magnitude, and so does cnnmat. Invisible for rising edges",
    cases=[{"row": (0, 0, 1, 1)}, {"row": (1, 1, 0, 0)}])
def derivative_at_an_edge(e, row):
    edge = next(c for c in range(len(row) - 1) if row[c] != row[c + 1])
    slopes = correlate_image(np.array(row), np.array([-1, 1]), padding=0)
    return Sides(truth=edge, readings={"the derivative itself": int(slopes.argmax()),
                                       "its magnitude": int(abs(slopes).argmax())},
                 wrong={"the smallest derivative": int(slopes.argmin())})


@table(lecture.claim, kind="definition")
def masks(e, smooth, printed, shipped, other):
    Wx = loops.product([[s] for s in smooth], [[-1, 0, 1]])
    truth = (Wx, loops.transpose(Wx))
    return Sides(truth=(truth, truth), printed=(printed, shipped()),
                 wrong={"x and y exchanged": (printed[::-1], shipped()),
                        "y upwards": ((printed[0], -np.array(printed[1])), shipped()),
                        "the other pair": (other(), shipped())},
                 show=dict(zip(("W_x", "W_y"), shipped(), strict=True)))


masks("47.1140a", "The Sobel masks difference one way and smooth the other",
      r"\mathcal{W}_x\triangleq\begin{bmatrix}-1&0&1\\-2&\boxed{0}&2\\-1&0&1\end{bmatrix},\quad"
      r"\mathcal{W}_y\triangleq\begin{bmatrix}-1&-2&-1\\0&\boxed{0}&0\\1&2&1\end{bmatrix}", (1, 2, 1),
      printed=([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]),
      shipped=sobel, other=prewitt)
masks("47.1140b", "The Prewitt masks difference one way and smooth the other",
      r"\mathcal{W}_x\triangleq\begin{bmatrix}-1&0&1\\-1&\boxed{0}&1\\-1&0&1\end{bmatrix},\quad"
      r"\mathcal{W}_y\triangleq\begin{bmatrix}-1&-1&-1\\0&\boxed{0}&0\\1&1&1\end{bmatrix}", (1, 1, 1),
      printed=([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], [[-1, -1, -1], [0, 0, 0], [1, 1, 1]]),
      shipped=prewitt, other=sobel)


@lecture.claim(
    "47.1140/finite-difference", "identity", "On a plane the masks give the slopes, times 8 or 6",
    r"\mathcal{I}=ar+bc+d:\;\mathcal{F}_x\propto\partial\mathcal{I}/\partial x=b,\;"
    r"\mathcal{F}_y\propto\partial\mathcal{I}/\partial y=a",
    reason="the factors 8 (Sobel) and 6 (Prewitt) are left out by the text; they only move the threshold",
    source_kind="words")
def slopes_of_a_plane(e):
    a, b, d = e.symbols("a"), e.symbols("b"), e.symbols("d")

    def plane(at):
        return at[0] * a + at[1] * b + d

    image = np.array([[plane((r, c)) for c in range(1, 5)] for r in range(1, 4)])
    by_r, by_c = e.gradient(plane, [2, 3])
    inner = [[correlate_image(image, W, padding=0)[0, 0] for W in pair()] for pair in (sobel, prewitt)]
    return Sides(truth=[[by_c * 8, by_r * 8], [by_c * 6, by_r * 6]], printed=inner,
                 wrong={"no factor": [[by_c, by_r], [by_c, by_r]]})


@table(lecture.claim, kind="definition", cases=IMAGE)
def gradient_image(e, which, image):
    image = e.symbols("I", *image)
    pair = [sobel()[which], prewitt()[which]]
    return Sides(truth=[loops.filter_image(image.tolist(), W.tolist()) for W in pair],
                 printed=[correlate_image(image, W) for W in pair],
                 wrong={"a convolution, of the other sign": [
                     correlate_image(image, flip(W)) for W in pair]})


gradient_image("47.1141a", "Correlating with W_x gives the slopes along x",
               r"\mathcal{I}\xrightarrow{\mathcal{W}_x}\mathcal{F}_x", 0, rewritten=correlating("_x", 1))
gradient_image("47.1141b", "Correlating with W_y gives the slopes along y",
               r"\mathcal{I}\xrightarrow{\mathcal{W}_y}\mathcal{F}_y", 1, rewritten=correlating("_y", 1))


@lecture.claim(
    "47.1141/axes", "dimension", "x runs along a row and y down a column",
    r"x\text{ horizontal},\;y\text{ vertical};\quad\mathcal{I}(x,y)\text{ but }\mathcal{I}(r,c)",
    reason="the two pairs of arguments stand in opposite order: r goes with y and c with x",
    source_kind="words")
def axes(e):
    across = np.array([range(1, 6)] * 4)
    answers = [[bool(correlate_image(image, W, padding=0).any()) for W in sobel()]
               for image in (across, across[:, :4].T)]
    return Sides(truth=[[True, False], [False, True]], printed=answers,
                 wrong={"x down a column": answers[::-1]})


@lecture.claim(
    "47.1141/differences", "identity", "The masks take differences one way, then sums the other",
    r"\mathcal{W}_x=\begin{bmatrix}1\\2\\1\end{bmatrix}\begin{bmatrix}-1&0&1\end{bmatrix}", cases=IMAGE,
    source_kind="words")
def separable(e, image):
    image = e.symbols("I", *image)
    difference, smooth = [[-1, 0, 1]], ([[1], [2], [1]], [[1], [1], [1]])
    pairs = (sobel()[0].tolist(), prewitt()[0].tolist())
    along = correlate_image(image, difference)
    return Sides(truth=[loops.filter_image(image.tolist(), W) for W in pairs],
                 printed=[correlate_image(along, one) for one in smooth],
                 wrong={"differences both ways": [
                     correlate_image(along, np.transpose(difference))] * 2})


@lecture.claim(
    "47.1141/noise", "example", "Summing three differences reduces noise",
    r"\frac{12}{8^2}=\frac{3}{16},\;\frac{6}{6^2}=\frac16\;<\;\frac{2}{2^2}=\frac12",
    source_kind="words", assumes={"the noise is": "of one variance, independent from pixel to pixel"})
def noise(e):
    ramp = [[1, 2, 3]] * 3

    def gain(W):
        # squared slopes by every pixel, over the squared answer to a ramp of slope one
        slopes = e.gradient(lambda patch: loops.correlate_at(patch, W, 1, 1), ramp)
        return Fraction(sum(s * s for s in slopes.ravel()), loops.correlate_at(ramp, W, 1, 1) ** 2)

    plain = [[0, 0, 0], [-1, 0, 1], [0, 0, 0]]
    return Sides(truth=[gain(sobel()[0].tolist()), gain(prewitt()[0].tolist()), gain(plain)],
                 printed=[Fraction(3, 16), Fraction(1, 6), Fraction(1, 2)],
                 wrong={"Sobel quieter than Prewitt": [
                     Fraction(1, 6), Fraction(3, 16), Fraction(1, 2)]})


@lecture.claim(
    "47.1141/uniform", "example", "Where the image is uniform the gradient masks answer zero",
    r"\sum_{k,\ell}\mathcal{W}_x(k,\ell)=\sum_{k,\ell}\mathcal{W}_y(k,\ell)=0", source_kind="words")
def uniform_region(e):
    a = e.symbols("a")
    uniform = np.full((3, 4), a)
    masks = [*sobel(), *prewitt()]
    return Sides(truth=[[[0, 0]]] * 4,
                 printed=[correlate_image(uniform, W, padding=0) for W in masks],
                 wrong={"a sharpening mask": [correlate_image(uniform, W, padding=0)
                                              for W in (*masks[:3], sharpen())],
                        "a one at the centre": [
                            correlate_image(uniform, W + unit((3, 3), (1, 1)), padding=0) for W in masks]})


@lecture.claim(
    "47.1141/uniform-border", "example", "A uniform image gives zeros, but for its border",
    r"\mathcal{I}(r,c)=a:\;\mathcal{F}_x(r,c)=0\text{ for }K<r,c\le L-K", source_kind="consequence",
    reason="with the zeros that (47.1129) puts around the image its border is an edge", cases=IMAGE)
def uniform_image(e, image):
    a = e.symbols("a")
    uniform = np.full(image, a)
    F = correlate_image(uniform, sobel()[0])
    inner = F.copy()
    inner[1:-1, 1:-1] = 0
    return Sides(truth=loops.filter_image(uniform.tolist(), sobel()[0].tolist()),
                 printed=inner, wrong={"zero at every pixel": np.zeros(image, dtype=int)},
                 show={"F_x of a 4 x 5 image of ones": correlate_image(np.ones((4, 5), int), sobel()[0])})


@lecture.claim(
    "47.1142", "definition", "The two slopes make a gradient, of this length",
    r"\mathcal{F}(r,c)=\sqrt{\mathcal{F}_x^2(r,c)+\mathcal{F}_y^2(r,c)}", cases=[{"image": (4, 6)}, {"image": (3, 5), "k": 1000}])
def magnitude(e, image, k=0):
    """For k, of slopes whose squares are out of range."""
    image = e.integers(*image)
    x, y = (loops.filter_image(image.tolist(), W.tolist()) for W in sobel())
    Fx, Fy = (correlate_image(image, W) for W in sobel())
    squares = [[a * a + b * b for a, b in zip(*rows, strict=True)] for rows in zip(x, y, strict=True)]
    lengths = np.ldexp(edge_map(np.ldexp(Fx, k), np.ldexp(Fy, k)), -k)
    return Sides(truth=(squares, [[sqrt(s) for s in row] for row in squares]),
                 printed=(Fx**2 + Fy**2, lengths),
                 wrong={"sum of the magnitudes": (Fx**2 + Fy**2, abs(Fx) + abs(Fy))})


@lecture.claim(
    "47.1142/threshold", "algorithm", "An edge is where the length exceeds a threshold",
    r"\mathcal{F}(r,c)>\text{threshold}", cases=[{"image": (4, 5)}], source_kind="words")
def threshold(e, image):
    image = e.integers(*image)
    x, y = (loops.filter_image(image.tolist(), W.tolist()) for W in sobel())
    squares = [[a * a + b * b for a, b in zip(*rows, strict=True)] for rows in zip(x, y, strict=True)]
    level = sorted(loops.vec(squares))[10]
    F = edge_map(*(correlate_image(image, W) for W in sobel()))
    return Sides(truth=[[square > level for square in row] for row in squares], printed=sqrt(level) < F,
                 wrong={"a pixel at the threshold counted": sqrt(level) <= F})


EDGES = {"vertical": [[0, 1, 1]] * 3, "horizontal": [[0] * 3, [1] * 3, [1] * 3]}


@lecture.claim(
    "47.1142/hv-edges", "example", "Horizontal or vertical edges alone from one of the two slopes",
    r"\text{horizontal or vertical edges: }\mathcal{F}_x(r,c)\text{ or }\mathcal{F}_y(r,c)",
    expect="ambiguous", source_kind="words", cites={
        "in that order": "the order of the words, and the name horizontal for x before (47.1142)",
        "in some order": "no word that pairs them stands there"},
    corrected_formula=r"\text{vertical edges: }\mathcal{F}_x,\quad\text{horizontal edges: }\mathcal{F}_y",
    reason="read in the order of the words it is the wrong way round: a vertical edge changes the "
           "grey level along x; read in some order it is right")
def kinds_of_edges(e):
    # which mask answers which edge, by the loops
    answers = {kind: [loops.correlate_at(patch, W.tolist(), 1, 1) for W in sobel()]
               for kind, patch in EDGES.items()}
    Wx, Wy = (lambda patch, W=W: int(correlate_image(patch, W, padding=0)[0, 0]) for W in sobel())
    vertical, horizontal = EDGES["vertical"], EDGES["horizontal"]
    return Sides(truth=(max(answers["vertical"]), max(answers["horizontal"])),
                 readings={"in that order": (Wy(vertical), Wx(horizontal)),
                           "in some order": (Wx(vertical), Wy(horizontal))},
                 wrong={"F_x for both": (Wx(vertical), Wx(horizontal))})


@lecture.claim(
    "47.1142/hv-sign", "example", "One slope exceeding a threshold shows an edge",
    r"\mathcal{F}_x(r,c)>\text{threshold}", expect="ambiguous", source_kind="words", cites={
        "the slope": "the values that are to exceed thresholds after (47.1142)",
        "its magnitude": "the length in (47.1142), which has no sign"}, assumes=EDGES_ARE,
    corrected_formula=r"|\mathcal{F}_x(r,c)|>\text{threshold}",
    reason="where the image darkens the slope is negative and exceeds no positive threshold; the "
           "magnitude does, which cnnmat takes. Invisible for rising edges",
    cases=[{"row": (0, 1, 1)}, {"row": (1, 0, 0)}])
def sign_of_a_slope(e, row):
    there = any(a != b for a, b in pairwise(row))
    slope = correlate_image(np.array([row] * 3), sobel()[0], padding=0)[0, 0]
    return Sides(truth=there, readings={"the slope": bool(slope > 1), "its magnitude": bool(abs(slope) > 1)},
                 wrong={"falling edges": bool(slope < -1)})


@lecture.claim(
    "fig47.85", "example", "The Sobel pair finds the outline of a rectangle",
    r"\mathcal{F}(r,c)>0\iff\text{the patch of }(r,c)\text{ is not uniform}", source_kind="own",
    covers="a rectangle on a ground of one grey level")
def outline(e):
    image = np.zeros((7, 9), dtype=int)
    image[2:5, 2:6] = 1
    uneven = [[len(set(loops.vec(loops.patch(image.tolist(), r, c, 3, 3)))) > 1 for c in range(9)]
              for r in range(7)]
    edges = edge_map(*(correlate_image(image, W) for W in sobel())) > 0
    return Sides(truth=(uneven, 28), printed=(edges, int(edges.sum())),
                 wrong={"a Gaussian mask": (correlate_image(image, gaussian(1, 1)) > 0, 28),
                        "a Laplacian": (correlate_image(image, laplacian()) != 0, 28)},
                 show={"edges": edges.astype(int)})


lecture.remark("47.1140/gradient-vectors", "The two partial derivatives are called gradient vectors; "
               "each is a number at a pixel, and the two together are the gradient vector, as the "
               "sentence before (47.1142) has it.")
