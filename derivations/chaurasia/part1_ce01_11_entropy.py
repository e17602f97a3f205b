"""Cross-Entropy Loss Function I to XI: targets, entropy, the three containers."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import loops, softmax
from cnnmat.derivations.chaurasia.setting import (
    BITS,
    CLASSES,
    CONTAINERS,
    LOGITS,
    OUTPUT,
    lecture,
    log,
    rounded,
    worked,
)
from cnnmat.derivations.tables import table
from cnnmat.textbook.risks import categorical_cross_entropy, entropy, normalize, one_hot
from cnnmat.verify import Sides

PRINTED = (0.5665, 0.9968, 0.2108)
SHARES = [[n / 30 for n in pair] for pair in CONTAINERS]


@lecture.claim(
    "ce1a", "dimension", "Four classes: target and output have four entries, which sum to one",
    r"[1,0,0,0],\quad[0.775,0.116,0.039,0.070]")
def four_classes(e):
    def sums(values):
        return sum(Fraction(str(one)) for one in values)

    return Sides(truth=(len(CLASSES), len(CLASSES), Fraction(1), Fraction(1)),
                 printed=(4, len(OUTPUT), sums(OUTPUT), sums(one_hot(0, 4).tolist())),
                 wrong={"0.126 for the cat": (4, 4, sums((0.775, 0.126, 0.039, 0.070)), 1)})


@lecture.claim(
    "ce2a", "definition", "The loss measures how far the output is from the truth",
    r"L_{CE}(t,p)\ge0,\quad L_{CE}(t,p)=0\iff p=t\text{ for one-hot }t", source_kind="words",
    reason="no distance in the sense of a metric: exchanging the two arguments changes it")
def measure_of_distance(e):
    t, outputs = [0, 1, 0], [(0.0, 1.0, 0.0), (0.25, 0.5, 0.25), (0.5, 0.25, 0.25)]
    truth = [loops.surprise(t, list(p), math.log2) for p in outputs]

    def loss(target):
        return categorical_cross_entropy([target] * 2, outputs[1:], base=2)

    return Sides(truth=(truth, [False, True, True]),
                 printed=(categorical_cross_entropy([t] * 3, outputs, base=2), [p[1] < 1 for p in outputs]),
                 wrong={"from another truth": ([0, *loss([1, 0, 0])], [False, True, True]),
                        "the sign": ([0, *-loss(t)], [False, True, True])})


@lecture.claim(
    "ce4a", "example", "The output printed is the softmax of the logits on slide Softmax III",
    "[0.775,0.116,0.039,0.070]",
    rewritten=r"S(3.2,1.3,0.2,0.8)=[0.775,0.116,0.039,0.070]")
def output_of_the_logits(e):
    return worked(list(OUTPUT), 3, truth=loops.softmax(list(LOGITS), math.exp), shipped=softmax(LOGITS),
                  wrong={"0.126 for the cat": [0.775, 0.126, 0.039, 0.070],
                         "powers of 2": normalize(2.0 ** np.array(LOGITS))})


@lecture.claim(
    "ce5a", "definition", "Entropy of a discrete variable",
    r"H(X)=\sum_x p(x)\log p(x)", expect="scan",
    corrected_formula=r"H(X)=-\sum_x p(x)\log p(x)",
    reason="the minus sign is lost, and a fair coin would have the entropy -1; the three worked "
           "entropies begin with it. (Whether the scanner or the author lost it cannot be told.) "
           "Invisible for a sure outcome, whose entropy is 0",
    cases=[{"p": (1.0,)}, {"p": (0.5, 0.5)}, {"p": (0.5, 0.25, 0.125, 0.125)}, {"p": None}])
def discrete_entropy(e, p):
    f = math.log2 if p else e.function("log")
    p = np.array(p) if p else e.symbols("p", 3)
    logs = np.log2(p) if p.dtype == float else f(p)
    shipped = entropy(p, base=2) if p.dtype == float else entropy(p, log=f)
    return Sides(truth=loops.surprise(p.tolist(), p.tolist(), f) + 0, printed=(p * logs).sum() + 0,
                 corrected=shipped, elsewhere=-(p * logs).sum() + 0,
                 wrong={"not weighted": -logs.sum(), "weights squared": -(p * p * logs).sum(),
                        "1 - p in the logarithm": -(p * (np.log2(1 - p / 2) if p.dtype == float
                                                         else f(1 - p))).sum()})


@lecture.claim(
    "ce5b", "definition", "Entropy of a continuous variable",
    r"H(X)=-\int_x p(x)\log p(x)",
    reason="the dx is left out, which misleads nobody: the letter below the integral names the variable. A "
           "continuous entropy may be negative, as for a density on half a unit",
    cases=[{"widths": (2.0,), "shares": (1.0,)}, {"widths": (0.5,), "shares": (1.0,)},
           {"widths": (2.0, 0.5, 1.0), "shares": (0.5, 0.25, 0.25)}])
def continuous_entropy(e, widths, shares):
    w, q = np.array(widths), np.array(shares)
    steps = 4    # every piece of the density, q/w high, in four steps
    grid = [(q_i / w_i, w_i / steps) for q_i, w_i in zip(shares, widths, strict=True)
            for _ in range(steps)]
    integral = -sum(dx * height * math.log2(height) for height, dx in grid)
    heights = np.array([height for height, _ in grid])
    right = entropy(q, base=2) + q @ np.log2(w)
    return Sides(truth=integral, printed=right,
                 wrong={"values on a grid summed without dx": -(heights * np.log2(heights)).sum(),
                        "of the shares alone": entropy(q, base=2)})


@lecture.claim(
    "ce5c", "identity", "The larger the entropy, the less certain the outcome",
    r"H(p)\text{ falls as }|p-\tfrac12|\text{ grows},\quad H\le\log n", source_kind="words")
def entropy_orders(e):
    chances = [k / 30 for k in (15, 16, 19, 23, 26, 29)]
    uniform = [[1 / n] * n for n in (2, 4, 8)]
    rank = sorted(range(6), key=lambda k: abs(chances[k] - 0.5), reverse=True)

    def sides(measure):
        return ([int(k) for k in np.argsort([measure([c, 1 - c]) for c in chances])],
                [float(measure(p)) for p in (*uniform, [0.5, 0.25, 0.25])])

    return Sides(truth=(rank, [1.0, 2.0, 3.0, 1.5]), printed=sides(lambda p: entropy(p, base=2)),
                 wrong={"1 less the largest probability": sides(lambda p: 1 - max(p)),
                        "the largest probability": sides(max)})


@lecture.claim(
    "ce7a", "example", "Chances of a triangle and a circle in each container",
    r"26/30,\quad4/30,\quad14/30,\quad16/30,\quad29/30,\quad1/30")
def containers(e):
    counted = [["triangle"] * a + ["circle"] * b for a, b in CONTAINERS]
    chances = [[Fraction(one.count(kind), len(one)) for kind in ("triangle", "circle")]
               for one in counted]
    printed = [[Fraction(26, 30), Fraction(4, 30)], [Fraction(14, 30), Fraction(16, 30)],
               [Fraction(1, 30), Fraction(29, 30)]]
    other = [printed[0], [Fraction(14, 30), Fraction(15, 30)], printed[2]]
    return Sides(truth=(chances, [1, 1, 1]), printed=(printed, [sum(p) for p in printed]),
                 wrong={"15/30 in the second": (other, [sum(p) for p in other])})


@lecture.claim(
    "ce7b", "identity", "Most certain is a pick from container 3, least from 2, which is nearly even",
    r"\tfrac{29}{30}>\tfrac{26}{30}>\tfrac{16}{30}\approx\tfrac12", source_kind="words")
def certainty(e):
    order = sorted((1, 2, 3), key=lambda k: max(CONTAINERS[k - 1]), reverse=True)
    return Sides(truth=(order, Fraction(max(CONTAINERS[1]), 30) - Fraction(1, 2)),
                 printed=([3, 1, 2], Fraction(1, 30)),
                 wrong={"container 1 first": ([1, 3, 2], Fraction(1, 30))})


@table(lecture.claim, kind="example")
def entropy_in_bits(e, container, printed):
    p = SHARES[container - 1]
    return worked(printed, 4, truth=loops.surprise(p, p, math.log2), shipped=entropy(p, base=2),
                  wrong={"natural logarithm": entropy(p), "base ten": entropy(p, base=10),
                         "the first term only": -p[0] * math.log2(p[0])})


@table(lecture.claim, kind="identity", assumes=BITS)
def two_terms(e, container):
    q, f = e.symbols("p", 2), e.function("log2")
    return Sides(truth=loops.surprise(q.tolist(), q.tolist(), f),
                 printed=-(q[0] * f(q[0]) + q[1] * f(q[1])),
                 wrong={"the sign for the first term only": -q[0] * f(q[0]) + q[1] * f(q[1])},
                 show={"chances": [[f"{count}/30" for count in CONTAINERS[container - 1]]]})


WRITTEN_OUT = r"-\sum_x p(x)\log(p(x))=-[p(x_1)\log_2(p(x_1))+p(x_2)\log_2(p(x_2))]"
entropy_in_bits("ce8a", "Entropy of container 1, in bits", r"-\left[\frac{26}{30}\log_2\left(\frac{26}{30}\right)+\frac{4}{30}\log_2\left(\frac{4}{30}\right)\right]=0.5665", 1, 0.5665)
two_terms("ce8a/terms", "Container 1: the sum over x written out has two terms", WRITTEN_OUT, 1)
entropy_in_bits("ce9a", "Entropy of container 2, in bits", r"-\left[\frac{14}{30}\log_2\left(\frac{14}{30}\right)+\frac{16}{30}\log_2\left(\frac{16}{30}\right)\right]=0.9968", 2, 0.9968)
two_terms("ce9a/terms", "Container 2: the sum over x written out has two terms", WRITTEN_OUT, 2)
entropy_in_bits("ce10a", "Entropy of container 3, in bits", r"-\left[\frac{1}{30}\log_2\left(\frac{1}{30}\right)+\frac{29}{30}\log_2\left(\frac{29}{30}\right)\right]=0.2108", 3, 0.2108)
two_terms("ce10a/terms", "Container 3: the sum over x written out has two terms", WRITTEN_OUT, 3)


@lecture.claim(
    "ce10b", "definition", "The first line, which has no base, gives the three numbers too",
    r"H(X)=-\sum_xp(x)\log(p(x))", assumes=BITS,
    reason="with base 2, as the lines below it write it and the numbers have it; the order of the three does not "
           "show the base. cnnmat takes base=2 where bits are meant")
def base_of_the_entropy(e):
    truth = [rounded(loops.surprise(p, p, math.log2), 4) for p in SHARES]

    def in_base(base):
        return rounded([entropy(p, base=base) for p in SHARES], 4)

    return Sides(truth=(truth, truth), printed=(PRINTED, in_base(2)),
                 wrong={"natural": (PRINTED, in_base(math.e)), "base ten": (PRINTED, in_base(10))})


@lecture.claim(
    "ce11a", "example", "Containers 1 and 3 have less entropy than 2, whatever the base",
    r"H_1<H_2,\quad H_3<H_2", source_kind="words")
def smaller_entropies(e):
    def order(values):
        return [bool(values[0] < values[1]), bool(values[2] < values[1]),
                bool(values[2] < values[0])]

    bases = (2, math.e, 10)
    truth = [order([loops.surprise(p, p, log(b)) for p in SHARES]) for b in bases]
    return Sides(truth=[truth, truth[0]],
                 printed=[[order(entropy(SHARES, base=b)) for b in bases], order(PRINTED)],
                 wrong={"container 1 below 3": [[[True, True, False]] * 3, order(PRINTED)]})


lecture.remark("ce5", "The entropy is written H(X) in the formula and H(x) in the sentence below it; it belongs to the "
               "variable, not to one of its values.")
