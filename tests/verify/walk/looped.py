"""What belongs to what on the page that walks one pixel, by plain loops alone."""

from fractions import Fraction

from cnnmat import loops

MAPS = 2


def partition(image, kernel, stride, padding, dilation):
    """The windows as lists of pixels, -1 on padding, and the sizes of a map."""
    twice = [[padding] * 2] * 2
    lists = loops.window_lists(list(image), list(kernel), [stride] * 2, twice, [dilation] * 2)
    counts = [loops.count_windows(image[a] + 2 * padding, (kernel[a] - 1) * dilation + 1, stride)
              for a in (0, 1)]
    return lists, counts


def regions(counts):
    """Blocks of 2 x 2 units; what hangs over the end is left out."""
    lists = loops.window_lists(counts, [2, 2], [2, 2], [[0, n % 2] for n in counts], [1, 1])
    return [[p for p in one if p >= 0] for one in lists]


def lit_by_pixel(m, size, lists, omega):
    """For each panel the set of entries that belong to pixel m, numbered as the page has them."""
    P, Q = len(lists), len(omega)
    order = [p for region in omega for p in region]
    lit = {name: set() for name in ("V", "H", "w", "z", "y", "T", "y_o", "t", "b", "g", "u", "r",
                                    "slope", "delta", "Vd", "dW", "W_1")}
    for p, window in enumerate(lists):
        for s, index in enumerate(window):
            if index != m:
                continue
            lit["V"].add((p * len(window) + s) * size + m)
            lit["H"].add(s * P + p)
            for d in range(MAPS):
                lit["w"].add(s * MAPS + d)
                lit["dW"].add(s * MAPS + d)
                lit["Vd"].add((d * size + m) * P + p)
                for name in ("z", "y", "r", "slope", "delta"):
                    lit[name].add(d * P + p)
            for k, unit in enumerate(order):
                if unit == p:
                    lit["T"].add(k * P + p)
                    for d in range(MAPS):
                        for name in ("y_o", "g", "u"):
                            lit[name].add(d * P + k)
            for q, region in enumerate(omega):
                if p in region:
                    for d in range(MAPS):
                        lit["t"].add(d * Q + q)
                        lit["b"].add(d * Q + q)
                        for output in (0, 1):
                            lit["W_1"].add(output * MAPS * Q + d * Q + q)
    return {name: entries for name, entries in {**lit, "h": {m}, "dh": {m}}.items() if entries}


def lit_by_entry(d, m, p, size, lists):
    """For each panel the set of entries that belong to V^(1,d,1)(m,p); where no window reads,
    the entry alone."""
    P, S = len(lists), len(lists[0])
    lit = {"Vd": {(d * size + m) * P + p}}
    for s, index in enumerate(lists[p]):
        if index == m:
            lit |= {"w": {s * MAPS + d}, "delta": {d * P + p}, "dh": {m}, "H": {s * P + p},
                    "V": {(p * S + s) * size + m}, "h": {i for i in lists[p] if i >= 0}}
    return lit


def network(numbers, parameters, lists, omega, pooling):
    """The signals of the loops on the page's own image, exactly."""
    f = Fraction
    reduce = {"max": loops.largest, "mean": loops.mean}[pooling]
    stage = {"lists": lists, "f": lambda z: z if z > 0 else z * 0, "regions": omega,
             "reduce": [reduce] * MAPS, "feeds": [[0]] * MAPS,
             "w": [[[f(x) for x in w]] for w in numbers["w_of"]],
             "theta": [[f(x)] for x in parameters.Theta_c[1][0]]}
    layer = {"W": [[f(x) for x in row] for row in parameters.W_l[1].tolist()],
             "theta": [f(x) for x in parameters.theta_l[1].tolist()], "f": lambda z: z}
    return loops.network([[f(x) for x in numbers["h"]]], [stage], [layer])
