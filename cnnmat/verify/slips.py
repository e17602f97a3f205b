"""Slips generated from a claim's own code: how many of them does the claim tell apart?

A hand-written near miss shows that one slip is noticed.  Here the expression that a claim puts on
its printed side (or, of a misprint, the corrected one) is changed in one place at a time, as one
does on paper: a transpose dropped, factors exchanged or left out, a sign, an index moved by one.
"""

import ast
import copy
import inspect
import textwrap
from dataclasses import dataclass

from cnnmat.verify.claims import Sides
from cnnmat.verify.comparing import NotConforming, agree, evaluate, freeze
from cnnmat.verify.entries import AllSizes, Draw, Outside
from cnnmat.verify.orders import Order
from cnnmat.verify.symbols import NeedMoreGenerators

__all__ = ["Told", "tell_apart"]

#: So many slips of one claim are run, spread over those that its expression has.
MOST = 6


@dataclass(frozen=True)
class Told:
    """What became of the slips of one claim.

    Attributes
    ----------
    apart : tuple of str
        Those that were told apart: another value, or sizes that do not fit.
    missed : tuple of str
        Those that made no difference.
    """

    apart: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()


def tell_apart(claim):
    """Run the slips of a claim on its smallest case.

    Examples
    --------
    >>> from cnnmat.derivations.sayed import lecture
    >>> tell_apart(lecture.claims["47.1158"]).missed
    ()
    """
    function = inspect.unwrap(claim.function)
    right = _sides(claim)
    if right is None:
        return Told()
    name = "corrected" if right.corrected is not None else "printed"
    truth, apart, missed = freeze(evaluate(right.truth)), [], []
    original = function.__code__
    for slip, code in _slips(function, name):
        function.__code__ = code
        try:
            (missed if _agrees(claim, name, truth) else apart).append(slip)
        finally:
            function.__code__ = original
    return Told(tuple(apart), tuple(missed))


def _agrees(claim, name, truth):
    """Whether the side called `name`, as the code is now, still equals the truth."""
    try:
        return agree(freeze(evaluate(getattr(_sides(claim), name))), truth)
    # a slip may make anything of the code; what cannot be run is noticed
    except Exception:
        return False


def _sides(claim):
    """The sides of the smallest case in one order; None where it has none there."""
    capacity = 32
    while True:
        try:
            sides = claim.function(Draw(claim, Order.drawn(capacity)), **claim.cases[0])
            return sides if isinstance(sides, Sides) and not isinstance(
                sides.truth, NotConforming) else None
        except NeedMoreGenerators:
            capacity *= 4
        except (AllSizes, Outside):
            return None


def _slips(function, name):
    """(what was changed, code) of at most MOST slips in the side called `name`."""
    tree = _tree(function)
    if tree is None:
        return
    targets = _targets(tree, name)
    found = [(node, k) for node in targets for k in range(len(_changes(node)))]
    step = max(1, -(-len(found) // MOST))
    for node, k in found[::step]:
        yield _changed(function, tree, node, k)


def _tree(function):
    """The definition of a function, without decorators; None if its text cannot be had."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, SyntaxError):
        return None
    definition = tree.body[0]
    if not isinstance(definition, ast.FunctionDef):
        return None
    definition.decorator_list = []
    return tree


def _targets(tree, name):
    """The nodes of the side called `name`, and of what is assigned for it and not the truth."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)
             and getattr(node.func, "id", "") == "Sides"]
    sides = {k.arg: k.value for call in calls for k in call.keywords}
    if name not in sides:
        return []
    used = _names(sides[name]) - _names(sides.get("truth", ast.Constant(None)))
    assigned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)
                and len(node.targets) == 1 and getattr(node.targets[0], "id", None) in used]
    return [node for part in (sides[name], *assigned) for node in ast.walk(part)]


def _names(tree):
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _changes(node):
    """The slips that a node allows, as (name, function that makes the changed node)."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        return [("a transpose dropped", lambda n: n.value)]
    if isinstance(node, ast.BinOp):
        return _of_operation(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return [("a sign dropped", lambda n: n.operand)]
    if isinstance(node, ast.Call) and len(node.args) >= 2 and not any(
            isinstance(one, (ast.Starred, ast.Lambda)) for one in node.args[:2]):
        return [("arguments exchanged", _exchanged)]
    if isinstance(node, ast.Subscript):
        return _of_index(node)
    return []


def _of_operation(node):
    kinds = {ast.Add: ast.Sub, ast.Sub: ast.Add}
    if type(node.op) in kinds:
        return [("a sign", lambda n: ast.BinOp(n.left, kinds[type(n.op)](), n.right))]
    if isinstance(node.op, (ast.Mult, ast.MatMult)):
        changes = [("a factor left out", lambda n: n.left)]
        if isinstance(node.op, ast.MatMult):
            changes.append(("factors exchanged", lambda n: ast.BinOp(n.right, n.op, n.left)))
        return changes
    return []


def _of_index(node):
    if isinstance(node.slice, ast.Slice) and node.slice.step is not None:
        return [("an order not reversed", lambda n: n.value)]
    if isinstance(node.slice, (ast.Name, ast.Constant)) and not isinstance(
            getattr(node.slice, "value", None), str):
        return [("an index moved by one", _moved)]
    if isinstance(node.slice, ast.Tuple) and len(node.slice.elts) == 2:
        return [("indices exchanged", _turned)]
    return []


def _exchanged(call):
    call.args[:2] = call.args[1::-1]
    return call


def _moved(node):
    node.slice = ast.BinOp(node.slice, ast.Add(), ast.Constant(1))
    return node


def _turned(node):
    node.slice.elts = node.slice.elts[::-1]
    return node


class _Replacing(ast.NodeTransformer):
    """Replaces the node at one place, by what a change makes of it."""

    def __init__(self, place, change):
        self.place, self.change = place, change

    def visit(self, node):
        found = _place(node) == self.place
        node = self.generic_visit(node)
        return self.change(node) if found else node


def _place(node):
    return (type(node), getattr(node, "lineno", None), getattr(node, "col_offset", None),
            getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None))


def _changed(function, tree, node, k):
    """(what was changed, code) with the k-th change of `node`."""
    name, change = _changes(node)[k]
    changed = _Replacing(_place(node), change).visit(copy.deepcopy(tree))
    code = _compiled(ast.fix_missing_locations(changed), function)
    return f"{name}: {ast.unparse(node)}", code


def _compiled(tree, function):
    """The code of the definition in `tree`, with the free variables that `function` has."""
    free = function.__code__.co_freevars
    cells = ast.parse("def outer():\n" + "".join(f"    {name} = None\n" for name in free)
                      + "    pass").body[0]
    # a factor left out may have been the only use of a variable, which the code must still have
    keep = ast.parse(f"lambda: ({''.join(f'{name}, ' for name in free)})").body[0]
    tree.body[0].body.insert(0, keep)
    cells.body.append(tree.body[0])
    module = ast.fix_missing_locations(ast.Module([cells], []))
    outer = next(c for c in compile(module, function.__code__.co_filename, "exec").co_consts
                 if inspect.iscode(c))
    return next(c for c in outer.co_consts if inspect.iscode(c) and c.co_name == function.__name__)
