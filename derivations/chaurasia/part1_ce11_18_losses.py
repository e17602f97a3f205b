"""Cross-Entropy Loss Function XI to XVIII: the losses, the dog example, its gradient."""

import math

import numpy as np

from cnnmat import loops, softmax
from cnnmat.derivations.chaurasia.setting import (
    LOGITS,
    OUTPUT,
    exponential,
    lecture,
    log,
    logarithm,
    rounded,
    worked,
)
from cnnmat.textbook import feedforward
from cnnmat.textbook.risks import (
    binary_cross_entropy,
    categorical_cross_entropy,
    normalize,
    one_hot,
    softmax_jacobian,
)
from cnnmat.verify import Sides
from cnnmat.verify.duals import jacobian


@lecture.claim(
    "ce11b", "identity", "The penalty is logarithmic: large for a difference near 1, small near 0",
    r"-\log(1-|t-p|),\quad t\in\{0,1\}", cases=[{"t": 1}, {"t": 0}])
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
           "probabilities sum to one. cnnmat has both: binary_cross_entropy, categorical_cross_entropy")
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
    reason="for one-hot targets; a softmax comes as near as one likes, but never gives 0 or 1")
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
           "formula calls the index i, which counted the classes before, where the formula has j.)")
def which_probability(e):
    t, first = [1, 0, 0], [0.625, 0.25, 0.125]
    truth = loops.mean([loops.surprise([a, 1 - a], [p, 1 - p], math.log2)
                        for a, p in zip(t, first, strict=True)])
    own = [p if a else 1 - p for a, p in zip(t, first, strict=True)]
    return Sides(truth=truth, readings={
        "of class 1": float(binary_cross_entropy(t, first, base=2)),
        "of the sample's own class": float(binary_cross_entropy(t, own, base=2))},
        wrong={"of class 0": float(binary_cross_entropy(t, 1 - np.array(first), base=2))})


def _not_logits(id, title, formula, p, target, reason):
    @lecture.claim(id, "definition", title, formula, expect="misprint", reason=reason,
                   corrected_formula=formula.replace("Logits", "Probabilities"))
    def probabilities(e):
        truth = rounded(loops.surprise(target, p, math.log2), 4)
        again = normalize(np.exp(p))
        return Sides(truth=truth,
                     printed=rounded(categorical_cross_entropy(target, again, base=2), 4),
                     corrected=rounded(categorical_cross_entropy(target, p, base=2), 4),
                     wrong={"natural logarithm": rounded(categorical_cross_entropy(target, p), 4)})


_not_logits("ce15a", "What is called logits in the caption are the outputs of the softmax",
            r"\text{Logits}(S)=(0.775,0.116,0.039,0.070)", list(OUTPUT), [1, 0, 0, 0],
            "the loss 0.3677 takes the numbers S as probabilities, and they sum to one; had S been logits, "
            "a softmax would have to come first and the loss would be 1.316")

DOG = [1, 0, 0, 0]
worked("ce16a", "Loss of the dog example, in bits",
       r"-[1*\log_2(0.775)+0*\log_2(0.126)+0*\log_2(0.039)+0*\log_2(0.070)]=0.3677",
       lambda: loops.surprise(DOG, [0.775, 0.126, 0.039, 0.070], math.log2), 0.3677, 4,
       lambda: categorical_cross_entropy(DOG, [0.775, 0.126, 0.039, 0.070], base=2),
       lambda: {"natural logarithm": -math.log(0.775), "base ten": -math.log10(0.775),
                "softmax not rounded before": categorical_cross_entropy(
                    DOG, softmax(LOGITS), base=2)})


@lecture.claim(
    "ce16b", "example", "Probability of the cat inside the sum",
    r"0*\log_2(0.126)", expect="scan", corrected_formula=r"0*\log_2(0.116)",
    reason="slide IV has 0.116, which the logits give and with which the four sum to one. The loss does "
           "not show it, for the term has the weight 0")
def probability_of_the_cat(e):
    cat = rounded(loops.softmax(list(LOGITS), math.exp), 3)[1]
    return Sides(truth=(cat, 1000), printed=(0.126, 775 + 126 + 39 + 70),
                 corrected=(rounded(softmax(LOGITS), 3)[1], 775 + 116 + 39 + 70),
                 elsewhere=(OUTPUT[1], round(1000 * sum(OUTPUT))),
                 wrong={"0.115": (0.115, 775 + 115 + 39 + 70)})


@lecture.claim(
    "ce16c", "example", "The logarithm of the last step has lost its base",
    r"-\log(0.775)=0.3677", expect="ambiguous", corrected_formula=r"-\log_2(0.775)=0.3677",
    reason="base 2 as in the line above; with the natural logarithm the number would be 0.2549")
def base_of_the_loss(e):
    return Sides(truth=rounded(-math.log2(0.775), 4), readings={
        f"base {name}": rounded(-math.log(0.775) / math.log(base), 4)
        for name, base in (("2", 2), ("e", math.e), ("10", 10))},
        wrong={"base 4": rounded(-math.log(0.775, 4), 4)})


@lecture.claim(
    "ce16d", "definition", "The sum over the classes, its upper limit not written",
    r"L_{CE}=-\sum_{i=1}T_i\log(S_i)",
    reason="all classes are meant, as many as there are: slide XII has the n above the sum, and the line "
           "below writes out four terms",
    cases=[{"label": 0}, {"label": 3}])
def upper_limit(e, label):
    T, S, f = one_hot(label, 4), e.symbols("S", 4), e.function("log")
    return Sides(truth=loops.surprise(loops.one_hot(label, 4), S.tolist(), f),
                 printed=categorical_cross_entropy(T, S, log=f),
                 wrong={"the first class only": -T[0] * f(S[0]),
                        "the sign": categorical_cross_entropy(-T, S, log=f)})


@lecture.claim(
    "ce16e", "gradient", "Softmax is differentiable: its Jacobian",
    r"\frac{\partial S_i}{\partial y_j}=S_i(\delta_{ij}-S_j),\quad J=\mathrm{diag}(S)-SS^{\mathsf T}",
    rational=True, cases=[{"n": 2}, {"n": 3}])
def jacobian_of_softmax(e, n):
    y, exp = e.symbols("y", n), exponential(e)
    S = normalize(exp(y))
    J = softmax_jacobian(S)
    return Sides(truth=jacobian(lambda y: loops.softmax(y, exp), y), printed=J,
                 wrong={"no terms off the diagonal": np.diag(S) + 0 * J, "the sign": -J},
                 show={"J where all four are equal": [[f"{12 if i == j else -4}/64" for j in range(4)]
                                                      for i in range(4)]})


def _log_slope(base):
    return 1 if base == "e" else 1 / math.log(2)


@lecture.claim(
    "ce16e/logits", "gradient", "Derivative of the loss by the logits, step two",
    r"\frac{\partial L_{CE}}{\partial y}=J^{\mathsf T}\frac{\partial L_{CE}}{\partial S}=S-T",
    rational=True, cases=[{"n": 2}, {"n": 3}],
    reason="with the natural logarithm, whose derivative is 1/S")
def loss_by_logits(e, n):
    y, exp, ln = e.symbols("y", n), exponential(e), logarithm(e)
    T = one_hot(n - 1, n)
    S = normalize(exp(y))
    truth = e.gradient(lambda y: loops.surprise(T.tolist(), loops.softmax(y, exp), ln), y)
    return Sides(truth=[truth] * 2, printed=[softmax_jacobian(S).T @ (-T / S), S - T],
                 wrong={"the sign": [T - S] * 2, "no terms off the diagonal": [S * (-T / S)] * 2})


@lecture.claim(
    "ce16e/weights", "gradient", "Derivative of the loss by every weight of the last layer",
    r"y=W^{\mathsf T}x,\quad\frac{\partial L_{CE}}{\partial W}=x\,(S-T)^{\mathsf T}",
    rational=True, cases=[{"m": 2, "n": 3}])
def loss_by_weights(e, m, n):
    x, W, exp, ln = e.symbols("x", m), e.symbols("W", m, n), exponential(e), logarithm(e)
    T = one_hot(1, n)
    S = normalize(exp(W.T @ x))

    def risk(W):
        y = loops.times(loops.transpose(W), x.tolist())
        return loops.surprise(T.tolist(), loops.softmax(y, exp), ln)

    return Sides(truth=e.gradient(risk, W), printed=feedforward.dW(x, S - T).T,
                 wrong={"the layer's derivative transposed": feedforward.dW(x, S - T),
                        "the sign": feedforward.dW(x, T - S).T})


@lecture.claim(
    "ce16e/base", "gradient", "With the base 2 of the examples the derivative by the logits is 1.44 times as large",
    r"\frac{\partial L_{CE}}{\partial y}=\frac{S-T}{\ln 2}",
    reason="S - T belongs to the natural logarithm; the base of the worked numbers would add the factor 1/ln 2")
def gradient_in_base_two(e):
    def exp(z):
        return z.chain(math.exp(z.value), math.exp(z.value)) if hasattr(z, "chain") else math.exp(z)

    def log2(z):
        return z.chain(math.log2(z.value), 1 / (z.value * math.log(2)))

    T, y = one_hot(0, 4), np.array(LOGITS)
    truth = e.gradient(lambda y: loops.surprise(T.tolist(), loops.softmax(y, exp), log2), y)
    return Sides(truth=truth, printed=(softmax(y) - T) / math.log(2),
                 wrong={"S - T": softmax(y) - T})


@lecture.claim(
    "ce18a", "example", "Loss after more training",
    r"-1*\log_2(0.938)+0+0+0=0.095", expect="misprint",
    corrected_formula=r"-1*\log_2(0.938)+0+0+0=0.092",
    reason="0.092 belongs to 0.938, and 0.095 would belong to 0.936; neither the natural logarithm "
           "(0.064) nor base ten (0.028) repairs it. The next sentence has 0.095 too")
def loss_after_training(e):
    return Sides(truth=rounded(-math.log2(0.938), 3), printed=0.095,
                 corrected=rounded(categorical_cross_entropy([1.0], [0.938], base=2), 3),
                 wrong={"natural logarithm": rounded(-math.log(0.938), 3),
                        "base ten": rounded(-math.log10(0.938), 3)})


@lecture.claim(
    "ce18b", "example", "The new loss is below the old one: the model learns",
    r"0.095<0.3677", reason="with the right value 0.092 as well, and in any base")
def loss_falls(e):
    truth = [(-log(b)(0.938) < -log(b)(0.775)) for b in (2, math.e, 10)]
    shipped = [bool(np.diff(categorical_cross_entropy([[1.0]] * 2, [[0.775], [0.938]], base=b))[0] < 0)
               for b in (2, math.e, 10)]
    return Sides(truth=(truth, True), printed=(shipped, 0.095 < 0.3677),
                 wrong={"a smaller p": ([-log(b)(0.7) < -log(b)(0.775) for b in (2, math.e, 10)],
                                        True)})


_not_logits("ce18c", "What the model outputs after training are probabilities too",
            r"\text{Logits}=(0.938,\cdot,\cdot,\cdot)", [0.938, 0.022, 0.021, 0.019], DOG,
            "0.938 goes into the logarithm as it is, as a probability. The other three stood in a figure; "
            "any that sum to 0.062 do here")
