"""Cross-Entropy Loss Function XV to XVIII: the loss of the dog example and its gradient."""

import math

import numpy as np

from cnnmat import loops, softmax
from cnnmat.derivations.chaurasia.setting import BITS, LOGITS, OUTPUT, lecture, log, rounded, worked
from cnnmat.derivations.functions import exponential, logarithm, on_floats
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.textbook.risks import categorical_cross_entropy, normalize, one_hot, softmax_jacobian
from cnnmat.verify import Sides
from cnnmat.verify.duals import jacobian

DOG = [1, 0, 0, 0]


@table(lecture.claim, kind="definition", expect="misprint")
def called_logits(e, p):
    def loss(p, base=2):
        return rounded(categorical_cross_entropy(DOG, p, base=base), 4)

    return Sides(truth=rounded(loops.surprise(DOG, p, math.log2), 4),
                 printed=loss(normalize(np.exp(p))), corrected=loss(p),
                 wrong={"natural logarithm": loss(p, math.e)})


called_logits(
    "ce15a", "What is called logits in the caption are the outputs of the softmax",
    r"\text{Logits}(S)=(0.775,0.116,0.039,0.070)", list(OUTPUT),
    corrected_formula=r"\text{Probabilities}(S)=(0.775,0.116,0.039,0.070)",
    reason="the loss 0.3677 takes the numbers S as probabilities, and they sum to one; had S been logits, "
           "a softmax would have to come first and the loss would be 1.316")


@lecture.claim(
    "ce16a", "example", "Loss of the dog example, in bits",
    r"-[1*\log_2(0.775)+0*\log_2(0.126)+0*\log_2(0.039)+0*\log_2(0.070)]=0.3677")
def loss_of_the_dog(e):
    S = [0.775, 0.126, 0.039, 0.070]
    return worked(0.3677, 4, truth=loops.surprise(DOG, S, math.log2),
                  shipped=categorical_cross_entropy(DOG, S, base=2),
                  wrong={"natural logarithm": -math.log(0.775), "base ten": -math.log10(0.775),
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
    "ce16c", "example", "The last step, whose logarithm has lost its base",
    r"-\log(0.775)=0.3677", rewritten=r"-\log_2(0.775)=0.3677", assumes=BITS,
    reason="base 2 as in the line above; with the natural logarithm the number would be 0.2549")
def base_of_the_loss(e):
    return worked(0.3677, 4, truth=-math.log2(0.775),
                  shipped=categorical_cross_entropy([1.0], [0.775], base=2),
                  wrong={f"base {name}": -math.log(0.775) / math.log(base)
                         for name, base in (("e", math.e), ("10", 10), ("4", 4))})


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
    rational=True, cases=[{"n": 2}, {"n": 3}], source_kind="own")
def jacobian_of_softmax(e, n):
    y, exp = e.symbols("y", n), exponential(e)
    S = normalize(exp(y))
    J = softmax_jacobian(S)
    return Sides(truth=jacobian(lambda y: loops.softmax(y, exp), y), printed=J,
                 wrong={"no terms off the diagonal": np.diag(S) + 0 * J, "the sign": -J},
                 show={"J where all four are equal": [[f"{12 if i == j else -4}/64" for j in range(4)]
                                                      for i in range(4)]})


@lecture.claim(
    "ce16e/logits", "gradient", "Derivative of the loss by the logits, step two",
    r"L_{CE}=-\sum_iT_i\ln S_i,\quad\frac{\partial L_{CE}}{\partial y}=J^{\mathsf T}\frac{\partial L_{CE}}{\partial S}=S-T",
    rational=True, cases=[{"n": 2}, {"n": 3}],
    reason="with the natural logarithm, whose derivative is 1/S", source_kind="own")
def loss_by_logits(e, n):
    y, exp, ln = e.symbols("y", n), exponential(e), logarithm(e)
    T = one_hot(n - 1, n)
    S = normalize(exp(y))
    truth = e.gradient(lambda y: loops.surprise(T.tolist(), loops.softmax(y, exp), ln), y)
    return Sides(truth=[truth] * 2, printed=[softmax_jacobian(S).T @ (-T / S), S - T],
                 wrong={"the sign": [T - S] * 2, "no terms off the diagonal": [S * (-T / S)] * 2})


@lecture.claim(
    "ce16e/weights", "gradient", "Derivative of the loss by every weight of the last layer",
    r"L_{CE}=-\sum_iT_i\ln S_i,\quad y=W^{\mathsf T}x,\quad\frac{\partial L_{CE}}{\partial W}=x\,(S-T)^{\mathsf T}",
    rational=True, cases=[{"m": 2, "n": 3}], source_kind="own")
def loss_by_weights(e, m, n):
    x, W, exp, ln = e.symbols("x", m), e.symbols("W", m, n), exponential(e), logarithm(e)
    T = one_hot(1, n)
    S = normalize(exp(W.T @ x))

    def risk(W):
        y = loops.times(loops.transpose(W), x.tolist())
        return loops.surprise(T.tolist(), loops.softmax(y, exp), ln)

    return Sides(truth=e.gradient(risk, W), printed=feedforward.dW(x, S - T).T,
                 wrong={"the target left out": feedforward.dW(x, S).T,
                        "the sign": feedforward.dW(x, T - S).T})


@lecture.claim(
    "ce16e/base", "gradient", "With the base 2 of the examples the derivative by the logits is 1.44 times as large",
    r"L_{CE}=-\sum_iT_i\log_2S_i,\quad\frac{\partial L_{CE}}{\partial y}=\frac{S-T}{\ln 2}",
    reason="S - T belongs to the natural logarithm; the base of the worked numbers would add the factor 1/ln 2",
    source_kind="own")
def gradient_in_base_two(e):
    exp = on_floats(math.exp, math.exp)
    log2 = on_floats(math.log2, lambda value: 1 / (value * math.log(2)))
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
    r"0.095<0.3677", reason="with the right value 0.092 as well, and in any base", source_kind="words")
def loss_falls(e):
    truth = [(-log(b)(0.938) < -log(b)(0.775)) for b in (2, math.e, 10)]
    shipped = [bool(np.diff(categorical_cross_entropy([[1.0]] * 2, [[0.775], [0.938]], base=b))[0] < 0)
               for b in (2, math.e, 10)]
    return Sides(truth=(truth, True), printed=(shipped, 0.095 < 0.3677),
                 wrong={"a smaller p": ([-log(b)(0.7) < -log(b)(0.775) for b in (2, math.e, 10)],
                                        True)})


called_logits(
    "ce18c", "What the model outputs after training are probabilities too",
    r"\text{Logits}=(0.938,\cdot,\cdot,\cdot)", [0.938, 0.022, 0.021, 0.019],
    corrected_formula=r"\text{Probabilities}=(0.938,\cdot,\cdot,\cdot)",
    reason="0.938 goes into the logarithm as it is, as a probability. The other three stood in a figure; "
           "any that sum to 0.062 do here", source_kind="words")
