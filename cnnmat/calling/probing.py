"""Which convention somebody's functions keep: tried on small inputs, judged by shapes alone.

What an answer's numbers are is not looked at: a wrong function has a convention too, and none is
taken because it would make a wrong function right.  Kernels that are turned or transposed, channels
and maps exchanged, a bias that is subtracted are no conventions here.
"""

import inspect
import itertools
from dataclasses import replace

import numpy as np

from cnnmat.calling.applying import Caller, leaves, numbers
from cnnmat.calling.convention import BIASES, Convention
from cnnmat.calling.gradients import with_backward
from cnnmat.calling.names import INPUTS, SETTINGS, parameters, plain, role_of, takes
from cnnmat.calling.probes import PROBES, given_for

__all__ = ["find"]

_IMAGES = [("first", "NCHW"), ("first", "NHWC"), ("none", "NCHW"), ("none", "NHWC")]
_KERNELS = {"NCHW": ("OIHW", "HWIO", "OHWI"), "NHWC": ("HWIO", "OHWI", "OIHW")}
#: What each kind is tried as, the usual first.
_WAYS = {
    "correlation": [(batch, {"layout": layout, "weights": weights})
                    for batch, layout in _IMAGES for weights in _KERNELS[layout]],
    "pooling": [(batch, {"layout": layout}) for batch, layout in _IMAGES],
    "feedforward": [("first", {"weights": "out_in"}), ("first", {"weights": "in_out"}),
                    ("last", {"weights": "out_in"}), ("last", {"weights": "in_out"})],
    "activation": [("first", {})],
    "risk": [("first", {"target": "one_hot"}), ("first", {"target": "labels"})],
}
#: Attributes that hold the parameters of a layer.
_HELD = {"w": "w", "weight": "w", "weights": "w", "kernel": "w", "kernels": "w", "filter": "w",
         "filters": "w", "theta": "w", "b": "b", "bias": "b", "biases": "b"}


def find(functions, kind, names=None, careful=False):
    """The conventions that fit the shapes best; several where shapes do not tell them apart.

    Parameters
    ----------
    functions : list of callable
        Forward, and backward if there is one; or one class.
    kind : str
        A key of `PROBES`.
    names : dict, optional
        What `signatures` has read, for functions that do not tell.
    careful : bool
        Do not run backward, which may have no end: what it takes and gives, its names say.

    Returns
    -------
    list of Convention
        Never empty: where nothing runs, it is what the names say (`Convention.tells`).

    Examples
    --------
    >>> def conv(A, W, b, hparameters):
    ...     (f, f, _, n), stride = W.shape, hparameters["stride"]
    ...     windows = np.lib.stride_tricks.sliding_window_view(A, (f, f), (1, 2))
    ...     return np.einsum("nhwcij,ijcd->nhwd", windows[:, ::stride, ::stride], W) + b, None
    >>> one, = find([conv], "correlation")
    >>> one.words()[:2]
    ['layout NHWC', 'weights HWIO']
    """
    names = names or {}
    try:
        start = _start(functions[0], kind, names)
    except LookupError:
        return [Convention(kind, _keywords(kind, {}, {}), tells=False)]
    best, fitting = 0.0, []
    for probe in PROBES[kind]:
        for convention in _variants(start, kind):
            score, one = _forward(convention, functions, probe, names)
            if score > best:
                best, fitting = score, []
            if score and score == best:
                fitting.append((one, probe))
        if best >= 1:
            break
    if not fitting:
        usual = next(_variants(start, kind))
        return [replace(with_backward(usual, functions, None, names)[1], tells=False)]
    return _told_apart([with_backward(one, functions, None if careful else probe, names)
                        for one, probe in fitting])


def _told_apart(scored):
    """Those whose backward fits best; of a bias, or of how an int is said, the simplest."""
    best = max(score for score, _ in scored)
    different = {}
    for score, one in scored:
        if score == best:
            told = [pair for pair in one.keywords if pair[0] not in SETTINGS.get(one.kind, ())]
            different.setdefault((one.batch, *told), one)
    return list(different.values())


def _start(function, kind, names):
    """What the names say."""
    if not inspect.isclass(function):
        given = parameters(function, kind, names=names.get("forward", (None,))[0])
        order = (*INPUTS[kind]["forward"], *SETTINGS.get(kind, ()))
        return Convention(kind, forward=takes(given, order))
    made = [p for p in parameters(function, kind, made=True) or ()
            if p[2] or p[1] not in ("w", "b")]
    second = "forward" if hasattr(function, "forward") else "__call__"
    order = ("channels", "maps", "kernel") if kind != "pooling" else ("size",)
    method = [p for p in parameters(getattr(function, second), kind) or () if p[0] != "self"]
    return Convention(kind, make=takes(made, order) or (("=", None),), methods=(second, "backward"),
                      forward=takes(method, INPUTS[kind]["forward"]))


def _variants(start, kind):
    """All ways to hand over the same roles."""
    opened = {"settings", *SETTINGS.get(kind, ())} & start.taken
    spoken = ("int", "tuple") if opened or "kernel" in start.taken else ("int",)
    biases = BIASES if "b" in start.taken else ("D",)
    for (batch, keywords), how, bias in itertools.product(_WAYS[kind], spoken, biases):
        if len(BIASES[bias]) > 2 and kind != "correlation":
            continue
        yield replace(start, batch=batch, spoken=how, bias=bias,
                      keywords=_keywords(kind, {**keywords, "spoken": how}, start.taken))


def _keywords(kind, said, taken):
    """The keywords of the check, as far as the roles that are taken say them."""
    said, how = dict(said), said.get("spoken", "int")
    said.pop("spoken", None)
    if kind in ("correlation", "feedforward") and "b" not in taken:
        said["bias"] = "none"
    for role in SETTINGS.get(kind, ()):
        said[role] = how if taken & {role, "settings"} or role == "size" else "none"
    return tuple(said.items())


def _forward(convention, functions, probe, names):
    """(how well the shapes of forward fit, the convention with what the run has shown)."""
    total, one = 0.0, convention
    for settings in probe.settings():
        try:
            score, one = _once(one, functions, probe, settings, names)
        # a stranger's function raises what it likes
        except (Exception, SystemExit):
            score = 0.0
        if not score and not total:
            return 0.0, convention
        total += score
    return total, one


def _once(convention, functions, probe, settings, names):
    given = given_for(convention, probe, settings)
    caller = Caller(convention, functions)
    if convention.make and not convention.put:
        convention = _held(convention, caller, given)
        caller = Caller(convention, functions)
    _, returned, *_ = caller.once(given)
    if caller.asked:
        asked = set(caller.asked.values())
        convention = replace(convention, settings=tuple(caller.asked.items()), keywords=tuple(
            (k, v if k not in SETTINGS[convention.kind] or {k} & (asked | convention.taken)
             or k == "size" else "none") for k, v in convention.keywords))
        given = given_for(convention, probe, settings)
    score, gives = _results(convention, returned, given, names.get("forward"))
    return score, replace(convention, gives=gives)


def _held(convention, caller, given):
    """With where a new object holds its parameters, which shapes or names tell."""
    if "w" not in given or convention.kind in ("pooling", "activation", "risk"):
        return convention
    given = caller.prepared(given)
    owner = caller.made(given)
    held = list(leaves(owner))
    if not any(np.shape(a) == given["w"].shape for _, a in held):
        # some make them when they see the first image
        caller.call(owner, 0, convention.forward, given)
        held = list(leaves(owner))
    w = [p for p, a in held if a.shape == given["w"].shape and role_of(p[-1], _HELD) != "b"
         and plain(p[-1])[:1] not in ("d", "g", "v", "m")]
    w = sorted(w, key=lambda p: role_of(p[-1], _HELD) != "w")
    b = [(p, a) for p, a in held if role_of(p[-1], _HELD) == "b" and a.size == given["b"].size]
    put = [(("self", *w[0]), "w")] if w else []
    if not put and "w" not in convention.taken:
        raise LookupError("its weights")
    said = dict(convention.keywords)
    bias = convention.bias
    if b:
        path, array = b[0]
        bias = next((name for name, shape in BIASES.items()
                     if array.shape == np.zeros(array.size).reshape(shape).shape), "D")
        put.append((("self", *path), "b"))
        said.pop("bias", None)
    return replace(convention, put=tuple(put), bias=bias, keywords=tuple(said.items()))


def _results(convention, returned, given, names):
    """(how well it fits, where z and the cache are) in what forward has returned."""
    parts = _elements(returned)
    scored = [(_fit(convention, one, given["z"]), -k) for k, (_, one) in enumerate(parts)]
    best, at = max(scored, default=(0.0, 0))
    if names and len(names[1]) == len(parts) and len(parts) > 1:
        named = [k for k, name in enumerate(names[1]) if plain(name) not in ("cache", "memory")]
        best, at = _fit(convention, parts[named[0]][1], given["z"]), -named[0]
    if not parts:
        return 0.0, convention.gives
    gives = [(parts[-at][0], "z")]
    rest = [path for k, (path, _) in enumerate(parts) if k != -at]
    if rest:
        gives.append((rest[0], "cache"))
    return best, tuple(gives)


def _elements(returned):
    """(path, value) of what a function has returned."""
    if isinstance(returned, dict):
        return [((key,), value) for key, value in returned.items()]
    if isinstance(returned, (tuple, list)) and not numbers(returned):
        return [((k,), value) for k, value in enumerate(returned)]
    return [] if returned is None else [((), returned)]


def _fit(convention, value, wanted):
    """1 for the right shape, less for one that has the right axes, 0 for others."""
    try:
        array = np.asarray(value)
    except Exception:
        return 0.0
    if array.dtype.kind not in "biuf":
        return 0.0
    if array.shape == wanted.shape or (convention.kind == "risk" and array.size == 1):
        return 1.0
    if array.ndim != wanted.ndim or array.ndim < 2:
        return 0.0
    channel = -1 if dict(convention.keywords).get("layout") == "NHWC" else -3 % array.ndim
    same = array.shape[channel] == wanted.shape[channel]
    return 0.25 if same and (convention.batch == "none" or len(array) == len(wanted)) else 0.0
