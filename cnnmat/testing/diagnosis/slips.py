"""What may go wrong at one node of a formula's text, and how that is said.

A term or a factor left out, a sign, an operator, a number, an index one off, one name for
another, a mean for a sum, = where += belongs, brackets too few.
"""

import ast

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


def of_node(node, pool, kinds):
    """(weight, slug, new node, (old, new) -> words that end in {line}) of one node.

    The weight says how far fetched a slip is.
    """
    if isinstance(node, ast.stmt):
        yield from _of_statement(node)
        return
    yield from _of_expression(node)
    yield from _other_names(node, pool, kinds)
    yield from _more_factors(node, pool, kinds)


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
        _quoting("`{}` stands where `{}` belongs", new, old))


def _missing(weight, slug, new, lost):
    return weight, slug, new, lambda *_: _quoting("`{}` is missing", lost)


def _doing(weight, slug, new, text, *nodes):
    """A change in words of its own, which quote some nodes."""
    return weight, slug, new, lambda *_: _quoting(text, *nodes)


def _quoting(text, *nodes):
    """A text with nodes in its gaps, and one for the line at its end."""
    said = text.format(*(cut(ast.unparse(node)) for node in nodes))
    return said.replace("{", "{{").replace("}", "}}") + " {line}"


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
    if op is ast.Pow:
        yield _instead(5, "other-operator", ast.BinOp(left, ast.Mult(), right))
    if op in (ast.Sub, ast.Div, ast.Pow):
        yield _instead(4, "exchanged", ast.BinOp(right, node.op, left))
    if isinstance(left, ast.BinOp) and type(left.op) in OPERATORS:
        # brackets too few, or too many
        yield _instead(3, "brackets", ast.BinOp(left.left, left.op, ast.BinOp(
            left.right, node.op, right)))
    if isinstance(right, ast.BinOp) and type(right.op) in OPERATORS:
        yield _instead(3, "brackets", ast.BinOp(
            ast.BinOp(left, node.op, right.left), right.op, right.right))
        if op is ast.Mult and isinstance(right.op, ast.Add | ast.Sub):
            # the factor of one of the terms only
            yield _instead(3, "brackets", ast.BinOp(
                right.left, right.op, ast.BinOp(left, node.op, right.right)))
    if additive and isinstance(left, ast.Call) and len(left.args) == 1 and not left.keywords:
        yield _instead(2, "function-of-sum", ast.Call(
            left.func, [ast.BinOp(left.args[0], node.op, right)], []))
    if op is ast.FloorDiv:
        yield from _rounded_otherwise(node)
    half = ast.Constant(2)
    if op is not ast.Pow:
        yield _instead(5, "factor-2", ast.BinOp(node, ast.Mult(), half))
        yield _instead(5, "factor-2", ast.BinOp(node, ast.Div(), half))


def _rounded_otherwise(node):
    """A quotient rounded up, or to the nearest, where it is to be rounded down."""
    a, b, two = ast.unparse(node.left), ast.unparse(node.right), ast.Constant(2)
    up = ast.UnaryOp(ast.USub(), ast.BinOp(
        ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right))
    nearest = ast.BinOp(ast.BinOp(ast.BinOp(two, ast.Mult(), node.left), ast.Add(), node.right),
                        ast.FloorDiv(), ast.BinOp(two, ast.Mult(), node.right))
    even = ast.parse(f"np.rint(({a}) / ({b})).astype(int)", mode="eval").body
    for new, how in ((up, "up"), (nearest, "to the nearest"), (even, "to the nearest")):
        yield _doing(3, "rounded-otherwise", new, "`{}` is rounded " + how + ", not down", node)


def _looks_up(node):
    """Whether it is what a dictionary holds so far."""
    return (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get")


def _of_unaryop(node):
    if isinstance(node.op, ast.USub | ast.Not):
        yield _instead(2, "sign", node.operand)
        inner = node.operand
        if isinstance(inner, ast.Call) and len(inner.args) == 1 and not inner.keywords:
            yield _instead(3, "function-missing", inner.args[0])


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
    yield from _order(node, name)
    yield from _other_axes(node, name)
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


#: Functions that make one number of many along some axes.
REDUCING = ("sum", "mean", "max", "min", "var", "std", "prod")


def _other_axes(node, name):
    """A sum, or a maximum, over everything where it is one along an axis, or along another."""
    if (name in REDUCING and isinstance(node.func, ast.Attribute) and len(node.args) == 1
            and ast.unparse(node.func.value) != "np"):
        yield _doing(3, "other-axes", ast.Call(node.func, [ast.Constant(None)], node.keywords),
                     "`{}` runs over everything, not over `{}`", node, node.args[0])


def _order(node, name):
    """A sum of powers where the power of a sum is meant, or the other way round; a median."""
    inner = getattr(node.func, "value", None)
    if name in ("sum", "mean") and isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Pow):
        whole = ast.Call(ast.Attribute(inner.left, name, ast.Load()), node.args, node.keywords)
        yield _instead(3, "order-of-steps", ast.BinOp(whole, ast.Pow(), inner.right))
    if name == "mean" and inner is not None:
        yield _instead(3, "other-function", ast.Call(ast.Attribute(
            ast.Name("np", ast.Load()), "median", ast.Load()), [inner, *node.args], node.keywords))


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
        yield _doing(2, "step-missing", ast.Pass(), "what is done is left out")
    elif isinstance(node, ast.Assign):
        yield _doing(2, "step-missing", ast.Pass(), "what is done is left out")
    elif isinstance(node, ast.If):
        for value, word in ((True, "always"), (False, "never")):
            new = ast.If(ast.Constant(value), node.body, node.orelse)
            yield _doing(3, "condition-missing", new, "`{}` " + word + " holds", node.test)


def cut(text):
    return text if len(text) <= LONG else text[:LONG - 4] + " ..."
