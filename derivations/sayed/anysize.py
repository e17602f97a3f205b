"""The network of `setting` with a letter for every size."""

from cnnmat import Parameters, Stage

__all__ = ["KINKS", "network_of_any_size"]

#: Maxima of rectified sums: what no proof for every differentiable f covers.
KINKS = {
    "depth": 1, "M": 3, "lists": (((0, 1), (2, 0), (1, 2)), ((0,), (1,))), "depths": (1, 2),
    "regions": (((0, 2), (1,)), ((1, 0),)), "widths": (1,), "N": 1, "pooling": "max", "relu": True,
}


def network_of_any_size(e, C, layers=2):
    """What a `Setting` holds, of C correlation layers and `layers` fully connected ones."""
    N, M = e.sizes("N", "M")
    D, P, S, Pp = {0: e.sizes("D_0")}, {}, {}, {0: M}
    stages, lists, regions = [], [], []
    f = [e.activation(f"f{c}") for c in range(1, C + 1)]
    pools = [e.pooling(f"pool{c}") for c in range(1, C + 1)]
    for c in range(1, C + 1):
        P[c], S[c], D[c], Pp[c] = e.sizes(f"P_{c}", f"S_{c}", f"D_{c}", f"P'_{c}")
        V, omega = e.partition(P[c], S[c], Pp[c - 1]), e.regions(P[c], Pp[c])
        stages.append(Stage(V, D[c], f[c - 1], omega, pools[c - 1]))
        lists.append(e.lists(V))
        regions.append(e.lists(omega))
    widths = [e.sizes(f"n_{k}") for k in range(2, layers + 2)]
    g = [e.activation(f"g{k}") for k in range(2, layers + 2)]
    rho = e.symbols("rho1"), e.symbols("rho2")

    def make(kind):
        return kind(D[0], stages, widths, activations=g, rho1=rho[0], rho2=rho[1])

    n = [(D[C], Pp[C]), *widths]
    parameters = Parameters(
        {c: e.symbols(f"W{c}", D[c - 1], S[c], D[c]).reshape(D[c - 1] * S[c], D[c]) for c in P},
        {c: e.symbols(f"Theta{c}", D[c - 1], D[c]) for c in P},
        {l: weights(e, f"U{l}", widths[l - 1], n[l - 1]) for l in range(1, layers + 1)},
        {l: e.symbols(f"theta{l}", widths[l - 1]) for l in range(1, layers + 1)})
    feeds = [[list(range(D[c - 1])) for _ in range(D[c])] for c in P]
    return (make, parameters, e.symbols("h", N, D[0], M), e.symbols("gamma", N, widths[-1]), rho,
            lists, regions, feeds, [pool.functional for pool in pools], f, g, tuple(D.values()),
            tuple(widths))


def weights(e, name, rows, columns):
    """A matrix; a pair of sizes for the columns are the digits of one axis."""
    if isinstance(columns, tuple):
        return e.symbols(name, rows, *columns).reshape(rows, columns[0] * columns[1])
    return e.symbols(name, rows, columns)
