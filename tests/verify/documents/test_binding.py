"""One language for all lectures: those that ship say their symbols in it, and so does a .tex."""

import pytest

from cnnmat.verify.documents.drawing import Drawn, sizes
from cnnmat.verify.documents.lecturing import read
from cnnmat.verify.documents.symbols import Symbols
from cnnmat.verify.entries import Draw
from cnnmat.verify.loading import load
from cnnmat.verify.orders import Order
from cnnmat.verify.tex import bindings as language
from cnnmat.verify.tex import parse
from tests.verify.documents.lectures import results_of, verdicts

SHIPPED = [(slug, place, one) for slug in ("sayed", "lec14", "martinez", "chaurasia", "mendez")
           for lecture in load(slug) for place, one in enumerate(lecture.notations)]


@pytest.mark.parametrize(("slug", "place", "notation"), SHIPPED,
                         ids=[f"{slug}-{place}" for slug, place, _ in SHIPPED])
def test_the_notation_of_a_shipped_lecture_is_what_a_tex_file_says(slug, place, notation, tmp_path):
    claims = load(slug)[0].claims
    path = tmp_path / "lecture.tex"
    lines = [f"%@ {line}" for line in notation.text.splitlines()]
    equations = [f"\\begin{{equation}}\\tag{{{id}}}{claims[id].statement}\\end{{equation}}"
                 for id in notation.bindings.checks]
    path.write_text("\n".join([*lines, *equations]), encoding="utf-8")
    found = read(str(path)).lines.bindings
    for part in ("ranges", "families", "checks", "first"):
        assert getattr(found, part) == getattr(notation.bindings, part)
    # a line of the text may define one more
    stated = notation.bindings.quantities
    assert {name: found.quantities[name] for name in stated} == stated


def test_a_side_file_says_what_a_comment_would(tmp_path):
    (tmp_path / "lecture.bind").write_text("size n   % a comment\n%@ x : vector n\n  \n% none\n")
    found = results_of(tmp_path, r"\[x^Tx=\|x\|^2\]")
    assert verdicts(found) == {"line 1": "holds"}


def test_a_line_may_go_on_where_it_is_indented(tmp_path):
    found = results_of(tmp_path, "%@ size n;\n%@    m\n%@ A : matrix\n%@   n x m\n\\[A=A+0A\\]")
    assert verdicts(found) == {"line 5": "holds"}


def test_sizes_are_different_and_of_two_kinds_where_none_are_given():
    found = language.read("index l = 0..L\nsize L = 2; m, n; n_l; p_l = 1, 2, 3; q = 2m")
    first, second = sizes(found)
    assert first == {"L": 2, "m": 3, "n": 2, "n_l": [4, 5, 6], "p_l": [1, 2, 3]}
    assert (second["m"], second["n"]) == (2, 4)
    assert sizes(language.read("size m = 3")) == [{"m": 3}]


class Claim:
    lecture, id, rational = "l", "1", False


def drawn(text, precise=False):
    found = language.read(text)
    return Drawn(found, Draw(Claim, Order.drawn(64)), sizes(found)[0], precise)


def test_what_is_drawn_is_drawn_once_and_has_its_name():
    values = drawn("index l = 1..2\nsize m = 3; n_l = 2, 4\nW_l : matrix m x n_l\nentries from 0")
    held = values.value("W_l", (2,))
    assert held.shape == (3, 4)
    assert held is values.value("W_l", (2,))
    assert (str(held[0, 0]), str(held[2, 3])) == ("W₂[1,1]", "W₂[3,4]")


def test_what_is_symmetric_or_positive_is_so():
    values = drawn("size n = 3\nR : matrix n x n, symmetric\np : vector n, positive", precise=True)
    held = values.value("R", ())
    assert (held == held.T).all()
    assert len({repr(one) for one in held.ravel()}) == 6
    assert all(one > 0 for one in values.value("p", ()))


@pytest.mark.parametrize("name", ["q", "L", "n_l"])
def test_what_has_no_value_is_told(name):
    values = drawn("index l = 1..2\nsize n_l = 2, 4\nq : vector\nL : list")
    with pytest.raises(LookupError):
        values.value(name, (3,) if name == "n_l" else ())


@pytest.mark.parametrize(("formula", "unbound", "is_real", "divides"), [
    ("Ax=b", ["b"], False, False), ("A^TA=q_i", ["q_i"], False, False),
    (r"\frac{x}{a}=x", [], False, True), (r"\frac{x}{n}=x", [], False, False),
    (r"\exp(x)=x", [], True, False), ("A^{-1}=A", [], True, True), ("z=x", [], True, False),
    (r"\|x\|=a", [], True, False), (r"\|x\|^2=a", [], False, False), ("g(a)=h(a)", ["h"], False,
                                                                     False),
    (r"\sum_{i=1}^{k}x_i=a", ["k"], False, False), (r"x\in\mathbb{R}^n", [], False, False),
    (r"\nabla_x a=0", [], False, False), (r"a^{1/2}=a", [], False, False),
])
def test_what_a_formula_needs(formula, unbound, is_real, divides):
    symbols = Symbols(language.read(
        "index i = 1..n\nsize n\nA : matrix n x n\nx : vector n\na : number\nz := \\sqrt{a}x\n"
        "g : function"))
    tree = parse(formula)
    assert (symbols.unbound(tree), symbols.is_real(tree), symbols.divides(tree)) == (
        unbound, is_real, divides)
