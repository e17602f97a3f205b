"""Slides 49 to 54: convolution in two dimensions, equations (8) and (9)."""

import numpy as np

from cnnmat import flip, loops
from cnnmat.derivations.mendez.setting import KIT, convolve_inside, correlate_inside, layer, lecture
from cnnmat.textbook.images import convolve_full, convolve_image, correlate_image
from cnnmat.verify import Sides

#: An even kernel has no centre; nothing here needs one.
PAIRS = [{"f": (3, 3), "g": (3, 2)}, {"f": (4, 6), "g": (3, 2)}]


@lecture.claim(
    "s49a", "definition", "(8): whose range n is",
    r"(f*g)[x,y]=\sum_{k=-n}^n\sum_{l=-n}^nf(k,l)g(x-k,y-l)", expect="ambiguous",
    corrected_formula=r"(f*g)[x,y]=\sum_{k,l}g(k,l)\,f(x-k,y-l)",
    reason="with n the range of the whole image the sum is the convolution, as the worked example "
           "takes it; with n the half width of the kernel, as for the layers later, it drops all of "
           "the image outside -n..n. There cnnmat sums over the kernel",
    cites={"n covers the image": "slide 50: n = 1, and slide 52 sums over the whole image of 3 x 3",
           "n covers the kernel": "slides 58 and 62: the kernel goes from -h to h"},
    cases=[{"N": 2, "n": 1}])
def whose_range(e, N, n):
    f, g = e.symbols("f", 2 * N + 1, 2 * N + 1), e.symbols("g", 2 * n + 1, 2 * n + 1)
    where = range(-N - n, N + n + 1)

    def value(limit, x, y):
        return sum(f[k + N, l + N] * g[x - k + n, y - l + n]
                   for k in range(-limit, limit + 1) for l in range(-limit, limit + 1)
                   if abs(x - k) <= n and abs(y - l) <= n)

    def to(limit):
        return [[value(limit, x, y) for y in where] for x in where]

    return Sides(truth=loops.convolve(f.tolist(), g.tolist()),
                 readings={"n covers the image": to(N), "n covers the kernel": to(n)},
                 wrong={"correlation": convolve_full(f, flip(g))})


@lecture.claim(
    "s49b", "identity", "Convolution commutes, associates and goes with shifts",
    r"f*g=g*f,\quad(f*g)*h=f*(g*h)", cases=[{"f": (2, 3), "g": (3, 2), "h": (2, 2)}],
    source_kind="own")
def commutes(e, f, g, h):
    f, g, h = e.symbols("f", *f), e.symbols("g", *g), e.symbols("h", *h)
    both = loops.convolve(f.tolist(), g.tolist())
    moved = np.zeros((f.shape[0], f.shape[1] + 1), dtype=int).astype(object)
    moved[:, 1:] = f
    shifted = [[0, *row] for row in both]
    return Sides(truth=(both, loops.convolve(both, h.tolist()), shifted),
                 printed=(convolve_full(g, f), convolve_full(f, convolve_full(g, h)),
                          convolve_full(moved, g)),
                 wrong={"correlation": (convolve_full(flip(g), f),
                                        convolve_full(f, convolve_full(g, h)),
                                        convolve_full(moved, g)),
                        "correlations associate": (
                            both, convolve_full(flip(convolve_full(flip(h), g)), f), shifted)})


@lecture.claim(
    "s49c/size", "dimension", "Where the result of a convolution lives",
    r"f*g:[a+e,b+f]\times[c+h,d+i]", cases=[{"f": (4, 6), "g": (3, 2)}],
    reason="[a+e, b+f] x [c+h, d+i]; the letters f and i serve twice, V is not defined",
    source_kind="consequence")
def domains(e, f, g):
    reached = {(r + k, c + l) for r in range(f[0]) for c in range(f[1])
               for k in range(g[0]) for l in range(g[1])}
    size = [len({p[a] for p in reached}) for a in (0, 1)]
    ones = convolve_full(np.ones(f, dtype=int), np.ones(g, dtype=int))
    return Sides(truth=size, printed=ones.shape, wrong={"of the image": f})


@lecture.claim(
    "s49d", "identity", "(6), its limits set right, and (8) are one formula",
    r"\sum_{k=-n}^n\sum_{l=-n}^nf(k,l)\times g(i-k,j-l)=(f*g)[i,j]", cases=[{"n": 1}, {"n": 2}],
    source_kind="consequence")
def one_formula(e, n):
    f = e.integers(2 * n + 1, 2 * n + 1)
    g = e.integers(2 * n + 1, 2 * n + 1)
    where = range(-2 * n, 2 * n + 1)
    eight = [[sum(f[k + n, l + n] * g[x - k + n, y - l + n]
                  for k in range(-n, n + 1) for l in range(-n, n + 1)
                  if abs(x - k) <= n and abs(y - l) <= n) for y in where] for x in where]
    return Sides(truth=eight, printed=convolve_full(f, g),
                 wrong={"k and l exchanged in g": convolve_full(f, g.T)})


@lecture.claim(
    "s50a", "identity", "Convolution is correlation with the kernel turned by 180 degrees",
    r"f*g=f\star\mathrm{rot}_{180}(g)", cases=[*PAIRS, {"f": (4, 5), "g": (3, 3)}],
    source_kind="words")
def flipped_kernel(e, f, g):
    f, g = e.symbols("f", *f), e.symbols("g", *g)
    return Sides(truth=(convolve_inside(f.tolist(), g.tolist()), g.tolist()),
                 printed=(correlate_image(f, flip(g), padding="valid"), flip(flip(g))),
                 wrong={"rows flipped only": (correlate_image(f, g[::-1], padding="valid"), g),
                        "not flipped": (correlate_image(f, g, padding="valid"), g),
                        "transposed": lambda: (correlate_image(f, g.T, padding="valid"), g)})


KERNEL = np.arange(1, 10).reshape(3, 3)


def image_symbols(e):
    return np.array([e.symbols(name) for name in "abcdefghi"], dtype=object).reshape(3, 3)


def terms(f, pairs):
    """Σ f(k,l) g(r,s): the image indexed from -1, the kernel from 1."""
    return sum(f[k + 1, l + 1] * int(KERNEL[r - 1, s - 1]) for (k, l), (r, s) in pairs)


RIGHT = [((k, l), (2 - k, 2 - l)) for k in (-1, 0, 1) for l in (-1, 0, 1)]


@lecture.claim(
    "s51a", "example", "The set-up of the worked example",
    r"g=\begin{bmatrix}1&2&3\\4&5&6\\7&8&9\end{bmatrix},\;"
    r"f=\begin{bmatrix}a&b&c\\d&e&f\\g&h&i\end{bmatrix},\;n=1",
    reason="slide 52 pairs f(-1,-1) with g(3,3): the image counts from -1, the kernel from 1")
def set_up(e):
    f = image_symbols(e)
    inside = sum(1 for _, (r, s) in RIGHT if 1 <= r <= 3 and 1 <= s <= 3)
    both_centred = sum(1 for k in (-1, 0, 1) for l in (-1, 0, 1)
                       if abs(2 - k) <= 1 and abs(2 - l) <= 1)
    middle = loops.patch(f.tolist(), 1, 1, 1, 1)[0][0]
    return Sides(truth=(inside, middle, 5), printed=(9, f[1, 1], KERNEL[1, 1]),
                 wrong={"both indexed from -1": (both_centred, f[1, 1], KERNEL[1, 1])},
                 show={"g": KERNEL, "turned": flip(KERNEL)})


#: What slide 52 prints, its third pair wrong and once too often.
TEN = [((-1, -1), (3, 3)), ((-1, 0), (3, 2)), ((-1, 1), (3, 2)), ((-1, 1), (3, 2)),
       ((0, -1), (2, 3)), ((0, 0), (2, 2)), ((0, 1), (2, 1)), ((1, -1), (1, 3)), ((1, 0), (1, 2)),
       ((1, 1), (1, 1))]


def middle_of(f):
    """(f*g)[2,2] by the plain loops: the middle of the full convolution."""
    return loops.convolve(f.tolist(), KERNEL.tolist())[2][2]


TERMS = "(f*g)[2,2]=" + "+".join(rf"[f({k},{l})\times g({r},{s})]" for (k, l), (r, s) in TEN)
NINE = "(f*g)[2,2]=" + "+".join(rf"[f({k},{l})\times g({r},{s})]" for (k, l), (r, s) in RIGHT)


@lecture.claim(
    "s52a", "example", "The expansion: the partner of f(-1,1)", r"[f(-1,1)\times g(3,2)]",
    expect="misprint", corrected_formula=r"[f(-1,1)\times g(3,1)]",
    reason="2-1 = 1; the numeric line below has 7c, which is g(3,1). Both builds agree")
def third_term(e):
    f, nine = image_symbols(e), TEN[:3] + TEN[4:]
    right = [(p, (3, 1) if p == (-1, 1) else q) for p, q in nine]
    return Sides(truth=middle_of(f), printed=terms(f, nine), corrected=terms(f, right),
                 wrong={"g(3,3)": terms(f, [(p, (3, 3) if p == (-1, 1) else q) for p, q in nine])})


@lecture.claim(
    "s52b/size", "dimension", "The expansion has ten terms", TERMS, expect="misprint",
    corrected_formula=NINE,
    reason="(2n+1)² = 9 terms; the third is written twice in both builds, which adds 9c to the "
           "true sum, 8c by the double and c by its wrong partner")
def ten_terms(e):
    f = image_symbols(e)
    nine = correlate_image(f, flip(KERNEL), padding="valid")[0, 0]
    return Sides(truth=(len(RIGHT), middle_of(f)), printed=(len(TEN), terms(f, TEN)),
                 corrected=(KERNEL.size, nine), wrong={"one term short": (8, terms(f, TEN[1:]))})


@lecture.claim(
    "s52c", "example", "The numeric line",
    r"(f*g)[2,2]=[a\times9]+[b\times8]+[c\times7]+\dots\dots[d\times6]+[e\times5]+[f\times4]"
    r"+\dots\dots[g\times3]+[h\times2]+[i\times1]",
    rewritten=r"[a\times9]+[b\times8]+[c\times7]+[d\times6]+[e\times5]+[f\times4]"
              r"+[g\times3]+[h\times2]+[i\times1]")
def numbers(e):
    f = image_symbols(e)
    a, b, c, d, e_, f_, g, h, i = f.ravel()
    line = a * 9 + b * 8 + c * 7 + d * 6 + e_ * 5 + f_ * 4 + g * 3 + h * 2 + i * 1
    return Sides(truth=(middle_of(f), middle_of(f)),
                 printed=(line, correlate_image(f, flip(KERNEL), padding="valid")[0, 0]),
                 wrong={"not turned": (correlate_image(f, KERNEL, padding="valid")[0, 0], line)})


@lecture.claim("s52d", "dimension", "The point [2,2]", r"(f*g)[2,2],\;[2,2]\in[0,4]\times[0,4]",
               reason="the result lives on 0..4 both ways", source_kind="consequence")
def the_point(e):
    f = image_symbols(e)
    full = convolve_full(f, KERNEL)
    return Sides(truth=middle_of(f), printed=full[2, 2],
                 wrong={"second row and column": full[1, 1]})


# --- slide 54 -----------------------------------------------------------------------------


@lecture.claim(
    "s54a", "identity", "A map is a convolution with the weight matrix flipped",
    r"W_{ij}\star x_i=\mathrm{rot}_{180}(W_{ij})*x_i", cases=[{"f": (4, 3), "g": (2, 3)},
                                                              {"f": (5, 6), "g": (3, 3)}],
    source_kind="words")
def flipped_weights(e, f, g):
    x, W = e.symbols("x", *f), e.symbols("W", *g)
    return Sides(truth=correlate_inside(x.tolist(), W.tolist()),
                 printed=convolve_image(x, flip(W), padding="valid"),
                 wrong={"W not flipped": convolve_image(x, W, padding="valid"),
                        "columns flipped only": convolve_image(x, W[:, ::-1], padding="valid")})


@layer(
    "s54b", "definition", "The index of the hidden output", r"y_i", expect="scan",
    corrected_formula=r"y_j",
    reason="the kernel k_{ij} leads from channel i to map j; two later builds of the slide have "
           "y_j. With as many maps as channels the slip does not show in the sizes", cases=[KIT],
    source_kind="words")
def output_index(s):
    k = s.K.swapaxes(0, 1)                                 # k[i, j], input first
    return Sides(truth=len(s.loops(correlate_inside, B=0 * s.B)), printed=len(k),
                 corrected=len(s.matrices(B=0 * s.B)), elsewhere=k.shape[1], wrong={"one output": 1})


@layer("s54c", "identity", "(9): the total output", r"y_j=\sum k_{ij}*x_i",
       reason="the sum names no index; only i can be meant", rewritten=r"y_j=\sum_ik_{ij}*x_i")
def total_output(s):
    turned = flip(s.K)
    over_j = np.stack([sum(convolve_image(s.Y[i], turned[j, i], padding="valid")
                           for j in range(s.D)) for i in range(s.C)])
    return Sides(truth=s.loops(correlate_inside, B=0 * s.B), printed=s.matrices(K=turned, B=0 * s.B),
                 wrong={"summed over j": over_j, "kernels not turned": s.matrices(B=0 * s.B)})


@lecture.claim("s54d/size", "dimension", "A feature map is a two-dimensional grid",
               r"m-k+1,\;m+k-1,\;m", cases=[{"f": (6, 7), "g": (3, 5)}],
               reason="which of the three is left to slides 55 and 59", source_kind="own")
def grid(e, f, g):
    x, k = np.ones(f, dtype=int), np.ones(g, dtype=int)
    places = [(r, c) for r in range(-9, 20) for c in range(-9, 20)]
    meets = [sum(1 for r, c in places if test(r, c)) for test in (
        lambda r, c: r >= 0 and c >= 0 and r + g[0] <= f[0] and c + g[1] <= f[1],
        lambda r, c: -g[0] < r < f[0] and -g[1] < c < f[1],
        lambda r, c: 0 <= r < f[0] and 0 <= c < f[1])]
    have = [convolve_image(x, k, padding="valid"), convolve_full(x, k), convolve_image(x, k)]
    return Sides(truth=([4, 3], meets), printed=(have[0].shape, [a.size for a in have]),
                 wrong={"transposed": (have[0].T.shape, [a.size for a in have])})
