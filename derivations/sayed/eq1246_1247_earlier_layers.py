"""From a layer to the one behind, and through the pooling: (47.1246) and (47.1247)."""

import numpy as np

from cnnmat.derivations.sayed.setting import ANY_2, LAYERED, line
from cnnmat.verify import Sides

#: Layer c of which the earlier sensitivities are looked at.
LAYER = 1


def total(delta, slopes):
    """Σ_i Σ_d' δ^(d',c+1)(i) slopes[d', i, ...]."""
    return np.tensordot(delta, slopes, 2)


def next_delta(s, n=0):
    return s.backward.delta_c[LAYER + 1][n]


def z_by_y(s):
    """∂z^(d',c+1)(i)/∂y^(d,c)(j) by the loops."""
    return s.e.jacobian(lambda y: s.next_z(LAYER, s.pooled(LAYER, y)), s.signals()["y"][LAYER - 1])


@line("47.1246/line2", "identity", "Every unit of every map of the next layer passes something on",
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\frac{\partial\|\gamma_n-y_n\|^2}"
      r"{\partial z_n^{(d',c+1)}(i)}\frac{\partial z_n^{(d',c+1)}(i)}{\partial z_n^{(d,c)}(j)}",
      cases=(*LAYERED, ANY_2))
def through_next_layer(s):
    by_next, chain = s.sensitivity(0, LAYER + 1), s.z_by_z(LAYER)
    return Sides(truth=s.sensitivity(0, LAYER), printed=total(by_next, chain),
                 wrong={"the last map left out": total(by_next[:-1], chain[:-1]),
                        "the last unit left out": total(by_next[:, :-1], chain[:, :-1])})


@line("47.1246/line3", "identity", "The same with the sensitivities of the next layer",
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)"
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial z_n^{(d,c)}(j)}", cases=(*LAYERED, ANY_2))
def with_next_sensitivities(s):
    chain = s.z_by_z(LAYER)
    own = s.backward.delta_c[LAYER][0]
    return Sides(truth=s.sensitivity(0, LAYER), printed=total(next_delta(s), chain),
                 wrong={"the layer's own": lambda: total(own, chain),
                        "the maps in reverse": total(next_delta(s)[::-1], chain)})


@line("47.1246/line4", "identity", "Through the activation",
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)\frac{\partial z_n^{(d',c+1)}(i)}"
      r"{\partial y_n^{(d,c)}(j)}\frac{\partial y_n^{(d,c)}(j)}{\partial z_n^{(d,c)}(j)}",
      cases=(*LAYERED, ANY_2))
def through_activation(s):
    def y(shift):
        return s.signals(0, LAYER, shift=shift)["y"][LAYER - 1]

    y_by_z = s.e.jacobian(y, s.zeros(LAYER))
    own = np.array([[y_by_z[d, j, d, j] for j in range(s.P[LAYER])] for d in range(s.D[LAYER])])
    back = total(next_delta(s), z_by_y(s))
    return Sides(truth=s.sensitivity(0, LAYER), printed=back * own,
                 wrong={"y of the entry before": back * np.roll(own, 1, axis=1)})


@line("47.1246/line5", "identity", "The derivative of the activation by its name",
      r"\sum_{i=1}^{P_{c+1}}\sum_{d'=1}^{D_{c+1}}\delta_n^{(d',c+1)}(i)\frac{\partial z_n^{(d',c+1)}(i)}"
      r"{\partial y_n^{(d,c)}(j)}f'(z_n^{(d,c)}(j))", cases=(*LAYERED, ANY_2))
def activation_named(s):
    back, f = total(next_delta(s), z_by_y(s)), s.net.stages[LAYER].activation
    z = s.forward.z_c[LAYER][0]
    return Sides(truth=s.sensitivity(0, LAYER), printed=back * f.derivative(z),
                 wrong={"at y": back * f.derivative(s.forward.y_c[LAYER][0]),
                        "left out": back})


@line("47.1247/line1", "identity", "Through the pooled entries of all maps",
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial y_n^{(d,c)}(j)}=\sum_{d''=1}^{D_c}"
      r"\sum_{p'=1}^{P'_c}\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d'',c)}(p')}"
      r"\frac{\partial t_n^{(d'',c)}(p')}{\partial y_n^{(d,c)}(j)}", cases=(*LAYERED, ANY_2))
def through_all_pooled(s):
    a, b = s.z_by_t(LAYER), s.t_by_y(LAYER)
    return Sides(truth=z_by_y(s), printed=np.tensordot(a, b, 2),
                 wrong={"the last pooled entry left out": np.tensordot(a[..., :-1], b[:, :-1], 2),
                        "the last map left out": np.tensordot(a[:, :, :-1], b[:-1], 2)})


@line("47.1247/a", "identity", "Pooling is by map, so only the map itself remains",
      r"\sum_{p'=1}^{P'_c}\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d,c)}(p')}"
      r"\frac{\partial t_n^{(d,c)}(p')}{\partial y_n^{(d,c)}(j)}", cases=(*LAYERED, ANY_2),
      reason="regions that do not overlap, which the words after it ask for, are needed for the next "
             "step only; the words say layer d for map d")
def through_own_pooled(s):
    a, b = s.z_by_t(LAYER), s.t_by_y(LAYER)

    def printed(other):
        return np.stack([np.tensordot(a[:, :, other(d)], b[other(d), :, d], 1)
                         for d in range(s.D[LAYER])], axis=2)

    return Sides(truth=z_by_y(s), printed=printed(lambda d: d),
                 wrong={"the map before": printed(lambda d: d - 1)})
