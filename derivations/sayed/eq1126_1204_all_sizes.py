"""Masks, subvectors, feature maps, regions and their permutations, for all sizes."""

import numpy as np

from cnnmat import correlate_image, flip, kron, loops, upv, upv_matrix, vec
from cnnmat.derivations.sayed.setting import lecture
from cnnmat.derivations.sayed.shapes import gradient_matrix
from cnnmat.derivations.tables import table
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import Correlation, Lp, Mean, Sum
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


def image_and_mask(e):
    """An image, and a mask of 2K + 1 rows and 2L + 1 columns."""
    (R, C), (K, L) = e.sizes("R", "C"), e.paddings("K", "L")
    return e.symbols("I", R, C), e.symbols("W", e.size("A", 2 * K + 1), e.size("B", 2 * L + 1))


@lecture.claim("47.1133/all", "identity", "Each pixel of the filtered image is a correlation with its "
               "patch, for all sizes", r"\mathcal{F}(r,c)=\sum_{k=-K}^{K}\sum_{\ell=-K}^{K}"
               r"\mathcal{I}(r+k,c+\ell)\mathcal{W}(k,\ell)=h_{r,c}^{\mathsf T}w",
               source_kind="consequence")
def filtered_image(e):
    image, W = image_and_mask(e)
    return Sides(truth=loops.filter_image(image.tolist(), W.tolist()),
                 printed=correlate_image(image, W),
                 wrong={"a convolution": correlate_image(image, flip(W)),
                        "the image from its end": correlate_image(image[::-1], W)})


@lecture.claim("47.1139/all", "identity", "Correlating with a mask is convolving with the flipped one, "
               "for all sizes", r"\mathcal{F}(r,c)=\sum_{k=-K}^K\sum_{\ell=-K}^K\mathcal{W}^{\#}"
               r"(k,\ell)\,\mathcal{I}(r-k,c-\ell)")
def convolution(e):
    image, W = image_and_mask(e)
    pixels, turned = image.tolist(), loops.flip(W.tolist())
    return Sides(truth=[[loops.convolve_at(pixels, turned, r, c) for c in range(len(pixels[0]))]
                        for r in range(len(pixels))],
                 printed=correlate_image(image, W),
                 wrong={"convolving with the mask itself": correlate_image(image, flip(W))})


@lecture.claim("47.1138/all", "identity", "The vector of the flipped mask is the mask in reverse, "
               "for all sizes", r"w^{\#}=\tilde Iw",
               assumes={"Ĩ is the reversed identity": "of the size that fits"})
def flipped(e):
    K, L = e.sizes("K", "L")
    W = e.symbols("W", K, L)
    return Sides(truth=loops.vec(loops.flip(W.tolist())), printed=vec(W)[::-1],
                 wrong={"the rows only": vec(W[::-1]), "not reversed": vec(W)})


def by_unit_vectors(e, M, read):
    """The matrix of a linear map of M entries: what the loops make of a shift of each entry."""
    return e.jacobian(read, e.symbols("h", M))


@lecture.claim("47.1149/all", "identity", "The rows of V are what is read out of the basis vectors, for "
               "all sizes", r"V=\mathrm{col}\{e_m^{\mathsf T}\},\quad m=\iota(p,s)",
               source_kind="consequence")
def partition_matrix(e):
    P, S, M = e.sizes("P", "S", "M")
    V = e.partition(P, S, M)
    return Sides(truth=by_unit_vectors(e, M, lambda h: [
        x for one in loops.subvectors(h, e.lists(V)) for x in one]),
        printed=V.matrix.toarray(), wrong={"the columns in reverse": V.matrix.toarray()[:, ::-1],
                                           "the rows in reverse": V.matrix.toarray()[::-1]})


@lecture.claim("47.1149/size/all", "dimension", "V has a row for each entry of each subvector, for all "
               "sizes", r"V\;(P\times M)", expect="misprint", corrected_formula=r"V\;(PS\times M)",
               reason="as 47.1149/size")
def size_of_partition(e):
    P, S, M = e.sizes("P", "S", "M")
    V, h = e.partition(P, S, M), e.symbols("h", M).tolist()
    rows = [x for one in loops.subvectors(h, e.lists(V)) for x in one]
    return Sides(truth=(len(rows), len(h)), printed=(P, M), corrected=V.matrix.shape,
                 wrong={"transposed": (M, P * S)})


@lecture.claim("47.1150/all", "identity", "The Kronecker product sums each subvector, for all sizes",
               r"I_P\otimes\mathbb{1}_S^{\mathsf T}",
               source_kind="consequence")
def row_sums(e):
    P, S = e.sizes("P", "S")
    truth = e.jacobian(lambda x: [sum(one) for one in x], e.symbols("x", P, S)).reshape(P, P * S)
    identity, ones = np.eye(P, dtype=int), np.ones((1, S), dtype=int)
    return Sides(truth=truth, printed=kron(identity, ones),
                 wrong={"factors exchanged": kron(ones, identity), "twice": 2 * kron(identity, ones)})


@lecture.claim("47.1151/all", "identity", "Summed by subvector, V marks which entries belong to which, "
               "for all sizes", r"(I_P\otimes\mathbb{1}_S^{\mathsf T})V",
               source_kind="consequence")
def skeleton(e):
    P, S, M = e.sizes("P", "S", "M")
    V, ones = e.partition(P, S, M), np.ones((1, S), dtype=int)
    marks = kron(np.eye(P, dtype=int), ones) @ V.matrix
    truth = by_unit_vectors(e, M, lambda h: [
        sum(one) for one in loops.subvectors(h, e.lists(V))])
    return Sides(truth=(truth, truth), printed=(marks, V.skeleton.toarray()),
                 wrong={"the columns in reverse": (marks[:, ::-1], truth)})


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


def kind_of(e, name, n):
    """A pooling of n entries: the loop on them, and the shipped one."""
    m, root = e.symbols("m", n), e.root() if name == "norm" else None
    return {"mean": (loops.mean, Mean()), "sum": (sum, Sum()),
            "mask": (lambda values: loops.dot(values, m.tolist()), Correlation(m)),
            "norm": (lambda values: loops.norm(values, 2, root), Lp(2, root))}[name]


SLOPE = r"\frac{\partial t(r,c)}{\partial\mathcal{H}_{r,c}}="


@table(lecture.claim, kind="gradient")
def gradient_of(e, name):
    """The gradient matrix of a patch, and its pooled value."""
    K, L = e.sizes("K", "L")
    H = e.symbols("x", K, L)
    region = e.region(vec(H).size)
    reduce, one = kind_of(e, name, region.P)
    G, pooled = gradient_matrix(one, H, region), reduce(loops.vec(H.tolist()))
    return Sides(truth=(e.gradient(lambda rows: reduce(loops.vec(rows)), H), pooled),
                 printed=(G, one(vec(H), region)[0]),
                 wrong={"twice": (2 * G, pooled), "times the entries": (G * H, pooled)})


gradient_of("47.1185a/all", "Gradient matrix of a mean: equal weights, for all sizes",
            SLOPE + r"\frac{1}{(2B+1)^2}\mathbb{1}\mathbb{1}^{\mathsf T}", "mean",
            source_kind="consequence")
gradient_of("47.1185d/all", "Gradient matrix of a norm: the patch over the norm, for all sizes",
            SLOPE + r"\frac{1}{t(r,c)}\mathcal{H}_{r,c}", "norm")
gradient_of("47.1185e/all", "Gradient matrix of a correlation: its mask, for all sizes",
            r"\frac{\partial t(r,c)}{\partial\mathcal{H}_{r,c}}\triangleq\mathcal{M}", "mask")
gradient_of("47.1185/sum/all", "Gradient matrix of a sum: ones, for all sizes",
            SLOPE + r"\mathbb{1}\mathbb{1}^{\mathsf T}", "sum",
            source_kind="consequence")


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


@lecture.claim("47.1196d/all", "gradient", "Gradient vector of a norm: the region over the norm, for all "
               "sizes", r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}="
               r"\frac{1}{t_n^{(d)}(p')}y_n^{(d)}(\Omega_{p'})")
def norm(e):
    root = e.root()
    truth, printed, spread = sent_back(e, lambda values: loops.norm(values, 2, root), Lp(2, root))
    return Sides(truth, printed, wrong={"not put back": spread, "of the square": 2 * printed})


@lecture.claim("47.1196/lp/all", "gradient", "Gradient vector of an ℓp norm, asked for in Problem 47.163, "
               "for all sizes", r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}="
               r"\frac{1}{t^{p-1}}\,y_n^{(d)}(\Omega_{p'})^{\odot(p-1)}\quad(p\text{ even})",
               covers="p = 4", source_kind="own")
def fourth_root(e):
    root = e.root(4)
    truth, printed, spread = sent_back(e, lambda values: loops.norm(values, 4, root), Lp(4, root))
    return Sides(truth, printed, wrong={"not put back": spread, "of the power": 4 * printed})


@lecture.claim("47.1196e/all", "gradient", "Gradient vector of a correlation: its weights, for all sizes",
               r"\frac{\partial t_n^{(d)}(p')}{\partial y_n^{(d)}(\Omega_{p'})}=m_d=\mathrm{col}\{m_d(p)\}")
def weighted(e):
    P, Q = e.sizes("P", "P'")
    omega, y, b, m = e.regions(P, Q), e.symbols("y", P), e.symbols("b", Q), e.symbols("m", P)
    regions, weights = e.lists(omega), m.tolist()
    pooling, grouped = Correlation(omega.permute(m)), Correlation(m)
    truth = e.gradient(lambda y: loops.dot(
        [sum(y[p] * weights[p] for p in region) for region in regions], b.tolist()), y)

    def back(pooling):
        return omega.permute_sharp(upv(b, pooling.gradient_vectors(y, omega), omega))

    return Sides(truth, back(pooling), wrong={"the weights not grouped": back(grouped),
                                              "twice": 2 * back(pooling)})


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
