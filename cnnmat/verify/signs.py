"""Which signs a polynomial can have, and where: points, proofs that there are none, zeros.

Polynomials are elements of SymPy's rings over the rationals; a point is a list of numbers, one
for each generator.
"""

import random
from fractions import Fraction
from functools import cache, lru_cache
from itertools import pairwise

import numpy as np

__all__ = ["at", "definite", "find", "value", "zero"]

#: Larger polynomials are not factored: it takes longer than it is worth.
MOST_TERMS = 12
#: How far the numbers tried may lie from zero, and into how many parts a whole is divided.
SCALES = ((3, 1), (3, 4), (1, 7), (40, 1), (10**6, 1))


def at(polynomial, point):
    """The sign of a polynomial at a point: -1, 0 or 1.

    Examples
    --------
    >>> from sympy import QQ, ring
    >>> _, x, y = ring("x, y", QQ)
    >>> at(x - 2 * y, [1, 3]), at(x * x - y, [2, 4])
    (-1, 0)
    """
    total = value(polynomial, point)
    return (total > 0) - (total < 0)


def value(polynomial, point):
    """A polynomial at a point: an int, or a Fraction where one occurs."""
    total = 0
    for coefficient, powers in _terms(polynomial):
        term = coefficient
        for k, exponent in powers:
            term *= point[k] if exponent == 1 else point[k] ** exponent
        total += term
    return total


@lru_cache(2**12)
def _terms(polynomial):
    """(coefficient, (place, exponent) of the generators that occur) of each term."""
    return [(_number(coefficient), [(k, n) for k, n in enumerate(monomial) if n])
            for monomial, coefficient in polynomial.terms()]


def _number(rational):
    """A rational number of Python's own: whole ones as int, which is many times faster."""
    above, below = int(rational.numerator), int(rational.denominator)
    return above if below == 1 else Fraction(above, below)


def _places(polynomial):
    """The generators that occur, by their places."""
    return sorted({k for monomial in polynomial for k, exponent in enumerate(monomial) if exponent})


@cache
def _factors(polynomial):
    """The irreducible factors with their powers, the first coefficients aside."""
    if len(polynomial) > MOST_TERMS or max(map(sum, polynomial)) <= 1:
        return [(polynomial, 1)]
    # SymPy factors in all symbols of the ring, used or not, which takes it a hundred times longer
    ring = polynomial.ring
    small = ring.clone(symbols=[ring.symbols[k] for k in _places(polynomial)])
    return [(factor.set_ring(ring), power)
            for factor, power in polynomial.set_ring(small).factor_list()[1]]


def definite(polynomial):
    """The sign that a polynomial has wherever it is not zero, if that is seen from its factors.

    A factor to an even power is never negative, nor is a sum of even powers with positive factors.

    Returns
    -------
    int or None

    Examples
    --------
    >>> from sympy import QQ, ring
    >>> _, x, y = ring("x, y", QQ)
    >>> definite(x**2 - 2 * x * y + y**2), definite(-(x**2) - 1), definite(x**2 - y)
    (1, -1, None)
    """
    if any(max(m[k] for m in polynomial) % 2 for k in _places(polynomial)):
        # of odd degree in one symbol: it goes through zero along that axis
        return None
    sign = 1 if polynomial.LC > 0 else -1
    for factor, power in _factors(polynomial):
        sign = sign if factor.LC > 0 or power % 2 == 0 else -sign
        factor = factor if factor.LC > 0 else -factor
        even = all(c > 0 and all(n % 2 == 0 for n in monomial) for monomial, c in factor.terms())
        if power % 2 and not even:
            return None
    return sign


def zero(polynomial):
    """A place and what to put there to make a polynomial zero, where a factor is linear in it.

    Of several places the last is taken, so that what is put there was drawn before.

    Returns
    -------
    (int, polynomial) or None

    Examples
    --------
    >>> from sympy import QQ, ring
    >>> _, x, y = ring("x, y", QQ)
    >>> zero(3 * x - y), zero(x * x + 1)
    ((1, 3*x), None)
    """
    solution = _solved(polynomial)
    if solution is None and len(polynomial) <= MOST_TERMS:
        solutions = (_solved(factor) for factor, _ in _factors(polynomial))
        solution = next(filter(None, solutions), None)
    return solution


def _solved(polynomial):
    """The last place at which a polynomial is linear with a number before it, and its solution."""
    for k in reversed(_places(polynomial)):
        terms = [(m, c) for m, c in polynomial.terms() if m[k]]
        if len(terms) == 1 and sum(terms[0][0]) == 1:
            return k, polynomial.ring.gens[k] - polynomial.quo_ground(terms[0][1])
    return None


def find(wanted, point):
    """A point at which each polynomial has the sign wanted, and whether one was ruled out.

    Random numbers of several sizes are tried first; then, if all polynomials are linear, a linear
    program decides; else the last polynomial is followed along lines through the points at which
    the others have their signs.

    Parameters
    ----------
    wanted : sequence of (polynomial, 1 or -1)
        That the last one cannot have its sign is looked for too.
    point : list of number
        Where all but the last have their signs, if there is such a point at hand; it is kept in
        what the polynomials leave free.

    Returns
    -------
    (list or None, bool)
        The point; without one, whether it was shown that there is none.

    Examples
    --------
    >>> from sympy import QQ, ring
    >>> _, x, y = ring("x, y", QQ)
    >>> found, _ = find([(x - y, 1), (x, -1)], [0, 0])
    >>> 0 > found[0] > found[1]
    True
    >>> find([(x - y, 1), (y, 1), (x, -1)], [0, 0])
    (None, True)
    """
    last, sign = wanted[-1]
    if definite(last) == -sign:
        return None, True
    places = sorted({k for polynomial, _ in wanted for k in _places(polynomial)})
    candidates = []
    fits = next((one for one in _candidates(places, point, candidates) if _fits(wanted, one)),
                None)
    if fits:
        return fits, False
    if all(sum(m) <= 1 for polynomial, _ in wanted for m in polynomial):
        return _linear(wanted, places, point)
    starts = [one for one in (point, *candidates) if _fits(wanted[:-1], one)][:40]
    return next(_along_lines(wanted, starts), None), False


def _fits(wanted, point):
    # the last is the one that was not yet so
    return all(at(polynomial, point) == sign for polynomial, sign in reversed(wanted))


def _candidates(places, point, seen):
    """`point` the other way round, then with other numbers at `places`: 24 of each size.

    What was tried is also put into `seen`.
    """
    draw = random.Random(len(places))
    seen += [-x for x in point], point[::-1]
    yield from tuple(seen)
    for largest, parts in SCALES:
        for _ in range(24):
            one = list(point)
            for k in places:
                number = draw.randint(-largest * parts, largest * parts)
                one[k] = number if parts == 1 else Fraction(number, parts)
            seen.append(one)
            yield one


def _linear(wanted, places, point):
    """Decide by the largest margin t with sign · polynomial ≥ t in a box."""
    from scipy.optimize import linprog

    rows, bounds = [], []
    for polynomial, sign in wanted:
        row = [0.0] * len(places)
        constant = 0.0
        for monomial, coefficient in polynomial.terms():
            if any(monomial):
                row[places.index(monomial.index(1))] = float(coefficient)
            else:
                constant = float(coefficient)
        rows.append([-sign * a for a in row] + [1.0])
        bounds.append(sign * constant)
    box = [(-1e4, 1e4)] * len(places) + [(None, 1.0)]
    solved = linprog([0.0] * len(places) + [-1.0], A_ub=rows, b_ub=bounds, bounds=box)
    if not solved.success or solved.x[-1] < 1e-7:
        return None, bool(solved.success)
    for parts in (1, 60, 10**6, 10**15):
        one = list(point)
        for k, x in zip(places, solved.x, strict=False):
            one[k] = Fraction(x).limit_denominator(parts)
        if _fits(wanted, one):
            return one, False
    return None, False


def _along_lines(wanted, starts):
    """Points beyond the zeros that the last polynomial has along each axis."""
    last = wanted[-1][0]
    for start in starts:
        for k in _places(last):
            line = _restricted(last, start, k)
            roots = np.roots(line)
            real = sorted(r.real for r in roots if abs(r.imag) < 1e-9 * (1 + abs(r)))
            between = [(a + b) / 2 for a, b in pairwise(real)]
            for x in [*between, *(r - 1 for r in real[:1]), *(r + 1 for r in real[-1:])]:
                one = list(start)
                one[k] = Fraction(x).limit_denominator(10**6)
                if _fits(wanted, one):
                    yield one


def _restricted(polynomial, point, k):
    """The coefficients, highest first, of a polynomial in the k-th symbol, all others fixed."""
    powers = {}
    for monomial, coefficient in polynomial.terms():
        rest = [x if i != k else 1 for i, x in enumerate(point)]
        term = _number(coefficient)
        for i, exponent in enumerate(monomial):
            if exponent:
                term *= rest[i] ** exponent
        powers[monomial[k]] = powers.get(monomial[k], 0) + term
    return [float(powers.get(n, 0)) for n in range(max(powers), -1, -1)]
