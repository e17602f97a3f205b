"""Fully connected layers, updates, adjoints and gradients that are wrong."""

from functools import partial

import numpy as np

from tests.testing.bank.plain import dense, dense_back
from tests.testing.bank.register import wrong_alone, wrong_made, wrong_pair

forward = partial(wrong_pair, "feedforward", backward=dense_back)
backward = partial(wrong_pair, "feedforward", forward=dense)


@forward()
def weights_not_transposed(x, w, b):
    """x W where x Wᵀ is meant; fits for square W only."""
    return x @ w + b


@forward()
def dense_without_bias(x, w, b):
    """The bias is forgotten."""
    return x @ w.T


@forward()
def dense_bias_subtracted(x, w, b):
    """The bias is subtracted."""
    return x @ w.T - b


@forward()
def dense_weights_reshaped(x, w, b):
    """reshape in place of a transpose."""
    return x @ w.reshape(w.shape[::-1]) + b


@forward()
def dense_one_sample(x, w, b):
    """Sample 0 for all."""
    return np.repeat(x[:1], len(x), 0) @ w.T + b


@backward()
def dense_dw_transposed(dz, x, w):
    """n_in x n_out."""
    return dz @ w, x.T @ dz, dz.sum(0)


@backward()
def dense_dw_averaged(dz, x, w):
    """dW / N."""
    return dz @ w, dz.T @ x / len(x), dz.sum(0)


@backward()
def dense_dx_transposed(dz, x, w):
    """W for Wᵀ on the way back, which fits for square W only."""
    return dz @ w.T, dz.T @ x, dz.sum(0)


@backward()
def dense_db_mean(dz, x, w):
    """mean for sum."""
    return dz @ w, dz.T @ x, dz.mean(0)


@backward()
def dense_db_unsummed(dz, x, w):
    """db = dz."""
    return dz @ w, dz.T @ x, dz.copy()


@backward()
def dense_dw_first_sample(dz, x, w):
    """Only the first sample reaches dW."""
    return dz @ w, np.outer(dz[0], x[0]), dz.sum(0)


@backward()
def dense_signs(dz, x, w):
    """All negative."""
    return tuple(-g for g in dense_back(dz, x, w))


@backward()
def dense_db_sign(dz, x, w):
    """db negative, as for a bias that is subtracted."""
    return dz @ w, dz.T @ x, -dz.sum(0)


@backward()
def dense_averaged(dz, x, w):
    """dW and db divided by N."""
    return dz @ w, dz.T @ x / len(x), dz.sum(0) / len(x)


@backward()
def dense_dw_from_weights(dz, x, w):
    """dW scaled by the weights."""
    return dz @ w, (dz.T @ x) * w, dz.sum(0)


@backward()
def dense_order(dz, x, w):
    """(dW, dx, db)."""
    dx, dw, db = dense_back(dz, x, w)
    return dw, dx, db


# --- updates --------------------------------------------------------------------

update = partial(wrong_alone, "update")


def stepper(direction, shrink=None, keep=lambda p: p.ndim > 1):
    """A step from its direction(g, v, momentum) -> v."""
    def step(params, grads, lr, weight_decay, momentum, state):
        state = dict(state or {})
        new = {}
        for k, p in params.items():
            g = grads[k] + (weight_decay * p if keep(p) else 0)
            state[k] = direction(g, state.get(k, np.zeros_like(p)), momentum)
            new[k] = p - lr * state[k]
        return new, state
    return step


def right_direction(g, v, momentum):
    return momentum * v + g


@update()
def uphill(params, grads, lr, weight_decay, momentum, state):
    """p + lr v."""
    new, state = stepper(right_direction)(params, grads, lr, weight_decay, momentum, state)
    return {k: 2 * params[k] - new[k] for k in new}, state


@update()
def biases_decay(params, grads, lr, weight_decay, momentum, state):
    """Weight decay on the biases too."""
    return stepper(right_direction, keep=lambda p: True)(
        params, grads, lr, weight_decay, momentum, state)


@update()
def only_biases_decay(params, grads, lr, weight_decay, momentum, state):
    """Weight decay on the biases, not on the weights."""
    return stepper(right_direction, keep=lambda p: p.ndim == 1)(
        params, grads, lr, weight_decay, momentum, state)


@update()
def no_decay(params, grads, lr, weight_decay, momentum, state):
    """Weight decay is not looked at."""
    return stepper(right_direction)(params, grads, lr, 0, momentum, state)


@update()
def decay_doubled(params, grads, lr, weight_decay, momentum, state):
    """The derivative of weight_decay ‖p‖², 2 weight_decay p."""
    return stepper(right_direction)(params, grads, lr, 2 * weight_decay, momentum, state)


@update()
def decay_sign(params, grads, lr, weight_decay, momentum, state):
    """Weights grow."""
    return stepper(right_direction)(params, grads, lr, -weight_decay, momentum, state)


@update()
def no_momentum(params, grads, lr, weight_decay, momentum, state):
    """The momentum is not looked at."""
    return stepper(right_direction)(params, grads, lr, weight_decay, 0, state)


@update()
def state_not_read(params, grads, lr, weight_decay, momentum, state):
    """Each step begins with a velocity of zero."""
    return stepper(right_direction)(params, grads, lr, weight_decay, momentum, None)


@update()
def dampened(params, grads, lr, weight_decay, momentum, state):
    """momentum v + (1 - momentum) g."""
    return stepper(lambda g, v, m: m * v + (1 - m) * g)(
        params, grads, lr, weight_decay, momentum, state)


@update()
def no_learning_rate(params, grads, lr, weight_decay, momentum, state):
    """p - v."""
    return stepper(right_direction)(params, grads, 1, weight_decay, momentum, state)


@update()
def learning_rate_squared(params, grads, lr, weight_decay, momentum, state):
    """lr is multiplied in twice."""
    return stepper(right_direction)(params, grads, lr**2, weight_decay, momentum, state)


@update()
def decay_outside(params, grads, lr, weight_decay, momentum, state):
    """p (1 - weight_decay) - lr v: the decay is not scaled by the rate."""
    new, state = stepper(right_direction)(params, grads, lr, 0, momentum, state)
    return {k: v - (weight_decay * params[k] if v.ndim > 1 else 0) for k, v in new.items()}, state


@update()
def decoupled(params, grads, lr, weight_decay, momentum, state):
    """p - lr weight_decay p - lr v: the decay stays out of the velocity."""
    new, state = stepper(right_direction)(params, grads, lr, 0, momentum, state)
    return {k: v - (lr * weight_decay * params[k] if v.ndim > 1 else 0)
            for k, v in new.items()}, state


@update()
def old_velocity(params, grads, lr, weight_decay, momentum, state):
    """The step uses the velocity of the step before."""
    old = dict(state or {k: np.zeros_like(p) for k, p in params.items()})
    _, state = stepper(right_direction)(params, grads, lr, weight_decay, momentum, state)
    return {k: p - lr * old[k] for k, p in params.items()}, state


@update()
def nesterov(params, grads, lr, weight_decay, momentum, state):
    """Nesterov's look ahead where plain momentum is asked for."""
    _, state = stepper(right_direction)(params, grads, lr, weight_decay, momentum, state)
    decayed = {k: grads[k] + (weight_decay * p if p.ndim > 1 else 0) for k, p in params.items()}
    return {k: p - lr * (decayed[k] + momentum * state[k]) for k, p in params.items()}, state


@update()
def in_place(params, grads, lr, weight_decay, momentum, state):
    """The caller's arrays are changed."""
    new, state = stepper(right_direction)(params, grads, lr, weight_decay, momentum, state)
    for k, p in params.items():
        p[...] = new[k]
    return params, state


@wrong_made("update")
def one_velocity_for_all():
    """The velocities live in the module, not in `state`."""
    kept = {}

    def step(params, grads, lr, weight_decay, momentum, state):
        new, after = stepper(right_direction)(params, grads, lr, weight_decay, momentum, {
            k: v for k, v in kept.items() if k in params and v.shape == params[k].shape})
        kept.update(after)
        return new, dict(kept)

    return (step,)


# --- adjoints and gradients ------------------------------------------------------

MATRIX = np.array([[1.0, -2, 3], [0, 4, -5]])
adjoint = partial(wrong_pair, "adjoint", forward=lambda x: MATRIX @ x,
                  shapes=((3,), (2,)))


@adjoint()
def adjoint_sign(y):
    """The sign."""
    return -MATRIX.T @ y


@adjoint()
def adjoint_doubled(y):
    """Twice as large."""
    return 2 * MATRIX.T @ y


@adjoint()
def adjoint_inverse(y):
    """The pseudo-inverse, which is another thing."""
    return np.linalg.pinv(MATRIX) @ y


@adjoint()
def adjoint_one_entry_off(y):
    """One entry of the matrix was mistyped."""
    other = MATRIX.copy()
    other[1, 2] = 5
    return other.T @ y


@wrong_pair("adjoint", backward=lambda y: MATRIX.T @ y, shapes=((3,), (2,)))
def forward_affine(x):
    """A constant is added: not linear."""
    return MATRIX @ x + 1


@wrong_pair("adjoint", forward=lambda x: np.roll(x, 1), shapes=((5,), (5,)))
def rolled_same_way(y):
    """Rolled on in place of back."""
    return np.roll(y, 1)


POINT = np.array([0.5, -1.5, 2.0])
by_values = partial(wrong_pair, "gradient", forward=lambda x: (x**3).sum() + x[0] * x[1], x=POINT)


def cubic(x):
    g = 3 * x**2
    g[0] += x[1]
    g[1] += x[0]
    return g


@by_values()
def gradient_sign(x):
    """The sign."""
    return -cubic(x)


@by_values()
def gradient_halved(x):
    """Half of it."""
    return cubic(x) / 2


@by_values()
def cross_term_forgotten(x):
    """x0 x1 is not differentiated."""
    return 3 * x**2


@by_values()
def exponent_kept(x):
    """3 x³ for 3 x²."""
    return cubic(x) - 3 * x**2 + 3 * x**3
