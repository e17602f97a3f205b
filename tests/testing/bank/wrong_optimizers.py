"""Steps of Nesterov, RMSProp, Adam and AdamW that are wrong."""

import numpy as np

from tests.testing.bank.register import wrong_alone


def stepping(one, state_of=dict):
    """A step on dictionaries out of one(name, p, g, state, *settings) -> p."""
    def step(params, grads, lr, decay, *told):
        *told, state = told
        state = state_of() if state is None else dict(state)
        state["k"] = state.get("k", 0) + 1
        new = {name: one(name, p, grads[name], state, lr, decay * (name == "w"), *told)
               for name, p in params.items()}
        return new, state
    return step


def entry(kind="update", **options):
    """Decorator: one(...) of a rule."""
    def decorate(one):
        step = stepping(one)
        step.__name__, step.__doc__ = one.__name__, one.__doc__
        wrong_alone(kind, **options)(step)
        return one
    return decorate


def kept(state, name, like):
    return state.get(name, np.zeros_like(like))


def adam(name, p, g, state, lr, decay, b1, b2, eps, *, add=True, correct=(True, True), shift=0,
         power=np.square, new=None, divisor=lambda s, eps: np.sqrt(s) + eps):
    g = g + decay * p * add
    new = new or (1 - b1, 1 - b2)
    m = b1 * kept(state, "m" + name, g) + new[0] * g
    s = b2 * kept(state, "s" + name, g) + new[1] * power(g)
    state["m" + name], state["s" + name] = m, s
    k = state["k"] + shift
    with np.errstate(all="ignore"):
        first = m / (1 - b1**k) if correct[0] else m
        second = s / (1 - b2**k) if correct[1] else s
        return p - lr * first / divisor(second, eps)


@entry(rule="adam")
def adam_no_correction(*args):
    """No hats."""
    return adam(*args, correct=(False, False))


@entry(rule="adam")
def adam_first_not_corrected(*args):
    """Only v has a hat."""
    return adam(*args, correct=(False, True))


@entry(rule="adam")
def adam_second_not_corrected(*args):
    """Only m has a hat."""
    return adam(*args, correct=(True, False))


@entry(rule="adam")
def adam_from_zero(*args):
    """t is counted up after the step."""
    return adam(*args, shift=-1)


@entry(rule="adam")
def adam_from_two(*args):
    """t starts at 1 and is counted up before."""
    return adam(*args, shift=1)


@entry(rule="adam")
def adam_epsilon_inside(*args):
    """sqrt(v + eps)."""
    return adam(*args, divisor=lambda s, eps: np.sqrt(s + eps))


@entry(rule="adam")
def adam_no_epsilon(*args):
    """sqrt(v)."""
    return adam(*args, divisor=lambda s, eps: np.sqrt(s))


@entry(rule="adam")
def adam_no_root(*args):
    """v + eps."""
    return adam(*args, divisor=lambda s, eps: s + eps)


@entry(rule="adam")
def adam_gradient_not_squared(*args):
    """|g|."""
    return adam(*args, power=np.abs)


@entry(rule="adam")
def adam_betas_exchanged(name, p, g, state, lr, decay, b1, b2, eps):
    """beta2 for the mean."""
    return adam(name, p, g, state, lr, decay, b2, b1, eps)


@entry(rule="adam")
def adam_one_minus_forgotten(*args):
    """m = b1 m + g."""
    return adam(*args, new=(1.0, 1 - args[7]))


@entry(rule="adam")
def adam_both_one_minus_forgotten(*args):
    """Neither has 1 - beta."""
    return adam(*args, new=(1.0, 1.0))


@entry(rule="adam")
def adam_uphill(name, p, g, state, *rest):
    """+."""
    return 2 * p - adam(name, p, g, state, *rest)


@entry(rule="adam")
def adam_no_decay(*args):
    """The decay is not used."""
    return adam(*args, add=False)


@entry(rule="adam")
def adam_is_adamw(name, p, g, state, lr, decay, *told):
    """AdamW's decay."""
    return adam(name, p, g, state, lr, decay, *told, add=False) - lr * decay * p


@entry(rule="adam")
def adam_correction_stored(name, p, g, state, lr, decay, b1, b2, eps):
    """self.m = m_hat."""
    g = g + decay * p
    m = (b1 * kept(state, "m" + name, g) + (1 - b1) * g) / (1 - b1 ** state["k"])
    s = (b2 * kept(state, "s" + name, g) + (1 - b2) * g**2) / (1 - b2 ** state["k"])
    state["m" + name], state["s" + name] = m, s
    return p - lr * m / (np.sqrt(s) + eps)


@entry(rule="adam")
def adam_state_lost(name, p, g, state, *rest):
    """m and v begin at 0 in every step."""
    return adam(name, p, g, {"k": state["k"]}, *rest)


@entry(rule="adam")
def adam_fixed_epsilon(name, p, g, state, lr, decay, b1, b2, eps):
    """1e-8."""
    return adam(name, p, g, state, lr, decay, b1, b2, 1e-8)


@entry(rule="adamw")
def adamw_is_adam(*args):
    """L2 in the gradient."""
    return adam(*args)


@entry(rule="adamw")
def adamw_not_scaled(name, p, g, state, lr, decay, *told):
    """decay p without the rate."""
    return adam(name, p, g, state, lr, decay, *told, add=False) - decay * p


@entry(rule="adamw")
def adamw_after_step(name, p, g, state, lr, decay, *told):
    """The new p is made smaller."""
    return adam(name, p, g, state, lr, decay, *told, add=False) * (1 - lr * decay)


@entry(rule="adamw")
def adamw_grows(name, p, g, state, lr, decay, *told):
    """The sign of the decay."""
    return adam(name, p, g, state, lr, decay, *told, add=False) + lr * decay * p


@entry(rule="adamw")
def adamw_no_correction(name, p, g, state, lr, decay, *told):
    """No hats."""
    return adam(name, p, g, state, lr, decay, *told, add=False,
                correct=(False, False)) - lr * decay * p


def rmsprop(name, p, g, state, lr, decay, rho, eps, *, new=None, power=np.square,
            divisor=lambda s, eps: np.sqrt(s) + eps):
    g = g + decay * p
    s = rho * kept(state, name, g) + (1 - rho if new is None else new) * power(g)
    state[name] = s
    with np.errstate(all="ignore"):
        return p - lr * g / divisor(s, eps)


@entry(rule="rmsprop")
def rms_exchanged(name, p, g, state, lr, decay, rho, eps):
    """rho for the new square."""
    return rmsprop(name, p, g, state, lr, decay, 1 - rho, eps)


@entry(rule="rmsprop")
def rms_inside(*args):
    """sqrt(s + eps)."""
    return rmsprop(*args, divisor=lambda s, eps: np.sqrt(s + eps))


@entry(rule="rmsprop", epsilon="inside")
def rms_outside(*args):
    """sqrt(s) + eps."""
    return rmsprop(*args)


@entry(rule="rmsprop")
def rms_no_root(*args):
    """s + eps."""
    return rmsprop(*args, divisor=lambda s, eps: s + eps)


@entry(rule="rmsprop")
def rms_not_averaged(*args):
    """s = rho s + g²."""
    return rmsprop(*args, new=1.0)


@entry(rule="rmsprop")
def rms_adagrad(name, p, g, state, lr, decay, rho, eps):
    """s = s + g²."""
    return rmsprop(name, p, g, state, lr, decay, 1.0, eps, new=1.0)


@entry(rule="rmsprop")
def rms_not_squared(*args):
    """|g|."""
    return rmsprop(*args, power=np.abs)


@entry(rule="rmsprop")
def rms_no_epsilon(*args):
    """Without eps."""
    return rmsprop(*args, divisor=lambda s, eps: np.sqrt(s))


def moved(name, p, g, state, lr, decay, mu, *, move=lambda g, v, old, mu: g + mu * v):
    g = g + decay * p
    old = kept(state, name, g)
    state[name] = mu * old + g
    return p - lr * move(g, state[name], old, mu)


@entry(rule="nesterov")
def nag_plain(*args):
    """v."""
    return moved(*args, move=lambda g, v, old, mu: v)


@entry(rule="nesterov")
def nag_old_velocity(*args):
    """v of before."""
    return moved(*args, move=lambda g, v, old, mu: old)


@entry(rule="nesterov")
def nag_without_momentum_factor(*args):
    """g + v."""
    return moved(*args, move=lambda g, v, old, mu: g + v)


@entry(rule="nesterov")
def nag_gradient_forgotten(*args):
    """mu v."""
    return moved(*args, move=lambda g, v, old, mu: mu * v)


@entry(rule="nesterov")
def nag_sign(*args):
    """g - mu v."""
    return moved(*args, move=lambda g, v, old, mu: g - mu * v)


@entry(rule="nesterov")
def nag_biases_decay(name, p, g, state, lr, decay, mu):
    """The decay is for all."""
    decay = state["decay"] = max(decay, state.get("decay", 0))
    return moved(name, p, g, state, lr, decay, mu)


@entry(rule="sgd", decoupled=True)
def sgdw_coupled(name, p, g, state, lr, decay, mu):
    """In the velocity."""
    return moved(name, p, g, state, lr, decay, mu, move=lambda g, v, old, mu: v)


@entry(rule="sgd", decoupled=True)
def sgdw_not_scaled(name, p, g, state, lr, decay, mu):
    """Not times the rate."""
    return moved(name, p, g, state, lr, 0, mu, move=lambda g, v, old, mu: v) - decay * p
