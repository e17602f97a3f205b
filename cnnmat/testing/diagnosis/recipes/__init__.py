"""Right computations as courses write them, in whose lines people's slips are looked for.

Each is held to the plain loops before it is used: one that does not give the right answer on the
cases at hand (another layout of windows, groups) says nothing there.
"""

import numpy as np

from cnnmat.testing import truth
from cnnmat.testing.diagnosis.recipes import images, losses, norms, units

__all__ = []


def recipes_of(contract, part):
    """[(contract, case, part, output) -> array] for what a contract asks of a part."""
    made = _MADE.get(contract.bank or contract.kind, lambda *_: ())(contract, part)
    return [_as_way(one) for one in made]


def _as_way(make):
    def way(contract, case, part, output):
        arrays = {k: a if k == "indices" else a.astype(float) for k, a in case.arrays.items()}
        with np.errstate(all="ignore"):
            found = make(arrays, case.settings)
        names = contract.parts[part][1]
        one = found if len(names) == 1 and not isinstance(found, tuple) else found[
            names.index(output)]
        return np.asarray(one, dtype=float)
    return way


# --- kinds ---------------------------------------------------------------------------------


def _plain(s, name, index=0):
    """A setting that is the same along all axes."""
    value = s[name]
    while isinstance(value, list | tuple):
        if len({repr(v) for v in value}) > 1:
            raise ValueError(f"{name} must be the same along all axes, got {value!r}")
        value = value[index]
    return value


def _norm(contract, part):
    def shaped(a, s):
        x = a["x"]
        groups = s["groups"] if contract.over == "group" else 0
        n, c, *space = x.shape if x.ndim > 1 else (*x.shape, 1)
        one = (n, groups, c // groups, *space) if groups else x.shape
        own = {"batch": (0, *range(2, x.ndim)), "group": (0, *range(3, len(one))),
               "layer": tuple(range(x.ndim - 1)) if x.ndim < 4 else (0,)}[contract.over]
        axes = {"batch": own, "group": tuple(range(2, len(one))),
                "layer": (x.ndim - 1,) if x.ndim < 4 else (1, 2, 3)}[contract.over]
        keep = [1 if k in own else m for k, m in enumerate(one)]
        parameters = {k: v.reshape(keep) for k, v in a.items() if k not in ("x", "dy")}
        return x.reshape(one), a["dy"].reshape(one), parameters, axes, own

    def forward(a, s, formula=norms.forward):
        x, _, p, axes, _ = shaped(a, s)
        if contract.given:
            y = norms.forward_given(
                x, p["gamma"], p["beta"], p["running_mean"], p["running_var"], s["eps"],
                x.mean(axes, keepdims=True), x.var(axes, keepdims=True))
        elif contract.running == "none":
            y = formula(x, p["gamma"], p["beta"], s["eps"], axes, (0,),
                              tuple(range(1, x.ndim)), tuple(range(2, x.ndim)))
        else:
            m = x.size // a["gamma"].size
            share = s["momentum"] if contract.running == "new" else 1 - s["momentum"]
            bessel = m / (m - 1) if contract.running_var == "unbiased" else 1.0
            y, mean, var, _ = norms.forward_with_running(
                x, p["gamma"], p["beta"], p["running_mean"], p["running_var"], share, s["eps"],
                axes, bessel)
            return y.reshape(a["x"].shape), mean.ravel(), var.ravel()
        return y.reshape(a["x"].shape)

    def backward(formula):
        def run(a, s):
            x, dy, p, axes, own = shaped(a, s)
            if contract.given:
                raise ValueError("mean and variance are constants")
            m = int(np.prod([x.shape[k] for k in axes]))
            samples = len(x) if 0 in axes else 1
            if formula is norms.gathered:
                return formula(x, dy, p["gamma"], s["eps"], axes).reshape(a["x"].shape), None, None
            dx, dgamma, dbeta = formula(x, dy, p["gamma"], p["beta"], s["eps"], axes, own,
                                        samples, m // samples, (0,), tuple(range(1, x.ndim)))
            return (dx.reshape(a["x"].shape), dgamma.reshape(a["gamma"].shape),
                    dbeta.reshape(a["beta"].shape))
        return run

    if part == "forward":
        return [forward, lambda a, s: forward(a, s, norms.plainly)]
    one_set = [norms.gathered] if contract.over == "batch" else []
    return [backward(f) for f in (norms.by_stages, norms.in_one_line, *one_set)]


def _softmax(contract, part):
    functions = {"softmax": (losses.softmax, losses.softmax_backward),
                 "log_softmax": (losses.log_softmax, losses.log_softmax_backward)}[contract.name]
    if part == "forward":
        return [lambda a, s: functions[0](a["x"])]
    return [lambda a, s: functions[1](a["dy"], a["x"])]


def _risk(contract, part):
    formulas = {"softmax_cross_entropy": (losses.cross_entropy_of_labels,
                                          losses.softmax_cross_entropy),
                "sigmoid_cross_entropy": (losses.sigmoid_cross_entropy,
                                          losses.sigmoid_cross_entropy_by_logarithms)}.get(
        contract.risk, (getattr(losses, contract.risk),))

    def run(formula):
        def made(a, s):
            y = a["y"]
            divisor = {"samples": len(y), "entries": y.size, "sum": 1}[contract.average]
            found = formula(y, a["target"], divisor * (2 if contract.half else 1))
            return found[part != "forward"]
        return made

    return [run(f) for f in formulas]


def _correlation(contract, part):
    def kernel(a, s):
        if s["groups"] != 1 or _plain(s, "dilation") != 1:
            raise ValueError("groups and dilation are left to the loops")
        return a["w"], _plain(s, "stride"), _plain(s, "padding")

    def forward(a, s):
        w, stride, padding = kernel(a, s)
        return images.correlate(a["x"], w, a["b"], stride, padding)

    def backward(a, s):
        w, stride, padding = kernel(a, s)
        return images.correlate_backward(a["dz"], a["x"], w, stride, padding)

    return [forward if part == "forward" else backward]


def _transposed(contract, part):
    def told(s):
        return _plain(s, "stride"), _plain(s, "cut"), _plain(s, "output_padding")

    if part == "forward":
        return [lambda a, s, f=f: f(a["x"], a["w"], a["b"], *told(s)) for f in (
            images.biased_transpose_correlate, images.transpose_correlate)]
    return [lambda a, s: images.transpose_correlate_backward(a["dz"], a["x"], a["w"], *told(s))]


def _pooling(contract, part):
    def told(s):
        if any(map(any, s["padding"])) or _plain(s, "dilation") != 1:
            raise ValueError("padding and dilation are left to the loops")
        return _plain(s, "size"), _plain(s, "stride")

    reduce = {"max": np.max, "mean": np.mean, "sum": np.sum}.get(
        contract.pooling, lambda a, k: np.sqrt((a**2).sum(k)))
    if part == "forward":
        return [lambda a, s: images.pool(a["x"], *told(s), reduce)]
    back = {"max": (images.max_pool_backward, images.max_pool_backward_by_mask),
            "mean": (images.mean_pool_backward,)}.get(contract.pooling, ())
    return [lambda a, s, f=f: f(a["dt"], a["x"], *told(s)) for f in back]


def _adaptive(contract, part):
    reduce = {"mean": np.mean, "max": np.max}[contract.pooling]
    if part == "forward":
        return [lambda a, s: images.adaptive_pool(a["x"], *s["size"], reduce)]
    if contract.kind == "global_pooling" and contract.pooling == "mean":
        return [lambda a, s: images.global_mean_backward(a["dt"], a["x"])]
    if contract.pooling == "max":
        return []
    return [lambda a, s: images.adaptive_mean_backward(a["dt"], a["x"], *s["size"])]


def _upsampling(contract, part):
    if contract.method != "nearest":
        return []
    if part == "forward":
        return [lambda a, s: images.nearest(a["x"], *s["scale"])]
    return [lambda a, s: images.nearest_backward(a["dy"], a["x"], *s["scale"])]


def _local_response(contract, part):
    def told(s):
        rate = s["alpha"] / (s["size"] if contract.alpha == "divided" else 1)
        return s["size"], rate, s["beta"], s["k"]

    if part == "forward":
        return [lambda a, s: images.respond_locally(a["x"], *told(s))]
    return [lambda a, s: images.respond_locally_backward(a["dy"], a["x"], *told(s))]


def _dropout(contract, part):
    name = "x" if part == "forward" else "dy"
    return [lambda a, s: units.drop(
        a[name], a["mask"], s["p"] if contract.probability == "drop" else 1 - s["p"],
        contract.inverted)]


def _embedding(contract, part):
    if part == "forward":
        return [lambda a, s: units.look_up(a["indices"], a["w"])]
    return [lambda a, s: units.look_up_backward(a["dy"], a["indices"], a["w"])]


def _activation(contract, part):
    formula = getattr(units, contract.name, None)
    usual = truth.WITH_PARAMETER.get(contract.name, (None,))[0]
    parameter = usual if contract.parameter is None else contract.parameter
    return [] if formula is None else [
        lambda a, s: formula(a["x"], a["dy"], parameter)[part != "forward"]]


def _feedforward(contract, part):
    if part == "forward":
        return [lambda a, s: units.dense(a["x"], a["w"], a["b"])]
    return [lambda a, s: units.dense_backward(a["dz"], a["x"], a["w"])]


def _optimizer(contract, part):
    def walk(one):
        def run(a, s):
            decay = s["weight_decay"] * contract.decay_factor
            return tuple(one(a[name], a["d" + name], s, decay if (
                name == "w" or contract.decay == "all") else 0.0) for name in ("w", "b"))
        return run

    apart = float(contract.decoupled)
    if contract.rule == "adam":
        return [walk(lambda p, g, s, d: units.adam(
            p, g, s["lr"], d, apart, s["beta1"], s["beta2"], s["eps"]))]
    if contract.rule == "rmsprop":
        return [walk(lambda p, g, s, d: units.rmsprop(p, g, s["lr"], d, s["rho"], s["eps"]))]
    nesterov = contract.rule == "nesterov"
    of_steps = units.nesterov_of_steps if nesterov else units.sgd_of_steps
    return [walk(lambda p, g, s, d: units.sgd(p, g, s["lr"], d, s["momentum"], nesterov)),
            walk(lambda p, g, s, d: of_steps(p, g, s["lr"], d, s["momentum"]))]


def _update(contract, part):
    return [lambda a, s, f=f: tuple(f(a[name], a["d" + name], s["lr"], s["weight_decay"] * (
        contract.decay_factor if name == "w" or contract.decay == "all" else 0), s["momentum"])
        for name in ("w", "b")) for f in (
            units.descend, units.descend_at_once, units.sgd_of_steps)]


_MADE = {"update": _update, "norm": _norm, "softmax": _softmax, "risk": _risk, "loss": _risk,
         "correlation": _correlation, "transposed_correlation": _transposed,
         "pooling": _pooling, "adaptive": _adaptive, "upsampling": _upsampling,
         "local_response": _local_response, "dropout": _dropout, "embedding": _embedding,
         "activation": _activation, "feedforward": _feedforward, "optimizer": _optimizer}
