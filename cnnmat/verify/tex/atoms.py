"""The lower levels of the grammar: names, numbers, brackets, fractions, environments."""

from contextlib import contextmanager

from cnnmat.verify.tex import commands
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.tree import (
    Brace,
    Derivative,
    Dots,
    Empty,
    Fraction,
    Group,
    Juxtaposition,
    Mark,
    Matrix,
    Name,
    Number,
    Prefix,
    Root,
    Text,
)

__all__ = ["DEEPEST", "Atoms", "is_transpose"]

#: So deep brackets, scripts, fractions may be nested.
DEEPEST = 40
_CLOSING = {*commands.BRACKETS.values(), "\\rbrace", "}"}
#: Letters and signs that stand for themselves.
_MARKS = {"\\#", "#", "?", "\\%", "\\prime", "\\dagger", "\\ddagger", "\\checkmark", "\\circ",
          "\\downarrow", "\\uparrow", "\\Downarrow", "\\&", "\\_", "*", "!"}
_NO_OPERAND = {"^", "_", "'", "&", "\\end", "\\mid", "\\pm", "\\mp", "\\over"}


class Atoms:
    """What needs no precedence; a parser adds the levels above."""

    in_matrix = 0

    # the token here

    @property
    def here(self):
        return self.tokens[self.place]

    @property
    def ahead(self):
        return self.tokens[min(self.place + 1, len(self.tokens) - 1)]

    @property
    def text(self):
        """The text of the token here, under the name that all of the same have."""
        text = self.tokens[self.place].text
        return commands.SAME.get(text, text)

    def take(self):
        token = self.here
        self.place += token.kind != "end"
        return token

    def unexpected(self, wanted=""):
        got = self.here.text or "the end"
        wanted = f"expected {wanted}, got {got}" if wanted else f"{got} cannot stand here"
        raise TexError(self.here.column, wanted)

    @contextmanager
    def deeper(self, column):
        """A level deeper; refused at `DEEPEST`."""
        if self.depth == DEEPEST:
            raise TexError(column, f"nested deeper than {DEEPEST}")
        self.depth += 1
        yield
        self.depth -= 1

    def starts_operand(self):
        """Whether what may stand between two operators begins here."""
        kind, text = self.here.kind, self.text
        if kind in ("number", "letter"):
            return True
        if kind in ("end", "quad", "row") or text in _CLOSING - {"|", "\\|"}:
            return False
        if text in ("|", "\\|"):
            return self.opens_bar()
        if kind == "symbol":
            return text in commands.BRACKETS or text in ("{", "#", "?", "*", "/", "..", "...")
        return not (text in commands.RELATIONS or text in commands.ARROWS or text in _NO_OPERAND
                    or text in _CLOSING)

    def opens_bar(self):
        """Whether the bar here is the first of two, or has a subscript: a value at a point."""
        if self.ahead.text == "_":
            return not self.bars or self.bars[-1] != self.text
        return self.place in self.opening and not (self.bars and self.bars[-1] == self.text)

    # atoms

    def atom(self):
        token, text = self.here, self.text
        if token.kind == "number":
            self.take()
            return Number(token.text.replace("{,}", ""), column=token.column)
        if token.kind == "letter" or text in commands.LETTERS:
            self.take()
            return Name(text, column=token.column)
        if text == "{":
            return self.braces()
        if text in commands.BRACKETS:
            return self.bar_at_a_point() if self.ahead.text == "_" and text in (
                "|", "\\|") and self.place not in self.opening else self.group()
        if text in commands.DOTS:
            self.take()
            return Dots(text, column=token.column)
        if text in _MARKS:
            self.take()
            return Mark(text, column=token.column)
        if token.kind == "command":
            return self.command()
        return self.unexpected()

    def bar_at_a_point(self):
        return Mark(self.text, column=self.take().column)

    def braces(self):
        """What stands in invisible brackets."""
        column = self.here.column
        found = self.argument()
        plain = isinstance(found, (Name, Number, Mark, Empty, Text, Dots))
        return found if plain else Group("{", found, "}", column=column)

    def group(self):
        """Something in brackets; a half-open interval may end in a bracket of the other kind."""
        token, open_ = self.here, self.text
        closers = {"(": (")", "]"), "[": ("]", ")")}.get(open_, (commands.BRACKETS[open_],))
        with self.deeper(token.column):
            self.take()
            self.bars.append(open_ if open_ in ("|", "\\|") else None)
            in_script, self.in_script = self.in_script, False
            in_matrix, self.in_matrix = self.in_matrix, 0
            body = self.items(closers)
            self.in_script, self.in_matrix = in_script, in_matrix
            self.bars.pop()
            if self.text not in closers:
                self.unexpected(f"{closers[0]} for the {open_} in column {token.column}")
            close = self.text
            self.take()
        return Group(open_, body, close, column=token.column)

    # arguments

    def argument(self, in_script=False):
        """What a command or script works on: a group in braces, or a single token."""
        token = self.here
        if token.text != "{":
            return self.single()
        with self.deeper(token.column):
            self.take()
            before = self.in_script, self.in_matrix, self.bars
            self.in_script, self.in_matrix, self.bars = in_script, 0, []
            body = self.items(("}",))
            self.in_script, self.in_matrix, self.bars = before
            if self.here.text != "}":
                self.unexpected(f"}} for the {{ in column {token.column}")
            self.take()
        return body

    def script_argument(self):
        if self.text in ("'", "+", "-"):
            return Mark(self.text, column=self.take().column)
        if self.here.text == "{" and self.ahead.text in ("'", "+", "-"):
            inside = self.marks_in_braces()
            if inside is not None:
                return inside
        return self.argument(in_script=True)

    def marks_in_braces(self):
        """{'}, {''}, {+}, {-}: signs that stand alone; None if there is more."""
        place, text = self.place + 1, ""
        while self.tokens[place].text in ("'", "+", "-"):
            text, place = text + self.tokens[place].text, place + 1
        if self.tokens[place].text != "}":
            return None
        column, self.place = self.here.column, place + 1
        return Mark(text, column=column)

    def single(self):
        """One token as TeX takes it: of a number, its first digit."""
        token = self.here
        if token.kind == "number" and len(token.text) > 1:
            rest = type(token)("number", token.text[1:], token.column + 1)
            self.tokens[self.place] = rest
            return Number(token.text[0], column=token.column)
        if token.kind == "end" or token.text in _CLOSING or token.text == "&":
            self.unexpected("an argument")
        with self.deeper(token.column):
            if self.text in commands.OPERATORS:
                return Mark(self.text, column=self.take().column)
            return self.atom()

    def raw(self):
        """The text in the braces here, or of the one token here, as it stands."""
        start = self.take()
        if start.text != "{":
            if start.kind == "end" or start.text in _CLOSING:
                raise TexError(start.column, f"expected an argument, got {start.text or 'the end'}")
            return start.text
        depth = 1
        while depth:
            token = self.take()
            if token.kind == "end":
                raise TexError(start.column, "the { here is not closed")
            depth += {"{": 1, "}": -1}.get(token.text, 0)
        return self.formula[start.column:token.column - 1]

    # commands

    def command(self):
        token, text = self.here, self.text
        name = text[1:]
        if name in commands.FUNCTIONS:
            self.take()
            return Name(name, "word", column=token.column)
        if text in commands.TEXTS | commands.WORDS | commands.FONTS:
            self.take()
            return self.named(text, token.column)
        make = {"\\frac": self.fraction, "\\sqrt": self.root, "\\begin": self.environment,
                "\\underbrace": self.brace, "\\overbrace": self.brace, "\\boxed": self.boxed,
                "\\stackrel": self.stacked, "\\overset": self.stacked}.get(text)
        if text in commands.ACCENTS:
            make = self.accented
        if make is None:
            if text in commands.RELATIONS or text in commands.ARROWS or text in _NO_OPERAND:
                self.unexpected()
            raise TexError(token.column, f"{text} is not known")
        self.take()
        return make(token.column, text)

    def named(self, command, column):
        text = self.raw().strip()
        if command in commands.TEXTS:
            return Text(text, column=column)
        if not text:
            raise TexError(column, f"{command} has nothing in it")
        style = "word" if command in commands.WORDS else commands.SAME.get(command, command)[1:]
        return Name(text.replace("\\_", "_"), style, column=column)

    def accented(self, column, command):
        body = self.argument()
        if isinstance(body, Name) and not body.style:
            return Name(body.text, command[1:], column=column)
        return Prefix(command, body, column=column)

    def fraction(self, column, _command):
        above, below = self.argument(), self.argument()
        derivative = _as_derivative(above, below, column)
        return derivative or Fraction(above, below, column=column)

    def root(self, column, _command):
        degree = None
        if self.text == "[":
            degree = self.group().body
        return Root(self.argument(), degree, column=column)

    def brace(self, column, command):
        body, label = self.argument(), None
        while self.text in ("_", "^"):
            self.take()
            label = self.script_argument()
        return Brace(command, body, label, column=column)

    def boxed(self, _column, _command):
        return self.argument()

    def stacked(self, column, command):
        raise TexError(column, f"{command} is not known; a definition is \\triangleq or :=")

    def environment(self, column, _command):
        name = self.raw()
        if name.rstrip("*") not in commands.MATRICES:
            raise TexError(column, f"the environment {name} is not known")
        if name in ("array", "alignedat"):
            self.raw()
        with self.deeper(column):
            before, self.in_script = (self.bars, self.in_script, self.in_matrix), False
            self.bars, self.in_matrix = [], 1
            rows = self.rows(column, name)
            self.bars, self.in_script, self.in_matrix = before
        return Matrix(name, rows, column=column)

    def rows(self, column, name):
        rows, row = [], []
        while True:
            row.append(self.items(()))
            token = self.take()
            if token.text == "&":
                continue
            rows.append(tuple(row))
            row = []
            if token.text == "\\end":
                closed = self.raw()
                if closed != name:
                    raise TexError(token.column, f"\\end{{{closed}}} for the \\begin{{{name}}} in "
                                                 f"column {column}")
                break
            if token.kind != "row":
                raise TexError(token.column, f"expected & or \\\\ or \\end{{{name}}}, got "
                                             f"{token.text or 'the end'}")
        # a matrix may end in \\
        return tuple(rows[:-1] if len(rows) > 1 and rows[-1] == (Empty(),) else rows)


def _as_derivative(above, below, column):
    """The derivative that a fraction is, or None."""
    by, letter = _differential(below)
    if by is None:
        return None
    of, same = _differential(above)
    return Derivative(of, by, letter, column=column) if of is not None and same == letter else None


def _differential(node):
    """(x, "\\partial") of \\partial x, (x, "d") of dx; (None, "") of anything else."""
    if isinstance(node, Prefix) and node.operator == "\\partial":
        return node.body, "\\partial"
    if isinstance(node, Name) and node.text == "d":
        return Empty(column=node.column), "d"
    if isinstance(node, Juxtaposition):
        first, *rest = node.factors
        if isinstance(first, Prefix) and first.operator == "\\partial":
            # \partial of several factors: of their product
            return Juxtaposition((first.body, *rest), column=first.column), "\\partial"
        if isinstance(first, Name) and first.text == "d" and first.style in ("", "word"):
            body = rest[0] if len(rest) == 1 else Juxtaposition(tuple(rest), column=rest[0].column)
            return body, "d"
    return None, ""


def is_transpose(node):
    """Whether a superscript is the sign of a transpose, \\mathsf T, T or \\top.

    Examples
    --------
    >>> is_transpose(Name("T", "mathsf")), is_transpose(Name("t"))
    (True, False)
    """
    return isinstance(node, Name) and node.text in ("T", "\\top") and node.style in (
        "", "word", "mathsf")
