"""Slides 79 to 81: contrast normalisation, equations (15) to (17)."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import gaussian, loops
from cnnmat.derivations.mendez.conventions import ZEROS
from cnnmat.derivations.mendez.setting import inner, lecture
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import correlate_image
from cnnmat.textbook.normalization import brightness, brightness_back, subtractive, subtractive_back
from cnnmat.verify import Sides, exact

lecture.remark("slide 80", "the first build numbers the Gaussian (1), later builds (16)")


def by_every_entry(e, function, Y):
    """The derivative of every entry of the maps function(Y), row by row."""
    D, H, W = Y.shape
    return [e.gradient(lambda maps, i=i, r=r, s=s: function(maps)[i][r][s], Y)
            for i in range(D) for r in range(H) for s in range(W)]


SUBTRACT = r"Y_i^{(l)}=Y_i^{(l-1)}-\sum_{j=1}^{m_1^{(l-1)}}K_{G(\sigma)}*Y_j^{(l-1)}"


@lecture.claim("s79a", "identity", "Neighbours in a map compete",
               r"\partial Y_i(p)/\partial Y_j(q)=[i=j][p=q]-K(p-q)",
               cases=[{"D": 2, "shape": (2, 3), "kernel": (3, 3)}],
               reason="negative for every neighbour where K is positive, zero outside the window",
               source_kind="words", assumes=ZEROS)
def neighbours(e, D, shape, kernel):
    Y, K = e.integers(D, *shape), e.symbols("K", *kernel)
    truth = by_every_entry(e, lambda maps: loops.subtract_surround(maps, K.tolist()), Y)

    def slopes(sign):
        rows = []
        for i, r, s in np.ndindex(Y.shape):
            one = np.zeros(Y.shape, dtype=object)
            for j, a, b in np.ndindex(Y.shape):
                near = abs(r - a) <= 1 and abs(s - b) <= 1
                one[j, a, b] = int((i, r, s) == (j, a, b)) + (
                    K[r - a + 1, s - b + 1] * sign if near else 0)
            rows.append(one)
        return rows

    return Sides(truth=truth, printed=slopes(-1), wrong={"the surround added": slopes(1)})


@lecture.claim("s79b", "identity", "Units at one place compete across maps",
               r"\partial Y_i(p)/\partial Y_j(p)=-2\lambda\mu X_iX_jD^{-\mu-1},\;i\ne j",
               cases=[{"D": 2, "shape": (1, 2)}], rational=True,
               covers="not positive where X_i X_j is not negative, as after ReLU; mu = 2",
               source_kind="words")
def across_maps(e, D, shape):
    X, kappa, lam = e.symbols("X", D, *shape), e.symbols("kappa"), e.symbols("lambda")
    truth = by_every_entry(e, lambda m: loops.divide_brightness(m, kappa, lam, lambda d: d * d), X)
    bracket = (X * X).sum(axis=0) * lam + kappa

    def slopes(factor):
        rows = []
        for i, r, s in np.ndindex(X.shape):
            one, d = np.zeros(X.shape, dtype=object), bracket[r, s]
            for j in range(D):
                one[j, r, s] = int(i == j) / d**2 - factor * lam * X[i, r, s] * X[j, r, s] / d**3
            rows.append(one)
        return rows

    return Sides(truth=truth, printed=slopes(4), wrong={"without the 2": slopes(2)})


SURROUND = [{"D": 1, "shape": (2, 3), "kernel": (1, 3)}, {"D": 3, "shape": (4, 5), "kernel": (3, 3)}]


def surround_entries(e, D, shape, kernel):
    Y = e.symbols("Y", D, *shape) if D == 1 else e.integers(D, *shape)
    return Y, e.symbols("K", *kernel)


@lecture.claim("s80a", "definition", "(15): subtractive normalisation", SUBTRACT, cases=SURROUND,
               reason="one kernel for all maps", assumes=ZEROS)
def subtraction(e, D, shape, kernel):
    Y, K = surround_entries(e, D, shape, kernel)
    Y = Y.astype(object)
    own = np.stack([subtractive(one[None], K)[0] for one in Y])
    wrong = {"K turned": subtractive(Y, K[::-1, ::-1]), "surround added": subtractive(Y, -K)}
    if D > 1:
        wrong["own map only"] = own
    return Sides(truth=loops.subtract_surround(Y.tolist(), K.tolist()), printed=subtractive(Y, K),
                 wrong=wrong)


@lecture.claim(
    "s80b/size", "dimension", "Subtractive normalisation keeps number and size of the maps",
    r"m_1^{(l)}=m_1^{(l-1)}", assumes=ZEROS, cases=[{"D": 3, "shape": (4, 5), "kernel": (3, 3)}],
    reason="slide 59's convolution stays inside the map; what comes out of it would be smaller, and "
           "could not be subtracted")
def size_kept(e, D, shape, kernel):
    Y, K = surround_entries(e, D, shape, kernel)
    Y = Y.astype(object)
    looped = loops.subtract_surround(Y.tolist(), K.tolist())
    inside = correlate_image(Y.sum(axis=0), K[::-1, ::-1], padding="valid")
    return Sides(truth=(len(looped), len(looped[0]), len(looped[0][0])),
                 printed=subtractive(Y, K).shape, wrong={"inside the map": (D, *inside.shape)})


@lecture.claim(
    "s80c", "definition", "(16): the sign in the Gaussian's exponent",
    r"\exp\left\{\frac{r^2+s^2}{2\sigma^2}\right\}", expect="misprint",
    corrected_formula=r"\exp\left\{-\frac{r^2+s^2}{2\sigma^2}\right\}",
    reason="printed grows away from the centre, which would weigh least; all three builds. "
           "Invisible at the centre itself", cases=[{"h": 0, "sigma": 1.0}, {"h": 2, "sigma": 1.5}])
def exponent(e, h, sigma):
    q = math.exp(-1 / (2 * sigma**2))
    r = np.arange(-h, h + 1)
    square = (r[:, None] ** 2 + r**2) / (2 * sigma**2)
    mask = gaussian(h, sigma, normalize=False)
    return Sides(truth=[[q ** (a * a) * q ** (b * b) for b in r.tolist()] for a in r.tolist()],
                 printed=np.exp(square), corrected=mask / mask[h, h],
                 wrong={"without the 2": np.exp(-2 * square)})


@table(lecture.claim, kind="definition", expect="misprint", corrected_formula=r"\frac1{2\pi\sigma^2}",
       assumes={"the Gaussian of slide 80 is": "a density in the plane"},
       cases=[{"h": 10, "sigma": 1.0}, {"h": 24, "sigma": 2.0}])
def factor(e, printed, h, sigma):
    """The sum of the samples on a wide window, of which there is next to nothing outside."""
    whole = gaussian(h, sigma, normalize=False).sum() * 2 * math.pi * sigma**2
    # rounded: at sigma = 1 the samples' sum differs from the integral by 1e-8
    return Sides(truth=1.0, printed=round(whole * printed(sigma), 6),
                 corrected=round(gaussian(h, sigma, normalize=False).sum(), 6),
                 wrong={"without the 2": round(whole / (math.pi * sigma**2), 6),
                        "sigma not squared": round(whole / (2 * math.pi * sigma), 6)})


factor("s80d", "(16): the Gaussian's factor", r"\frac{1}{\sqrt{2\pi}\sigma^2}",
       lambda sigma: 1 / (math.sqrt(2 * math.pi) * sigma**2),
       reason="pi has lost its power or gained a root; so in the first and the last build")
factor("s80d/build", "(16), second build: the Gaussian's factor", r"\frac{1}{\sqrt{2\pi\sigma^2}}",
       lambda sigma: 1 / math.sqrt(2 * math.pi * sigma**2),
       reason="the root reaches further than in the other builds, which is the scanner's, and the factor "
              "is that of a density on the line")


@lecture.claim(
    "s80e", "identity", "What becomes of a constant image", SUBTRACT, expect="ambiguous",
    corrected_formula=r"Y_i-\frac1{m_1}\sum_jK*Y_j,\;\textstyle\sum K=1",
    reason="nothing says to what the weights sum. If to 1 in the window, D equal maps c become "
           "c(1-D); if to 1 over window and maps together, as in the paper that slide 75 cites, "
           "they become 0. cnnmat takes the second; one map hides the difference",
    cases=[{"D": 1}, {"D": 2}, {"D": 3}], cites={
        "1 over window and maps": "slide 75 cites Jarrett and others, whose weights sum to 1 so",
        "1 over the window": "(16) is one Gaussian, the same for every map"})
def constant_image(e, D):
    c = e.symbols("c")
    Y = np.full((D, 1, 5), c)
    K = np.array([[1, 2, 1]], dtype=object)              # 4 K, so that symbols stay polynomials
    inside = (slice(None), slice(None), slice(1, -1))

    def become(maps):
        return (Y - (Y - subtractive(Y, K)) / (4 * maps))[inside]

    return Sides(truth=np.zeros((D, 1, 3), dtype=int), readings={
        "1 over window and maps": become(D), "1 over the window": become(1)}, wrong={"weights not divided": subtractive(Y, K)[inside]})


@lecture.claim("s80f", "gradient", "(15) backwards",
               r"\partial L/\partial Y_j^{(l-1)}=\delta_j-K\star\sum_i\delta_i",
               cases=[{"D": 2, "shape": (2, 3), "kernel": (3, 3)}],
               reason="for any K; the Gaussian is even and hides which product it is",
               source_kind="own", assumes=ZEROS)
def subtraction_back(e, D, shape, kernel):
    Y, delta, K = e.integers(D, *shape), e.symbols("delta", D, *shape), e.symbols("K", *kernel)

    def loss(maps):
        return inner(loops.subtract_surround(maps, K.tolist()), delta.tolist())

    own = np.stack([subtractive_back(one[None], K)[0] for one in delta])
    return Sides(truth=e.gradient(loss, Y), printed=subtractive_back(delta, K),
                 wrong={"the convolution again": subtractive(delta, K), "own map only": own})


BRIGHT = r"(Y_i^{(l)})_{r,s}=\frac{(Y_i^{(l-1)})_{r,s}}{\left(\kappa+\lambda\sum_{j=1}^{m_1^{(l-1)}}" \
         r"(Y_j^{(l-1)})_{r,s}^2\right)^{\mu}}"
MU = [{"D": 3, "shape": (1, 2), "mu": 1}, {"D": 2, "shape": (2, 1), "mu": 2},
      {"D": 2, "shape": (2, 2), "mu": 1, "numbers": True}]


@lecture.claim("s81a", "definition", "(17): brightness normalisation", BRIGHT, cases=MU, rational=True)
def bright(e, D, shape, mu, numbers=False):
    Y = e.integers(D, *shape) if numbers else e.symbols("Y", D, *shape)
    kappa, lam = e.symbols("kappa"), e.symbols("lambda")
    total = Y.sum(axis=0)
    return Sides(truth=loops.divide_brightness(Y.tolist(), kappa, lam, lambda d: d**mu),
                 printed=brightness(Y, kappa, lam, mu),
                 wrong={"squared after the sum": Y / (total * total * lam + kappa) ** mu,
                        "another power": brightness(Y, kappa, lam, mu + 1)})


@lecture.claim("s81b", "gradient", "(17) backwards",
               r"D^{-\mu}\delta_j-2\lambda\mu D^{-\mu-1}X_j\sum_iX_i\delta_i",
               cases=[{"D": 2, "shape": (1, 2)}], rational=True,
               covers="every exponent mu; the Jacobian is symmetric, so a transpose does not show",
               source_kind="own")
def bright_back(e, D, shape):
    X, delta = e.symbols("X", D, *shape), e.symbols("delta", D, *shape)
    kappa, lam, mu = e.symbols("kappa"), e.symbols("lambda"), e.symbols("mu")
    power = exact.Opaque(e.ring, "power", lambda d, value: mu * value / d)

    def loss(maps):
        return inner(loops.divide_brightness(maps, kappa, lam, power), delta.tolist())

    have = brightness_back(X, delta, kappa, lam, mu, power=power)
    direct = delta / power((X * X).sum(axis=0) * lam + kappa)
    alone = np.stack([brightness_back(X, delta * (np.arange(D) != j)[:, None, None], kappa, lam, mu,
                                      power=power)[j] + direct[j] for j in range(D)])
    return Sides(truth=e.gradient(loss, X), printed=have,
                 wrong={"without the 2": (have + direct) / 2, "other maps only": alone})


@lecture.claim("s81c/size", "dimension", "Brightness keeps the sizes and acts at one place",
               r"\partial(Y_i^{(l)})_{r,s}/\partial(Y_j^{(l-1)})_{p,q}=0,\;(p,q)\ne(r,s)",
               cases=[{"D": 3, "shape": (2, 3)}], source_kind="consequence")
def one_place(e, D, shape):
    X = e.integers(D, *shape, low=1).astype(object)
    near = e.gradient(lambda m: loops.divide_brightness(m, 1, 1, lambda d: d)[0][0][1],
                      X * Fraction(1))
    far = np.zeros(X.shape, dtype=int)
    far[:, 0, 1] = 1
    return Sides(truth=((D, *shape), (near != 0).astype(int)),
                 printed=(brightness(X, 1, 1, 1).shape, far),
                 wrong={"the whole row": ((D, *shape), np.ones_like(far)),
                        "transposed": ((D, *shape[::-1]), far)})


@lecture.claim("s81d", "identity", "What the three hyperparameters do",
               r"\mu=\tfrac12,\;\kappa=0,\;\lambda=1:\;\sum_i(Y_i^{(l)})_{r,s}^2=1",
               cases=[{"D": 2, "shape": (2, 3)}], reason="mu = ½, kappa = 0: length 1 across maps",
               source_kind="consequence")
def hyperparameters(e, D, shape):
    X = e.floats(D, *shape)
    looped = loops.divide_brightness(X.tolist(), 0.0, 1.0, math.sqrt)
    lengths = [[math.hypot(*(m[r][s] for m in looped)) for s in range(shape[1])]
               for r in range(shape[0])]
    truth = (looped, lengths, X, X / 9)
    rest = (brightness(X, 5, 2, 0), brightness(X, 3, 0, 2))
    unit = np.ones(shape)
    return Sides(truth=truth, printed=(brightness(X, 0, 1, 0.5), unit, *rest),
                 wrong={"mu = 1": (brightness(X, 0, 1, 1), unit, *rest)})
