"""Vectors on the last axis, matrices on the last two: any axes in front are samples."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import Partition, Regions, activation, flip, loops, unvec, vec
from cnnmat.derivations.layers.setting import chained, lecture, sign
from cnnmat.textbook import correlation, feedforward, pooling, risks, subsampling
from cnnmat.textbook.connections import dilate
from cnnmat.verify import Sides, duals

#: Four subvectors of three of a vector of six, one of which reads a zero from the padding.
LISTS = ((0, 3, 1), (4, 2, 2), (1, 0, -1), (5, 4, 3))
V = Partition(LISTS, 6)
REGIONS = ((2, 0), (5, 3, 4), (1,))
OMEGA = Regions(REGIONS, 6)
ORDER = [m for region in REGIONS for m in region]
ROWS, COLUMNS = range(3), range(4)

ABS, IDENTITY = activation("abs"), activation("identity")
root = chained(math.sqrt, lambda q: 0.5 / math.sqrt(q))
#: name: the package's pooling; what becomes of the entries of a region, given its first place.
POOLINGS = {
    "mean": (pooling.Mean(), lambda values, first: sum(values) / len(values)),
    "sum": (pooling.Sum(), lambda values, first: sum(values)),
    "max": (pooling.Max(), lambda values, first: loops.largest(values)),
    "mask": (pooling.Correlation([2, -3, 5, 7, 1, 4]), lambda values, first: sum(
        m * v for m, v in zip([2, -3, 5, 7, 1, 4][first:], values, strict=False))),
    "subsample": (pooling.Subsample((1, 2, 0)), lambda values, first: values[{0: 1, 2: 2, 5: 0}[first]]),
    "l2": (pooling.l2(), lambda values, first: root(sum(v * v for v in values))),
}


def pooled(y, reduce):
    """One number a region, by the plain loops."""
    return [reduce([y[m] for m in region], ORDER.index(region[0])) for region in REGIONS]


def slopes(y, reduce):
    """The derivative of each entry's region by that entry, region after region."""
    by_all = duals.jacobian(lambda y: pooled(y, reduce), np.array(y, dtype=object))
    return [by_all[k, m] for k, region in enumerate(REGIONS) for m in region]


def taken_back(delta, W):
    """b[j][m]: each product of a weight and an entry m read by a window takes δ back to it."""
    b = [[0] * 6 for _ in range(2)]
    for p, one in enumerate(LISTS):
        for s, m in enumerate(one):
            for j in range(2):
                if m >= 0:
                    b[j][m] += sum(W[3 * j + s][d] * delta[d][p] for d in range(len(delta)))
    return b


def scattered(H):
    """Each entry H[s][p] added to the entry that it was read from."""
    return [sum(H[s][p] for p in COLUMNS for s in ROWS if LISTS[p][s] == m) for m in range(6)]


def halved(scale):
    """The squared error over what `scale` names, for four entries, and its derivative."""
    below = {"sum": 1, "half": 2, "mean": 4}[scale]

    def error(t, y):
        return loops.squared_error(t, y) / below

    return error, lambda t, y: duals.gradient(lambda y: error(t, y), np.array(y))


#: id: the package's function; the loops' of one sample; the shapes of what has leading axes, and
#: of what has none; whether entries are whole numbers, small positive floats, or any.
FUNCTIONS = {
    "softmax": (risks.softmax, lambda z: loops.softmax(z, math.exp), [(4,)], [], "any"),
    "normalize": (risks.normalize, lambda y: [v / sum(y) for v in y], [(4,)], [], "positive"),
    "softmax_jacobian": (risks.softmax_jacobian, lambda s: [
        [s[i] * (i == j) - s[i] * s[j] for j in COLUMNS] for i in COLUMNS], [(4,)], [], "whole"),
    "entropy": (risks.entropy, lambda p: loops.surprise(p, p, math.log), [(4,)], [], "positive"),
    "cross_entropy": (risks.categorical_cross_entropy,
                      lambda t, p: loops.surprise(t, p, math.log), [(4,), (4,)], [], "positive"),
    "binary_cross_entropy": (
        risks.binary_cross_entropy, lambda t, p: loops.binary_cross_entropy(t, p, math.log),
        [(4,), (4,)], [], "positive"),
    **{f"squared_error/{scale}": (
        lambda t, y, scale=scale: risks.squared_error(t, y, scale=scale), halved(scale)[0],
        [(4,), (4,)], [], "whole") for scale in ("sum", "half", "mean")},
    **{f"squared_error_gradient/{scale}": (
        lambda t, y, scale=scale: risks.squared_error_gradient(t, y, scale=scale),
        halved(scale)[1], [(4,), (4,)], [], "whole") for scale in ("sum", "half", "mean")},
    "risk": (lambda gamma, z: risks.SquaredError()(gamma, z, ABS), lambda gamma, z: (
        loops.squared_error(gamma, [abs(v) for v in z])), [(4,), (4,)], [], "any"),
    "risk/delta": (lambda gamma, z: risks.SquaredError().delta(gamma, z, ABS), lambda gamma, z: (
        [2 * (abs(v) - g) * sign(v) for g, v in zip(gamma, z, strict=True)]),
        [(4,), (4,)], [], "any"),
    "risk/softmax": (lambda gamma, z: risks.CrossEntropy()(gamma, z, IDENTITY), lambda gamma, z: (
        loops.cross_entropy(gamma, z, math.exp, math.log)), [(4,), (4,)], [], "any"),
    "risk/softmax/delta": (
        lambda gamma, z: risks.CrossEntropy().delta(gamma, z, IDENTITY), lambda gamma, z: (
            [y * sum(gamma) - g for g, y in zip(gamma, loops.softmax(z, math.exp), strict=True)]),
        [(4,), (4,)], [], "any"),
    "preactivation": (feedforward.preactivation, lambda y, W, theta: [
        loops.dot(W[k], y) - theta[k] for k in ROWS], [(4,)], [(3, 4), (3,)], "whole"),
    "pull_back": (lambda delta, W: feedforward.pull_back(W, delta),
                  lambda delta, W: loops.times(loops.transpose(W), delta), [(3,)], [(3, 4)], "whole"),
    "dW": (feedforward.dW, lambda y, delta: [[d * v for v in y] for d in delta],
           [(4,), (3,)], [], "whole"),
    "dtheta": (feedforward.dtheta, lambda delta: [-d for d in delta], [(3,)], [], "whole"),
    "feature_map": (
        lambda H, w, theta: correlation.feature_map(H, w, int(theta)),
        lambda H, w, theta: loops.feature_map(loops.transpose(H), w, theta, lambda z: z),
        [(3, 4)], [(3,), ()], "whole"),
    "stack_maps": (lambda t: correlation.stack_maps(V, t), lambda t: [
        [one[s] for one in loops.subvectors(t_j, LISTS)] for t_j in t for s in ROWS],
        [(2, 6)], [], "whole"),
    "maps/preactivation": (correlation.preactivation, lambda H, W, Theta: [
        [sum(H[i][p] * W[i][d] for i in range(6)) - sum(Theta[j][d] for j in range(2))
         for p in COLUMNS] for d in range(5)], [(6, 4)], [(6, 5), (2, 5)], "whole"),
    "maps/pull_back": (lambda delta, W: correlation.pull_back(V, W, delta), taken_back,
                       [(5, 4)], [(6, 5)], "whole"),
    "maps/pull_back_literal": (lambda delta, W: correlation.pull_back_literal(V, W, delta),
                               taken_back, [(5, 4)], [(6, 5)], "whole"),
    "maps/dW": (correlation.dW, lambda H, delta: loops.product(H, loops.transpose(delta)),
                [(6, 4), (5, 4)], [], "whole"),
    "maps/dTheta": (lambda delta: correlation.dTheta(delta, 2),
                    lambda delta: [[-sum(one) for one in delta]] * 2, [(5, 4)], [], "whole"),
    "columns": (V.columns, lambda h: loops.transpose(loops.subvectors(h, LISTS)), [(6,)], [], "whole"),
    "scatter": (V.scatter, scattered, [(3, 4)], [], "whole"),
    "permute": (OMEGA.permute, lambda y: [y[m] for m in ORDER], [(6,)], [], "whole"),
    "permute_sharp": (OMEGA.permute_sharp, lambda y: [y[ORDER.index(m)] for m in range(6)],
                      [(6,)], [], "whole"),
    **{f"pool/{name}": (lambda y, one=one: one(y, OMEGA),
                        lambda y, reduce=reduce: pooled(y, reduce), [(6,)], [], "any")
       for name, (one, reduce) in POOLINGS.items()},
    **{f"gradient_vectors/{name}": (lambda y, one=one: one.gradient_vectors(y, OMEGA),
                                    lambda y, reduce=reduce: slopes(y, reduce), [(6,)], [], "any")
       for name, (one, reduce) in POOLINGS.items()},
    "upv": (lambda v, g: pooling.upv(v, g, OMEGA), lambda v, g: [
        v[k] * g[ORDER.index(m)] for k, region in enumerate(REGIONS) for m in region],
        [(3,), (6,)], [], "whole"),
    "flip": (flip, loops.flip, [(3, 4)], [], "whole"),
    "subsample": (lambda Y: subsampling.subsample(Y, (2, 3)), lambda Y: loops.subsample(Y, (2, 3)),
                  [(5, 7)], [], "whole"),
    "subsample_back": (
        lambda delta: subsampling.subsample_back(delta, (5, 7), (2, 3)),
        lambda delta: [[delta[r // 2][s // 3] if r % 2 == s % 3 == 0 else 0 for s in range(7)]
                       for r in range(5)], [(3, 3)], [], "whole"),
    "both_sides": (lambda Y, left, right: subsampling.both_sides(left, Y, right),
                   lambda Y, left, right: loops.product(loops.product(left, Y),
                                                        loops.transpose(right)),
                   [(3, 4)], [(2, 3), (5, 4)], "whole"),
    "dilate": (lambda delta: dilate(delta, 3, 9), lambda delta: [
        delta[i // 3] if i % 3 == 0 and i < 9 else 0 for i in range(9)], [(3,)], [], "whole"),
    "vec": (lambda a: vec(a, 2), loops.vec, [(3, 4)], [], "whole"),
    # a size for a shape is that of one axis
    "unvec": (lambda a: unvec(unvec(a, 12), (3, 4)), lambda a: [
        [a[r + 3 * s] for s in COLUMNS] for r in ROWS], [(12,)], [], "whole"),
}


def each(lead, function, samples, fixed):
    """function(nested lists) for each sample, with the leading axes in front."""
    if not lead:
        return function(*(a.tolist() for a in (*samples, *fixed)))
    return [each(lead[1:], function, [a[k] for a in samples], fixed) for k in range(lead[0])]


def entries(e, numbers, shape):
    """Whole numbers, small positive ones, or any."""
    if numbers == "whole":
        return e.integers(*shape)
    return e.floats(*shape) if numbers == "any" else np.exp(e.floats(*shape)) / 64


for name, (shipped, single, shapes, fixed_shapes, numbers) in FUNCTIONS.items():
    @lecture.claim(f"leading/{name}", "algorithm", f"{name}, of one sample and of any axes of them",
                   r"(\ldots,n)\to(\ldots,m)", cases=[{"lead": ()}, {"lead": (2, 3)}])
    def leading(e, lead, shipped=shipped, single=single, shapes=shapes, fixed_shapes=fixed_shapes,
                numbers=numbers):
        samples = [entries(e, numbers, (*lead, *shape)) for shape in shapes]
        fixed = [np.array(entries(e, numbers, shape)) for shape in fixed_shapes]
        printed = shipped(*samples, *fixed)
        return Sides(truth=each(lead, single, samples, fixed), printed=printed,
                     wrong={"the sign": -printed})


@lecture.claim(
    "leading/masks", "algorithm", "A mask a map: leading axes of the mask go with those of y",
    r"t^{(d)}(p')=\sum_{m\in\Omega_{p'}}m^{(d)}y^{(d)}(m)", cases=[{"maps": 3}])
def masks(e, maps):
    regions = ((2, 0), (5, 3), (1, 4))
    y, mask = e.integers(2, maps, 6), e.integers(maps, 2)
    truth = [[[sum(mask[d][k] * y[n][d][m] for k, m in enumerate(region)) for region in regions]
              for d in range(maps)] for n in range(2)]

    def printed(mask):
        return pooling.Correlation(mask)(y, Regions(regions, 6))

    return Sides(truth=truth, printed=printed(mask), wrong={"one mask for all": printed(mask[0])})


@lecture.claim(
    "leading/lp", "gradient", "Norms of exact entries, odd powers of which keep a sign",
    r"t(p')=\left(\sum|y|^3\right)^{1/3},\quad g=\operatorname{sign}(y)\,y^2/t^2")
def exact_norms(e):
    # sums of three cubes that are cubes: 3³ + 4³ + 5³ = 6³, 1³ + 6³ + 8³ = 9³
    y = np.vectorize(Fraction, otypes=[object])([[3, -4, 5, -1, 6, -8], [-6, 1, 8, 5, 3, 4]])
    regions = ((0, 2, 1), (5, 3, 4))
    roots = {216: Fraction(6), 729: Fraction(9)}
    cube_root = chained(roots.get, lambda q: 1 / (3 * roots[q] ** 2))

    def norms(y):
        return loops.pool(y, regions, lambda values: cube_root(
            sum(v * v * v if v > 0 else -v * v * v for v in values)))

    by_all = [e.gradient(lambda one: sum(norms(one)), one) for one in y]
    order = [m for region in regions for m in region]
    shipped = pooling.Lp(3, np.vectorize(roots.get, otypes=[object]))
    t = shipped(y, Regions(regions, 6))
    g = shipped.gradient_vectors(y, Regions(regions, 6))
    return Sides(truth=([norms(one) for one in y.tolist()], [one[order] for one in by_all]),
                 printed=(t, g), wrong={"without the sign": (t, abs(g))})
