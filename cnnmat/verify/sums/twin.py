"""A second copy of the package's modules, their text unchanged, on symbolic NumPy and SciPy."""

from __future__ import annotations

import builtins
import importlib
import importlib.util
import sys
import types
from pathlib import Path
from typing import Any

from cnnmat.verify.sums.library import Library, modules
from cnnmat.verify.sums.meanings import BUILTINS
from cnnmat.verify.sums.reading import reread

__all__ = ["Twin"]

#: Wings and rooms of the package that are not read again: they judge, draw and write.
AS_THEY_ARE = ("cnnmat.verify", "cnnmat.testing", "cnnmat.drawing", "cnnmat.files",
               "cnnmat.texts", "cnnmat.typing", "cnnmat.cli")


class Twin:
    """Modules, read again on demand, which import each other.

    Parameters
    ----------
    texts : dict of str to str, optional
        What is read in the place of files, by their paths: to see whether a slip is noticed.

    Attributes
    ----------
    modules : dict of str to module
        Those read so far.
    """

    def __init__(self, texts: dict[str, str] | None = None) -> None:
        self.texts = texts or {}
        self.modules: dict[str, Any] = {}
        self._names: dict[str, str] = {}
        #: What claims share, by who asked for it: see `SymbolicDraw.shared`.
        self.shared: dict[Any, Any] = {}
        self.libraries = {**modules(), "importlib": Library(
            "importlib", importlib, import_module=self._by_name)}
        self._builtins = {**BUILTINS, "__import__": self._import}

    def module(self, name: str) -> Any:
        """A module of the package by its name."""
        if name in self.libraries:
            return self.libraries[name]
        if not _read_again(name):
            return importlib.import_module(name)
        parent = name.rpartition(".")[0]
        if parent:
            self.module(parent)
        # the parent may have imported it
        if name not in self.modules:
            spec: Any = importlib.util.find_spec(name)
            self._run(name, spec.origin, spec.submodule_search_locations)
        return self.modules[name]

    def _by_name(self, name):
        """`importlib.import_module`; a lecture's parts are read as they are asked for."""
        return None if name.startswith("cnnmat.derivations.") else self.module(name)

    def file(self, path: str) -> Any:
        """The module that a file is, be it one of the package or not."""
        if path not in self._names:
            self._names[path] = next((
                name for name, module in list(sys.modules.items())
                if _read_again(name) and getattr(module, "__file__", None) == path), path)
        name = self._names[path]
        if name == path and path not in self.modules:
            self._run(path, path, None)
        return self.modules[path] if name == path else self.module(name)

    def _run(self, name, path, locations):
        module = types.ModuleType(name)
        module.__file__ = path
        if locations is not None:
            module.__path__ = list(locations)
        module.__package__ = name if locations is not None else name.rpartition(".")[0]
        module.__builtins__ = self._builtins
        self.modules[name] = module
        source = self.texts.get(path) or Path(path).read_text(encoding="utf-8")
        try:
            exec(reread(source, path), module.__dict__)
        except BaseException:
            del self.modules[name]
            raise
        parent, _, last = name.rpartition(".")
        if parent in self.modules:
            setattr(self.modules[parent], last, module)

    def _import(self, name, globals=None, locals=None, fromlist=(), level=0):
        if level:
            package = globals["__package__"].split(".")
            base = package[:len(package) - level + 1]
            name = ".".join([*base, name] if name else base)
        if not (_read_again(name) or name in self.libraries):
            return builtins.__import__(name, globals, locals, fromlist)
        module = self.module(name)
        if not fromlist:
            return self.module(name.partition(".")[0])
        for one in fromlist:
            if not hasattr(module, one):
                setattr(module, one, self.module(f"{name}.{one}"))
        return module


def _read_again(name):
    return name.partition(".")[0] == "cnnmat" and not any(
        name == one or name.startswith(one + ".") for one in AS_THEY_ARE)


