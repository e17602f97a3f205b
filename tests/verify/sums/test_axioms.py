"""Every operation put in the place of NumPy's and SciPy's has the real one's values."""

import itertools
from fractions import Fraction
from math import prod
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from cnnmat.verify.sums import library
from cnnmat.verify.sums.arrays import SymbolicArray
from cnnmat.verify.sums.calculus import root
from cnnmat.verify.sums.counters import SymbolicIndex
from cnnmat.verify.sums.functions import Pointwise
from cnnmat.verify.sums.indices import Map
from cnnmat.verify.sums.lists import SymbolicList
from cnnmat.verify.sums.making import tensor
from cnnmat.verify.sums.normal import normal
from cnnmat.verify.sums.places import Fibres, Places
from cnnmat.verify.sums.sizes import Coding, Outside, Size, coding, define, expanded, size
from cnnmat.verify.sums.terms import IndexSum, number, substitute
from cnnmat.verify.sums.truths import SymbolicBool
from cnnmat.verify.sums.values import place, value

#: Sizes by letter, two lots; H = P + Q - 1.
SIZES = ({"P": 2, "Q": 3, "R": 2}, {"P": 3, "Q": 1, "R": 4}, {"P": 4, "Q": 2, "R": 1})


class Small:
    """Numbers for the letters and for the entries of tensors."""

    def __init__(self, sizes):
        self.sizes, self.tables = {**sizes, "H": sizes["P"] + sizes["Q"] - 1}, {}
        self.random = np.random.default_rng(7)

    def size(self, letter):
        if letter in self.sizes:
            return self.sizes[letter]
        return sum(c * prod(map(self.size, m)) for m, c in expanded({(letter,): 1}).items())

    def table(self, name, shape):
        if name not in self.tables:
            self.tables[name] = self.random.integers(0 if name == "m" else -9,
                                                     2 if name == "m" else 10, size=shape)
        return self.tables[name]

    def order(self):
        """T of the regions, as a list of the H entries."""
        return np.random.default_rng(3).permutation(self.size("H"))

    def regions(self, kind):
        """The Regions of that order."""
        [*cuts] = range(self.size("Q"), self.size("H"))
        return kind([part.tolist() for part in np.split(self.order(), cuts)], self.size("H"))

    def function(self, function, place, values):
        """1/x, f(z) = z² + 1 with its slope, and what stands for a root."""
        return {"1/": lambda x: 1 / Fraction(x), "root2": lambda x: x + 7,
                "f": lambda x: 2 * x if function.primes else x * x + 1}[function.name](values)

    def entry(self, name, cell):
        return int(self.tables[name][cell])

    def index(self, one, cell):
        n = self.size(one.codomain)
        if not one.domain:
            return n - 1 if one.name == "last" else int(one.name)
        if one.name == "region":
            # the first of P regions holds Q entries, each other one
            return max(0, cell[0] - self.size("Q") + 1)
        if one.name == "τ":
            order = self.order()
            return int((np.argsort(order) if one.inverted else order)[cell[0]])
        assert one.reversal
        return n - 1 - cell[0]


def things(numbers, symbolic):
    """What a case works on: of sizes P x Q, Q x R, P, Q and H, and P x (Q x R)."""
    letters = "PQRH"
    n = {k: numbers.size(k) for k in letters}
    if symbolic:
        n.update((k, size(k)) for k in "PQR")
        n["H"] = define("H", n["P"] + n["Q"] - 1)
    shapes = {"x": "PQ", "y": "QR", "u": "P", "v": "Q", "h": "H", "t": "PQR", "m": "PQ", "s": "PP"}
    arrays = {}
    for name, shape in shapes.items():
        table = numbers.table(name, [numbers.size(k) for k in shape])
        arrays[name] = tensor(name, *(n[k] for k in shape), binary=name == "m") if symbolic else (
            table)
    counts = [numbers.size("Q"), *[1] * (numbers.size("P") - 1)]
    counts, starts = np.array(counts), np.cumsum([0, *counts])[:-1]
    if symbolic:
        counts = starts = Fibres(Map("region", ("H",), "P"))
    return SimpleNamespace(**n, **arrays, rows=lambda a: a.rows() if symbolic else list(a),
                           counts=counts, starts=starts)


def numeric(x, numbers):
    """The array of numbers that a symbolic result is."""
    if isinstance(x, SymbolicList):
        axes = []
        while isinstance(x, SymbolicList):
            axes.append(x.indices)
            x = x.element
        x = SymbolicArray(axes, number(x))
    if isinstance(x, (SymbolicArray, Places)):
        cells = itertools.product(*(range(numbers.size(v.size)) for v in x.digits))
        flat = [_cell(x, numbers, dict(zip(x.digits, cell, strict=True))) for cell in cells]
        return np.array(flat).reshape([_length(axis, numbers) for axis in x.axes])
    if isinstance(x, (IndexSum, Size)):
        return value(number(x), numbers)
    return np.asarray(x)


def _length(axis, numbers):
    return int(np.prod([numbers.size(v.size) for v in axis], dtype=int))


def _cell(x, numbers, at):
    if isinstance(x, SymbolicArray):
        return value(x.entries, numbers, at)
    inside = 1 if x.guard is None else value(x.guard, numbers, at)
    [i] = x.indices
    return place(i, numbers, at) if inside else -1


def pad(n, before, after):
    """The places of n numbers with others around, by a slice."""
    def places(np, d):
        a = np.full(getattr(d, n) + before(d) + after(d), -1)
        a[before(d):before(d) + getattr(d, n)] = np.arange(getattr(d, n))
        return a
    return places


def windows(np, d):
    """P windows of Q of H numbers, as `Windows` reads them."""
    a = np.full((d.H,), -1)
    a[(slice(0, d.H),)] = np.arange(d.H).reshape((d.H,))
    [step] = a.strides
    return np.lib.stride_tricks.as_strided(a, (d.P, d.Q), [1 * step, 1 * step])


def one_a_row_inside(np, sp, d, columns, width):
    """The same, with a row of zeros where columns are -1, as `one_per_row` makes it."""
    inside, starts = columns >= 0, np.zeros(columns.size + 1, dtype=int)
    np.cumsum(inside, dtype=int, out=starts[1:])
    columns_inside = columns[inside]
    return sp.csr_array((np.ones(columns_inside.size, dtype=int), columns_inside, starts),
                        shape=(columns.size, width)).toarray()


def apart(np, d):
    """The places of P numbers, Q apart, with R others behind, by a slice with a step."""
    a = np.full((d.P - 1) * d.Q + 1 + d.R, -1)
    a[0:(d.P - 1) * d.Q + 1:d.Q] = np.arange(d.P)
    return a


def one_a_row(np, sp, d, columns, width):
    rows = columns.size
    return sp.csr_array((np.ones(columns.size, dtype=int), columns, np.arange(rows + 1)),
                        shape=(rows, width)).toarray()


#: name of the axiom -> what is asked of it: (np, scipy.sparse, things) -> a result.
CASES = {
    "numpy.ones": [lambda np, sp, d: np.ones((d.P, d.Q)) * d.x],
    "numpy.zeros": [lambda np, sp, d: np.zeros((d.P, d.Q)) + d.x],
    "numpy.full": [lambda np, sp, d: np.full((d.P, d.Q), 3) * d.x,
                   lambda np, sp, d: pad("Q", lambda d: d.P, lambda d: 1)(np, d)],
    "numpy.lib.stride_tricks.as_strided": [lambda np, sp, d: windows(np, d)],
    "numpy.asarray": [lambda np, sp, d: np.asarray(d.x)],
    "numpy.array": [lambda np, sp, d: np.array(d.x)],
    "numpy.arange": [lambda np, sp, d: np.arange(d.H), lambda np, sp, d: np.arange(d.P)[::-1],
                     lambda np, sp, d: np.arange(0, (d.P - 1) * d.Q + 1, d.Q)],
    "numpy.repeat": [lambda np, sp, d: np.repeat(d.x, d.R, axis=1),
                     lambda np, sp, d: np.repeat(d.u, d.R, axis=0),
                     lambda np, sp, d: np.repeat(d.x.T, d.counts, axis=-1)],
    "numpy.stack": [lambda np, sp, d: np.stack(d.rows(d.x), axis=1)],
    "numpy.concatenate": [lambda np, sp, d: np.concatenate(d.rows(d.t))],
    "numpy.tensordot": [lambda np, sp, d: np.tensordot(d.x, d.y, axes=1)],
    "numpy.broadcast_to": [lambda np, sp, d: np.broadcast_to(d.v, (d.P, d.Q))],
    "numpy.cumsum": [lambda np, sp, d: one_a_row_inside(
        np, sp, d, pad("Q", lambda d: d.P, lambda d: 1)(np, d), d.Q),
                     lambda np, sp, d: one_a_row_inside(np, sp, d, apart(np, d), d.P)],
    "numpy.isfinite": [lambda np, sp, d: bool(np.isfinite(d.x).all())],
    "numpy.isin": [lambda np, sp, d: bool(np.isin(d.m, (0, 1)).all())],
    "numpy.where": [lambda np, sp, d: np.where(np.isfinite(d.x), d.x, 0)],
    "numpy.result_type": [lambda np, sp, d: np.result_type(d.x, np.float64).kind == "f"],
    "numpy.add": [lambda np, sp, d: np.add(2, 3),
                  lambda np, sp, d: np.add.reduceat(d.h, d.starts, axis=-1),
                  lambda np, sp, d: np.add.reduceat(d.u[:, None] * d.h, d.starts, axis=-1)],
    "numpy.eye": [lambda np, sp, d: np.eye(d.P, dtype=int)],
    "numpy.kron": [lambda np, sp, d: np.kron(d.x, d.y)],
    "numpy.ndim": [lambda np, sp, d: np.ndim(d.t)],
    "numpy.shape": [lambda np, sp, d: np.ones(np.shape(d.x[::-1])) * d.x],
    "numpy.ones_like": [lambda np, sp, d: np.ones_like(d.x)],
    "scipy.sparse.csr_array": [
        lambda np, sp, d: one_a_row(np, sp, d, np.arange(d.P)[::-1], d.P),
        lambda np, sp, d: one_a_row(np, sp, d, windows(np, d).reshape(-1), d.H)],
    "scipy.sparse.coo_array": [lambda np, sp, d: sp.coo_array(d.x).toarray()],
    "scipy.sparse.eye_array": [lambda np, sp, d: sp.eye_array(d.P, dtype=int).toarray()],
    "scipy.sparse.kron": [lambda np, sp, d: sp.kron(
        sp.coo_array(d.x), sp.coo_array(d.y), format="csr").toarray()],
    "scipy.sparse.issparse": [lambda np, sp, d: sp.issparse(sp.coo_array(d.x)) > sp.issparse(d.x)],
}

#: What arrays do of themselves.
METHODS = {
    "T": lambda d: d.t.T, "mT": lambda d: d.t.mT, "transpose": lambda d: d.t.transpose((2, 0, 1)),
    "swapaxes": lambda d: d.t.swapaxes(0, -1), "reshape": lambda d: d.t.reshape(d.P * d.Q, d.R),
    "reshape -1": lambda d: d.t.reshape(d.P, -1), "and back": lambda d: d.t.reshape(-1).reshape(
        d.P, d.Q * d.R), "ravel": lambda d: d.t.ravel(),
    "sum": lambda d: d.t.sum(), "sum of an axis": lambda d: d.t.sum(axis=1),
    "sum of two": lambda d: d.t.sum(axis=(-1, 0)),
    "sum of the last": lambda d: d.t.sum(axis=-1), "keepdims": lambda d: d.t.sum(
        axis=1, keepdims=True) * d.t, "plus": lambda d: d.x + d.v, "minus": lambda d: d.x - d.v,
    "from the left": lambda d: 3 - d.x, "product": lambda d: d.t * d.y, "negative": lambda d: -d.x,
    "power": lambda d: d.x**3, "divided": lambda d: d.x * 6 / d.P,
    "outer": lambda d: d.u[:, None] * d.v, "matrix times matrix": lambda d: d.x @ d.y,
    "matrix times vector": lambda d: d.x @ d.v, "vector times matrix": lambda d: d.u @ d.x,
    "inner": lambda d: d.u @ d.u, "batch": lambda d: d.t @ d.y.T, "of many": lambda d: d.s @ d.x,
    "reversed": lambda d: d.x[::-1], "both reversed": lambda d: d.t[
        :, ::-1, ::-1], "first": lambda d: d.x[0], "last": lambda d: d.x[-1],
    "ellipsis": lambda d: d.t[..., 0], "new axis": lambda d: d.x[None] + d.t.T[0].T * 0,
    "a part": lambda d: d.h[d.Q - 1:], "a part in front": lambda d: d.h[:d.P],
    "in steps": lambda d: d.t.reshape(-1)[::d.R], "flat reversed": lambda d: d.t.reshape(-1)[::-1],
}


def agree(real, symbolic):
    for sizes in SIZES:
        numbers = Small(sizes)
        with coding(Coding()):
            want = np.asarray(real(things(numbers, symbolic=False)))
            have = numeric(symbolic(things(numbers, symbolic=True)), numbers)
        assert np.shape(have) == want.shape
        assert np.array_equal(np.asarray(have, dtype=float), want.astype(float)), (have, want)


def ours():
    modules = library.modules()
    return modules["numpy"], modules["scipy.sparse"]


@pytest.mark.parametrize(("name", "k"), [(name, k) for name, cases in CASES.items()
                                         for k in range(len(cases))])
def test_an_axiom_has_the_values_of_the_real_operation(name, k):
    case = CASES[name][k]
    agree(lambda d: case(np, sparse, d), lambda d: case(*ours(), d))


@pytest.mark.parametrize("name", METHODS)
def test_arrays_do_what_numpys_do(name):
    agree(METHODS[name], METHODS[name])


def test_every_axiom_is_in_the_table():
    assert set(CASES) == set(library.AXIOMS)
    assert all(CASES.values())


# what running counts return is not looked at: see below
@pytest.mark.parametrize("name", sorted(set(CASES) - {"numpy.cumsum"}))
def test_an_axiom_that_says_something_else_is_noticed(name, monkeypatch):
    right = library.AXIOMS[name]

    def wrong(*args, **options):
        found = right(*args, **options)
        if isinstance(found, Places):
            return found[::-1] if found.indices else None
        if isinstance(found, (bool, np.dtype)) or name.endswith("isfinite"):
            return None
        return found.laid(found.axes, found.entries + 1) if isinstance(
            found, SymbolicArray) else None

    monkeypatch.setitem(library.AXIOMS, name, wrong)
    noticed = 0
    for case in CASES[name]:
        try:
            agree(lambda d, case=case: case(np, sparse, d), lambda d, case=case: case(*ours(), d))
        except Exception:
            noticed += 1
    assert noticed == len(CASES[name])


def counted_twice(inside, *args, out=None, **options):
    inside.places.guard = 2 * inside.places.guard
    return library.cumsum(inside, *args, out=out, **options)


class OneMore(library.Ufunc):
    """Sums over regions that are one too large."""

    def reduceat(self, a, starts, axis=-1):
        return super().reduceat(a, starts, axis=axis) + 1


@pytest.mark.parametrize(("name", "wrong", "k"), [
    ("numpy.cumsum", counted_twice, 0), ("numpy.cumsum", counted_twice, 1),
    ("numpy.add", OneMore(np.add), 1), ("numpy.add", OneMore(np.add), 2)])
def test_another_value_of_running_counts_and_of_sums_over_regions_is_noticed(
        name, wrong, k, monkeypatch):
    monkeypatch.setitem(library.AXIOMS, name, wrong)
    with pytest.raises(AssertionError):
        agree(lambda d: CASES[name][k](np, sparse, d), lambda d: CASES[name][k](*ours(), d))


def test_row_starts_of_other_rows_are_refused():
    with coding(Coding()):
        np_, sp = ours()
        d = things(Small(SIZES[0]), symbolic=True)
        first, second = (pad("Q", lambda d: d.P, lambda d: 1)(np_, d) for _ in range(2))
        starts = np_.zeros(first.size + 1, dtype=int)
        np_.cumsum(first >= 0, out=starts[1:])
        columns = second[second >= 0]
        with pytest.raises(Outside, match="columns and row starts of different rows"):
            sp.csr_array((np_.ones(columns.size), columns, starts), shape=(second.size, d.Q))


def test_a_list_of_two_arrays_is_refused_rather_than_made_an_array_of_objects():
    with coding(Coding()):
        d = things(Small(SIZES[0]), symbolic=True)
        for join in (ours()[0].stack, ours()[0].concatenate):
            with pytest.raises(Outside, match="of 2 arrays, where lists over a size can be"):
                join([d.x, d.m])


def test_entries_are_not_compared_but_for_roots_which_are_not_0():
    with coding(Coding()) as code:
        d = things(Small(SIZES[0]), symbolic=True)
        for compared in (lambda x: x == 0, lambda x: x != 0, lambda x: x < 0):
            with pytest.raises(Outside, match="a comparison of entries"):
                compared(d.x)
        roots = Pointwise(root(2))(d.x)
        with pytest.raises(Outside, match="a comparison of entries"):
            roots == 1  # noqa: B015
        assert not code.assumptions
        same = ours()[0].where(roots == 0, 1, roots)
        assert normal(same.entries - substitute(roots.entries, dict(
            zip(roots.digits, same.digits, strict=True)))) == {}
        assert code.assumptions == ["no root is 0"]
        with pytest.raises(Outside, match="by the values of entries"):
            ours()[0].where(SymbolicBool(d.m.entries), d.x, 0)


def test_lists_read_what_arrays_hold():
    for sizes in SIZES:
        numbers = Small(sizes)
        with coding(Coding()):
            d = things(numbers, symbolic=True)
            [v] = d.h.axes[0]
            i = SymbolicIndex([v])
            rows = SymbolicList([v], d.h.tolist()[d.H - 1 - i])
            assert np.array_equal(numeric(rows, numbers), numbers.tables["h"][::-1])
