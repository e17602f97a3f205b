"""Slides 102 to 106: the example of seven layers, forward."""

from fractions import Fraction

import numpy as np

from cnnmat import Windows, loops
from cnnmat.derivations.mendez.conventions import FREE, SIDE, SKIP, START
from cnnmat.derivations.mendez.s062_one_position import AT_H, AT_ONE, WHERE, double_sums
from cnnmat.derivations.mendez.setting import (
    SYMBOLIC,
    correlate_inside,
    example,
    inner,
    lecture,
    total,
)
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.subsampling import both_sides, subsample, subsample_back, subsampling
from cnnmat.verify import Sides


def shape(matrix):
    return len(matrix), len(matrix[0])


def by_rule(s):
    """Sizes of layers 0 to 6 by the rules of slides 59 and 89."""
    one = Windows(s.Y0.shape, s.K1.shape).output
    three = tuple(-(-m // 2) for m in one)
    four = Windows(three, s.K4.shape).output
    return [s.Y0.shape, one, one, three, four, four, tuple(-(-m // 2) for m in four)]


@example("s102a/size", "dimension", "The sizes through the seven layers",
         r"Y^{(0)},Y^{(1)},f,Y^{(3)},Y^{(4)},f,Y^{(6)}",
         reason="layers 2 and 5 are f, never written out", source_kind="consequence")
def seven_sizes(s):
    Y = s.loops()["Y"]
    rule = by_rule(s)
    return Sides(truth=[shape(Y[l]) for l in range(7)], printed=rule,
                 wrong={"f counted inside layer 1": [*rule[:2], *rule[3:], (1, 1)],
                        "rows and columns exchanged": [m[::-1] for m in rule]})


FIRST = r"f\left[(Y_1^{(1)})_{r,s}\right]=f\left[(B_1^{(l)})_{r,s}+\sum_{k=-h_1^{(1)}}^{h_1^{(1)}}" \
        r"\sum_{t=-h_2^{(1)}}^{h_2^{(1)}}(K_{ij}^{(1)})_{k,t}(Y_1^{(0)})_{r+k,s+t}\right]"


@example("s103a", "identity", "First layer and its softplus", FIRST, expect="ambiguous",
         corrected_formula=FIRST.replace("r+k,s+t", "r+h_1^{(1)}+k,s+h_2^{(1)}+t"), assumes=START, cites=WHERE,
         reason="as slide 62's sum, without a star in front of it; for every f")
def first_layer(s):
    inside = correlate_image(s.Y0, s.K1, padding="valid")
    from_one = np.array(double_sums(s.B1, s.K1, s.Y0, (1, 1)), dtype=object)
    return Sides(truth=s.loops()["Y"][2],
                 readings={AT_H: s.f1(s.B1 + inside), AT_ONE: s.f1(from_one)},
                 wrong={"sum outside f": s.f1(s.B1) + inside, "bias left out": s.f1(inside)})


@lecture.claim(
    "s103b", "definition", "Free indices in the first layer", r"K_{ij}^{(1)},\;B_1^{(l)}", assumes=FREE,
    reason="i, j and l are free on the right only; slide 103 has one channel and one map, and slide "
           "111 writes K_{11}^{(4)}", cases=[{"D": 2}])
def free_indices(e, D):
    K, B, Y = e.symbols("K", D, 1, 3), e.symbols("B", 2, 3), e.symbols("Y", 2, 5)
    family = [B + correlate_image(Y, one, padding="valid") for one in K]
    return Sides(truth=total(B.tolist(), correlate_inside(Y.tolist(), K[0].tolist())),
                 printed=family[0], wrong={"another i": family[-1], "bias left out": family[0] - B})


@example("s103c/size", "dimension", "One channel, black and white", r"j=1", cases=[SYMBOLIC])
def one_channel(s):
    Y = np.stack([s.Y0])
    truth = loops.correlate([[s.Y0.tolist()]], [[s.K1.tolist()]], [0], [1, 1], [(0, 0), (0, 0)],
                            [1, 1], 1)[0][0]
    have = sum(correlate_image(one, s.K1, padding="valid") for one in Y)
    return Sides(truth=(truth, 1), printed=(have, len(Y)), wrong={"three equal channels": (3 * have, 3)})


MAPS = [{"image": (3, 4)}, {"image": (5, 6)}]


@lecture.claim("s104a", "identity", "Subsampling by matrices from both sides",
               r"Y_1^{(3)}=" + SKIP + r"f\left[\left(Y_1^{(1)}\right)\right]{" + SKIP + "}^T",
               cases=MAPS, rewritten=r"Y_1^{(3)}=S_Hf\left[Y_1^{(1)}\right]S_W^{\mathsf T}",
               assumes=SIDE)
def both(e, image):
    F, f = e.symbols("F", *image), e.activation()
    S_H, S_W = (subsampling(n) for n in image)
    return Sides(truth=loops.subsample([[f(v) for v in row] for row in F.tolist()], (2, 2)),
                 printed=both_sides(S_H, f(F), S_W), show={"S_H": S_H, "S_W": S_W},
                 wrong={"rows e_2, e_4": f(F)[1::2, 1::2], "columns e_2, e_4": f(F)[::2, 1::2],
                        "S transposed on the left": lambda: both_sides(S_H.T, f(F), S_W.T)})


@example(
    "s104b", "definition", "Which layer subsamples first", r"l=2\;\text{subsampling}",
    expect="misprint", corrected_formula=r"l=3\;\text{subsampling}",
    reason="the formula below has Y^{(3)}, and the next correlation, which takes it, is layer 4: two "
           "layers, f and the skipping, lie between 1 and 4. Only the prose counts f into layer 1. One "
           "build", cases=[SYMBOLIC], source_kind="words")
def which_layer(s):
    Y = s.forward()[0]
    activated = [[s.f1(v) for v in row] for row in s.loops()["Y"][1]]
    return Sides(truth=loops.subsample(activated, (2, 2)), printed=Y[2], corrected=Y[3],
                 wrong={"layer 4": Y[4], "one column on": np.roll(s.f1(Y[1]), -1, 1)[::2, ::2]})


@lecture.claim(
    "s104c/size", "dimension", "On square maps both sides have one S", r"S_HFS_W^{\mathsf T}=SFS^{\mathsf T}",
    source_kind="own", reason="on others one letter stands for two matrices, S_H and S_W",
    cases=[{"n": 3}, {"n": 4}])
def one_letter(e, n):
    F, S = e.symbols("F", n, n), subsampling(n)
    return Sides(truth=loops.subsample(F.tolist(), (2, 2)), printed=both_sides(S, F, S),
                 wrong={"F transposed": both_sides(S, F.T, S),
                        "one column on": subsample(np.roll(F, -1, 1))})


@lecture.claim("s104d", "gradient", "Subsampling backwards", r"S_H^{\mathsf T}\,\delta\,S_W",
               cases=MAPS, source_kind="own")
def skip_back(e, image):
    F = e.symbols("F", *image)
    delta = e.symbols("delta", *(-(-n // 2) for n in image))

    back = subsample_back(delta, image)
    return Sides(truth=e.gradient(lambda F: inner(loops.subsample(F, (2, 2)), delta.tolist()), F),
                 printed=back,
                 wrong={"spread over blocks": np.repeat(np.repeat(delta, 2, 0), 2, 1)[
                     :image[0], :image[1]], "one place on": np.roll(back, 1, 1)})


@example("s105a", "identity", "The second pair of layers reduces the map again",
         r"Y_1^{(6)}\;\text{from}\;Y_1^{(4)}", source_kind="words")
def reduced(s):
    three = by_rule(s)[3]
    exact = [Fraction(m - k + 1, 2) for m, k in zip(three, s.K4.shape, strict=True)]
    return Sides(truth=shape(s.loops()["Y"][6]), printed=[-(-m // 1) for m in exact],
                 wrong={"not rounded, as slide 89": exact, "rounded down": [m // 1 for m in exact]})


@example("s105b", "identity", "The single output unit",
         r"z_1^{(7)}=\sum_{r=1}^{m_2^{(6)}}\sum_{s=1}^{m_3^{(6)}}w_{r,s}^{(7)}(Y_1^{(6)})_{r,s}",
         reason="no bias in layer 7; also trace(wᵀY)")
def output_unit(s):
    Y, z, y = s.forward()
    looped = s.loops()
    return Sides(truth=(looped["z"], looped["z"], looped["y"]),
                 printed=(z, np.trace(s.w.T @ Y[6]), y),
                 wrong={"in reverse": ((s.w[:, ::-1] * Y[6]).sum(), z, y),
                        "trace(wY)": lambda: (z, np.trace(s.w @ Y[6]), y)})


@example("s105c", "definition", "Three names for one weight",
         r"w_{i,j,r,s},\;w_{r,s}^{(7)},\;w_{1,r,s}^{(7)}", cases=[SYMBOLIC],
         reason="consistent, once indices of value 1 are dropped", source_kind="own")
def names(s):
    Y6 = s.forward()[0][6]
    full = s.w[None, None]                              # w_{i,j,r,s}
    partly = s.w[None]                                  # w_{1,r,s}
    z = (full[0, 0] * Y6).sum()
    return Sides(truth=[s.loops()["z"]] * 2, printed=[z, (partly[0] * Y6).sum()],
                 wrong={"1 read as the row": lambda: [z, (partly[:, 0] * Y6[:, :1]).sum()]})


@lecture.claim("s106a", "definition", "The cost of the example",
               r"L(t)=\frac12(y_1^{(7)}-t_1^{(7)})^2",
               reason="minimised over the weights, not over t")
def cost(e):
    y, t = e.symbols("y"), e.symbols("t")

    def half(one):
        return loops.squared_error([t], [one]) / 2

    return Sides(truth=(half(y), e.gradient(half, np.array(y, dtype=object))[()]),
                 printed=((y - t) ** 2 / 2, y - t),
                 wrong={"gradient by t": ((y - t) ** 2 / 2, t - y),
                        "without ½": ((y - t) ** 2, 2 * (y - t))})


@lecture.claim(
    "s106b", "identity", "Sum of squared errors with and without ½",
    r"\left(y_{nk}^{(l)}-t_{nk}\right)^2;\quad\frac12\left(y_1^{(7)}-t_1^{(7)}\right)^2",
    expect="ambiguous", corrected_formula=r"\tfrac12(y-t)^2",
    reason="slides 100 and 106 give one name to two functions. The minimiser is the same, every "
           "gradient differs by the factor 2. In the example cnnmat takes ½", cites={
        "slide 106, with ½": "slides 106 and 108",
        "slide 100, without": "slide 100, under the same name"})
def two_definitions(e):
    y, t = e.symbols("y"), e.symbols("t")
    slope = e.gradient(lambda one: loops.squared_error([t], [one]) / 2, np.array(y, dtype=object))
    return Sides(truth=slope[()], readings={"slide 106, with ½": y - t,
                                            "slide 100, without": 2 * (y - t)},
                 wrong={"sign": t - y})
