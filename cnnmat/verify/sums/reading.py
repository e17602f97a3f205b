"""How a Python text is read again so that it runs on symbolic shapes: its words stay as they are.

Comprehensions, conditional expressions and loops that add up become calls, which Python's own
meaning of them allows: ``[e for x in X if c]`` is ``comprehended("list", X, lambda x: c,
lambda x: e)``.  On what is not symbolic each call does what the words say.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from cnnmat.verify.sums.meanings import PREFIX

__all__ = ["reread"]



def reread(source: str, path: str) -> Any:
    """The code object of a source, read again."""
    tree = _Reader().visit(ast.parse(source, path))
    return compile(ast.fix_missing_locations(tree), path, "exec")


def _name(word):
    return ast.Name(PREFIX + word, ast.Load())


def _call(word, *arguments):
    return ast.Call(_name(word), list(arguments), [])


def _lambda(names, body):
    return ast.Lambda(ast.arguments([], [ast.arg(n) for n in names], None, [], [], None, []), body)


class _Reader(ast.NodeTransformer):
    """Turns what runs over indices into calls."""

    #: Types that are called to make one from a symbolic thing.
    CALLED = ("enumerate", "float", "int", "map", "range", "zip", "list", "tuple")

    def visit_Call(self, node):
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in self.CALLED:
            node.func = _name(node.func.id)
        if isinstance(node.func, ast.Name) and node.func.id == "Sides":
            node.keywords = [_later(one) for one in node.keywords]
        return node

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult) and isinstance(node.left, (ast.List, ast.Tuple)):
            return _call("repeated", node.left, node.right)
        return node

    def visit_IfExp(self, node):
        self.generic_visit(node)
        return _call("either", node.test, _lambda([], node.body), _lambda([], node.orelse))

    def visit_BoolOp(self, node):
        """``a and b``, which asks for b where a is true."""
        self.generic_visit(node)
        if not isinstance(node.op, ast.And) or not self._moves(node):
            return node
        total = node.values[-1]
        for one in reversed(node.values[:-1]):
            total = _call("and", one, _lambda([], total))
        return total

    def visit_Compare(self, node):
        """``a in b``; ``a < b < c``: each part is found once, as long as all before is true."""
        self.generic_visit(node)
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In):
            return _call("in", node.left, node.comparators[0])
        if len(node.ops) == 1 or not self._moves(node):
            return node
        names = [ast.Constant(type(op).__name__) for op in node.ops]
        return _call("chained", node.left, ast.Tuple(names, ast.Load()),
                     *(_lambda([], part) for part in node.comparators))

    def _moves(self, node):
        """Whether parts of an expression may become functions: in one, and naming nothing."""
        return getattr(self, "known", None) is not None and not any(
            isinstance(n, ast.NamedExpr) for n in ast.walk(node))

    def visit_ListComp(self, node):
        return self._comprehension(node, "list")

    def visit_GeneratorExp(self, node):
        return self._comprehension(node, "generator")

    def _comprehension(self, node, kind):
        self.generic_visit(node)
        body = node.elt
        if not all(map(_plain, (g.target for g in node.generators))):
            return node
        for depth, g in enumerate(reversed(node.generators)):
            tests = g.ifs or [ast.Constant(True)]
            test = ast.BoolOp(ast.And(), tests) if len(tests) > 1 else tests[0]
            body = _call("comprehended", ast.Constant(kind), ast.Constant(depth == 0), g.iter,
                         _of_target(g.target, test), _of_target(g.target, body))
        return body

    def visit_FunctionDef(self, node):
        outer, self.known = getattr(self, "known", None), _arguments(node.args)
        self.generic_visit(node)
        self.known = outer
        return node

    def visit_Assign(self, node):
        self.generic_visit(node)
        if getattr(self, "known", None) is not None:
            self.known |= _stored(node)
        return node

    def visit_For(self, node):
        """In a function, a loop whose body only assigns: over indices it is to add up."""
        original, known = copy.deepcopy(node), getattr(self, "known", None)
        # what the body itself stores is not known before it
        known = None if known is None else set(known)
        self.generic_visit(node)
        if known is None or node.orelse or not _only_assigns(original):
            return node
        sums = sorted(_stored(original) & known - _stored(original.target))
        item = PREFIX + "item"
        back = ast.Return(ast.Tuple([ast.Name(n, ast.Load()) for n in sums], ast.Load()))
        start = ast.Assign([original.target], ast.Name(item, ast.Load()))
        body = ast.FunctionDef(
            PREFIX + "body", _lambda([item, *sums], None).args,
            [start, *copy.deepcopy(node.body), back], [], None)
        over = PREFIX + "over"
        added = _call("added_up", ast.Name(over, ast.Load()), _name("body"),
                      ast.Tuple([ast.Name(n, ast.Load()) for n in sums], ast.Load()))
        targets = ast.Tuple([ast.Name(n, ast.Store()) for n in sums], ast.Store())
        symbolic = [body, ast.Assign([targets], added) if sums else ast.Expr(added)]
        plain = ast.For(node.target, ast.Name(over, ast.Load()), node.body, [])
        return [ast.Assign([ast.Name(over, ast.Store())], node.iter),
                ast.If(_call("symbolic", ast.Name(over, ast.Load())), symbolic, [plain])]


def _later(keyword):
    """A side of a claim, put off until it is asked for: one that cannot be run spoils no other."""
    if keyword.arg in ("printed", "corrected", "elsewhere"):
        keyword.value = _put_off(keyword.value)
    elif keyword.arg in ("wrong", "readings") and isinstance(keyword.value, ast.Dict):
        parts = zip(keyword.value.keys, keyword.value.values, strict=True)
        # without a key it is another dictionary
        keyword.value.values = [one if key is None else _put_off(one) for key, one in parts]
    elif keyword.arg in ("wrong", "readings") and isinstance(keyword.value, ast.DictComp):
        names = sorted(set().union(*(_stored(g.target) for g in keyword.value.generators)))
        later = _lambda(names, keyword.value.value)
        later.args.defaults = [ast.Name(n, ast.Load()) for n in names]
        keyword.value.value = later
    return keyword


def _put_off(side):
    """A function that returns the side, if it is not written as one."""
    return side if isinstance(side, ast.Lambda) else _lambda([], side)


def _plain(target):
    return isinstance(target, ast.Name) or (
        isinstance(target, ast.Tuple) and all(isinstance(t, ast.Name) for t in target.elts))


def _of_target(target, body):
    """A function of one item, taken apart as the target says."""
    if isinstance(target, ast.Name):
        return _lambda([target.id], body)
    inner = _lambda([t.id for t in target.elts], body)
    item = ast.Starred(ast.Name(PREFIX + "item", ast.Load()), ast.Load())
    return _lambda([PREFIX + "item"], ast.Call(inner, [item], []))


def _arguments(args):
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg]
    return {a.arg for a in every if a}


def _stored(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)
            and isinstance(n.ctx, ast.Store)}


def _only_assigns(loop):
    """Whether a loop's body does nothing but give values to names."""
    def assigns(one):
        if isinstance(one, ast.For):
            return not one.orelse and all(map(assigns, one.body))
        if isinstance(one, ast.AugAssign):
            return isinstance(one.target, ast.Name)
        return isinstance(one, ast.Assign) and all(map(_plain, one.targets))

    return all(map(assigns, loop.body))
