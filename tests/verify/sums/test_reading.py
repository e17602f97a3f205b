"""What is read again means what it meant."""

import textwrap

import numpy as np
import pytest

from cnnmat import loops
from cnnmat.verify.sums.meanings import BUILTINS
from cnnmat.verify.sums.reading import reread
from cnnmat.verify.sums.sizes import Coding, Outside, coding
from cnnmat.verify.sums.twin import Twin
from tests.verify.sums.test_axioms import SIZES, Small, numeric, things

#: Programs, each a function f of a list of lists of numbers and a number.
PROGRAMS = [
    "return [x * n for row in a for x in row if x > n if x != 3]",
    "return [[x for x in row] for row in a], [x for x, in ((1,), (2,))]",
    "return list(x + y for x, y in zip(a[0], a[1], strict=True))",
    "return sum(x if x > n else -x for row in a for x in row)",
    "total = 0\nfor row in a:\n    for x in row:\n        total += x * n\nreturn total, x",
    "best = a[0][0]\nfor row in a:\n    for x in row:\n        if x > best:\n            best = x\n"
    "return best",
    "return [0 <= x < n < 9 for row in a for x in row], n < 2 < 1 // 0 if n < 0 else 5",
    "return n > 0 and a[0] and a[0][0], n < 0 and 1 // 0, n > 0 and n > 1 and n",
    "calls = []\ndef noted(x):\n    calls.append(x)\n    return x\n"
    "return noted(1) < noted(n) < noted(0) < noted(5), calls",
    "return max(n, 3, 7), min(a[0]), max([1, 2]), len(a), int('4'), float(n), list(range(n, 9, 2))",
    "return all(x > 0 for row in a for x in row), all([]), n in a[0], n not in a[0], n is None",
    "return [0] * n, (1, 2) * 2, n * 3, [x for x in map(abs, a[0])], list(enumerate(a[0], 1))",
    "return (lambda *r, k=n: [k, *r])(1, 2), tuple(x for x in a[0]), {k: 1 for k in 'ab'}",
    "return next(x for x in iter(lambda: n, 5)), sorted(a, key=lambda row: -row[0])",
    "if (m := n + 1) > 0 and m:\n    return m\nreturn 0",
    "return sum([[x] for x in a[0]], []), sum(a[0], n)",
    "i = 0\nfor i, row in enumerate(a):\n    if i == 1:\n        break\nelse:\n    i = 9\nreturn i",
    "out = {}\nfor row in a:\n    for k, x in enumerate(row):\n        out[k] = out.get(k, 0) + x\n"
    "return out",
]


def both_ways(body, name="f"):
    source = f"def {name}(a, n):\n" + textwrap.indent(body, "    ")
    plain, again = {}, {"__builtins__": dict(BUILTINS)}
    exec(compile(source, "plain", "exec"), plain)
    exec(reread(source, "again"), again)
    return plain[name], again[name]


@pytest.mark.parametrize("body", PROGRAMS)
def test_a_program_read_again_does_the_same_on_numbers(body):
    plain, again = both_ways(body)
    for a, n in (([[1, 2, 3], [4, 5, 7]], 2), ([[-3, 3, 2], [0, 1, 1]], 4), ([[5], [5]], 1)):
        assert again(a, n) == plain(a, n)


#: Functions of d, whose arrays are lists here, that run on numbers and on symbols.
LOOPS = {
    "transpose": lambda loops, d: loops.transpose(d.x),
    "vec": lambda loops, d: loops.vec(d.x),
    "product": lambda loops, d: loops.product(d.x, d.y),
    "times": lambda loops, d: loops.times(d.x, d.v),
    "dot": lambda loops, d: loops.dot(d.u, d.u),
    "flip": lambda loops, d: loops.flip(d.x),
    "mean": lambda loops, d: loops.mean(d.v),
    "subsample": lambda loops, d: loops.subsample(d.x, (1, 1)),
    "pixel and beyond": lambda loops, d: [[loops.pixel(d.x, r - d.R, c) for c in range(d.Q)]
                                          for r in range(d.P + 2 * d.R)],
    "convolve": lambda loops, d: loops.convolve(d.x, d.y),
    "correlate": lambda loops, d: loops.correlate(
        [[d.h]], [[d.v]], [3], [1], [(d.R, d.P)], [1], 1)[0][0],
    "windows": lambda loops, d: loops.subvectors(d.h, loops.window_lists(
        [d.H], [d.Q], [1], [(d.R, 0)], [1])),
    "two axes": lambda loops, d: loops.subvectors(loops.vec(d.x), loops.window_lists(
        [d.P, d.Q], [1, d.Q], [1, 1], [(d.R, 0), (0, d.P)], [1, 1])),
    "norm": lambda loops, d: loops.squared_norm(d.u),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_on_symbols_have_the_values_of_loops_on_numbers(name):
    twin = Twin()
    for sizes in SIZES:
        numbers = Small(sizes)
        with coding(Coding()):
            plain, symbols = things(numbers, False), things(numbers, True)
            for d in (plain, symbols):
                d.__dict__.update({k: a.tolist() for k, a in vars(d).items()
                                   if hasattr(a, "tolist")})
            want = LOOPS[name](loops, plain)
            have = reread_case(twin, name)(twin.module("cnnmat.loops"), symbols)
            found = numeric(have, numbers)
        assert np.array_equal(np.asarray(found, dtype=float), np.asarray(want, dtype=float))


def reread_case(twin, name):
    """The same function, its file read again."""
    return twin.file(__file__).LOOPS[name]


@pytest.mark.parametrize(("body", "words"), [
    ("return [x for x in a][1:]", "the part slice"),
    ("for x in a:\n    if x > 0:\n        n = n + 1\nreturn n", "a loop over"),
    ("return max(a)", "the largest of entries"),
    ("return a[n]", "index"),
    ("return 1 if a[0] > 0 else 0", "a comparison of entries"),
    ("return n // 2", "of which the letters do not tell the remainder"),
    ("return [x for x in range(n) if x * x > 2]", "a product of indices"),
    ("return sorted(a)", "a loop over"),
])
def test_what_has_no_rule_says_so(body, words):
    _, again = both_ways(body)
    with coding(Coding()):
        d = things(Small(SIZES[0]), symbolic=True)
        with pytest.raises(Outside, match=words):
            again(d.u.tolist(), d.P)
