"""What Python's own words mean on things of symbolic length, and on all others what they say."""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

import numpy as np
from scipy import sparse

from cnnmat.verify.sums.arrays import SymbolicArray
from cnnmat.verify.sums.calculus import derivative
from cnnmat.verify.sums.counters import SymbolicIndex, SymbolicInteger
from cnnmat.verify.sums.indices import fresh
from cnnmat.verify.sums.lists import (
    Pieces,
    Stretch,
    SymbolicList,
    Together,
    both,
    contains,
    instantiated,
    len_of,
    ranged,
)
from cnnmat.verify.sums.shapes import Shaped, length
from cnnmat.verify.sums.sizes import Outside, Size, digits_of, expanded, signs_of
from cnnmat.verify.sums.terms import Entry, IndexSum, Tensor, entry, number
from cnnmat.verify.sums.truths import SymbolicBool, given

__all__ = ["BUILTINS", "PREFIX"]

PREFIX = "_sums_"


def symbolic(x: Any) -> bool:
    """Whether something is of symbolic length."""
    return isinstance(x, (SymbolicArray, SymbolicList, Stretch, Together))


def _opened(over):
    """(new indices, the item there, the guard) of something of symbolic length."""
    over = over.rows() if isinstance(over, SymbolicArray) else over
    if isinstance(over, Together):
        first = over.parts[0]
        indices = tuple(fresh(v.size) for v in first.indices)
        return indices, tuple(one.at(indices) for one in over.parts), None
    indices = tuple(fresh(v.size) for v in over.indices)
    places = dict(zip(over.indices, indices, strict=True))
    guard = None if over.guard is None else instantiated(over.guard, places)
    return indices, instantiated(over.element, places), guard


def comprehended(kind: str, innermost: bool, over: Any, test: Callable[[Any], Any],
                 body: Callable[[Any], Any]) -> Any:
    """[body(x) for x in over if test(x)]; where not innermost, body(x) is a list to be joined."""
    if not symbolic(over):
        return _joined(kind, innermost, over, test, body)
    indices, item, guard = _opened(over)
    over_guard = guard
    with given(guard):
        kept = test(item)
    if isinstance(kept, SymbolicBool):
        guard = both(guard, kept.guard)
    elif not kept:
        return []
    with given(over_guard, kept.guard if isinstance(kept, SymbolicBool) else None):
        element = body(item) if innermost else _one_list(body(item))
    if not innermost:
        guard = both(guard, element.guard)
        indices, element = indices + element.indices, element.element
    return (SymbolicList if kind == "list" else Stretch)(indices, element, guard)


def _one_list(element):
    """What an inner comprehension gives, as one list over indices."""
    if isinstance(element, (SymbolicList, Stretch)):
        return element
    parts = list(element)
    if len(parts) != 1:
        raise Outside(f"a comprehension over indices around one over {len(parts)} things")
    return parts[0] if isinstance(parts[0], Stretch) else Stretch((), parts[0])


def _joined(kind, innermost, over, test, body):
    if kind == "generator" and innermost and not isinstance(over, (list, tuple, Pieces)):
        return (body(x) for x in over if test(x))
    out: list[Any] = []
    for x in over.parts if isinstance(over, Pieces) else over:
        if isinstance(x, Stretch):
            out.append(comprehended("generator", innermost, x, test, body))
        elif test(x):
            one = body(x)
            if innermost:
                out.append(one)
            elif symbolic(one):
                out.append(Stretch(one.indices, one.element, one.guard))
            else:
                out.extend(one)
    if any(isinstance(x, Stretch) for x in out):
        whole = len(out) == 1 and kind == "list"
        return SymbolicList(*vars(out[0]).values()) if whole else Pieces(out)
    return iter(out) if kind == "generator" else out


def either(test: Any, yes: Callable[[], Any], no: Callable[[], Any]) -> Any:
    """yes() if test else no()."""
    if not isinstance(test, SymbolicBool):
        return yes() if test else no()
    if test.guard is None:
        return yes()
    with given(test.guard):
        there = yes()
    if isinstance(there, SymbolicInteger):
        if there.guard is not None or no() != -1:
            raise Outside("one index or another, by where an index lies")
        return SymbolicInteger(there.form, test.guard)
    there = number(there)
    return test.guard * there + (1 - test.guard) * number(no())


def and_(first: Any, second: Callable[[], Any]) -> Any:
    """first and second()."""
    if not isinstance(first, SymbolicBool):
        return first and second()
    return first & second()


COMPARED = {"Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge,
            "Eq": operator.eq, "NotEq": operator.ne, "Is": operator.is_,
            "IsNot": operator.is_not, "In": lambda a, b: a in b, "NotIn": lambda a, b: a not in b}


def chained(left: Any, names: tuple[str, ...], *parts: Callable[[], Any]) -> Any:
    """left < part < ..., each part found once."""
    total: Any = True
    for name, part in zip(names, parts, strict=True):
        right = part()
        one = COMPARED[name](left, right)
        total = total & one if isinstance(total, SymbolicBool) else one
        if not isinstance(total, SymbolicBool) and not total:
            return total
        left = right
    return total


def added_up(over: Any, body: Callable[..., Any], start: tuple[Any, ...]) -> tuple[Any, ...]:
    """What a loop over indices leaves in the variables that it adds to."""
    indices, item, guard = _opened(over)
    marks = [Tensor(f"{PREFIX}{k}", ()) for k in range(len(start))]
    with given(guard):
        after = body(item, *map(entry, marks))
    return tuple(_added(mark, before, result, indices, guard)
                 for mark, before, result in zip(marks, start, after, strict=True))


def _added(mark, before, result, indices, guard):
    """before + Σ of what was added to the mark."""
    entries = result.entries if isinstance(result, SymbolicArray) else number(result)
    kept = [t for t in entries.terms if t.factors == (Entry(mark, ()),) and t.coefficient == 1
            and not t.bound and not t.sizes]
    rest = IndexSum(t for t in entries.terms if t not in kept)
    if len(kept) != 1 or derivative(rest, mark, ()).terms:
        raise Outside("a loop over indices that does more than add up")
    total = (rest if guard is None else rest * guard).sum(*indices)
    if isinstance(result, SymbolicArray):
        total = result.laid(result.axes, total)
    return before + total


def sum_(x: Any, start: Any = 0) -> Any:
    """`sum`."""
    if isinstance(x, SymbolicList):
        x = Stretch(x.indices, x.element, x.guard)
    if isinstance(x, Stretch):
        return x.summed() + start
    if isinstance(x, Pieces):
        x = [one.summed() if isinstance(one, Stretch) else one for one in x.parts]
    return builtins.sum(x, start)


def len_(x: Any) -> Any:
    """`len`."""
    if isinstance(x, Shaped):
        return length(x.axes[0])
    return len_of(x) if isinstance(x, (SymbolicList, Stretch, Pieces)) else builtins.len(x)


def int_(*x: Any) -> Any:
    """`int`."""
    return x[0] if isinstance(x[0], (Size, SymbolicInteger)) else builtins.int(*x)


def float_(*x: Any) -> Any:
    """`float`: what is exact stays so, floats being taken for the numbers that they stand for."""
    return x[0] if x and isinstance(x[0], Fraction) else builtins.float(*x)


def repeated(a: Any, n: Any) -> Any:
    """`[x] * n`."""
    if not isinstance(n, Size):
        return a * n
    if len(a) != 1:
        raise Outside(f"a list of {len(a)} repeated {n} times")
    return SymbolicList([fresh(letter) for letter in digits_of(n)], a[0])


def range_(*bounds: Any) -> Any:
    """`range`."""
    if not any(isinstance(b, (Size, SymbolicInteger)) for b in bounds):
        return builtins.range(*bounds)
    return ranged(*(bounds if len(bounds) > 1 else (0, *bounds)))


def zip_(*parts: Any, strict: bool = False) -> Any:
    """`zip`."""
    if any(isinstance(p, (SymbolicArray, SymbolicList)) for p in parts):
        return Together([p.rows() if isinstance(p, SymbolicArray) else p for p in parts])
    return builtins.zip(*parts, strict=strict)


def enumerate_(x: Any, start: int = 0) -> Any:
    """`enumerate`."""
    if not isinstance(x, SymbolicList):
        return builtins.enumerate(x, start)
    if start:
        raise Outside(f"enumerate from {start}")
    return SymbolicList(x.indices, (SymbolicIndex(x.indices), x.element), x.guard)


def map_(function: Callable[..., Any], *parts: Any) -> Any:
    """`map`."""
    if not any(symbolic(one) for one in parts):
        return builtins.map(function, *parts)
    if len(parts) > 1:
        return comprehended("generator", True, zip_(*parts), lambda _: True, lambda x: function(*x))
    return comprehended("generator", True, parts[0], lambda _: True, function)


def kept_as(kind: type) -> Callable[..., Any]:
    """`list` and `tuple`, which leave what is of symbolic length as it is."""
    def made(*x: Any) -> Any:
        if x and isinstance(x[0], Stretch):
            return SymbolicList(*vars(x[0]).values())
        if x and isinstance(x[0], SymbolicArray):
            return x[0].rows()
        return x[0] if x and symbolic(x[0]) else kind(*x)
    return made


def largest_of(choose: Callable[..., Any]) -> Callable[..., Any]:
    """`max` and `min`."""
    def chosen(*x: Any, **options: Any) -> Any:
        if len(x) == 1 and symbolic(x[0]):
            raise Outside("the largest of entries")
        every = x[0] if len(x) == 1 and isinstance(x[0], tuple) else x
        if any(isinstance(n, Size) for n in every):
            ends = [n for n in every if all(_surely(n, other, choose) for other in every)]
            return ends[0] if ends else Extreme(every, choose)
        return choose(*x, **options)
    return chosen


def _surely(n, other, choose):
    """Whether n is at least, or at most, the other size, whatever the letters."""
    return signs_of(expanded(n - other)) <= ({0, 1} if choose is max else {-1, 0})


class Extreme:
    """The largest or smallest of sizes, of which it is not said which one it is."""

    def __init__(self, sizes: Iterable[int], choose: Callable[..., Any]) -> None:
        self.sizes, self.choose = sizes, choose

    def __lt__(self, other):
        return (all if self.choose is max else any)(n < other for n in self.sizes)

    def __ge__(self, other):
        return not self < other


def in_(x: Any, container: Any) -> Any:
    """`x in container`."""
    return contains(x, container) if isinstance(container, SymbolicList) else x in container


def isinstance_(x: Any, kinds: Any) -> bool:
    """`isinstance`."""
    if isinstance(x, (SymbolicArray, SymbolicList, Pieces)):
        kinds = kinds if isinstance(kinds, tuple) else (kinds,)
        if not isinstance(x, SymbolicArray):
            return list in kinds
        return any(issubclass(k, sparse.sparray) if x.sparse else k is np.ndarray
                   for k in kinds if isinstance(k, type))
    return builtins.isinstance(x, kinds)


def all_(x: Iterable[Any]) -> Any:
    """`all`."""
    if symbolic(x):
        raise Outside("all of a list of symbolic length")
    total: Any = True
    for one in x:
        total = total & one if isinstance(one, SymbolicBool) or isinstance(
            total, SymbolicBool) else bool(total and one)
        if total is False:
            return False
    return total


#: What the text finds under these names; those with the prefix are calls that reading puts in.
BUILTINS: dict[str, Any] = {
    **vars(builtins), "sum": sum_, "len": len_, "isinstance": isinstance_, "all": all_,
    "max": largest_of(max), "min": largest_of(min),
    **{PREFIX + word: function for word, function in {
        "comprehended": comprehended, "either": either, "and": and_, "chained": chained,
        "added_up": added_up, "symbolic": symbolic, "in": in_,
        "repeated": repeated, "float": float_, "int": int_, "range": range_, "zip": zip_,
        "enumerate": enumerate_, "map": map_, "list": kept_as(list),
        "tuple": kept_as(tuple)}.items()},
}

