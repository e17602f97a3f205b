"""Introduction, the convolution, and what it is for: up to equation (3)."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, flip, loops
from cnnmat.derivations.martinez.setting import EDGES, IMAGE, SLIDES, lecture, line, plain, starts
from cnnmat.textbook import feedforward
from cnnmat.textbook.connections import connection_matrix
from cnnmat.textbook.images import convolve_full, convolve_image
from cnnmat.verify import Sides, vanishes


@lecture.claim("h1a", "dimension", "The affine core of a dense layer", r"\mathbf{W}^{\mathsf{T}}\mathbf{x}+\mathbf{b}")
def affine(e):
    W, x, b = e.symbols("W", 8, 3), e.symbols("x", 8), e.symbols("b", 3)
    return Sides(truth=[sum(W[i, k] * x[i] for i in range(8)) + b[k] for k in range(3)],
                 printed=feedforward.preactivation(x, W.T, -b),
                 wrong={"W reversed": feedforward.preactivation(x, W[::-1].T, -b)})


@lecture.claim("h1b", "identity", "Every output of a dense layer depends on every input",
               r"\frac{\partial(\mathbf W^{\mathsf T}\mathbf x+\mathbf b)_k}{\partial x_i}=W_{ik}\neq0",
               source_kind="words")
def no_locality(e):
    W, x = e.symbols("W", 8, 3), e.symbols("x", 8)
    slopes = [e.gradient(lambda x, k=k: sum(W[i, k] * x[i] for i in range(8)), x)
              for k in range(3)]
    local = connection_matrix(e.symbols("w", 3), 8, 2)
    return Sides(truth=[[not vanishes(s) for s in one] for one in slopes],
                 printed=[[not vanishes(entry) for entry in column] for column in W.T],
                 wrong={"a layer with local connections": [
                     [not vanishes(entry) for entry in column] for column in local.T]})


@lecture.claim("h2a", "dimension", "Blocks of maps, then stacked into a dense block",
               r"(2,9)\to(3,4)\to(2,3)\to6\to4", cases=[{"length": 9}], source_kind="own")
def blocks(e, length):
    second = len(starts(length, 3, 2))
    third = len(starts(second, 2, 1))
    first_windows = Windows(length, 3, 2)
    return Sides(truth=(second, third, 2 * third),
                 printed=(first_windows.P, Windows(first_windows.P, 2).P,
                          2 * Windows(first_windows.P, 2).P),
                 wrong={"one channel stacked": (second, third, third)})


@lecture.claim("eq1", "definition", "The discrete convolution of two finite signals",
               r"(f*g)[n]=\sum_{m=-\infty}^{\infty}f[m]g[n-m]")
def convolution(e):
    f, g = e.symbols("f", 3), e.symbols("g", 5)
    truth = [sum(f[m] * g[n - m] for m in range(3) if 0 <= n - m < 5) for n in range(7)]
    return Sides(truth=(truth, truth), printed=(convolve_full(f, g), convolve_full(g, f)),
                 wrong={"g[n+m]": (convolve_full(f[::-1], g), truth)})


@lecture.claim("h3a", "identity", "Reversing and shifting one of the signals",
               r"\sum_mf[m]\,g[n-m]", expect="ambiguous", corrected_formula=r"r[m]=g[-m],\quad r[m-n]=g[n-m]",
               reason="the words name the shift first; done in that order, to the right, one gets "
                      "the value at -n. Reversed first and then shifted it holds. At n = 0 the "
                      "orders agree", cases=[{"n": 0}, {"n": 1}], source_kind="words",
               cites={"shifted, then reversed": "the sentence below (1), in the order of its words",
                      "reversed, then shifted": "(1) itself, g[n-m]"})
def reverse_and_shift(e, n):
    f, g = e.symbols("f", 3), e.symbols("g", 3)

    def at(k):
        return g[k] if 0 <= k < 3 else 0

    def summed(index):
        return sum(f[m] * at(index(m)) for m in range(3))

    return Sides(truth=loops.convolve([f.tolist()], [g.tolist()])[0][n], readings={
        "shifted, then reversed": summed(lambda m: -m - n),
        "reversed, then shifted": summed(lambda m: -(m - n))},
        wrong={"not reversed": summed(lambda m: m - n)})


@lecture.claim("eq2", "definition", "The operation in two dimensions as an extension of (1)",
               r"(\mathbf{I}*\mathbf{W})[m,n]=\sum_{p=0}^{M_W-1}\sum_{q=0}^{N_W-1}\mathbf{W}[p,q]\mathbf{I}[m+p,n+q]",
               expect="misprint", corrected_formula=
               r"(\mathbf I\star\mathbf W)[m,n]=\sum_{p=0}^{M_W-1}\sum_{q=0}^{N_W-1}\mathbf W[p,q]\,\mathbf I[m+p,n+q]",
               reason="the star of (1), which (2) is said to extend, flips; the sum on the right does not, "
                      "and is a correlation. All sizes and examples of the text go with the sum, so the "
                      "star and the name are wrong and the sum is meant (eq2/sum). Invisible for kernels "
                      "that a half turn leaves as they are, as all of the text's are; it bites in (14)",
               cases=[{"image": (1, 3), "kernel": (1, 2)}, {"image": (4, 6), "kernel": (2, 3)}])
def two_dimensions(e, image, kernel):
    I, W = e.symbols("I", *image), e.symbols("W", *kernel)
    # the right side by the loops; the left side as the star of (1), and as a correlation
    return Sides(truth=plain(I.tolist(), W.tolist()), printed=convolve_image(I, W, padding=0),
                 corrected=correlate_image(I, W, padding=0),
                 wrong={"the image flipped": correlate_image(flip(I), W, padding=0)})


@lecture.claim("eq2/sum", "definition", "The same sum as what it is, a correlation",
               r"\sum_{p=0}^{M_W-1}\sum_{q=0}^{N_W-1}\mathbf{W}[p,q]\mathbf{I}[m+p,n+q]", cases=[{"image": (4, 6), "kernel": (2, 3)}])
def two_dimensions_sum(e, image, kernel):
    I, W = e.symbols("I", *image), e.symbols("W", *kernel)
    return Sides(truth=plain(I.tolist(), W.tolist()), printed=correlate_image(I, W, padding=0),
                 wrong={"the kernel flipped": convolve_image(I, W, padding=0)})


@lecture.claim("h4/size", "dimension", "Size of the result", r"M_I-M_W+1\times N_I-N_W+1",
               cases=[{"image": (4, 6), "kernel": (2, 3)}], expect="misprint",
               corrected_formula=r"(M_I-M_W+1)\times(N_I-N_W+1)",
               reason="without brackets the product of 1 and N_I is all that is multiplied; (4) has them, the slide on padding "
                      "leaves them out once more")
def size(e, image, kernel):
    return Sides(truth=[len(starts(n, k)) for n, k in zip(image, kernel, strict=True)],
                 printed=image[0] - kernel[0] + 1 * image[1] - kernel[1] + 1,
                 corrected=Windows(image, kernel).output,
                 wrong={"axes exchanged": [n - k + 1 for n, k in
                                           zip(image, kernel[::-1], strict=True)]})


@lecture.claim("h4a", "dimension", "Two kernels make two results", r"\mathbf W_1,\mathbf W_2", source_kind="words")
def two_kernels(e):
    I, W = e.symbols("I", 4, 6), e.symbols("W", 2, 2, 3)
    maps = [correlate_image(I, one, padding=0) for one in W]
    return Sides(truth=[plain(I.tolist(), one.tolist()) for one in W], printed=maps,
                 wrong={"kernels exchanged": maps[::-1]})


@lecture.claim("h5a", "identity", "The position of an object must not matter",
               r"(\mathrm{shift}\,\mathbf I)*\mathbf W", expect="ambiguous",
               corrected_formula=r"(\mathrm{shift}\,\mathbf I)*\mathbf W=\mathrm{shift}(\mathbf I*\mathbf W)",
               reason="a layer moves its answer along with the object; that the answer stays is "
                      "reached only by pooling over the whole map", source_kind="words",
               cites={"the answer stays": "what a layer is for: position is of no relevance",
                      "the answer moves along": "(2), of a shifted image; what a layer is for: an object is found at its position"})
def position(e):
    I, W = e.symbols("I", 5), e.symbols("w", 2)
    bordered = [0, *I, 0]
    moved = [0, 0, *I]
    answer = correlate_image(np.array(bordered, dtype=object), W, padding=0)
    return Sides(truth=line(moved, W), readings={
        "the answer stays": answer, "the answer moves along": [0, *answer[:-1]]},
        wrong={"the answer moves the other way": [*answer[1:], 0]})


@lecture.claim("h5b", "identity", "From how many pixels a feature is informed",
               r"\partial\,\mathrm{feature}/\partial\mathbf I", expect="ambiguous",
               corrected_formula=r"(V^{\mathsf T}\mathbb 1)_m>0\text{ for every pixel }m",
               reason="true of a whole map, at stride 1; false of one entry, which sees one window",
               cases=[{"image": (4, 6), "kernel": (2, 3)}], source_kind="words",
               cites={"each entry of the map": "each feature, if an entry of the result is one",
                      "the map as a whole": "each kernel extracts a feature, the example of a convolution: the whole result"})
def all_pixels(e, image, kernel):
    I, W = e.symbols("I", *image), e.symbols("W", *kernel)
    seen = e.gradient(lambda I: sum(v for row in plain(I, W.tolist()) for v in row), I)
    V = Partition(Windows(image, kernel)).matrix.astype(int)
    counts = V.T @ np.ones(V.shape[0], dtype=int)
    return Sides(truth=sum(not vanishes(s) for s in seen.flat), readings={
        "each entry of the map": int((V[:6].sum(axis=0) > 0).sum()),
        "the map as a whole": int((counts > 0).sum())},
        wrong={"pixels seen more than once": int((counts > 1).sum())})


@lecture.claim("eq3", "example", "The kernel that enhances edges",
               r"\mathbf{W}=\begin{pmatrix}-1&-1&-1\\-1&8&-1\\-1&-1&-1\end{pmatrix}")
def edge_kernel(e):
    a = e.symbols("a", 3)
    ramp = np.array([[a[0] + a[1] * r + a[2] * c for c in range(5)] for r in range(4)])
    nine = [[-1 + 9 * (r == 1 and c == 1) for c in range(3)] for r in range(3)]
    W = np.array(EDGES)
    return Sides(truth=(nine, [[0] * 3] * 2, plain(IMAGE, EDGES, padding=((1, 1), (1, 1)))),
                 printed=(W, correlate_image(ramp, W, padding=0), correlate_image(IMAGE, W)),
                 wrong={"nine in the centre": (W, correlate_image(ramp, W + np.diag([0, 1, 0]),
                                                                  padding=0),
                                               correlate_image(IMAGE, W))})


@lecture.claim("h7a", "identity", "Pixels near the edge are seen by fewer windows",
               r"V^{\mathsf T}\mathbb 1", cases=[{"image": (5, 7), "kernel": (2, 3)}], source_kind="words")
def seen_at_the_edge(e, image, kernel):
    V = Partition(Windows(image, kernel)).matrix.astype(int)
    counts = V.T @ np.ones(V.shape[0], dtype=int)
    truth = [sum(r in range(a, a + kernel[0]) for a in starts(image[0], kernel[0]))
             * sum(c in range(b, b + kernel[1]) for b in starts(image[1], kernel[1]))
             for c in range(image[1]) for r in range(image[0])]
    return Sides(truth=truth, printed=counts,
                 wrong={"all alike": np.full_like(counts, kernel[0] * kernel[1])})


@lecture.claim("h8f", "definition", "With the kernel first the sum of (2) is meant all the same",
               r"\mathbf{W}*\mathbf{I}", assumes=SLIDES,
               reason="for the convolution of (1) the order is the same; the sum of (2) changes with it, the "
                      "result being turned by a half. The tables can only mean (2) with the image first")
def order_of_operands(e):
    f, g = e.symbols("f", 2), e.symbols("g", 3)
    return Sides(truth=line([0, *g, 0], f), printed=correlate_image(g, f, padding=1),
                 wrong={"the operands of (2) exchanged": correlate_image(f, g, padding=2),
                        "the kernel flipped": line([0, *g, 0], f[::-1])})


@lecture.claim("h8f/turn", "identity", "Exchanging the operands of a full correlation turns it by a half",
               r"\mathbf W\star\mathbf I=\mathrm{rot}_{180}(\mathbf I\star\mathbf W)", source_kind="own")
def exchanged_operands(e):
    I, W = e.symbols("I", 3, 4), e.symbols("W", 2, 3)
    wide = correlate_image(W, I, padding=(2, 3))
    return Sides(truth=loops.flip(plain(I.tolist(), W.tolist(), padding=((1, 1), (2, 2)))),
                 printed=wide, wrong={"not turned": flip(wide)})
