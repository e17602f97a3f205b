"""The orders in which symbols are compared: which there are, and which a claim was run in.

A symbol has no size, so ``x0 > x1`` has no answer.  An `Order` answers it as at one point, that is
with a number for each symbol: what is then proved holds at all points that answer every comparison
alike.  An `Atlas` looks for points that answer otherwise, until each comparison was seen both ways
and, by putting one symbol in the place of another, equal; or is shown to have one sign.
"""

import random
from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from cnnmat.verify import signs

__all__ = ["Atlas", "Order"]

#: Up to so many comparisons all orders are looked at, if they are not more than MOST; with more
#: comparisons a case is large and a run dear, and it is enough that each was seen every way.
FEW, MOST = 6, 40


@dataclass
class Order:
    """Answers to comparisons, as at one point.

    Attributes
    ----------
    point : list of number
        By the place of a symbol's generator.
    ties : dict
        From places to the polynomials that stand there instead of the symbols.
    seen : dict
        From a difference (its first coefficient 1) to its sign here, as the comparisons came.
    ordered : set
        Those of `seen` of which more was asked than whether they are zero.
    """

    point: list[Any]
    ties: dict[int, Any] = field(default_factory=dict)
    seen: dict[Any, int] = field(default_factory=dict)
    ordered: set[Any] = field(default_factory=set)

    @classmethod
    def drawn(cls, capacity):
        """An order at a random point for `capacity` symbols."""
        draw = random.Random(capacity)
        return cls([draw.randint(-(10**6), 10**6) for _ in range(capacity)])

    def sign(self, difference, *, ordered=True):
        """-1, 0 or 1 for a polynomial; if not `ordered`, only whether it is 0 will be used."""
        if not difference:
            return 0
        leading = 1 if difference.LC > 0 else -1
        if difference.is_ground:
            return leading
        monic = difference.quo_ground(difference.LC)
        if monic not in self.seen:
            self.seen[monic] = signs.at(monic, self.point) or signs.at(monic, self._beside())
        if ordered:
            self.ordered.add(monic)
        return leading * self.seen[monic]


    def _beside(self):
        """A point so near that all that is not zero at the point has the same sign there."""
        draw = random.Random(len(self.point))
        return [x + Fraction(draw.randint(1, 10**6), 10**60) for x in self.point]


class Atlas:
    """The orders of one case: iterate over them, and run the case in each.

    Parameters
    ----------
    capacity : int
        How many symbols there may be.
    first : Order, optional
        Where it begins.

    Attributes
    ----------
    runs : list of Order
        Those looked at.
    compared : set
        The differences that were compared as the symbols were drawn, without ties.
    left : set
        Outcomes for which no point was found, though none was ruled out.
    complete : bool
        Whether no order is left but those in `left`.
    """

    def __init__(self, capacity, first=None):
        self.capacity, self.first = capacity, first
        self.runs, self.compared, self.left, self.tried = [], set(), set(), set()
        #: Goals, the most telling first: a comparison the other way; all made equal as far as it
        #: goes; and, if they are few, all other orders.
        self.agenda = deque(), deque(), deque()
        self.outcomes = set()
        self.complete = False

    def __iter__(self):
        """Orders, each chosen by what the ones before it have seen."""
        order = self.first or Order.drawn(self.capacity)
        while order is not None:
            self.runs.append(order)
            self.latest = order
            yield order
            order = self._next()

    def withdraw(self, order):
        """Take back an order in which the case has no value: a denominator is zero there."""
        self.runs.remove(order)

    @property
    def _all_affordable(self):
        return len(self.compared) <= FEW and len(self.runs) < MOST

    def covers(self):
        """Which orders were looked at, as a phrase; empty where nothing was compared."""
        if not self.compared:
            return ""
        unequal = sum(not self._was_zero(d) for d in self.compared)
        left = self.left - self.outcomes
        one_way = len({d for _, d, _ in left})
        if self.complete and not left and not unequal:
            return f"in each order of what is compared ({len(self.runs)})"
        gaps = [f"{one_way} with one outcome only" if one_way else "",
                f"{unequal} never as equal" if unequal else ""]
        seen = ", ".join(filter(None, gaps)) or "each seen both ways and equal"
        orders = _plural(len(self.runs), "order")
        return f"in {orders} of {_plural(len(self.compared), 'comparison')} ({seen})"

    def _was_zero(self, difference):
        return any(not _with(order.ties, difference) for order in self.runs if order.ties)

    def _next(self):
        self._plan(self.latest)
        for goals in self.agenda:
            while goals and (goals is not self.agenda[-1] or self._all_affordable):
                goal = goals.popleft()
                if goal in self.tried or self._postponed(goal, goals):
                    continue
                self.tried.add(goal)
                order = self._reach(goal)
                if order is not None:
                    return order
        self.complete = self._all_affordable
        return None

    def _plan(self, order):
        """Put on the agenda what `order` leaves to be seen: (ties, first comparisons, point).

        That a comparison comes up again is certain only where all before it come out as here.
        """
        reversals, together, others = self.agenda
        ties, path, tied = _frozen(order.ties), tuple(order.seen.items()), dict(order.ties)
        self.outcomes.update((ties, d, sign) for d, sign in path)
        if not ties:
            self.compared.update(order.seen)
        for k, (d, sign) in enumerate(path):
            if d in order.ordered:
                reversals.append((ties, (*path[:k], (d, -sign)), tuple(order.point)))
            _tie(tied, d)
            one = dict(order.ties)
            # those are looked at only as long as they are few
            if self._all_affordable and _tie(one, d) and one.keys() != order.ties.keys():
                others.append((_frozen(one), (), ()))
        if tied.keys() != order.ties.keys():
            together.append((_frozen(tied), (), ()))

    def _postponed(self, goal, goals):
        """Put off a comparison that has come out this way already, after other comparisons."""
        ties, wanted, _ = goal
        if goals is self.agenda[0] and (ties, *wanted[-1]) in self.outcomes:
            self.agenda[-1].append(goal)
            return True
        return False

    def _reach(self, goal):
        ties, wanted, point = goal
        if not wanted:
            return Order(Order.drawn(self.capacity).point, dict(ties))
        if self._is_seen(ties, wanted):
            return None
        found, ruled_out = signs.find(wanted, list(point))
        if found is None:
            self.left |= set() if ruled_out else {(ties, *wanted[-1])}
            return None
        return Order(found, dict(ties))

    def _is_seen(self, ties, wanted):
        """Whether an order has begun with just these outcomes."""
        return any(_frozen(order.ties) == ties
                   and tuple(order.seen.items())[:len(wanted)] == wanted for order in self.runs)


def _plural(count, noun):
    return f"{count} {noun}{'s' * (count != 1)}"


def _frozen(ties):
    return frozenset(ties.items())


def _with(ties, polynomial):
    """`polynomial` with what `ties` has in the place of its symbols."""
    gens, monomials = polynomial.ring.gens, polynomial.monoms() if ties else ()
    pairs = [(gens[k], standing) for k, standing in ties.items()
             if any(monomial[k] for monomial in monomials)]
    return polynomial.compose(pairs) if pairs else polynomial


def _tie(ties, difference):
    """Add to `ties` what makes `difference` zero as well; False where nothing linear does."""
    difference = _with(ties, difference)
    solution = signs.zero(difference) if difference else None
    if solution is None:
        return not difference
    place, polynomial = solution
    for k in ties:
        ties[k] = _with({place: polynomial}, ties[k])
    ties[place] = polynomial
    return True
