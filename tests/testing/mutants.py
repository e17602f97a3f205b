"""Wrong implementations that nobody thought of: single changes to right ones, made by machine.

Every number, operator, axis and assignment of the functions in `bank.plain` is changed in
turn.  What passes is listed, to be read: it must be no mistake.  Names of diagnoses cannot be
judged by machine, but that numbers that were not tried before lead to the same ones can.

    python -m tests.testing.mutants
"""

import ast
import copy
from collections import Counter
from pathlib import Path

import numpy as np

from tests.testing.bank import plain
from tests.testing.running import run_check

#: (function that is changed, kind, the pair's other members, options)
TARGETS = [
    ("conv", "correlation", ("conv",), {}),
    ("windows", "correlation", ("conv",), {}),
    ("conv_dx", "correlation", ("conv", "conv_back"), {}),
    ("conv_dw", "correlation", ("conv", "conv_back"), {}),
    ("conv_back", "correlation", ("conv", "conv_back"), {}),
    ("regions", "pooling", ("max_pool",), {"pooling": "max"}),
    ("max_pool", "pooling", ("max_pool",), {"pooling": "max"}),
    ("max_pool_back", "pooling", ("max_pool", "max_pool_back"), {"pooling": "max"}),
    ("mean_pool_back", "pooling", ("mean_pool", "mean_pool_back"), {"pooling": "mean"}),
    ("softmax", "risk", ("cross_entropy", "cross_entropy_back"),
     {"risk": "softmax_cross_entropy"}),
    ("cross_entropy", "risk", ("cross_entropy",), {"risk": "softmax_cross_entropy"}),
    ("cross_entropy_back", "risk", ("cross_entropy", "cross_entropy_back"),
     {"risk": "softmax_cross_entropy"}),
    ("squared_error", "risk", ("squared_error",), {"risk": "squared_error"}),
    ("squared_error_back", "risk", ("squared_error", "squared_error_back"),
     {"risk": "squared_error"}),
    ("dense", "feedforward", ("dense",), {}),
    ("dense_back", "feedforward", ("dense", "dense_back"), {}),
]
OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
             ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult}


def changes(node):
    """Copies of a node with one thing changed."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        for step in (1, -1):
            yield ast.Constant(node.value + step)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and "->" in node.value:
        yield from map(ast.Constant, _other_indices(node.value))
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        yield node.left
        if not isinstance(node.op, (ast.Add, ast.Mult)):
            yield ast.BinOp(node.right, node.op, node.left)
    if isinstance(node, ast.AugAssign):
        yield ast.Assign([node.target], node.value, lineno=node.lineno)
        yield ast.AugAssign(node.target, ast.Sub(), node.value)
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, ast.Attribute) and node.attr in ("max", "argmax", "sum", "mean"):
        swap = {"max": "min", "argmax": "argmin", "sum": "mean", "mean": "sum"}
        yield ast.Attribute(node.value, swap[node.attr], node.ctx)
    if isinstance(node, ast.Tuple) and len(node.elts) > 1 and ast.dump(
            node.elts[0]) != ast.dump(node.elts[1]):
        yield ast.Tuple([node.elts[1], node.elts[0], *node.elts[2:]], node.ctx)


def _other_indices(text):
    """Two letters of an einsum exchanged on one side."""
    left, right = text.split("->")
    for letters in ("ij", "kl", "cd"):
        table = str.maketrans(letters, letters[::-1])
        first, second = left.split(",")
        for changed in (f"{left}->{right.translate(table)}",
                        f"{first},{second.translate(table)}->{right}"):
            if changed != text:
                yield changed


def mutants_of(name):
    """Source of the module with one change inside the function `name`."""
    tree = ast.parse(Path(plain.__file__).read_text(encoding="utf-8"))
    index = next(k for k, n in enumerate(tree.body) if getattr(n, "name", "") == name)
    count = len(list(ast.walk(tree.body[index])))
    for place in range(count):
        node = list(ast.walk(tree.body[index]))[place]
        for new in changes(node):
            changed = copy.deepcopy(tree)
            parent_replace(changed.body[index], place, new)
            source = ast.unparse(ast.fix_missing_locations(changed))
            yield f"{ast.unparse(node)} -> {ast.unparse(new)}", source


def parent_replace(function, place, new):
    """Put `new` where the node number `place` of the walk stands."""
    target = list(ast.walk(function))[place]
    for parent in ast.walk(function):
        for field, value in ast.iter_fields(parent):
            if value is target:
                setattr(parent, field, new)
            elif isinstance(value, list) and any(v is target for v in value):
                value[[v is target for v in value].index(True)] = new


def load(source, names):
    """The functions of a changed module; None if it cannot be run at all."""
    space = {}
    try:
        exec(compile(source, "mutant", "exec"), space)
    except Exception:
        return None
    return tuple(space[n] for n in names)


def confirmed(kind, functions, options, slugs):
    """Whether numbers of another seed lead to the same mistakes."""
    again = run_check(kind, functions, options, seed=99, timeout=1.0)
    return [d.slug for d in again.diagnosis] == slugs


def survey(targets):
    """(counts, changes that pass, diagnoses that other numbers do not confirm)."""
    tally, survivors, unstable = Counter(), [], []
    for name, kind, names, options in targets:
        for change, source in mutants_of(name):
            functions = load(source, names)
            if functions is None:
                continue
            result = run_check(kind, functions, options, timeout=1.0)
            slugs = [d.slug for d in result.diagnosis]
            outcome = "pass" if result.passed else "named" if slugs else "unnamed"
            tally["raises" if slugs == ["raises"] else outcome] += 1
            if result.passed:
                survivors.append(f"{name}: {change}")
            elif slugs and not confirmed(kind, functions, options, slugs):
                unstable.append(f"{name}: {change}: {slugs}")
    return tally, survivors, unstable


def main():
    tally, survivors, unstable = survey(TARGETS)
    print(dict(tally))
    print("pass:", *survivors, sep="\n  ")
    print("named otherwise with other numbers:", *unstable, sep="\n  ")


if __name__ == "__main__":
    np.seterr(all="ignore")
    main()
