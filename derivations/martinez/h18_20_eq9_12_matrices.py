"""Backpropagation in matrices, (9) to (12)."""

from fractions import Fraction

import numpy as np

from cnnmat import Partition, Regions, Windows, loops, unvec, upv, vec, weight_matrix_short
from cnnmat.derivations.martinez.setting import (
    LINES,
    STRIDED,
    TwoLayers,
    channel,
    kernel_after_step,
    lecture,
    plain,
    starts,
)
from cnnmat.textbook import feedforward
from cnnmat.textbook.connections import connection_matrix, project_tied, tied_sum
from cnnmat.textbook.pooling import Mean
from cnnmat.verify import Sides, vanishes
from cnnmat.verify.exact import strict


def dense(W, x, f):
    return [sum(W[i, k] * f(x[i]) for i in range(len(x))) for k in range(W.shape[1])]


@lecture.claim("eq9", "definition", "The output as nested functions, one channel at a time",
               r"\mathbf{o}=\mathbf{o}\left(\mathbf{W}^{(L)^{\mathsf{T}}}\boldsymbol{\phi}\left(\cdots\mathbf{W}^{(l+1)^{\mathsf{T}}}\boldsymbol{\varphi}\left(\sum_{j=0}^{C^{(l-1)}-1}\mathbf{W}_{j,k}^{(l)}*\mathbf{H}_{j}^{(l-1)}[n]\right)\right)\right)",
               expect="ambiguous", corrected_formula=
               r"\mathbf o=\mathbf o\left(\cdots\mathbf W^{(l+1)\mathsf T}\,\mathrm{col}_k\left\{\varphi\left("
               r"\sum_j\mathbf W_{j,k}^{(l)}*\mathbf H_j^{(l-1)}\right)\right\}\right)",
               reason="o names a function and its value, and k stands free: with the one channel k the "
                      "line gives the output only where the layer has no other; with all channels "
                      "stacked it is the output",
               cites={"channel k alone": "below (9): all other channels are ignored",
                      "all channels, stacked": "below (9): flattened to the dense layer, whose input all channels are"})
def nested(e):
    h, w, f = e.symbols("h", 2, 4), e.symbols("w", 2, 3, 2), e.function("f")
    W = e.symbols("W", 9, 2)
    z = np.array([channel(h.tolist(), w.tolist(), k) for k in range(3)])
    shipped = np.array([sum(connection_matrix(w[j, k], 4).T @ h[j] for j in range(2))
                        for k in range(3)])
    return Sides(truth=dense(W, z.ravel(), f), readings={
        "channel k alone": feedforward.preactivation(f(shipped[0]), W[:3].T, np.zeros(2, int)),
        "all channels, stacked": feedforward.preactivation(
            f(shipped.ravel()), W.T, np.zeros(2, int))},
        wrong={"stacked place by place": feedforward.preactivation(
            f(shipped.T.ravel()), W.T, np.zeros(2, int))})


lecture.remark("Backpropagation/kernel", "the kernel whose gradient is asked for is written with the index "
                                  "i, k; in (9) and (10) the sum runs over j: a letter misread")


@lecture.claim("h18b", "gradient", "Whether other channels and biases enter the gradient of one kernel",
               r"\frac{\partial\mathbf o}{\partial\mathbf W_{j,k}}\ \text{without the other channels}",
               expect="misprint", corrected_formula=
               r"\frac{\partial\mathbf o}{\partial\mathbf W_{j,k}}\ \text{with }\phi'\text{ at all channels together}",
               reason="they are not differentiated, but they stand inside every later activation, at "
                      "whose argument the derivative is taken; they may be left out only where all "
                      "that follows is linear", source_kind="words")
def other_channels(e):
    h, w, v, b = e.symbols("h"), e.symbols("w", 2), e.symbols("v", 2), e.symbols("b", 2)

    def output(w, v, b):
        inner = sum(v[k] * (w[k] * h + b[k]) * (w[k] * h + b[k]) for k in range(2))
        return inner * inner

    truth = e.gradient(lambda one: output([one, w[1]], v, b), np.array(w[0], dtype=object))[()]
    z = w * h + b
    square = (v * z**2).sum()
    alone = 2 * v[0] * (w[0] * h) ** 2 * 2 * v[0] * w[0] * h * h
    return Sides(truth=truth, printed=alone, corrected=2 * square * v[0] * 2 * z[0] * h,
                 wrong={"a factor 2": square * v[0] * 2 * z[0] * h})


@lecture.claim("h18c", "dimension", "Stacked, all channels enter the dense layer", r"C^{(l)}\cdot M\cdot N",
               cases=[{"channels": 2, "places": 3}], source_kind="words")
def flattened(e, channels, places):
    maps = [[0] * places for _ in range(channels)]
    return Sides(truth=len([v for one in maps for v in one]), printed=channels * places,
                 wrong={"one channel": places})


@lecture.claim("eq10", "identity", "The convolution replaced by the sparse matrix",
               r"\sum_{j=0}^{C^{(l-1)}-1}\mathcal{W}_{j,k}^{(l)}\mathbf{H}_{j}^{(l-1)}[n]", expect="misprint",
               corrected_formula=r"\sum_{j=0}^{C^{(l-1)}-1}\mathcal W_{j,k}^{(l)\mathsf T}\,\mathbf h_j^{(l-1)}[n]",
               reason="the matrix has a row an input, so the product needs its transpose, as the text "
                      "itself writes it where the convolution is first computed with it; invisible "
                      "for a 1 x 1 kernel, whose matrix is its own transpose",
               cases=[{"n": 3, "k": 1, "s": 1}, *LINES])
def sparse_for_convolution(e, n, k, s):
    h, w = e.symbols("h", 2, n), e.symbols("w", 2, 1, k)
    matrices = [connection_matrix(w[j, 0], n, s) for j in range(2)]
    return Sides(truth=channel(h.tolist(), w.tolist(), 0, s),
                 printed=lambda: sum(matrices[j] @ h[j] for j in range(2)),
                 corrected=sum(matrices[j].T @ h[j] for j in range(2)),
                 wrong={"channels exchanged": sum(matrices[j].T @ h[1 - j] for j in range(2))})


@lecture.claim("h19b", "dimension", "In what shape the outputs and errors of a layer are matrices",
               r"\boldsymbol\delta\to\boldsymbol\Delta", expect="ambiguous",
               corrected_formula=r"\boldsymbol\Delta\in\mathbb R^{T\times N}:\ \text{a column a sample}",
               cases=[{"image": (5, 1), "kernel": (3, 1)}, {"image": (4, 3), "kernel": (2, 2)}],
               reason="a map as a two-dimensional array does not go with the connection matrix in (11) "
                      "and (12), unless it has one column; stacked to a column, one a sample, it does", source_kind="words",
               cites={"maps as two-dimensional arrays": "(2), where a map is an array; below (10): matrices rather than vectors",
                      "a map stacked to a column": "the connection matrix, behind which h is a vector"})
def error_matrix(e, image, kernel):
    x, w = e.symbols("x", *image), e.symbols("w", *kernel)
    delta = e.symbols("delta", *(n - k + 1 for n, k in zip(image, kernel, strict=True)))
    truth = e.gradient(lambda x: loops.dot(
        loops.vec(plain(x, w.tolist())), loops.vec(delta.tolist())), x)
    W = weight_matrix_short(Partition(Windows(image, kernel)), vec(w))
    return Sides(truth=truth, readings={"maps as two-dimensional arrays": lambda: W @ delta,
                                        "a map stacked to a column": unvec(W @ vec(delta), image)},
                 wrong={"errors reversed": unvec(W @ vec(delta)[::-1], image)})


@lecture.claim("eq11", "algorithm", "One step of the sparse matrix",
               r"\mathcal{W}_{j,k}^{(l-1)}\leftarrow\mathcal{W}_{j,k}^{(l-1)}-\mu\mathbf{H}^{(l-2)}\mathbf{\Delta}^{(l-1)^{\mathsf{T}}}-\mu\lambda\mathcal{W}_{j,k}^{(l-1)}", expect="misprint",
               corrected_formula=r"\mathcal W_{j,k}^{(l-1)}\leftarrow\mathcal W_{j,k}^{(l-1)}-\mu\,\Pi\left("
               r"\mathbf h_j^{(l-2)}\boldsymbol\delta_k^{(l-1)\mathsf T}\right)-\mu\lambda\mathcal W_{j,k}^{(l-1)}",
               reason="the outer product fills every place with a number of its own, so that after one "
                      "step the matrix is neither sparse nor tied and no longer a convolution; the "
                      "channels of H and Δ are missing too. Right for a dense layer",
               cases=STRIDED)
def sparse_step(e, n, k, s):
    h, w, delta, mu, lam, stepped = kernel_after_step(e, n, k, s)
    W, G = connection_matrix(w, n, s), np.outer(h, delta)

    def step(gradient):
        return W - gradient * mu - W * (mu * lam)

    return Sides(truth=[[stepped[i - a] if 0 <= i - a < k else 0 for a in starts(n, k, s)]
                        for i in range(n)],
                 printed=step(G), corrected=step(project_tied(G, k, s)),
                 wrong={"zeros kept, ties forgotten": step(np.where(vanishes(W), 0, G))})


@lecture.claim("eq11r", "gradient", "The term of the regulariser", r"-\mu\lambda\mathbf{W}_{j,k}^{(l-1)}", expect="ambiguous",
               corrected_formula=r"\tfrac\lambda2\|\mathbf w\|^2",
               reason="the cost is not printed. A penalty on the kernel gives λw in both updates; one "
                      "on the connection matrix counts each weight once for every output",
               cases=LINES,
               cites={"a penalty on the connection matrix": "(11), whose matrix is stepped",
                      "a penalty on the kernel": "(13), whose kernel is stepped"})
def regulariser(e, n, k, s):
    w, lam = e.symbols("w", k), e.symbols("lambda")
    truth = e.gradient(lambda w: Fraction(1, 2) * loops.squared_norm(w) * lam, w)
    W = connection_matrix(w, n, s)
    return Sides(truth=truth, readings={
        "a penalty on the connection matrix": tied_sum(W * lam, k, s),
        "a penalty on the kernel": w * lam}, wrong={"without the half": w * (2 * lam)})


def back_through_matrices(net, n):
    """𝒲_{j,k} Δ_k for all channels, as [j, k], 𝒲 having n inputs."""
    return np.array([[connection_matrix(net.w[j, k], n) @ net.g[k] for k in range(3)] for j in range(2)])


@lecture.claim("eq12", "gradient", "The error of the layer before",
               r"\mathbf{\Delta}^{(l-1)}=\mathcal{W}_{j,k}^{(l)}\mathbf{\Delta}^{(l)}\odot\varphi'\left(\mathbf{Z}^{(l-1)}\right)",
               expect="misprint", corrected_formula=
               r"\boldsymbol\Delta_j^{(l-1)}=\left(\sum_{k=0}^{C^{(l)}-1}\mathcal W_{j,k}^{(l)}\boldsymbol\Delta_k^{(l)}"
               r"\right)\odot\varphi'(\mathbf Z_j^{(l-1)})",
               reason="a channel of layer l-1 feeds every channel of layer l, so the errors of all of "
                      "them come back; as printed it is right only where layer l has one channel")
def error_before(e):
    net = TwoLayers(e)
    back = back_through_matrices(net, net.Z.shape[1])
    return Sides(truth=net.error(), printed=back[:, 0] * net.slopes,
                 corrected=back.sum(axis=1) * net.slopes, wrong={"f' left out": back.sum(axis=1)})


@lecture.claim("eq12p", "gradient", "The same where φ holds pooling as well",
               r"\mathbf{\Delta}^{(l-1)}=\mathcal{W}_{j,k}^{(l)}\mathbf{\Delta}^{(l)}\odot\varphi'\left(\mathbf{Z}^{(l-1)}\right)",
               expect="misprint", corrected_formula=
               r"\boldsymbol\Delta_j^{(l-1)}=P^{\mathsf T}\left(\sum_k\mathcal W_{j,k}^{(l)}\boldsymbol\Delta_k^{(l)}\right)"
               r"\odot f'(\mathbf Z_j^{(l-1)})",
               reason="φ was said to hold pooling and activation; then the left factor has the pooled "
                      "size and Z the size before, and the step that spreads the error over each "
                      "region is missing")
def error_through_pooling(e):
    net = TwoLayers(e, n=7, pool=2)
    pooled = net.Z.shape[1] // 2
    regions = Regions([[2 * p, 2 * p + 1] for p in range(pooled)], net.Z.shape[1])
    back = strict(back_through_matrices(net, pooled).sum(axis=1))
    spread = regions.permute_sharp(upv(back, Mean().gradient_vectors(net.Z, regions), regions))
    return Sides(truth=net.error(), printed=lambda: back * strict(net.slopes),
                 corrected=spread * net.slopes,
                 wrong={"not divided by the region's size": spread * net.slopes * 2})


@lecture.claim("h20a", "gradient", "Where the recursion starts: the rule of the dense layers, unstacked",
               r"\boldsymbol\Delta^{(l)}=\mathrm{unstack}(\mathbf W^{(l+1)}\boldsymbol\delta^{(l+1)})"
               r"\odot\varphi'(\mathbf Z^{(l)})",
               reason="not written down in the text, which refers to its first module: the weights "
                      "whose transpose goes forward go back as they are", source_kind="own")
def start(e):
    Z, W, delta, f = e.symbols("Z", 2, 3), e.symbols("W", 6, 4), e.symbols("delta", 4), e.function("f")
    truth = e.gradient(lambda Z: loops.dot(
        dense(W, [z for one in Z for z in one], f), delta.tolist()), Z)
    slopes = f.derivative(Z)
    back = feedforward.pull_back(W.T, delta)
    return Sides(truth=truth, printed=back.reshape(2, 3) * slopes,
                 wrong={"f' left out": back.reshape(2, 3),
                        "unstacked the other way": back.reshape(3, 2).T * slopes,
                        "transposed, as forward": lambda: (W.T @ delta).reshape(2, 3) * slopes})
