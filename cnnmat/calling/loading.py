"""Functions by their names, "module:function" or "folder/file.py:function"; what a file has."""

import importlib
import importlib.util
import sys
from pathlib import Path

from cnnmat.calling.applying import adapted
from cnnmat.calling.convention import Convention
from cnnmat.calling.networks import assembled, networks_in
from cnnmat.calling.probing import find
from cnnmat.calling.proposing import proposed

__all__ = ["answer", "load", "module"]


def load(name):
    """What a name such as "numpy:linalg.norm" or "homework/conv.py:Conv2D" stands for.

    Examples
    --------
    >>> load("math:floor")(2.5)
    2
    """
    where, _, path = name.rpartition(":")
    value = module(where)
    for step in path.split("."):
        value = getattr(value, step)
    return value


def module(where):
    """A module by its name, or by the path of its file, whose folder it may import from."""
    if not where.endswith(".py"):
        return importlib.import_module(where)
    path = Path(where).resolve()
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    known = sys.modules.get(path.stem)
    if known is not None and getattr(known, "__file__", None) == str(path):
        return known
    # a file may be called like a module that others have imported already
    name = path.stem if known is None else f"file_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[name] = made
    spec.loader.exec_module(made)
    return made


def answer(functions, request, describe=str):
    """What `cnnmat.testing.worker` is asked for beside calls.

    Parameters
    ----------
    functions : list of callable
        All that were brought; those that come are put behind them.
    request : dict
        To "bring" names, "find" a kind's convention, "adapt" to one, "wrap" by what another name
        stands for, make a "network" of them, "propose" of a module, or list its "networks".
    describe : callable
        An exception as text.

    Returns
    -------
    dict of plain data
    """
    chosen = [functions[k] for k in request.get("of", ())]
    if request["ask"] == "find":
        found = find(chosen, request["kind"], request["signatures"], request["careful"])
        return {"found": [c.plain() for c in found]}
    if request["ask"] == "propose":
        return {"found": proposed(module(request["module"]), request["kinds"])}
    if request["ask"] == "networks":
        return {"found": networks_in(module(request["module"]))}
    if request["ask"] == "network":
        made = assembled(*chosen)
    elif request["ask"] == "wrap":
        made = list(load(request["by"])(*chosen, **request["options"]))
    elif request["ask"] == "bring":
        made = _brought(request["names"], describe)
    else:
        made = adapted(Convention.of(request["convention"]), chosen)
    if isinstance(made, str):
        return {"refused": made}
    functions += made
    return {"names": [str(getattr(f, "__name__", "")) for f in made]}


def _brought(names, describe):
    """The functions of such names, or why one cannot be had."""
    made = []
    for name in names:
        try:
            made.append(load(name))
        # importing runs a stranger's code, which may do anything
        except BaseException as error:
            return f"{name} cannot be imported: {describe(error)}"
        if not callable(made[-1]):
            return f"{name} must be callable, got {type(made[-1]).__name__}"
    return made
