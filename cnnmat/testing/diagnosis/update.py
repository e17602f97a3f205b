"""Mistakes in steps of stochastic gradient descent."""

from dataclasses import dataclass, replace

import numpy as np

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.mistakes import Mistake

__all__ = []

EVERY = ("w_after", "b_after")


@dataclass(frozen=True)
class Descent:
    """Several steps, and the choices that people get wrong.

    `w_decay` and `b_decay` multiply p; `outside` is taken off p (per step, times lr where
    `outside_by_lr`, not at all without `taken_off`, and `besides` where decay is in the gradient,
    too); `before` and `after` say whether p is made smaller by lr and decay before the step, or
    after it, besides; `velocity(g, v, m)` and `move(v, old v, g, m)` make the step.
    """

    arrays: dict
    lr: float
    momentum: float
    w_decay: float
    b_decay: float
    outside: bool = False
    outside_by_lr: bool = True
    taken_off: bool = True
    besides: bool = False
    before: bool = False
    after: bool = False
    forget: bool = False
    penalty: object = staticmethod(lambda p: p)
    rate: object = staticmethod(lambda k: 1.0)
    read: object = staticmethod(lambda g: g)
    velocity: object = staticmethod(lambda g, v, m: m * v + g)
    move: object = staticmethod(lambda v, old, g, m: v)


def bank(contract):
    """The bank of mistakes in updates."""
    def layer(case):
        s = case.settings
        decay = s["weight_decay"] * contract.decay_factor
        return Descent({k: a.astype(float) for k, a in case.arrays.items()}, s["lr"],
                       s["momentum"], decay, decay if contract.decay == "all" else 0.0)

    return Bank(layer, compute, MISTAKES)


def compute(descent, output):
    """w or b after each step."""
    name = output[0]
    decay = descent.w_decay if name == "w" else descent.b_decay
    p, v, after = descent.arrays[name], np.zeros_like(descent.arrays[name]), []
    for k, grad in enumerate(descent.read(descent.arrays["d" + name])):
        shrunk = 1 - descent.lr * decay
        p = p * shrunk if descent.before else p
        g = grad if descent.outside else grad + decay * descent.penalty(p)
        old, v = v, descent.velocity(g, 0 * v if descent.forget else v, descent.momentum)
        off = (descent.lr if descent.outside_by_lr else 1) * decay * p if (
            descent.besides or (descent.outside and descent.taken_off)) else 0
        p = p - descent.rate(k) * descent.lr * descent.move(v, old, g, descent.momentum) - off
        p = p * shrunk if descent.after else p
        after.append(p)
    return np.array(after)


def _edit(slug, sentence, **how):
    """A mistake in fields of a `Descent`; a callable gives the field from the descent."""
    def edit(descent, _):
        return replace(descent, **{k: f(descent) for k, f in how.items()})
    return Mistake(slug, sentence, EVERY, edit=edit)


MISTAKES = (
    _edit("uphill", "the step goes along the gradient and not against it", lr=lambda d: -d.lr),
    _edit("decay-ignored", "the weight decay is ignored", w_decay=lambda d: 0.0,
          b_decay=lambda d: 0.0),
    _edit("momentum-ignored", "the momentum is ignored (or the state is not read)",
          momentum=lambda d: 0.0),
    _edit("biases-decay", "the weight decay is applied to the biases too",
          b_decay=lambda d: d.w_decay),
    _edit("biases-do-not-decay", "the weight decay is not applied to the biases",
          b_decay=lambda d: 0.0),
    _edit("only-biases-decay", "the weight decay is applied to the biases and not to the weights",
          w_decay=lambda d: 0.0, b_decay=lambda d: d.w_decay),
    _edit("decay-doubled", "the weight decay has a factor 2: the derivative of λ‖p‖² where that "
          "of ½ λ‖p‖² is meant", w_decay=lambda d: 2 * d.w_decay, b_decay=lambda d: 2 * d.b_decay),
    _edit("decay-halved", "the weight decay lacks a factor 2: the derivative of ½ λ‖p‖² where that "
          "of λ‖p‖² is meant", w_decay=lambda d: d.w_decay / 2, b_decay=lambda d: d.b_decay / 2),
    _edit("decay-sign", "the weight decay has the wrong sign: weights grow",
          w_decay=lambda d: -d.w_decay, b_decay=lambda d: -d.b_decay),
    _edit("decay-decoupled", "the weight decay stays out of the velocity (as in AdamW)",
          outside=lambda d: True),
    _edit("decay-not-scaled", "the weight decay is not multiplied by the rate",
          outside=lambda d: True, outside_by_lr=lambda d: False),
    _edit("decay-after-step", "the weights decay after the step has been taken, and not those "
          "before it", outside=lambda d: True, taken_off=lambda d: False,
          after=lambda d: True),
    _edit("decay-twice", "the decay is part of the gradient, and taken off the weights by itself "
          "besides: it counts twice", besides=lambda d: True),
    _edit("decay-twice", "the weights are made smaller before the step, and the decay is part of "
          "the gradient besides: it counts twice", before=lambda d: True),
    _edit("decay-twice", "the decay is part of the gradient, and the weights are made smaller "
          "after the step besides: it counts twice", after=lambda d: True),
    _edit("rate-ignored", "the rate is ignored", lr=lambda d: 1.0),
    _edit("rate-squared", "the rate is multiplied in twice", lr=lambda d: d.lr**2),
    _edit("momentum-dampened", "the gradient is multiplied by 1 - momentum: an average where a "
          "sum is meant", velocity=lambda d: lambda g, v, m: m * v + (1 - m) * g),
    _edit("velocity-of-step-before", "the step uses the velocity of the step before: it must be "
          "updated first", move=lambda d: lambda v, old, g, m: old),
    _edit("nesterov", "Nesterov's step g + momentum v is taken where plain momentum is meant",
          move=lambda d: lambda v, old, g, m: g + m * v),
    _edit("velocity-sign", "the velocity enters with the wrong sign",
          velocity=lambda d: lambda g, v, m: g - m * v),
    _edit("decay-of-magnitudes", "the penalty is Σ |p|: the sign of p decays and not p",
          penalty=lambda d: np.sign),
    _edit("decay-of-squares", "the squares of p decay and not p", penalty=lambda d: np.square),
    _edit("decay-of-one", "the decay is a constant: it is not multiplied by p",
          penalty=lambda d: np.ones_like),
    _edit("rate-falls", "the rate is divided by the number of the step",
          rate=lambda d: lambda k: 1 / (k + 1)),
    _edit("momentum-squared", "the momentum is multiplied in twice",
          momentum=lambda d: d.momentum**2),
    _edit("momentum-fixed", "the momentum is 0.9 whatever is asked for", momentum=lambda d: 0.9),
    _edit("momentum-added-up", "the velocities are added up undamped: momentum is taken as 1",
          momentum=lambda d: 1.0),
    _edit("roles-exchanged", "the rate and the momentum are exchanged",
          lr=lambda d: d.momentum, momentum=lambda d: d.lr),
    _edit("roles-exchanged", "the momentum multiplies the gradient, and not the velocity",
          velocity=lambda d: lambda g, v, m: v + m * g),
    _edit("velocity-averaged", "gradient and velocity are exchanged: momentum multiplies the "
          "gradient and 1 - momentum the velocity",
          velocity=lambda d: lambda g, v, m: (1 - m) * v + m * g),
    _edit("velocity-overwritten", "the step is the gradient's: the velocity is kept and never "
          "used", move=lambda d: lambda v, old, g, m: g),
    _edit("velocity-times-momentum", "the step uses momentum times the new velocity",
          move=lambda d: lambda v, old, g, m: m * v),
    _edit("gradient-clipped", "the gradient is cut off at -1 and 1",
          read=lambda d: lambda g: np.clip(g, -1, 1)),
    _edit("gradient-sign", "the sign of the gradient is taken", read=lambda d: np.sign),
    _edit("gradient-normalised", "the gradient is divided by its norm",
          read=lambda d: lambda g: np.array([one / np.linalg.norm(one) for one in g])),
    _edit("first-gradient-kept", "the gradient of the first step is used in every step",
          read=lambda d: lambda g: np.repeat(g[:1], len(g), 0)),
    Mistake("biases-stay", "the biases are not updated", ("b_after",),
            edit=lambda d, _: replace(d, lr=0.0)),
    Mistake("weights-stay", "the weights are not updated", ("w_after",),
            edit=lambda d, _: replace(d, lr=0.0)),
    Mistake("one-step-behind", "the parameters are returned as they were before the step", EVERY,
            result=lambda a, d, output: np.concatenate([d.arrays[output[0]][None], a[:-1]])),
    _edit("factor-2-missing", "the step is half of what it should be", lr=lambda d: d.lr / 2),
    _edit("factor-2-too-much", "the step is twice what it should be", lr=lambda d: 2 * d.lr),
)
