"""Why an entry must be what it must be: the terms that feed it, in the caller's indices."""

from cnnmat import loops

__all__ = []

MOST = 12


def number(value):
    """A number as short as it can be said."""
    value = float(value)
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def sum_text(terms, constant=None):
    """Σ of products as text: terms are [(label, value, label, value)]."""
    left = [f"{a}*{b}" for a, _, b, _ in terms[:MOST]]
    right = [f"{number(x)}*{number(y)}" for _, x, _, y in terms[:MOST]]
    if len(terms) > MOST:
        left.append(f"... ({len(terms)} terms)")
        right.append("...")
    if constant:
        left.append(constant[0])
        right.append(number(constant[1]))
    return " + ".join(left or ["0"]) + " = " + " + ".join(right or ["0"])


def correlation_terms(contract, case, output, cell):
    """The products of inputs and weights, or upstream gradients, behind one entry."""
    pairs = list(_pairs(case, output, cell))
    a, label = case.arrays, contract.label
    terms = [(label(p, case, i), a[p][i], label(q, case, k), a[q][k]) for (p, i), (q, k) in pairs]
    if output == "db":
        cells = [c for c in _cells(a["dz"].shape) if c[1] == cell[0]]
        return " + ".join(label("dz", case, c) for c in cells[:MOST]) + (
            f" + ... ({len(cells)} terms)" if len(cells) > MOST else "")
    constant = None
    if output == "z" and contract.bias != "none":
        sign = "-" if contract.bias == "subtract" else ""
        constant = (sign + label("b", case, (cell[1],)), a["b"][cell[1]])
    return sum_text(terms, constant)


def _cells(shape):
    return sorted(tuple(c) for c in loops.cells(list(shape)))


def _pairs(case, output, cell):
    """((array, index), (array, index)) of each product that is part of `output` at `cell`."""
    x, w, s = case.arrays["x"], case.arrays["w"], case.settings
    maps, per_group = len(w) // s["groups"], w.shape[1]
    for n in range(len(x)):
        for d in range(len(w)):
            for window in _cells(case.arrays["dz"].shape[2:]):
                taps = loops.taps(window, list(w.shape[2:]), list(x.shape[2:]), s["stride"],
                                   s["padding"], s["dilation"])
                for tap, place in taps:
                    for c in range(per_group):
                        at = {"z": (n, d, *window), "dw": (d, c, *tap),
                              "dx": (n, d // maps * per_group + c, *place)}
                        one = {"x": at["dx"], "w": at["dw"], "dz": at["z"]}
                        if at.get(output) == tuple(cell):
                            first, second = {"z": ("x", "w"), "dx": ("dz", "w"),
                                             "dw": ("dz", "x")}[output]
                            yield (first, one[first]), (second, one[second])
