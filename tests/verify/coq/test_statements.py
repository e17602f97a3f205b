"""What a theorem says: all of it, and nothing that depends on what ran before."""

from pathlib import Path

import pytest

from cnnmat.verify.coq.names import Names, local
from cnnmat.verify.coq.scripts import proof
from cnnmat.verify.coq.statements import Equality, Statement
from cnnmat.verify.coq.theorems import theorems
from cnnmat.verify.sums.indices import Index, Map, affine, form, fresh, image, reverse
from cnnmat.verify.sums.polynomials import frozen
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
    reciprocal,
)
from tests.verify.coq.claims import lecture

I, J = Index("i", "N"), Index("j", "N")
X, BIT = Tensor("x", ("N",)), Tensor("b", ("N",), binary=True)
F = Function("f")


def size(power, coefficient=1):
    return IndexSum([Term(number(1).terms[0].coefficient * coefficient, (("N", power),), (), ())])


def statement(left, right, *free):
    return Statement(Equality(free, left, right))


def test_a_theorem_says_both_sides_with_all_their_deltas():
    one, = theorems(lecture.claims["1257"])
    assert one.statement.given == """\
Variables (R : comRingType) (P S M : finType).
Variable (inι : P -> S -> bool).
Variable (ι : P -> S -> M).
Variable (w : S -> R)."""
    assert one.statement.theorem == """\
Theorem equal (m : M) (p : P) :
  (\\sum_(p_2 : P) \\sum_(s : S) (inι p_2 s)%:R * (ι p_2 s == m)%:R * (p_2 == p)%:R * w s) =
  (\\sum_(p_2 : P) \\sum_(s : S) (inι p_2 s)%:R * (ι p_2 s == m)%:R * w s * (p_2 == p)%:R) :> R."""


def test_what_functions_are_applied_to_is_defined():
    one, = theorems(lecture.claims["1158"])
    assert "Variable (f : R -> R)." in one.statement.given
    assert one.statement.given.endswith(
        "Definition arg1 (p : P) : R :=\n  (\\sum_(s : S) H s p * w s) - theta.")
    assert one.statement.theorem == "Theorem equal (p : P) :\n  f (arg1 p) =\n  f (arg1 p) :> R."


def test_a_functional_takes_a_finite_function_and_a_bijection_has_its_inverse_beside_it():
    one, = theorems(lecture.claims["1203"])
    lines = one.statement.given.splitlines()
    assert "Variable (pool' : P' -> P -> {ffun P -> R} -> R)." in lines
    assert "Hypothesis τK : cancel τ τ_inv." in lines
    assert "Hypothesis τ_invK : cancel τ_inv τ." in lines
    assert "[ffun p : P => y (τ p)]" in one.statement.given


def test_every_part_and_every_case_of_a_claim_is_a_theorem():
    assert [one.name for one in theorems(lecture.claims["1204"])] == ["eq_1204", "eq_1204_2"]
    assert [one.name for one in theorems(lecture.claims["1275"])] == ["eq_1275_1", "eq_1275_2"]


def test_numbers_and_sizes_in_front_of_sums():
    e = size(1, 2) * size(-2) * entry(X, I) / 3 - size(1)
    one = statement(e - number(1), IndexSum(), I)
    assert one.theorem == ("Theorem equal (n : N) :\n"
                           "  2%:R * inv_3 * N_inv * (x n) - #|N|%:R - 1 =\n  0 :> R.")
    assert "Hypothesis inv_3K : 3%:R * inv_3 = 1." in one.given
    assert "Hypothesis N_invK : #|N|%:R * N_inv = 1." in one.given


def test_a_first_term_with_a_minus_sign_is_taken_as_a_whole():
    one = statement(-(size(1) * entry(X, I)), size(0) * number(-2), I)
    assert one.theorem.splitlines()[1:] == ["  - (#|N|%:R * (x n)) =", "  - (2%:R) :> R."]


def test_a_reciprocal_is_any_function():
    one = statement(reciprocal(entry(X, I)), reciprocal(entry(X, I)), I)
    assert "Variable (reciprocal : R -> R)." in one.given


def test_a_reversal_is_its_own_inverse():
    one = statement(entry(X, reverse(I)), entry(X, reverse(I)), I)
    assert "Hypothesis reverseNK : cancel reverseN reverseN." in one.given
    assert "_inv" not in one.given


def test_the_inverse_of_a_bijection_alone_comes_with_the_bijection():
    back = Map("τ", ("N",), "N", bijective=True).inverse
    one = statement(entry(X, image(back, I)), entry(X, image(back, I)), I)
    assert one.theorem.splitlines()[1] == "  x (τ_inv n) ="
    assert "Variable (τ : N -> N)." in one.given


def test_a_parameter_that_is_not_written_is_no_parameter():
    closure = Closure([I, J], [], entry(X, J))
    one = statement(apply(F, closure), apply(F, closure), I, J)
    assert "Definition arg1 (n : N) : R :=\n  x n." in one.given
    assert one.theorem.splitlines()[1] == "  f (arg1 n_2) ="


def test_two_definitions_with_one_text_are_one():
    one = statement(applied(F, entry(X, I)), applied(F, entry(X, J)), I, J)
    assert one.given.count("Definition") == 1


@pytest.mark.parametrize(("wanted", "taken", "name"), [
    ("P'", (), "P'"), ("τ", (), "τ"), ("P°", (), "P_"), ("|region|", (), "_region_"),
    ("0", (), "x0"), ("w", ("w", "w_2"), "w_3")])
def test_names_are_identifiers_that_are_free(wanted, taken, name):
    assert local(wanted, taken.__contains__) == name


def test_no_name_is_a_word_of_coq_or_the_ring():
    names = Names()
    assert [names.new(word) for word in ("R", "in", "fun", "S", "R")] == [
        "R_2", "in_2", "fun_2", "S", "R_3"]


@pytest.mark.parametrize("id", list(lecture.claims))
def test_a_key_does_not_depend_on_what_ran_before(id):
    first = [one.statement.key for one in theorems(lecture.claims[id])]
    for other in lecture.claims.values():
        list(theorems(other))
    for _ in range(7):
        fresh("N")
    assert [one.statement.key for one in theorems(lecture.claims[id])] == first


def test_another_right_side_has_another_key():
    keys = {statement(entry(X, I), right, I).key
            for right in (entry(X, I), entry(X, I) * 2, entry(BIT, I))}
    assert len(keys) == 3


def not_written():
    two = Map("v", ("N", "N"), "N", injective=True)
    pool = Closure([], [I, J], entry(X, I))
    twice = affine("N", form((), [(I, frozen({(): 2}))]))
    return {"sums and multiples of indices": entry(X, twice),
            "several axes": apply(Function("pool"), pool),
            "an injective map of several indices": entry(X, image(two, I, J))}


@pytest.mark.parametrize(("why", "e"), not_written().items())
def test_what_cannot_be_written_says_so(why, e):
    with pytest.raises(Outside, match=why):
        statement(e, e, I, J)


def test_sides_that_differ_have_no_proof():
    with pytest.raises(Outside, match="different normal forms"):
        proof(statement(entry(X, I), entry(X, I) * 2, I))
    with pytest.raises(Outside, match="different normal forms"):
        proof(statement(entry(X, I), delta(I, J), I, J))


def test_nothing_of_the_lemmas_is_said_in_a_theorem():
    """What is proved can be read without the file of lemmas."""
    lemmas = Path(__file__).parents[3].joinpath("cnnmat/verify/coq/Sums.v").read_text()
    defined = [line.split()[1] for line in lemmas.splitlines()
               if line.startswith(("Definition", "Fixpoint"))]
    assert defined == ["comb", "count", "alike"]
    for claim in lecture.claims.values():
        for one in theorems(claim):
            words = (one.statement.given + one.statement.theorem).split()
            assert not set(defined) & set(words)
