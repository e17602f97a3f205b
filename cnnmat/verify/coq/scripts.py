"""Proof scripts for statements: both sides are brought to their normal forms, step by step.

Every step states the sum that it comes to, and is proved by one lemma of ``Sums.v``: the kernel
sees to it that the step is right, whatever the script says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnmat.verify.coq.names import Unwritten
from cnnmat.verify.coq.statements import Statement, parts
from cnnmat.verify.coq.steps import Reduction, braced, under
from cnnmat.verify.sums.indices import Index, put
from cnnmat.verify.sums.terms import Delta, IndexSum, rebuilt, substitute

__all__ = ["proof"]


def proof(statement: Statement) -> tuple[str, str, str, str]:
    """The statement with its proof: what is given, lemmas, the theorem, its script.

    Raises
    ------
    Unwritten
        If its sides have different normal forms, or are made equal by a step that has no lemma.
    """
    script, e = _Script(statement), statement.equality
    lines = script.equal(e.left, e.right, statement.free)
    return (statement.given, "\n".join(script.lemmas), statement.theorem,
            "\n".join(["Proof.", *lines, "Qed."]))


class _Script:
    """The proof of an equality, and the lemmas about what functions are applied to."""

    def __init__(self, of: Statement) -> None:
        self.of = of
        self.lemmas: list[str] = []
        self._deltas: dict[str, str] = {}
        self._known: dict[tuple[str, str], tuple[str, list[str]]] = {}

    def equal(self, left: IndexSum, right: IndexSum, names: Mapping[Index, str]) -> list[str]:
        """The lines that prove left = right."""
        sides = [[Reduction(self.of, t, names, self._about_deltas) for t in e.terms]
                 for e in (left, right)]
        atoms: dict[Any, Reduction] = {}
        for one in (*sides[0], *sides[1]):
            atoms.setdefault(one.key, one)
        if _gathered(sides[0]) != _gathered(sides[1]):
            raise Unwritten("sides with different normal forms")
        places = {key: k for k, key in enumerate(atoms)}
        texts = {key: self._atom(one) for key, one in atoms.items()}
        known: dict[str, str] = {}
        lines = [f"pose addends := nth (0 : R) [:: {'; '.join(texts.values())}]."]
        for side, e, which in zip(sides, (left, right), ("left", "right"), strict=True):
            found = []
            for one in side:
                says = (f"{self.of.addend(one.term, names)} = "
                        f"({_coefficient(one)})%:~R * ({texts[one.key]}) :> R.")
                if says not in known:
                    known[says] = f"addend{len(known) + 1}"
                    lines += [f"have {known[says]} : {says}",
                              *braced(self._multiple(one, atoms[one.key]))]
                found.append((known[says], places[one.key], _coefficient(one)))
            lines += self._combined(which, self.of.sum(e, names), found)
        return [*lines, "apply: (etrans left_side (etrans _ (esym right_side))).",
                f"by apply: (@combs_alike _ _ {len(atoms)})."]

    @staticmethod
    def _combined(which, text, found):
        """The lines that prove that a side is a combination of the atoms."""
        proof_ = "erefl"
        for k, (name, place, _) in enumerate(found):
            at = f"(x := addends) (k := {place}%N)"
            proof_ = f"comb_more {at} ({proof_}) {name}" if k else f"comb_one {at} {name}"
        listed = "; ".join(f"({c}, {place}%N)" for _, place, c in reversed(found))
        return [f"have {which}_side : {text} = comb addends [:: {listed}] :> R.",
                f"{{ exact: ({proof_}). }}"]

    def _about_deltas(self, says, lines):
        """The name of a lemma, which may be old."""
        if says not in self._deltas:
            name = self._deltas[says] = self.of.globals.new(f"deltas{len(self._deltas) + 1}")
            self.lemmas += [f"Lemma {name}{says}", "Proof.", *lines, "Qed."]
        return self._deltas[says]

    # --- one addend -----------------------------------------------------------------------------

    def _multiple(self, one, atom):
        """The lines that prove that an addend is a multiple of its atom."""
        if one is not atom:
            self._as(one, atom)
        body = self._sums(atom)
        if (self.of.scalars(one.term), one.unused, self._monomial(atom)) == ([], [], []) and (
                one.term.coefficient > 0):
            return ["rewrite oneE mul1r.", *one.lines, "by []."]
        reduce = [f"have body : {one.start} = {one.text()} :> R.", *braced([*one.lines, "by []."]),
                  "rewrite body {body}."] if one.lines else []
        # so that no step looks for sizes in it
        hide = [f"move: ({body} : R) => rest_."] if atom.factors else []
        return [*reduce, *hide, *self._scalars(one, atom)]

    def _atom(self, one):
        """The text of an atom: sizes, and the sums without unused ones."""
        return " * ".join([*self._monomial(one), f"({self._sums(one)})"])

    def _sums(self, one):
        return self.of.nested(one.bound, self.of.product(one.factors, one.names), one.names)

    def _monomial(self, one):
        return self.of.scalars(one.term._replace(
            coefficient=one.term.coefficient / one.term.coefficient.numerator, sizes=one.sizes))

    def _as(self, one, atom):
        """Let a term in its normal form be written as its atom is."""
        renaming = dict(zip(atom.bound, one.bound, strict=True))
        wanted = [rebuilt(f, lambda i: put(i, renaming)) for f in atom.factors]
        rules = []
        for have, want in zip(one.factors, wanted, strict=True):
            if self.of.factor(have, one.names) == self.of.factor(want, one.names):
                continue
            rules.append(self._flip(have, one) if isinstance(have, Delta)
                         else self._lemma(have, want, one.names))
        if rules:
            one.factors = wanted
            rewriting = " ".join(dict.fromkeys(rules))
            one.reach([*under(one.names[v] for v in one.bound), f"by rewrite {rewriting}."])

    def _flip(self, have, one):
        return "(eq_sym {} {})".format(*(f"({self.of.index(i, one.names)})" for i in have))

    def _scalars(self, one, atom):
        """The lines that prove that sizes times b are other sizes times b."""
        have = self.of.scalars(one.term) + [self.of.card(letter) for letter in one.unused]
        n, negative = abs(one.term.coefficient.numerator), one.term.coefficient < 0
        want = ([f"{n}%:R"] if n != 1 else []) + self._monomial(atom)
        pairs, rest = self._paired(have, want)
        # an atom of sizes alone ends in a factor 1
        lines = ["rewrite ?mulrA." if atom.factors else "rewrite ?mulrA ?mulr1."]
        if negative:
            lines.append("rewrite negE ?mulNr; apply: (congr1 -%R).")
        elif n == 1:
            lines.append("rewrite oneE.")
        lines.append("rewrite ?mul1r.")
        rest += [len(have) + 1] if atom.factors else []
        order = "*".join([*(f"({i}*{j})" for i, j, _ in pairs), *map(str, rest)])
        if order != "*".join(str(k + 1) for k in range(len(rest))):
            lines.append(f"rewrite [LHS](ACl ({order})){' /=' if pairs else ''}.")
        return [*lines, *(f"rewrite {known} mul1r." for *_, known in pairs), "by []."]

    def _paired(self, have, want):
        """Places of what is 1 together, by which hypothesis; places of the others, as wanted."""
        left, pairs = dict(enumerate(have, 1)), []
        for j, text in list(left.items()):
            size, known = self.of.inverses().get(text, (None, None))
            if size in left.values() and have.count(text) > want.count(text):
                i = next(i for i, other in left.items() if other == size)
                pairs.append((i, j, known))
                del left[i], left[j]
        rest = []
        for text in want:
            rest.append(next((k for k, other in left.items() if other == text), None))
            if rest[-1] is None:
                raise Unwritten("fractions that add up to others, in a proof for Coq")
            del left[rest[-1]]
        return pairs, rest

    # --- what functions are applied to ------------------------------------------------------------

    def _lemma(self, f, g, names):
        """The rule by which what a function is applied to is rewritten as something equal."""
        free = list(dict.fromkeys(v for i in (*f.arguments, *g.arguments) for v in parts(i)
                                  if isinstance(v, Index)))
        inner = self.of.scope(free, {})
        have, want = self.of.argument(f, inner), self.of.argument(g, inner)
        back = "-" if (want, have) in self._known else ""
        if not back and (have, want) not in self._known:
            lines = self._same_argument(f, g, inner)
            name = self.of.globals.new(f"same{len(self._known) + 1}")
            self._known[have, want] = name, list(inner.values())
            given = "".join(f" ({self.of.typed(v, inner)})" for v in free)
            self.lemmas += [f"Lemma {name}{given} : {have} = {want}.", "Proof.", *lines, "Qed."]
        name, order = self._known[(want, have) if back else (have, want)]
        called = {inner[v]: names[v] for v in free}
        return f"{back}({' '.join([name, *(called[one] for one in order)])})"

    def _same_argument(self, f, g, names):
        left, right = f.closure.opened(f.arguments), g.closure.opened(g.arguments)
        renaming = dict(zip(right[0], left[0], strict=True))
        right = substitute(right[1], renaming)
        inner = self.of.scope(left[0], names)
        unfold = " ".join(f"/{self.of.defined(one.closure)[0]}" for one in (f, g))
        cancels = self.of.cancels()
        tidy = f" ?({', '.join(cancels)})" if cancels else ""
        enter = [f"apply/ffunP => {inner[v]}." for v in left[0]]
        ffun = " !ffunE" if left[0] else ""
        return [*enter, f"rewrite {unfold}{ffun}{tidy}.", *self.equal(left[1], right, inner)]


def _gathered(side):
    """The coefficients of a side by key."""
    found: dict[Any, Any] = {}
    for one in side:
        found[one.key] = found.get(one.key, 0) + one.term.coefficient
    return {key: c for key, c in found.items() if c}


def _coefficient(one):
    """The numerator of a term's coefficient as an integer of Coq."""
    n = one.term.coefficient.numerator
    return f"Posz {n}" if n > 0 else f"Negz {-n - 1}"
