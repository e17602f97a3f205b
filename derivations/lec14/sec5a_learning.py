"""Section 5: the fully connected layer, the updates, and the chain rule written out."""

import numpy as np

from cnnmat import correlate_image, flip, loops
from cnnmat.derivations.lec14.setting import SHAPES, by_kernel, draw, lecture, plain
from cnnmat.derivations.tables import table
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides


@lecture.claim("s5a", "definition",
               "The features, stacked, are the input of a fully connected layer",
               r"y=W^{\mathsf T}\mathrm{vec}(z)+b",
               reason="the notes draw the layer without a formula; this is the usual one",
               source_kind="own")
def fully_connected(e):
    z, W, b = e.symbols("z", 3, 4), e.symbols("W", 12, 5), e.symbols("b", 5)
    x = loops.vec(z.tolist())
    return Sides(truth=[loops.dot(W[:, k].tolist(), x) + b[k] for k in range(5)],
                 printed=feedforward.preactivation(np.array(x), W.T, -b),
                 wrong={"stacked by rows": feedforward.preactivation(z.ravel(), W.T, -b)})


def squared_loss(X, K, B, target):
    z = plain(X, K, bias=B)
    return sum(loops.squared_error(a, b) for a, b in zip(target, z, strict=True))


@lecture.claim("s5b", "algorithm", "A step against the gradient of the kernel",
               r"K^{(t+1)}\leftarrow K^{(t)}-\eta\frac{\partial L}{\partial K}")
def kernel_step(e):
    X, K, target = e.symbols("X", 4, 5), e.symbols("K", 2, 3), e.symbols("target", 3, 3)
    B, eta = e.symbols("B"), e.symbols("eta")
    slope = e.gradient(lambda K: squared_loss(X.tolist(), K, B, target.tolist()), K)
    g = 2 * (correlate_image(X, K, padding=0) + B - target)
    step = correlate_image(X, g, padding=0) * eta
    return Sides(truth=K - slope * eta, printed=K - step, wrong={"plus": K + step})


@lecture.claim("s5c", "algorithm", "The bias steps at the same point as the kernel",
               r"B^{(t+1)}\leftarrow B^{(t)}-\eta\frac{\partial L}{\partial B}")
def bias_step(e):
    X, K, target = e.symbols("X", 3, 4), e.symbols("K", 2, 2), e.symbols("target", 2, 3)
    B, eta = e.symbols("B"), e.symbols("eta")
    slope = e.gradient(lambda B: squared_loss(X.tolist(), K.tolist(), B, target.tolist()),
                       np.array(B, dtype=object))[()]

    def stepped(K):
        return B - 2 * (correlate_image(X, K, padding=0) + B - target).sum() * eta

    moved = K - correlate_image(X, 2 * (correlate_image(X, K, padding=0) + B - target),
                                padding=0) * eta
    return Sides(truth=B - slope * eta, printed=stepped(K),
                 wrong={"after the kernel has moved": stepped(moved)})


@lecture.claim("s5d", "gradient", "What starts the chain: the way from y back to z",
               r"\frac{\partial L}{\partial\,\mathrm{vec}(z)}=W\frac{\partial L}{\partial y}",
               reason="for the layer of s5a; the notes only have ∂L/∂y beside the updates",
               source_kind="own")
def start_of_chain(e):
    z, W, dy = e.symbols("z", 6), e.symbols("W", 6, 3), e.symbols("dy", 3)
    truth = e.gradient(lambda z: loops.dot(
        [loops.dot(W[:, k].tolist(), z) for k in range(3)], dy.tolist()), z)
    return Sides(truth=truth, printed=feedforward.pull_back(W.T, dy),
                 wrong={"W reversed": W[::-1] @ dy, "the slopes by y in reverse": W @ dy[::-1]})


@lecture.claim("s5/size", "dimension", "3 x 3 with 2 x 2, and one number for the bias",
               r"\begin{bmatrix}X_{11}&X_{12}&X_{13}\\X_{21}&X_{22}&X_{23}\\X_{31}&X_{32}"
               r"&X_{33}\end{bmatrix}\otimes\begin{bmatrix}K_{11}&K_{12}\\K_{21}"
               r"&K_{22}\end{bmatrix}+B=\begin{bmatrix}z_{11}&z_{12}\\z_{21}&z_{22}\end{bmatrix}",
               cases=SHAPES,
               rewritten=r"\begin{bmatrix}X_{11}&X_{12}&X_{13}\\X_{21}&X_{22}&X_{23}\\X_{31}"
                         r"&X_{32}&X_{33}\end{bmatrix}\otimes\begin{bmatrix}K_{11}&K_{12}"
                         r"\\K_{21}&K_{22}\end{bmatrix}+B\begin{bmatrix}1&1\\1&1\end{bmatrix}"
                         r"=\begin{bmatrix}z_{11}&z_{12}\\z_{21}&z_{22}\end{bmatrix}",
               reason="B is added to each entry, as z_11 is written out")
def one_bias(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    B = e.symbols("B")
    return Sides(truth=plain(X.tolist(), K.tolist(), bias=B),
                 printed=correlate_image(X, K, padding=0) + B,
                 wrong={"the bias on the diagonal only": correlate_image(X, K, padding=0)
                        + np.eye(*g.shape, dtype=int).astype(object) * B})


@table(lecture.claim, kind="example")
def written_out(e, i, j):
    """z at (i, j), from 0, which is the place of the pixel under K_11."""
    X, K, B = e.symbols("X", 3, 3), e.symbols("K", 2, 2), e.symbols("B")

    def line(K):
        return (X[i, j] * K[0, 0] + X[i, j + 1] * K[0, 1] + X[i + 1, j] * K[1, 0]
                + X[i + 1, j + 1] * K[1, 1] + B)

    return Sides(truth=plain(X.tolist(), K.tolist(), bias=B)[i][j], printed=line(K),
                 wrong={"the kernel flipped": line(flip(K))})


written_out("s5e", "z_11 written out, as printed", r"z_{11}=X_{11}\cdot K_{11}+X_{12}K_{12}"
            r"+X_{21}K_{21}+X_{22}K_{22}+B", 0, 0)
written_out("s5f", "z_12 written out, left to the reader",
            r"z_{12}=X_{12}K_{11}+X_{13}K_{12}+X_{22}K_{21}+X_{23}K_{22}+B", 0, 1,
            source_kind="own")
written_out("s5g", "z_21 written out, not listed",
            r"z_{21}=X_{21}K_{11}+X_{22}K_{12}+X_{31}K_{21}+X_{32}K_{22}+B", 1, 0,
            source_kind="own")
written_out("s5h", "z_22 written out, left to the reader",
            r"z_{22}=X_{22}K_{11}+X_{23}K_{12}+X_{32}K_{21}+X_{33}K_{22}+B", 1, 1,
            source_kind="own")


def local(e, X, K, i, j):
    """∂z_ij/∂K, by dual numbers."""
    return e.gradient(lambda K: plain(X.tolist(), K)[i][j], K)


@lecture.claim("s5i", "gradient", "Chain rule for an entry of the kernel",
               r"\frac{\partial L}{\partial K_{mn}}=\sum_{i,j}\frac{\partial L}{\partial z_{ij}}"
               r"\frac{\partial z_{ij}}{\partial K_{mn}}", cases=SHAPES)
def chain_for_kernel(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    cells = list(np.ndindex(g.shape))
    terms = {cell: local(e, X, K, *cell) * g[cell] for cell in cells}
    return Sides(truth=by_kernel(e, X, K, g),
                 printed=sum(terms.values()),
                 wrong={"the last output left out": sum(terms[cell] for cell in cells[:-1])})


@lecture.claim("s5j", "gradient", "The same for K_11, four terms",
               r"\frac{\partial L}{\partial K_{11}}="
               r"\frac{\partial L}{\partial z_{11}}\cdot\left("
               r"\frac{\partial z_{11}}{\partial K_{11}}\right)+"
               r"\frac{\partial L}{\partial z_{12}}\cdot\left("
               r"\frac{\partial z_{12}}{\partial K_{11}}\right)+"
               r"\frac{\partial L}{\partial z_{21}}\cdot\left("
               r"\frac{\partial z_{21}}{\partial K_{11}}\right)+"
               r"\frac{\partial L}{\partial z_{22}}\cdot\left("
               r"\frac{\partial z_{22}}{\partial K_{11}}\right)")
def chain_for_first(e):
    X, K, g = draw(e, (3, 3), (2, 2))
    terms = [g[cell] * local(e, X, K, *cell)[0, 0] for cell in np.ndindex(2, 2)]
    return Sides(truth=by_kernel(e, X, K, g)[0, 0],
                 printed=sum(terms), wrong={"z_11 alone": terms[0]})


@lecture.claim("s5k", "gradient", "The four local derivatives by K_11 are the pixels under it",
               r"X_{11}\;X_{12}\;X_{21}\;X_{22}",
               rewritten=r"\frac{\partial z_{11}}{\partial K_{11}}=X_{11},\;"
                         r"\frac{\partial z_{12}}{\partial K_{11}}=X_{12},\;"
                         r"\frac{\partial z_{21}}{\partial K_{11}}=X_{21},\;"
                         r"\frac{\partial z_{22}}{\partial K_{11}}=X_{22}")
def under_first(e):
    X, K, _ = draw(e, (3, 3), (2, 2))
    return Sides(truth=[local(e, X, K, *cell)[0, 0] for cell in np.ndindex(2, 2)],
                 printed=[X[0, 0], X[0, 1], X[1, 0], X[1, 1]],
                 wrong={"the middle two exchanged": [X[0, 0], X[1, 0], X[0, 1], X[1, 1]]})
