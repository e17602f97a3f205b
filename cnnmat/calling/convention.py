"""A calling convention as plain data, in words, and from a line that somebody writes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any

from cnnmat.calling.names import INPUTS, OUTPUTS, SETTINGS

__all__ = ["BIASES", "Convention", "signatures"]

#: Shapes of a bias of D entries.
BIASES = {"D": (-1,), "D1": (-1, 1), "1D": (1, -1), "111D": (1, 1, 1, -1), "1D11": (1, -1, 1, 1),
          "D11": (-1, 1, 1)}
_SHAPES = {"D": "(D,)", "D1": "(D, 1)", "1D": "(1, D)", "111D": "(1, 1, 1, D)",
           "1D11": "(1, D, 1, 1)", "D11": "(D, 1, 1)"}
_BATCHES = {"last": "samples are columns", "none": "there is no batch axis: one sample at a time"}


@dataclass(frozen=True)
class Convention:
    """How functions, or a class, are called.

    Attributes
    ----------
    kind : str
        A key of `cnnmat.calling.names.INPUTS`.
    keywords : tuple of (str, value)
        What ``cnnmat.testing.check_<kind>`` says of it by its own keywords.
    make, put : tuple of (str, role), tuple of (path, role)
        For a class: the parameters that it is made with, what is put into the object.
    forward, backward : tuple of (str, role)
        Parameters in order; behind one that is left out they are given by name, "=name".
    gives, returns : tuple of (path, role)
        Where the results are: a path of positions and keys into what is returned, or, behind
        "self", into the object; behind "in", an argument that is changed in place.
    settings : tuple of (str, role)
        The keys of the dictionary of settings.
    methods : tuple of str
    bias : str
        A key of `BIASES`.
    batch : {"first", "last", "none"}
    spoken : {"int", "tuple"}
        How settings are given.
    mean : bool
        The gradients of the parameters are averaged over the batch.
    tells : bool
        It ran, so that shapes say all this; else names alone do.

    Examples
    --------
    >>> Convention("pooling", (("layout", "NHWC"),), gives=(((0,), "z"), ((1,), "cache"))).words()
    ['layout NHWC', 'forward returns (z, cache)']
    """

    kind: str
    keywords: tuple[tuple[str, Any], ...] = ()
    make: tuple = ()
    put: tuple = ()
    forward: tuple = ()
    backward: tuple = ()
    gives: tuple = (((), "z"),)
    returns: tuple = ()
    settings: tuple = ()
    methods: tuple = ("forward", "backward")
    bias: str = "D"
    batch: str = "first"
    spoken: str = "int"
    mean: bool = False
    tells: bool = True

    @classmethod
    def of(cls, data):
        """What `plain` has made plain."""
        return cls(**{f.name: _tuples(data[f.name]) for f in fields(cls)})

    def plain(self):
        """Dictionaries, tuples, text and numbers."""
        return asdict(self)

    @property
    def taken(self):
        """The roles that anything takes, dictionaries of settings opened."""
        roles = [role for part in (self.make, self.put, self.forward, self.backward)
                 for _, role in part]
        return {*roles, *(role for _, role in self.settings)}

    @property
    def missing(self):
        """The gradients that backward does not give."""
        given = {role for _, role in self.returns}
        return tuple(role for role in OUTPUTS[self.kind] if role not in given)

    def handed(self, part):
        """The roles that `cnnmat.testing` hands to a part, in order."""
        said = dict(self.keywords)
        arrays = [r for r in INPUTS[self.kind][part] if r != "b" or said.get("bias") != "none"]
        return [*arrays, *(r for r in SETTINGS.get(self.kind, ()) if said.get(r) != "none")]

    def words(self):
        """What was found, one thing a line; what is usual is left out."""
        usual = {"spoken": "int", "bias": "add", "dtype": "float64", "average": "samples"}
        said = [f"{name} {value}" for name, value in self.keywords
                if value not in (usual.get(name), "int") or name not in (
                    *usual, "stride", "padding", "size")]
        return [*said, *_calls(self), *_results(self), *_rest(self)]


def _calls(c):
    lines = []
    if c.make:
        lines.append(f"a class, made with ({_names(c.make)})")
    if c.put:
        lines.append("put into it: " + ", ".join(_path(p) for p, _ in c.put))
    if c.settings:
        lines.append("settings in a dictionary: " + ", ".join(k for k, _ in c.settings))
    if "cache" in {role for _, role in c.backward}:
        lines.append(f"backward takes ({_names(c.backward)}), the cache as forward gives it")
    return lines


def _names(part):
    return ", ".join(name.lstrip("=") for name, _ in part)


def _path(path):
    steps = [str(step) for step in path]
    return ".".join(steps[1:] if steps[:1] in (["self"], ["in"]) else steps)


def _results(c):
    lines = []
    if c.gives != (((), "z"),):
        lines.append(f"forward returns {_order(c.gives)}")
    inside = [p for p, _ in c.returns if p[:1] == ("self",)]
    changed = [p for p, _ in c.returns if p[:1] == ("in",)]
    plain = sorted((p, r) for p, r in c.returns if p not in inside and p not in changed)
    if inside:
        lines.append("gradients in attributes: " + ", ".join(map(_path, inside)))
    if changed:
        lines.append("backward updates in place, with a learning rate: "
                     + ", ".join(map(_path, changed)))
    roles = [role for _, role in plain]
    if len(plain) > 1 and (isinstance(plain[0][0][-1], str)
                           or roles != [r for r in OUTPUTS[c.kind] if r in roles]):
        lines.append(f"backward returns {_order(plain)}")
    if c.returns and c.missing:
        lines.append("backward gives no " + ", ".join(c.missing))
    return lines


def _order(gives):
    if any(isinstance(step, str) for path, _ in gives for step in path):
        return "a dictionary: " + ", ".join(_path(path) for path, _ in gives)
    return f"({', '.join(role for _, role in sorted(gives))})"


def _rest(c):
    lines = [f"the bias is {_SHAPES[c.bias]}"] if c.bias != "D" else []
    if c.batch != "first":
        lines.append(_BATCHES[c.batch])
    if c.mean:
        lines.append("gradients of parameters are averaged over the batch")
    return lines


def _tuples(value):
    return tuple(map(_tuples, value)) if isinstance(value, (list, tuple)) else value


def signatures(text):
    """{"forward": (parameters, results), "backward": ...} of a line.

    Parameters
    ----------
    text : str
        As in "x, w, b, conv_param -> out, cache; dout, cache -> dx, dw, db".

    Raises
    ------
    ValueError
        If it is no such line.

    Examples
    --------
    >>> signatures("A_prev, W, b -> Z, cache")
    {'forward': (['A_prev', 'W', 'b'], ['Z', 'cache'])}
    """
    found = {}
    for part, line in zip(("forward", "backward"), text.split(";"), strict=False):
        left, arrow, right = line.partition("->")
        names = [[n.strip() for n in side.split(",") if n.strip()] for side in (left, right)]
        if not arrow or not all(names) or not all(n.isidentifier() for s in names for n in s):
            raise ValueError("convention must be 'auto' or signatures such as "
                             f"'x, w, b, conv_param -> out, cache', got {text!r}")
        found[part] = tuple(names)
    if text.count(";") > 1:
        raise ValueError(f"convention must be of a forward and a backward, got {text!r}")
    return found
