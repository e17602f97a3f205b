"""Lists: all of a kind, and those that are written with dots."""

from dataclasses import fields, is_dataclass, replace
from typing import ClassVar

from cnnmat.verify.tex.bindings import Range
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.ranges import Ranges
from cnnmat.verify.tex.tree import Dots, Empty, Name, Number, Sum
from cnnmat.verify.tex.world import Unbound

__all__ = ["Lists"]


class Lists(Ranges):
    """The values of lists."""

    #: What the line says of its letters.
    stated: ClassVar[dict[str, Range]] = {}

    def collected(self, node, letters):
        """The values of all of a kind: {x_p} for every p that is not known here."""
        names = [one for one in self.free_letters([node.body]) if one not in letters]
        return tuple(self.value(node.body, one) for one in self.settings(
            names, [node.body], letters, self.stated))

    def listed(self, items, letters):
        """The values of a list, dots spelled out."""
        items = [one for one in items if not isinstance(one, Empty)]
        for place, item in enumerate(items):
            if isinstance(item, Dots):
                return self.spelled(items, place, letters)
        return [self.value(one, letters) for one in items]

    def spelled(self, items, place, letters):
        """The values of a list with dots at `place`, as its neighbours count."""
        if not 0 < place < len(items) - 1:
            raise Unbound(items[place].column, "what the dots stand for is not clear")
        before, after = items[place - 1], items[place + 1]
        path = _difference(before, after)
        counted = [self.value(_at(one, path), letters) for one in (before, after)]
        if not all(isinstance(one, int) for one in counted):
            raise Unbound(items[place].column, "what the dots stand for is not clear")
        step = self.step(items, place, path, counted, letters)
        low, high = counted
        # a list may end before what is written out of it
        many = max(0, place + min(0, (high - low) // step))
        start = [self.value(one, letters) for one in items[:many]]
        inner = [self.value(_put(before, path, _whole(one)), letters)
                 for one in range(low + step, high + step, step)]
        return start + inner + [self.value(one, letters) for one in items[place + 2:]]

    def step(self, items, place, path, counted, letters):
        if place > 1 and _difference(items[place - 2], items[place - 1]) == path:
            return counted[0] - self.value(_at(items[place - 2], path), letters) or 1
        return 1 if place > 1 or counted[1] >= counted[0] else -1


def _difference(one, other, path=()):
    """The one place at which two trees differ, as a path of field names and positions."""
    if one == other:
        return path
    if type(one) is not type(other) or isinstance(one, (Number, Name, str)):
        return path
    steps = [field.name for field in fields(one) if field.compare] if is_dataclass(one) else range(
        min(len(one), len(other)))
    if not is_dataclass(one) and len(one) != len(other):
        return path
    apart = [step for step in steps if _step(one, step) != _step(other, step)]
    if len(apart) != 1 or letter(one) != letter(other):
        return path
    return _difference(_step(one, apart[0]), _step(other, apart[0]), (*path, apart[0]))


def _step(value, step):
    return getattr(value, step) if isinstance(step, str) else value[step]


def _at(value, path):
    for step in path:
        value = _step(value, step)
    return value


def _put(value, path, new):
    if not path:
        return new
    inside = _put(_step(value, path[0]), path[1:], new)
    if isinstance(path[0], str):
        return replace(value, **{path[0]: inside})
    return (*value[:path[0]], inside, *value[path[0] + 1:])


def _whole(number):
    return Number(str(number)) if number >= 0 else Sum((Number(str(-number)),), ("-",))
