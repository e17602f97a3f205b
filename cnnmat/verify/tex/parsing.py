"""The grammar of lecture mathematics: from a formula in LaTeX to its tree.

A parser by precedence, one method a level: a list of statements, arrows, relations, sums, products,
factors side by side, prefixes, scripts, atoms.  Time is linear in the length of the formula, and
what is nested deeper than `DEEPEST` is refused.

Rules of the notation that are not those of programs: factors side by side bind tighter than ⊗ and
⊙; a sum reaches over the whole product behind it; a bar opens where one that closes it follows
before the next comma, and separates otherwise; `x(...)` is a name with something in brackets, and
what that means is left to whoever knows what x is.
"""

from cnnmat.verify.tex import commands
from cnnmat.verify.tex.atoms import DEEPEST, Atoms, is_transpose
from cnnmat.verify.tex.tokens import TexError, tokens
from cnnmat.verify.tex.tree import (
    Apply,
    Big,
    Derivative,
    Empty,
    Juxtaposition,
    List,
    Mark,
    Name,
    Node,
    Prefix,
    Product,
    Relation,
    Script,
    Sum,
)

__all__ = ["DEEPEST", "parse"]

_SEPARATORS = {",": ",", ";": ";", "\\mid": "\\mid", "|": "|"}
_SIGNS = {"+", "-", "\\pm", "\\mp"}
_LIMITED = {"max", "min", "sup", "inf", "lim", "argmax", "argmin"}


def parse(formula: str) -> Node:
    """The tree of a formula.

    Parameters
    ----------
    formula : str
        What stands between dollars, or in an equation.

    Raises
    ------
    TexError
        If it is not in the grammar; it says where, and what was expected.

    Examples
    --------
    >>> parse("2x").factors
    (Number(column=1, text='2'), Name(column=2, text='x', style=''))
    >>> parse("(a+b")
    Traceback (most recent call last):
    cnnmat.verify.tex.tokens.TexError: column 5: expected ) for the ( in column 1, got the end
    """
    if not isinstance(formula, str):
        raise TypeError(f"formula must be a str, got {type(formula).__name__}")
    parser = _Parser(formula)
    tree = parser.items(())
    if parser.here.kind != "end":
        parser.unexpected()
    return tree


class _Parser(Atoms):
    """The levels of the grammar above scripts; those below are in `Atoms`."""

    def __init__(self, formula):
        self.formula, self.tokens, self.place = formula, tokens(formula), 0
        self.depth, self.in_script = 0, False
        self.bars, self.opening = [], _opening_bars(self.tokens)

    # a list of statements

    def items(self, closers):
        """Statements with what separates them, up to one of `closers` or the end."""
        column, items, separators = self.here.column, [self.statement()], []
        while (separator := self.separator(closers)) is not None:
            separators.append(separator)
            items.append(self.statement())
        return List(tuple(items), tuple(separators), column=column) if separators else items[0]

    def separator(self, closers):
        """What separates two statements here, taken; None where the list is over."""
        token = self.here
        if token.kind == "end" or self.text in closers or self.text in ("&", "\\end"):
            return None
        if token.kind in ("quad", "row"):
            found = "\\quad" if token.kind == "quad" else "\\\\"
        elif self.text in _SEPARATORS:
            found = _SEPARATORS[self.text]
        elif self.text == ":" or (self.text == "." and self.ahead.kind in ("end", "quad", "row")):
            found = self.text
        else:
            return None
        if found == "\\\\" and self.in_matrix:
            return None
        self.take()
        return found

    # relations

    def statement(self):
        return self.chain(commands.ARROWS, self.relation)

    def relation(self):
        return self.chain(commands.RELATIONS, self.member)

    def chain(self, operators, member):
        """Members with operators between them; either side of one may be missing."""
        column, members, found = self.here.column, [member()], []
        while self.text in operators or (
                self.text == ":" and self.in_script and operators is commands.RELATIONS):
            found.append(self.relation_taken())
            members.append(member())
        if not found:
            return members[0]
        return Relation(tuple(members), tuple(found), column=column)

    def relation_taken(self):
        """The relation here; what stands on an arrow follows it behind a space."""
        text = self.take().text
        text = commands.SAME.get(text, text)
        if text == "\\xrightarrow":
            start = self.here.column
            self.argument()
            text += self.formula[start - 1:self.tokens[self.place - 1].column]
        return text

    def member(self):
        return self.sum() if self.starts_operand() or self.text in _SIGNS else self.nothing()

    def nothing(self):
        return Empty(column=self.here.column)

    # sums and products

    def sum(self):
        column, signs = self.here.column, [""]
        if self.text in _SIGNS:
            signs = [self.signs_taken()]
        terms = [self.product()]
        while self.text in _SIGNS:
            signs.append(self.signs_taken())
            terms.append(self.nothing() if self.breaks_off() else self.product())
        if signs == [""]:
            return terms[0]
        return Sum(tuple(terms), tuple(signs), column=column)

    def signs_taken(self):
        return self.take().text

    def breaks_off(self):
        """Whether the line ends here: behind a sign or operator that is allowed."""
        return self.here.kind in ("end", "row")

    def product(self):
        column, factors, operators = self.here.column, [self.factors()], []
        while self.text in commands.OPERATORS:
            operators.append(self.operator())
            factors.append(self.negative() if self.text == "-" else
                           self.nothing() if self.breaks_off() else self.factors())
        if not operators:
            return factors[0]
        return Product(tuple(factors), tuple(operators), column=column)

    def operator(self):
        """An operator, with a script where it has one: *_{full}."""
        mark = Mark(self.text, column=self.take().column)
        return self.scripts(mark)

    def negative(self):
        column = self.take().column
        return Prefix("-", self.factors(), column=column)

    def factors(self):
        """Factors side by side."""
        column, factors = self.here.column, [self.prefix()]
        while self.starts_factor():
            factors.append(self.prefix())
        return factors[0] if len(factors) == 1 else Juxtaposition(tuple(factors), column=column)

    def starts_factor(self):
        return self.starts_operand() and self.text not in commands.OPERATORS

    # prefixes

    def prefix(self):
        text = self.text
        if text in commands.BIG:
            return self.big(Mark(text, column=self.take().column))
        if text == "\\partial":
            return self.partial()
        if text in ("\\forall", "\\exists", "\\neg", "\\lnot"):
            return self.under(lambda column: Prefix(text, self.member(), column=column))
        if text in commands.OPERATORS:
            return self.lonely_operator()
        found = self.postfix()
        limited = isinstance(found, Script) and _is_limited(found.base)
        return self.limited(found) if limited else found

    def under(self, make):
        """What `make` makes of the column of the token here, taken, one level deeper."""
        column = self.take().column
        with self.deeper(column):
            return make(column)

    def big(self, operator):
        """A sum and its kin: the limits, and the product over which it reaches."""
        below = above = None
        while self.text in ("_", "^"):
            if self.take().text == "_":
                below = self.script_argument()
            else:
                above = self.script_argument()
        with self.deeper(operator.column):
            body = self.product() if self.starts_operand() else self.nothing()
        return Big(operator, below, above, body, column=operator.column)

    def limited(self, found):
        """max, lim and their kin over what stands below them."""
        below, above = found.sub, found.sup
        if not self.starts_factor():
            return found
        with self.deeper(found.column):
            body = self.postfix()
        return Big(found.base, below, above, body, column=found.column)

    def partial(self):
        """\\partial a, or \\partial a/\\partial b as a whole."""
        column = self.take().column
        if self.text == "^":
            raise TexError(column, "higher derivatives are not in the grammar")
        with self.deeper(column):
            of = self.prefix() if self.starts_factor() else self.nothing()
            if self.text == "/" and self.ahead.text == "\\partial":
                self.take()
                self.take()
                return Derivative(of, self.prefix(), slash=True, column=column)
        return Prefix("\\partial", of, column=column)

    def lonely_operator(self):
        """An operator in front of what it works on, or alone."""
        mark = self.operator()
        if isinstance(mark, Mark) and self.starts_factor():
            with self.deeper(mark.column):
                return Prefix(mark.text, self.prefix(), column=mark.column)
        return mark

    # scripts, and what stands in brackets behind a name

    def postfix(self):
        found, depth = self.scripts(self.atom()), self.depth
        while True:
            depth += 1
            if depth > DEEPEST:
                raise TexError(found.column, f"nested deeper than {DEEPEST}")
            name = found.base if isinstance(found, Script) else found
            if isinstance(found, Script) and _is_limited(name):
                return found
            if self.text in ("(", "[") and _may_apply(found):
                found = self.scripts(self.applied(found))
            elif isinstance(name, Name) and name.is_word and self.starts_factor():
                with self.deeper(found.column):
                    found = Apply(found, self.postfix(), "", "", column=found.column)
            elif self.text == "!":
                self.take()
                found = Apply(Name("!", column=found.column), found, "", "", column=found.column)
            else:
                return found

    def applied(self, function):
        group = self.group()
        return Apply(function, group.body, group.open, group.close, column=function.column)

    def scripts(self, base):
        """`base` with the scripts and primes behind it."""
        sub = sup = None
        primes = 0
        while self.text in ("_", "^", "'"):
            token = self.take()
            if token.text == "'":
                primes += 1
            elif token.text == "_":
                if sub is not None:
                    raise TexError(token.column, "a second subscript")
                sub = self.script_argument()
            else:
                found = self.script_argument()
                if isinstance(found, Mark) and set(found.text) == {"'"}:
                    primes += len(found.text)
                elif sup is not None:
                    raise TexError(token.column, "a second superscript")
                else:
                    sup = found
        if sub is None and sup is None and not primes:
            return base
        return Script(base, sub, sup, primes, column=base.column)


def _is_limited(node):
    """Whether a subscript says over what this is taken: max, lim."""
    return isinstance(node, Name) and node.is_word and node.text in _LIMITED


def _may_apply(found):
    """Whether what stands in brackets behind `found` may be its argument."""
    while isinstance(found, Script):
        if is_transpose(found.sup):
            return False
        found = found.base
    return isinstance(found, Name)


def _opening_bars(found):
    """The places of bars that another one may close: it follows in the same bracket, before the
    next comma."""
    opening, ahead = set(), [set()]
    for place in range(len(found) - 1, -1, -1):
        text = commands.SAME.get(found[place].text, found[place].text)
        if text in (")", "]", "}", "\\}", "\\rceil", "\\rfloor", "\\rangle"):
            ahead.append(set())
        elif text in ("(", "[", "{", "\\{", "\\lceil", "\\lfloor", "\\langle"):
            # one too many is somebody else's to refuse
            ahead[-1:] = [] if len(ahead) > 1 else [set()]
        elif text in (",", ";", "\\mid") or found[place].kind in ("quad", "row"):
            ahead[-1] = set()
        elif text in ("|", "\\|"):
            if text in ahead[-1]:
                opening.add(place)
            ahead[-1].add(text)
    return opening
