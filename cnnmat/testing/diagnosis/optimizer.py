"""Mistakes in steps of Nesterov, RMSProp, Adam and AdamW."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake

__all__ = []

EVERY = ("w_after", "b_after")


@dataclass(frozen=True)
class Walk:
    """Several steps, and the choices that people get wrong.

    Attributes
    ----------
    keep, new : tuple of float
        The weights of the old moment and of the new value, for the first and the second moment.
    correct : tuple of bool
        Whether the bias of each moment is corrected.
    first : int
        The number of the first step.
    forget : bool
        Whether the state is lost after each step.
    power : callable
        The gradient -> what the second moment is one of.
    stands : str
        Where ε stands: "outside", "inside", "hat", "none", or "no root" with no root at all.
    decay : str
        How the weights decay: "coupled", "decoupled", "unscaled" (not times the rate),
        "afterwards" (off what the step has left), "moment" (not in the second moment), "before"
        and "after" (coupled, and the weights are made smaller before or after the step besides),
        "besides" (coupled and decoupled at once).
    fade : callable
        The number of a step -> what the rate is multiplied by.
    count : callable
        The number of a step -> that which the biases are corrected for.
    move : callable
        (g, v, old v, momentum) -> the step of Nesterov.
    """

    arrays: dict
    rule: str
    lr: float
    w_decay: float
    b_decay: float
    momentum: float
    keep: tuple
    new: tuple
    eps: float
    stands: str
    decay: str
    correct: tuple = (True, True)
    first: int = 1
    forget: bool = False
    stored: bool = False
    power: object = staticmethod(lambda g: g * g)
    count: object = staticmethod(lambda k: k)
    fade: object = staticmethod(lambda k: 1.0)
    move: object = staticmethod(lambda g, v, old, m: g + m * v)


def bank(contract):
    """The bank of mistakes in updates by `contract.rule`."""
    def layer(case):
        s, rule = case.settings, contract.rule
        decay = s["weight_decay"] * contract.decay_factor
        keep = (s["beta1"], s["beta2"]) if rule == "adam" else (0.0, s["rho"])
        corrected = rule == "adam"
        plain = rule == "sgd"
        walk = Walk({k: a.astype(float) for k, a in case.arrays.items()}, rule, s["lr"], decay,
                    decay if contract.decay == "all" else 0.0, s["momentum"], keep,
                    tuple(1 - b for b in keep), s["eps"], contract.epsilon,
                    "decoupled" if contract.decoupled else "coupled", (corrected, corrected))
        return replace(walk, move=lambda g, v, old, m: v) if plain else walk

    adaptive = contract.rule in ("adam", "rmsprop")
    own = {"adam": ADAM, "rmsprop": RMSPROP}.get(contract.rule, MOMENTUM)
    return Bank(layer, compute, (*own, *(ADAPTIVE if adaptive else ()), *EITHER))


def compute(walk, output):
    """w or b after each step."""
    name = output[0]
    p, decay = walk.arrays[name], walk.w_decay if name == "w" else walk.b_decay
    state, after = (np.zeros_like(p),) * 2, []
    for k, grad in enumerate(walk.arrays["d" + name], start=walk.first):
        p = p * (1 - walk.lr * decay) if walk.decay == "before" else p
        g = grad + decay * p if walk.decay in (
            "coupled", "before", "after", "besides") else grad
        more = decay * p if walk.decay == "moment" else 0
        state = (np.zeros_like(p),) * 2 if walk.forget else state
        step, state = (_adapted if walk.rule in ("adam", "rmsprop") else _moved)(
            walk, g, more, state, k)
        p = _decayed(walk, p, walk.fade(k) * walk.lr * step, decay)
        after.append(p)
    return np.array(after)


def _decayed(walk, p, step, decay):
    if walk.decay in ("afterwards", "after"):
        return (p - step) * (1 - walk.lr * decay)
    by_rate = walk.lr * decay
    off = {"decoupled": by_rate, "besides": by_rate, "unscaled": decay}.get(walk.decay, 0.0)
    return p - step - off * p


def _moved(walk, g, _, state, k):
    v = walk.momentum * state[0] + g
    return walk.move(g, v, state[0], walk.momentum), (v, v)


def _adapted(walk, g, more, state, k):
    m = walk.keep[0] * state[0] + walk.new[0] * (g + more)
    s = walk.keep[1] * state[1] + walk.new[1] * walk.power(g)
    k = walk.count(k)
    biases = [1 - b**k if fix else 1.0 for b, fix in zip(walk.keep, walk.correct, strict=True)]
    first, second = m / biases[0], s / biases[1]
    root = np.sqrt(second)
    divisor = {"outside": root + walk.eps, "inside": np.sqrt(second + walk.eps), "none": root,
               "hat": root + walk.eps / np.sqrt(biases[1]),
               "no root": second + walk.eps}[walk.stands]
    return first / divisor, (first, second) if walk.stored else (m, s)


def _edit(slug, sentence, **how):
    """Fields set to how[field](walk)."""
    def edit(walk, _):
        return replace(walk, **{k: f(walk) for k, f in how.items()})
    return Mistake(slug, sentence, EVERY, edit=edit)


def _is(value):
    return lambda _: value


MOMENTUM = (
    _edit("momentum-not-nesterov", "plain momentum v is taken where Nesterov's g + momentum v is "
          "meant", move=_is(lambda g, v, old, m: v)),
    _edit("nesterov", "Nesterov's step g + momentum v is taken where plain momentum is meant",
          move=_is(lambda g, v, old, m: g + m * v)),
    _edit("velocity-of-step-before", "the step uses the velocity of the step before: it must be "
          "updated first", move=_is(lambda g, v, old, m: old)),
    _edit("momentum-sign", "the momentum enters with the wrong sign",
          momentum=lambda walk: -walk.momentum),
    _edit("look-ahead-sign", "the look ahead has the wrong sign: g - momentum v",
          move=_is(lambda g, v, old, m: g - m * v)),
    _edit("gradient-missing", "the step is momentum v: the gradient is not added",
          move=_is(lambda g, v, old, m: m * v)),
    _edit("gradient-twice", "the step is g + v, without the momentum before v",
          move=_is(lambda g, v, old, m: g + v)),
    _edit("momentum-ignored", "the momentum is ignored", momentum=_is(0.0)),
)
RMSPROP = (
    _edit("rho-exchanged", "rho weighs the new square where it should weigh the old one",
          keep=lambda w: (0.0, 1 - w.keep[1]), new=lambda w: (1.0, w.keep[1])),
    _edit("squares-added", "the squares are added up, as in AdaGrad: the old ones are to fade",
          keep=_is((0.0, 1.0)), new=_is((1.0, 1.0))),
    _edit("one-minus-rho-missing", "the square is not multiplied by 1 - rho",
          new=_is((1.0, 1.0))),
    _edit("bias-corrected", "the bias of the mean square is corrected, as in Adam: RMSProp does "
          "not", correct=_is((False, True))),
)
ADAM = (
    _edit("bias-not-corrected", "the bias correction is left out: both moments begin at 0",
          correct=_is((False, False))),
    _edit("first-bias-not-corrected", "the bias of the first moment is not corrected",
          correct=_is((False, True))),
    _edit("second-bias-not-corrected", "the bias of the second moment is not corrected",
          correct=_is((True, False))),
    Mistake("steps-counted-from-0", "the steps are counted from 0, where 1 - beta^0 = 0 is divided "
            "by", EVERY, edit=lambda walk, _: replace(walk, first=0), not_finite=True),
    _edit("steps-counted-from-2", "the number of the step is one too large in the bias correction",
          first=_is(2)),
    _edit("step-not-counted", "every step is corrected as the first one is: the number of the step "
          "stays 1", count=_is(lambda k: 1)),
    Mistake("counted-per-parameter", "the steps are counted on with each parameter, and not once "
            "for all of them", EVERY, edit=lambda walk, output: replace(
                walk, count=lambda k: 2 * k - (output[0] == "w"))),
    Mistake("counted-per-parameter", "the steps are counted on with each parameter, and not once "
            "for all of them, and from 2", EVERY, edit=lambda walk, output: replace(
                walk, count=lambda k: 2 * k + (output[0] == "b"))),
    _edit("new-weights-exchanged", "the square is multiplied by 1 - beta1 and not by 1 - beta2",
          new=lambda w: (w.new[0],) * 2),
    _edit("new-weights-exchanged", "the gradient is multiplied by 1 - beta2 and not by 1 - beta1",
          new=lambda w: (w.new[1],) * 2),
    _edit("new-weights-exchanged", "1 - beta1 and 1 - beta2 are exchanged",
          new=lambda w: w.new[::-1]),
    _edit("correction-stored", "the corrected moments are kept, and corrected again in the next "
          "step", stored=_is(True)),
    _edit("betas-exchanged", "beta1 and beta2 are exchanged", keep=lambda w: w.keep[::-1],
          new=lambda w: w.new[::-1]),
    _edit("beta1-exchanged", "beta1 weighs the new gradient where it should weigh the old moment",
          keep=lambda w: (w.new[0], w.keep[1]), new=lambda w: (w.keep[0], w.new[1]),
          correct=_is((True, True))),
    _edit("one-minus-beta-missing", "the new values are not multiplied by 1 - beta",
          new=_is((1.0, 1.0))),
    _edit("one-minus-beta1-missing", "the gradient is not multiplied by 1 - beta1",
          new=lambda w: (1.0, w.new[1])),
    _edit("one-minus-beta2-missing", "the square is not multiplied by 1 - beta2",
          new=lambda w: (w.new[0], 1.0)),
    _edit("first-moment-missing", "the gradient itself is taken for the first moment, as in "
          "RMSProp", keep=lambda w: (0.0, w.keep[1]), new=lambda w: (1.0, w.new[1])),
    _edit("beta1-for-both", "beta1 is used for both moments", keep=lambda w: (w.keep[0],) * 2,
          new=lambda w: (w.new[0],) * 2),
    _edit("beta2-for-both", "beta2 is used for both moments", keep=lambda w: (w.keep[1],) * 2,
          new=lambda w: (w.new[1],) * 2),
    _edit("epsilon-before-correction", "ε is added before the bias of the second moment is "
          "corrected", stands=_is("hat")),
    _edit("decay-in-first-moment-only", "the weight decay is part of the first moment and not of "
          "the second", decay=_is("moment")),
)
ADAPTIVE = (
    _edit("epsilon-inside-root", "ε is added under the root: it belongs outside",
          stands=_is("inside")),
    _edit("epsilon-outside-root", "ε is added outside the root", stands=_is("outside")),
    _edit("epsilon-squared", "the square of ε is added", eps=lambda w: w.eps**2),
    _edit("epsilon-root", "the root of ε is added", eps=lambda w: w.eps**0.5),
    _edit("epsilon-inside-squared", "the square of ε is added under the root",
          eps=lambda w: w.eps**2, stands=_is("inside")),
    _edit("epsilon-ignored", "ε is left out", stands=_is("none")),
    Mistake("epsilon-ignored", "ε is left out, which gives 0 / 0 where a gradient is zero", EVERY,
            edit=lambda walk, _: replace(walk, stands="none"), not_finite=True),
    *(_edit("epsilon-other", f"ε is {e:g}, whatever is asked for", eps=_is(e))
      for e in (1e-5, 1e-6, 1e-7, 1e-8, 1e-10)),
    _edit("root-missing", "it is divided by the second moment and not by its root",
          stands=_is("no root")),
    _edit("square-missing", "the second moment is one of |g| and not of g²", power=_is(np.abs)),
    _edit("square-missing", "the second moment is one of g and not of g²",
          power=_is(lambda g: g)),
)
EITHER = (
    _edit("uphill", "the step goes along the gradient and not against it", lr=lambda w: -w.lr),
    _edit("state-forgotten", "the state is not kept from step to step", forget=_is(True)),
    _edit("decay-ignored", "the weight decay is ignored", w_decay=_is(0.0), b_decay=_is(0.0)),
    _edit("biases-decay", "the weight decay is applied to the biases too",
          b_decay=lambda w: w.w_decay),
    _edit("biases-do-not-decay", "the weight decay is not applied to the biases",
          b_decay=_is(0.0)),
    _edit("decay-coupled", "the weight decay is added to the gradient, so that it is averaged and "
          "divided like it: it is to be taken off the weights by itself", decay=_is("coupled")),
    _edit("decay-decoupled", "the weight decay is taken off the weights by itself (as in AdamW): "
          "it is to be part of the gradient", decay=_is("decoupled")),
    _edit("decay-not-scaled", "the weight decay is not multiplied by the rate",
          decay=_is("unscaled")),
    _edit("decay-after-step", "the weights decay after the step has been taken, and not those "
          "before it", decay=_is("afterwards")),
    _edit("decay-twice", "the decay is part of the gradient, and taken off the weights by itself "
          "besides: it counts twice", decay=_is("besides")),
    _edit("rate-falls", "the rate is divided by the number of the step",
          fade=_is(lambda k: 1 / k if k else 1.0)),
    _edit("rate-falls", "the rate is divided by the root of the number of the step",
          fade=_is(lambda k: k**-0.5 if k else 1.0)),
    _edit("decay-twice", "the weights are made smaller before the step, and the decay is part of "
          "the gradient besides: it counts twice", decay=_is("before")),
    _edit("decay-twice", "the decay is part of the gradient, and the weights are made smaller "
          "after the step besides: it counts twice", decay=_is("after")),
    _edit("decay-doubled", "the weight decay has a factor 2", w_decay=lambda w: 2 * w.w_decay,
          b_decay=lambda w: 2 * w.b_decay),
    _edit("decay-halved", "the weight decay lacks a factor 2", w_decay=lambda w: w.w_decay / 2,
          b_decay=lambda w: w.b_decay / 2),
    _edit("decay-sign", "the weight decay has the wrong sign: weights grow",
          w_decay=lambda w: -w.w_decay, b_decay=lambda w: -w.b_decay),
    _edit("rate-ignored", "the rate is ignored", lr=_is(1.0)),
    _edit("factor-2-missing", "the step is half of what it should be", lr=lambda w: w.lr / 2),
    _edit("factor-2-too-much", "the step is twice what it should be", lr=lambda w: 2 * w.lr),
)
