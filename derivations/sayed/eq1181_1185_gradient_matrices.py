"""Gradient matrices of pooling, (47.1181) to (47.1185)."""

from fractions import Fraction

import numpy as np

from cnnmat import loops, unvec, vec
from cnnmat.derivations.sayed.eq1168_1175_pooling_images import LARGEST, RETAINED, literal_index
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import SMOOTH, bmatrix, gradient_matrix, whole
from cnnmat.derivations.tables import table
from cnnmat.textbook.masks import unit
from cnnmat.textbook.pooling import Correlation, Lp, Max, Mean, Subsample, Sum, l2
from cnnmat.verify import Sides

GRADIENT = r"\frac{\partial t(r,c)}{\partial\mathcal{H}_{r,c}}"
PATCHES = [{"shape": (2, 3)}, {"shape": (3, 3)}]


def kinds(e, shape):
    """For every pooling: its loop on the entries in the order of vec, and the shipped one."""
    m, root = e.symbols("m", shape[0] * shape[1]), e.root()
    keep = shape[0] * shape[1] - 2
    return {
        "mean": (loops.mean, Mean()), "sum": (sum, Sum()), "max": (loops.largest, Max()),
        "subsampling": (lambda values: values[keep], Subsample(keep)),
        "l2": (lambda values: loops.norm(values, 2, root), l2(root)),
        "correlation": (lambda values: loops.dot(values, m.tolist()), Correlation(m)),
    }


def slopes(e, reduce, patch):
    """∂t/∂H, laid out like the patch, by dual numbers through the loop."""
    return e.gradient(lambda rows: reduce(loops.vec(rows)), patch)


@lecture.claim(
    "47.1181", "definition", "The entries of a patch numbered row by row",
    r"\mathcal{H}_{r,c}=\begin{bmatrix}x_1&x_2&x_3\\x_4&x_5&x_6\\x_7&x_8&x_9\end{bmatrix}",
    reason="by rows, while vec goes by columns: x_2 is entry 4 of the stacked patch")
def numbered(e):
    x = e.symbols("x", 9)
    H = [[x[3 * (i - 1) + j - 1] for j in (1, 2, 3)] for i in (1, 2, 3)]
    stacked = x[[0, 3, 6, 1, 4, 7, 2, 5, 8]]
    return Sides(truth=(H, loops.vec(H)), printed=(x.reshape(3, 3), stacked),
                 wrong={"by columns": (unvec(x, (3, 3)), x)})


@lecture.claim(
    "47.1182", "definition", "Pooling is a function of all entries of the patch",
    r"t(r,c)=\mathrm{pool}(x_1,x_2,x_3,\dots)", cases=PATCHES, rational=True,
    reason="mean, sum, maximum and norm do not depend on the order of the entries; the other two do")
def pool_function(e, shape):
    H = e.symbols("x", *shape)
    same = {}
    for name, (reduce, _) in kinds(e, shape).items():
        x = loops.vec(H.tolist())
        same[name] = reduce(x) == reduce(x[::-1])
    reversed_patch = vec(H)[::-1]
    printed = [bool(one(vec(H), whole(H))[0] == one(reversed_patch, whole(H))[0])
               for _, one in kinds(e, shape).values()]
    return Sides(truth=[bool(v) for v in same.values()], printed=printed, wrong={"of no order": [True] * 6})


@lecture.claim("47.1183", "gradient", "There is a slope by each entry", cases=PATCHES,
               formula=r"\frac{\partial t(r,c)}{\partial x_k},\quad k=1,2,3,\dots")
def slopes_counted(e, shape):
    H = e.symbols("x", *shape)
    G = slopes(e, loops.mean, H)
    return Sides(truth=(sum(1 for g in G.ravel() if g), G),
                 printed=(shape[0] * shape[1], gradient_matrix(Mean(), H)),
                 wrong={"one for each row": (shape[0], gradient_matrix(Mean(), H))})


@lecture.claim(
    "47.1184", "definition", "The slopes laid out like the patch",
    GRADIENT + "=" + bmatrix([[rf"\partial t(r,c)/\partial x_{k}" for k in row]
                              for row in ((1, 2, 3), (4, 5, 6), (7, 8, 9))]))
def layout(e):
    x, M = e.symbols("x", 9), e.symbols("M", 3, 3)
    by_number = e.gradient(lambda x: loops.dot(x, M.ravel().tolist()), x)
    H = x.reshape(3, 3)
    G = gradient_matrix(Correlation(vec(M)), H)
    return Sides(truth=[[by_number[3 * i + j] for j in range(3)] for i in range(3)], printed=G,
                 wrong={"transposed": G.T})


@lecture.claim("47.1184/size", "dimension", "It has the dimensions of the patch",
               r"\partial t(r,c)/\partial\mathcal{H}_{r,c}\text{ like }\mathcal{H}_{r,c}",
               cases=[{"shape": (2, 3)}, {"shape": (3, 5)}], source_kind="words")
def layout_size(e, shape):
    H = e.symbols("x", *shape)
    G = gradient_matrix(Max(), H)
    return Sides(truth=slopes(e, loops.largest, H).shape, printed=G.shape,
                 wrong={"transposed": G.T.shape, "stacked": vec(G).shape})


#: What is near the gradient matrix of a kind, made of the patch H, the pooled t and G.
NEAR = {
    "mean": {"the factor left out": lambda H, t, G: G * H.size,
             "one over the side": lambda H, t, G: G * H.shape[0]},
    "sum": {"of the mean": lambda H, t, G: G * Fraction(1, H.size)},
    "l2": {"of the square": lambda H, t, G: H * 2, "over the square": lambda H, t, G: G / t},
    "correlation": {"the mask flipped": lambda H, t, G: G[::-1, ::-1], "the patch": lambda H, t, G: H},
}


@table(lecture.claim, kind="gradient", cases=PATCHES)
def gradient_of(e, kind_of_pooling, shape):
    """The gradient matrix of a kind of pooling against dual numbers."""
    H = e.symbols("x", *shape)
    reduce, one = kinds(e, shape)[kind_of_pooling]
    t, G = one(vec(H), whole(H))[0], gradient_matrix(one, H)
    return Sides(truth=(reduce(loops.vec(H.tolist())), slopes(e, reduce, H)), printed=(t, G),
                 wrong={name: (t, near(H, t, G)) for name, near in NEAR[kind_of_pooling].items()})


SLOPE, PLACE = GRADIENT + "=", r"e_{k^o+B+1}e_{\ell^o+B+1}^T"
gradient_of("47.1185a", "Gradient matrix of a mean: equal weights",
            SLOPE + r"\frac{1}{(2B+1)^2}\mathbb{1}\mathbb{1}^T\triangleq\mathcal{M}_{\mathrm{mean}}", "mean")
literal_index("47.1185b", "Gradient matrix of a maximum: a one at its place",
              SLOPE + r"e_{k^o}e_{\ell^o}^T\triangleq\mathcal{M}_{\mathrm{max}}", *LARGEST, kind="gradient",
              corrected_formula=SLOPE + PLACE + r"\triangleq\mathcal{M}_{\mathrm{max}}")
literal_index("47.1185c", "Gradient matrix of subsampling: a one at the retained place",
              SLOPE + r"e_{k^o}e_{\ell^o}^T\triangleq\mathcal{M}_{\mathrm{sub}}", *RETAINED, kind="gradient",
              corrected_formula=SLOPE + PLACE + r"\triangleq\mathcal{M}_{\mathrm{sub}}")
gradient_of("47.1185d", "Gradient matrix of a norm: the patch over the norm",
            SLOPE + r"\frac{1}{t(r,c)}\mathcal{H}_{r,c}", "l2", rational=True, covers="t not zero")
gradient_of("47.1185e", "Gradient matrix of a correlation: its mask",
            GRADIENT + r"\triangleq\mathcal{M}", "correlation")


@lecture.claim(
    "47.1185d/zero", "gradient", "The norm of a zero patch has no derivative",
    r"\mathcal{G}=0\text{ where }t(r,c)=0", source_kind="own",
    assumes={"where t is zero the slope of a norm is": "0, halfway between those to its two sides"},
    reason="at zero (47.1185d) is 0/0; the slope is +1 to one side and -1 to the other. Common behind a "
           "rectifier; cnnmat takes the subgradient 0",
    cases=[{"patch": ((3.0, 0.0), (0.0, 4.0))}, {"patch": ((0.0, 0.0), (0.0, 0.0))}])
def norm_at_zero(e, patch):
    H, h = np.array(patch), 2.0**-20

    def slope(i, j):
        moved = [sum(x * x for x in vec(H + s * h * unit(H.shape, (i, j)))) ** 0.5 for s in (1, -1)]
        return round((moved[0] - moved[1]) / (2 * h), 6)

    with np.errstate(invalid="ignore"):
        literal = H / np.sqrt((H**2).sum())
    G = gradient_matrix(l2(), H)
    return Sides(truth=[[slope(i, j) for j in range(2)] for i in range(2)],
                 printed=G, wrong={"the formula as it stands": literal,
                                   "the slope to one side": G + np.where(H == 0, 1, 0)})


@lecture.claim(
    "47.1185/lp", "gradient", "Gradient matrix of an ℓp norm, asked for in Problem 47.163",
    SLOPE + r"\frac{1}{t^{p-1}}\mathcal{H}_{r,c}^{\odot(p-1)}\quad(p\text{ even})",
    cases=PATCHES[:1], rational=True, covers="even p, t not zero", source_kind="own")
def lp_norm(e, shape):
    H, root = e.symbols("x", *shape), e.root(4)
    one = Lp(4, root)
    t, G = one(vec(H), whole(H))[0], gradient_matrix(one, H)

    def reduce(values):
        return loops.norm(values, 4, root)

    return Sides(truth=(reduce(loops.vec(H.tolist())), slopes(e, reduce, H)), printed=(t, G),
                 wrong={"of the power": (t, 4 * H**3), "over t": (t, H / t)})


gradient_of("47.1185/sum", "Gradient matrix of a sum: ones",
            SLOPE + r"\mathbb{1}\mathbb{1}^T", "sum", source_kind="own")


@lecture.claim(
    "47.1185/G-depends", "identity", "In general the gradient matrix depends on the window",
    r"\mathcal{G}=\mathcal{G}(r,c)", cases=[{"shape": (2, 2)}], rational=True, covers=SMOOTH,
    source_kind="words")
def depends_on_the_window(e, shape):
    first, second = e.symbols("x", *shape), e.symbols("y", *shape)[::-1]
    # the ring orders symbols as it likes: one window is made to have its maximum elsewhere
    if (gradient_matrix(Max(), first) == gradient_matrix(Max(), second)).all():
        second = second[::-1]
    changes = {}
    for name, (reduce, one) in kinds(e, shape).items():
        by_loops = [slopes(e, reduce, H) for H in (first, second)]
        shipped = [gradient_matrix(one, H) for H in (first, second)]
        changes[name] = tuple(bool((a != b).any()) for a, b in (by_loops, shipped))
    said = [name in ("max", "l2") for name in changes]
    return Sides(truth=([a for a, _ in changes.values()],) * 2,
                 printed=(said, [b for _, b in changes.values()]),
                 wrong={"the same everywhere": ([False] * 6,) * 2, "never the same": ([True] * 6,) * 2})


@lecture.claim(
    "47.1185/euler", "identity", "The patch times its gradient matrix sums to the pooled value",
    r"\sum_{k,\ell}\mathcal{H}(k,\ell)\mathcal{G}(k,\ell)=t(r,c)", cases=PATCHES, rational=True,
    covers="every pooling, each being homogeneous of degree one", source_kind="own")
def homogeneous(e, shape):
    H = e.symbols("x", *shape)
    all_kinds = kinds(e, shape)
    t = all_kinds["l2"][1](vec(H), whole(H))[0]
    e.where(t != 0, "the norm is not zero")

    def summed(name, one):
        value = (H * gradient_matrix(one, H)).sum()
        # t² is the sum of squares, the one relation that the symbol of a root does not know
        return value * t if name == "l2" else value

    truth = [reduce(loops.vec(H.tolist())) if name != "l2" else sum(x * x for x in loops.vec(H.tolist()))
             for name, (reduce, _) in all_kinds.items()]
    printed = [summed(name, one) for name, (_, one) in all_kinds.items()]
    doubled = [2 * value if name == "l2" else value
               for name, value in zip(all_kinds, printed, strict=True)]
    return Sides(truth=truth, printed=printed, wrong={"the slope of the square": doubled})
