"""Cross-Entropy Loss Function XI to XIV: the losses of many classes and of two."""

import math

import numpy as np

from cnnmat import loops
from cnnmat.derivations.chaurasia.setting import lecture
from cnnmat.derivations.functions import exponential
from cnnmat.textbook.risks import (
    binary_cross_entropy,
    categorical_cross_entropy,
    normalize,
    one_hot,
)
from cnnmat.verify import Sides


@lecture.claim(
    "ce11b", "identity", "The penalty is logarithmic: large for a difference near 1, small near 0",
    r"-\log(1-|t-p|),\quad t\in\{0,1\}", cases=[{"t": 1}, {"t": 0}], source_kind="words")
def penalty(e, t):
    p, f = e.symbols("p"), e.function("log")
    gap = 1 - p if t else p    # |t - p|, for p between 0 and 1
    gaps = [k / 16 for k in (1, 4, 8, 12, 15)]
    one = loops.binary_cross_entropy([t], [p], f)
    order = np.argsort([float(binary_cross_entropy([t], [abs(t - g)], base=2)) for g in gaps])
    return Sides(truth=[one, *range(5)], printed=[-f(1 - gap), *order],
                 wrong={"of the difference itself": [-f(gap), *order],
                        "falls with the difference": [-f(1 - gap), *order[::-1]]})


@lecture.claim(
    "ce11c", "identity", "The probability of every class is compared with its own 0 or 1",
    r"\sum_i\mathrm{penalty}(t_i,p_i)", expect="ambiguous",
    corrected_formula=r"-\sum_i[t_i\log p_i+(1-t_i)\log(1-p_i)]",
    reason="true of the two-class loss summed over the classes; in L_CE, which the next slide defines, "
           "the classes that are not wanted have the weight 0 and enter only because softmax makes all "
           "probabilities sum to one. cnnmat has both: binary_cross_entropy, categorical_cross_entropy",
    source_kind="words",
    cites={"the two-class loss, summed": "slide XI compares each class with its own 0 or 1",
           "the loss of the next slide": "slide XII, the definition that the bullet leads to"})
def every_class(e):
    t = [1, 0, 0]
    outputs = [[0.5, 0.375, 0.125], [0.5, 0.25, 0.25]]
    truth = [sum(-math.log2(1 - abs(a - b)) for a, b in zip(t, p, strict=True)) for p in outputs]
    T = [t, t]
    return Sides(truth=truth, readings={
        "the two-class loss, summed": binary_cross_entropy(T, outputs, base=2) * 3,
        "the loss of the next slide": categorical_cross_entropy(T, outputs, base=2)},
        wrong={"its mean": binary_cross_entropy(T, outputs, base=2)})


@lecture.claim(
    "ce11d", "identity", "A perfect model has the loss 0",
    r"p=t\Rightarrow L_{CE}=0", cases=[{"n": 2}, {"n": 4}],
    reason="for one-hot targets; a softmax comes as near as one likes, but never gives 0 or 1", source_kind="words")
def perfect_model(e, n):
    rows = [loops.one_hot(k, n) for k in range(n)]
    truth = [loops.surprise(row, row, math.log2) for row in rows]
    even = np.full((n, n), 1 / n)
    return Sides(truth=truth, printed=categorical_cross_entropy(one_hot(range(n), n), np.eye(n)),
                 wrong={"for targets that are not one-hot": categorical_cross_entropy(even, even)})


@lecture.claim(
    "ce12a", "definition", "Categorical cross-entropy, a sample and a batch at a time",
    r"L_{CE}=-\sum_{i=1}^nt_i\log(p_i)", cases=[{"N": 1, "n": 2}, {"N": 2, "n": 3}])
def categorical(e, N, n):
    t, p, f = e.symbols("t", N, n), e.symbols("p", N, n), e.function("log")
    truth = [loops.surprise(t[k].tolist(), p[k].tolist(), f) for k in range(N)]
    chosen = [loops.surprise(loops.one_hot(n - 1, n), p[k].tolist(), f) for k in range(N)]
    last = -f(p[:, n - 1])
    return Sides(truth=(truth, chosen),
                 printed=(categorical_cross_entropy(t, p, log=f), last),
                 wrong={"arguments exchanged": (categorical_cross_entropy(p, t, log=f), last),
                        "the first class for the last": (
                            categorical_cross_entropy(t, p, log=f), -f(p[:, 0]))})


@lecture.claim(
    "ce13a", "identity", "With two classes the sum becomes the form in t and 1 - t",
    r"-\sum_{i=1}^2t_i\log(p(i))=-[t_1\log(p_1)+t_2\log(p_2)]=-[t\log(p)+(1-t)\log(1-p)]",
    reason="p(i) of the first line is p_i of the second")
def two_classes(e):
    t, p, f = e.symbols("t"), e.symbols("p"), e.function("log")
    shipped = binary_cross_entropy(np.array([t]), np.array([p]), log=f)
    return Sides(truth=[loops.surprise([t, 1 - t], [p, 1 - p], f)] * 2,
                 printed=[shipped, -(t * f(p) + (1 - t) * f(1 - p))],
                 wrong={"p for 1 - p": [shipped, -(t * f(p) + (1 - t) * f(p))],
                        "a sign": [shipped, -(t * f(p) - (1 - t) * f(1 - p))]})


@lecture.claim(
    "ce13b", "identity", "Two targets and two probabilities sum to one, so one of each is enough",
    r"t_1=1,\;t_2=0;\quad p_1+p_2=1\rightarrow p_1=1-p_2", rational=True)
def one_is_enough(e):
    y, exp = e.symbols("y", 2), exponential(e)
    first = loops.softmax(y.tolist(), exp)[0]
    p = normalize(exp(y))
    targets = [loops.one_hot(k, 2) for k in (0, 1)]
    return Sides(truth=(first, targets),
                 printed=(1 - p[1], [[t, 1 - t] for t in one_hot([0, 1], 2)[:, 0]]),
                 wrong={"p_2 - 1": (p[1] - 1, targets), "t_2 = t_1": (1 - p[1], [[1, 1], [0, 0]])})


@lecture.claim(
    "ce14a", "definition", "Binary cross-entropy, averaged over the samples",
    r"L=-\frac1N\left[\sum_{j=1}^N[t_j\log(p_j)+(1-t_j)\log(1-p_j)]\right]",
    cases=[{"N": 2}, {"N": 3}])
def averaged(e, N):
    t, p, f = e.symbols("t", N), e.symbols("p", N), e.function("log")
    mean = binary_cross_entropy(t, p, log=f)
    rows = categorical_cross_entropy(np.stack([t, 1 - t], 1), np.stack([p, 1 - p], 1), log=f)
    return Sides(truth=[loops.binary_cross_entropy(t.tolist(), p.tolist(), f)] * 2,
                 printed=[mean, rows.sum() / N],
                 wrong={"the sum": [mean * N, rows.sum()],
                        "the mean of all 2N entries": [mean / 2, rows.sum() / (2 * N)]})


@lecture.claim(
    "ce14b", "definition", "What p_j is: the softmax gives two probabilities for every sample",
    r"p_j\text{: softmax probability for the }j\text{-th data point}",
    expect="ambiguous", corrected_formula=r"p_j\text{: softmax probability of class 1 for the }j\text{-th data point}",
    reason="the formula needs the probability of class 1; read as that of the sample's own class it fails "
           "for every sample of class 0, and is invisible if there is none. (The sentence below the "
           "formula calls the index i, which counted the classes before, where the formula has j.)",
    source_kind="words",
    cites={"of class 1": "slide XIV sets p_1 = p and p_2 = 1 - p",
           "of the sample's own class": "slide XIV speaks of the data point's probability and names no class"})
def which_probability(e):
    t, first = [1, 0, 0], [0.625, 0.25, 0.125]
    truth = loops.mean([loops.surprise([a, 1 - a], [p, 1 - p], math.log2)
                        for a, p in zip(t, first, strict=True)])
    own = [p if a else 1 - p for a, p in zip(t, first, strict=True)]
    return Sides(truth=truth, readings={
        "of class 1": float(binary_cross_entropy(t, first, base=2)),
        "of the sample's own class": float(binary_cross_entropy(t, own, base=2))},
        wrong={"of class 0": float(binary_cross_entropy(t, 1 - np.array(first), base=2))})
