"""Masks, subvectors, feature maps, regions and their permutations, for all sizes."""

import numpy as np

from cnnmat import loops, upv, upv_matrix, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import Mean, Sum
from cnnmat.textbook.vec import carrier, times
from cnnmat.verify import Sides


@lecture.claim("47.1126/all", "identity", "A correlation is the inner product of the stacked patch "
               "and mask, for all sizes", r"(\mathrm{vec}(\mathcal{H}))^T"
               r"\mathrm{vec}(\mathcal{W})")
def inner_product(e):
    K, L = e.sizes("K", "L")
    H, W = e.symbols("H", K, L), e.symbols("W", K, L)
    h, w = H.tolist(), W.tolist()
    return Sides(truth=sum(h[k][l] * w[k][l] for k in range(K) for l in range(L)),
                 printed=vec(H) @ vec(W),
                 wrong={"the mask reversed": vec(H) @ vec(W)[::-1], "twice": 2 * (vec(H) @ vec(W))})


@lecture.claim("47.1138/all", "identity", "The vector of the flipped mask is the mask in reverse, "
               "for all sizes", r"w^{\#}=\tilde Iw",
               assumes={"Ĩ is the reversed identity": "of the size that fits"})
def flipped(e):
    K, L = e.sizes("K", "L")
    W = e.symbols("W", K, L)
    return Sides(truth=loops.vec(loops.flip(W.tolist())), printed=vec(W)[::-1],
                 wrong={"the rows only": vec(W[::-1]), "not reversed": vec(W)})


@lecture.claim("47.1152/all", "identity", "V h stacks the subvectors, for all sizes",
               r"\mathrm{col}\{h_{n,p}\}=Vh_n")
def stacked(e):
    P, S, M = e.sizes("P", "S", "M")
    V, h = e.partition(P, S, M), e.symbols("h", M)
    subvectors = loops.subvectors(h.tolist(), e.lists(V))
    return Sides(truth=[x for one in subvectors for x in one], printed=times(V.matrix, h),
                 wrong={"an entry for its neighbour": times(V.matrix, h[::-1]),
                        "twice": 2 * times(V.matrix, h)})


@lecture.claim("47.1157/all", "definition", "The subvectors as columns of a matrix, for all sizes",
               r"H_n\triangleq\begin{bmatrix}h_{n,1}&h_{n,2}&\dots&h_{n,P}\end{bmatrix}")
def columns(e):
    P, S, M = e.sizes("P", "S", "M")
    V, h = e.partition(P, S, M), e.symbols("h", M)
    return Sides(truth=loops.transpose(loops.subvectors(h.tolist(), e.lists(V))),
                 printed=V.columns(h), wrong={"the columns in reverse": V.columns(h)[:, ::-1],
                                              "the rows in reverse": V.columns(h)[::-1]})


@lecture.claim("47.1161/all", "definition", "Each of D masks gives a map of its own, for all sizes",
               r"y_n^{(d)}=f\left(H_n^Tw^{(d)}-\theta^{(d)}\mathbb{1}\right),\quad "
               r"d=1,2,\dots,D")
def feature_maps(e):
    P, S, M, D = e.sizes("P", "S", "M", "D")
    V, h, f = e.partition(P, S, M), e.symbols("h", M), e.activation()
    w, theta = e.symbols("w", D, S), e.symbols("theta", D)
    subvectors, H = loops.subvectors(h.tolist(), e.lists(V)), V.columns(h)

    def maps(w, sign=1):
        return [correlation.feature_map(H, w[d], sign * theta[d], f) for d in range(D)]

    return Sides(truth=[loops.feature_map(subvectors, w.tolist()[d], theta.tolist()[d], f)
                        for d in range(D)], printed=maps(w),
                 wrong={"the bias added": maps(w, -1), "the masks reversed": maps(w[:, ::-1])})


@lecture.claim("47.1164/all", "definition", "The contributions of several input maps add up, for "
               "all sizes", r"z_n(p)=\sum_{j=1}^{B}\left([h_{n,p}^{(j)}]^Tw_j-\theta(j)"
               r"\right)", source_kind="consequence")
def several_maps(e):
    P, S, M, B = e.sizes("P", "S", "M", "B")
    V, t = e.partition(P, S, M), e.symbols("t", B, M)
    w, theta = e.symbols("w", B, S), e.symbols("theta", B)
    H = correlation.stack_maps(V, t)

    def printed(w, theta):
        return correlation.preactivation(H, w.reshape(B * S, 1), theta[:, None])[0]

    return Sides(truth=loops.preactivation(t.tolist(), e.lists(V), w.tolist(), theta.tolist(),
                                           list(range(B))), printed=printed(w, theta),
                 wrong={"the maps in reverse": printed(w[::-1], theta),
                        "the biases added": printed(w, -theta)})


def sent_back(e, reduce, pooling):
    """(∂ Σ b t/∂y through the loops, permute#(upv(b)) of the shipped pooling, the same not put back)."""
    P, Q = e.sizes("P", "P'")
    omega, y, b = e.regions(P, Q), e.symbols("y", P), e.symbols("b", Q)
    truth = e.gradient(lambda y: loops.dot(loops.pool(y, e.lists(omega), reduce), b.tolist()), y)
    spread = upv(b, pooling.gradient_vectors(y, omega), omega)
    return truth, omega.permute_sharp(spread), spread


@lecture.claim("47.1196a/all", "gradient", "Gradient vector of a mean: equal entries, for all sizes",
               r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}="
               r"\frac{1}{|\Omega_{p'}|}\mathbb{1}")
def mean(e):
    truth, printed, spread = sent_back(e, loops.mean, Mean())
    return Sides(truth, printed, wrong={"not put back": spread, "twice": 2 * printed})


@lecture.claim("47.1196/sum/all", "gradient", "Gradient vector of a sum: ones, for all sizes",
               r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}=\mathbb{1}",
               source_kind="own")
def total(e):
    truth, printed, spread = sent_back(e, sum, Sum())
    return Sides(truth, printed, wrong={"not put back": spread, "twice": 2 * printed})


@lecture.claim("47.1200/all", "identity", "upv is a product with a block diagonal matrix, for all "
               "sizes", r"\mathrm{upv}(v)=\mathrm{blkdiag}\{g_1,\dots,g_{P'}\}\,v",
               source_kind="own")
def upv_as_matrix(e):
    P, Q = e.sizes("P", "P'")
    omega, g, v = e.regions(P, Q), e.symbols("g", P), e.symbols("v", Q)
    U = upv_matrix(g, omega)
    return Sides(truth=upv(v, g, omega), printed=U @ v,
                 wrong={"g left out": omega.expand(v), "twice": 2 * (U @ v)})


@lecture.claim("47.1203/all", "identity", "T is orthogonal, and permute# undoes permute, for all "
               "sizes", r"TT^T=I,\quad y=T^Ty_o")
def orthogonal(e):
    P, Q = e.sizes("P", "P'")
    omega, y = e.regions(P, Q), e.symbols("y", P)
    T = carrier(omega.matrix, y)
    return Sides(truth=(np.eye(P, dtype=int), y),
                 printed=(T @ T.T, omega.permute_sharp(omega.permute(y))),
                 wrong={"T T": (T @ T, omega.permute(omega.permute(y))),
                        "permute only": (T @ T.T, omega.permute(y))})
