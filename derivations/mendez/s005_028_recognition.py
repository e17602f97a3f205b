"""Slides 5 to 28: shifts, pictures as numbers, decision regions, what full connection costs."""

from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from cnnmat import Partition, loops, vec
from cnnmat.derivations.mendez.setting import (
    SYMBOLIC,
    correlate_inside,
    crop,
    example,
    inner,
    layer,
    layer_as_one_matrix,
    lecture,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.correlation import feature_map
from cnnmat.verify import Sides

lecture.remark("slides 4, 8-17 and 24-28", "steps of computer vision, tables of low and mid level "
               "processes, history, prizes and years: nothing to compute")
lecture.remark("slides 18, 21, 35, 53, 63, 69, 77, 92, 102", "only a title or a lost picture")


def cyclic_lists(shape, kernel):
    """Windows that wrap around the image, as lists of places in vec."""
    (H, W), (a, b) = shape, kernel
    return [[(r + k) % H + H * ((c + l) % W) for l in range(b) for k in range(a)]
            for c in range(W) for r in range(H)]


def rolled(image, by):
    """The image shifted cyclically, in plain Python."""
    H, W = len(image), len(image[0])
    return [[image[(r - by[0]) % H][(c - by[1]) % W] for c in range(W)] for r in range(H)]


@lecture.claim(
    "s5a", "identity", "A shift of the pattern does not disturb what is recognised",
    r"Y(\mathrm{shift}\,X)\;\text{against}\;Y(X)", expect="ambiguous",
    corrected_formula=r"Y(\mathrm{shift}\,X)=\mathrm{shift}\,Y(X)",
    reason="the maps of a layer with shared weights move along with the image; they stay the same "
           "only once all positions are summed or the largest is taken. cnnmat takes the first",
    cases=[{"shape": (3, 4), "kernel": (2, 3), "by": (1, 2)}], source_kind="words", cites={
        "the maps move along": "slide 37: one mask for all units of a map",
        "the maps stay the same":
            "slide 5: the title of Fukushima's paper; slide 22 asks for invariant outputs"})
def shifts(e, shape, kernel, by):
    X, w = e.symbols("X", *shape), e.symbols("w", *kernel)
    lists = cyclic_lists(shape, kernel)
    V = Partition(lists, X.size)
    out = feature_map(V.columns(vec(X)), vec(w), 0).reshape(shape[::-1]).T
    moved = loops.subvectors(loops.vec(rolled(X.tolist(), by)), lists)
    truth = loops.feature_map(moved, loops.vec(w.tolist()), 0, lambda z: z)
    return Sides(truth=truth, readings={"the maps move along": vec(np.roll(out, by, (0, 1))),
                                        "the maps stay the same": vec(out)},
                 wrong={"shifted the other way": vec(np.roll(out, (-by[0], -by[1]), (0, 1)))})


@lecture.claim(
    "s8a", "definition", "A digitised scene differs from the real one by half a level at most",
    r"|q(v)-v|\le\tfrac12", source_kind="consequence")
def digitisation(e):
    v = [Fraction(k, 8) for k in range(-16, 41)]
    return Sides(truth=Fraction(1, 2), printed=max(abs(round(x) - x) for x in v),
                 wrong={"cut off": max(x - x.numerator // x.denominator for x in v)})


@lecture.claim(
    "s9a/size", "dimension", "One, three or four samples a pixel", r"1,\;3,\;4",
    cases=[{"shape": (2, 3)}], source_kind="words")
def samples(e, shape):
    count = [sum(1 for _ in range(c) for _ in range(shape[0]) for _ in range(shape[1]))
             for c in map(len, ("Y", "RGB", "RGBA"))]
    return Sides(truth=count, printed=[np.zeros((c, *shape)).size for c in (1, 3, 4)],
                 wrong={"alpha not stored": [np.zeros((c, *shape)).size for c in (1, 3, 3)]})


CORNERS = [(0, 0), (0, 1), (1, 0), (1, 1)]


def threshold(w, theta, x):
    """Whether w·x + θ ≥ 0."""
    return int(np.dot(w, x) + theta >= 0)


@lecture.claim(
    "s16a", "identity", "A layer of threshold units cuts by half planes: no exclusive or",
    r"z(0,0)+z(1,1)=z(0,1)+z(1,0)", covers="every weight", source_kind="words")
def half_planes(e):
    w, theta = e.symbols("w", 2), e.symbols("theta")
    z = {x: w @ np.array(x) + theta for x in CORNERS}
    grid = list(product((-2, -1, 0, 1, 2), (-2, -1, 0, 1, 2), (-3, -1, 1, 3)))
    reached = {tuple(threshold((2 * a, 2 * b), c, x) for x in CORNERS) for a, b, c in grid}
    diagonal = [int(t[0] == t[3] and t[1] == t[2] and t[0] != t[1])
                for t in product((0, 1), repeat=4)]
    found = [int(t not in reached) for t in product((0, 1), repeat=4)]
    return Sides(truth=(diagonal, 0), printed=(found, z[0, 0] + z[1, 1] - z[0, 1] - z[1, 0]),
                 wrong={"or cannot be separated either": (
                     [int(t not in reached - {(0, 1, 1, 1)})
                      for t in product((0, 1), repeat=4)], 0),
                     "signs": (found, z[0, 0] - z[1, 1])})


def midpoints_lost(accepts, points):
    """How many midpoints of two accepted points are not accepted."""
    inside = [p for p in points if accepts(p)]
    return sum(not accepts(tuple(Fraction(a + b, 2) for a, b in zip(p, q, strict=True)))
               for p in inside for q in inside)


@lecture.claim(
    "s16b", "identity", "Two layers bound convex regions, open or closed",
    r"p,q\;\text{accepted}\Rightarrow\tfrac12(p+q)\;\text{accepted}", expect="ambiguous",
    corrected_formula=r"\text{two layers, the second an AND: convex regions}",
    reason="an AND of half planes is convex; a second layer with other weights, such as an OR of "
           "x ≥ 1 and -x ≥ 1, is not. cnnmat takes the first reading",
    cases=[{"planes": ((1, 0, 0), (0, 1, 0), (-1, -1, 3))},
           {"planes": ((1, 0, 1), (-1, 0, 2), (0, 0, 1))}], source_kind="words", cites={
        "the second layer is an AND": "slide 16: convex, open or closed, so parts of half planes",
        "any second layer": "slide 16 counts layers and says nothing of the second one's weights"})
def convex(e, planes):
    points = list(product(range(-3, 4), repeat=2))
    hidden = [lambda x, p=p: threshold(p[:2], p[2], x) for p in planes]

    def both(x):
        return sum(h(x) for h in hidden) >= 3

    def outside(x):
        return threshold((1, 0), -1, x) + threshold((-1, 0), -1, x) >= 1

    def either(x):
        return sum(1 - h(x) for h in hidden) >= 1

    return Sides(truth=0, readings={"the second layer is an AND": midpoints_lost(both, points),
                                    "any second layer": midpoints_lost(outside, points)},
                 wrong={"the complement of an AND": midpoints_lost(either, points)})


@lecture.claim(
    "s16c", "identity", "Three layers bound any region that enough units can tile",
    r"\text{three layers: an OR of boxes}", cases=[{"boxes": ((0, 1, 0, 6), (0, 5, 0, 2))}],
    source_kind="words")
def arbitrary(e, boxes):
    points = list(product(range(-1, 8), range(-1, 8)))

    def box(b, x):
        sides = ((1, 0, -b[0]), (-1, 0, b[1]), (0, 1, -b[2]), (0, -1, b[3]))
        return threshold([1] * 4, -4, [threshold(s[:2], s[2], x) for s in sides])

    def net(theta):
        return [threshold([1] * len(boxes), theta, [box(b, x) for b in boxes]) for x in points]

    truth = [int(any(b[0] <= x <= b[1] and b[2] <= y <= b[3] for b in boxes)) for x, y in points]
    return Sides(truth=truth, printed=net(-1), wrong={"AND of the boxes": net(-len(boxes))})


@lecture.claim("s16d", "example", "One hidden layer solves the exclusive or",
               r"[\,a+b\ge\tfrac12\,]\wedge[\,a+b\le\tfrac32\,]", source_kind="own")
def exclusive_or(e):
    hidden = [(threshold((2, 2), -1, x), threshold((-2, -2), 3, x)) for x in CORNERS]
    return Sides(truth=[int(a != b) for a, b in CORNERS],
                 printed=[threshold((1, 1), -2, h) for h in hidden],
                 wrong={"OR of the two": [threshold((1, 1), -1, h) for h in hidden]})


@lecture.claim(
    "s19a", "identity", "A fully connected unit changes under a shift unless its weights are equal",
    r"w^{\mathsf T}\mathrm{shift}(x)\ne w^{\mathsf T}x", cases=[{"shape": (2, 3)}],
    source_kind="words")
def no_invariance(e, shape):
    x, w = e.symbols("x", *shape), e.symbols("w", *shape)
    equal = np.full(x.size, w[0, 0])
    moved = loops.vec(rolled(x.tolist(), (0, 1)))
    truth = (loops.dot(loops.vec(w.tolist()), moved), w[0, 0] * sum(moved))
    weights_moved = vec(np.roll(w, -1, axis=1))
    return Sides(truth=truth, printed=(weights_moved @ vec(x), equal @ vec(x)),
                 wrong={"invariant for every w": (vec(w) @ vec(x), equal @ vec(x))})


@lecture.claim("s19c", "identity", "Nor is there invariance to scaling",
               r"w^{\mathsf T}\mathrm{scale}(x)\ne w^{\mathsf T}x", cases=[{"shape": (2, 3)}],
               covers="of brightness, and of size by doubling rows and columns",
               source_kind="words")
def scaling(e, shape):
    x, w, c = e.symbols("x", *shape), e.symbols("w", 2 * shape[0], 2 * shape[1]), e.symbols("c")
    doubled = [[x[r // 2, s // 2] for s in range(2 * shape[1])] for r in range(2 * shape[0])]
    brighter = [[c * v for v in row] for row in doubled]
    blocks = w.reshape(shape[0], 2, shape[1], 2).sum(axis=(1, 3))
    z = (blocks * x).sum()
    return Sides(truth=(inner(w.tolist(), doubled), inner(w.tolist(), brighter)), printed=(z, z * c), wrong={
        "invariant to brightness": (z, z), "invariant to size": ((w[::2, ::2] * x).sum(), z * c)})


@lecture.claim("s19b/size", "dimension", "A unit joined to the whole image has N² weights",
               r"N\times N", cases=[{"N": 2, "units": 1}, {"N": 3, "units": 2}])
def full_weights(e, N, units):
    counted = sum(1 for _ in range(units) for _ in range(N) for _ in range(N))
    return Sides(truth=counted, printed=np.zeros((units, N * N)).size,
                 wrong={"2N a unit": 2 * N * units})


@table(lecture.claim, kind="example", covers="the rule by listing all small patterns")
def patterns(e, printed, wrong, q, shape):
    H, W = shape
    large = H == 32
    counted = prod([q] * (H * W)) if large else sum(1 for _ in product(range(q), repeat=H * W))
    return Sides(truth=counted, printed=printed if large else q ** (H * W),
                 wrong={name: rule(q, H, W) for name, rule in wrong.items()})


patterns("s20a", "Number of black and white patterns of 32 x 32", r"2^{32\times32}=2^{1024}", 2**1024,
         wrong={"squared": lambda q, H, W: (H * W) ** q,
                "exponents added": lambda q, H, W: q ** (H + W)},
         cases=[{"q": 2, "shape": (2, 3)}, {"q": 2, "shape": (32, 32)}])
patterns("s20b", "Number of patterns of 256 gray levels", r"256^{32\times32}=256^{1024}", 256**1024,
         wrong={"2^{2048}": lambda q, H, W: 2 ** (2 * H * W)},
         cases=[{"q": 3, "shape": (2, 3)}, {"q": 256, "shape": (32, 32)}])


def all_shifts(w):
    """One row for every cyclic shift of the mask w."""
    return np.stack([vec(np.roll(w, (r, c), (0, 1)))
                     for c in range(w.shape[1]) for r in range(w.shape[0])])


@lecture.claim(
    "s22a", "identity", "A large enough fully connected network can be made shift invariant",
    r"\sum_pf\bigl((Wx)_p\bigr)", cases=[{"shape": (2, 3), "by": (1, 1)}],
    reason="one unit for every cyclic shift of one mask", source_kind="words")
def made_invariant(e, shape, by):
    x, w, f = e.symbols("x", *shape), e.symbols("w", *shape), e.activation()
    moved = loops.vec(rolled(x.tolist(), by))
    truth = sum(f(loops.dot(loops.vec(rolled(w.tolist(), (r, c))), moved))
                for r in range(shape[0]) for c in range(shape[1]))
    W = all_shifts(w)
    return Sides(truth=truth, printed=f(W @ vec(x)).sum(),
                 wrong={"one shift left out": f(W[1:] @ vec(x)).sum()}, show={"W": W})


@lecture.claim("s22b/size", "dimension", "The price is the size of the network and its parameters",
               r"n^2\;\text{weights},\;n\;\text{free}", cases=[{"shape": (2, 3)}],
               source_kind="words")
def price(e, shape):
    W = all_shifts(e.symbols("w", *shape))
    n = sum(1 for _ in range(shape[0]) for _ in range(shape[1]))
    return Sides(truth=(n * n, n), printed=(W.size, len({str(w) for w in W.flat})),
                 wrong={"all entries free": (W.size, W.size)})


@layer(
    "s27a", "identity", "A convolutional network is a special multilayer network",
    r"\mathrm{vec}\,Y^{(l)}=W\,\mathrm{vec}\,Y^{(l-1)}+\mathrm{vec}\,B", source_kind="words")
def special_multilayer(s):
    x, b = (np.concatenate([vec(one) for one in maps]) for maps in (s.Y, s.B))
    W, turned = (layer_as_one_matrix(s.image, K) for K in (s.K, s.K[:, :, ::-1, ::-1]))
    return Sides(truth=[v for one in s.loops(correlate_inside) for v in loops.vec(one)],
                 printed=W @ x + b, wrong={"kernel turned": turned @ x + b}, show={"W": W})


@example(
    "s28a", "identity", "Feed-forward: a layer depends on the layers before it only",
    r"\partial Y^{(4)}/\partial w^{(7)}=0", cases=[SYMBOLIC], source_kind="words")
def feed_forward(s):
    first = s.e.gradient(lambda K: s.loops(K1=K)["Y"][4][0][0], s.K1)
    later = s.e.gradient(lambda w: s.loops(w=w)["Y"][4][0][0], s.w)
    D = s.f1.derivative(s.forward()[0][1])
    rows, columns = s.K1.shape[0], 2 * s.K4.shape[1]
    patches = [crop(s.Y0.tolist(), 0, c, rows, 1) for c in range(0, columns, 2)]
    by_hand = sum(np.array(p) * k * d for k, d, p in zip(s.K4[0], D[0, ::2], patches, strict=False))
    return Sides(truth=(first, later), printed=(by_hand, np.zeros_like(later)),
                 wrong={"independent of the first kernel": (by_hand * 0, np.zeros_like(later))})


@example(
    "s28b", "gradient", "Back-propagation yields the derivative by every parameter",
    r"\partial H/\partial(K^{(1)},B^{(1)},K^{(4)},B^{(4)},w^{(7)})", source_kind="words")
def back_propagation(s):
    names = ("K1", "B1", "K4", "B4", "w")
    back = s.backward()
    plain = s.backward(slopes=False)
    return Sides(truth=[s.slopes(n) for n in names], printed=[2 * back[n] for n in names],
                 wrong={"f' left out": [2 * plain[n] for n in names]})
