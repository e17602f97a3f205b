"""Over what a letter runs: the limits of a sum, or the places at which the letter stands."""

from dataclasses import replace
from itertools import chain, product

from cnnmat.verify.symbols import identical
from cnnmat.verify.tex import values
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.tree import (
    Apply,
    Big,
    Dots,
    Empty,
    Group,
    Juxtaposition,
    List,
    Mark,
    Number,
    Relation,
    Script,
    Sum,
    children,
    walk,
)
from cnnmat.verify.tex.world import OutOfRange, Unbound
from cnnmat.verify.tex.writing import plain

__all__ = ["Ranges", "is_collection", "is_indexed", "limits"]

_LESS = ("\\le", "<")


class Ranges:
    """Sums and their kin, and the values of free letters."""

    # letters

    def free_letters(self, nodes, agreed=()):
        """The index letters that are free in a clause, in order.

        Braces around a single item bind the letters that stand in them alone, as a sum binds its
        own; what others tell is not free.
        """
        found, inside = {}, {}
        for node in nodes:
            self._collect(node, frozenset(), found, inside)
        known = {*found, *agreed}
        told = {name for name in found if any(
            set(one.at) <= known - {name} for one in self.told_by_others(name))}
        return [name for name in found if name not in told]

    def _collect(self, node, bound, found, inside):
        name = letter(node)
        if name is not None and name in self.world.bindings.ranges:
            if name not in bound:
                found.setdefault(name)
            return
        known = self.world.find(node)
        if known is not None:
            for part, _ in known[1].values():
                self._collect(part, bound, found, inside)
            return
        if isinstance(node, Big) and node.below is not None:
            bound = bound | {name for name, *_ in limits(node, self.world.bindings.ranges)}
        if is_indexed(node):
            bound = bound | {name for name, *_ in limits(
                Big(Mark(""), node.sub, node.sup, node.base.body), self.world.bindings.ranges)}
        if is_collection(node):
            found = inside
        for part in children(node):
            self._collect(part, bound, found, inside)

    def depends_on(self, node):
        """All letters that may tell the value of `node`."""
        known = self.world.depends
        if id(node) not in known:
            found, inside = {}, {}
            self._collect(node, frozenset(), found, inside)
            told = [name for one in walk(node) if (hit := self.world.find(one))
                    for name in hit[0].at]
            known[id(node)] = node, tuple(dict.fromkeys([*found, *inside, *told]))
        return known[id(node)][1]

    def told_by_others(self, name):
        """The quantities under the name of a letter, which other letters tell."""
        return [one for base in self.world.bindings.quantities.values() for one in base
                if one.at and letter(one.pattern) == name]

    def settings(self, names, nodes, letters, stated=None):
        """All values of the letters `names`: dictionaries with those of `letters` in them.

        A letter runs over what is `stated` of it, or else over the places at which it stands in
        one of `nodes`, from the first of them on.
        """
        if not names:
            yield letters
            return
        for usual, name in product((False, True), names):
            run = self.run_of(name, nodes, letters, stated or {}, usual)
            if run is not None:
                rest = [one for one in names if one != name]
                for one in run:
                    yield from self.settings(rest, nodes, {**letters, name: one}, stated)
                return
        raise Unbound(nodes[0].column, f"over what {', '.join(names)} runs is not said")

    def run_of(self, name, nodes, letters, stated, usual=True):
        """The values of one letter; None if they depend on others that are not known yet.

        With `usual` a letter that no place tells runs over what the bindings say of it.
        """
        try:
            if name in stated:
                return [*self.between(stated[name], letters)]
            for node in nodes:
                if name in self.free_letters([node]):
                    run = self.run_in(name, node, letters)
                    if run is not None or not usual:
                        return run
            own = self.world.bindings.ranges.get(name) if usual else None
            return None if own is None or own.first is None else [*self.between(own, letters)]
        except OutOfRange:
            return []
        except Unbound:
            return None

    def run_in(self, name, node, letters):
        """The values with which a letter can stand at all its places in `node`; None if that is
        not known yet."""
        found = None
        for one in self.spots(node):
            try:
                run = self.places(name, one, letters)
            except Unbound:
                continue
            if run is not None:
                found = [*run] if found is None else [value for value in found if value in run]
        return found

    def between(self, one, letters):
        return range(self.value(one.first, letters), self.value(one.last, letters) + 1)

    def places(self, name, node, letters):
        """The values that a letter can have where it stands in `node`; None if it does not."""
        found = self.world.find(node)
        if found is not None and found[0].ranges:
            quantity, inside = found
            for own, (part, shift) in inside.items():
                at = _with(part, name)
                if at is not None and quantity.ranges[own].first is not None:
                    others = {one: self.value(other, letters) - less for one, (other, less)
                              in inside.items() if self.is_known(other, letters)}
                    first, last = (self.value(end, others) for end in (
                        quantity.ranges[own].first, quantity.ranges[own].last))
                    return range(first + shift - at, last + shift - at + 1)
        entry = self.taken_apart(node)
        return self.entries_with(name, *entry, letters) if entry else None

    def taken_apart(self, node):
        """(what has entries, the indices) of an entry, as it is written; None of anything else."""
        if isinstance(node, Apply) and node.open and node.open != "\\{":
            return node.function, (node.argument.items if isinstance(node.argument, List)
                                   else (node.argument,))
        if not isinstance(node, Script) or node.sub is None or self.world.find(node):
            return None
        whole = replace(node, sub=None) if node.sup is not None or node.primes else node.base
        if not (isinstance(node.base, Group) and node.sup is None) and not self.world.find(whole):
            return None
        sub = node.sub
        if isinstance(sub, Number) and len(sub.text) == 2:
            return whole, tuple(Number(digit, column=sub.column) for digit in sub.text)
        return whole, sub.items if isinstance(sub, List) else (
            sub.factors if isinstance(sub, Juxtaposition) and len(sub.factors) == 2 else (sub,))

    def first_index(self, node):
        """The index of the first entry of an array; brackets around it change nothing."""
        while isinstance(node, Group):
            node = node.body
        found = self.world.find(node)
        return self.value(found[0].first if found else self.world.bindings.first, {})

    def spots(self, node):
        """The parts of `node` that can tell over what a letter runs."""
        known = self.world.spots
        if id(node) not in known:
            known[id(node)] = node, [one for one in walk(node) if (
                (hit := self.world.find(one)) and hit[0].ranges) or self.taken_apart(one)]
        return known[id(node)][1]

    def is_known(self, node, letters):
        return all(one in letters for one in self.free_letters([node]))

    def entries_with(self, name, whole, parts, letters):
        """The places of the entries of an array, where `name` is one of its indices."""
        for axis, part in enumerate(parts):
            at = _with(part, name)
            if at is not None:
                found = self.world.find(whole)
                if found and (found[0].outside or found[0].kind == "function"):
                    return None
                value = self.value(whole, letters)
                if not values.is_array(value):
                    return None
                first = self.first_index(whole)
                count = value.shape[axis] if len(parts) > 1 else max(value.shape)
                return range(first - at, first + count - at)
        return None

    # sums

    def big(self, node, letters):
        """A sum, a product, a maximum, a union over all values of its letters."""
        terms = [self.value(node.body, one) for one in self.limited(node, letters)]
        text = getattr(node.operator, "text", "")
        if text in ("max", "min"):
            return self.vocabulary.operators[text](*terms)
        join = {"\\sum": values.add, "\\prod": values.times}.get(text)
        if join is None:
            raise Unbound(node.column, f"{plain(node.operator)} has no value here")
        if not terms:
            return 0 if text == "\\sum" else 1
        total = terms[0]
        for term in terms[1:]:
            total = self.joined(join, [node.body, node.body], [total, term])
        return total

    def limited(self, node, letters):
        """The letters of a sum with all their values, as its limits have them."""
        if node.below is None:
            raise Unbound(node.column, f"over what {plain(node.operator)} runs is not said")
        found = [*limits(node, self.world.bindings.ranges)]
        if not found:
            raise Unbound(node.below.column, f"{plain(node.below)} is no range")
        run = [letters]
        for name, first, last, condition in found:
            run = [*chain.from_iterable(
                self.one_letter(name, first, last, node, one) for one in run)]
            if condition is not None:
                run = [one for one in run if self.holds(condition, one)]
        return run

    def one_letter(self, name, first, last, node, letters):
        if first is None:
            return self.settings([name], [node.body, node.below], _without(letters, name))
        if last is None:
            members = self.value(first, letters)
            if not isinstance(members, (tuple, range, set, frozenset)):
                raise Unbound(first.column, f"{plain(first)} is no set")
            return [{**letters, name: one} for one in members]
        ends = [self.value(end, letters) for end in (first, last)]
        if not all(isinstance(end, int) for end in ends):
            raise Unbound(first.column, f"the range of {name} is not one of whole numbers")
        return [{**letters, name: one} for one in range(ends[0], ends[1] + 1)]

    # what is said of two values

    def holds(self, node, letters):
        """Whether what a relation says is so."""
        members = [self.value(one, letters) for one in node.members]
        return all(self.related(operator, a, b, node) for operator, a, b in zip(
            node.operators, members, members[1:], strict=False))

    def related(self, operator, a, b, node):
        if operator in ("=", "\\equiv", "\\triangleq", ":="):
            return values.equal(a, b, lambda x, y: bool(x == y))
        if operator == "\\ne":
            # not the same for all values of the symbols; for some it may be
            return not values.equal(a, b, identical)
        if operator in ("\\in", "\\notin") and isinstance(b, (tuple, set, frozenset, range)):
            return (a in b) == (operator == "\\in")
        a, b = values.number(a), values.number(b)
        test = {"<": a_less_b, ">": lambda x, y: a_less_b(y, x),
                "\\gg": lambda x, y: not a_less_b(x, 10 * y),
                "\\ll": lambda x, y: not a_less_b(y, 10 * x),
                "\\le": lambda x, y: not a_less_b(y, x), "\\ge": lambda x, y: not a_less_b(x, y),
                }.get(operator)
        if test is None or values.is_array(a) or values.is_array(b):
            raise Unbound(node.column, f"{operator} cannot be run here")
        return bool(test(a, b))


def a_less_b(a, b):
    """Whether a < b."""
    return a < b


def is_collection(node):
    """Whether this is a single item in braces, such as {x_p}: all of its kind."""
    return isinstance(node, Group) and node.open == "\\{" and not isinstance(
        node.body, (List, Dots, Empty))


def is_indexed(node):
    """Whether this is {x_p} or [x_{kl}] with the range of what counts it as a subscript."""
    return isinstance(node, Script) and isinstance(node.base, Group) and any(
        isinstance(one, Relation) and one.operators == ("=",)
        for one in (node.sub.items if isinstance(node.sub, List) else (node.sub,)))


def limits(node, known):
    """(letter, first, last, condition) of each letter below a sum.

    Without `last`, `first` is a set; without both the letter runs over the places where it stands.
    """
    below = node.below.items if isinstance(node.below, List) else (node.below,)
    separators = node.below.separators if isinstance(node.below, List) else ()
    if not {"\\mid", "|"}.isdisjoint(separators):
        name = letter(below[0])
        yield name, None, None, below[1]
        return
    waiting, low = [], None
    for part in below:
        relation = part if isinstance(part, Relation) else None
        if isinstance(part, Juxtaposition):
            waiting += [letter(one) for one in part.factors]
        elif relation is None:
            waiting.append(letter(part))
        elif relation.operators[0] in _LESS:
            # -B ≤ k, l ≤ B: each letter between both
            waiting += [letter(one) for one in relation.members if letter(one) in known]
            low = relation.members[0] if letter(relation.members[0]) not in known else low
            if letter(relation.members[-1]) not in known:
                yield from ((name, low or Number("1"), relation.members[-1], None)
                            for name in waiting)
                waiting = []
        elif relation.operators[0] == "=":
            yield from ((name, relation.members[1], node.above, None) for name in (
                *waiting, letter(relation.members[0])))
            waiting = []
        elif relation.operators[0] == "\\in":
            yield from ((name, relation.members[1], None, None) for name in (
                *waiting, letter(relation.members[0])))
            waiting = []
    yield from ((name, None, None, None) for name in waiting if name is not None)


def _without(letters, name):
    return {one: value for one, value in letters.items() if one != name}


def _with(part, name):
    """What is added to a letter in an index: 1 for c+1, 0 for c; None where it does not stand."""
    if letter(part) == name:
        return 0
    if isinstance(part, Sum) and len(part.terms) == 2 and letter(part.terms[0]) == name and (
            isinstance(part.terms[1], Number) and not part.signs[0]):
        return int(part.terms[1].text) * (1 if part.signs[1] == "+" else -1)
    return None
