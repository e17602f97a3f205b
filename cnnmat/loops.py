"""Everything again, index by index: the version that the matrices are held against.

Plain Python that imports nothing: no NumPy, no index arithmetic and no padding
shared with what it checks.  It runs on anything that has ``+``, ``*`` and, where
the formula has them, ``/`` and ``<``: integers, fractions, polynomials, residues,
dual numbers.  Arrays are nested lists; indices count from 0.  Functions that are
not polynomials (an activation, a root, exp, ln) are handed in by the caller.
"""

# --- matrices as lists of rows -------------------------------------------------


def vec(matrix):
    """The columns of a matrix, one after the other."""
    return [matrix[r][c] for c in range(len(matrix[0])) for r in range(len(matrix))]


def transpose(matrix):
    """Rows become columns."""
    return [[matrix[r][c] for r in range(len(matrix))] for c in range(len(matrix[0]))]


def product(a, b):
    """The matrix product."""
    return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))]
            for i in range(len(a))]


def times(matrix, x):
    """The matrix times a vector."""
    return [dot(row, x) for row in matrix]


def dot(a, b):
    """The inner product of two vectors of one length."""
    if len(a) != len(b):
        raise ValueError(f"a and b must have one length, got {len(a)} and {len(b)}")
    return sum(a[i] * b[i] for i in range(len(a)))


# --- correlation of an image with a mask ---------------------------------------


def flip(mask):
    """mask(-k, -l): both axes reversed."""
    rows, columns = len(mask), len(mask[0])
    return [[mask[rows - 1 - r][columns - 1 - c] for c in range(columns)] for r in range(rows)]


def pixel(image, r, c):
    """image(r, c), and 0 outside."""
    inside = 0 <= r < len(image) and 0 <= c < len(image[0])
    return image[r][c] if inside else 0


def patch(image, r, c, rows, columns):
    """The rows x columns patch whose centre lies on (r, c); rows and columns are odd."""
    up, left = rows // 2, columns // 2
    return [[pixel(image, r - up + k, c - left + l) for l in range(columns)] for k in range(rows)]


def correlate_at(image, mask, r, c):
    """Σ_k Σ_l image(r+k, c+l) mask(k, l), the mask's centre being (0, 0)."""
    up, left = len(mask) // 2, len(mask[0]) // 2
    return sum(
        pixel(image, r + k - up, c + l - left) * mask[k][l]
        for k in range(len(mask)) for l in range(len(mask[0]))
    )


def filter_image(image, mask):
    """The image F of all correlations, of the size of `image`."""
    return [[correlate_at(image, mask, r, c) for c in range(len(image[0]))]
            for r in range(len(image))]


def convolve_at(image, mask, r, c):
    """Σ_k Σ_l mask(k, l) image(r-k, c-l), the mask's centre being (0, 0)."""
    up, left = len(mask) // 2, len(mask[0]) // 2
    return sum(
        mask[k][l] * pixel(image, r - (k - up), c - (l - left))
        for k in range(len(mask)) for l in range(len(mask[0]))
    )


# --- windows and partitions ----------------------------------------------------


def cells(shape):
    """All index tuples of an array, the first index running fastest."""
    if not shape:
        return [()]
    return [(i, *rest) for rest in cells(shape[1:]) for i in range(shape[0])]


def place(cell, shape):
    """Where the entry at `cell` stands when the array is stacked, first index fastest."""
    at, step = 0, 1
    for i, length in zip(cell, shape, strict=True):
        at, step = at + i * step, step * length
    return at


def count_windows(length, span, stride):
    """How many windows of `span` fit into `length`, found by sliding one along."""
    start, count = 0, 0
    while start + span <= length:
        start, count = start + stride, count + 1
    return count


def window_lists(shape, kernel, stride, padding, dilation):
    """For each window the positions of its entries in the stacked image, -1 on padding.

    All arguments are lists with one entry an axis, of `padding` a pair (before, after).
    """
    axes = range(len(shape))
    counts = [count_windows(shape[a] + padding[a][0] + padding[a][1],
                            (kernel[a] - 1) * dilation[a] + 1, stride[a]) for a in axes]
    lists = []
    for window in cells(counts):
        one = []
        for entry in cells(kernel):
            cell = [window[a] * stride[a] + entry[a] * dilation[a] - padding[a][0] for a in axes]
            inside = all(0 <= cell[a] < shape[a] for a in axes)
            one.append(place(cell, shape) if inside else -1)
        lists.append(one)
    return lists


def subvectors(h, lists):
    """The subvectors h_1, ..., h_P; an index of -1 reads a zero."""
    return [[h[i] if i >= 0 else 0 for i in one] for one in lists]


# --- pooling: what becomes of the entries of one region --------------------------


def mean(values):
    """Their sum over their number."""
    return sum(values) / len(values)


def largest(values):
    """The largest, the first of those that tie."""
    best = values[0]
    for value in values[1:]:
        if value > best:
            best = value
    return best


def norm(values, p, root):
    """(Σ |x|^p)^(1/p) for an even p; `root` is the p-th root."""
    total = 0
    for value in values:
        power = value
        for _ in range(p - 1):
            power = power * value
        total = total + power
    return root(total)


def pool(y, regions, reduce):
    """t(p') = reduce(entries of region p')."""
    return [reduce([y[p] for p in region]) for region in regions]


# --- the network -----------------------------------------------------------------


def feature_map(subs, w, theta, f):
    """y(p) = f(Σ_s h_p(s) w(s) - θ)."""
    return [f(dot(one, w) - theta) for one in subs]


def preactivation(maps, lists, w, theta, feeds):
    """z(p) = Σ_j (Σ_s h_p^(j)(s) w_j(s) - θ(j)), summed over the maps j in `feeds`."""
    subs = [subvectors(one, lists) for one in maps]
    return [sum(dot(subs[j][p], w[j]) - theta[j] for j in feeds) for p in range(len(lists))]


def network(h, stages, layers):
    """One sample through correlation stages and fully connected layers.

    Parameters
    ----------
    h : list of maps, each a list of numbers
    stages : list of dict
        ``lists`` (the partition), ``w`` [d][j][s], ``theta`` [d][j], ``f``, ``regions``,
        ``reduce`` [d] (a pooling function a map) and ``feeds`` [d] (which maps j feed map d).
        Optional ``shift`` [d][p] is added to z: its derivative is a sensitivity.
    layers : list of dict
        ``W`` [k][i], ``theta`` [k] and ``f``; optional ``shift`` [k].

    Returns
    -------
    dict
        ``z``, ``y``, ``t`` a list a stage, ``zl``, ``yl`` a list a layer, ``output``.
    """
    signals = {"z": [], "y": [], "t": [], "zl": [], "yl": []}
    maps = h
    for s in stages:
        z = [preactivation(maps, s["lists"], s["w"][d], s["theta"][d], s["feeds"][d])
             for d in range(len(s["w"]))]
        if "shift" in s:
            z = [[a + b for a, b in zip(*both, strict=True)]
                 for both in zip(z, s["shift"], strict=True)]
        y = [[s["f"](value) for value in one] for one in z]
        maps = [pool(y[d], s["regions"], s["reduce"][d]) for d in range(len(y))]
        signals["z"].append(z)
        signals["y"].append(y)
        signals["t"].append(maps)
    x = [value for one in maps for value in one]
    for layer in layers:
        z = [dot(layer["W"][k], x) - layer["theta"][k] for k in range(len(layer["W"]))]
        if "shift" in layer:
            z = [a + b for a, b in zip(z, layer["shift"], strict=True)]
        x = [layer["f"](value) for value in z]
        signals["zl"].append(z)
        signals["yl"].append(x)
    signals["output"] = x
    return signals


def squared_error(gamma, y):
    """Σ (γ_i - y_i)²."""
    return sum((gamma[i] - y[i]) * (gamma[i] - y[i]) for i in range(len(gamma)))


def cross_entropy(gamma, z, exp, ln):
    """-Σ γ_i ln(e^(z_i) / Σ_j e^(z_j))."""
    total = sum(exp(value) for value in z)
    return -sum(gamma[i] * (z[i] - ln(total)) for i in range(len(z)))


def squared_norm(entries):
    """Σ w² over the numbers of an arbitrarily nested list."""
    if isinstance(entries, list):
        return sum(squared_norm(one) for one in entries)
    return entries * entries


def empirical_risk(samples, targets, stages, layers, rho1, rho2):
    """ρ1 Σ‖W_c‖² + ρ2 Σ‖W_l‖² + (1/N) Σ_n ‖γ_n - y_n‖²."""
    losses = [squared_error(gamma, network(h, stages, layers)["output"])
              for h, gamma in zip(samples, targets, strict=True)]
    used = [s["w"][d][j] for s in stages for d in range(len(s["w"])) for j in s["feeds"][d]]
    return (
        rho1 * squared_norm(used)
        + rho2 * squared_norm([layer["W"] for layer in layers])
        + sum(losses) / len(losses)
    )


# --- layers on batches of images: N x C x (1, 2 or 3 axes) ------------------------


def entry(array, cell):
    """array[i][j]..., for an index tuple."""
    for i in cell:
        array = array[i]
    return array


def shape_of(array):
    """The lengths of the axes of a nested list."""
    shape = []
    while isinstance(array, list):
        shape.append(len(array))
        array = array[0]
    return shape


def build(shape, value):
    """The nested list of `shape` whose entry at each cell is value(*cell)."""
    if not shape:
        return value()
    return [build(shape[1:], lambda *rest, i=i: value(i, *rest)) for i in range(shape[0])]


def taps(window, kernel, shape, stride, padding, dilation):
    """(place in the kernel, cell of the image) for the entries of a window inside the image."""
    axes = range(len(shape))
    taps = []
    for tap in cells(kernel):
        cell = [window[a] * stride[a] + tap[a] * dilation[a] - padding[a][0] for a in axes]
        if all(0 <= cell[a] < shape[a] for a in axes):
            taps.append((tap, cell))
    return taps


def correlate(x, w, b, stride, padding, dilation, groups):
    """z[n][d][window] = Σ_c Σ_tap x[n][c][tap of the window] w[d][c][tap] + b[d].

    x is N x C x image, w is D x C/groups x kernel, b a list of D; stride, dilation a list with
    one number an axis, padding one of (before, after).
    """
    shape, kernel = shape_of(x)[2:], shape_of(w)[2:]
    per_group, maps = len(w[0]), len(w) // groups
    counts = [count_windows(shape[a] + padding[a][0] + padding[a][1],
                            (kernel[a] - 1) * dilation[a] + 1, stride[a])
              for a in range(len(shape))]

    def at(n, d, *window):
        first = d // maps * per_group
        return b[d] + sum(
            entry(x[n][first + c], cell) * entry(w[d][c], tap)
            for tap, cell in taps(window, kernel, shape, stride, padding, dilation)
            for c in range(per_group)
        )

    return build([len(x), len(w), *counts], at)


def correlate_backward(dz, x, w, stride, padding, dilation, groups):
    """(dx, dw, db): each term of `correlate` sends dz times its other factor back."""
    shape, kernel = shape_of(x)[2:], shape_of(w)[2:]
    per_group, maps = len(w[0]), len(w) // groups
    dx, dw, db = {}, {}, [0] * len(w)
    for n in range(len(x)):
        for d in range(len(w)):
            first = d // maps * per_group
            for window in cells(shape_of(dz)[2:]):
                upstream = entry(dz[n][d], window)
                db[d] = db[d] + upstream
                for tap, cell in taps(window, kernel, shape, stride, padding, dilation):
                    for c in range(per_group):
                        at_x, at_w = (n, first + c, *cell), (d, c, *tap)
                        dx[at_x] = dx.get(at_x, 0) + upstream * entry(w, at_w)
                        dw[at_w] = dw.get(at_w, 0) + upstream * entry(x, at_x)
    return (build(shape_of(x), lambda *cell: dx.get(cell, 0)),
            build(shape_of(w), lambda *cell: dw.get(cell, 0)), db)


# --- convolution, subsampling, normalisation of maps -------------------------------


def convolve(image, mask):
    """The full convolution Σ_k Σ_l mask[k][l] image[r-k][c-l]: sizes add up, less one."""
    return [[sum(mask[k][l] * pixel(image, r - k, c - l)
                 for k in range(len(mask)) for l in range(len(mask[0])))
             for c in range(len(image[0]) + len(mask[0]) - 1)]
            for r in range(len(image) + len(mask) - 1)]


def subsample(image, steps):
    """The entries of every steps[0]-th row and steps[1]-th column, the first ones included."""
    return [row[::steps[1]] for row in image[::steps[0]]]


def smooth_and_skip(x, h, step):
    """Σ_j h(j) x(i-j) for i = 0, step, 2 step, ..., the middle of h being h(0), 0 outside x."""
    return [sum(h[j] * x[i - j + len(h) // 2] for j in range(len(h))
                if 0 <= i - j + len(h) // 2 < len(x)) for i in range(0, len(x), step)]


def subtract_surround(maps, mask):
    """Y_i(r, c) - Σ_j (mask * Y_j)(r, c), with zeros around the maps."""
    return [[[one[r][c] - sum(convolve_at(other, mask, r, c) for other in maps)
              for c in range(len(one[0]))] for r in range(len(one))] for one in maps]


def divide_brightness(maps, kappa, lam, power):
    """Y_i(r, c) / power(κ + λ Σ_j Y_j(r, c)²)."""
    return [[[one[r][c] / power(kappa + lam * sum(m[r][c] * m[r][c] for m in maps))
              for c in range(len(one[0]))] for r in range(len(one))] for one in maps]


def amplify(maps, g, f):
    """g_i f(Y_i(r, c))."""
    return [[[g[i] * f(value) for value in row] for row in maps[i]] for i in range(len(maps))]


# --- the same at the sizes of real layers ------------------------------------------
# A whole row at a time: some fifteen times faster in plain Python than a cell at a time, and
# held against `correlate` by a test.


def padded(image, padding):
    """The rows of an image with zeros around it; `padding` is ((top, bottom), (left, right))."""
    (top, bottom), (left, right) = padding
    width = left + len(image[0]) + right
    return ([[0] * width for _ in range(top)] + [[0] * left + row + [0] * right for row in image]
            + [[0] * width for _ in range(bottom)])


def correlate_rows(x, w, stride, padding):
    """z[d] = Σ_c of the correlations of x[c] with w[d][c]: maps of rows, one sample."""
    maps = [padded(one, padding) for one in x]
    rows, columns = len(w[0][0]), len(w[0][0][0])
    height = count_windows(len(maps[0]), rows, stride[0])
    width = count_windows(len(maps[0][0]), columns, stride[1])
    z = [[[0] * width for _ in range(height)] for _ in w]
    for d in range(len(w)):
        for r in range(height):
            total = z[d][r]
            for c in range(len(maps)):
                for k in range(rows):
                    row = maps[c][r * stride[0] + k]
                    for l in range(columns):
                        weight = w[d][c][k][l]
                        total = [a + weight * b for a, b in
                                 zip(total, row[l::stride[1]], strict=False)]
            z[d][r] = total
    return z


def correlate_rows_backward(dz, x, w, stride, padding):
    """(dx, dw) of `correlate_rows`: each product sends dz times its other factor back."""
    maps = [padded(one, padding) for one in x]
    back = [[[0] * len(row) for row in one] for one in maps]
    dw = [[[[0] * len(row) for row in one] for one in masks] for masks in w]
    width = len(dz[0][0])
    for d in range(len(w)):
        for c in range(len(maps)):
            for k in range(len(w[d][c])):
                for l in range(len(w[d][c][k])):
                    weight, slope = w[d][c][k][l], 0
                    places = slice(l, l + (width - 1) * stride[1] + 1, stride[1])
                    for r in range(len(dz[d])):
                        upstream, at = dz[d][r], r * stride[0] + k
                        slope += sum([a * b for a, b in
                                      zip(upstream, maps[c][at][places], strict=True)])
                        back[c][at][places] = [a + weight * b for a, b in
                                               zip(back[c][at][places], upstream, strict=True)]
                    dw[d][c][k][l] = slope
    (top, _), (left, _) = padding
    dx = [[row[left:left + len(x[0][0])] for row in one[top:top + len(x[0])]] for one in back]
    return dx, dw


# --- information: entropy, cross-entropy, softmax ------------------------------------


def softmax(z, exp):
    """e^(z_i) / Σ_j e^(z_j)."""
    powers = [exp(value) for value in z]
    return [one / sum(powers) for one in powers]


def surprise(t, p, log):
    """-Σ t_i log p_i, where 0 log 0 = 0; for t = p the entropy."""
    return -sum(t[i] * log(p[i]) for i in range(len(t)) if t[i] != 0)


def binary_cross_entropy(t, p, log):
    """The mean over the samples j of -(t_j log p_j + (1 - t_j) log(1 - p_j))."""
    return mean([surprise([t[j], 1 - t[j]], [p[j], 1 - p[j]], log) for j in range(len(t))])


def one_hot(label, classes):
    """1 at place `label`, 0 elsewhere."""
    return [1 if k == label else 0 for k in range(classes)]


def tile(image, r, c, rows, columns):
    """The rows x columns patch that becomes entry (r, c) when patches do not overlap."""
    return [[image[r * rows + k][c * columns + l] for l in range(columns)] for k in range(rows)]
