"""Notices when a lecture changes what judges it: the package, NumPy, Python's own functions.

It guards against slips and tricks of Python code in the process of the claim.  Code that writes
into the interpreter's memory is beyond it.
"""

import gc
import os
import random
import signal
import sys
import threading
from fractions import Fraction
from itertools import chain
from operator import attrgetter, methodcaller
from types import FunctionType, ModuleType

import numpy as np

import cnnmat
import cnnmat.loops

# guarded from the start, though only the lectures call them
for _name in cnnmat.__all__:
    getattr(cnnmat, _name)

__all__ = ["Guard", "Tampered"]

#: Beside the package itself, what a comparison runs on.
RELIED_ON = ("builtins", "math", "operator", "functools", "itertools", "fractions", "random",
             "numpy", "numpy.linalg", "scipy.sparse", "sympy.polys.rings", "sympy.polys.fields")
CLASSES = (Fraction,)
#: Of a function; defaults matter where there are some, or else its code must change.
_PARTS = ("__code__", "__defaults__", "__kwdefaults__")


class Tampered(Exception):
    """A claim, or a lecture while it was loaded, has changed what judges it."""


def _watched_modules():
    """Loaded modules that must stay as they are: the lectures are not among them."""
    return [module for name, module in sorted(sys.modules.items()) if isinstance(module, ModuleType)
            and (name in RELIED_ON or name.split(".")[0] == "cnnmat")
            and not name.startswith("cnnmat.derivations")]


def _defined_in(module):
    """The classes that a module of the package defines."""
    return [value for value in vars(module).values()
            if isinstance(value, type) and value.__module__ == module.__name__
            and module.__name__.startswith("cnnmat")]


def _functions(namespace):
    """The Python functions in a namespace, out of their wrappers."""
    for value in namespace.values():
        inner = getattr(value, "__func__", None) or getattr(value, "fget", None) or value
        if isinstance(inner, FunctionType):
            yield inner


def _settings(alone):
    """What is set for the whole process, by name; if not `alone`, other threads set some of it."""
    shared = {
        "the state of NumPy's global random numbers": _hashable(np.random.get_state()),
        "the state of Python's global random numbers": hash(random.getstate()),
        "the threads that run": threading.active_count(),
    }
    return (shared if alone else {}) | {
        "NumPy's handling of floating-point errors": np.geterr(),
        "a trace function": sys.gettrace(),
        "a profile function": sys.getprofile(),
        "the limit of recursion": sys.getrecursionlimit(),
        "a callback of the garbage collector": tuple(gc.callbacks),
        "a handler of a signal": signal.getsignal(signal.SIGALRM),
        "the working folder": os.getcwd(),
    }


def _hashable(state):
    return tuple(one.tobytes() if isinstance(one, np.ndarray) else one for one in state)


class Guard:
    """The state of the process as it was; `check` says what has changed since, and mends it.

    Parameters
    ----------
    alone : bool, optional
        Whether no thread does anything but what is guarded; by default if there is no other one.

    Attributes
    ----------
    tampered : bool
        Whether a check has ever found something: what was hidden from it may be left.

    Examples
    --------
    >>> guard = Guard()
    >>> _ = np.seterr(all="ignore")
    >>> guard.check()
    Traceback (most recent call last):
        ...
    cnnmat.verify.guard.Tampered: it changed NumPy's handling of floating-point errors
    """

    def __init__(self, alone=None):
        modules = _watched_modules()
        self.alone = threading.active_count() == 1 if alone is None else alone
        self.settings, self.known, self.tampered = _settings(self.alone), set(sys.modules), False
        self.random = np.random.get_state(), random.getstate()
        classes = [*CLASSES, *(one for module in modules for one in _defined_in(module))]
        self.watched = [(one, dict(vars(one))) for one in (*modules, *classes)]
        self.namespaces = [vars(one) for one, _ in self.watched]
        self.accepted = _seen(self.namespaces)
        functions = [f for _, namespace in self.watched for f in _functions(namespace)]
        # the getters are those of the start as well
        self.parts = [(name, attrgetter(name), those, [getattr(f, name) for f in those])
                      for name in _PARTS
                      for those in [[f for f in functions if getattr(f, name) is not None]]]

    def check(self):
        """Raise `Tampered` if something has changed, after changing it back as far as that goes."""
        found = [*self._replaced(), *self._recoded(), *self._set()]
        if found:
            self.tampered = True
            raise Tampered(f"it changed {', '.join(found)}")

    def _replaced(self):
        if _seen(self.namespaces) == self.accepted:
            return
        for owner, before in self.watched:
            now = owner.__dict__
            for name in [*before, *(name for name in list(now) if name not in before)]:
                was, value = before.get(name, self), now.get(name, self)
                if value is not was and not self._loaded(now, name):
                    yield f"{owner.__name__}.{name}"
                    _put_back(owner, name, before)
        # what loading a module has added is looked at once
        self.accepted = _seen(self.namespaces)

    def _loaded(self, namespace, name):
        """Whether a name is new because a module was loaded, or is Python's own."""
        value = namespace.get(name)
        fresh = isinstance(value, ModuleType) and value.__name__ not in self.known
        return fresh or name in ("__builtins__", "__warningregistry__", "_")

    def _recoded(self):
        for name, part, functions, before in self.parts:
            if [*map(part, functions)] == before:
                continue
            for f, was in zip(functions, before, strict=True):
                if part(f) is not was:
                    setattr(f, name, was)
                    yield f"the code of {f.__module__}.{f.__qualname__}"

    def _set(self):
        now = _settings(self.alone)
        found = [name for name, value in self.settings.items() if now[name] != value]
        if found:
            np.seterr(**self.settings["NumPy's handling of floating-point errors"])
            np.random.set_state(self.random[0])
            random.setstate(self.random[1])
            sys.setrecursionlimit(self.settings["the limit of recursion"])
        return found


# the functions that it calls are those of the start, whatever has taken their names since; and
# addresses are compared, for an object may call itself equal to another: arrays of objects hold
# them as they are
def _seen(namespaces, *, array=np.fromiter, len=len, list=list, map=map, object=object,
          flat=chain.from_iterable, values=methodcaller("values")):
    """The sizes of all namespaces, the addresses of the names in them and of what these are."""
    return (list(map(len, namespaces)), array(flat(namespaces), object).tobytes(),
            array(flat(map(values, namespaces)), object).tobytes())


def _put_back(owner, name, before):
    if name in before:
        setattr(owner, name, before[name])
    else:
        delattr(owner, name)
