"""A term on its way to its normal form, each step with the tactics that prove it.

The steps are those that `normal.eliminate` took.  They are taken here on the term as it was
written, functions applied to what they were applied to there: the kernel sees each sum before and
after, and the one lemma of ``Sums.v`` by which they are equal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from cnnmat.verify.coq.names import Unwritten
from cnnmat.verify.coq.statements import Statement
from cnnmat.verify.sums.indices import AnyIndex, Image, Index, image, put
from cnnmat.verify.sums.naming import arranged
from cnnmat.verify.sums.normal import eliminate
from cnnmat.verify.sums.terms import Delta, Term, rebuilt, variables

__all__ = ["Reduction", "braced", "under"]

#: The steps by which deltas go, which come before all others.
DELTAS = ("same", "injective", "put", "move", "along")


def braced(lines: Iterable[str]) -> list[str]:
    """The lines as the proof of the first goal."""
    first, *others = lines
    found = [f"{{ {first}", *(f"  {one}" for one in others)]
    return [*found[:-1], f"{found[-1]} }}"]


def under(names: Iterable[str]) -> list[str]:
    """Go under sums that both sides have."""
    return [f"apply: eq_bigr => {name} _." for name in names]


class Reduction:
    """A term, and the proof that its sums are `unused` sizes times the sums of `factors`.

    Attributes
    ----------
    term : Term
        As it was written.
    unused : list of str
        The letters over which it sums for nothing.
    bound, factors : list
        What is left, in canonical order.
    sizes : tuple
        The powers of sizes that it has in the end.
    key : nested tuple
        Equal for terms that are equal but for their coefficients.
    names : dict
        What all its indices are called in the proof.
    start : str
        Its sums, as it was written.
    lines : list of str
        The proof.
    """

    def __init__(self, of: Statement, term: Term, names: Mapping[Index, str],
                 lemma: Callable[[str, list[str]], str]) -> None:
        self.of, self.term = of, term
        self.lines: list[str] = []
        self.unused: list[str] = []
        steps: list[Any] = []
        reduced = eliminate(term, lambda *step: steps.append(step))
        (_, renamed), *steps = steps
        self.bound, self.factors = list(renamed.bound), list(renamed.factors)
        self.names = of.scope(self.bound, names)
        self._dropped = 0
        self._order = list(range(len(self.factors)))
        self._images: list[AnyIndex] | None = None
        self.start = self._before = self.text()
        order, places, self.key = arranged(reduced, names)
        self.sizes = reduced.sizes
        deltas = [step for step in steps if step[0] in DELTAS]
        if deltas:
            self._eliminate(deltas, lemma, order if len(deltas) == len(steps) else None)
        self._take(steps[len(deltas):])
        self._sort(order)
        self._arrange(places)

    def _take(self, steps):
        for step, *about in steps:
            getattr(self, f"_{step}")(*about)

    def _eliminate(self, steps, lemma, order):
        """Take the steps about deltas on deltas alone, all other factors one unknown function G.

        If these are all steps there are, also bring the sums into their `order` there.
        """
        bound, start = self.bound[:], self.factors[:]
        others = [f for f in start if not isinstance(f, Delta)]
        if not others:
            self._take(steps)
            return
        # a lemma about deltas is short, and used again where others meet the same ones
        self._order.sort(key=lambda k: not isinstance(start[k], Delta))
        rest = self.of.product(others, self.names)
        given = "".join(f" ({self.of.typed(v, self.names)})" for v in bound)
        function = f"fun{given} => {rest}" if bound else rest
        if self._deltas():
            apart = f"({self.of.product(self._deltas(), self.names)}) * ({rest})"
            self.reach([*under(self._called(bound)), self._group()],
                       self.of.nested(bound, apart, self.names))
        free = sorted(set().union(*map(variables, self._deltas())) - set(bound), key=self.names.get)
        name = self._lemma(steps, free, bound, lemma, order)
        self.lines.append(f"apply: (etrans ({' '.join([name, *self._called(free)])} "
                          f"({function}))).")
        if order is None:
            self._under_all(self.tidy("?mulrA"))
        else:
            self._apart = "cbv beta; rewrite ?mulrA{}; ".format(
                "".join(f" ?({one})" for one in [", ".join(self.of.cancels())] if one))

    def _group(self):
        """The tactic that brings deltas to the front, and takes all others together."""
        deltas, order = len(self._deltas()), [str(k + 1) for k in self._order]
        if self._order == sorted(self._order) and len(order) == deltas + 1:
            # as it is
            return "by []."
        return (f"by rewrite [LHS](ACl (({'*'.join(order[:deltas])})*"
                f"({'*'.join(order[deltas:])}))).")

    def _lemma(self, steps, free, bound, lemma, order):
        """The name of a lemma that takes the steps for any G."""
        self._images, outer, self.lines = list(bound), self.lines, []
        start = self._before = self.text()
        self._take(steps)
        self._sort(order or self.bound)
        type_ = " -> ".join([*map(self.of.type_of, bound), "R"])
        given = "".join(f" ({self.of.typed(v, self.names)})" for v in free)
        says = f"{given} (G_ : {type_}) : {start} = {self.text()} :> R."
        lines, self.lines, self._images = [*self.lines, "by []."], outer, None
        # the text of what comes after is that of no step before
        self._before = ""
        return lemma(says, lines)

    def _deltas(self):
        return [f for f in self.factors if isinstance(f, Delta)]

    def text(self) -> str:
        """The term where it is now, without the numbers in front."""
        if self._images is None:
            body = self.of.product((self.factors[k] for k in self._order), self.names)
        else:
            rest = " ".join(["G_", *map(self._index, self._images)])
            body = " * ".join([*(self.of.factor(f, self.names) for f in self._deltas()), rest])
        body = self.of.nested(self.bound, body, self.names)
        for letter in reversed(self.unused):
            body = f"{self.of.card(letter)} * ({body})"
        return body

    def reach(self, tactics: list[str], text: str = "") -> None:
        """Say where the term is now, and how one comes there."""
        inside = ["congr (_ * _)."] * (len(self.unused) - self._new) + tactics
        text = text or self.text()
        if text != self._before:
            self.lines += [f"transitivity ({text} : R).", *braced(inside)]
            self._before = text

    #: How many of `unused` are so by the step at hand.
    _new = 0
    #: The tactics that write out what other factors than deltas have become.
    _apart = ""

    def _called(self, indices):
        return [self.names[v] for v in indices]

    def _index(self, i):
        return f"({self.of.index(i, self.names)})"

    def _gone(self, k):
        """Leave a factor out."""
        self._order = [j - (j > k) for j in self._order if j != k]
        return self.factors.pop(k)

    def _everywhere(self, places):
        if self._images is not None:
            self._images = [put(i, places) for i in self._images]
        self.factors = [rebuilt(f, lambda i: put(i, places)) for f in self.factors]

    def _under_all(self, tactic):
        self.reach([*under(self._called(self.bound)), tactic])

    def tidy(self, *first: str) -> str:
        """Rewrite, then bijections behind their inverses, deltas of equals and ones go."""
        inverses = self.of.cancels()
        return " ".join(["by rewrite", *first, *([f"?({', '.join(inverses)})"] if inverses else []),
                         "?eqxx ?trueE ?(mulr1, mul1r)."])

    # --- the steps, by their names in `normal` ----------------------------------------------------

    def _same(self, k):
        self._gone(k)
        self._under_all(self.tidy())

    def _injective(self, k):
        f = self.factors[k]
        self.factors[k] = Delta(f.left.at[0], f.right.at[0])
        name = self.of.names[f.left.map]
        one_to_one = f"(can_inj {name}K)" if f.left.map.bijective else f"{name}I"
        self._under_all(self.tidy(f"(inj_eq {one_to_one})"))

    def _put(self, k, x, y):
        i, name, there = self.bound.index(x), self.names[x], self._index(y)
        self._gone(k)
        del self.bound[i]
        self._everywhere({x: y})
        inwards = [f"apply: (etrans (exchange _)); apply: eq_bigr => {one} _."
                   for one in self._called(self.bound[i:])]
        self.reach([
            *under(self._called(self.bound[:i])), *inwards,
            f"apply: (sum_only (a := {there})) => [{name} /negPf ne|]; last {self.tidy()[:-1]}.",
            f"by rewrite ?(eq_sym {there} {name}) ne falseE ?(mulr0, mul0r)."])

    def _move(self, k, x, y):
        lemma = "move_left" if self.factors[k].left == x else "move_right"
        self.factors[k] = Delta(x.at[0], image(x.map.inverse, y))
        name, back = self.of.names[x.map], self.of.names[x.map.inverse]
        self._under_all(self.tidy(
            f"({lemma} {self._index(x.at[0])} {self._index(y)} {name}K {back}K)"))

    def _along(self, v, over, u):
        i = self.bound.index(v)
        self.names = self.of.scope([u], self.names)
        self.bound[i] = u
        self._everywhere({v: Image(over.inverse, (u,))})
        name, back = self.of.names[over], self.of.names[over.inverse]
        self.reach([
            *under(self._called(self.bound[:i])),
            f"apply: (etrans (sum_along _ {name}K {back}K)); apply: eq_bigr => {self.names[u]} _.",
            *under(self._called(self.bound[i + 1:])), self.tidy()])

    def _unused(self, v):
        i = self.bound.index(v)
        if any(v in variables(f) for f in self.factors):
            raise Unwritten("an index that is written and not used, in a proof for Coq")
        del self.bound[i]
        self.unused.append(v.size)
        self._new = 1
        self.reach([*(f"rewrite [RHS]scaled_sum; {one}"
                      for one in under(self._called(self.bound[:i]))), "exact: sum_equal."])
        self._new = 0

    def _alike(self, small, large):
        pair = {small, large}
        self.factors = [f if isinstance(f, Delta) and set(f) == pair
                        else rebuilt(f, lambda i: _swapped(i, large, small))
                        for f in self.factors]
        self._under_all(
            f"case: (eqVneq {self._index(large)} {self._index(small)}) => [e|_]; "
            "[by rewrite ?e | by rewrite falseE ?(mulr0, mul0r) ?(mulr0, mul0r)].")

    def _once(self, k):
        f = self._gone(k - self._dropped)
        self._dropped += 1
        if isinstance(f, Delta) and f.left == f.right:
            self._under_all(self.tidy())
            return
        flip, truth = "", self.of.factor(f, self.names).removesuffix("%:R")
        if isinstance(f, Delta):
            flip = f"rewrite ?(eq_sym {self._index(f.right)} {self._index(f.left)}); "
        self._under_all(f"by {flip}case: {truth}; rewrite ?trueE ?falseE ?(mulr1, mul1r) "
                        "?(mulr0, mul0r).")

    # --- the order --------------------------------------------------------------------------------

    def _sort(self, order):
        """Bring the sums into this order."""
        for i, v in enumerate(order):
            j = self.bound.index(v)
            if j == i:
                continue
            del self.bound[j]
            self.bound.insert(i, v)
            self.reach([*under(self._called(self.bound[:i])), "symmetry.", *(
                f"apply: (etrans (exchange _)); apply: eq_bigr => {one} _."
                for one in self._called(self.bound[i + 1:j + 1])), "by []."])

    def _arrange(self, places):
        """Bring the factors into canonical order."""
        tactic = f"{self._apart}by []."
        if places != self._order:
            now = [str(self._order.index(k) + 1) for k in places]
            tactic = f"{self._apart}by rewrite [LHS](ACl ({'*'.join(now)}))."
        self._order = places
        self._under_all(tactic)
        self.factors = [self.factors[k] for k in places]
        self._order = list(range(len(places)))


def _swapped(i, old, new):
    if i == old:
        return new
    return i if isinstance(i, Index) else image(i.map, *(_swapped(j, old, new) for j in i.at))
