"""Introduction XIX to XXI: the convolution of functions and its properties.

Functions that are constant from one whole number to the next are convolved exactly: between
half-way points nothing changes, so their integrals are finite sums.
"""

from fractions import Fraction

import numpy as np

from cnnmat import correlate_image, loops
from cnnmat.derivations.chaurasia.setting import lecture
from cnnmat.derivations.tables import table
from cnnmat.textbook.images import convolve_full
from cnnmat.verify import Sides

HALF = Fraction(1, 2)
LENGTHS = [{"F": 1, "G": 2}, {"F": 3, "G": 5}]
IMAGES = [{"F": (1, 3), "G": (1, 2)}, {"F": (3, 4), "G": (2, 3)}]


def step(values):
    """The function that is values[k] from k to k + 1, and 0 elsewhere."""
    return lambda x: values[int(x // 1)] if 0 <= x < len(values) else 0


def integral(function, reach=12):
    """∫ of a function that is constant between whole numbers and 0 outside ±reach."""
    return sum(function(k + HALF) for k in range(-reach, reach))


def full(f, g):
    """f * g of two lists, by plain loops."""
    return loops.convolve([list(f)], [list(g)])[0]


def curve(values):
    """(f*g)(t) for t = -1, ..., F+G+1, from the discrete convolution: 0 at 0 and outside."""
    return [0, 0, *values, 0, 0]


def pair(e, F, G):
    f, g = e.symbols("f", F), e.symbols("g", G)
    return f, g, step(f.tolist()), step(g.tolist()), range(-1, F + G + 2)


@table(lecture.claim, kind="definition", cases=LENGTHS)
def integrated(e, integrand, wrong, F, G):
    f, g, at_f, at_g, times = pair(e, F, G)
    discrete = curve(convolve_full(f, g).tolist())

    def by(form):
        return [integral(lambda tau, t=t: form(at_f, at_g, t, tau)) for t in times]

    return Sides(truth=[curve(full(f, g))] * 2, printed=[by(integrand), discrete],
                 wrong={name: [by(form), discrete] for name, form in wrong.items()})


integrated("eq0.1", "Convolution of two functions, held against that of their steps",
           r"(f*g)(t):=\int_{-\infty}^{\infty}f(\tau)g(t-\tau)d\tau",
           lambda f, g, t, tau: f(tau) * g(t - tau),
           wrong={"a correlation": lambda f, g, t, tau: f(tau) * g(t + tau),
                  "g not shifted": lambda f, g, t, tau: f(tau) * g(-tau)})
integrated("eq0.2", "The other factor may be reversed and shifted instead",
           r"(f*g)(t):=\int_{-\infty}^{\infty}f(t-\tau)g(\tau)d\tau",
           lambda f, g, t, tau: f(t - tau) * g(tau),
           wrong={"the difference reversed": lambda f, g, t, tau: f(tau - t) * g(tau)},
           kind="identity")
integrated("eq0.3", "The engineers' way of writing it",
           r"f(t)*g(t):=\underbrace{\int_{-\infty}^{\infty}f(\tau)g(t-\tau)d\tau}_{(f*g)(t)}",
           lambda f, g, t, tau: f(tau) * g(t - tau),
           wrong={"t put in on both sides": lambda f, g, t, tau: f(tau - 1) * g(t - 1 - tau),
                  "a product of the values at t": lambda f, g, t, tau: f(t - HALF) * g(t - HALF)
                  if tau == HALF else 0},
           reason="unsafe as a rule for substitution: f(t-a) * g(t-a) is (f*g)(t-2a)")


@lecture.claim(
    "in19a", "identity", "Reverse one factor, then shift it by t: that is g(t - τ)",
    r"g(\tau)\rightarrow g(-\tau),\quad g(t-\tau)", cases=[{"G": 2}, {"G": 3}])
def reverse_and_shift(e, G):
    g = e.symbols("g", G).tolist()
    at = dict(enumerate(g))
    places = range(-6, 7)
    truth = [[at.get(t - tau, 0) for tau in places] for t in range(-2, 5)]

    def reverse(function):
        return lambda tau: function(-tau)

    def delay(function, t):
        return lambda tau: function(tau - t)

    def values(make):
        return [[make(t)(tau) for tau in places] for t in range(-2, 5)]

    def g_at(tau):
        return at.get(tau, 0)

    return Sides(truth=truth, printed=values(lambda t: delay(reverse(g_at), t)),
                 wrong={"shifted before it is reversed": values(lambda t: reverse(delay(g_at, t))),
                        "not reversed": values(lambda t: delay(g_at, t))})


@lecture.claim(
    "in20a", "algorithm", "Slide the reversed g over f and sum what overlaps",
    r"t:-\infty\to+\infty,\quad\sum_\tau f(\tau)g(t-\tau)", cases=LENGTHS, source_kind="words")
def slide(e, F, G):
    f, g = e.symbols("f", F), e.symbols("g", G)
    truth = full(f, g)
    sliding = correlate_image(f, g[::-1], padding=[(G - 1, G - 1)])
    short, long = (f, g) if F < G else (g, f)
    return Sides(truth=(truth, F + G - 1), printed=(sliding, len(sliding)),
                 wrong={"only where all of it overlaps": (
                     correlate_image(long, short[::-1], padding=0), len(long) - len(short) + 1),
                     "not reversed": (correlate_image(f, g, padding=[(G - 1, G - 1)]), F + G - 1)})


@lecture.claim(
    "in20b", "identity", "At every t it is the area under f weighted by g(t - τ)",
    r"(f*g)(t)=\int f(\tau)\,g(t-\tau)\,d\tau", cases=LENGTHS, source_kind="words")
def weighted_area(e, F, G):
    f, _, at_f, at_g, times = pair(e, F, G)
    weights = np.array([[at_g(t - (k + HALF)) for k in range(F)] for t in times], dtype=object)
    shifted = np.array([[at_g(t + 1 - (k + HALF)) for k in range(F)] for t in times], dtype=object)
    truth = [integral(lambda tau, t=t: at_g(tau) * at_f(t - tau)) for t in times]
    return Sides(truth=truth, printed=weights @ f,
                 wrong={"one step late": shifted @ f},
                 show={"g(t - τ), one row a t": np.array(
                     [[step([1, 2])(t - (k + HALF)) for k in range(3)] for t in range(6)])})


@lecture.claim(
    "in20c", "algorithm", "It is enough to integrate where the two functions overlap",
    r"\text{wherever neither }f(\tau)\text{ nor }g(t-\tau)\text{ is }0", source_kind="words",
    cases=[{"F": (1, 1), "G": (2,)}, {"F": (1, 2, 3), "G": (2, 1)}],
    reason="what the slide calls to intersect: that the curves cross is neither needed nor enough")
def intersect(e, F, G):
    f, g, times = step(F), step(G), range(-1, len(F) + len(G) + 2)

    def by(condition):
        return [integral(lambda tau, t=t: f(tau) * g(t - tau) * condition(f(tau), g(t - tau)))
                for t in times]

    return Sides(truth=curve(full(F, G)), printed=by(lambda a, b: a != 0 and b != 0),
                 wrong={"where the curves cross": by(lambda a, b: a == b),
                        "where f is the larger": by(lambda a, b: a > b)})


@lecture.claim(
    "in21a", "identity", "Convolution is commutative", r"f*g=g*f", cases=IMAGES)
def commutative(e, F, G):
    f, g = e.symbols("f", *F), e.symbols("g", *G)
    truth = loops.convolve(f.tolist(), g.tolist())
    around = [(n - 1, n - 1) for n in F]
    return Sides(truth=[truth, loops.convolve(g.tolist(), f.tolist())],
                 printed=[convolve_full(g, f), convolve_full(f, g)],
                 wrong={"correlation": [correlate_image(g, f, padding=around), convolve_full(f, g)]})


class Sequence:
    """A function on the whole numbers, and where it may differ from 0, if that is a finite list."""

    def __init__(self, at, places=None, starts=False):
        self.at, self.places = at, places
        self.starts = starts or places is not None


def listed(*values):
    return Sequence(lambda n: values[n] if 0 <= n < len(values) else 0, range(len(values)))


ONE = Sequence(lambda n: 1)
STEP = Sequence(lambda n: int(n >= 0), starts=True)
FAR = range(-40, 41)


def star(f, g):
    """f * g where g, or f far out, is zero: a finite sum."""
    places = g.places if g.places is not None else FAR
    return Sequence(lambda n: sum(f.at(n - m) * g.at(m) for m in places))


def star_from(f, g):
    """f * g, summed over the places of f within ±40."""
    return Sequence(lambda n: sum(f.at(m) * g.at(n - m) for m in FAR))


@lecture.claim(
    "in21b", "identity", "Associativity for every three piecewise continuous functions",
    "f*(g*h)=(f*g)*h", expect="misprint",
    corrected_formula=r"f*(g*h)=(f*g)*h\text{ where all three vanish left of some point, or are integrable}",
    reason="an assumption is missing: for f = 1, g = one up, one down, and h the unit step f*g is 0, but g*h is "
           "a pulse of area 1, so that (f*g)*h = 0 and f*(g*h) = 1, though all four exist. Invisible on "
           "arrays, which are finite")
def associative(e):
    triples = [(listed(2, -1), listed(1, 3, 5), listed(4, 0, 7, 1)),
               (STEP, listed(1, -1), STEP), (listed(1, 2), listed(3, -3), STEP),
               (ONE, listed(1, -1), STEP)]
    truth = []
    for f, g, h in triples:
        left, right = star_from(star(f, g), h), star_from(f, star_from(g, h))
        truth.append(all(left.at(n) == right.at(n) for n in range(-4, 9)))
    a, b, c = (np.array([one.at(n) for n in one.places]) for one in triples[0])
    finite = bool((convolve_full(a, convolve_full(b, c)) == convolve_full(convolve_full(a, b), c)).all())
    return Sides(truth=truth, printed=[finite, True, True, True],
                 corrected=[finite, *(f.starts and g.starts and h.starts for f, g, h in triples[1:])],
                 wrong={"for finite supports only": [True, False, False, False]})


@lecture.claim(
    "in21b/finite", "identity", "Associativity of finite sequences", r"f*(g*h)=(f*g)*h",
    cases=[{"F": 1, "G": 2, "H": 2}, {"F": 2, "G": 3, "H": 4}], source_kind="consequence")
def associative_when_finite(e, F, G, H):
    f, g, h = e.symbols("f", F), e.symbols("g", G), e.symbols("h", H)
    nested = correlate_image(f, correlate_image(g, h, padding=[(H - 1, H - 1)]),
                             padding=[(G + H - 2, G + H - 2)])
    return Sides(truth=full(full(f, g), h), printed=convolve_full(f, convolve_full(g, h)),
                 wrong={"correlation": nested})


@lecture.claim(
    "in21c", "identity", "Convolution is distributive", r"f*(g+h)=f*g+f*h",
    cases=[{"F": 1, "G": 2}, {"F": 3, "G": 4}])
def distributive(e, F, G):
    f, g, h = e.symbols("f", F), e.symbols("g", G), e.symbols("h", G)
    return Sides(truth=full(f, g + h), printed=convolve_full(f, g) + convolve_full(f, h),
                 wrong={"over products": convolve_full(f, g) * convolve_full(f, h),
                        "f twice": convolve_full(f + f, g + h)})


@lecture.claim(
    "in21d", "identity", "Zero is called the neutral element", r"\text{Neutral element: }f*0=0",
    expect="misprint", corrected_formula=r"\text{Absorbing element: }f*0=0",
    reason="the equation is right, but a neutral element would leave f as it is; 0 absorbs, and the "
           "neutral element is the δ of the next line", cases=[{"F": 1}, {"F": 3}])
def zero(e, F):
    f = e.symbols("f", F)
    return Sides(truth=full(f, [0]), printed=f, corrected=convolve_full(f, [0]),
                 wrong={"δ": convolve_full(f, [1])})


@lecture.claim(
    "in21d/equation", "identity", "Convolution with zero gives zero", r"f*0=0",
    cases=[{"F": 3, "G": 2}])
def with_zero(e, F, G):
    f = e.symbols("f", F)
    return Sides(truth=full(f, [0] * G), printed=convolve_full(f, [0] * G),
                 wrong={"one entry not zero": convolve_full(f, [0, 1])})


@lecture.claim(
    "in21e", "identity", "The unit pulse is the identity", r"f*\delta=f", cases=[{"F": (1, 3)}, {"F": (3, 4)}],
    reason="of functions of a real variable none does that: δ is a distribution, not piecewise continuous")
def pulse(e, F):
    f = e.symbols("f", *F)
    late = convolve_full(f, [[0, 1]])
    return Sides(truth=(f, loops.convolve(f.tolist(), [[1, 0]])),
                 printed=(convolve_full(f, [[1]]), convolve_full(f, [[1, 0]])),
                 wrong={"a pulse at 1": (late[:, :-1], late)})
