"""Introduction L to LVII: the error, the updates, the gradient of a kernel."""

import numpy as np

from cnnmat import correlate_image, flip, layers, loops, unvec, vec
from cnnmat.derivations.chaurasia.onelayer import forward_loops, layer
from cnnmat.derivations.chaurasia.setting import (
    LAYER,
    PLAIN,
    ROW,
    SMALL,
    connections,
    lecture,
    size,
    times,
    valid,
)
from cnnmat.textbook import correlation
from cnnmat.textbook.images import convolve_full, convolve_image
from cnnmat.textbook.risks import squared_error, squared_error_gradient
from cnnmat.verify import Sides, vanishes
from cnnmat.verify.duals import jacobian


@lecture.claim(
    "eq0.13", "definition", "The error called mean squared",
    r"\text{mean squared error}\quad E=\frac12\sum_p(t_p-y_p)^2", expect="misprint",
    corrected_formula=r"E=\frac1P\sum_p(t_p-y_p)^2",
    reason="half the sum of squares is not their mean; equal for P = 2 only. As a risk it is as good, and its derivative "
           "y - t is the simpler one: the name is wrong rather than the formula",
    cases=[{"P": 2}, {"P": 3}], rewritten=r"E=\frac12\sum_p(t_p-y_p)^2")
def mean_squared_error(e, P):
    t, y = e.symbols("t", P), e.symbols("y", P)
    return Sides(truth=loops.squared_error(t.tolist(), y.tolist()) / P,
                 printed=squared_error(t, y, scale="half"), corrected=squared_error(t, y, scale="mean"),
                 wrong={"the sum": squared_error(t, y)})


@lecture.claim(
    "eq0.13/slope", "gradient", "Derivative of half the sum of squares by an output",
    r"\frac{\partial E}{\partial y_p}=y_p-t_p", cases=[{"P": 3}], source_kind="consequence")
def slope_of_the_error(e, P):
    t, y = e.symbols("t", P), e.symbols("y", P)
    truth = e.gradient(lambda y: loops.squared_error(t.tolist(), y) / 2, y)
    return Sides(truth=truth, printed=squared_error_gradient(t, y, scale="half"),
                 wrong={"the sign": t - y, "twice": squared_error_gradient(t, y)})


@lecture.claim(
    "in51/zero", "identity", "The closer the outputs to the targets, the smaller the error; 0 if they are equal",
    r"y_p\to t_p\;\Rightarrow\;E\to0", cases=[{"P": 3}], source_kind="words")
def closer(e, P):
    t, d = e.symbols("t", P), e.symbols("d", P)
    truth = [loops.squared_error(t.tolist(), (t + d * s).tolist()) / 2 for s in (0, 1, 2)]
    half = squared_error(t, t + d, scale="half")
    return Sides(truth=truth, printed=[half * 0, half, half * 4],
                 wrong={"in proportion to the distance": [half * 0, half, half * 2]})


@lecture.claim(
    "in51a", "algorithm", "Against the gradient the error falls, at the rate of the gradient's square",
    r"\frac{d}{dh}E(w-h\nabla E)\big|_{h=0}=-\|\nabla E\|^2", cases=[ROW, SMALL], source_kind="words")
def descent(e, image, kernel):
    small = image == ROW["image"]
    o, w = (e.symbols("o", *image), e.symbols("w", *kernel)) if small else (
        e.integers(*image), e.integers(*kernel))
    t = e.integers(*size(image, kernel))
    gradient = valid(o, valid(o, w) - t)

    def error(h):
        moved = [[a - h * g for a, g in zip(row, slopes, strict=True)]
                 for row, slopes in zip(w.tolist(), gradient.tolist(), strict=True)]
        x = forward_loops(o.tolist(), moved)
        return loops.squared_error([v for row in t.tolist() for v in row], [v for row in x for v in row]) / 2

    return Sides(truth=e.gradient(error, np.array(0, dtype=object)), printed=np.array(-(gradient**2).sum()),
                 wrong={"along the gradient": np.array((gradient**2).sum()),
                        "the sum for the sum of squares": np.array(-gradient.sum())})


@layer("in51b", "gradient", "The second update, which the text announces only: δ goes back through the kernel",
       r"\frac{\partial E}{\partial o^{l-1}}=\delta^l*_{\mathrm{full}}w^l=V_w^{\mathsf T}\mathrm{vec}(\delta^l),\quad\delta^{l-1}=\frac{\partial E}{\partial o^{l-1}}\odot f'(x^{l-1})", cases=[ROW, {"image": (3, 4), "kernel": (2, 3)}],
       reason="not printed: each o enters x_ij with the weight w_mn for which i + m, j + n is its place, and collecting "
              "δ_ij w_mn there is a full convolution", source_kind="own")
def deltas(s):
    truth = s.e.gradient(lambda o: s.error(o=o), s.o)
    around = [(k - 1, k - 1) for k in s.kernel]
    before = s.e.symbols("x", *s.image)
    g = s.e.activation("g")
    through = s.e.gradient(lambda x: s_through(s, before, g, x), before)
    shipped = convolve_full(s.delta, s.w)
    V = connections(s.image, s.w)
    chained = convolve_full(s.f.derivative(valid(g(before), s.w) + s.b), s.w) * g.derivative(before)
    near = correlate_image(s.delta, s.w, padding=around)
    return Sides(truth=(truth, loops.vec(truth.tolist()), through),
                 printed=(shipped, times(V.T, vec(s.delta)), chained),
                 wrong={"a correlation with w": (near, vec(near), chained),
                        "without f' of the layer before": (shipped, vec(shipped), shipped)})


def s_through(s, before, g, x):
    """E with o = g(x) for the layer before, by plain loops."""
    return s.error(o=[[g(v) for v in row] for row in x])


@layer("in51b/bias", "gradient", "The update of the bias: all δ of the map together",
       r"\frac{\partial E}{\partial b^l}=\sum_i\sum_j\delta^l_{i,j}",
       reason="not printed; the text updates weights only", source_kind="own")
def bias(s):
    _, _, db = layers.correlate_backward(s.delta[None, None], s.o[None, None], s.w[None, None])
    return Sides(truth=[s.e.gradient(lambda b: s.error(b=b), s.b)], printed=db,
                 wrong={"their mean": db / s.delta.size, "the sign": -db})


@lecture.claim(
    "in52a", "definition", "The gradient measures what a change of one kernel entry does to the error",
    r"\frac{\partial E}{\partial w^l_{m',n'}}=\lim_{h\to0}\frac{E(w+h\,e_{m',n'})-E(w)}{h}", cases=[SMALL],
    reason="run as a central difference, which is exact as E is a polynomial of degree two in w", source_kind="words")
def one_entry(e, image, kernel):
    o, w, t = e.integers(*image), e.integers(*kernel), e.integers(*size(image, kernel))

    def error(w):
        flat = [v for row in forward_loops(o.tolist(), w.tolist()) for v in row]
        return loops.squared_error(t.ravel().tolist(), flat)

    truth, one_sided = np.zeros((2, *kernel), dtype=int)
    for cell in np.ndindex(*kernel):
        step = np.zeros(kernel, dtype=int)
        step[cell] = 1
        truth[cell] = (error(w + step) - error(w - step)) // 4
        one_sided[cell] = (error(w + step) - error(w)) // 2
    return Sides(truth=truth, printed=valid(o, valid(o, w) - t),
                 wrong={"one-sided with h = 1": one_sided, "the sign": valid(o, t - valid(o, w))})


@layer("in53a", "identity", "Every kernel entry takes part once in every output, and so affects all of them",
       r"\frac{\partial x^l_{i,j}}{\partial w^l_{m',n'}}\neq0\text{ for all }i,j,m',n'",
       reason="without padding: in a padded layer some entries meet zeros only", source_kind="words", assumes=PLAIN)
def every_output(s):
    touched = (~vanishes(s.slopes())).astype(int)
    V = connections(s.image, np.arange(1, 1 + s.w.size).reshape(s.kernel)).toarray()

    def uses(V):
        return np.array([[[[int((V[i + j * s.delta.shape[0]] == 1 + m * s.kernel[1] + n).sum())
                            for n in range(s.kernel[1])] for m in range(s.kernel[0])]
                          for j in range(s.delta.shape[1])] for i in range(s.delta.shape[0])])

    padded = V.copy()
    padded[0, 0] = 0
    return Sides(truth=touched, printed=uses(V), wrong={"with padding": uses(padded)})


@layer("in53/size", "dimension", "Size of the output map", r"(H-k_1+1)\text{ by }(W-k_2+1)", assumes=PLAIN, rewritten=r"(H-k_1+1)\times(W-k_2+1)")
def output_size(s):
    (H, W), (k1, k2) = s.image, s.kernel
    return Sides(truth=[loops.shape_of(forward_loops(s.o.tolist(), s.w.tolist()))] * 2,
                 printed=[[H - k1 + 1, W - k2 + 1], list(valid(s.o, s.w).shape)],
                 wrong={"k1 and k2 exchanged": [[H - k2 + 1, W - k1 + 1]] * 2,
                        "one less": [[H - k1, W - k2]] * 2})


@layer("eq0.14", "gradient", "Chain rule for one kernel entry: all outputs are summed over",
       r"\frac{\partial E}{\partial w_{m',n'}^l}=\sum_{i=0}^{H-k_1}\sum_{j=0}^{W-k_2}\frac{\partial E}{\partial x_{i,j}^l}\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}",
       reason="the upper limits are included, H x W being the map that enters")
def chain_rule(s):
    slopes = unvec(s.H.T, s.kernel)    # ∂x/∂w: for every output the window that it sees
    per_output = slopes * vec(s.delta)[:, None, None]
    last = per_output[:-1].sum(axis=0)
    return Sides(truth=s.by_kernel(), printed=per_output.sum(axis=0),
                 wrong={"the upper limits left out": last, "∂E/∂x left out": slopes.sum(axis=0)})


@layer("eq0.15", "gradient", "δ stands for the derivative by the pre-activation",
       r"\sum_{i=0}^{H-k_1}\sum_{j=0}^{W-k_2}\frac{\partial E}{\partial x_{i,j}^l}\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}=\sum_{i=0}^{H-k_1}\sum_{j=0}^{W-k_2}\delta_{i,j}^l\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}")
def delta_enters(s):
    by_matrix = unvec(correlation.dW(s.H, vec(s.delta)[None])[:, 0], s.kernel)
    before_f = unvec((s.H @ vec(s.delta * 0 + 1)), s.kernel)
    truth = s.e.gradient(lambda x: sum(s.f(v) for row in x for v in row), s.x)
    return Sides(truth=(s.by_kernel(), truth), printed=(by_matrix, s.delta),
                 wrong={"δ as the derivative by o": (before_f, s.delta * 0 + 1)})


@layer("eq0.16", "definition", "The pre-activation once more, without its sums",
       r"x_{i,j}^l=\{w_{m,n}^l\}o_{i+m,j+n}^{l-1}+b^l", expect="scan",
       cases=[{"image": (1, 2), "kernel": (1, 1)}, *LAYER],
       corrected_formula=r"x^l_{i,j}=\sum_m\sum_nw^l_{m,n}o^{l-1}_{i+m,j+n}+b^l",
       reason="the double sum is lost, of which braces are left; (0.8) and (0.17) have it in the same place. A single pair m, n "
              "is one of k1 k2 terms; invisible for 1 x 1")
def without_sums(s):
    rows, columns = s.delta.shape
    terms = [s.o[m:m + rows, n:n + columns] * s.w[m, n] for m, n in np.ndindex(*s.kernel)]
    return Sides(truth=forward_loops(s.o.tolist(), s.w.tolist(), s.b), printed=terms[0] + s.b,
                 corrected=s.x, elsewhere=sum(terms) + s.b,
                 wrong={"the bias in every term": sum(one + s.b for one in terms) + s.b})


@layer("eq0.17", "gradient", "The local derivative: that of the double sum by one entry",
       r"\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}=\frac{\partial}{\partial w_{m',n'}^l}\left(\sum_m\sum_nw_{m,n}^lo_{i+m,j+n}^{l-1}+b^l\right)")
def local_derivative(s):
    def slopes(x):
        return np.array([[[[x[i, j].diff(s.w[m, n]) for n in range(s.kernel[1])]
                           for m in range(s.kernel[0])] for j in range(x.shape[1])]
                         for i in range(x.shape[0])], dtype=object)

    return Sides(truth=s.slopes(), printed=slopes(s.x),
                 wrong={"b counted too": slopes(s.x) + 1, "of a convolution": slopes(
                     convolve_image(s.o, s.w, padding="valid") + s.b)})


@layer("in55a", "identity", "All terms of the sum vanish but the one with m = m', n = n'",
       r"\frac{\partial}{\partial w_{m',n'}^l}w_{m,n}^lo_{i+m,j+n}^{l-1}=0\text{ unless }m=m',n=n'",
       source_kind="words", reason="as long as the map that enters does not depend on the same kernel: a kernel tied "
                                   "between two layers adds terms")
def one_term(s):
    def terms(w):
        return [w[m][n] * s.o[m, n] for m in range(s.kernel[0]) for n in range(s.kernel[1])]

    truth = jacobian(terms, s.w).reshape(s.w.size, s.w.size)
    window = s.H[:, 0].reshape(s.kernel, order="F").ravel()
    everywhere = np.array([window] * s.w.size)
    return Sides(truth=truth, printed=np.diag(window), wrong={"every term stays": everywhere})


@layer("eq0.18", "gradient", "The sum written out, from w_00 on",
       r"\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}=\frac{\partial}{\partial w_{m',n'}^l}(w_{0,0}^lo_{i+0,j+0}^{l-1}+\cdots+w_{m',n'}^lo_{i+m',j+n'}^{l-1}+\cdots+b^l)")
def written_out(s):
    rows, columns = s.delta.shape
    terms = [s.o[m:m + rows, n:n + columns] * s.w[m, n] for m, n in np.ndindex(*s.kernel)]
    total = sum(terms[1:], terms[0]) + s.b
    slope = np.array([[entry.diff(s.w[0, 0]) for entry in row] for row in total], dtype=object)
    return Sides(truth=(forward_loops(s.o.tolist(), s.w.tolist(), s.b), s.slopes()[:, :, 0, 0]),
                 printed=(total, slope),
                 wrong={"from w_11 on": (sum(terms[1:]) + s.b, slope * 0), "no bias": (total - s.b, slope)})


@layer("eq0.19", "gradient", "The one term that is left",
       r"\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}=\frac{\partial}{\partial w_{m',n'}^l}(w_{m',n'}^lo_{i+m',j+n'}^{l-1})")
def the_term_left(s):
    rows, columns = s.delta.shape
    m, n = s.kernel[0] - 1, s.kernel[1] - 1

    def slope(place):
        part = s.o[place[0]:place[0] + rows, place[1]:place[1] + columns]
        return np.array([[(w_o * s.w[m, n]).diff(s.w[m, n]) for w_o in row] for row in part], dtype=object)

    return Sides(truth=s.slopes()[:, :, m, n], printed=slope((m, n)), wrong={"the place (i, j)": slope((0, 0))})


@layer("eq0.20", "gradient", "The local derivative is an entry of the map that enters",
       r"\frac{\partial x_{i,j}^l}{\partial w_{m',n'}^l}=o_{i+m',j+n'}^{l-1}")
def local_slope(s):
    windows = unvec(unvec(s.H.T, s.kernel).transpose(1, 2, 0), s.delta.shape).transpose(2, 3, 0, 1)
    return Sides(truth=s.slopes(), printed=windows,
                 wrong={"the indices subtracted": windows[:, :, ::-1, ::-1],
                        "the weight": np.broadcast_to(s.w, windows.shape)})


lecture.remark("in57a/references", "Two references are unresolved and printed as question marks; (0.20) in (0.15) is meant, "
               "and claim in57a runs it.")
lecture.remark("numbers", "The first correlation has the number (1), the last two equations (13) and (14), and (0.1) to "
               "(0.20) stand between them; (0.21) and (0.22) would go on.")


@layer("in57a", "algorithm", "Putting (0.20) into (0.15) gives (13)",
       r"\sum_i\sum_j\delta^l_{i,j}\frac{\partial x^l_{i,j}}{\partial w^l_{m',n'}},\;\frac{\partial x^l_{i,j}}{\partial w^l_{m',n'}}=o^{l-1}_{i+m',j+n'}",
       reason="the two numbers are printed as question marks", source_kind="words")
def substitution(s):
    return Sides(truth=s.by_kernel(), printed=s.written(),
                 wrong={"o at (i, j)": s.written(lambda i, j, m, n: (i, j)),
                        "the last row and column left out": s.written(columns=1)})


@layer("eq13", "gradient", "Gradient of the kernel: δ correlated with the map that enters",
       r"\frac{\partial E}{\partial w_{m',n'}^l}=\sum_{i=0}^{H-k_1}\sum_{j=0}^{W-k_2}\delta_{i,j}^lo_{i+m',j+n'}^{l-1}")
def gradient(s):
    shipped = layers.correlate_backward(s.delta[None, None], s.o[None, None], s.w[None, None])[1][0, 0]
    near = valid(s.o, flip(s.delta))
    return Sides(truth=(s.by_kernel(),) * 2, printed=(valid(s.o, s.delta), shipped),
                 wrong={"δ turned": (near, near), "the last column left out": (s.written(columns=1),) * 2})


@layer("eq14", "gradient", "The same as a convolution with δ turned by 180 degrees",
       r"\frac{\partial E}{\partial w_{m',n'}^l}=\text{rot}_{180^\circ}\{\delta_{i,j}^l\}*o_{m',n'}^{l-1}",
       expect="ambiguous", cases=[ROW, {"image": (3, 6), "kernel": (2, 3)}],
       corrected_formula=r"\frac{\partial E}{\partial w^l}=\left[\mathrm{rot}_{180^\circ}\{\delta^l\}*o^{l-1}\right]_{\mathrm{valid}}",
       reason="true of a convolution taken where δ lies inside the map; (0.4) at the place (m', n') itself is shifted by "
              "(H - k1, W - k2), and the star of (0.7), which does not flip, would correlate with the turned δ",
       cites={"a convolution, δ inside the map": "(13), which has one value for each kernel entry",
              "(0.4) at (m', n')": "(0.4) to the letter, its m and n from 0",
              "the star of (0.7)": "(0.6) and (0.7), whose star does not flip"})
def as_convolution(s):
    turned = flip(s.delta)
    return Sides(truth=s.by_kernel(), readings={
        "a convolution, δ inside the map": convolve_image(s.o, turned, padding="valid"),
        "(0.4) at (m', n')": convolve_full(s.o, turned)[:s.kernel[0], :s.kernel[1]],
        "the star of (0.7)": valid(s.o, turned)},
        wrong={"δ not turned": convolve_image(s.o, s.delta, padding="valid")})


lecture.remark("in53", "The yellow pixel belongs to a figure that is lost; any entry of the kernel will do, and claim in53a takes all.")
