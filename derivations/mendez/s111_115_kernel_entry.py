"""Slides 111 to 115: the example backwards, by an entry of the second kernel.

Derivatives are doubled as on the slides before, see `chain`.
"""


import numpy as np

from cnnmat.derivations.mendez.conventions import FREE, ROWS, SIDE, START
from cnnmat.derivations.mendez.s062_one_position import AT_H, AT_ONE, WHERE, double_sums
from cnnmat.derivations.mendez.s108_110_output_weight import TINY, outer
from cnnmat.derivations.mendez.setting import LARGE, SEVEN, SYMBOLIC, example
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.subsampling import subsample, subsample_back
from cnnmat.verify import Sides

#: Both kernels are of one size.
EQUAL = {"Y0": (8, 7), "K1": (3, 1), "K4": (3, 1)}


def feeds(s, r, q):
    """∂(Y6)_{r,q}/∂K4, counted from 0: f' at the entry kept, times its patch of Y3."""
    Y, _, _ = s.forward()
    a, b = s.K4.shape
    patch = Y[3][2 * r:2 * r + a, 2 * q:2 * q + b]
    return patch * s.f4.derivative(Y[4])[2 * r, 2 * q]


def slope_of(s, name, l, r, q):
    """The loops' derivative of (Y_l)_{r,q} by an array."""
    return s.e.gradient(lambda part: s.loops(**{name: part})["Y"][l][r][q], getattr(s, name))


@example("s111a", "identity", "Layer 6 from layer 4", r"Y_1^{(6)}=Sf\left[\left(Y_1^{(4)}\right)\r"
         r"ight]S^T", reason="skipping, though the slide calls it pooling",
         rewritten=r"Y_1^{(6)}=S_Hf\left[Y_1^{(4)}\right]S_W^{\mathsf T}", assumes=SIDE)
def layer_six(s):
    Y = s.forward()[0]
    return Sides(truth=s.loops()["Y"][6], printed=subsample(s.f4(Y[4])),
                 wrong={"before f": subsample(Y[4]),
                        "other columns": subsample(np.roll(s.f4(Y[4]), -1, 1))})


def layer_four(s, limits):
    """B4 + Σ K4_{k,t} Y3_{r+k,s+t}, t from -limits(t)[1]; counted from the first output."""
    Y3, (a, b) = s.forward()[0][3], s.K4.shape
    total = s.B4
    for k in range(-(a // 2), a // 2 + 1):
        for t in range(-(b // 2), b // 2 + 1):
            h = limits(t)
            if abs(k) <= h[0] and abs(t) <= h[1]:
                r, q = k + a // 2, t + b // 2
                total = total + Y3[r:r + s.B4.shape[0], q:q + s.B4.shape[1]] * s.K4[r, q]
    return total


FOUR = r"(Y_1^{(4)})_{r,s}=(B_1^{(4)})_{r,s}+\sum_{k=-h_1^{(%s)}}^{h_1^{(%s)}}" \
       r"\sum_{t=-h_2^{(%s)}}^{h_2^{(%s)}}(K_{11}^{(4)})_{k,t}(Y^{(3)})_{r+k,s+t}"


@example(
    "s111b", "identity", "Layer 4: where its places start", FOUR % (("l",) * 4), expect="ambiguous",
    corrected_formula=(FOUR % (("4",) * 4)).replace("r+k,s+t", "r+h_1^{(4)}+k,s+h_2^{(4)}+t"), assumes=START,
    cites=WHERE,
    reason="(l) is this layer, and Y^{(3)} its only map; where r and s start is left open as on slide 62",
    cases=[EQUAL, LARGE])
def places_of_four(s):
    Y3 = s.forward()[0][3]
    inside = correlate_image(Y3, s.K4, padding="valid")
    return Sides(truth=s.loops()["Y"][4], readings={
        AT_H: s.B4 + inside, AT_ONE: double_sums(s.B4, s.K4, Y3, (1, 1))},
        wrong={"the middle entry only": layer_four(s, lambda t: (0, 0)),
               "the kernel turned": s.B4 + correlate_image(Y3, s.K4[::-1, ::-1], padding="valid")})


@example(
    "s111c", "definition", "Layer 4, first build: (t) in the limits", FOUR % (("t",) * 4),
    expect="scan", corrected_formula=FOUR % (("4",) * 4),
    reason="t would be bound by the sum whose limits it names; the second build has (l), which "
           "read as this layer's own is right", cases=[LARGE], assumes=START)
def t_in_the_limits(s):
    h = {1: tuple(n // 2 for n in s.K1.shape), 4: tuple(n // 2 for n in s.K4.shape)}
    return Sides(truth=s.loops()["Y"][4], printed=layer_four(s, lambda t: h.get(t, (-1, -1))),
                 corrected=s.B4 + correlate_image(s.forward()[0][3], s.K4, padding="valid"),
                 elsewhere=layer_four(s, lambda t: h[4]),
                 wrong={"one row": layer_four(s, lambda t: (0, h[4][1]))})


KERNEL = r"\frac{\partial H(\boldsymbol{W})}{\partial(K_{11}^{(4)})_{k,t}}"
UNIT = r"=(y_i^{(l)}-t_i)\frac{\partial f(z_i^{(7)})}{\partial z_i^{(7)}}"


@example(
    "s112a", "gradient", "By a kernel entry, first build: the square", KERNEL
    + r"=\frac12\times\frac{\partial(y_1^{(i)}-t_1)}{\partial(K_{11}^{(4)})_{k,t}}", expect="scan",
    corrected_formula=KERNEL
    + r"=\frac12\times\frac{\partial(y_1^{(7)}-t_1)^2}{\partial(K_{11}^{(4)})_{k,t}}",
    reason="the second build has the square and the (7)")
def no_square(s):
    y, slope = s.forward()[2], s.slopes("K4", "y")
    return Sides(truth=s.slopes("K4"), printed=slope, corrected=2 * s.backward()["K4"],
                 elsewhere=slope * (2 * (y - s.t)), wrong={"(t - y)": slope * (2 * (s.t - y))})


@example("s112b", "gradient", "By a kernel entry, first step", KERNEL
         + r"=\frac12\times\frac{\partial(y_1^{(7)}-t_1)^2}{\partial(K_{11}^{(4)})_{k,t}}",
         cases=[SYMBOLIC])
def kernel_first_step(s):
    H = s.e.gradient(lambda K: s.loops(K4=K)["square"] / 2, s.K4)
    have = s.backward()["K4"]
    return Sides(truth=H, printed=have, wrong={"without ½": 2 * have})


@example(
    "s112c", "gradient", "The chain through Y6 lacks the sum over its entries",
    KERNEL + UNIT + r"\times\frac{\partial z_i^{(7)}}{\partial(Y_1^{(6)})_{r,s}}\times"
    r"\frac{\partial(Y_1^{(6)})_{r,s}}{\partial(K_{11}^{(4)})_{k,t}}", expect="misprint",
    corrected_formula=KERNEL + r"=(y_1^{(7)}-t_1)\frac{\partial f(z_1^{(7)})}{\partial z_1^{(7)}}"
    r"\times\sum_{r=1}^{m_2^{(6)}}\sum_{s=1}^{m_3^{(6)}}\frac{\partial z_1^{(7)}}{\partial(Y_1^{(6)})_{r,s}}"
    r"\times\frac{\partial(Y_1^{(6)})_{r,s}}{\partial(K_{11}^{(4)})_{k,t}}",
    reason="a kernel entry reaches z through every entry of Y^{(6)}, and r, s are free on the right "
           "only; both builds. Invisible where Y^{(6)} has one entry", cases=[TINY, *SEVEN])
def no_sum(s):
    _, z, y = s.forward()
    terms = [feeds(s, r, q) * s.w[r, q] * (2 * outer(s, z, y)) for r, q in np.ndindex(s.w.shape)]
    return Sides(truth=s.slopes("K4"), printed=terms[0], corrected=sum(terms),
                 wrong={"another single term": terms[-1]} if len(terms) > 1 else
                 {"the term twice": 2 * terms[0]})


@example(
    "s112d", "gradient", "The first factors of the chain are the derivative of the cost by z",
    r"(y_i^{(l)}-t_i)\frac{\partial f(z_i^{(7)})}{\partial z_i^{(7)}}", assumes=FREE,
    reason="i and l are free on the right only; the cost has one unit, in layer 7")
def free_unit(s):
    _, z, y = s.forward()

    def square(z):
        return (s.f7(z) - s.t) * (s.f7(z) - s.t)

    truth = s.e.gradient(square, np.array(s.loops()["z"], dtype=object))[()]
    return Sides(truth=truth, printed=2 * outer(s, z, y),
                 wrong={"f' left out": 2 * (y - s.t), "(t - y)": -2 * outer(s, z, y)})


@example("s113a", "gradient", "Derivative of z by an entry of Y6",
         r"\frac{\partial z_i^{(7)}}{\partial(Y_1^{(6)})_{r,s}}=w_{r,s}^{(7)}")
def by_entry(s):
    Y6 = s.forward()[0][6]
    rows, columns = range(Y6.shape[0]), range(Y6.shape[1])
    truth = s.e.gradient(lambda y: sum(s.w[r, q] * y[r][q] for r in rows for q in columns), Y6)
    return Sides(truth=truth, printed=s.w, wrong={"w_{s,r}": s.w.T, "in reverse": s.w[:, ::-1]})


AT = r"(Y_1^{(4)})_{2(r-1),2(s-1)}"


#: The two readings of how slide 113 counts, by what suggests them.
FROM_0, FROM_1 = "rows of Y4 counted from 0", "rows of Y4 counted from 1"
COUNTED = {FROM_0: "2(r-1) itself, which is 0 at r = 1",
           FROM_1: "slides 98 and 105 sum over maps from 1"}


@example(
    "s113b", "dimension", "Which entry of Y4 feeds (r,s) of Y6", AT, expect="ambiguous",
    corrected_formula=r"(Y_1^{(4)})_{2r-1,2s-1}", assumes=ROWS, cites=COUNTED,
    reason="r and s count from 1, as slide 105 has them, and the S of slide 104 keeps rows 1, 3, 5. With "
           "the rows of Y^{(4)} counted from 0 the line is right; counted from 1 it asks for an entry "
           "(0,0) that does not exist. All builds")
def which_entry(s):
    Y4, looped = s.forward()[0][4], s.loops()["Y"][4]

    def entry(r, q, first):
        inside = first <= r < first + Y4.shape[0] and first <= q < first + Y4.shape[1]
        return Y4[r - first, q - first] if inside else 0

    def at(place, first):
        return [[entry(place(r), place(q), first) for q in range(1, s.w.shape[1] + 1)]
                for r in range(1, s.w.shape[0] + 1)]

    return Sides(truth=[row[::2] for row in looped[::2]], readings={
        FROM_0: at(lambda r: 2 * (r - 1), 0), FROM_1: at(lambda r: 2 * (r - 1), 1)},
        wrong={"2r, 2s": at(lambda r: 2 * r, 1)})


def one_number(s):
    """Places (r, s) of Y6 and (k, t) of K4 to look at, counted from 0: the last ones."""
    return tuple(n - 1 for n in s.w.shape), tuple(n - 1 for n in s.K4.shape)


@example(
    "s113c", "definition", "Broken superscripts in the first build", r"z_i^{(r)},\;K_s^{(4)}",
    expect="scan", corrected_formula=r"z_i^{(7)},\;(K_{11}^{(4)})_{k,t}",
    reason="the second build has both whole; without k, t the derivative is an array")
def broken(s):
    (r, q), entry = one_number(s)
    array = feeds(s, r, q)
    Y, _, _ = s.forward()
    second = s.f4.derivative(Y[4])[2 * r, 2 * q] * Y[3][2 * r + entry[0], 2 * q + entry[1]]
    return Sides(truth=slope_of(s, "K4", 6, r, q)[entry], printed=array, corrected=array[entry],
                 elsewhere=second, wrong={"another entry": array[0, 0]})


@example("s113d", "gradient", "Y6 has f of one entry of Y4",
         r"\frac{\partial(Y_1^{(6)})_{r,s}}{\partial(K_{11}^{(4)})_{k,t}}=\frac{\partial "
         r"f[(Y_1^{(4)})_{2(r-1),2(s-1)}]}{\partial(K_{11}^{(4)})_{k,t}}", expect="ambiguous",
         corrected_formula=r"\frac{\partial(Y_1^{(6)})_{r,s}}{\partial(K_{11}^{(4)})_{k,t}}=\frac{\partial "
                           r"f[(Y_1^{(4)})_{2r-1,2s-1}]}{\partial(K_{11}^{(4)})_{k,t}}",
         assumes=ROWS, cites=COUNTED, reason="as in s113b: the entry that S keeps is (0,0) or (1,1)")
def one_entry(s):
    (r, q), _ = one_number(s)
    Y4 = s.forward()[0][4]

    def by_hand(a, b):
        slope = s.e.gradient(lambda K: s.loops(K4=K)["Y"][5][a][b], s.K4)
        return s.f4(Y4)[a, b], slope

    nothing = 0 * s.K4                                  # by an entry that is not there
    return Sides(truth=(s.loops()["Y"][6][r][q], slope_of(s, "K4", 6, r, q)), readings={
        FROM_0: (subsample(s.f4(Y4))[r, q], feeds(s, r, q)),
        FROM_1: by_hand(2 * r - 1, 2 * q - 1) if r and q else (0, nothing)},
        wrong={"(Y4)_{r,s}, nothing skipped": by_hand(r, q)})


CHAIN_F = (r"\frac{\partial f[%s]}{\partial(K_{11}^{(4)})_{k,t}}=\frac{\partial f[%s]}{\partial%s}\times"
           r"\frac{\partial%s}{\partial(K_{11}^{(4)})_{k,t}}") % ((AT,) * 4)
F_SLOPE = r"\frac{\partial f[%s]}{\partial%s}=f'[%s]" % ((AT,) * 3)


@example("s114a", "gradient", "Chain rule through f at that entry", CHAIN_F,
         reason="one entry on every side, however it is counted")
def through_f(s):
    (r, q), _ = one_number(s)
    Y4, inner = s.forward()[0][4], slope_of(s, "K4", 4, 2 * r, 2 * q)
    slopes = s.f4.derivative(Y4)
    return Sides(truth=slope_of(s, "K4", 5, 2 * r, 2 * q), printed=inner * slopes[2 * r, 2 * q],
                 wrong={"f' at (r,s)": inner * slopes[r, q], "f' left out": inner})


@example("s114b", "gradient", "That factor is f'",
         F_SLOPE)
def that_factor(s):
    Y4 = s.forward()[0][4]
    truth = [[s.e.gradient(s.f4, np.array(v, dtype=object))[()] for v in row]
             for row in s.loops()["Y"][4][::2]]
    return Sides(truth=truth, printed=s.f4.derivative(Y4)[::2],
                 wrong={"f": s.f4(Y4)[::2], "1": np.ones_like(Y4)[::2]})


@example(
    "s114c", "gradient", "A line cut off in the first build",
    r"\frac{\partial f[(Y_1^{(4)})_{2(r-1),2(s-1)}]}{\partial(Y_1^{(4)})}=", expect="scan",
    corrected_formula=F_SLOPE,
    reason="the second build is whole; by all of Y^{(4)} the derivative would be an array with one "
           "entry that is not zero")
def cut_line(s):
    (r, q), _ = one_number(s)
    Y4 = s.forward()[0][4]
    v = s.loops()["Y"][4][2 * r][2 * q]
    array = np.zeros(Y4.shape, dtype=object)
    array[2 * r, 2 * q] = s.f4.derivative(Y4)[2 * r, 2 * q]
    return Sides(truth=s.e.gradient(s.f4, np.array(v, dtype=object))[()], printed=array,
                 corrected=array[2 * r, 2 * q], elsewhere=s.f4.derivative(Y4[2 * r, 2 * q]),
                 wrong={"f' next to it": s.f4.derivative(Y4)[2 * r, 2 * q - 1]})


@example("s115a", "gradient", "Derivative of Y4 by a kernel entry",
         r"\frac{\partial(Y_1^{(4)})_{2(r-1),2(s-1)}}{\partial(K_{11}^{(4)})_{k,t}}="
         r"(Y^{(3)})_{2(r-1)+k,2(s-1)+t}", expect="ambiguous",
         corrected_formula=r"\frac{\partial(Y_1^{(4)})_{2(r-1),2(s-1)}}{\partial(K_{11}^{(4)})_{k,t}}="
                           r"(Y^{(3)})_{2(r-1)+h_1+k,2(s-1)+h_2+t}", assumes=ROWS | START,
         cites={"k and t from 0": "2(r-1), which counts rows from 0",
                "k and t from -h": "slide 111: the sums over k and t"},
         reason="places counted from 0: then k and t have to count from 0 too, and slide 111 has them from "
                "-h to h. With (8)'s convolution the signs turn")
def by_kernel(s):
    (r, q), _ = one_number(s)
    Y3, (a, b) = s.forward()[0][3], s.K4.shape

    def patch(up, left):
        return Y3[2 * r - up:2 * r - up + a, 2 * q - left:2 * q - left + b]

    return Sides(truth=slope_of(s, "K4", 4, 2 * r, 2 * q),
                 readings={"k and t from 0": patch(0, 0), "k and t from -h": patch(a // 2, b // 2)},
                 wrong={"minus k, t": patch(0, 0)[::-1, ::-1], "nothing skipped": Y3[r:r + a, q:q + b]})


@example("s115b", "gradient", "Put together: the gradient of the second kernel",
         r"\Delta^{(4)}=(y-t)f'(z)(S_H^{\mathsf T}wS_W)\odot f'(Y^{(4)}),\;"
         r"\partial H/\partial K^{(4)}=Y^{(3)}\star\Delta^{(4)}", source_kind="own")
def second_kernel(s):
    Y, z, y = s.forward()
    spread = subsample_back(s.w * outer(s, z, y), Y[4].shape)
    D = s.f4.derivative(Y[4]) * spread
    have = 2 * correlate_image(Y[3], D, padding="valid")
    return Sides(truth=s.slopes("K4"), printed=have, wrong={
        "Δ turned": 2 * correlate_image(Y[3], D[::-1, ::-1], padding="valid"),
        "f' left out": 2 * correlate_image(Y[3], spread, padding="valid"), "half": have / 2})
