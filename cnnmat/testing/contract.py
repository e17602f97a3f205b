"""What a check asks of a kind of function: the base that every kind fills in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache
from typing import ClassVar

import numpy as np

from cnnmat.testing.comparing import TOLERANCES, Truth
from cnnmat.testing.limits import within

__all__ = []


class Contract(ABC):
    """The promise that the functions under test are held to.

    A subclass gives `kind`, `parts`, and the abstract methods.  Two contracts with
    the same `key` have the same cases and truths, which are computed once.

    Attributes
    ----------
    kind : str
        The name behind ``check_``.
    parts : dict
        For "forward" and "backward" the names of (arrays handed in, arrays that come back).
    dtype : str
        What the functions compute in; sets the tolerance.
    bank : str
        The name of its mistakes in `diagnosis`, if that is not the kind.
    without : tuple of str
        The gradients that backward does not give, and is not asked for.
    only : tuple of str
        The `limits` within which the cases lie.
    fits : bool
        Whether cases can be made within limits.
    shrinks : bool
        Whether a smallest input can be looked for, and pasted.
    """

    kind = ""
    bank = ""
    parts: ClassVar[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    dtype = "float64"
    without: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    fits = False
    shrinks = True

    def gradients(self, biased):
        """dx, dw and db, but for those that backward is `without`."""
        return tuple(n for n in ("dx", "dw", "db")[:2 + biased] if n not in self.without)

    def truths(self, part, values):
        """The `Truth` of what is asked for, of z or of (dx, dw, db)."""
        names = ("z",) if part == "forward" else ("dx", "dw", "db")
        return {name: Truth(np.array(value, dtype=float))
                for name, value in zip(names, values, strict=False)
                if name in self.parts[part][1]}

    @property
    def key(self):
        """All conventions, hashable."""
        return (type(self).__name__, *sorted((k, v) for k, v in vars(self).items()))

    def __eq__(self, other):
        return isinstance(other, Contract) and self.key == other.key

    def __hash__(self):
        return hash(self.key)

    @property
    def tolerance(self):
        """The scaled error up to which an answer is right."""
        return TOLERANCES[self.dtype]

    @abstractmethod
    def cases(self, rng):
        """The configurations to be tried, simple ones first."""

    def of_geometry(self, rng, name, geometry, values):
        """A `limits.Geometry` of two axes as a case, or None where it is none for these functions.

        `values` is "real", or None for whole numbers.
        """
        return

    @abstractmethod
    def truth(self, case, part):
        """The `Truth` of each output, by the plain loops."""

    def truth_of(self, case, part):
        """`truth`, computed once a case."""
        return cached_truth(self, case, part)

    @abstractmethod
    def features(self, case):
        """Text -> bool: what is special about a case, for "wrong only when ..."."""

    @abstractmethod
    def smaller(self, case):
        """Cases that are a little simpler, the largest steps first."""

    def window(self, case):
        """The sides of the kernel; none where there is no kernel."""
        return ()

    def simple(self, case):
        """Whether a case with simplified numbers is still one that the contract speaks of."""
        return True

    def terms(self, case, output, cell):
        """What makes up one entry of an output, as text."""
        return ""

    def settings(self, case):
        """What is handed over behind the arrays."""
        return ()

    def outward(self, name, array):
        """A canonical array as the function under test wants it."""
        return array

    def inward(self, name, array):
        """A result of the function as a canonical array."""
        return array

    def invoke(self, function, part, arrays, case):
        """The call itself."""
        return function(*arrays, *self.settings(case))

    def handed_over(self, case, part):
        """The arrays of a call in the callee's convention, by name."""
        return {name: self.outward(name, case.arrays[name]) for name in self.parts[part][0]}

    def cell_outside(self, name, shape, cell):
        """Where the canonical entry `cell` stands in the callee's convention."""
        numbers = np.arange(int(np.prod(shape))).reshape(shape)
        at = self.outward(name, numbers) == numbers[cell]
        # a convention may change the sign, and 0 has none
        at = at | (self.outward(name, numbers) == -numbers[cell])
        return tuple(int(i) for i in np.argwhere(at)[0])

    def label(self, name, case_or_shape, cell):
        """name[i, j, ...] as the caller would write it."""
        shape = getattr(case_or_shape, "arrays", {name: case_or_shape})[name]
        shape = getattr(shape, "shape", shape)
        outside = self.cell_outside(name, shape, tuple(cell)) if len(shape) else ()
        return f"{name}[{', '.join(map(str, outside))}]" if outside else name

    def call_text(self, part, function_name, case):
        """The call as it would be typed."""
        inputs = [*self.parts[part][0], *map(repr, self.settings(case))]
        outputs = ", ".join(self.parts[part][1])
        return f"{outputs} = {function_name}({', '.join(inputs)})"


@lru_cache(maxsize=64)
def known_cases(contract, seed):
    """The cases of a contract, within its limits; made once, so that their truths are computed
    once."""
    return within(contract, contract.cases(np.random.default_rng(seed)))


@lru_cache(maxsize=8192)
def cached_truth(contract, case, part):
    """The truth of one part of one of the `known_cases`."""
    return contract.truth(case, part)
