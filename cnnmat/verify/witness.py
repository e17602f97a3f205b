"""The simplest numbers for the symbols at which a difference shows."""

import random
from fractions import Fraction

from cnnmat.verify import signs
from cnnmat.verify.symbols import Entry

__all__ = ["evaluate", "witness"]


def witness(symbols, difference=0):
    """The simplest whole numbers for the symbols at which `difference` is not zero.

    They answer each comparison as the symbols' order did.

    Parameters
    ----------
    symbols : Symbols
    difference : Entry or number, optional
        Without a symbol in it, only the comparisons count.

    Returns
    -------
    dict
        From the places of symbols to numbers; those left out may be zero.

    Examples
    --------
    >>> from cnnmat.verify.symbols import Symbols
    >>> symbols = Symbols(2)
    >>> a, b = symbols.symbol("a"), symbols.symbol("b")
    >>> witness(symbols, a * b - b)
    {1: 1}
    """
    order = symbols.order
    compared = [(d, sign) for d, sign in order.seen.items() if sign]
    shows = isinstance(difference, Entry)
    if shows and not difference.value:
        raise ValueError("difference must not be zero for all values, got 0")
    for point in _simple(_by_name(symbols, difference, compared), bool(compared)):
        full = [point.get(k, 0) for k in range(len(order.point))]
        if all(signs.at(d, full) == sign for d, sign in compared) and not (
                shows and evaluate(difference, point) in (None, 0)):
            return point
    return dict(enumerate(order.point[:len(symbols.names)]))


def _by_name(symbols, difference, compared):
    """The places of the symbols in `difference` and in what was compared, by their names."""
    parts = [d for d, _ in compared]
    if isinstance(difference, Entry):
        parts += symbols.polynomials(difference)
    used = {k for part in parts for monomial in part for k, n in enumerate(monomial) if n}
    return sorted(used, key=lambda k: symbols.names[k])


def _simple(places, signed):
    """Small whole numbers at few places, then larger ones at more."""
    rng = random.Random(0)
    for largest in (1, 3, 9, 10**6):
        least = -largest if signed else 1
        for count in range(len(places) + 1):
            for _ in range(12):
                chosen = rng.sample(places, count)
                yield {k: rng.randint(least, largest) for k in chosen}


def evaluate(entry, point):
    """`entry` at numbers for its symbols, by place, as int or Fraction; None on a pole."""
    if not isinstance(entry, Entry):
        return entry
    full = [point.get(k, 0) for k in range(len(entry.symbols.order.point))]
    above, *below = (signs.value(part, full) for part in entry.symbols.polynomials(entry))
    if not below:
        return above
    return Fraction(above, below[0]) if below[0] else None
