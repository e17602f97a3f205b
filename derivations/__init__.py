"""The lectures, claim by claim.

In each lecture's folder the files are named by the numbers of the text, so that their order is
the text's own and the report's.
"""

from importlib import import_module
from pkgutil import iter_modules

#: The lectures that ship, by slug; each is a package of this one.
LECTURES = ("sayed", "mendez", "chaurasia", "lec14", "martinez", "layers")


def register(package, path):
    """Import the files of a lecture in the order of their names, so that they state their claims."""
    for part in sorted(module.name for module in iter_modules(path)):
        import_module(f"{package}.{part}")
