"""Section 5's homework, done in steps a student can follow."""

import numpy as np

from cnnmat import Partition, Windows, correlate_image, flip, unvec, vec, weight_matrix_short
from cnnmat.derivations.lec14.sec5a_learning import local
from cnnmat.derivations.lec14.setting import SHAPES, by_kernel, by_map, draw, lecture, loss, plain
from cnnmat.verify import Sides

#: Homework (2) as the notes have it, the kernel drawn below; and what they leave open.
PADDED = (r"\left(\frac{\partial L}{\partial X}\right)=\left(\text{zero padded }\frac{\partial L}{\partial z}"
          r"\right)\otimes\;(\text{180° clockwise rotated }K)")
PAD = {"∂L/∂z is padded by": "one less than the kernel, on each side"}


@lecture.claim("s5k2", "gradient",
               "Homework (1), step 1: which pixel each entry of the kernel meets",
               r"\frac{\partial z_{ij}}{\partial K_{mn}}=X_{i+m-1,\,j+n-1}", cases=SHAPES,
               source_kind="own")
def step_one(e, image, kernel):
    X, K, g = draw(e, image, kernel)

    def pixels(sign):
        return [[[X[(i + sign * m) % image[0], (j + sign * n) % image[1]]
                  for n in range(kernel[1])] for m in range(kernel[0])]
                for i, j in np.ndindex(g.shape)]

    return Sides(truth=[local(e, X, K, *cell) for cell in np.ndindex(g.shape)], printed=pixels(1),
                 wrong={"i - m + 1 and j - n + 1": pixels(-1)})


@lecture.claim("eq1", "gradient", "Homework (1), step 2: the map correlated with ∂L/∂z",
               r"\frac{\partial L}{\partial K}=X\otimes\frac{\partial L}{\partial z}", cases=SHAPES)
def gradient_of_kernel(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    return Sides(truth=by_kernel(e, X, K, g),
                 printed=correlate_image(X, g, padding=0),
                 wrong={"∂L/∂z flipped": correlate_image(X, flip(g), padding=0),
                        "the result flipped": flip(correlate_image(X, g, padding=0))})


@lecture.claim("eq1/matrix", "gradient",
               "Homework (1) once more, as the product Hᵀ has in the chapter",
               r"\mathrm{vec}\frac{\partial L}{\partial K}=H\,\mathrm{vec}\frac{\partial L}{\partial z}",
               cases=SHAPES, source_kind="own")
def gradient_as_product(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    H = Partition(Windows(image, kernel)).columns(vec(X))
    return Sides(truth=by_kernel(e, X, K, g),
                 printed=unvec(H @ vec(g), kernel), wrong={"∂L/∂z stacked by rows": unvec(
                     H @ g.ravel(), kernel)})


@lecture.claim("s5k3", "identity", "The mark between the homework and its equation",
               r"\text{HW: Verify}\ \neq", expect="scan",
               corrected_formula=r"\text{HW: Verify}\ \frac{\partial L}{\partial K}=X\otimes\frac{\partial L}{\partial z}",
               reason="read as 'not equal' it denies the line below it, which carries an equals "
                      "sign and its number and is proved; a stroke of the pen was taken for a sign")
def stray_mark(e):
    X, K, g = draw(e, (3, 3), (2, 2))
    slope = by_kernel(e, X, K, g)
    equal = bool((slope == correlate_image(X, g, padding=0)).all())
    by_loops = slope.tolist() == plain(X.tolist(), g.tolist())
    return Sides(truth=by_loops, printed=not equal, corrected=equal, elsewhere=equal,
                 wrong={"equal to the flipped map": bool(
                     (slope == correlate_image(flip(X), g, padding=0)).all())})


@lecture.claim("s5m", "gradient", "The gradient of the bias is the sum of ∂L/∂z",
               r"\frac{\partial L}{\partial B}=\sum_{ij}\frac{\partial L}{\partial z_{ij}}", cases=SHAPES)
def gradient_of_bias(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    B = np.array(e.symbols("B"), dtype=object)
    truth = e.gradient(lambda B: loss(X.tolist(), K.tolist(), g.tolist(), B), B)
    return Sides(truth=truth[()], printed=g.sum(), wrong={"the first row only": g[0].sum()})


def by_pixel(e, X, K, i, j):
    """∂z_ij/∂X, by dual numbers."""
    return e.gradient(lambda X: plain(X, K.tolist())[i][j], X)


@lecture.claim("s5n", "gradient", "Chain rule for a pixel",
               r"\frac{\partial L}{\partial X_{mn}}=\sum_{ij}"
               r"\frac{\partial L}{\partial z_{ij}}\cdot\frac{\partial z_{ij}}{\partial X_{mn}}",
               cases=SHAPES)
def chain_for_pixel(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    cells = list(np.ndindex(g.shape))
    terms = [by_pixel(e, X, K, *cell) * g[cell] for cell in cells]
    return Sides(truth=by_map(e, X, K, g),
                 printed=sum(terms), wrong={"the last output left out": sum(terms[:-1])})


@lecture.claim("s5o", "gradient", "Homework (2), step 1: which weight each pixel meets",
               r"\frac{\partial z_{ij}}{\partial X_{mn}}=K_{m-i+1,\,n-j+1}\text{ inside the kernel, else }0",
               cases=SHAPES, source_kind="own",
               rewritten=r"\frac{\partial z_{ij}}{\partial X_{mn}}=K_{m-i+1,\,n-j+1}")
def step_one_for_pixels(e, image, kernel):
    X, K, g = draw(e, image, kernel)

    def weight(k, l):
        return K[k, l] if 0 <= k < kernel[0] and 0 <= l < kernel[1] else 0

    def weights(sign):
        return [[[weight(sign * (m - i), sign * (n - j)) for n in range(image[1])]
                 for m in range(image[0])] for i, j in np.ndindex(g.shape)]

    return Sides(truth=[by_pixel(e, X, K, *cell) for cell in np.ndindex(g.shape)],
                 printed=weights(1), wrong={"i - m + 1 and j - n + 1": weights(-1)})


@lecture.claim("s5p", "definition", "The half turn reverses both axes",
               r"K=\begin{bmatrix}K_{11}&K_{12}\\K_{21}"
               r"&K_{22}\end{bmatrix}\xrightarrow{180^\circ\text{ clockwise}}"
               r"\begin{bmatrix}K_{22}&K_{21}\\K_{12}&K_{11}\end{bmatrix}",
               cases=[{"kernel": (2, 2)}, {"kernel": (2, 3)}],
               rewritten=r"\mathrm{rot}_{180}\left(\begin{bmatrix}K_{11}&K_{12}\\K_{21}"
                         r"&K_{22}\end{bmatrix}\right)=\begin{bmatrix}K_{22}&K_{21}\\K_{12}"
                         r"&K_{11}\end{bmatrix}")
def half_turn(e, kernel):
    K = e.symbols("K", *kernel)
    quarter = np.rot90(K)
    return Sides(truth=[[K[-1 - r, -1 - c] for c in range(kernel[1])] for r in range(kernel[0])],
                 printed=flip(K), wrong={"a quarter turn": quarter, "upside down only": K[::-1]})


@lecture.claim("s5q", "gradient", "Homework (2), step 2: zero padding, then the half-turned kernel",
               PADDED, cases=SHAPES, assumes=PAD,
               rewritten=r"\frac{\partial L}{\partial X}=\mathrm{pad}\left("
                         r"\frac{\partial L}{\partial z}\right)\otimes\mathrm{rot}_{180}(K)")
def gradient_of_map(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    pad = tuple(f - 1 for f in kernel)
    return Sides(truth=by_map(e, X, K, g),
                 printed=correlate_image(g, flip(K), padding=pad),
                 wrong={"the kernel as it is": correlate_image(g, K, padding=pad)},
                 show={"V": weight_matrix_short(Partition(Windows((3, 3), 2)), [11, 21, 12, 22])})


@lecture.claim("s5q/size", "dimension",
               "Sizes in the homework: padding by f - 1 brings the map's size back",
               r"(n-f+1)+2(f-1)-f+1=n",
               cases=[{"n": n, "f": f} for n, f in ((3, 2), (4, 2), (6, 3))],
               source_kind="consequence")
def size_of_map(e, n, f):
    inner = sum(1 for k in range(n) if k + f <= n)
    padded = inner + len(range(f - 1)) + len(range(f - 1))
    counted = sum(1 for k in range(padded) if k + f <= padded)
    return Sides(truth=counted, printed=(n - f + 1) + 2 * (f - 1) - f + 1,
                 wrong={"padded on one side": (n - f + 1) + (f - 1) - f + 1})


@lecture.claim("s5r", "gradient", "The last line, where the zero padding is not repeated",
               r"\left(\frac{\partial L}{\partial z}\right)\otimes\;(\text{180° clockwise rotated }K)",
               rewritten=r"\frac{\partial L}{\partial z}\otimes\mathrm{rot}_{180}(K)", expect="misprint",
               corrected_formula=r"\mathrm{pad}\left(\frac{\partial L}{\partial z}\right)"
                                 r"\otimes\mathrm{rot}_{180}(K)", assumes=PAD,
               reason="an arrow leads here from the line that has the padding; as a formula of its own "
                      "it has the wrong size", cases=[{"image": (5, 6), "kernel": (2, 3)}])
def padding_not_repeated(e, image, kernel):
    X, K, g = draw(e, image, kernel)
    pad = tuple(f - 1 for f in kernel)
    return Sides(truth=by_map(e, X, K, g), printed=correlate_image(g, flip(K), padding=0),
                 corrected=correlate_image(g, flip(K), padding=pad),
                 wrong={"padded, the kernel not turned": correlate_image(g, K, padding=pad)})


@lecture.claim("s5s", "identity",
               "Padding and half turn together are the transposed matrix of the layer",
               r"V^{(K)}\,\mathrm{vec}(g)=\mathrm{vec}(\mathrm{pad}(g)"
               r"\otimes\mathrm{rot}_{180}(K))", cases=SHAPES, source_kind="own")
def transposed_matrix(e, image, kernel):
    _X, K, g = draw(e, image, kernel)
    V = weight_matrix_short(Partition(Windows(image, kernel)), vec(K))
    pad = ((kernel[0] - 1,) * 2, (kernel[1] - 1,) * 2)
    turned = [[K[-1 - r, -1 - c] for c in range(kernel[1])] for r in range(kernel[0])]
    return Sides(truth=plain(g.tolist(), turned, padding=pad), printed=unvec(V @ vec(g), image),
                 wrong={"∂L/∂z stacked by rows": unvec(V @ g.ravel(), image)})
