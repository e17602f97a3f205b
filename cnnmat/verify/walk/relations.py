"""What belongs to an entry of the image, and of V^(d,d',c+1): read off the matrices V and T.

A panel of the page is one array; its entries are named by their places in the array as `places`
numbers them, the last axis fastest.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnmat.verify.walk.case import MAPS, OUTPUTS, Case

__all__ = ["entries", "panels", "pixels"]


def panels(case: Case) -> dict[str, tuple[int, ...]]:
    """The shape of each panel's array: maps or matrices, then their rows and columns.

    Examples
    --------
    >>> panels(Case((4, 5), (2, 3), 1, 0, 1, "max"))["Vd"]
    (2, 20, 9)
    """
    M, S, P, P_prime = (case.partition.M, case.partition.S, case.partition.P,
                        case.regions.P_prime)
    shapes = {"h": (1, M), "V": (P * S, M), "H": (S, P), "w": (S, MAPS), "T": (P, P),
              "W_1": (OUTPUTS, MAPS * P_prime), "out": (1, OUTPUTS), "delta_L": (1, OUTPUTS),
              "Vd": (MAPS, M, P), "dh": (1, M), "dW": (S, MAPS)}
    shapes |= dict.fromkeys(("z", "y", "y_o", "g", "u", "r", "slope", "delta"), (MAPS, P))
    return shapes | dict.fromkeys(("t", "b"), (MAPS, P_prime))


def places(shape, *at):
    """The numbers of the entries at all combinations of `at`, an index or several an axis."""
    # a list may be empty, and is then of no integers to NumPy
    axes = np.ix_(*(np.array(one, dtype=int, ndmin=1) for one in at))
    return np.unique(np.ravel_multi_index(axes, shape)).tolist()


def _paired(shape, *at):
    """The numbers of the entries at these places, one after the other."""
    return np.unique(np.ravel_multi_index(np.broadcast_arrays(*at), shape)).tolist()


def pixels(case: Case) -> list[dict[str, Any]]:
    """For each entry h(m) its way: what it feeds, and what comes back to it.

    Returns
    -------
    list of dict
        ``steps``, a list of (window p, place s in it, place k in the order of T, region q);
        ``lit``, for each panel the entries that belong to h(m).

    Examples
    --------
    The first pixel is read by the first window alone, as its first entry:

    >>> first = pixels(Case((4, 5), (2, 3), 1, 0, 1, "max"))[0]
    >>> first["steps"], first["lit"]["V"], first["lit"]["dW"]
    ([(0, 0, 0, 0)], [0], [0, 1])
    """
    V, shapes = case.partition.matrix.toarray(), panels(case)
    position = case.regions.matrix.toarray().argmax(axis=0)
    region = case.regions.expand(np.arange(case.regions.P_prime))
    both = np.arange(MAPS)
    found = []
    for m in range(case.partition.M):
        rows = V[:, m].nonzero()[0]
        p, s = np.divmod(rows, case.partition.S)
        k = position[p]
        q = region[k]
        lit = {
            "h": [m], "V": _paired(shapes["V"], rows, m), "H": _paired(shapes["H"], s, p),
            "w": places(shapes["w"], s, both), "T": _paired(shapes["T"], k, p),
            "Vd": places(shapes["Vd"], both, m, p), "dh": [m],
            "dW": places(shapes["dW"], s, both),
        }
        lit |= {name: places(shapes[name], both, p) for name in ("z", "y", "r", "slope", "delta")}
        lit |= {name: places(shapes[name], both, k) for name in ("y_o", "g", "u")}
        lit |= {name: places(shapes[name], both, q) for name in ("t", "b")}
        # vec of t has the maps one after the other, so a column of W_1 is an entry of t
        lit["W_1"] = places(shapes["W_1"], np.arange(OUTPUTS), lit["t"])
        found.append({"steps": list(zip(*(one.tolist() for one in (p, s, k, q)), strict=True)),
                      "lit": lit})
    return found


def entries(case: Case) -> dict[int, dict[str, Any]]:
    """For each entry of V^(1,d,1) that a window makes: which w and which δ meet there.

    Returns
    -------
    dict
        By the entry's number in the panel ``Vd``: ``at``, (d, m, p, s), and ``lit``.

    Examples
    --------
    >>> found = entries(Case((4, 5), (2, 3), 1, 0, 1, "max"))[0]
    >>> found["at"], found["lit"]["w"], found["lit"]["delta"]
    ((0, 0, 0, 0), [0], [0])
    """
    shapes, found = panels(case), {}
    for row, m in zip(*case.partition.matrix.nonzero(), strict=True):
        p, s = divmod(int(row), case.partition.S)
        window = case.partition.skeleton[[p]].nonzero()[1]
        for d in range(MAPS):
            [number] = places(shapes["Vd"], d, m, p)
            found[number] = {"at": (d, int(m), p, s), "lit": {
                "h": places(shapes["h"], 0, window), "V": places(shapes["V"], row, m),
                "H": places(shapes["H"], s, p), "w": places(shapes["w"], s, d), "Vd": [number],
                "delta": places(shapes["delta"], d, p), "dh": [int(m)]}}
    return dict(sorted(found.items()))

