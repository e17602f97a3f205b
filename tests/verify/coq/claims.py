"""Claims for all sizes, one for each kind of thing that a theorem may speak of."""

from cnnmat import Network, Parameters, Stage, loops, weight_matrix, weight_matrix_short
from cnnmat.textbook import correlation
from cnnmat.textbook.pooling import upv
from cnnmat.verify import Lecture, Sides

lecture = Lecture("coq", 'Claims for "all" sizes *)')


@lecture.claim("1158", "identity", "A feature map, of any f", "y")
def feature_map(e):
    S, P = e.sizes("S", "P")
    H, w, theta, f = e.symbols("H", S, P), e.symbols("w", S), e.symbols("theta"), e.activation("f")
    return Sides(truth=loops.feature_map(H.T.tolist(), w.tolist(), theta, f),
                 printed=correlation.feature_map(H, w, theta, f),
                 wrong={"plus": correlation.feature_map(H, w, -theta, f)})


@lecture.claim("1257", "identity", "The short form is the literal one", "V")
def short_form(e):
    P, S, M = e.sizes("P", "S", "M")
    V, w = e.partition(P, S, M), e.symbols("w", S)
    return Sides(truth=weight_matrix_short(V, w), printed=weight_matrix(V, w),
                 wrong={"twice": lambda: weight_matrix(V, w) * 2})


@lecture.claim("1204", "identity", "permute# undoes permute, and both", "y")
def both_ways(e):
    P, Q = e.sizes("P", "P'")
    omega, y = e.regions(P, Q), e.symbols("y", P)
    return Sides(truth=(y, y), printed=(omega.permute_sharp(omega.permute(y)), y),
                 wrong={"twice": (omega.permute(omega.permute(y)), y)})


@lecture.claim("1203", "gradient", "Any pooling of regions", "y")
def pooling(e):
    P, Q = e.sizes("P", "P'")
    omega, y, b, pool = e.regions(P, Q), e.symbols("y", P), e.symbols("b", Q), e.pooling("pool")
    reduce = pool.functional
    truth = e.gradient(lambda y: loops.dot(loops.pool(y, e.lists(omega), reduce), b.tolist()), y)
    g = pool.gradient_vectors(y, omega)
    return Sides(truth=truth, printed=omega.permute_sharp(upv(b, g, omega)),
                 wrong={"not back": upv(b, g, omega)})


@lecture.claim("1275", "gradient", "The gradient of a network of one layer", "W", cases=[{}, {}])
def network(e):
    N, D, M = e.sizes("N", "D0", "M")
    P, S, Dc, Q, n = e.sizes("P", "S", "D", "P'", "n")
    V, omega, pool = e.partition(P, S, M), e.regions(P, Q), e.pooling("pool")
    f, g, rho = e.activation("f"), e.activation("g"), (e.symbols("rho1"), e.symbols("rho2"))
    W, Theta = e.symbols("W", D, S, Dc), e.symbols("Theta", D, Dc)
    net = Network(D, [Stage(V, Dc, f, omega, pool)], [n], activations=[g], rho1=rho[0], rho2=rho[1])
    U, theta = e.symbols("U", n, Dc * Q), e.symbols("theta", n)
    parameters = Parameters({1: W.reshape(D * S, Dc)}, {1: Theta}, {1: U}, {1: theta})
    h, gamma = e.symbols("h", N, D, M), e.symbols("gamma", N, n)

    def risk(W):
        stage = {"lists": e.lists(V), "w": W, "theta": Theta.T.tolist(), "f": f,
                 "regions": e.lists(omega), "reduce": [pool.functional for d in range(Dc)],
                 "feeds": [list(range(D)) for d in range(Dc)]}
        layer = {"W": U.tolist(), "theta": theta.tolist(), "f": g}
        return loops.empirical_risk(h.tolist(), gamma.tolist(), [stage], [layer], *rho)

    forward = net.forward(parameters, h)
    found = net.backward(parameters, forward, gamma, literal=True).gradient
    printed = found.W_c[1].reshape(W.shape).transpose((2, 0, 1))
    return Sides(truth=e.gradient(risk, W.transpose((2, 0, 1))), printed=printed,
                 wrong={"twice": printed * 2})
