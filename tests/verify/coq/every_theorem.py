"""coqc on all that can be exported, on random sums, and on theorems that are wrong (5 minutes)."""

import subprocess

import pytest

from cnnmat.verify.comparing import evaluate
from cnnmat.verify.coq.exporting import Exported, Rejected, accepted, lemmas, written
from cnnmat.verify.coq.kernel import recorded
from cnnmat.verify.coq.sides import equalities
from cnnmat.verify.coq.statements import Equality, Statement
from cnnmat.verify.coq.theorems import Theorem, file_of, theorems
from cnnmat.verify.loading import every
from cnnmat.verify.sums.draws import SymbolicDraw
from cnnmat.verify.sums.indices import Index
from cnnmat.verify.sums.proof import Proof, prove, twin
from cnnmat.verify.sums.sizes import Coding, Outside, coding
from cnnmat.verify.sums.terms import IndexSum, renamed, variables
from tests.verify.coq.claims import lecture
from tests.verify.coq.test_scripts import STEPS, I, J, K
from tests.verify.sums.random_sums import Sums

FREE = (Index("a", "A"), Index("a2", "A"), Index("b", "B"))


def checked(folder, found):
    """What the compiler says of theorems in one file."""
    path = folder / "some.v"
    path.write_text(file_of("some", [one.text() for one in found]), encoding="utf-8")
    return accepted(folder, Exported([lemmas(folder), path], {one.name: "" for one in found}))


def test_all_that_can_be_exported_is_accepted_and_is_what_is_recorded(tmp_path):
    found = written(tmp_path, every([]), [])
    accepted(tmp_path, found)
    assert len(found.theorems) > 100
    assert found.theorems == recorded()["theorems"]


def test_every_kind_of_claim_and_every_step_is_accepted(tmp_path):
    found = {one.name: one for claim in lecture.claims.values() for one in theorems(claim)}
    steps = [Theorem(f"step{k}", name, Statement(Equality((I, J, K), left, right)))
             for k, (name, (left, right, _)) in enumerate(STEPS.items())]
    checked(tmp_path, [*found.values(), *steps])


def test_random_sums_are_the_same_in_another_order(tmp_path):
    found = []
    for seed in range(400):
        e = Sums(seed).sum(FREE)
        other = IndexSum(t._replace(factors=t.factors[::-1], bound=t.bound[::-1])
                         for t in map(renamed, e.terms[::-1]))
        try:
            one = Theorem(f"sum{seed}", "", Statement(
                Equality(tuple(sorted(variables(e))), e, other)))
            one.text()
        except Outside:
            continue
        found.append(one)
    assert len(found) > 50
    checked(tmp_path, found)


@pytest.mark.parametrize("id", ["1257", "1204", "1203", "1275"])
def test_a_near_miss_is_rejected_with_the_proof_of_the_right_form(tmp_path, id):
    claim = lecture.claims[id]
    right = next(theorems(claim))
    wrong = Statement(near_miss(claim))
    assert wrong.theorem != right.statement.theorem
    assert set(wrong.given.splitlines()) <= set(right.statement.given.splitlines())
    corrupted = right.text().replace(right.statement.theorem, wrong.theorem)
    assert corrupted != right.text()
    path = tmp_path / "wrong.v"
    path.write_text(file_of("wrong", [corrupted]), encoding="utf-8")
    with pytest.raises(Rejected, match="Error"):
        accepted(tmp_path, Exported([lemmas(tmp_path), path], {"": ""}))


def near_miss(claim):
    """truth = a wrong form of it, of the first entry in which they differ."""
    case = claim.cases[0]
    with coding(Coding()):
        function = twin().file(claim.place[0]).lecture.claims[claim.id].function
        sides = function(SymbolicDraw(twin()), **case)
        wrong, = map(evaluate, sides.wrong.values())
        found = Proof({}, {}, "", "", truth=sides.truth, sides={"wrong": wrong})
        return next(equalities(found))[1]


def test_the_lemmas_use_no_axiom(tmp_path):
    one = lemmas(tmp_path)
    names = [line.split()[1].rstrip(":") for line in one.read_text().splitlines()
             if line.startswith("Lemma")]
    one.write_text(one.read_text() + "".join(f"Print Assumptions {name}.\n" for name in names))
    said = subprocess.run(["coqc", "-w", "none", "Sums.v"], cwd=tmp_path, capture_output=True,
                          text=True, check=True).stdout
    assert said == "Closed under the global context\n" * len(names)


def test_the_claims_beside_hold():
    assert all(prove(claim, case).equal["printed"]
               for claim in lecture.claims.values() for case in claim.cases)
