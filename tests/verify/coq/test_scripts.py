"""Each step of the normal form has its lemma; that the lemmas fit is for coqc to say."""

from fractions import Fraction

import pytest

from cnnmat.verify.coq.scripts import proof
from cnnmat.verify.coq.statements import Equality, Statement
from cnnmat.verify.coq.theorems import theorems
from cnnmat.verify.sums.indices import Index, Map, image
from cnnmat.verify.sums.sizes import Outside
from cnnmat.verify.sums.terms import (
    Closure,
    Function,
    IndexSum,
    Tensor,
    Term,
    applied,
    apply,
    delta,
    entry,
    number,
)
from tests.verify.coq.claims import lecture

I, J, K, L = (Index(name, "N") for name in "ijkl")
X, Y, BIT = Tensor("x", ("N",)), Tensor("y", ("N", "N")), Tensor("b", ("N",), binary=True)
F, POOL = Function("f"), Function("pool")
TAU = Map("τ", ("N",), "N", bijective=True)
ONE, A, B = Map("g", ("N",), "N", injective=True), Map("a", ("N",), "N"), Map("c", ("N",), "N")


def at(map, i):
    return image(map, i)


def x(i):
    return entry(X, i)


def scaled(e, **powers):
    return IndexSum([Term(t.coefficient, tuple(powers.items()), t.bound, t.factors)
                     for t in e.terms])


def script(left, right, *free):
    _, lemmas, _, lines = proof(Statement(Equality(free, left, right)))
    return lemmas, lines


STEPS = {
    "the sum over a delta": (
        (delta(I, J) * x(J)).sum(J), x(I), "apply: (sum_only (a := (n))) => [n_4 /negPf ne|]"),
    "deltas alone": ((delta(I, J) * delta(J, K)).sum(J), delta(I, K), "sum_only (a := (n))"),
    "a delta that has come to be of the same": (
        delta(I, J) * delta(at(A, I), at(A, J)) * x(I), delta(I, J) * x(I), "eqVneq (n_2) (n)"),
    "a delta of the same": (delta(I, I) * x(I), x(I), "?eqxx ?trueE"),
    "an injective map": (
        delta(at(ONE, I), at(ONE, J)) * x(I), delta(I, J) * x(J), "(inj_eq gI)"),
    "a bijection on both sides": (
        delta(at(TAU, I), at(TAU, J)) * x(I), delta(I, J) * x(I), "(inj_eq (can_inj τK))"),
    "a bijection on the left": (
        (delta(at(TAU, J), I) * x(J)).sum(J), x(at(TAU.inverse, I)),
        "(move_left (n_4) (n) τK τ_invK)"),
    "a bijection on the right": (
        (delta(at(A, I), at(TAU, J)) * x(J)).sum(J), x(at(TAU.inverse, at(A, I))),
        "(move_right (n_4) (a n) τK τ_invK)"),
    "another index": (x(at(TAU, J)).sum(J), x(J).sum(J), "(etrans (sum_along _ τK τ_invK))"),
    "a sum over nothing": (
        x(J).sum(J, K), scaled(x(J).sum(J), N=1),
        "rewrite [RHS]scaled_sum; apply: eq_bigr => n_4 _."),
    "a factor that is 0 or 1": (
        entry(BIT, I) * entry(BIT, I), entry(BIT, I), "by case: (b n); rewrite"),
    "a delta twice": (
        delta(at(A, I), at(B, J)) * delta(at(B, J), at(A, I)), delta(at(A, I), at(B, J)),
        "rewrite ?(eq_sym (a n) (c n_2)); case: (c n_2 == a n)"),
    "what is equal": (
        delta(at(A, I), J) * x(at(A, I)), delta(at(A, I), J) * x(J),
        "case: (eqVneq (a n) (n_2)) => [e|_]"),
    "the order of sums": (
        (entry(Y, J, K) * x(J)).sum(J, K), (entry(Y, J, K) * x(J)).sum(K, J),
        "apply: (etrans (exchange _)); apply: eq_bigr =>"),
    "the order of factors": (x(I) * entry(BIT, I), entry(BIT, I) * x(I), "[LHS](ACl (2*1))"),
    "an index that is spelled": (delta(at(A, I), at(B, J)), delta(at(B, J), at(A, I)), "eq_sym"),
    "addends that cancel": (
        x(I) * x(J) - x(J) * x(I), number(0), "exact: (erefl)"),
    "equal addends": (
        x(I) + x(I), 2 * x(I),
        "comb addends [:: (Posz 1, 0%N); (Posz 1, 0%N)]"),
    "sizes that cancel": (
        scaled(x(I).sum(J), N=-1), x(I), "rewrite [LHS](ACl ((2*1)*3)) /=."),
    "a number": (-(2 * number(1)), number(-2), "rewrite negE ?mulNr; apply: (congr1 -%R)."),
}


@pytest.mark.parametrize(("left", "right", "tactic"), STEPS.values(), ids=STEPS)
def test_each_step_has_its_lemma(left, right, tactic):
    lemmas, lines = script(left, right, I, J, K)
    assert tactic in lemmas + lines


def test_deltas_go_in_a_lemma_that_is_used_again():
    def term(e):
        return (delta(I, K) * delta(at(TAU, L), J) * e).sum(K, L)

    lemmas, lines = script(term(x(K) * x(L)) + term(entry(Y, K, L)),
                           entry(Y, I, at(TAU.inverse, J)) + x(I) * x(at(TAU.inverse, J)), I, J)
    assert lemmas.count("Lemma deltas") == 1
    assert "(G_ : N -> N -> R)" in lemmas
    assert lines.count("deltas1") == 2


def test_the_sums_are_sorted_by_the_lemma_too():
    lemmas, _ = script((delta(I, K) * entry(Y, K, J) * entry(Y, J, L)).sum(K, J, L),
                       (entry(Y, I, J) * entry(Y, J, L)).sum(L, J), I)
    assert "sum_only" in lemmas


def test_what_functions_are_applied_to_is_equal_by_a_lemma_which_works_in_both_directions():
    one = applied(F, (delta(I, J) * x(J)).sum(J))
    lemmas, lines = script(one - applied(F, x(I)) * 2, one * 3 - one * 2 - applied(F, x(I)) * 2, I)
    assert lemmas.count("Lemma same") == 1
    other = apply(F, Closure([I], [], (delta(I, J) * x(J)).sum(J)))
    _, lines = script(one * x(I) + entry(BIT, I) * applied(F, x(I)),
                      applied(F, x(I)) * x(I) + entry(BIT, I) * other, I)
    assert "by rewrite (same1 n)." in lines
    assert "by rewrite -(same1 n)." in lines


def test_what_a_functional_takes_is_equal_entry_by_entry():
    def pooled(body):
        return apply(POOL, Closure([], [J], body))

    lemmas, _ = script(pooled(x(at(TAU.inverse, at(TAU, J)))), pooled((delta(J, K) * x(K)).sum(K)))
    assert "apply/ffunP => n.\nrewrite /arg2 /arg1 !ffunE." in lemmas


def test_a_bijection_behind_its_inverse_goes_where_a_definition_is_unfolded():
    inner = Closure([I], [], x(at(TAU, I)))
    lemmas, _ = script(apply(F, inner, arguments=[at(TAU.inverse, I)]), applied(F, x(I)), I)
    assert "rewrite /arg2 /arg1 ?(τK, τ_invK)." in lemmas


def test_steps_without_a_lemma_are_refused():
    half = Closure([I, J], [], x(I) * (delta(J, K)).sum(K))
    unused = apply(F, half, arguments=[I, J]).sum(J)
    with pytest.raises(Outside, match="not used"):
        script(unused, unused, I)
    half = x(I).scaled(Fraction(1, 2))
    with pytest.raises(Outside, match="fractions that add up to others"):
        script(half + half, x(I), I)


def test_a_theorem_is_a_module_with_its_claim_above_it():
    one, _ = theorems(lecture.claims["1204"])
    lines = one.text().splitlines()
    assert lines[:3] == ["(* 1204, printed: permute# undoes permute, and both *)",
                         "Module eq_1204.", "Section Statement."]
    assert lines[-3:] == ["End Statement.", "End eq_1204.", "Print Assumptions eq_1204.equal."]
