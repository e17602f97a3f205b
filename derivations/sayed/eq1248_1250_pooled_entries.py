"""One pooled entry remains, and what comes back to it: (47.1248) to (47.1250)."""

import numpy as np

from cnnmat import Partition, loops
from cnnmat.derivations.sayed.eq1246_1247_earlier_layers import LAYER, next_delta, z_by_y
from cnnmat.derivations.sayed.setting import (
    ANY_2,
    BOTH,
    FIGURE_95,
    FIGURE_99,
    LAYERED,
    lecture,
    line,
)
from cnnmat.verify import Sides, vanishes


@line("47.1248", "identity", "One pooled entry remains",
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial y_n^{(d,c)}(j)}="
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d,c)}(p'')}"
      r"\frac{\partial t_n^{(d,c)}(p'')}{\partial y_n^{(d,c)}(j)}", cases=LAYERED)
def one_pooled_entry(s):
    a, b = s.z_by_t(LAYER), s.t_by_y(LAYER)
    truth = z_by_y(s)

    def printed(region):
        out = np.empty(truth.shape, dtype=object)
        for k, i, d, j in np.ndindex(truth.shape):
            out[k, i, d, j] = a[k, i, d, region(j)] * b[d, s.region_of(LAYER, j), d, j]
        return out

    return Sides(truth=truth, printed=printed(lambda j: s.region_of(LAYER, j)),
                 wrong={"the first pooled entry": printed(lambda j: 0)})


@lecture.claim("47.1248/several", "example", "A pooled entry may enter several subvectors",
               r"V_c^{\mathsf{T}}\mathbb{1}=\mathrm{col}\{2,2,1,1,1,1\}", source_kind="words")
def several_subvectors(e):
    skeleton = Partition(FIGURE_99, 6).skeleton
    truth = [sum(one.count(m) for one in FIGURE_99) for m in range(6)]
    return Sides(truth=truth, printed=skeleton.sum(axis=0),
                 wrong={"one each": [1] * 6}, show={"(I ⊗ 1ᵀ)V": skeleton})


@line("47.1248/same-mask", "identity", "One mask meets all P_{c+1} subvectors of a map",
      r"(I_{P_{c+1}}\otimes(w_d^{(d',c+1)})^{\mathsf{T}})V_ct_n^{(d,c)}", cases=(*LAYERED, ANY_2),
      source_kind="words")
def same_mask(s):
    c, W = LAYER + 1, s.parameters.W_c[LAYER + 1]
    partition = s.partition(c)
    t, S = s.forward.t_c[LAYER][0], s.S[c]
    V = partition.matrix.toarray().astype(object)
    eye = np.eye(s.P[c], dtype=int).astype(object)

    def z(d_after, mask):
        terms = [np.kron(eye, mask(d, d_after)[None]) @ V @ t[d] for d in range(s.D[LAYER])]
        return sum(terms) - s.parameters.Theta_c[c][:, d_after].sum()

    def own(d, k):
        return W[d * S:(d + 1) * S, k]

    return Sides(truth=s.signals()["z"][LAYER], printed=[z(k, own) for k in range(s.D[c])],
                 wrong={"the mask reversed": [z(k, lambda d, k: own(d, k)[::-1])
                                              for k in range(s.D[c])]})


@line("47.1248/times", "dimension", "The mask is used P_{c+1} times", r"P_{c+1}\text{ times}",
      cases=BOTH, source_kind="words")
def times_used(s):
    W = s.parameters.W_c[LAYER + 1]
    z = s.e.jacobian(lambda W: loops.network(s.h[0].tolist(), s.stages({LAYER + 1: W}), s.layers())[
        "z"][LAYER], W)
    used = [not vanishes(z[0, i, 0, 0]) for i in range(z.shape[1])]
    return Sides(truth=sum(used), printed=s.P[LAYER + 1], wrong={"P_c": s.P[LAYER]})


@line("47.1248/other-maps", "gradient", "Which other maps contribute to the same pre-activation",
      r"\sum_{i=1}^{P_{c+1}}\left(\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d'',c+1)}(p')}"
      r"\right)^2\neq0", cases=LAYERED, expect="misprint",
      corrected_formula=r"\sum_{i=1}^{P_{c+1}}\left(\frac{\partial z_n^{(d',c+1)}(i)}{"
      r"\partial t_n^{(d'',c)}(p')}\right)^2\neq0",
      reason="z of a map gathers the maps of the layer before, through their own masks; the maps of one "
             "layer do not feed each other; what the sentence concludes holds",
      source_kind="words")
def other_maps(s):
    by_t = s.z_by_t(LAYER)
    c = LAYER + 1
    among = s.e.jacobian(lambda shift: s.signals(0, c, shift=shift)["z"][c - 1], s.zeros(c))
    contributes = {d: not vanishes(by_t[0, :, d]).all() for d in range(s.D[LAYER])}
    others_same_layer = not vanishes(among[0, :, 1:]).all()
    return Sides(truth=True, printed=others_same_layer, corrected=contributes[1],
                 wrong={"none": bool(vanishes(by_t[0]).all())})


@line("fig47.98", "identity", "From an entry through one pooled entry, several subvectors, one mask",
      r"y_n^{(d,c)}(j)\to t_n^{(d,c)}(p'')\to\{h_{n,p}^{(d,c)}\}\to z_n^{(d',c+1)}(i)",
      cases=LAYERED, source_kind="words")
def figure_98(s):
    by_t, c = s.z_by_t(LAYER), LAYER + 1

    def printed(mask):
        out = np.zeros(by_t.shape, dtype=object)
        for k, i, d in np.ndindex(by_t.shape[:3]):
            for place, p in enumerate(s.lists[c - 1][i]):
                out[k, i, d, p] += mask(k, d, i)[place]
        return out

    return Sides(truth=by_t, printed=printed(lambda k, d, i: s.mask(k, d, c)),
                 wrong={"a mask that turns with p": printed(
                     lambda k, d, i: np.roll(s.mask(k, d, c), i))})


def rearranged(s, region, derivative_of):
    """f'(z(j)) (Σ_i δ(i) ∂z(i)/∂t(p'')) ∂t(p'')/∂y(j), summed over d'."""
    a, b, f, delta = s.z_by_t(LAYER), s.t_by_y(LAYER), s.f_prime(LAYER), next_delta(s)
    out = np.zeros((s.D[LAYER], s.P[LAYER]), dtype=object)
    for d, j in np.ndindex(out.shape):
        inner = [loops.dot(delta[k], a[k, :, d, region(j)]) for k in range(s.D[LAYER + 1])]
        out[d, j] = sum(f[d, j] * one * b[d, derivative_of(j), d, j] for one in inner)
    return out


@line("47.1249", "gradient", "The sums rearranged",
      r"\delta_n^{(d,c)}(j)=\sum_{d'=1}^{D_{c+1}}f'(z_n^{(d,c)}(j))\left("
      r"\sum_{i=1}^{P_{c+1}}\delta_n^{(d',c+1)}(i)\frac{\partial z_n^{(d',c+1)}"
      r"(i)}{\partial t_n^{(d,c)}(p'')}\right)\frac{\partial t_n^{(d,c)}"
      r"(p'')}{\partial y_n^{(d,c)}(j)}", cases=LAYERED)
def sums_rearranged(s):
    def own(j):
        return s.region_of(LAYER, j)

    return Sides(truth=s.sensitivity(0, LAYER), printed=rearranged(s, own, own),
                 wrong={"the first region for all": rearranged(s, lambda j: 0, own),
                        "the first derivative for all": rearranged(s, own, lambda j: 0)})


@line("47.1249/depends", "identity", "The inner sum depends on j through its region alone",
      r"j\mapsto p''_j", cases=BOTH, source_kind="words")
def depends_on_region(s):
    a, delta, d = s.z_by_t(LAYER), next_delta(s), 1
    region = [s.region_of(LAYER, j) for j in range(s.P[LAYER])]
    by_j = s.sensitivity(0, LAYER)[d] / (
        s.f_prime(LAYER)[d] * [s.t_by_y(LAYER)[d, p, d, j] for j, p in enumerate(region)])
    inner = [sum(delta[k, i] * a[k, i, d, p] for k, i in np.ndindex(delta.shape))
             for p in range(s.Pp[LAYER])]
    return Sides(truth=by_j, printed=[inner[p] for p in region],
                 wrong={"one value for all": [inner[0]] * len(region),
                        "the whole sensitivity": s.sensitivity(0, LAYER)[d]})


def b_of_pairs(s):
    """b^(d,d',c)(p'') by its definition: [d, d', p'']."""
    a, delta = s.z_by_t(LAYER), next_delta(s)
    return np.array([[[loops.dot(delta[k], a[k, :, d, p]) for p in range(s.Pp[LAYER])]
                      for k in range(s.D[LAYER + 1])] for d in range(s.D[LAYER])])


@line("47.1250", "definition", "What comes back to a pooled entry through a pair of maps",
      r"b_n^{(d,d',c)}(p'')\triangleq\sum_{i=1}^{P_{c+1}}\delta_n^{(d',c+1)}(i)"
      r"\frac{\partial z_n^{(d',c+1)}(i)}{\partial t_n^{(d,c)}(p'')}", cases=(*LAYERED, ANY_2))
def back_to_pooled(s):
    b = b_of_pairs(s)
    by_t = s.e.gradient(lambda t: s.error(0, s.after(LAYER, t)["output"]),
                        s.signals()["t"][LAYER - 1])
    return Sides(truth=by_t, printed=b.sum(axis=1),
                 wrong={"depending on d' only": [b[0].sum(axis=0)] * s.D[LAYER],
                        "one d' only": b[:, 0]})


@line("47.1250/range", "dimension", "p'' runs over the pooled entries",
      r"p''=1,2,\dots,P'_c", cases=(*BOTH, ANY_2))
def range_of_b(s):
    return Sides(truth=len(s.signals()["t"][LAYER - 1][0]), printed=s.Pp[LAYER],
                 wrong={"P_{c+1}": s.P[LAYER + 1]})


@line("47.1250/same", "identity", "All entries of a region share one value",
      r"j,k\in\Omega_{p''}\Rightarrow b(p''_j)=b(p''_k)", cases=BOTH, source_kind="words")
def shared_value(s):
    b, regions = b_of_pairs(s)[1].sum(axis=0), s.regions[LAYER - 1]
    f, slopes = s.f_prime(LAYER)[1], s.t_by_y(LAYER)[1, :, 1]
    delta = s.sensitivity(0, LAYER)[1]
    truth = [[delta[j] / (f[j] * slopes[p, j]) for j in one] for p, one in enumerate(regions)]
    return Sides(truth=truth, printed=[[b[p]] * len(one) for p, one in enumerate(regions)],
                 wrong={"the region behind": [[b[p - 1]] * len(one)
                                              for p, one in enumerate(regions)]})


@lecture.claim("47.1250/first", "example", "The entries that make the first pooled entry",
               r"p''=1:\;j\in\{1,2,4,8\}", rewritten=r"\Omega_1=\{1,2,4,8\}")
def first_region(e):
    y = e.symbols("y", 12)
    slopes = e.gradient(lambda y: loops.pool(y, FIGURE_95, sum)[0], y)
    return Sides(truth=[j + 1 for j in range(12) if not vanishes(slopes[j])], printed=[1, 2, 4, 8],
                 wrong={"the first four": [1, 2, 3, 4]})
