"""Every public function on every kind of number: the right value, or an error that says which."""

import importlib
import inspect
import pkgutil
import re
from fractions import Fraction

import numpy as np
import pytest
from scipy import sparse

import cnnmat.textbook
from cnnmat.drawing import Drawable
from tests.values.rows import REGIONS, ROWS

TEXTBOOK = [m.name for m in pkgutil.iter_modules(cnnmat.textbook.__path__)]
MODULES = {**{name: f"cnnmat.textbook.{name}" for name in TEXTBOOK},
           **{f"layers.{name}": f"cnnmat.layers.{name}"
              for name in ("correlation", "pooling", "operators")}}
#: Public things without a row, and why.
WITHOUT = {
    "vec.reversed_identity": "a size", "windows.Windows": "sizes",
    "partition.Partition": "indices", "partition.Partition.blocks": "no argument",
    "regions.Regions": "indices", "regions.Regions.blocks": "no argument",
    "regions.Regions.singletons": "a size", "regions.Regions.fold": "inner",
    "regions.Regions.spread": "inner",
    "masks.box": "sizes", "masks.gaussian": "numbers", "masks.laplacian": "no argument",
    "masks.prewitt": "no argument", "masks.sharpen": "no argument", "masks.sobel": "no argument",
    "masks.unit": "sizes", "activations.Activation": "functions",
    "activations.activation": "a name", "pooling.pooling": "a name", "risks.risk": "a name",
    "risks.RISKS": "has the risks below",
    "subsampling.average": "sizes", "subsampling.padding": "sizes",
    "subsampling.subsampling": "sizes", "signals.Stage": "objects",
    "signals.Parameters": "a container", "signals.Parameters.arrays": "no argument",
    "signals.Parameters.map": "a function", "signals.Forward": "a container",
    "signals.Backward": "a container", "jacobians.jacobians": "by Network.jacobians",
    "network.Network": "objects", "network.Network.initial": "a seed",
    "network.Network.shapes": "no argument", "checkpoints.Training": "a container",
    "checkpoints.load": "a path", "checkpoints.save": "a path", "training.order": "numbers",
}
#: The lines of (47.1275), which `backward` runs.
LINES = {"delta_output", "delta_feedforward", "back_to_maps", "delta_correlation",
         "back_through_masks", "dW_c", "dTheta_c", "dW_l", "dtheta_l"}


def methods(one):
    """Names of the public methods that a class defines, and of what makes it callable."""
    special = {"__call__", "__matmul__"}
    for name, value in vars(one).items():
        if isinstance(value, (classmethod, staticmethod)):
            value = value.__func__
        if inspect.isfunction(value) and (not name.startswith("_") or name in special) and (
                name not in vars(Drawable)):
            yield name


def public():
    """All public names: module.name, and module.class.method."""
    for short, path in MODULES.items():
        module = importlib.import_module(path)
        for name in module.__all__:
            value = getattr(module, name)
            if getattr(value, "__module__", path) != path:
                continue
            yield f"{short}.{name}"
            if inspect.isclass(value):
                yield from (f"{short}.{name}.{method}" for method in methods(value))


def described():
    return {name.split(" ")[0].removesuffix(".__call__") for name in ROWS}


def test_every_public_function_has_a_row_or_a_reason():
    found = {name for name in public() if name.rsplit(".", 1)[-1] not in LINES}
    # a pooling and a risk are called; their gradients stand in the row "... gradient"
    found = {name for name in found
             if not name.endswith((".__call__", ".gradient_vectors", ".weights"))}
    assert found - described() - WITHOUT.keys() == set()
    assert described() & WITHOUT.keys() == set()
    assert (described() | WITHOUT.keys()) - found == set()


# --- numbers of every kind --------------------------------------------------------------------

INTEGERS = [np.bool_, np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32,
            np.uint64, np.dtype(">i2"), np.dtype(">i8"), np.dtype(">u4")]
FLOATS = [np.float16, np.float32, np.float64, np.longdouble, np.dtype(">f8"), np.dtype(">f4")]
DTYPES = [np.dtype(one) for one in (*INTEGERS, *FLOATS)]


def drawn(row, dtype, seed=0):
    """The arrays of a row, of `dtype`, entries large enough to leave a narrow type."""
    rng = np.random.default_rng([seed, *map(ord, "".join(row.shapes))])
    dtype, found = np.dtype(dtype), {}
    for name, shape in row.shapes.items():
        a = rng.integers(60, 121, shape)
        if row.draw == "any" and dtype.kind not in "bu":
            a *= rng.choice([-1, 1], shape)
        if row.draw == "far":
            a = rng.integers(0, 9, shape)
        if row.draw == "unit":
            a = rng.integers(1, 2, shape) if dtype.kind in "biu" else rng.integers(1, 9, shape) / 8
        if dtype.kind == "b":
            a = rng.integers(0, 2, shape) if row.draw == "any" else np.ones(shape)
        found[name] = a.astype(dtype)
    return found


def exactly(a):
    """`a` with Python's own numbers: ints, and fractions for floats."""
    if a.dtype.kind == "f":
        return np.array([Fraction(float(q)) for q in a.ravel()], dtype=object).reshape(a.shape)
    return a.astype(int if a.dtype.kind == "b" else a.dtype).astype(object)


def parts(result):
    """A result as a list of arrays."""
    if isinstance(result, (tuple, list)):
        return [a for one in result for a in parts(one)]
    return [result.toarray() if sparse.issparse(result) else np.asarray(result)]


def epsilon(*dtypes):
    """Of the coarsest type in which something may have been computed."""
    narrow = any(one.kind == "f" and one.itemsize <= 4 for one in dtypes)
    return float(np.finfo(np.float32 if narrow else np.float64).eps)


def require_right(row, have, want, *dtypes):
    have, want = parts(have), parts(want)
    assert len(have) == len(want)
    whole = all(one.kind in "biu" for one in dtypes)
    for ours, truth in zip(have, want, strict=True):
        assert ours.shape == truth.shape
        if whole and not row.real:
            assert ours.dtype == np.int64
            assert ours.tolist() == truth.tolist()
            continue
        assert ours.dtype.kind == "f"
        assert not whole or ours.dtype == np.float64
        ours, truth = ours.astype(np.longdouble), truth.astype(np.longdouble)
        differ = ours != truth
        error, size = abs(ours[differ] - truth[differ]), abs(truth[np.isfinite(truth)])
        bound = row.rtol * epsilon(*dtypes) * size.max(initial=0)
        assert (error <= bound + np.finfo(np.float32).tiny).all()


def called(row, given):
    """The result, after a look at whether the arrays stayed as they were."""
    before = {name: a.copy() for name, a in given.items()}
    result = row.call(**given)
    for name, a in given.items():
        assert a.dtype == before[name].dtype
        assert a.tobytes() == before[name].tobytes()
    return result


def found_wrong(check, cases):
    """What `check` finds wrong with each of the cases."""
    wrong = []
    for case in cases:
        try:
            check(case)
        except Exception as error:
            wrong.append(f"{case}: {type(error).__name__}: {error}")
    return wrong


def require_named(row, names, call):
    """That `call` raises a TypeError or a ValueError, and no other, which names an argument."""
    with pytest.raises((TypeError, ValueError)) as caught:
        call()
    assert type(caught.value) in (TypeError, ValueError), type(caught.value)
    said = "|".join(re.escape(row.names.get(one, one)) for one in names)
    assert re.search(rf"(?<!\w)({said})(?!\w)", str(caught.value)), str(caught.value)


@pytest.mark.parametrize("name", ROWS)
def test_right_on_numbers_of_any_type(name):
    row = ROWS[name]

    def check(dtype):
        given = drawn(row, dtype)
        if row.draw == "label" and dtype.kind == "f":
            return require_named(row, ["labels"], lambda: row.call(**given))
        want = row.truth(**{one: exactly(a) for one, a in given.items()})
        require_right(row, called(row, given), want, dtype)
        for a in given.values():
            a.setflags(write=False)
        require_right(row, row.call(**given), want, dtype)
        if dtype in (np.int64, np.float64):
            lists = {one: a.tolist() for one, a in given.items()}
            require_right(row, row.call(**lists), want, dtype)
        return None

    assert found_wrong(check, DTYPES) == []


PAIRS = [("uint64", "int64"), ("int64", "uint64"), ("uint8", "float32"), ("float32", "uint8"),
         ("bool", "float16"), ("float16", "int8"), ("float16", "float64"), ("uint8", "int8"),
         ("int32", "float32"), ("longdouble", "float32")]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items()
                                  if len(row.shapes) > 1 and not row.apart])
def test_right_on_numbers_of_two_types(name):
    row = ROWS[name]

    def check(pair):
        given = {one: drawn(row, pair[k % 2])[one] for k, one in enumerate(row.shapes)}
        want = row.truth(**{one: exactly(a) for one, a in given.items()})
        require_right(row, called(row, given), want, *map(np.dtype, pair))

    assert found_wrong(check, PAIRS) == []


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.exact])
def test_exact_entries_stay_exact(name):
    """Fractions, whole numbers beyond int64, and NumPy's among objects, which would wrap."""
    row = ROWS[name]
    for make in (lambda n: Fraction(n, 7), lambda n: n * 2**70, np.int8):
        given = {one: np.frompyfunc(lambda n, make=make: make(int(n)), 1, 1)(a)
                 for one, a in drawn(row, np.int64).items()}
        plain = {one: np.frompyfunc(lambda n: n if isinstance(n, Fraction) else int(n), 1, 1)(a)
                 for one, a in given.items()}
        have, want = parts(row.call(**given)), parts(row.truth(**plain))
        assert [a.tolist() for a in have] == [a.tolist() for a in want]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row.draw == "any"])
def test_integers_of_four_digits_are_not_too_large(name):
    """A bound that is too careful refuses what fits."""
    row = ROWS[name]
    for one in row.shapes:
        given = drawn(row, np.int64)
        given[one] = np.where(given[one] % 2 == 0, given[one], np.int64(-1234))
        want = row.truth(**{n: exactly(a) for n, a in given.items()})
        require_right(row, row.call(**given), want, np.dtype(np.int64))


@pytest.mark.parametrize("name", [name for name, row in ROWS.items()
                                  if row.draw == "any" and not row.by_hand])
def test_integers_that_just_lead_beyond_int64_are_refused(name):
    """All entries alike, so that sums come to what a bound must allow for."""
    row = ROWS[name]

    def check(one):
        given = {n: np.full(shape, 100) for n, shape in row.shapes.items()}
        top = max(int(np.max(abs(a))) for a in parts(row.truth(**{
            n: exactly(a) for n, a in given.items()})))
        given[one] *= min(2**63 // max(top, 1) + 1, 2**56)
        want = row.truth(**{n: exactly(a) for n, a in given.items()})
        try:
            have = row.call(**given)
        except ValueError:
            return require_named(row, [*row.shapes, "parameters"], lambda: row.call(**given))
        return require_right(row, have, want, np.dtype(np.int64))

    assert found_wrong(check, row.shapes) == []


def test_products_over_regions_are_right_or_refused():
    y = [2, 3, 5, 7, -11]
    assert REGIONS.reduce(np.multiply, y).tolist() == [6, -385]
    assert REGIONS.reduce(np.subtract, y).tolist() == [-1, 9]
    for ufunc in (np.multiply, np.add, np.subtract):
        with pytest.raises(ValueError, match=r"y_o must be so small that the result stays below"):
            REGIONS.reduce(ufunc, [2**62, 3, 1, 1, 1])
    assert REGIONS.reduce(np.maximum, [2**62, 3, 1, 1, -2**63]).tolist() == [2**62, 1]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if not row.by_hand])
def test_integers_too_large_are_refused_or_right(name):
    row = ROWS[name]

    def check(case):
        one, large = case
        given = drawn(row, np.int64)
        given[one] = np.where(given[one] % 2 == 0, given[one], np.int64(large))
        try:
            have = row.call(**given)
        except Exception:
            return require_named(row, [*row.shapes, "parameters"], lambda: row.call(**given))
        want = row.truth(**{n: exactly(a) for n, a in given.items()})
        return require_right(row, have, want, np.dtype(np.int64))

    cases = [(one, large) for one in row.shapes
             for large in (2**31, 2**40, 2**62, 2**63 - 1, -2**63)]
    assert found_wrong(check, cases) == []


#: Where infinity has a finite limit, is below all else, or is not looked at.
WITHOUT_TRACE = {
    *(name for name in ROWS if name.startswith("activations.")), "layers.pooling.pool max",
    *(f"layers.pooling.pool_backward {kind}" for kind in ("sum", "mean", "max"))}


@pytest.mark.parametrize("name", ROWS)
def test_nan_and_infinity_are_refused_by_name_or_come_out(name):
    row = ROWS[name]

    def check(case):
        one, special = case
        given = drawn(row, np.float64)
        given[one] = given[one].copy()
        given[one].flat[0] = special
        with np.errstate(invalid="ignore", over="ignore"):
            try:
                have = row.call(**given)
            except Exception:
                return require_named(row, [one, "parameters"], lambda: row.call(**given))
        finite = all(np.isfinite(a).all() for a in parts(have))
        return require(name in WITHOUT_TRACE or not finite, "all came out finite")

    cases = [(one, special) for one in row.shapes for special in (np.nan, np.inf, -np.inf)]
    assert found_wrong(check, cases) == []


def require(condition, message):
    assert condition, message


# --- what is no number ------------------------------------------------------------------------

def hidden(a):
    return np.ma.array(a, mask=np.arange(a.size).reshape(a.shape) == 0)


NEVER = {
    "complex": lambda a: a.astype(complex), "text": lambda a: a.astype(str),
    "one text": lambda a: "text", "dict": lambda a: {"a": a}, "bytes": lambda a: a.astype("S3"),
    "dates": lambda a: a.astype("M8[D]"), "spans of time": lambda a: a.astype("m8[s]"),
    "masked": hidden, "a list with a masked row": lambda a: [hidden(a)] * 2,
    "objects of text": lambda a: a.astype(str).astype(object),
    "objects of None": lambda a: np.full(a.shape, None), "ragged": lambda a: [[1, 2], [3]],
    "structured": lambda a: np.zeros(a.shape, [("a", float)]),
    "beyond int64": lambda a: np.full(a.shape, 2**63, np.uint64),
    "NaN among objects": lambda a: np.full(a.shape, float("nan"), dtype=object),
    "None": lambda a: None, "sparse": lambda a: sparse.csr_array(np.ones((2, 2))),
}
#: Where one of these is something.
MATRICES = ("vec.apply", "vec.kron", "vec.hadamard", "subsampling.both_sides")
OPTIONAL = "b"


@pytest.mark.parametrize("name", ROWS)
def test_what_is_no_number_is_refused_by_name(name):
    row = ROWS[name]

    def check(case):
        one, kind = case
        given = drawn(row, np.int64 if row.draw == "label" else np.float64)
        given[one] = NEVER[kind](given[one])
        require_named(row, [one], lambda: row.call(**given))

    cases = [(one, kind) for one in row.shapes for kind in NEVER
             if (kind, one) != ("None", OPTIONAL) and (kind != "sparse" or name not in MATRICES)]
    assert found_wrong(check, cases) == []


@pytest.mark.parametrize("name", ROWS)
def test_no_entries_or_one_number_are_right_or_refused_by_name(name):
    row = ROWS[name]

    def check(case):
        one, of = case
        given = drawn(row, np.int64 if row.draw == "label" else np.float64)
        given[one] = given[one][..., :0] if of == "none" else given[one].ravel()[0]
        try:
            have = row.call(**given)
        except Exception:
            # it may be the shapes that do not go together
            return require_named(row, row.shapes, lambda: row.call(**given))
        want = row.truth(**{n: exactly(np.asarray(a)) for n, a in given.items()})
        return require_right(row, have, want, np.dtype(int if row.draw == "label" else float))

    cases = [(one, of) for one in row.shapes for of in ("none", "one")]
    assert found_wrong(check, cases) == []
