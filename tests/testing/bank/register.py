"""How an entry of the bank is written down."""

from collections.abc import Callable
from dataclasses import dataclass

ENTRIES = {}


@dataclass(frozen=True)
class Entry:
    """One wrong implementation: `make` gives the functions to be handed to `check_<kind>`."""

    name: str
    kind: str
    make: Callable
    options: dict
    meaning: str


def _add(name, kind, make, options, meaning):
    if name in ENTRIES:
        raise ValueError(f"name must be new, got {name!r} again")
    ENTRIES[name] = Entry(name, kind, make, options, meaning)


def wrong_pair(kind, forward=None, backward=None, **options):
    """Decorator: this function takes the place of the one that is not given."""

    def decorate(function):
        def make():
            return (forward or function, backward) if backward else (forward, function)

        _add(function.__name__, kind, make, options, function.__doc__)
        return function

    return decorate


def wrong_alone(kind, **options):
    """Decorator: this function is all that is checked."""

    def decorate(function):
        _add(function.__name__, kind, lambda: (function,), options, function.__doc__)
        return function

    return decorate


def wrong_made(kind, **options):
    """Decorator: calling this gives the functions, new ones each time (they keep state)."""

    def decorate(factory):
        _add(factory.__name__, kind, factory, options, factory.__doc__)
        return factory

    return decorate
