"""Which functions and classes of a module look like what: by their names, and by a probe."""

import inspect
import re

from cnnmat.calling.names import parameters, plain
from cnnmat.calling.probing import find

__all__ = ["proposed"]

#: Parts of names, for each kind; and of those that are a backward's.
_LIKE = {
    "correlation": ("conv", "corr"), "pooling": ("pool",),
    "feedforward": ("linear", "dense", "affine", "fc", "fullyconnected", "feedforward"),
    "activation": ("relu", "sigmoid", "tanh", "activation", "softplus"),
    "risk": ("loss", "risk", "entropy", "mse", "cost", "error"),
}
_BACK = ("backward", "backprop", "bwd", "grad", "prime", "derivative", "back")
_FRONT = ("forward", "fwd", "forwardpass", "fprop")


def proposed(module, kinds):
    """[(kind, [names], whether it ran)] of what a module has of such kinds, the likeliest first.

    Examples
    --------
    >>> import types
    >>> some = types.ModuleType("some")
    >>> exec("def relu(Z): return Z * (Z > 0)\\ndef relu_backward(dA, Z): return dA * (Z > 0)",
    ...      vars(some))
    >>> proposed(some, ["activation", "pooling"])
    [('activation', ['relu', 'relu_backward'], True)]
    """
    there = {name: value for name, value in vars(module).items()
             if callable(value) and not name.startswith("_")
             and getattr(value, "__module__", None) in (module.__name__, "builtins")}
    rows = [_row(kind, name, there) for kind in kinds for name in there
            if _looks(kind, name, there[name])]
    return sorted(rows, key=lambda row: not row[2])


def _looks(kind, name, value):
    if inspect.isclass(value) and not (
            hasattr(value, "forward") or any("__call__" in vars(one) for one in value.__mro__)):
        return False
    return any(part in plain(name) for part in _LIKE[kind]) and not _backward(name)


def _backward(name):
    words = plain(name)
    return any(part in words for part in _BACK) or bool(re.match("d[^aeior]", words))


def _stem(name):
    words = plain(name)
    for part in (*_FRONT, *_BACK):
        words = words.replace(part, "")
    return words


def _row(kind, name, there):
    """The row of a forward, with the backward that has the same name but for that word."""
    names = [name]
    if not inspect.isclass(there[name]):
        names += [other for other in there if other != name and _backward(other)
                  and _stem(other) in (_stem(name), "d" + _stem(name))][:1]
    functions = [there[n] for n in names]
    known = all(inspect.isclass(f) or parameters(f, kind) is not None for f in functions)
    return kind, names, known and find(functions, kind)[0].tells
