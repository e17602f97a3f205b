"""Sensitivities of the last correlation layer, entry by entry: (47.1235) to (47.1239)."""

import numpy as np

from cnnmat import loops
from cnnmat.derivations.sayed.setting import ANY_2, BOTH, FIGURE_95, LAYERED, MEAN, lecture, line
from cnnmat.verify import Sides
from cnnmat.verify.exact import strict

#: The regions of figure 47.95 behind the only correlation layer.
TWELVE = {"depth": 1, "M": 5,
          "lists": (((0, 1), (4, 2), (2, 3), (1, 0), (3, 4), (0, 2), (1, 3), (4, 0), (2, 1),
                     (3, 0), (1, 4), (4, 3)),), "depths": (2,), "regions": (FIGURE_95,),
          "widths": (2,), "N": 1, "pooling": "l2", "numbers": True}


def pieces(s, n=0):
    """δ_2 by the package; ∂t/∂y, f', W_1 by map, p'' and the truth by the loops."""
    C = s.C
    W = s.z_by_t(C, n)  # [k, d, p']
    return (s.backward.delta_l[2][n], W, s.t_by_y(C, n), s.f_prime(C, n),
            [s.region_of(C, j) for j in range(s.P[C])])


def cells(s):
    return [(d, j) for d in range(s.D[s.C]) for j in range(s.P[s.C])]


@line("47.1235", "definition", "The sensitivity of an entry of a map, in every correlation layer",
      r"\delta_n^{(d,c)}(j)\triangleq\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_n^{(d,c)}(j)},"
      r"\quad c=1,2,\dots,C", cases=(*LAYERED, ANY_2))
def sensitivity_of_an_entry(s):
    delta = s.backward.delta_c
    by_y = [s.e.gradient(lambda y, n=n: s.error(n, s.after(1, s.pooled(1, y))["output"]),
                         s.signals(n)["y"][0]) for n in range(s.N)]
    truth = [s.sensitivities(c) for c in s.P]
    return Sides(truth=truth, printed=[delta[c] for c in s.P],
                 wrong={"the derivative by y": [by_y, *truth[1:]]})


lecture.remark("47.1235/prose", "The sentence behind the definition names an entry of layer C only; "
               "the definition is for every layer c.")


@line("47.1236/line2", "identity", "Every node of feedforward layer 2 passes something on",
      r"\sum_{k=1}^{n_2}\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_{2,n}(k)}"
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}", cases=(*LAYERED, ANY_2))
def through_layer_2(s):
    by_z2, chain = s.sensitivity(0, l=2), s.z_by_z(s.C)
    printed = np.tensordot(by_z2, chain, 1)
    return Sides(truth=s.sensitivity(0, s.C), printed=printed,
                 wrong={"the last node left out": np.tensordot(by_z2[:-1], chain[:-1], 1)})


@line("47.1236/line3", "identity", "The same with the sensitivities of layer 2",
      r"\sum_{k=1}^{n_2}\delta_{2,n}(k)\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}",
      cases=(*LAYERED, ANY_2))
def with_delta_2(s):
    delta, chain = s.backward.delta_l, s.z_by_z(s.C)
    return Sides(truth=s.sensitivity(0, s.C), printed=np.tensordot(delta[2][0], chain, 1),
                 wrong={"of layer 3": lambda: np.tensordot(delta[3][0], chain, 1),
                        "the nodes in reverse": np.tensordot(delta[2][0][::-1], chain, 1)})


@line("47.1237/line1", "identity", "Through the pooled entries of the same map",
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}=\sum_{p'=1}^{P'_c}"
      r"\frac{\partial z_{2,n}(k)}{\partial t_n^{(d,C)}(p')}"
      r"\frac{\partial t_n^{(d,C)}(p')}{\partial z_n^{(d,C)}(j)}", cases=(*LAYERED, ANY_2))
def through_pooled_entries(s):
    _, W, t_by_y, f, _ = pieces(s)
    t_by_z = t_by_y * f
    printed = [[[sum(W[k, d, p] * t_by_z[d, p, d, j] for p in range(s.Pp[s.C]))
                 for j in range(s.P[s.C])] for d in range(s.D[s.C])] for k in range(len(W))]
    return Sides(truth=s.z_by_z(s.C), printed=printed,
                 wrong={"the first pooled entry only": [
                     [[W[k, d, 0] * t_by_z[d, 0, d, j] for j in range(s.P[s.C])]
                      for d in range(s.D[s.C])] for k in range(len(W))],
                        "another map's": [
                     [[sum(W[k, d, p] * t_by_z[d - 1, p, d, j] for p in range(s.Pp[s.C]))
                       for j in range(s.P[s.C])] for d in range(s.D[s.C])] for k in range(len(W))]})


@line("47.1237/limit", "dimension", "How many pooled entries the sum runs over",
      r"\sum_{p'=1}^{P'_c}", cases=(*BOTH, ANY_2),
      reason="the layer is the letter C in the same display; the small c is bound by the words before "
             "(47.1236), which set c = C; with the c of another layer the limit would be wrong",
      rewritten=r"p'=1,\dots,P'_c")
def limit_of_the_sum(s):
    c = s.C
    return Sides(truth=len(s.signals()["t"][-1][0]), printed=s.Pp[c],
                 wrong={"c of the layer before": s.Pp[c - 1], "P_C": s.P[c]})


@line("47.1237/line2", "identity", "Through the entries of the region",
      r"\sum_{p\in\Omega_{p'}}\frac{\partial t_n^{(d,C)}(p')}{\partial y_n^{(d,C)}(p)}"
      r"\frac{\partial y_n^{(d,C)}(p)}{\partial z_n^{(d,C)}(j)}", cases=LAYERED)
def through_the_region(s):
    c = s.C
    _, _, t_by_y, f, _ = pieces(s)

    def t(shift):
        return s.signals(0, c, shift=shift)["t"][c - 1]

    truth = s.e.jacobian(t, s.zeros(c))
    y_by_z = [[[f[d, j] if p == j else 0 for j in range(s.P[c])] for p in range(s.P[c])]
              for d in range(s.D[c])]

    def printed(y_by_z):
        total = np.zeros(truth.shape, dtype=object)
        for d, j in cells(s):
            for k, region in enumerate(s.regions[c - 1]):
                total[d, k, d, j] = sum(t_by_y[d, k, d, p] * y_by_z[d][p][j] for p in region)
        return total

    everything = [[[f[d, p] for j in range(s.P[c])] for p in range(s.P[c])] for d in range(s.D[c])]
    return Sides(truth=truth, printed=printed(y_by_z),
                 wrong={"every y(p) depending on z(j)": printed(everything)})


@line("47.1237/a", "identity", "Only y(j) depends on z(j)",
      r"\sum_{p'|j\in\Omega_{p'}}\frac{\partial z_{2,n}(k)}{\partial t_n^{(d,C)}(p')}"
      r"\frac{\partial t_n^{(d,C)}(p')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))",
      cases=(*LAYERED, ANY_2))
def step_a(s):
    _, W, t_by_y, f, _ = pieces(s)
    regions = s.regions[s.C - 1]

    def printed(slope):
        return [[[sum(W[k, d, p] * t_by_y[d, p, d, j] for p, one in enumerate(regions) if j in one)
                  * slope[d, j] for j in range(s.P[s.C])] for d in range(s.D[s.C])]
                for k in range(len(W))]

    y = s.forward.y_c[s.C][0]
    return Sides(truth=s.z_by_z(s.C), printed=printed(f),
                 wrong={"f' at y": printed(s.f_c[-1].derivative(y))})


@line("47.1237/b", "identity", "The derivative by a pooled entry is a weight of W_1",
      r"\frac{\partial z_{2,n}(k)}{\partial t_n^{(d,C)}(p')}=w_{i_p',k}^{(1)}", cases=LAYERED,
      source_kind="consequence")
def step_b(s):
    W, P = s.parameters.W_l[1], s.Pp[s.C]
    shape = s.n[2], s.D[s.C], P
    printed = np.empty(shape, dtype=object)
    forgotten = np.empty(shape, dtype=object)
    for k, d, p in np.ndindex(shape):
        printed[k, d, p], forgotten[k, d, p] = W[k, d * P + p], W[k, p]
    return Sides(truth=s.z_by_t(s.C), printed=printed, wrong={"the map forgotten": forgotten})


@line("47.1238", "identity", "Each entry lies in one region, so that the sum has one term",
      r"\frac{\partial z_{2,n}(k)}{\partial z_n^{(d,C)}(j)}=w_{i_p'',k}^{(1)}"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))",
      cases=(*LAYERED, MEAN, ANY_2))
def one_term(s):
    _, _, t_by_y, f, region = pieces(s)
    W, P = s.parameters.W_l[1], s.Pp[s.C]

    def printed(place):
        return [[[W[k, place(d, region[j])] * t_by_y[d, region[j], d, j] * f[d, j]
                  for j in range(s.P[s.C])] for d in range(s.D[s.C])] for k in range(s.n[2])]

    return Sides(truth=s.z_by_z(s.C), printed=printed(lambda d, p: d * P + p),
                 wrong={"p'' for i''": printed(lambda d, p: p)})


@lecture.claim(
    "47.1238/unique", "identity", "Where regions overlap, one term is not enough",
    r"\frac{\partial z(k)}{\partial y(j)}=\sum_{p'\mid j\in\Omega_{p'}}w_{p',k}"
    r"\frac{\partial t(p')}{\partial y(j)}",
    covers="why the text needs regions that do not overlap", source_kind="own")
def overlapping_regions(e):
    w, y, regions = e.symbols("w", 2), e.symbols("y", 3), ((0, 1), (1, 2))
    truth = e.gradient(lambda y: loops.dot(w.tolist(), loops.pool(y, regions, sum)), y)
    every = [sum(w[k] for k, one in enumerate(regions) if j in one) for j in range(3)]
    first = [next(w[k] for k, one in enumerate(regions) if j in one) for j in range(3)]
    return Sides(truth=truth, printed=every, wrong={"the first region of each entry": first})


@line("47.1238/cover", "definition", "Each entry of the networks here lies in exactly one region",
      r"\Omega_1\cup\dots\cup\Omega_{P'}=\{1,\dots,P\},\;\Omega_{p'}\cap\Omega_{q'}=\emptyset",
      cases=(*BOTH, TWELVE), source_kind="words")
def regions_tile(s):
    def count(regions):
        return [sum(j in one for one in regions) for j in range(s.P[s.C])]

    return Sides(truth=[1] * s.P[s.C], printed=count(s.regions[s.C - 1]),
                 wrong={"the first region in two": count(
                     (*s.regions[s.C - 1], s.regions[s.C - 1][0]))})


def chain(s, weight, outer):
    """Σ_k δ_2(k) weight(k, d, p'') times the rest, entry by entry."""
    delta, _, t_by_y, f, region = pieces(s)
    total = np.empty((s.D[s.C], s.P[s.C]), dtype=object)
    for d, j in cells(s):
        p = region[j]
        terms = [delta[k] * weight(k, d, p) for k in range(s.n[2])]
        total[d, j] = outer(terms, t_by_y[d, p, d, j], f[d, j])
    return total


def column(s):
    W, P = s.parameters.W_l[1], s.Pp[s.C]
    return lambda k, d, p: W[k, d * P + p]


@line("47.1239/line1", "gradient", "Put together, term by term",
      r"\delta_n^{(d,C)}(j)=\sum_{k=1}^{n_2}\delta_{2,n}(k)\left(w_{i_p'',k}^{(1)}"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}f'(z_n^{(d,C)}(j))\right)",
      cases=LAYERED)
def put_together(s):
    W = s.parameters.W_l[1]
    return Sides(truth=s.sensitivity(0, s.C),
                 printed=chain(s, column(s), lambda terms, t, f: sum(x * t * f for x in terms)),
                 wrong={"p'' for i''": chain(s, lambda k, d, p: W[k, p],
                                             lambda terms, t, f: sum(x * t * f for x in terms))})


@line("47.1239/line2", "identity", "What does not depend on k stands in front",
      r"f'(z_n^{(d,C)}(j))\left(\sum_{k=1}^{n_2}\delta_{2,n}(k)w_{i_p'',k}^{(1)}\right)"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}", cases=LAYERED)
def taken_out(s):
    return Sides(truth=s.sensitivity(0, s.C),
                 printed=chain(s, column(s), lambda terms, t, f: f * sum(terms) * t),
                 wrong={"∂t/∂y left out": chain(s, column(s), lambda terms, t, f: f * sum(terms)),
                        "f' left out": chain(s, column(s), lambda terms, t, f: sum(terms) * t)})


@line("47.1239/line3", "gradient", "As an inner product with a column of W_1",
      r"f'(z_n^{(d,C)}(j))\left((w_{i_p''}^{(1)})^{\mathsf{T}}\delta_{2,n}\right)"
      r"\frac{\partial t_n^{(d,C)}(p'')}{\partial y_n^{(d,C)}(j)}", cases=LAYERED)
def inner_product(s):
    delta, _, t_by_y, f, region = pieces(s)
    W, P = strict(s.parameters.W_l[1]), s.Pp[s.C]

    def printed(vector):
        return [[f[d, j] * (vector(d * P + region[j]) @ delta) * t_by_y[d, region[j], d, j]
                 for j in range(s.P[s.C])] for d in range(s.D[s.C])]

    return Sides(truth=s.sensitivity(0, s.C), printed=printed(lambda i: W[:, i]),
                 wrong={"a row of W_1": lambda: printed(lambda i: W[i % s.n[2]]),
                        "the column behind": printed(lambda i: W[:, (i + 1) % s.n[1]])})


lecture.remark("47.1239/time", "The weights are said to be those at time n-1: left over from the "
               "stochastic form; in the derivation n counts samples that all see the same weights.")
