"""The verdict is found by the run: each one, and that nothing wrong passes."""

import re
from dataclasses import replace
from fractions import Fraction
from importlib import import_module

import numpy as np
import pytest

from cnnmat import Network, Partition, Regions
from cnnmat.derivations import LECTURES
from cnnmat.drawing import Blocks
from cnnmat.textbook import correlation, feedforward, pooling
from cnnmat.verify.claims import KINDS, VERDICTS, Claim, Lecture, Sides
from cnnmat.verify.comparing import agree
from cnnmat.verify.entries import Draw
from cnnmat.verify.judge import run
from cnnmat.verify.orders import Order

SHIPPED = {f"{slug} {claim.id}": claim for slug in LECTURES
           for claim in import_module(f"cnnmat.derivations.{slug}").lecture.claims.values()
           if not claim.real}


def result_of(function, **fields):
    """What running `function` as a claim finds out."""
    lecture = Lecture("own", "An own lecture")
    lecture.claim("1.1", "identity", "A line", "a=b", **fields)(function)
    return run(lecture.claims["1.1"])


def square_of_sum(e, **forms):
    """(a + b)² and its near miss, with a² + b² where `forms` says so."""
    a, b = e.symbols("a"), e.symbols("b")
    right, wrong = a**2 + 2 * a * b + b**2, a**2 + b**2
    forms = {k: {True: right, False: wrong}[v] for k, v in forms.items()}
    return Sides(truth=(a + b) * (a + b), wrong={"minus": right - 4 * a * b}, **forms)


# --- each verdict comes out of a run ------------------------------------------------------


def test_holds():
    found = result_of(lambda e: square_of_sum(e, printed=True))
    assert (found.verdict, found.as_expected, found.counterexample) == ("holds", True, None)
    assert found.controls == {"minus": True}
    assert found.evidence == [{"method": "polynomial identity, exact", "shapes": {},
                               "covers": "all values, at these shapes"}]


def test_misprint():
    found = result_of(lambda e: square_of_sum(e, printed=False, corrected=True), expect="misprint")
    assert (found.verdict, found.as_expected) == ("misprint", True)
    assert found.counterexample["text"] == "a = 1, b = 1: printed 2, truth 4"


def test_scan():
    found = result_of(lambda e: square_of_sum(e, printed=False, corrected=True, elsewhere=True),
                      expect="scan")
    assert (found.verdict, found.as_expected) == ("scan", True)


def test_elsewhere_must_have_the_corrected_form():
    found = result_of(lambda e: square_of_sum(e, printed=False, corrected=True, elsewhere=False),
                      expect="scan")
    assert (found.verdict, found.as_expected) == ("misprint", False)


def test_ambiguous():
    def claim(e):
        a = e.symbols("a")
        return Sides(truth=a, readings={"one": a, "other": -a}, wrong={"twice": 2 * a})

    found = result_of(claim, expect="ambiguous", cites={"one": "p. 1", "other": "p. 2"})
    assert (found.verdict, found.as_expected) == ("ambiguous", True)
    assert found.readings == {"one": True, "other": False}
    assert found.counterexample["reading"] == "other"


@pytest.mark.parametrize(("second", "verdict"), [(1, "holds"), (-1, "ambiguous")])
def test_readings_that_all_agree_are_no_ambiguity(second, verdict):
    def claim(e):
        a = e.symbols("a")
        return Sides(truth=a, readings={"one": a, "other": second * a}, wrong={"twice": 2 * a})

    found = result_of(claim, expect="ambiguous", cites={"one": "p. 1", "other": "p. 2"})
    assert found.verdict == verdict


def test_readings_that_all_fail():
    def claim(e):
        a = e.symbols("a")
        return Sides(truth=a, readings={"one": 3 * a, "other": -a}, wrong={"twice": 2 * a})

    assert result_of(claim, expect="ambiguous").verdict == "fails"


def test_fails():
    found = result_of(lambda e: square_of_sum(e, printed=False))
    assert (found.verdict, found.as_expected) == ("fails", False)
    assert found.message == "expected holds, found fails"


def test_fails_when_the_correction_is_wrong_too():
    found = result_of(lambda e: square_of_sum(e, printed=False, corrected=False),
                      expect="misprint")
    assert found.verdict == "fails"


def test_error_when_the_claim_cannot_be_run():
    def claim(e):
        raise KeyError("lost")

    found = result_of(claim)
    assert (found.verdict, found.as_expected) == ("error", False)
    line = claim.__code__.co_firstlineno + 1
    assert found.message == f"KeyError: 'lost' (test_claims.py, line {line})"


def test_error_when_a_control_is_not_rejected():
    def claim(e):
        a = e.symbols("a")
        return Sides(truth=a, printed=a, wrong={"same thing": a + 0, "sign": -a})

    found = result_of(claim)
    assert (found.verdict, found.as_expected) == ("error", False)
    assert found.message == "control not rejected: same thing"
    assert found.controls == {"same thing": False, "sign": True}


def test_error_when_there_is_no_control():
    def claim(e):
        a = e.symbols("a")
        return Sides(truth=a, printed=a)

    assert result_of(claim).message == "the claim has no negative control"
    assert result_of(claim).verdict == "error"
    assert result_of(claim, no_control="a name").verdict == "holds"


@pytest.mark.parametrize("expect", [
    v for v in VERDICTS if v not in ("holds", "defines", "not run")])
def test_another_verdict_than_expected_is_not_as_expected(expect):
    found = result_of(lambda e: square_of_sum(e, printed=True), expect=expect)
    assert (found.verdict, found.as_expected) == ("holds", False)
    assert found.message == f"expected {expect}, found holds"


def test_one_case_that_fails_is_enough():
    def claim(e, n):
        x = e.symbols("x")
        return Sides(truth=x**n, printed=n * x ** (n - 1) + x - 1 if n < 2 else x,
                     corrected=x**n, wrong={"zero": x * 0})

    found = result_of(claim, cases=[{"n": 1}, {"n": 2}], expect="misprint")
    assert found.verdict == "misprint"
    assert found.counterexample["shapes"] == {"n": "2"}
    assert [e["shapes"] for e in found.evidence] == [{"n": "1"}, {"n": "2"}]


def test_a_control_needs_one_case_to_be_rejected():
    """Some slips are invisible at the smallest shapes."""
    def claim(e, n):
        x = e.symbols("x", n)
        return Sides(truth=x.sum(), printed=x.sum(), wrong={"first only": x[0]})

    assert result_of(claim, cases=[{"n": 1}]).verdict == "error"
    assert result_of(claim, cases=[{"n": 1}, {"n": 2}]).verdict == "holds"


def test_sizes_that_do_not_conform_disagree():
    def claim(e):
        A, x = e.symbols("A", 2, 3), e.symbols("x", 2)
        return Sides(truth=A.T @ x, printed=lambda: A @ x, corrected=lambda: A.T @ x,
                     wrong={"the wrong order": lambda: x @ A.T, "a sign": -(A.T @ x)})

    found = result_of(claim, expect="misprint")
    assert found.verdict == "misprint"
    assert found.controls == {"the wrong order": True, "a sign": True}
    assert found.counterexample["text"].startswith("sizes do not conform")


def test_another_mistake_in_a_side_is_an_error_of_the_claim():
    def claim(e):
        def printed():
            raise ValueError("that has nothing to do with sizes")

        return Sides(truth=1, printed=printed, wrong={"two": 2})

    assert result_of(claim).verdict == "error"


def test_more_symbols_than_fit_enlarge_the_ring():
    def claim(e):
        x = e.symbols("x", 40)
        return Sides(truth=sum(x.tolist()), printed=x.sum(), wrong={"one less": x[1:].sum()})

    assert result_of(claim).verdict == "holds"


# --- agreement --------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "truth", "agrees"), [
    (1, 1, True), (1, 2, False), (10**17, 10**17 + 1, False),
    (Fraction(1, 3), Fraction(2, 6), True), (1.0 + 1e-13, 1.0, True),
    (1.0 + 1e-11, 1.0, False), (0.1 + 0.2, 0.3, True),
    ([1e-13, 1.0], [0.0, 1.0], True), ([1e-11, 1.0], [0.0, 1.0], False),
    ([1e-7, 1e6], [0.0, 1e6], True), ([1e-5, 1e6], [0.0, 1e6], False), (1e-300, 0.0, False),
    (0.0, 0.0, True), (float("nan"), 1.0, False), (1.0, float("nan"), False),
    (float("inf"), 1.0, False), (float("nan"), float("nan"), False),
    ([1, 2], [1, 2], True), ([1, 2], [[1, 2]], False), ([1, 2], [1, 2, 3], False),
    (([1, 2], [3]), ([1, 2], [3]), True), (([1, 2], [3]), ([1], [2, 3]), False),
    (np.array([[1, 0]]), [[1, 0]], True), (np.array([1, 2]), np.array([1, 2]), True),
    (np.array([1, 2]), np.array([1, 3]), False), (np.array([1, 2]), np.array([[1, 2]]), False),
    (np.eye(2), [[1, 0], [0, 1]], True), (np.int8(3), 3, True), (True, 1, True),
])
def test_agree(side, truth, agrees):
    assert agree(side, truth) is agrees


def test_sparse_arrays_agree_by_their_entries():
    matrix = Partition([[0, 1], [1, -1]], 2).matrix
    assert agree(matrix, [[1, 0], [0, 1], [0, 1], [0, 0]])
    assert not agree(matrix.T, matrix)


# --- entries --------------------------------------------------------------------------------------


def drawn(id="1.1", lecture="own"):
    e = Draw(Claim(lecture, id, "identity", "", "", None), Order.drawn(32))
    return e.integers(50).tolist(), e.floats(50).tolist()


def test_random_entries_are_the_same_in_every_run_and_others_in_every_claim():
    assert drawn() == drawn()
    assert drawn()[0] != drawn(id="1.2")[0]
    assert drawn()[1] != drawn(lecture="other")[1]


def test_whole_numbers_lie_within_their_bounds_and_reach_them():
    e = Draw(Claim("own", "1.1", "identity", "", "", None), Order.drawn(32))
    numbers = e.integers(1000, low=-2, high=3)
    assert (numbers.min(), numbers.max(), numbers.dtype) == (-2, 3, np.int64)


def test_evidence_says_what_was_drawn():
    def symbolic(e):
        f, x = e.activation(), e.symbols("x")
        return Sides(truth=f(x), printed=f(x), wrong={"f' for f": f.derivative(x)})

    evidence = result_of(symbolic, covers="x not zero").evidence[0]
    assert evidence["method"] == (
        "symbols for the values of f and f', polynomial identity, exact")
    assert evidence["covers"] == (
        "all values, at these shapes, every differentiable f; x not zero")

    def numeric(e):
        x = e.floats(3)
        return Sides(truth=x, printed=x * (1 + 1e-14), wrong={"sign": -x})

    assert result_of(numeric).evidence[0]["covers"] == "the values tried, at these shapes"
    counted = result_of(lambda e: Sides(truth=6, printed=6, wrong={"five": 5})).evidence[0]
    assert counted["method"] == "recomputed, exact"
    assert counted["covers"] == "the numbers printed"


def test_a_counterexample_gives_numbers_at_which_the_sides_differ():
    def claim(e):
        x = e.symbols("x", 2, 2)
        return Sides(truth=x, printed=x.T, corrected=x.copy(), wrong={"sign": -x})

    found = result_of(claim, expect="misprint").counterexample
    k, l = found["entry"]
    assert k != l
    at = found["at"]
    assert (int(found["printed"]), int(found["truth"])) == (
        at.get(f"x[{l}, {k}]", 0), at.get(f"x[{k}, {l}]", 0))
    assert found["printed"] != found["truth"]
    assert found["text"].endswith(
        f"entry [{k}, {l}]: printed {found['printed']}, truth {found['truth']}")


def test_a_counterexample_of_shapes():
    found = result_of(lambda e: Sides(truth=[1, 2], printed=[1], wrong={"none": [0, 0]}))
    assert found.counterexample["text"] == "printed has shape (1,), truth has shape (2,)"


def test_claims_with_a_root_are_decided_in_the_field():
    def claim(e):
        x, root = e.symbols("x", 2), e.root()
        t = root((x**2).sum())

        def norm(y):
            return root(y[0] * y[0] + y[1] * y[1])

        return Sides(truth=e.gradient(norm, x), printed=x / t, wrong={"factor 2": 2 * x / t})

    assert result_of(claim, rational=True).verdict == "holds"


# --- registering -------------------------------------------------------------------------------


@pytest.mark.parametrize(("fields", "message"), [
    ({"kind": "guess"}, "kind must be one of definition, identity, .* got 'guess'"),
    ({"expect": "fails"},
     "expect must be one of holds, misprint, ambiguous, scan, defines, not run, got 'fails'"),
    ({"id": "1.1"}, "id must be new in the lecture, got '1.1' a second time"),
])
def test_bad_fields_are_refused(fields, message):
    lecture = Lecture("own", "An own lecture")
    lecture.claim("1.1", "identity", "A line", "a=b")(square_of_sum)
    fields = {"id": "1.2", "kind": "identity", "title": "", "formula": ""} | fields
    with pytest.raises(ValueError, match=message):
        lecture.claim(**fields)(square_of_sum)


@pytest.mark.parametrize("value", [3, ("a", 1), None, b"text", ["1.2"]])
@pytest.mark.parametrize("name", ["id", "kind", "title", "formula", "expect", "corrected_formula",
                                  "reason", "covers", "no_control"])
def test_what_is_a_text_must_be_one(name, value):
    fields = {"id": "1.2", "kind": "identity", "title": "", "formula": ""} | {name: value}
    message = f"{name} must be of type str, got {value!r}"
    with pytest.raises(TypeError, match=f"^{re.escape(message)}$"):
        Lecture("own", "Own").claim(**fields)(square_of_sum)


@pytest.mark.parametrize(("make", "message"), [
    (lambda: Lecture(3, "A title"), "slug must be of type str, got 3"),
    (lambda: Lecture("own", None), "title must be of type str, got None"),
    (lambda: Lecture("own", "Own").remark(3, "text"), "place must be of type str, got 3"),
    (lambda: Lecture("own", "Own").remark("page 3", 4), "text must be of type str, got 4"),
    (lambda: Sides(1, wrong={("a", 1): 2}), r"a name in wrong must be of type str, got \('a', 1\)"),
    (lambda: Sides(1, readings={3: 2}), "a name in readings must be of type str, got 3"),
    (lambda: Sides(1, show=[[1]]), r"show must be of type dict, got \[\[1\]\]"),
    (lambda: Claim("own", "1", "identity", "", "", None, real=1), "real must be of type bool"),
])
def test_what_a_lecture_is_made_of_has_its_type(make, message):
    with pytest.raises(TypeError, match=message):
        make()


@pytest.mark.parametrize("slug", ["", "two words", "Upper", "a/b", "ä"])
def test_bad_slugs_are_refused(slug):
    with pytest.raises(ValueError, match="slug must be of a-z, 0-9, - and _, got"):
        Lecture(slug, "A title")


def test_blocks_tell_where_the_lines_stand():
    plain = Blocks(np.arange(8).reshape(4, 2), rows=2, columns=[1, 1]).plain()
    assert plain == {"rows": [["0", "1"], ["2", "3"], ["4", "5"], ["6", "7"]],
                     "row_lines": [2], "column_lines": [1]}
    assert Blocks([1, 2]).plain() == {"rows": [["1"], ["2"]], "row_lines": [], "column_lines": []}


# --- the lectures that ship --------------------------------------------------------------------


#: Of the claims every so many are run here, by the package; `every_claim` has them all, by the
#: command.
STEP = 16
SWAPPED = [key for key, claim in SHIPPED.items() if claim.expect in ("misprint", "scan")]


def is_as_expected(found, claim):
    """What a claim's row of the report must hold."""
    assert found["verdict"] == found["expected"] == claim.expect, found["message"]
    assert found["control"]["rejected"] or claim.no_control
    assert found["evidence"]
    assert found["kind"] in KINDS
    assert (found["counterexample"] is None) == (found["verdict"] == "holds")
    assert bool(found["corrected"]) >= (found["verdict"] in ("misprint", "scan"))
    assert bool(found["reason"]) >= (found["verdict"] != "holds")


@pytest.mark.parametrize("key", list(SHIPPED)[::STEP])
def test_shipped_claim_comes_out_as_expected_with_its_control_rejected(key):
    is_as_expected(run(SHIPPED[key]).to_json(), SHIPPED[key])


@pytest.mark.parametrize("key", SWAPPED[::STEP])
def test_printed_and_corrected_swapped_is_not_as_expected(key):
    assert not run(SHIPPED[key], swap=True).as_expected


def test_some_of_every_lecture_are_among_them():
    assert {key.split()[0] for key in list(SHIPPED)[::STEP]} == set(LECTURES)


def negated(function):
    return lambda *args, **kwargs: -function(*args, **kwargs)


def reversed_last(function):
    return lambda *args, **kwargs: function(*args, **kwargs)[..., ::-1]


#: What is broken and how, a claim that notices, and the first of its cases that alone rejects
#: all of its near misses and notices too.
SLIPS = {
    "the sign of V^(d,d',c+1)": (correlation, "hadamard", negated, "47.1257", 1),
    "the sign of V^(d,d',c+1) in the listing": (correlation, "weight_matrix", negated,
                                                "47.1275/delta_c", 0),
    "a window read backwards": (Partition, "columns", reversed_last, "47.1158", 1),
    "a window sent back backwards": (Partition, "scatter", reversed_last, "47.1275/short", 1),
    "T for its transpose": (Regions, "permute_sharp", lambda _: Regions.permute,
                            "47.1275/delta_C", 2),
    "1/N left out": (Network, "dW_c", lambda f: lambda self, p, forward, c, delta: f(
        self, p, forward, c, delta) * len(forward.y), "47.1275/W_c", 1),
    "the sign of the bias": (feedforward, "dtheta", negated, "47.1275/end-n", 1),
    "the mean's weight": (pooling.Mean, "weights", lambda f: lambda self, regions, exact: f(
        self, regions, exact) * 0 + Fraction(1, regions.P), "47.1196a", 0),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_a_slip_in_what_ships_makes_a_claim_fail(slip, monkeypatch):
    owner, name, broken, id, case = SLIPS[slip]
    claim = SHIPPED[f"sayed {id}"]
    claim = replace(claim, cases=claim.cases[case:case + 1])
    assert run(claim).as_expected
    monkeypatch.setattr(owner, name, broken(getattr(owner, name)))
    assert not run(claim).as_expected


def test_json_of_a_result_is_of_plain_types():
    found = result_of(lambda e: square_of_sum(e, printed=False, corrected=True), expect="misprint",
                      corrected_formula="c", reason="r").to_json()
    assert found["control"] == {"wrong": "minus", "rejected": True}
    assert (found["as_printed"], found["corrected"], found["reason"]) == ("a=b", "c", "r")
    assert isinstance(found["control"]["rejected"], bool)
    assert found["counterexample"]["entry"] == []


@pytest.mark.parametrize(("corrected", "said"), [
    (5, "the corrected form fails too"), (None, "no corrected form is given")])
def test_a_misprint_without_a_right_correction_says_so(corrected, said):
    lecture = Lecture("mine", "Mine")

    @lecture.claim("1", "example", "a sum", "1+1=3", expect="misprint")
    def total(e):
        return Sides(truth=2, printed=3, corrected=corrected, wrong={"zero": 0})

    found = run(lecture.claims["1"])
    assert (found.verdict, found.as_expected) == ("fails", False)
    assert said in found.message
