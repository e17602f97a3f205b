"""Calling somebody's functions by a convention, as functions that `cnnmat.testing` can check."""

import inspect

import numpy as np

from cnnmat.calling.convention import BIASES
from cnnmat.calling.names import KEYS, OUTPUTS, role_of

__all__ = ["Caller", "adapted", "leaves"]


class Settings(dict):
    """A dictionary of settings that knows every spelling of its keys, and who was asked for."""

    def __init__(self, values):
        super().__init__()
        self.values_of, self.asked = values, {}

    def __missing__(self, key):
        role = role_of(key, KEYS)
        if role not in self.values_of:
            raise KeyError(key)
        self.asked[str(key)] = role
        return self.values_of[role]

    def __contains__(self, key):
        return role_of(key, KEYS) in self.values_of

    def get(self, key, default=None):
        """As a dictionary's."""
        try:
            return self[key]
        except KeyError:
            return default


def adapted(convention, functions):
    """[forward] or [forward, backward] that take what `Convention.handed` says.

    Examples
    --------
    >>> from cnnmat.calling.convention import Convention
    >>> relu = Convention("activation", forward=(("Z", "x"),), gives=(((0,), "z"),))
    >>> adapted(relu, [lambda Z: (np.maximum(Z, 0), Z)])[0](np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    caller = Caller(convention, functions)
    name = getattr(functions[0], "__name__", "forward")
    second = getattr(functions[-1], "__name__", "backward")
    if len(functions) == 1 and convention.make:
        second = f"{name}_backward"
    made = [_called(name, caller.forward)]
    return [*made, _called(second, caller.backward)] if convention.returns else made


def _called(name, method):
    def function(*arguments):
        return method(*arguments)

    function.__name__ = name
    return function


class Caller:
    """A convention, and the functions (or the class) that keep it."""

    def __init__(self, convention, functions):
        self.convention, self.functions = convention, functions
        self.asked = {}

    def forward(self, *arguments):
        """z of x, ... in the order of `Convention.handed`."""
        given = dict(zip(self.convention.handed("forward"), arguments, strict=True))
        if self.convention.batch == "none":
            return np.stack([np.asarray(self.once({**given, "x": x})[2]) for x in given["x"]])
        return self._turned(self.once(self._columns(given))[2], "z")

    def backward(self, *arguments):
        """The gradients that there are, in order; one alone as itself."""
        given = dict(zip(self.convention.handed("backward"), arguments, strict=True))
        if self.convention.batch == "none":
            found = self._summed([self.gradients({**given, "x": x, "dz": dz})
                                  for x, dz in zip(given["x"], given["dz"], strict=True)])
        else:
            found = self.gradients(self._columns(given))
            found = {role: self._turned(value, role) for role, value in found.items()}
        found = {role: self._likened(role, value, given) for role, value in found.items()}
        ordered = tuple(found[r] for r in OUTPUTS[self.convention.kind] if r in found)
        return ordered if len(ordered) > 1 else ordered[0]

    # --- the batch, and the bias ---

    def _columns(self, given):
        return {role: self._turned(value, role) for role, value in given.items()}

    def _turned(self, value, role):
        if self.convention.batch == "last" and role in ("x", "z", "dz", "dx"):
            return value.T if getattr(value, "ndim", 0) == 2 else value
        return value

    @staticmethod
    def _summed(each):
        """Gradients of samples: of the image one behind the other, of the parameters their sum."""
        return {role: np.stack([np.asarray(one[role]) for one in each]) if role == "dx"
                else sum(np.asarray(one[role]) for one in each) for role in each[0]}

    def _likened(self, role, value, given):
        c = self.convention
        if role == "db" and c.bias != "D":
            flat = np.asarray(value)
            if flat.shape == tuple(flat.size if n < 0 else n for n in BIASES[c.bias]):
                value = flat.reshape(-1)
        if c.mean and role in ("dw", "db"):
            value = np.asarray(value) * len(given["x"])
        return value

    # --- one call ---

    def once(self, given):
        """(object or None, what was returned, z, cache) of forward."""
        given = self.prepared(given)
        owner = self.made(given) if self.convention.make or self.convention.put else None
        returned = self.call(owner, 0, self.convention.forward, given)
        return owner, returned, *(self._at(returned, owner, given, role)
                                  for role in ("z", "cache"))

    def gradients(self, given):
        """{role: gradient} of backward, which follows forward where it needs what that leaves."""
        given = self.prepared(given)
        owner, returned, before = self.ran(given)
        c = self.convention
        return {role: self._difference(path, owner, given, before) if path[:1] == ("in",)
                else reached(owner if path[:1] == ("self",) else returned,
                             path[path[:1] == ("self",):]) for path, role in c.returns}

    def ran(self, given):
        """(object, what backward returned, what it may change as it was); `given` is prepared."""
        c = self.convention
        owner, before = None, {}
        together = len(self.functions) == 1 and not (c.make or c.put)
        if c.make or c.put or together or "cache" in {role for _, role in c.backward}:
            owner, returned, _, given["cache"] = self.once(given)
            if together:
                return None, returned, {}
        if owner is not None:
            before = {path: np.array(value) for path, value in leaves(owner)}
        else:
            for role in ("w", "b"):
                given[role] = np.array(given[role]) if role in given else None
                before[(role,)] = given[role] if given[role] is None else given[role].copy()
        return owner, self.call(owner, 1, c.backward, given), before

    @staticmethod
    def _difference(path, owner, given, before):
        """The gradient that a step with the learning rate 1 has taken off."""
        now = given[path[1]] if owner is None else reached(owner, path[1:])
        return before[path[1:]] - np.asarray(now)

    def prepared(self, given):
        """The roles that follow from others, beside them."""
        given = {"lr": 1.0, **given}
        if "w" in given:
            given = {**self._sizes(given["w"]), **given}
        if "maps" in given:
            shape = BIASES[self.convention.bias]
            given["b"] = np.asarray(given.get("b", np.zeros(given["maps"]))).reshape(shape)
        given["settings"] = Settings({r: given[r] for r in ("size", "stride", "padding")
                                      if r in given})
        return given

    def _sizes(self, w):
        how = dict(self.convention.keywords).get("weights")
        if w.ndim == 2:
            maps, channels = w.shape[::1 if how == "out_in" else -1]
            return {"maps": maps, "channels": channels}
        at = {letter: w.shape[how.index(letter)] for letter in "OIHW"}
        kernel = (at["H"], at["W"])
        whole = kernel[0] if self.convention.spoken == "int" else kernel
        return {"maps": at["O"], "channels": at["I"], "kernel": whole}

    def made(self, given):
        """An object of the class, with its parameters put into it."""
        owner = self._with(self.functions[0], self.convention.make, given)
        for path, role in self.convention.put:
            place(owner, path[1:], np.array(given[role]))
        return owner

    def call(self, owner, which, takes, given):
        """What forward (0) or backward (1) returns."""
        if owner is None:
            function = self.functions[which]
        else:
            function = getattr(owner, self.convention.methods[which])
        returned = self._with(function, takes, given)
        self.asked |= given["settings"].asked
        return returned

    @staticmethod
    def _with(function, takes, given):
        plain = [given[role] for name, role in takes if name[:1] != "="]
        return function(*plain, **{n[1:]: given[role] for n, role in takes if n[:1] == "="})

    def _at(self, returned, owner, given, role):
        path = next((p for p, r in self.convention.gives if r == role), None)
        return None if path is None else reached(returned, path)


def reached(value, path):
    """What stands in `value` behind positions, keys and attributes."""
    for step in path:
        if isinstance(value, dict) or not isinstance(step, str):
            value = value[step]
        else:
            value = getattr(value, step)
    return value


def place(owner, path, array):
    """Put an array where `reached` finds it."""
    last = path[-1]
    inside = reached(owner, path[:-1])
    if isinstance(inside, dict) or not isinstance(last, str):
        inside[last] = array
    else:
        setattr(inside, last, array)


def leaves(value, path=()):
    """(path, array) of every array in tuples, lists, dictionaries and, at first, an object.

    Examples
    --------
    >>> list(leaves({"a": (1, np.zeros(2))}))
    [(('a', 1), array([0., 0.]))]
    """
    if len(path) > 3 or inspect.isclass(value):
        return
    if isinstance(value, np.ndarray):
        yield path, value
    elif isinstance(value, (tuple, list)) and not numbers(value):
        for k, one in enumerate(value):
            yield from leaves(one, (*path, k))
    elif isinstance(value, (tuple, list)):
        yield path, np.asarray(value)
    elif isinstance(value, dict):
        for key, one in value.items():
            yield from leaves(one, (*path, key))
    elif hasattr(value, "__array__") and not isinstance(value, np.generic):
        yield path, np.asarray(value)
    elif hasattr(value, "__dict__") and len(path) < 2:
        for key, one in vars(value).items():
            yield from leaves(one, (*path, key))


def numbers(value):
    """Whether lists (of lists ...) hold numbers alone: an array that is written as lists.

    Examples
    --------
    >>> numbers([[1, 2], [3, 4]]), numbers([[1, 2], [3]])
    (True, False)
    """
    if isinstance(value, (list, tuple)):
        kinds = {numbers(one) and np.shape(one) for one in value}
        return len(kinds) == 1 and False not in kinds
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)
