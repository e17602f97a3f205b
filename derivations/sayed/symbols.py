"""What the symbols of sections 4 to 8 are: the signals of the plain loops, and the parameters."""

from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.verify import duals

#: A step size that is no factor of anything.
MU = Fraction(3, 7)

__all__ = ["NetworkSymbols"]


class NetworkSymbols:
    """The symbols of a network's `Setting`, from its parameters and the plain loops.

    Parameters
    ----------
    setting : Setting
    signals : dict, optional
        From n to signals, in place of those of the loops.
    put : dict, optional
        Parameters in place of the setting's: {"W_c": {1: nested list}}.
    """

    def __init__(self, setting, signals=None, put=None):
        self.setting, self.put = setting, put or {}
        self.known, self.untouched = dict(signals or {}), signals is None and put is None
        self.sensitivities, self.slopes = {}, {}

    def value(self, name, indices):
        """The value of a quantity."""
        return _VALUES[name](self, *indices) if name in _VALUES else self.parameter(name, indices)

    def signals(self, n):
        """The signals of sample n by the plain loops."""
        if n not in self.known:
            s = self.setting
            stages = s.stages(self.put.get("W_c"), self.put.get("Theta_c"))
            layers = s.layers(self.put.get("W_l"), self.put.get("theta_l"))
            self.known[n] = loops.network(s.h[n].tolist(), stages, layers)
        return self.known[n]

    def maps(self, n, c):
        """What correlation layer c+1 takes: the inputs, or the pooled maps of layer c."""
        return self.signals(n)["t"][c - 1] if c else self.setting.h[n].tolist()

    def columns(self, n, d, c):
        """H_n^(d,c): the subvectors of a map, side by side."""
        return np.array(loops.subvectors(self.maps(n, c)[d - 1], self.setting.lists[c]),
                        dtype=object).T

    def sensitivity(self, n, c=None, l=None):
        """The derivative of the loss by z, with the setting's own parameters."""
        if not self.untouched:
            raise LookupError
        if (n, c, l) not in self.sensitivities:
            self.sensitivities[n, c, l] = self.setting.sensitivity(n, c, l)
        return self.sensitivities[n, c, l]

    def pairs(self, c):
        """The derivatives of z of the next layer by the pooled maps of layer c, by the loops."""
        if c not in self.slopes:
            self.slopes[c] = self.setting.z_by_t(c)
        return self.slopes[c]

    # parameters: where the entries of each symbol stand in which array

    def parameter(self, name, indices):
        """The value of a symbol that is one of the parameters, or a part of one."""
        kind, k, places = _PLACES[name](self.setting, *indices)
        held = np.array(self.put.get(kind, {}).get(k, getattr(self.setting.parameters, kind)[k]),
                        dtype=object)
        if isinstance(places, tuple):
            return held[places]
        return np.array([held[place] for place in places.ravel()], dtype=object).reshape(
            places.shape)

    # duals put in

    def varied(self, name, indices, duals):
        """The same with duals in place of one value, and the loops run on them."""
        if name in _PLACES:
            kind, k, places = _PLACES[name](self.setting, *indices)
            held = np.array(getattr(self.setting.parameters, kind)[k], dtype=object)
            for place, dual in zip([places] if isinstance(places, tuple) else places.ravel(),
                                   np.ravel(duals), strict=True):
                held[place] = dual
            return NetworkSymbols(self.setting, put={kind: {k: held.tolist()}})
        n = indices[-1 if "ell" in name else 0]
        signals = _SIGNALS[name](self.setting, duals.ravel().tolist(), *indices)
        return NetworkSymbols(self.setting, {n: signals})


def _shifted(s, duals, n, d, c):
    """The signals with duals in z_n^(d,c)."""
    shift = s.zeros(c=c).tolist()
    shift[d - 1] = [dual - dual.value for dual in duals]
    return s.signals(n, c=c, shift=shift)


def _shifted_layer(s, duals, l, n):
    return s.signals(n, l=l, shift=[dual - dual.value for dual in duals])


def _from_maps(s, duals, n, d, c, kind="t"):
    """The signals with duals in t_n^(d,c), or in y_n^(d,c), and what comes behind them."""
    before = s.signals(n)
    maps = [list(one) for one in before[kind][c - 1]]
    maps[d - 1] = duals
    pooled = maps if kind == "t" else s.pooled(c, maps)
    behind = s.after(c, pooled)
    signals = {k: before[k][:c] + behind[k] for k in "zyt"}
    signals[kind][c - 1], signals["t"][c - 1] = maps, pooled
    return signals | {k: behind[k] for k in ("zl", "yl", "output")}


def _from_maps_before_pooling(s, duals, n, d, c):
    return _from_maps(s, duals, n, d, c, "y")


def _from_stacked(s, duals, l, n):
    """The signals with duals in y_(l,n); y_(1,n) is the stacked last maps."""
    before = s.signals(n)
    behind = loops.network([duals], [], s.layers()[l - 1:])
    if l > 1:
        own = {"yl": [*before["yl"][:l - 2], duals, *behind["yl"]]}
    else:
        P = s.Pp[s.C]
        maps = [duals[k:k + P] for k in range(0, len(duals), P)]
        own = {"t": [*before["t"][:-1], maps], "yl": behind["yl"]}
    return {**before, "zl": before["zl"][:l - 1] + behind["zl"], "output": behind["output"], **own}


_SIGNALS = {
    "z_n^{(d,c)}": _shifted, "y_n^{(d,c)}": _from_maps_before_pooling, "t_n^{(d,c)}": _from_maps,
    r"z_{\ell,n}": _shifted_layer, r"y_{\ell,n}": _from_stacked,
}


def _cells(rows, columns):
    """An array of the places (row, column)."""
    places = np.empty((len(rows), len(columns)), dtype=object)
    for i, j in np.ndindex(places.shape):
        places[i, j] = rows[i], columns[j]
    return places


def _column(places):
    made = np.empty((len(places), 1), dtype=object)
    made[:, 0] = places
    return made


def _whole(kind):
    def places(s, k):
        shape = getattr(s.parameters, kind)[k].shape
        return kind, k, _cells(range(shape[0]), range(shape[1])) if len(shape) == 2 else _column(
            [(i,) for i in range(shape[0])])

    return places


_PLACES = {
    "W_c": _whole("W_c"), r"\Theta_c": _whole("Theta_c"), r"W_\ell": _whole("W_l"),
    r"\theta_\ell": _whole("theta_l"),
    "w_j^{(d,c)}": lambda s, j, d, c: (
        "W_c", c, _cells(range((j - 1) * s.S[c], j * s.S[c]), [d - 1])),
    "W^{(d,c)}": lambda s, d, c: ("W_c", c, _cells(range(s.S[c] * s.D[c - 1]), [d - 1])),
    r"\theta^{(d,c)}": lambda s, d, c: ("Theta_c", c, _cells(range(s.D[c - 1]), [d - 1])),
    r"W_\ell^{(d)}": lambda s, l, d: (
        "W_l", l, _cells(range(s.n[2]), range((d - 1) * s.Pp[s.C], d * s.Pp[s.C]))),
    r"w_{ij}^{(\ell)}": lambda s, i, j, l: ("W_l", l, (j - 1, i - 1)),
    r"w_{i,j}^{(\ell)}": lambda s, i, j, l: ("W_l", l, (j - 1, i - 1)),
    r"w_i^{(\ell)}": lambda s, i, l: ("W_l", l, _cells(range(s.n[l + 1]), [i - 1])),
}


def _selection(order, count):
    """The rows of the identity that `order` names."""
    return np.array([[int(k == one) for k in range(count)] for one in order], dtype=object)


def _windows(v, c):
    """V_c: which entry of a map each entry of its subvectors is."""
    s = v.setting
    return _selection([i for one in s.lists[c] for i in one], s.Pp[c])


def _permutation(v, c):
    s = v.setting
    return _selection([j for region in s.regions[c - 1] for j in region], s.P[c])


def _pairs(v, d, e, c):
    """V^(d,d',c+1), from the derivatives of the loops."""
    return np.array(v.pairs(c)[e - 1, :, d - 1, :], dtype=object).T


def _blocks(v, n, c):
    s = v.setting
    blocks = np.zeros((s.P[c] * s.D[c], s.D[c]), dtype=object)
    for d, one in enumerate(v.sensitivity(n, c)):
        blocks[d * s.P[c]:(d + 1) * s.P[c], d] = one
    return blocks


def _region_slopes(v, n, d, c):
    """The derivatives of the pooled entries by those of the map: a row each."""
    s = v.setting
    return duals.jacobian(lambda y: loops.pool(y, s.regions[c - 1], s.reduces[c - 1]),
                          v.signals(n)["y"][c - 1][d - 1])


def _upv(v, n, d, c):
    spread = _permutation(v, c) @ _region_slopes(v, n, d, c).T
    return lambda one: spread @ one


def _which_f(v, name, *indices):
    """The activation of the layer that a quantity belongs to."""
    s = v.setting
    if name in ("z_n^{(d,c)}", "w_j^{(d,c)}"):
        return s.f_c[indices[-1] - 1]
    return s.f_l[-1] if name == "z_n" else s.f_l[indices[0] - 2]


def _size(name):
    return lambda v, *at: getattr(v.setting, name)[at[0]] if at else getattr(v.setting, name)


def _pooled(v, c):
    s = v.setting
    return lambda y: np.array([[one] for one in loops.pool(
        y.ravel().tolist(), s.regions[c - 1], s.reduces[c - 1])], dtype=object)


def _partitioned(v, c):
    """The subvectors of a map of layer c as a list, of which the text says how many there are."""
    lists = v.setting.lists[c]

    def partition(t, count):
        if count != len(lists):
            raise ValueError(f"{count} subvectors, there are {len(lists)}")
        return tuple(np.array([[t[i, 0]] for i in one], dtype=object) for one in lists)

    return partition


_VALUES = {
    "C": _size("C"), "L": _size("L"), "N": _size("N"), "M": _size("M"),
    "Q": lambda v: v.setting.widths[-1], "D_c": _size("D"), "P_c": _size("P"), "P'_c": _size("Pp"),
    "S_c": _size("S"), r"n_\ell": _size("n"), r"\rho_1": lambda v: v.setting.rho[0],
    r"\rho_2": lambda v: v.setting.rho[1],
    "h_n^{(d)}": lambda v, n, d: v.setting.h[n, d - 1],
    "h_{n,p}^{(d)}": lambda v, n, p, d: v.columns(n, d, 0)[:, p - 1],
    "h_{n,p}^{(d,c)}": lambda v, n, p, d, c: v.columns(n, d, c)[:, p - 1],
    "H_n^{(d,c)}": NetworkSymbols.columns,
    "H_{n,c}": lambda v, n, c: np.concatenate(
        [v.columns(n, d + 1, c) for d in range(v.setting.D[c])]),
    **{f"{x}_n^{{(d,c)}}": lambda v, n, d, c, x=x: v.signals(n)[x][c - 1][d - 1] for x in "zyt"},
    **{f"{x}_{{n,p}}^{{(d,c)}}": lambda v, n, p, d, c, x=x: v.signals(n)[x][c - 1][d - 1][p - 1]
       for x in "zyt"},
    r"z_{\ell,n}": lambda v, l, n: v.signals(n)["zl"][l - 2],
    r"y_{\ell,n}": lambda v, l, n: v.signals(n)["yl"][l - 2] if l > 1 else [
        one for part in v.maps(n, v.setting.C) for one in part],
    r"z_\ell": lambda v, l: v.signals(0)["zl"][l - 2],
    r"y_\ell": lambda v, l: v.value(r"y_{\ell,n}", (l, 0)),
    r"\delta_\ell": lambda v, l: v.sensitivity(v.setting.N - 1, l=l),
    "h'_n": lambda v, n: [one for part in v.maps(n, v.setting.C) for one in part],
    "y_n": lambda v, n: v.signals(n)["output"], "z_n": lambda v, n: v.signals(n)["zl"][-1],
    r"\gamma_n": lambda v, n: v.setting.gamma[n],
    r"\delta_n^{(d,c)}": lambda v, n, d, c: v.sensitivity(n, c)[d - 1],
    r"\delta_{\ell,n}": lambda v, l, n: v.sensitivity(n, l=l),
    "V_c": _windows, "T_c": _permutation, "V^{(d,d',c+1)}": _pairs, r"\Delta_{n,c}": _blocks,
    "b_n^{(d,d',c)}": lambda v, n, d, e, c: _pairs(v, d, e, c) @ v.sensitivity(n, c + 1)[e - 1],
    "g_{n,p'}^{(d,c)}": lambda v, n, p, d, c: _region_slopes(v, n, d, c)[
        p - 1, list(v.setting.regions[c - 1][p - 1])],
    r"J_{\mathrm{emp}}": lambda v: v.setting.risk(**v.put),
    r"J_{\mathrm{emp}}(W,\theta)": lambda v: v.setting.risk(**v.put),
    **{f"{i}_m": lambda v, m, d: (d - 1) * v.setting.Pp[v.setting.C] + m for i in ("i'", "i''")},
    r"\mathcal{D}_c": lambda v, c, d: tuple(j + 1 for j in v.setting.feeds[c][d - 1]),
    "i'_p": lambda v, d, p: (d - 1) * v.setting.Pp[v.setting.C] + p,
    "p''": lambda v, j, c: v.setting.region_of(c, j - 1) + 1,
    "i''_p": lambda v, d, j, c: (d - 1) * v.setting.Pp[c] + v.setting.region_of(c, j - 1) + 1,
    r"\Omega_{p'}": lambda v, p, c: tuple(j + 1 for j in v.setting.regions[c - 1][p - 1]),
    "f": _which_f, r"\mathrm{partition}": _partitioned, r"\mu": lambda v: MU, r"\mathrm{pool}": _pooled, r"\mathrm{upv}": _upv,
    r"\mathrm{permute}": lambda v, c: lambda one: _permutation(v, c) @ one,
    r"\mathrm{permute}^{\#}": lambda v, c: lambda one: _permutation(v, c).T @ one,
}
