"""The stochastic-gradient listing (47.1276) as a whole, and steps of other kinds."""

from dataclasses import replace
from fractions import Fraction

import numpy as np

from cnnmat import Network, Parameters
from cnnmat.derivations.sayed.listings import NAMES, listed
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, SMALL, WIDE, line
from cnnmat.textbook import feedforward, training
from cnnmat.verify import Sides

NUMBERS = {**SMALL, "numbers": True}
#: One node, no pooling, one weight each: where a slip shows on numbers that fit in the head.
LEAST = {"depth": 1, "M": 1, "lists": (((0,),),), "depths": (1,), "regions": (((0,),),),
         "widths": (1,), "N": 1, "numbers": True}
MU = Fraction(1, 3)


def one_sample(s, n):
    """The setting of sample n alone, so that J_emp is its penalised loss."""
    return replace(s, h=s.h[n:n + 1], gamma=s.gamma[n:n + 1])


def true_step(s, n=0, mu=MU):
    """old - μ ∂(penalised loss of sample n), by the plain loops."""
    alone = one_sample(s, n)
    return Parameters(*({k: old - alone.slopes(name, k) * mu
                         for k, old in getattr(s.parameters, name).items()} for name in NAMES))


def step(s, kind=Network, n=0, mu=MU):
    """One step of the package, with one line of the backward pass replaced."""
    return training.step(s.make(kind), s.parameters, s.h[n:n + 1], s.gamma[n:n + 1], mu)


def moved(s, n=0):
    """The setting after the step on sample n."""
    return replace(s, parameters=step(s, n=n))


@line("sgd/single", "identity", "The directions of single samples average to the batch gradient",
      r"\frac1N\sum_{n=0}^{N-1}\left(2\rho_2W_\ell+\frac{\partial\|\gamma_n-y_n"
      r"\|^2}{\partial W_\ell}\right)=\frac{\partial J_{\mathrm{emp}}}{\partial W_\ell}",
      cases=(SMALL, WIDE), reason="which shows again that the batch listing needs 1/N",
      source_kind="own")
def single_samples(s):
    directions = [s.net.backward(s.parameters, s.net.forward(s.parameters, s.h[n:n + 1]),
                                 s.gamma[n:n + 1]).gradient for n in range(s.N)]
    total = directions[0]
    for one in directions[1:]:
        total = total.map(lambda a, b: a + b, one)
    return Sides(truth=[s.slopes(name, k) for name in NAMES for k in getattr(s.parameters, name)],
                 printed=listed(total.map(lambda a: a / s.N)), wrong={"the sum": listed(total)})


@line("sgd/minibatch", "algorithm", "A step may take the mean over B samples",
      r"W_n=W_{n-1}-\mu\left(2\rho W_{n-1}+\frac1B\sum_{m}G_m\right)", cases=(NUMBERS, WIDE),
      source_kind="words")
def mini_batch(s):
    truth = [old - s.slopes(name, k) * MU for name in NAMES
             for k, old in getattr(s.parameters, name).items()]
    step_of_all = training.step(s.net, s.parameters, s.h, s.gamma, MU)
    return Sides(truth=truth, printed=listed(step_of_all),
                 wrong={"the first sample alone": listed(step(s)),
                        "a step B times as long": listed(
                            training.step(s.net, s.parameters, s.h, s.gamma, MU * s.N))})


@line("sgd/mu-entries", "algorithm", "Each entry may have a step size of its own",
      r"W_n=W_{n-1}-[\mu_{ab}]\odot\frac{\partial}{\partial W}", cases=(NUMBERS, WIDE),
      source_kind="words")
def own_steps(s):
    alone = one_sample(s, 0)
    mu = s.parameters.map(lambda a: np.array(
        [Fraction(1, 2 + k) for k in range(a.size)], dtype=object).reshape(a.shape))
    truth = [old - getattr(mu, name)[k] * alone.slopes(name, k) for name in NAMES
             for k, old in getattr(s.parameters, name).items()]
    printed = step(s, mu=mu)
    return Sides(truth=truth, printed=listed(printed),
                 wrong={"one for all": listed(step(s, mu=Fraction(1, 2)))})


def printed_updates(s, mu=MU, n=0):
    """The four updates as printed, with the sensitivities right."""
    forward = s.net.forward(s.parameters, s.h[n:n + 1])
    delta = s.net.backward(s.parameters, forward, s.gamma[n:n + 1]).delta_l
    new, p = step(s, mu=mu, n=n), s.parameters
    return Parameters(
        new.W_c, new.Theta_c,
        {l: W * (1 - 2 * mu * s.rho[1])
         - mu * mu * feedforward.dW(forward.y_l[l][0], delta[l + 1][0])
         for l, W in p.W_l.items()},
        {l: theta - mu * delta[l + 1][0] for l, theta in p.theta_l.items()})


@line("47.1276", "algorithm", "The listing as a whole takes a step down the sample's risk",
      r"W_{\ell,n}=(1-2\mu\rho_2)W_{\ell,n-1}-\mu\mu\delta_{\ell+1,n}(y_{\ell,n})^{\mathsf{T}}"
      r",\;\theta_{\ell,n}=\theta_{\ell,n-1}-\mu\delta_{\ell+1,n},\;W_{c,n}"
      r"=(1-2\mu\rho_1)W_{c,n-1}-\mu(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})\Delta_{n,c}"
      r",\;\Theta_{c,n}=\Theta_{c,n-1}+\mu(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes"
      r"\mathbb{1}_{D_{c-1}}\mathbb{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}",
      cases=(LEAST, NUMBERS, {**DEEP, "numbers": True}, {**DEEP, "numbers": True, "pooling": "max"},
             *BOTH, ANY_2), expect="misprint",
      corrected_formula=r"W_{\ell,n}=(1-2\mu\rho_2)W_{\ell,n-1}-\mu\delta_{\ell+1,n}"
      r"(y_{\ell,n})^{\mathsf{T}},\;\theta_{\ell,n}=\theta_{\ell,n-1}+\mu\delta_{\ell+1,n}"
      r",\;W_{c,n}=(1-2\mu\rho_1)W_{c,n-1}-\mu(\mathbb{1}_{D_c}^{\mathsf{T}}\otimes H_{n,c-1})"
      r"\Delta_{n,c},\;\Theta_{c,n}=\Theta_{c,n-1}+\mu(\mathbb{1}_{D_c}^{\mathsf{T}}"
      r"\otimes\mathbb{1}_{D_{c-1}}\mathbb{1}_{P_c}^{\mathsf{T}})\Delta_{n,c}",
      reason="with the lines of the backward pass set right as in (47.1275), two of the four updates are "
             "wrong: a doubled step size and a sign")
def stochastic_listing(s):
    new = step(s)
    flipped = replace(new, Theta_c={c: 2 * s.parameters.Theta_c[c] - Theta
                                    for c, Theta in new.Theta_c.items()})
    return Sides(truth=listed(true_step(s)), printed=listed(printed_updates(s)),
                 corrected=listed(new), wrong={"minus in the last line": listed(flipped)})


@line("47.1276/two", "algorithm", "Two steps, the second from where the first has led",
      r"n-1\to n\to n+1", cases=(NUMBERS, WIDE), source_kind="own")
def two_steps(s):
    after = replace(s, parameters=true_step(s, 0))
    truth = true_step(after, 1)
    return Sides(truth=listed(truth), printed=listed(step(moved(s), n=1)),
                 wrong={"both from the start": listed(step(s, n=1))})


@line("47.1276/feed", "algorithm", "The signals are computed with the weights of the step before",
      r"\{W_{\ell,n-1},W_{c,n-1},\theta_{\ell,n-1},\Theta_{c,n-1}\}", cases=(NUMBERS, WIDE))
def old_weights(s):
    second = moved(s)
    net, p = s.net, s.parameters
    stale = net.backward(second.parameters, net.forward(p, s.h[1:]), s.gamma[1:]).gradient
    wrong = second.parameters.map(lambda old, g: old - g * MU, stale)
    return Sides(truth=listed(true_step(second, 1)), printed=listed(step(second, n=1)),
                 wrong={"signals from one step earlier": listed(wrong)})
