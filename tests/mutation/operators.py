"""Single-token mutants: what one slip of the pen makes of a statement.

Each operator takes a node and its `Text` and yields (start, end, replacement), byte offsets into
the file.  TOKENS are slips in formulas; LENIENT ones make a judge see less, and belong to
packages that judge.
"""

import ast
import itertools
import random
import re
from dataclasses import dataclass

from tests.mutation.statements import CHECKS, ROOT, arithmetic, call_name, statements

BINARY = {ast.Add: "-", ast.Sub: "+", ast.Mult: "+", ast.Div: "*", ast.FloorDiv: "%",
          ast.Mod: "//", ast.Pow: "*", ast.BitAnd: "|", ast.BitOr: "&"}
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//",
         ast.Mod: "%", ast.Pow: "**", ast.BitAnd: "&", ast.BitOr: "|", ast.MatMult: "@",
         ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
         ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
         ast.And: "and", ast.Or: "or"}
NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
COMPARED = {ast.Lt: ("<=", ">"), ast.LtE: ("<", ">="), ast.Gt: (">=", "<"), ast.GtE: (">", "<="),
            ast.Eq: ("!=",), ast.NotEq: ("==",), ast.Is: ("is not",), ast.IsNot: ("is",),
            ast.In: ("not in",), ast.NotIn: ("in",)}
NAMES = {"min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "any": "all",
         "all": "any", "zeros": "ones", "ones": "zeros", "zeros_like": "ones_like",
         "ones_like": "zeros_like", "C": "D", "D": "C", "P": "S", "S": "P", "start": "stop",
         "stop": "start", "stride": "dilation", "dilation": "stride"}
#: Functions of which the order of arguments says nothing.
SYMMETRIC = {"isinstance", "min", "max", "minimum", "maximum", "array_equal", "result_array",
             "result_type", "may_share_memory", "add", "multiply", "is_exact",
             "index_type", "swapaxes"}
#: Calls of one argument that cannot be left out without an error at once.
NEEDED = {"len", "range", "isinstance", "iter", "next", "tuple", "list", "dict", "set",
          "enumerate", "zip", "super", "type", "vars", "getattr", "hasattr", "slice", "dtype"}


class Text:
    """A file as bytes, for the columns of `ast` count bytes."""

    def __init__(self, text):
        self.bytes = text.encode()
        self.starts = [0]
        for line in self.bytes.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))

    def span(self, node):
        """Where the text of `node` starts and ends."""
        return (self.starts[node.lineno - 1] + node.col_offset,
                self.starts[node.end_lineno - 1] + node.end_col_offset)

    def of(self, node):
        start, end = self.span(node)
        return self.bytes[start:end].decode()

    def replaced(self, node, by):
        return (*self.span(node), by)

    def between(self, left, right, sign):
        """Where the token `sign` stands between two nodes."""
        start, end = self.span(left)[1], self.span(right)[0]
        found = re.search(rb"\b" + sign.encode() + rb"\b" if sign.isalpha() or " " in sign
                          else re.escape(sign.encode()), self.bytes[start:end])
        return start + found.start(), start + found.end()

    def exchanged(self, left, right):
        """The two nodes, one in the place of the other."""
        (start, stop), (first, end) = self.span(left), self.span(right)
        middle = self.bytes[stop:first].decode()
        return start, end, self.of(right) + middle + self.of(left)


# --- slips in formulas ----------------------------------------------------------------


def operator_changed(node, text):
    """a + b, a - b; a += b, a -= b."""
    if isinstance(node, ast.BinOp) and type(node.op) in BINARY:
        yield *text.between(node.left, node.right, SIGNS[type(node.op)]), BINARY[type(node.op)]
    if isinstance(node, ast.AugAssign) and type(node.op) in BINARY:
        sign = SIGNS[type(node.op)]
        start, end = text.between(node.target, node.value, sign + "=")
        yield start, end, BINARY[type(node.op)] + "="
        yield start, end, "="


def operands_exchanged(node, text):
    """a @ b, b @ a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, NOT_COMMUTATIVE):
        yield text.exchanged(node.left, node.right)


def sign_dropped(node, text):
    """-a, a; not a, a."""
    if isinstance(node, ast.UnaryOp):
        yield text.replaced(node, text.of(node.operand))


def comparison_changed(node, text):
    """a < b, a <= b, a > b."""
    if isinstance(node, ast.Compare):
        operands = [node.left, *node.comparators]
        for op, left, right in zip(node.ops, operands, operands[1:], strict=False):
            where = text.between(left, right, SIGNS[type(op)])
            yield from ((*where, new) for new in COMPARED[type(op)])


def connective_changed(node, text):
    """a and b, a or b."""
    if isinstance(node, ast.BoolOp):
        new = "or" if isinstance(node.op, ast.And) else "and"
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield *text.between(left, right, SIGNS[type(node.op)]), new


def constant_changed(node, text):
    """True, False; 1, 0, 2."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, bool):
            yield text.replaced(node, str(not node.value))
        elif isinstance(node.value, int):
            yield text.replaced(node, str(node.value + 1))
            if node.value > 0:
                yield text.replaced(node, str(node.value - 1))
        elif isinstance(node.value, float):
            yield text.replaced(node, repr(2 * node.value + 1))


def name_changed(node, text):
    """min, max; g.C, g.D."""
    if isinstance(node, ast.Name) and node.id in NAMES and len(node.id) > 1:
        yield text.replaced(node, NAMES[node.id])
    if isinstance(node, ast.Attribute) and node.attr in NAMES:
        end = text.span(node)[1]
        yield end - len(node.attr.encode()), end, NAMES[node.attr]


def transpose_dropped(node, text):
    """a.T, a; a.mT, a."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield text.replaced(node, text.of(node.value))


def call_dropped(node, text):
    """reversed(a), a; a.copy(), a; abs(a), a."""
    if not isinstance(node, ast.Call):
        return
    name = call_name(node)
    if len(node.args) == 1 and name not in NEEDED and not name[:1].isupper():
        yield text.replaced(node, text.of(node.args[0]))
    if not node.args and not node.keywords and isinstance(node.func, ast.Attribute):
        yield text.replaced(node, text.of(node.func.value))


def reversal_dropped(node, text):
    """a[::-1], a."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and (
            node.slice.step is not None and text.of(node.slice) == "::-1"):
        yield text.replaced(node, text.of(node.value))


def arguments_exchanged(node, text):
    """f(a, b), f(b, a); (a, b), (b, a)."""
    elements = getattr(node, "args", ()) if isinstance(node, ast.Call) else (
        node.elts if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) else ())
    if isinstance(node, ast.Call) and call_name(node) in SYMMETRIC:
        return
    for left, right in itertools.pairwise(elements):
        # two words in a tuple are a choice, in which the order says nothing
        words = all(isinstance(getattr(one, "value", None), str) for one in (left, right))
        starred = any(isinstance(one, ast.Starred) for one in (left, right))
        if text.of(left) != text.of(right) and not words and not starred:
            yield text.exchanged(left, right)


def index_changed(node, text):
    """a[c], a[c - 1], a[c + 1]."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Name):
        yield text.replaced(node.slice, f"{text.of(node.slice)} + 1")
        yield text.replaced(node.slice, f"{text.of(node.slice)} - 1")


def branches_exchanged(node, text):
    """a if b else c, c if b else a."""
    if isinstance(node, ast.IfExp):
        yield text.exchanged(node.body, node.orelse)


def statement_dropped(node, text):
    """np.copyto(a, b); a += b; a[...] = b."""
    drops = isinstance(node, ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
        and not _is_about_arguments(node.value)) or (
        isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript))
    if drops:
        yield text.replaced(node, "pass")


TOKENS = (operator_changed, operands_exchanged, sign_dropped, comparison_changed,
          connective_changed, constant_changed, name_changed, transpose_dropped, call_dropped,
          reversal_dropped, arguments_exchanged, index_changed, branches_exchanged,
          statement_dropped)

# --- what makes a judge see less --------------------------------------------------------


def always_so(node, text):
    """if a:, if True:, if False:; return a == b, return True; a == b, True."""
    if isinstance(node, ast.If):
        yield text.replaced(node.test, "True")
        yield text.replaced(node.test, "False")
    if isinstance(node, ast.Return) and node.value is not None and isinstance(
            node.value, (ast.Compare, ast.BoolOp, ast.Call, ast.UnaryOp)):
        yield text.replaced(node.value, "True")
    if isinstance(node, ast.Compare):
        yield text.replaced(node, "True")


def swallowed(node, text):
    """raise ValueError(...), pass."""
    if isinstance(node, ast.Raise):
        yield text.replaced(node, "pass")


def none_looked_at(node, text):
    """for one in all:, for one in ():."""
    if isinstance(node, ast.For):
        yield text.replaced(node.iter, "()")


def first_only(node, text):
    """for one in all:, for one in list(all)[:1]:."""
    if isinstance(node, ast.For):
        yield text.replaced(node.iter, f"list({text.of(node.iter)})[:1]")


def tolerance_widened(node, text):
    """1e-12, 1e-06."""
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        yield text.replaced(node, repr(node.value * 1e6))


LENIENT = (always_so, swallowed, none_looked_at, first_only, tolerance_widened,
           connective_changed, name_changed, sign_dropped, comparison_changed, branches_exchanged,
           statement_dropped)

GROUPS = {"tokens": TOKENS, "lenient": LENIENT}

# --- mutants --------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutant:
    """A file with one slip."""

    path: str
    function: str
    lines: tuple
    operator: str
    start: int
    end: int
    new: str

    def source(self, text):
        """The text of the file with the slip in it."""
        return (text.bytes[:self.start] + self.new.encode() + text.bytes[self.end:]).decode()

    def difference(self, text):
        """The line before and after; of a slip that spans several, all of them as one."""
        first = text.bytes.rfind(b"\n", 0, self.start) + 1
        last = text.bytes.find(b"\n", self.end)
        last = len(text.bytes) if last < 0 else last
        before = text.bytes[first:last].decode()
        after = (text.bytes[first:self.start] + self.new.encode()
                 + text.bytes[self.end:last]).decode()
        return tuple(" ".join(one.split()) for one in (before, after))


def nodes_of(statement):
    """The nodes of a statement that are its own, no message and no check of an argument."""
    waiting = [statement.node]
    while waiting:
        node = waiting.pop()
        yield node
        for name, value in ast.iter_fields(node):
            nested = isinstance(node, ast.stmt) and name in (
                "body", "orelse", "finalbody", "handlers")
            if name in ("annotation", "returns") or nested:
                continue
            waiting += [one for one in (value if isinstance(value, list) else [value])
                        if isinstance(one, ast.AST) and not _is_about_arguments(one)
                        and not _is_left_open(node, one)]


def _is_about_arguments(node):
    """Messages, types, `strict=True`, and calls of what only checks."""
    if isinstance(node, ast.keyword):
        return node.arg == "strict"
    if isinstance(node, ast.Call):
        return (getattr(getattr(node.func, "value", None), "id", "") == "arguments"
                or call_name(node) in {"isinstance", *CHECKS})
    return isinstance(node, ast.JoinedStr)


def _is_left_open(node, one):
    """The -1 of a reshape, for which NumPy takes any negative number."""
    return isinstance(node, ast.Call) and call_name(node) == "reshape" and isinstance(
        one, ast.UnaryOp)


def of_statement(statement, operators, text):
    """All mutants of a statement that are Python and something else than before."""
    before = ast.dump(ast.parse(text.bytes))
    found = {}
    for node in nodes_of(statement):
        for operator in operators:
            for start, end, new in operator(node, text):
                mutant = Mutant(statement.path, statement.function, tuple(statement.lines),
                                operator.__name__, start, end, new)
                source = mutant.source(text)
                try:
                    after = ast.dump(ast.parse(source))
                except SyntaxError:
                    continue
                if after != before:
                    found.setdefault(source, mutant)
    return list(found.values())


def chosen(paths, operators, count, seed, rule="arithmetic"):
    """`count` mutants of the files `paths`: one of each statement before a second of any.

    `paths` may be a dictionary that names the functions to take of a file, None for all.
    Of a statement any operator that applies is as likely as any other.
    """
    wanted = paths if isinstance(paths, dict) else dict.fromkeys(paths)
    pick = random.Random(seed)
    find = arithmetic if rule == "arithmetic" else statements
    texts = {path: Text((ROOT / path).read_text(encoding="utf-8")) for path in paths}
    waiting = [one for path, functions in wanted.items() for one in find(path)
               if functions is None or one.function in functions]
    pick.shuffle(waiting)
    mutants, left = [], {}
    while waiting and len(mutants) < count:
        one = waiting.pop(0)
        if one not in left:
            left[one] = of_statement(one, operators, texts[one.path])
        if left[one]:
            operator = pick.choice(sorted({mutant.operator for mutant in left[one]}))
            mutant = pick.choice([m for m in left[one] if m.operator == operator])
            left[one].remove(mutant)
            mutants.append(mutant)
            waiting.append(one)
    return mutants, texts
