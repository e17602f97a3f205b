"""Unknown functions, of numbers and of the entries of regions, on arrays of symbolic shape."""

from __future__ import annotations

from cnnmat.verify.sums.arrays import SymbolicArray, lift
from cnnmat.verify.sums.indices import fresh, image
from cnnmat.verify.sums.lists import Stretch, SymbolicList
from cnnmat.verify.sums.sizes import Outside
from cnnmat.verify.sums.terms import Closure, Function, applied, apply, number, variables

__all__ = ["Pointwise", "RegionFunctional"]


class Pointwise:
    """An unknown function of one number."""

    def __init__(self, function):
        self.function = function

    def __call__(self, z):
        if isinstance(z, SymbolicArray):
            return z.laid(z.axes, applied(self.function, z.entries))
        return applied(self.function, number(z))

    @property
    def derivative(self):
        return Pointwise(self.function._replace(primes=self.function.primes + 1))


class RegionFunctional:
    """An unknown function of the entries of a region, which may be another for each region."""

    def __init__(self, name):
        self.name = name

    def _of(self, regions, primes=0):
        return Function(self.name, primes, regions.sizes.region)

    def __call__(self, values):
        """Of the list of the entries of one region."""
        if not isinstance(values, (SymbolicList, Stretch)):
            raise Outside("a pooling of a list that is no region")
        [term] = values.guard.terms
        [(there, here)] = term.factors
        function = Function(self.name, 0, there.map)
        free = sorted(variables(values.element) - set(values.indices))
        return apply(function, Closure(free, values.indices, values.element), (here,))

    def values(self, y_o, regions):
        a = lift(y_o)
        p = fresh(regions.sizes.region.codomain)
        return a.laid([*a.axes[:-1], (p,)], self._applied(a, self._of(regions), (p,)))

    def slopes(self, y_o, regions):
        a = lift(y_o)
        o = fresh(regions.sizes.region.domain[0])
        place = image(regions.sizes.region, o)
        return a.laid([*a.axes[:-1], (o,)], self._applied(a, self._of(regions, 1), (place, o)))

    @staticmethod
    def _applied(a, function, at):
        binders = a.axes[-1]
        free = sorted(variables(a.entries) - set(binders))
        return apply(function, Closure(free, binders, a.entries), at)


