"""Where backward's results are, by names and shapes: returned, in attributes, updated in place."""

import inspect
from dataclasses import replace

import numpy as np

from cnnmat.calling.applying import Caller, leaves
from cnnmat.calling.names import GIVEN, INPUTS, OUTPUTS, SETTINGS, parameters, plain, role_of, takes
from cnnmat.calling.probes import given_for

__all__ = ["with_backward"]

#: What a name means inside of something that is called "grads".
_OF = {"x": "dx", "w": "dw", "weight": "dw", "weights": "dw", "b": "db", "bias": "db"}


def with_backward(convention, functions, probe, names):
    """(how many gradients have the right shape, the convention with what backward takes and gives).

    Parameters
    ----------
    convention : Convention
        Forward's.
    functions : list of callable
    probe : Probe or None
        None where forward does not run: then the names alone say it.
    names : dict
        As for `find`.
    """
    c = convention
    if c.make and not hasattr(functions[0], "backward"):
        return 0, c
    if not c.make and len(functions) == 1:
        return _together(c)
    try:
        c = replace(c, backward=_taken(c, functions, names))
    except LookupError:
        return 0, replace(c, returns=_guessed(c))
    if probe is None:
        return 0, replace(c, returns=_guessed(c))
    settings = probe.settings()[0]
    given = given_for(c, probe, settings)
    wanted = {role: given[role].shape for role in OUTPUTS[c.kind] if role in given}
    if "db" in wanted:
        wanted["db"] = Caller(c, functions).prepared(given)["b"].shape
    try:
        found = _ran(c, functions, given)
    # a stranger's function raises what it likes
    except (Exception, SystemExit):
        return 0, replace(c, returns=_guessed(c))
    returns = _assigned(found, wanted, (names.get("backward") or (None, None))[1])
    right = sum(found[path].shape == wanted[role] for path, role in returns)
    # of a backward that gives nothing to be recognised, everything is asked for
    return right, replace(c, returns=returns or _guessed(c))


def _together(convention):
    """Of a risk that returns (loss, gradient): the second is backward's."""
    rest = [path for path, role in convention.gives if role == "cache"]
    if convention.kind != "risk" or not rest:
        return 0, convention
    return 1, replace(convention, gives=convention.gives[:1], returns=((rest[0], "dx"),),
                      backward=convention.forward)


def _taken(convention, functions, names):
    caches = "cache" in {role for _, role in convention.gives}
    arrays = INPUTS[convention.kind]["backward"]
    order = (arrays[0], "cache") if caches else (*arrays, *SETTINGS.get(convention.kind, ()))
    function = functions[0].backward if convention.make else functions[1]
    given = parameters(function, convention.kind, names=names.get("backward", (None,))[0])
    if inspect.isclass(functions[0]):
        given = [p for p in given or () if p[0] != "self"]
    found = takes(given, order)
    # a cache that is made of x, w alone goes by a name of its own
    return tuple((n, r) for n, r in found if r != "cache" or caches)


def _guessed(convention):
    """The gradients in the usual order."""
    said = dict(convention.keywords)
    roles = [r for r in OUTPUTS[convention.kind] if r != "db" or said.get("bias") != "none"]
    return ((((), roles[0]),) if len(roles) == 1
            else tuple(((k,), role) for k, role in enumerate(roles)))


def _ran(convention, functions, given):
    """{path: array} of all that backward returns, leaves in the object, and changes."""
    caller = Caller(convention, functions)
    given = caller.prepared(given)
    owner, returned, before = caller.ran(given)
    found = {path: array for path, array in leaves(returned) if array.dtype.kind in "biuf"}
    if owner is None:
        return found | _changed(convention, before, given)
    put = {path[1:] for path, _ in convention.put}
    for path, array in leaves(owner):
        same = path in before and np.array_equal(before[path], array, equal_nan=True)
        if path in put:
            if not same and "lr" in convention.taken:
                found[("in", *path)] = array
        elif not same or _named(path) is not None:
            found[("self", *path)] = array
    return found


def _changed(convention, before, given):
    """The arguments w and b that are not what they were."""
    if "lr" not in convention.taken:
        return {}
    return {("in", role): given[role] for role in ("w", "b") if given.get(role) is not None
            and not np.array_equal(before[role,], given[role], equal_nan=True)}


def _named(path):
    """The gradient that the names of a path say."""
    names = [step for step in path if isinstance(step, str)]
    if not names:
        return None
    inside = any("grad" in plain(name) or plain(name)[:1] == "d" for name in names[:-1])
    return role_of(names[-1], _OF) if inside and role_of(names[-1], _OF) else role_of(
        names[-1], GIVEN)


def _assigned(found, wanted, order):
    """((path, role), ...): by names, then by shapes, then by position."""
    returned = [p for p in found if p[:1] not in (("self",), ("in",))]
    chosen = {}
    if order and len(order) == len(returned):
        chosen = {role: p for p, name in zip(returned, order, strict=True)
                  if (role := role_of(name, GIVEN)) in wanted}
    for role, shape in wanted.items():
        named = [p for p in found if _meant(p) == role]
        named.sort(key=lambda p, shape=shape: (p not in returned, found[p].shape != shape))
        if named:
            chosen.setdefault(role, named[0])
    for role, shape in wanted.items():
        free = [p for p in returned if p not in chosen.values() and found[p].shape == shape]
        if free and role not in chosen and _meant(free[0]) is None:
            chosen[role] = free[0]
    free = [p for p in returned if p not in chosen.values() and _meant(p) is None]
    roles = [role for role in wanted if role not in chosen]
    if len(free) == len(roles) or (free == [()] and roles[:1] == ["dx"]):
        chosen |= dict(zip(roles, free, strict=False))
    return tuple((chosen[role], role) for role in wanted if role in chosen)


def _meant(path):
    """The gradient that a path names, if any: "in", "w" is dw."""
    if path[:1] == ("in",):
        return {"w": "dw", "b": "db"}.get(plain(path[-1])[:1], "dw")
    return _named(path[1:] if path[:1] == ("self",) else path)
