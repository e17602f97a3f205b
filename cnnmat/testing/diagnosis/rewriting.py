"""Small changes to the text of a right computation: the slips that anybody may make in any line.

Which slips there are follows from the text alone,
so that nobody has to foresee them; whether one was made is decided by running the changed text.
"""

import ast
from dataclasses import dataclass
from functools import lru_cache
from inspect import getsource
from types import CodeType

from cnnmat.testing.diagnosis.slips import cut, of_node

__all__ = []

#: Where a node stands that the text does not hold.
PLACE = {"lineno": 1, "col_offset": 0, "end_lineno": 1, "end_col_offset": 0}


@dataclass(frozen=True, eq=False)
class Slip:
    """One change to the text of a function.

    Attributes
    ----------
    text : Text
        Of which function.
    slug : str
    words : callable
        -> what is done, and in which line.
    changes : tuple of (tuple, object)
        (node, field, index) that is given another value, and the value.
    weight : int
        How far fetched it is.
    """

    text: object
    slug: str
    words: object
    changes: tuple
    weight: int

    def said(self):
        """What is done, in which line of which function."""
        return f"{self.words()} ({self.text.name})"

    def code(self):
        """The code of the function with the change in it."""
        return _code(self)

    def and_also(self, other):
        """Both slips in the same function."""
        slugs = dict.fromkeys((self.slug, other.slug))
        return Slip(self.text, " + ".join(slugs), lambda: f"{self.words()} and {other.words()}",
                    self.changes + other.changes, self.weight + other.weight)


# one is tried on several inputs in a row
@lru_cache(maxsize=8)
def _code(slip):
    return slip.text.compiled(slip.changes)


class Text:
    """The syntax tree of one function, and where it stands."""

    def __init__(self, function):
        self.function = function
        self.tree = _tree(function, function.__code__)
        self.name = function.__code__.co_name.strip("_<>")

    def compiled(self, changes):
        """Its code with nodes changed for as long as that takes."""
        before = []
        try:
            for (node, field, index), new in changes:
                old = getattr(node, field)
                before.append((node, field, old))
                setattr(node, field, new if index is None else [
                    *old[:index], new, *old[index + 1:]])
            return _code_of(self.tree, self.function.__code__)
        finally:
            for node, field, old in reversed(before):
                setattr(node, field, old)

    def slips(self, kinds):
        """Every `Slip` of the text, in its order; a name is taken for others of its kind."""
        pool = _names(self.tree)
        kinds = {name: kinds.get(name, "attribute" if "." in name else "unseen") for name in pool}
        # a list that took itself for an entry would have no end
        kinds |= dict.fromkeys(_growing(self.tree) & kinds.keys(), "unseen")
        pool = {name: node for name, node in pool.items() if kinds[name] != "unseen"}
        return [slip for where, node, statement in _places(self.tree)
                for slip in self._of(where, node, statement, pool, kinds)] + [
                    Slip(self, slug, said, ((where, body),), 2)
                    for where, slug, body, said in _moves(self.tree)] + [
                        *self._throughout(pool, kinds)]

    def _throughout(self, pool, kinds):
        """One name for another wherever a line reads it."""
        lines = {}
        for where, node, line in _places(self.tree):
            if isinstance(node, ast.Name) and node.id in pool and isinstance(node.ctx, ast.Load):
                lines.setdefault((id(line), node.id), (line, []))[1].append(where)
        for (_, name), (line, places) in lines.items():
            for other in pool if len(places) > 1 else ():
                if other != name and kinds[other] == kinds[name]:
                    new = ast.fix_missing_locations(pool[other])
                    yield Slip(self, "other-name", _lines(
                        f"`{other}` stands wherever `{name}` belongs in `{{}}`", line),
                        tuple((where, new) for where in places), 6)

    def _of(self, where, node, statement, pool, kinds):
        for weight, slug, new, said in of_node(node, pool, kinds):
            ast.fix_missing_locations(ast.copy_location(new, node))
            yield Slip(self, slug, lambda s=said, n=new: s(node, n).format(
                line=f"in `{_quoted(statement)}`"), ((where, new),), weight)


@lru_cache(maxsize=256)
def slips_of(function, kinds):
    """The slips of a function; none where its text cannot be had.

    Parameters
    ----------
    kinds : tuple of (str, str)
        What kind of thing each name in it stands for, where that was seen.
    """
    try:
        return tuple(Text(function).slips(dict(kinds)))
    # no source, or none that stands for itself
    except (OSError, SyntaxError, LookupError):
        return ()


def _tree(function, code):
    """The node of a function: that of its lines, or the lambda in them with the same code."""
    module = ast.parse(_dedented(getsource(function)))
    if code.co_name != "<lambda>":
        tree = module.body[0]
        tree.decorator_list = []
        if any(isinstance(node, ast.While) for node in ast.walk(tree)):
            raise LookupError("a loop that a slip may keep from ending")
        return tree
    alike = [node for node in ast.walk(module) if isinstance(node, ast.Lambda)
             and _same(_code_of(node, code), code)]
    if not alike:
        raise LookupError("no lambda of this code")
    return alike[0]


def _same(one, two):
    return (one.co_code, one.co_consts, one.co_names) == (two.co_code, two.co_consts, two.co_names)


def _dedented(source):
    """Lines that stand for themselves; a row of a table is made an expression in brackets."""
    from textwrap import dedent

    text = dedent(source)
    for attempt in (text, "(" + text.strip().rstrip(",") + ")",
                    "{" + text.strip().rstrip(",}") + "}", "(" + text.strip().rstrip(",)") + ")"):
        try:
            ast.parse(attempt)
        except SyntaxError:
            continue
        return attempt
    return text


def _code_of(tree, like):
    """The code of a function, which finds what lies around it where it did before."""
    # every node of the tree has its place already: to look through all of them takes longer than
    # to compile them
    body = ast.Return(tree, **PLACE) if isinstance(tree, ast.Lambda) else tree
    around = ast.arguments([], [ast.arg(name, **PLACE) for name in like.co_freevars], None, [], [],
                           None, [])
    outer = ast.FunctionDef("_", around, [body], [], **PLACE)
    code = compile(ast.Module([outer], []), like.co_filename, "exec")
    for _ in range(2):
        code = next(c for c in code.co_consts if isinstance(c, CodeType))
    return code


def _places(tree):
    """((parent, field, index), node, statement) of everything that may be changed."""
    def walk(node, statement):
        for field, value in ast.iter_fields(node):
            if field in ("decorator_list", "annotation", "returns", "args") and not isinstance(
                    node, ast.Call):
                continue
            for index, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if not isinstance(child, ast.AST) or _left_alone(node, field, child):
                    continue
                around = child if isinstance(child, ast.stmt) else statement
                yield (node, field, index), child, around
                yield from walk(child, around)

    yield from walk(tree, tree)


def _moves(tree):
    """((parent, field, None), slug, statements, what is done) of each line on a wrong indent."""
    for parent in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(parent, field, None)
            for k, loop in enumerate(block if isinstance(block, list) else ()):
                if isinstance(loop, ast.For):
                    for slug, body, said in _moved(block, k, loop):
                        yield (parent, field, None), slug, body, said


def _moved(block, k, loop):
    """A block in which a line beside a loop, or at an end of it, has changed sides."""
    def other(body):
        return ast.copy_location(ast.For(loop.target, loop.iter, body, []), loop)

    before, after = block[:k], block[k + 1:]
    if after and not isinstance(after[0], ast.For):
        said = _lines("`{}` stands inside the loop `{}` and belongs behind it", after[0], loop)
        yield "inside-the-loop", [*before, other([*loop.body, after[0]]), *after[1:]], said
    if before and not isinstance(before[-1], ast.For | ast.Expr):
        said = _lines("`{}` is done again in each round of `{}`", before[-1], loop)
        yield "inside-the-loop", [*before[:-1], other([before[-1], *loop.body]), *after], said
    if len(loop.body) > 1:
        said = _lines("`{}` stands behind the loop `{}` and belongs in it", loop.body[-1], loop)
        yield "behind-the-loop", [*before, other(loop.body[:-1]), loop.body[-1], *after], said
        said = _lines("`{}` is done once before the loop `{}`, not in each round", loop.body[0],
                      loop)
        yield "before-the-loop", [*before, loop.body[0], other(loop.body[1:]), *after], said


def _lines(text, *statements):
    return lambda: text.format(*map(_quoted, statements))


def _left_alone(parent, field, child):
    """Documentation, what is called, what is written to, and what only checks."""
    return ((isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant))
            or (isinstance(parent, ast.Call) and field == "func" and isinstance(child, ast.Name))
            or (isinstance(child, ast.keyword) and child.arg in ("strict", "keepdims"))
            or isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.arguments)
            or (isinstance(child, ast.Compare) and any(
                isinstance(c, ast.Constant) and isinstance(c.value, str)
                for c in child.comparators)))


def _names(tree):
    """The names, and the attributes of names, that are read somewhere in a function."""
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = {}
    for node in ast.walk(tree):
        simple = isinstance(node, ast.Name) or (
            isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name))
        if simple and isinstance(node.ctx, ast.Load) and id(node) not in called:
            found.setdefault(ast.unparse(node), node)
    arguments = [a for n in ast.walk(tree) if isinstance(n, ast.arguments)
                 for a in (*n.args, *n.kwonlyargs)]
    for one in arguments:
        found.setdefault(one.arg, ast.Name(one.arg, ast.Load()))
    return found


def _growing(tree):
    """The names of lists that grow in a function."""
    calls = (n.func for n in ast.walk(tree) if isinstance(n, ast.Call))
    return {ast.unparse(f.value) for f in calls
            if isinstance(f, ast.Attribute) and f.attr in ("append", "extend")}


def _quoted(statement):
    """The first line of a statement, cut where it is long."""
    if isinstance(statement, ast.Lambda):
        return cut(ast.unparse(statement.body))
    return cut(ast.unparse(statement).splitlines()[0])
