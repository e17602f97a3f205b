"""What section 3 says of its symbols, and which of its lines are run as they stand."""

from fractions import Fraction

import numpy as np

from cnnmat import loops
from cnnmat.verify.tex.values import Sizes, size
from cnnmat.verify.tex.world import Computed

__all__ = ["PATCHES", "REGIONS", "patch_symbols", "region_symbols"]

#: One patch of three by three, and what each pooling makes of it.
PATCHES = r"""
index r = 1..1; c = 1..1; k = -B..B; \ell = -B..B; m
B : number
\mathcal{H}_{r,c}, \mathcal{H}, \mathcal{M} : matrix 2B+1 x 2B+1 from -B
\mathcal{M}_{\mathrm{mean}}, \mathcal{M}_{\max}, \mathcal{M}_{\mathrm{sub}}, \mathcal{M}_{\mathrm{example}} : matrix 3 x 3
t_{\mathrm{mean}}, t_{\max}, t_{\mathrm{sum}}, t_{\mathrm{corr}}, t_{\mathrm{norm}}, t_{\mathrm{sub}} : function
k^o, \ell^o : number
x_m : number for m = 1..9
e_m : vector 3 for m = 1..3
\mathrm{corr}, \mathrm{up}, \mathrm{subsample}, \circ : function
\alpha : number
\mathcal{G} : matrix 2B+1 x 2B+1 from -B
\mathrm{sqrt} : function
check 47.1170, 47.1171 where \mathbb{1} := \mathbb{1}_3
check 47.1169, 47.1170/corr where t := t_{\mathrm{mean}}
check 47.1172 where t := t_{\max}
check 47.1174/corr where t := t_{\max}(1,1)
check 47.1175
check 47.1176 where t := t_{\mathrm{norm}}
check 47.1174 where \mathcal{M}_{\max} := \mathcal{M}_{\mathrm{example}}
check 47.1178, 47.1180/sum
check 47.1180 where t := t_{\mathrm{corr}}
check 47.1185a where t := t_{\mathrm{mean}}
check 47.1185b where t := t_{\max}
check 47.1179 where k^o := -1; \ell^o := -1
check 47.1185c where t := t_{\mathrm{sub}}; k^o := -1; \ell^o := -1
check 47.1185d where t := t_{\mathrm{norm}}
check 47.1185e where t := t_{\mathrm{corr}}
check 47.1181
check 47.1184 where t := t_{\mathrm{corr}}
check 47.1186
check 47.1185/euler where t := t_{\mathrm{corr}}
check table47.12/l2 as t_{\mathrm{norm}}(r,c); \frac{\partial t_{\mathrm{norm}}(r,c)}{\partial\mathcal{H}_{r,c}}
 where t(r,c) := t_{\mathrm{norm}}(r,c)
check table47.12/max as t_{\max}(r,c); \frac{\partial t_{\max}(r,c)}{\partial\mathcal{H}_{r,c}}
 where k^o := k^o+B+1; \ell^o := \ell^o+B+1
check 47.1168/window sizes \mathcal{H}
check table47.12/mean as t_{\mathrm{mean}}(r,c); \frac{\partial t_{\mathrm{mean}}(r,c)}{\partial\mathcal{H}_{r,c}}
 where \mathbb{1} := \mathbb{1}_3
check table47.12/correlation as t_{\mathrm{corr}}(r,c);
 \frac{\partial t_{\mathrm{corr}}(r,c)}{\partial\mathcal{H}_{r,c}}
check table47.12/subsampling as t_{\mathrm{sub}}(r,c); \frac{\partial t_{\mathrm{sub}}(r,c)}{\partial\mathcal{H}_{r,c}}
 where k^o := 1; \ell^o := 1
check 47.1185/sum where t := t_{\mathrm{sum}}
"""

#: Twelve entries in three regions, Figure 47.95.
REGIONS = r"""
index n = 0..0; d = 1..2; p = 1..P; p' = 1..P'; q'; k; m
P, P', D : number
y_n^{(d)} : vector P
y, y_o : vector P
v : vector P'
t_{\mathrm{mean},n}^{(d)}, t_{\mathrm{sum},n}^{(d)} : vector P'
t_{\mathrm{norm},n}^{(d)}, t_{\mathrm{corr},n}^{(d)}, t_{\max,n}^{(d)} : vector P'
s_{p'} : number for p' = 1..P'
m^{(d)} : vector P
g_{n,p'}^{(d)} : vector |\Omega_{p'}|
\Omega_{p'} : list
T : matrix P x P
I : matrix P x P
e_m : vector P
\mathrm{pool}, \mathrm{permute}, \mathrm{permute}^{\#}, \mathrm{sqrt} : function
\mathrm{upv} : function at n, d
\mathrm{up} : function at n, d, p'
\alpha : number
\alpha_{p'} : number for p' = 1..P'
\alpha'_p : number for p = 1..P
check table47.13/mean as t_{\mathrm{mean},n}^{(d)}(p')
check table47.13/max as t_{\max,n}^{(d)}(p')
check table47.13/cardinality as s_{p'}
check table47.13/l2 as t_{\mathrm{norm},n}^{(d)}(p')
check table47.13/correlation as t_{\mathrm{corr},n}^{(d)}(p')
check 47.1188, 47.1191b where t_n^{(d)} := t_{\mathrm{mean},n}^{(d)}
check 47.1196a where t_n^{(d)} := t_{\mathrm{mean},n}^{(d)}
check 47.1196/sum where t_n^{(d)} := t_{\mathrm{sum},n}^{(d)}
check 47.1196d where t_n^{(d)} := t_{\mathrm{norm},n}^{(d)}
check table47.14/mean as t_{\mathrm{mean},n}^{(d)}(p'); \frac{\partial t_{\mathrm{mean},n}^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}
check table47.14/l2 as t_{\mathrm{norm},n}^{(d)}(p'); \frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}
 where t_n^{(d)} := t_{\mathrm{norm},n}^{(d)}
check table47.13/correlation-d over m^{(d)}(p)
check 47.1196e where t_n^{(d)} := t_{\mathrm{corr},n}^{(d)}
check table47.14/correlation as t_{\mathrm{corr},n}^{(d)}(p'); \frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}
 where t_n^{(d)} := t_{\mathrm{corr},n}^{(d)}
check 47.1197 where g := g_{n,p'}^{(d)}
check 47.1199, 47.1200/matrix
check 47.1200 for n = 0..0; d = 1..2
check 47.1201/example, 47.1201, 47.1201/rows, 47.1201/T, 47.1202, 47.1203, 47.1203/TTt, 47.1203/cover, 47.1204, fig47.95
check 47.1240/j3, 47.1250/first
check 47.1203/size sizes T
check 47.1187/indices over y_n^{(d)}(p)t_{\mathrm{mean},n}^{(d)}(p')
check 47.1188/Dmaps over y_n^{(d)}
"""


#: Its largest entry is in row 1, column 2.
EXAMPLE = ((1, 9, 2), (3, 4, 5), (6, 7, 8))


def patch_symbols(e):
    """A patch, a mask, and what the loops make of them."""
    patch, mask = e.symbols("H", 3, 3), e.symbols("M", 3, 3)
    largest = loops.largest(loops.vec(patch.tolist()))
    place = [[int(one is largest) for one in row] for row in patch.tolist()]
    row = next(k for k in range(3) if any(place[k]))
    fixed = {"B": 1, r"\mathcal{M}": mask, r"\alpha": e.symbols("a"), r"\mathcal{G}": mask,
             r"\circ": lambda: _entry_by_entry, r"\mathrm{subsample}": lambda: lambda one: one[0, 0],
             r"\mathrm{up}": lambda: lambda one: e.gradient(
                 lambda rows: loops.dot(loops.vec(rows), loops.vec(mask.tolist())) * one, patch), "e_m": lambda m: [int(k == m) for k in (1, 2, 3)],
             r"\mathcal{M}_{\mathrm{mean}}": [[Fraction(1, 9)] * 3] * 3,
             r"\mathcal{M}_{\mathrm{example}}": e.gradient(
                 lambda rows: loops.largest(loops.vec(rows)), np.array(EXAMPLE)),
             r"\mathcal{M}_{\max}": place, "k^o": row - 1, r"\ell^o": place[row].index(1) - 1,
             r"\mathcal{M}_{\mathrm{sub}}": [[1, 0, 0], [0, 0, 0], [0, 0, 0]],
             r"\mathrm{corr}": lambda: lambda a, b: loops.dot(
                 loops.vec(a.tolist()), loops.vec(b.tolist()))}
    return Computed({"x_m": lambda m: patch[divmod(m - 1, 3)], **_root(e), **fixed}, _of_a_patch)


def _entry_by_entry(a, b):
    if a.shape != b.shape:
        raise Sizes(f"{size(a)} by {size(b)}, entry by entry")
    return a * b


def _root(e):
    """A square root of symbols, where they may be divided by each other."""
    root = e.root() if e.ring.rational else None
    return {r"\mathrm{sqrt}": lambda: root} if root else {}


def _of_a_patch(values):
    patch = np.array([[values["x_m"](3 * k + l) for l in (1, 2, 3)] for k in range(3)], dtype=object)
    if r"\mathcal{H}_{r,c}" in values:
        patch = np.asarray(values[r"\mathcal{H}_{r,c}"](1, 1), dtype=object)
    entries, mask = loops.vec(patch.tolist()), loops.vec(values[r"\mathcal{M}"].tolist())
    found = {"mean": loops.mean, "sum": sum, "corr": lambda one: loops.dot(one, mask),
             "sub": lambda one: one[0]}
    reduced = {rf"t_{{\mathrm{{{name}}}}}": lambda f=f: lambda r, c: f(entries)
               for name, f in found.items()}
    if r"\mathrm{sqrt}" in values:
        root = values[r"\mathrm{sqrt}"]()
        reduced |= {r"t_{\mathrm{norm}}": lambda: lambda r, c: loops.norm(entries, 2, root)}
    return {r"\mathcal{H}": patch, r"\mathcal{H}_{r,c}": lambda r, c: patch, **reduced,
            r"t_{\max}": lambda: lambda r, c: loops.largest(entries)}


#: Figure 47.95.
OMEGA = ((0, 1, 3, 7), (2, 4, 6, 8, 10), (5, 9, 11))


def region_symbols(e):
    """Two maps of twelve entries, and what the loops make of them."""
    y, v = e.symbols("y", 2, 12), e.symbols("v", 3)
    order = [p for region in OMEGA for p in region]
    g = [e.symbols(f"g{d}{k}", len(region)) for d in range(2) for k, region in enumerate(OMEGA)]
    T = np.array([[int(p == one) for p in range(12)] for one in order], dtype=object)

    def spread(n, d):
        return [v[k] * one for k in range(3) for one in g[3 * (d - 1) + k]]

    fixed = {
        "P": 12, "P'": 3, "D": 2, "v": v, "T": T, "I": np.eye(12, dtype=int), "y": y[0],
        "y_o": y[0][order], "e_m": lambda m: np.eye(12, dtype=int)[m - 1],
        r"\Omega_{p'}": lambda p: tuple(k + 1 for k in OMEGA[p - 1]),
        "g_{n,p'}^{(d)}": lambda n, p, d: g[3 * (d - 1) + p - 1],
        r"\mathrm{upv}": lambda n, d: lambda one: np.array(spread(n, d), dtype=object)[:, None],
        r"\mathrm{up}": lambda n, d, p: lambda one: one * g[3 * (d - 1) + p - 1][:, None],
        r"\alpha": e.symbols("a"), r"\alpha_{p'}": lambda p: v[p - 1], r"\alpha'_p": lambda p: v[(p - 1) % 3],
        r"\mathrm{pool}": lambda: lambda one: np.array(
            [[x] for x in loops.pool(one[:, 0].tolist(), OMEGA, loops.mean)], dtype=object),
        r"\mathrm{permute}": lambda: lambda one: one[order],
        r"\mathrm{permute}^{\#}": lambda: lambda one: one[np.argsort(order)],
        "m^{(d)}": lambda d: m[d - 1], **_root(e)}
    m = e.symbols("m", 2, 12)
    return Computed({"y_n^{(d)}": lambda n, d: y[d - 1], **fixed}, _of_regions)


def _of_regions(values):
    def pooled(reduce):
        return lambda n, d: [reduce(k, d, [_entries(values, n, d)[p] for p in region])
                             for k, region in enumerate(OMEGA)]

    found = {r"\mathrm{mean}": lambda k, d, one: loops.mean(one), r"\mathrm{sum}": lambda k, d, one:
             sum(one), r"\mathrm{corr}": lambda k, d, one: loops.dot(
                 one, [values["m^{(d)}"](d)[p] for p in OMEGA[k]])}
    if r"\mathrm{sqrt}" in values:
        root = values[r"\mathrm{sqrt}"]()
        found[r"\mathrm{norm}"] = lambda k, d, one: loops.norm(one, 2, root)
    return {f"t_{{{name},n}}^{{(d)}}": pooled(reduce) for name, reduce in found.items()} | {
        r"t_{\max,n}^{(d)}": pooled(lambda k, d, one: loops.largest(one)),
        "s_{p'}": lambda p: sum(1 for _ in OMEGA[p - 1])}


def _entries(values, n, d):
    return np.ravel(values["y_n^{(d)}"](n, d)).tolist()
