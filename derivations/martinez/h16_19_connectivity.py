"""Convolution as sparse connectivity: the matrix 𝒲."""

import numpy as np

from cnnmat import Regions, loops
from cnnmat.derivations.martinez.setting import LINES, lecture, line, starts
from cnnmat.textbook.connections import connection_matrix, project_tied
from cnnmat.textbook.pooling import Mean
from cnnmat.verify import Sides, vanishes

PRINTED = [[("w0", "w1")[i - 2 * t] if i in (2 * t, 2 * t + 1) else 0 for t in range(4)]
           for i in range(8)]


@lecture.claim("h16a", "dimension", "Size of the connection matrix: inputs by outputs", r"8\times4", cases=LINES,
               source_kind="consequence")
def size(e, n, k, s):
    return Sides(truth=(n, len(starts(n, k, s))), printed=connection_matrix([1] * k, n, s).shape,
                 wrong={"outputs by inputs": (len(starts(n, k, s)), n)})


@lecture.claim("h16b", "definition", "Entries of the connection matrix", r"\mathcal W[i,t]=w_{i-st}",
               cases=LINES, source_kind="consequence")
def entries(e, n, k, s):
    w = e.symbols("w", k)
    by_rule = [[w[i - a] if 0 <= i - a < k else 0 for a in starts(n, k, s)] for i in range(n)]
    shipped = connection_matrix(w, n, s)
    return Sides(truth=by_rule, printed=shipped, wrong={"the kernel reversed": connection_matrix(
        w[::-1], n, s)}, show={"𝒲": shipped})


@lecture.claim("h16b/printed", "example", "The connection matrix as printed, entry by entry",
               r"\mathcal W^{(l)}=\begin{pmatrix}w_0&0&0&0\\w_1&0&0&0\\0&w_0&0&0\\0&w_1&0&0\\"
               r"0&0&w_0&0\\0&0&w_1&0\\0&0&0&w_0\\0&0&0&w_1\end{pmatrix}")
def printed_matrix(e):
    w = e.symbols("w", 2)
    named = {"w0": w[0], "w1": w[1], 0: 0}
    printed = [[named[entry] for entry in row] for row in PRINTED]
    truth = [[sum(e.gradient(lambda h, a=a: sum(w[r] * h[a + r] for r in range(2)),
                             np.zeros(8, dtype=int))[[i]]) for a in (0, 2, 4, 6)] for i in range(8)]
    return Sides(truth=truth, printed=printed,
                 wrong={"stride 1": connection_matrix(w, 8, 1)[:, :4]})


@lecture.claim("h16c", "identity", "One weight stands in every column: the entries are tied",
               r"\|\mathcal W\|_F^2=T\,\|w\|^2", cases=LINES, source_kind="consequence")
def tied(e, n, k, s):
    w = e.symbols("w", k)
    matrix, T = connection_matrix(w, n, s), len(starts(n, k, s))
    return Sides(truth=sum(w[r] * w[r] for _ in range(T) for r in range(k)),
                 printed=(matrix**2).sum(), wrong={"the kernel's own": (w**2).sum()})


@lecture.claim("h17a", "dimension", "Eight inputs, four outputs, two after pooling", r"8\to4\to2",
               cases=[{"n": 8, "k": 2, "s": 2, "q": 2}], source_kind="consequence")
def three_layers(e, n, k, s, q):
    z = starts(n, k, s)
    t = starts(len(z), q, q)
    return Sides(truth=(n, len(z), len(t)), printed=(8, 4, 2),
                 wrong={"pooling shifted by one": (8, 4, len(starts(len(z), q, 1)))})


@lecture.claim("h17b", "identity", "The convolution is the transposed matrix times the input",
               r"{\mathcal{W}^{(l)}}^{\mathsf{T}}\mathbf{h}^{(l-1)}", cases=LINES)
def transposed_product(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    return Sides(truth=line(h.tolist(), w.tolist(), s), printed=connection_matrix(w, n, s).T @ h,
                 wrong={"not transposed": lambda: connection_matrix(w, n, s) @ h,
                        "the kernel reversed": connection_matrix(w[::-1], n, s).T @ h})


@lecture.claim("h17c", "gradient", "Not transposed, it carries the error back",
               r"\frac{\partial E}{\partial\mathbf h}=\mathcal W\boldsymbol\delta", cases=LINES, source_kind="own")
def carries_back(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    delta = e.symbols("delta", len(starts(n, k, s)))
    truth = e.gradient(lambda h: loops.dot(line(h, w.tolist(), s), delta.tolist()), h)
    return Sides(truth=truth, printed=connection_matrix(w, n, s) @ delta,
                 wrong={"the kernel reversed": connection_matrix(w[::-1], n, s) @ delta})


@lecture.claim("h17c/pooling", "gradient", "With pooling behind it the error is spread over each region first",
               r"\frac{\partial E}{\partial\mathbf h}=\mathcal WP^{\mathsf T}\boldsymbol\delta",
               cases=[{"n": 8, "k": 3, "s": 1, "q": 2}], source_kind="own")
def through_pooling(e, n, k, s, q):
    h, w = e.symbols("h", n), e.symbols("w", k)
    T = len(starts(n, k, s))
    regions = Regions([range(a, a + q) for a in starts(T, q, q)], T)
    delta = e.symbols("delta", T // q)

    def pooled(h):
        z = line(h, w.tolist(), s)
        means = [loops.mean(z[a:a + q]) for a in starts(T, q, q)]
        return loops.dot(means, delta.tolist())

    g = Mean().gradient_vectors(np.array(e.symbols("z", T)), regions)
    spread = regions.permute_sharp(regions.expand(delta) * g)
    W = connection_matrix(w, n, s)
    return Sides(truth=e.gradient(pooled, h), printed=W @ spread,
                 wrong={"not divided by the region's size": W @ (spread * q)})


@lecture.claim("h19a", "identity", "The matrices are sparse, and their entries are tied",
               r"\frac{\partial E}{\partial\mathcal W}[i,t]=\frac{\partial E}{\partial w_{i-st}}",
               expect="ambiguous",
               corrected_formula=r"\mathcal W[i,t]=w_{i-st}:\ \text{sparse and tied}",
               reason="the list names the zeros only. Taken as a sparse matrix with an entry of its own in every place, "
                      "each would have a derivative of its own; the kernel's is their sum, in all of its places",
               source_kind="words",
               cites={"sparse, every place with an entry of its own": "the two differences below (10); (11), which steps every entry by itself",
                      "sparse and tied": "the matrix before (9), w_0 and w_1 in every column"}, cases=LINES[1:])
def sparse_and_tied(e, n, k, s):
    h, w = e.symbols("h", n), e.symbols("w", k)
    columns = starts(n, k, s)
    delta = e.symbols("delta", len(columns))
    slope = e.gradient(lambda w: loops.dot(line(h.tolist(), w, s), delta.tolist()), w)
    G = np.outer(h, delta)
    return Sides(truth=[[slope[i - a] if 0 <= i - a < k else 0 for a in columns] for i in range(n)], readings={
        "sparse, every place with an entry of its own": np.where(vanishes(connection_matrix(w, n, s)), 0, G),
        "sparse and tied": project_tied(G, k, s)},
        wrong={"the mean over the places": project_tied(G, k, s) / len(delta)})


@lecture.claim("h19a/projection", "identity", "Putting the tied sums back on their places keeps zeros and ties",
               r"\Pi(G)[i,t]=\sum_{t'}G[st'+i-st,\,t']", cases=LINES[1:], source_kind="own")
def projection(e, n, k, s):
    columns = starts(n, k, s)
    G = e.symbols("G", n, len(columns))
    sums = [sum(G[a + r, t] for t, a in enumerate(columns)) for r in range(k)]
    truth = [[sums[i - a] if 0 <= i - a < k else 0 for a in columns] for i in range(n)]
    return Sides(truth=truth, printed=project_tied(G, k, s),
                 wrong={"zeros kept, ties forgotten": [
                     [G[i, t] if 0 <= i - a < k else 0 for t, a in enumerate(columns)]
                     for i in range(n)]})
