"""Slips put into formulas: what is changed, and that running the formula tells them apart."""

import pytest

from cnnmat.derivations import LECTURES
from cnnmat.verify import run
from cnnmat.verify.loading import load
from cnnmat.verify.strings import tell_apart
from cnnmat.verify.tex import parse, plain
from cnnmat.verify.tex.slips import slips

#: The only formulas that the first slip of each does not change, and why.
EQUIVALENT = {
    # what is only said to differ differs from what the slip makes of it as well
    "s4b", "47.1248/other-maps",
    # B = 1, so that 2B+1 is 2+1
    "47.1169", "47.1171", "47.1185a", "table47.12/mean",
    # the sizes of both factors are one
    "47.1138/vec-size",
    # a Gaussian mask is symmetric in each direction
    "47.1135/symmetry",
    # the bias has no derivative by a weight, of whatever sign it is
    "eq0.17",
    # of a symmetric mask the transpose is the mask
    "in32h",
    # P(S-1) is more than S-1 as well
    "47.1124/connections",
    # the sign of a term that is 0
    "ce16a", "ce18a",
    # the bias has no derivative by the weights' penalties, whatever their factors are
    "47.1227/bias",
    # what is written out between the ends of a range is not run
    "47.1125",
    # what is done to each entry keeps all sizes: both sides name the same number
    "s71a/size", "s71b/size", "s74a/size",
    # ones times ones are ones, whichever come first
    "47.1274", "47.1275/Theta_c", "47.1276/Theta_c",
}


@pytest.mark.parametrize(("formula", "changed"), [
    ("y=-a", {"a sign dropped: y = a"}),
    (r"y=a\odot b\odot c", {"a factor left out: y = b ⊙ c", "a factor left out: y = a ⊙ c"}),
    (r"y=a\otimes b", {"factors exchanged: y = b ⊗ a"}),
    (r"y=\sum_{k=1}^na_k", {"a range from one later: y = Σ_{k = 2}^{n} a_k",
                            "a range to one earlier: y = Σ_{k = 1}^{n - 1} a_k"}),
    ("y=f'(x)", {"f for f': y = f(x)"}), ("y=2x", {"a factor left out: y = 2",
                                                  "a number left out: y = x"}),
    ("y=x_{c+1}", {"an index: y = x_c"}), ("y_{c+1}=x", set()),
    ("y=a-b,z=A^T", {"a sign: y = a + b, z = Aᵀ", "a transpose dropped: y = a - b, z = A"}),
    ("-A^T", {"a sign dropped: Aᵀ", "a transpose dropped: -A"}),
])
def test_one_place_is_changed_at_a_time_and_not_the_left_side(formula, changed):
    assert {f"{name}: {plain(tree)}" for name, tree in slips(parse(formula))} == changed


def test_at_least_95_of_100_slips_in_formulas_that_are_run_are_told_apart():
    apart, missed = 0, []
    for slug in LECTURES:
        lecture, = load(slug)
        for claim in lecture.claims.values():
            if claim.notation:
                told = tell_apart(claim, most=2)
                apart += len(told["apart"])
                missed += [claim.id] * len(told["missed"])
    assert apart > 300
    assert len(missed) <= 0.05 * (apart + len(missed))
    assert set(missed) <= EQUIVALENT


def test_slips_in_the_formula_are_counted_with_those_in_the_code():
    claim = load("sayed")[0].claims["47.1233"]
    assert "a sign: δ_(L,n) = 2(y_n + γ_n) ⊙ f'(z_n)" in run(claim, slips=True).slips["apart"]
