"""Small changes to the text of a right computation: the slips that anybody may make in any line.

A term or a factor left out, a sign, an operator, a number, an index one off, one name for
another, a mean for a sum, = where += belongs.  Which slips there are follows from the text alone,
so that nobody has to foresee them; whether one was made is decided by running the changed text.
"""

import ast
from dataclasses import dataclass
from functools import lru_cache
from inspect import getsource
from types import CodeType

__all__ = []

#: Operators that are taken for each other, the likeliest first.
OPERATORS = {
    ast.Add: (ast.Sub, ast.Mult), ast.Sub: (ast.Add, ast.Div), ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.Sub), ast.FloorDiv: (ast.Mod, ast.Mult), ast.Mod: (ast.FloorDiv,),
}
COMPARISONS = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE), ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,),
}
#: Functions that are taken for each other, by the last part of their names.
ALIKE = (
    ("sum", "mean", "max", "min", "prod"), ("mean", "median"), ("maximum", "minimum"),
    ("var", "std"), ("exp", "expm1"), ("log", "log1p", "log2", "log10"), ("sqrt", "square", "abs"),
    ("argmax", "argmin"), ("floor", "ceil"), ("repeat", "tile"), ("zeros_like", "ones_like"),
    ("sin", "cos"), ("tanh", "sigmoid"),
)
#: Functions of one argument without which a formula still has a value.
UNARY = ("sqrt", "abs", "exp", "log", "square", "negative", "tanh", "fabs", "reversed")
#: So long may a line be when it is quoted.
LONG = 100


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
    where : tuple
        (node, field, index) that is given another value.
    new : object
        The value.
    weight : int
        How far fetched it is.
    """

    text: object
    slug: str
    words: object
    where: tuple
    new: object
    weight: int

    def said(self):
        """What is done, in which line of which function."""
        return f"{self.words()} ({self.text.name})"

    def code(self):
        """The code of the function with the change in it."""
        return self.text.compiled(self.where, self.new)


class Text:
    """The syntax tree of one function, and where it stands."""

    def __init__(self, function):
        self.function = function
        self.tree = _tree(function, function.__code__)
        self.name = function.__code__.co_name.strip("_<>")

    def compiled(self, where, new):
        """Its code with a node changed for as long as that takes."""
        node, field, index = where
        old = getattr(node, field)
        changed = new if index is None else [*old[:index], new, *old[index + 1:]]
        if new is None and index is not None:
            changed = [*old[:index], *old[index + 1:]] or [ast.Pass()]
        setattr(node, field, changed)
        try:
            return _code_of(self.tree, self.function.__code__)
        finally:
            setattr(node, field, old)

    def slips(self, kinds):
        """Every `Slip` of the text, in its order; a name is taken for others of its kind."""
        pool = _names(self.tree)
        kinds = {name: kinds.get(name, "attribute" if "." in name else "unseen") for name in pool}
        pool = {name: node for name, node in pool.items() if kinds[name] != "unseen"}
        return [slip for where, node, statement in _places(self.tree)
                for slip in self._of(where, node, statement, pool, kinds)] + [
                    Slip(self, slug, said, where, body, 2)
                    for where, slug, body, said in _moves(self.tree)]

    def _of(self, where, node, statement, pool, kinds):
        if isinstance(node, ast.stmt):
            found = _of_statement(node)
        else:
            found = [*_of_expression(node), *_other_names(node, pool, kinds),
                     *_more_factors(node, pool, kinds)]
        for weight, slug, new, said in found:
            if new is not None:
                ast.copy_location(new, node)
                ast.fix_missing_locations(new)
            yield Slip(self, slug, lambda s=said, n=new: (
                f"{s(node, n)} in `{_quoted(statement)}`"), where, new, weight)


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
    body = ast.Return(tree) if isinstance(tree, ast.Lambda) else tree
    around = ast.arguments([], [ast.arg(name) for name in like.co_freevars], None, [], [], None, [])
    outer = ast.fix_missing_locations(ast.Module([ast.FunctionDef("_", around, [body], [])], []))
    code = compile(outer, like.co_filename, "exec")
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
    return (isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            or isinstance(parent, ast.Call) and field == "func" and isinstance(child, ast.Name)
            or isinstance(child, ast.keyword) and child.arg in ("strict", "keepdims")
            or isinstance(child, ast.expr_context | ast.operator | ast.cmpop | ast.arguments)
            or isinstance(child, ast.Compare) and any(
                isinstance(c, ast.Constant) and isinstance(c.value, str)
                for c in child.comparators))


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


def _other_names(node, pool, kinds):
    """Another name of its kind for this one."""
    text = ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    if text in pool and isinstance(getattr(node, "ctx", None), ast.Load):
        for other, name in pool.items():
            if other != text and kinds[other] == kinds[text]:
                yield _instead(6, "other-name", name)


def _more_factors(node, pool, kinds):
    """A product that is multiplied, or divided, by a number that has a name."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        for name, one in pool.items():
            if kinds[name] == "number":
                for op in (ast.Mult(), ast.Div()):
                    yield _instead(7, "factor-too-much", ast.BinOp(node, op, one))


def _of_expression(node):
    """(weight, slug, new node, what is done) of one node."""
    kind = type(node).__name__
    yield from globals().get(f"_of_{kind.lower()}", _nothing)(node)


def _nothing(_):
    return ()


def _instead(weight, slug, new):
    return weight, slug, new, lambda old, new: (
        f"`{ast.unparse(new)}` stands where `{ast.unparse(old)}` belongs")


def _missing(weight, slug, new, lost):
    return weight, slug, new, lambda *_: f"`{ast.unparse(lost)}` is missing"


def _doing(weight, slug, new, text, *nodes):
    """A change in words of its own, which quote some nodes."""
    return weight, slug, new, lambda *_: text.format(*map(ast.unparse, nodes))


def _of_binop(node):
    left, right, op = node.left, node.right, type(node.op)
    additive = op in (ast.Add, ast.Sub)
    slug = "term-missing" if additive else "factor-missing"
    if isinstance(left, ast.List) or op not in (*OPERATORS, ast.Pow):
        return
    if _looks_up(left):
        yield _doing(1, "assigned-not-added", right, "= stands where += belongs: what is there "
                     "already (`{}`) is lost", left)
    else:
        yield _missing(1, slug, right, left)
    yield _missing(1, slug, left, right)
    for k, other in enumerate(OPERATORS.get(op, ())):
        yield _instead(2 if additive and not k else 5,
                       "sign" if additive and not k else "other-operator",
                       ast.BinOp(left, other(), right))
    if op in (ast.Sub, ast.Div, ast.Pow):
        yield _instead(4, "exchanged", ast.BinOp(right, node.op, left))
    half = ast.Constant(2)
    if op is not ast.Pow:
        yield _instead(5, "factor-2", ast.BinOp(node, ast.Mult(), half))
        yield _instead(5, "factor-2", ast.BinOp(node, ast.Div(), half))


def _looks_up(node):
    """Whether it is what a dictionary holds so far."""
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get")


def _of_unaryop(node):
    if isinstance(node.op, ast.USub | ast.Not):
        yield _instead(2, "sign", node.operand)


def _of_constant(node):
    value = node.value
    if isinstance(value, bool):
        yield _instead(4, "other-choice", ast.Constant(not value))
    elif isinstance(value, int | float):
        for other in dict.fromkeys((0, 1, 2, value + 1, value - 1, value / 2, -value)):
            if other != value:
                yield _instead(4, "other-number", ast.Constant(other))


def _of_compare(node):
    if len(node.ops) == 1:
        for other in COMPARISONS.get(type(node.ops[0]), ()):
            yield _instead(3, "other-comparison",
                           ast.Compare(node.left, [other()], node.comparators))
    yield _doing(3, "condition-missing", ast.Constant(True), "`{}` is not asked", node)


def _of_boolop(node):
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield _instead(4, "other-condition", ast.BoolOp(other, node.values))


def _of_ifexp(node):
    yield _instead(3, "condition-missing", node.body)
    yield _instead(3, "condition-missing", node.orelse)
    yield _instead(3, "branches-exchanged", ast.IfExp(node.test, node.orelse, node.body))


def _of_call(node):
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    plain = [a for a in node.args if not isinstance(a, ast.Starred)]
    if len(plain) == len(node.args) == 1 and not node.keywords and name in UNARY:
        yield _doing(1, "function-missing", plain[0], name + " is not taken of `{}`", plain[0])
        yield from _distributed(node, plain[0])
    if name == "range":
        yield from _of_range(node)
    for group in ALIKE:
        for other in group if name in group else ():
            if other != name:
                yield _instead(3, "other-function", _called(node, other))
    if name in ("max", "min") and len(plain) == 2:
        for one in plain:
            yield _instead(3, "not-cut-off", one)
    if name in ("where", "divmod") and len(plain) == 3:
        yield _instead(3, "branches-exchanged",
                       ast.Call(node.func, [plain[0], plain[2], plain[1]], []))
    if name in ("mean", "sum", "len", "entry", "max"):
        for factor in (ast.Add(), ast.Sub()):
            if name == "len":
                yield _instead(5, "off-by-one", ast.BinOp(node, factor, ast.Constant(1)))


def _distributed(node, inner):
    """A function of one side of a sum, or of each, where it is one of the sum."""
    if isinstance(inner, ast.BinOp):
        one, two = (ast.Call(node.func, [side], []) for side in (inner.left, inner.right))
        for left, right in ((one, inner.right), (inner.left, two), (one, two)):
            yield _instead(2, "function-of-parts", ast.BinOp(left, inner.op, right))


def _of_range(node):
    """A loop that stops one short, starts at 1, leaves out every other."""
    stop = node.args[-1]
    start = node.args[0] if len(node.args) > 1 else ast.Constant(0)
    one = ast.Constant(1)
    yield _instead(2, "loop-one-short", ast.Call(
        node.func, [start, ast.BinOp(stop, ast.Sub(), one)], []))
    yield _instead(2, "loop-starts-late", ast.Call(
        node.func, [ast.BinOp(start, ast.Add(), one), stop], []))
    yield _instead(3, "loop-steps-by-2", ast.Call(
        node.func, [start, stop, ast.Constant(2)], []))
    yield _instead(4, "loop-turned-round", ast.Call(
        ast.Name("list", ast.Load()), [ast.Call(ast.Name("reversed", ast.Load()), [node], [])],
        []))


def _called(node, other):
    func = (ast.Name(other, ast.Load()) if isinstance(node.func, ast.Name)
            else ast.Attribute(node.func.value, other, ast.Load()))
    return ast.Call(func, node.args, node.keywords)


def _of_subscript(node):
    if not isinstance(node.ctx, ast.Load) or isinstance(node.slice, ast.Slice | ast.Tuple):
        return
    for op in (ast.Add(), ast.Sub()):
        yield _instead(5, "off-by-one", ast.Subscript(
            node.value, ast.BinOp(node.slice, op, ast.Constant(1)), ast.Load()))
    yield _instead(4, "first-for-each", ast.Subscript(
        node.value, ast.Constant(0), ast.Load()))


def _of_tuple(node):
    """Axes: one of them missing."""
    numbers = [e for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, int)]
    if isinstance(node.ctx, ast.Load) and len(numbers) == len(node.elts) > 1:
        for k in range(len(numbers)):
            yield _instead(3, "axis-missing",
                           ast.Tuple([*numbers[:k], *numbers[k + 1:]], ast.Load()))


def _of_comprehension(node):
    if node.ifs:
        yield _doing(3, "condition-missing", ast.comprehension(
            node.target, node.iter, [], node.is_async), "`{}` is not asked", node.ifs[0])


def _of_statement(node):
    """Statements left out, = for +=, a condition that always or never holds."""
    if isinstance(node, ast.AugAssign):
        target = ast.parse(ast.unparse(node.target), mode="eval").body
        load = target
        store = ast.parse(f"{ast.unparse(node.target)} = 0").body[0].targets[0]
        yield _doing(1, "assigned-not-added", ast.Assign([store], node.value),
                     "= stands where += belongs")
        for other in OPERATORS.get(type(node.op), ())[:1]:
            yield _doing(2, "sign", ast.Assign([store], ast.BinOp(load, other(), node.value)),
                         "the sign of what is added is turned")
        yield _doing(2, "step-missing", ast.Pass(), "this is left out: nothing is done")
    elif isinstance(node, ast.Assign):
        yield _doing(2, "step-missing", ast.Pass(), "this is left out: nothing is done")
    elif isinstance(node, ast.If):
        for value, word in ((True, "always"), (False, "never")):
            new = ast.If(ast.Constant(value), node.body, node.orelse)
            yield _doing(3, "condition-missing", new, "`{}` " + word + " holds", node.test)


def _quoted(statement):
    """The first line of a statement, cut where it is long."""
    if isinstance(statement, ast.Lambda):
        return _cut(ast.unparse(statement.body))
    return _cut(ast.unparse(statement).splitlines()[0])


def _cut(text):
    return text if len(text) <= LONG else text[:LONG - 4] + " ..."
