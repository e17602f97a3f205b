"""Softmax I to VIII: softmax, encodings of labels, standard normalisation."""

import math
from fractions import Fraction

import numpy as np

from cnnmat import activation, loops, softmax
from cnnmat.derivations.chaurasia.setting import CLASSES, LOGITS, SHARE, lecture, worked
from cnnmat.derivations.functions import exponential
from cnnmat.derivations.tables import table
from cnnmat.textbook.risks import normalize, one_hot
from cnnmat.verify import Sides

SIZES = [{"n": 2}, {"n": 4}]


def sigmoids(y):
    return activation("sigmoid")(np.array(y, dtype=float))


@lecture.claim(
    "sm1a", "definition", "Softmax: exponentials over their sum",
    r"S(y)_i=\frac{\exp(y_i)}{\sum_{j=1}^n\exp(y_j)}", rational=True, cases=SIZES)
def definition(e, n):
    y, exp = e.symbols("y", n), exponential(e)
    E = exp(y)
    return Sides(truth=loops.softmax(y.tolist(), exp), printed=normalize(E),
                 wrong={"the sum over the other classes": -E / (E - E.sum())})


@lecture.claim(
    "sm1a/shipped", "definition", "The shipped softmax, which takes the largest logit off first, is this one",
    r"S(y)_i=\frac{\exp(y_i)}{\sum_{j=1}^n\exp(y_j)}", cases=SIZES)
def shipped(e, n):
    y = e.floats(n)
    return Sides(truth=loops.softmax(y.tolist(), math.exp), printed=softmax(y),
                 wrong={"one sigmoid a class": sigmoids(y)})


@lecture.claim(
    "sm1b", "identity", "The outputs lie between 0 and 1 and sum to one",
    r"0<S(y)_i<1,\quad\sum_iS(y)_i=1", rational=True, cases=SIZES, source_kind="words")
def sums_to_one(e, n):
    y, exp = e.symbols("y", n), exponential(e)
    inside = [bool(0 < p < 1) for p in loops.softmax(list(LOGITS), math.exp)]
    S = softmax(LOGITS)
    between = ((S > 0) & (S < 1)).tolist()
    return Sides(truth=[sum(loops.softmax(y.tolist(), exp)), *inside], printed=[1, *between],
                 wrong={"one sigmoid a class": [(1 / (1 + 1 / exp(y))).sum(), *between]})


@lecture.claim(
    "sm1c", "dimension", "One probability for every class", r"v\in\mathbb{R}^n", cases=SIZES, source_kind="words")
def one_probability_a_class(e, n):
    y = e.floats(n)
    return Sides(truth=len(loops.softmax(y.tolist(), math.exp)), printed=softmax(y).size,
                 wrong={"the last one left out": n - 1})


@table(lecture.claim, kind="example")
def exponential_of(e, y, printed, near):
    series = sum(y**k / math.factorial(k) for k in range(30))
    return worked(printed, 4, truth=series, shipped=np.exp(y), wrong=near)


exponential_of("sm3a", "Exponential of 3.2", r"\exp(3.2)=24.5325", 3.2, 24.5325, {"2 to that power": 2**3.2})
exponential_of("sm3b", "Exponential of 1.3", r"\exp(1.3)=3.6693", 1.3, 3.6693, {"cut off": 3.6692})
exponential_of("sm3c", "Exponential of 0.2", r"\exp(0.2)=1.2214", 0.2, 1.2214, {"1 + 0.2": 1.2})
exponential_of("sm3d", "Exponential of 0.8", r"\exp(0.8)=2.2255", 0.8, 2.2255, {"10 to that power": 10**0.8})


@lecture.claim(
    "sm3e", "example", "First output from the exponentials as printed",
    r"S(3.2)=\frac{24.5325}{24.5325+3.6693+1.2214+2.2255}=0.775", assumes=SHARE)
def first_output(e):
    E = [Fraction(one) for one in ("24.5325", "3.6693", "1.2214", "2.2255")]
    return worked(0.775, 3, truth=E[0] / sum(E), shipped=softmax(LOGITS)[0],
                  wrong={"without itself in the sum": E[0] / sum(E[1:]), "the second output": E[1] / sum(E)})


@lecture.claim(
    "sm3e/written", "example", "The quotient of exponentials is the first entry of the softmax",
    r"S(3.2)=\frac{\exp(3.2)}{\exp(3.2)+\exp(1.3)+\exp(0.2)+\exp(0.8)}", assumes=SHARE)
def quotient(e):
    E = [math.exp(y) for y in LOGITS]
    return Sides(truth=loops.softmax(list(LOGITS), math.exp)[0], printed=E[0] / sum(E),
                 wrong={"three of the four": E[0] / sum(E[:3])})


@lecture.claim(
    "sm3f", "definition", "Softmax written as a function of one number", r"S(3.2)=0.775", assumes=SHARE,
    reason="the first entry of the softmax of all four logits; it changes with the other three, though they are not "
           "written: with 1.3 alone beside it, it would be 0.870")
def of_one_number(e):
    return worked(0.775, 3, truth=loops.softmax(list(LOGITS), math.exp)[0], shipped=softmax(LOGITS)[0],
                  wrong={"beside 1.3 alone": softmax(LOGITS[:2])[0], "its own sigmoid": sigmoids([3.2])[0],
                         "without exponentials": normalize(LOGITS)[0]})


@table(lecture.claim, kind="definition")
def encoding(e, labels, printed, wrong):
    n = len(labels)
    return Sides(truth=[loops.one_hot(labels.index(label), n) for label in labels],
                 printed=one_hot([printed[label] for label in labels], n),
                 wrong={name: one_hot(codes, n) for name, codes in wrong.items()})


encoding("sm4a", "Every label a whole number of its own, from 0",
         r"0\text{ dog},\;1\text{ cat},\;2\text{ horse},\;3\text{ cheetah}", CLASSES,
         printed={"dog": 0, "cat": 1, "horse": 2, "cheetah": 3},
         wrong={"cat and horse exchanged": [0, 2, 1, 3], "one number twice": [0, 1, 2, 2]}, source_kind="words")
encoding("sm5a", "Labels with an order keep it as numbers",
         r"0\text{ poor},\;1\text{ neutral},\;2\text{ good}", ("poor", "neutral", "good"),
         printed={"poor": 0, "neutral": 1, "good": 2},
         wrong={"good first": [1, 2, 0], "downwards": [2, 1, 0]}, kind="example", source_kind="words")
encoding("sm5b", "Three species of iris as numbers, though they have no order",
         r"0\text{ setosa},\;1\text{ versicolor},\;2\text{ virginica}",
         ("setosa", "versicolor", "virginica"),
         printed={"setosa": 0, "versicolor": 1, "virginica": 2},
         wrong={"two species in one class": [0, 1, 1]}, source_kind="words")


@lecture.claim(
    "sm4a/shifted", "dimension", "Counted from 1 the last label would fall outside a vector of four",
    r"\{0,1,2,3\}\text{ indexes }[\cdot,\cdot,\cdot,\cdot]", source_kind="own")
def counted_from_one(e):
    def fits(codes):
        return [0 <= code < len(CLASSES) for code in codes]

    return Sides(truth=[True] * len(CLASSES), printed=fits((0, 1, 2, 3)),
                 wrong={"1 to 4": fits((1, 2, 3, 4))})


@lecture.claim(
    "sm6a", "identity", "Whole numbers put labels in an order, at unequal distances; one-hot rows do not",
    r"2>1>0", reason="any two one-hot rows lie at the squared distance 2")
def order_of_codes(e):
    pairs = [(i, j) for i in range(3) for j in range(i)]
    rows = one_hot([0, 1, 2], 3)
    apart = [int(((rows[i] - rows[j]) ** 2).sum()) for i, j in pairs]
    counted = [sum(a != b for a, b in zip(loops.one_hot(i, 3), loops.one_hot(j, 3), strict=True))
               for i, j in pairs]
    codes = sorted((1, 0, 2), reverse=True)
    return Sides(truth=(counted, codes, [1, 2, 1]),
                 printed=(apart, [2, 1, 0], [abs(i - j) for i, j in pairs]),
                 wrong={"numbers at equal distances": (apart, [2, 1, 0], [1, 1, 1])})


@lecture.claim(
    "sm6b", "example", "One-hot rows of the four labels",
    r"[1,0,0,0],\;[0,1,0,0],\;[0,0,1,0],\;[0,0,0,1]")
def one_hot_rows(e):
    printed = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
    truth = [loops.one_hot(CLASSES.index(label), len(CLASSES)) for label in CLASSES]
    return Sides(truth=[truth, truth], printed=[printed, one_hot([0, 1, 2, 3], 4)],
                 wrong={"the rows in reverse": [printed[::-1], one_hot([0, 1, 2, 3], 4)]},
                 show={"labels": printed})


@table(lecture.claim, kind="example")
def softmax_of(e, y, printed, other):
    return worked(printed, 3, truth=loops.softmax(list(y), math.exp), shipped=softmax(y),
                  wrong={"exchanged": softmax(y[::-1]), "of the other pair": softmax(other)})


softmax_of("sm7a", "Softmax of (2, 4)", r"\mathrm{softmax}([2,4])=[0.119,0.881]",
           (2, 4), [0.119, 0.881], other=(4, 8))
softmax_of("sm7b", "Softmax of (4, 8)", r"\mathrm{softmax}([4,8])=[0.018,0.982]",
           (4, 8), [0.018, 0.982], other=(2, 4))


@table(lecture.claim, kind="example")
def share_of(e, y):
    return worked([0.333, 0.667], 3, truth=[Fraction(one, sum(y)) for one in y], shipped=normalize(y),
                  wrong={"over the largest": np.array(y) / max(y), "softmax": softmax(y)})


share_of("sm7c", "Standard normalisation of (2, 4)", r"\text{std_norm}([2,4])=[0.333,0.667]", (2, 4),
         rewritten=r"\mathrm{std\_norm}([2,4])=[0.333,0.667]")
share_of("sm8/std", "Standard normalisation of (4, 8)", r"\text{std_norm}([4,8])=[0.333,0.667]", (4, 8),
         rewritten=r"\mathrm{std\_norm}([4,8])=[0.333,0.667]")


@lecture.claim(
    "sm7d", "identity", "Standard normalisation does not see the scale, softmax does",
    r"\mathrm{std\_norm}(cy)=\mathrm{std\_norm}(y)", rational=True, cases=SIZES,
    reason="it is the other way round for a constant added to all logits: softmax reacts to their "
           "differences, standard normalisation to their ratios", source_kind="words")
def scale(e, n):
    y, c, exp = e.symbols("y", n), e.symbols("c"), e.function("exp")
    total = sum(y)
    return Sides(truth=[[one / total for one in y], loops.softmax((y * c).tolist(), exp)],
                 printed=[normalize(y * c), normalize(exp(y * c))],
                 wrong={"a constant added": [normalize(y + c), normalize(exp(y * c))],
                        "softmax blind to the scale too": [normalize(y * c), normalize(exp(y))]})


@lecture.claim(
    "sm7d/shift", "identity", "A constant added to all logits leaves softmax as it is",
    r"S(y+c)=S(y)", cases=SIZES,
    reason="not printed: the other half of the comparison", source_kind="own")
def shift(e, n):
    y, c = e.floats(n), 2.5
    truth = loops.softmax(y.tolist(), math.exp)
    return Sides(truth=truth, printed=softmax(y + c), wrong={"multiplied": softmax(y * c)})


@lecture.claim(
    "sm8a", "identity", "With negative logits standard normalisation gives negative probabilities",
    r"y_i<0\Rightarrow\mathrm{std\_norm}(y)_j<0\text{ for some }j", expect="ambiguous",
    corrected_formula=r"\text{some }\mathrm{std\_norm}(y)_j<0\iff y\text{ has both signs},\;\sum_iy_i\ne0",
    reason="true where both signs occur; if all logits are negative the result is positive, though in the "
           "wrong order: of -2 and -4 the smaller gets 2/3. With the sum 0, as for -1 and 1, it does not exist",
    source_kind="words",
    cites={"some logits negative and some positive": "slide VIII, negative values among logits that were positive so far",
           "some logits negative": "slide VIII, any negative value in the logits"})
def negative_logits(e):
    vectors = [(-1, 3), (-2, -4), (2, 4), (5, -1, -2)]
    truth = [any(Fraction(one, sum(y)) < 0 for one in y) for y in vectors]
    shipped = [bool((normalize(y) < 0).any()) for y in vectors]
    return Sides(truth=[truth, truth], readings={
        "some logits negative and some positive": [[min(y) < 0 < max(y) for y in vectors], shipped],
        "some logits negative": [[min(y) < 0 for y in vectors], shipped]},
        wrong={"always": [[True] * 4, shipped], "never": [[False] * 4, shipped]})


@lecture.claim(
    "sm8b", "identity", "Softmax stays positive for negative logits",
    r"\exp(y_i)>0", reason="the exponential of a value, not its exponent, is meant", source_kind="words")
def stays_positive(e):
    y = [-2.0, -4.0]
    truth = loops.softmax(y, math.exp)
    return Sides(truth=[*truth, *(bool(p > 0) for p in truth)], printed=[*softmax(y), True, True],
                 wrong={"of the absolute values": [*softmax(np.abs(y)), True, True],
                        "standard normalisation": [*normalize(y), True, True]})
