"""A tree written out: as LaTeX that reads back to it, and as text for a terminal."""

from __future__ import annotations

from cnnmat.verify.tex import commands
from cnnmat.verify.tex.atoms import is_transpose
from cnnmat.verify.tex.tree import Group, List, Name, Node, Number, Script, Text, walk

__all__ = ["latex", "plain"]


def latex(node: Node) -> str:
    """The formula that a tree is, in LaTeX.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> latex(parse(r"\\frac12\\,V_c^T ( I \\otimes w )"))
    '\\\\frac{1}{2}V_{c}^{T}(I\\\\otimes w)'
    """
    return _LATEX.write(node)


def plain(node: Node) -> str:
    """The formula that a tree is, as one line of text.

    Examples
    --------
    >>> from cnnmat.verify.tex import parse
    >>> print(plain(parse(r"V^{(d,c+1)}\\triangleq V_c^T\\odot(\\mathbb1\\mathbb1^T\\otimes w^T)")))
    V^(d,c+1) ≜ V_cᵀ ⊙ (𝟙𝟙ᵀ ⊗ wᵀ)
    """
    return _PLAIN.write(node).strip()


class _Writer:
    """What both ways of writing have in common."""

    def write(self, node):
        return getattr(self, type(node).__name__.lower())(node)

    def empty(self, _node):
        return ""

    def number(self, node):
        return node.text

    def list(self, node):
        parts = [self.write(node.items[0])]
        for separator, item in zip(node.separators, node.items[1:], strict=True):
            parts += [self.separator(separator), self.write(item)]
        return "".join(parts)

    def group(self, node):
        return f"{self.bracket(node.open)}{self.write(node.body)}{self.bracket(node.close)}"

    def prefix(self, node):
        return f"{self.sign(node.operator)}{self.write(node.body)}"

    def apply(self, node):
        if isinstance(node.function, Name) and node.function.text == "!":
            return f"{self.write(node.argument)}!"
        open_, close = self.bracket(node.open) or self.gap, self.bracket(node.close)
        return f"{self.write(node.function)}{open_}{self.write(node.argument)}{close}"

    def sum(self, node):
        parts = [f"{sign}{self.write(term)}" if not place else
                 f"{self.between(sign)}{self.write(term)}"
                 for place, (sign, term) in enumerate(zip(node.signs, node.terms, strict=True))]
        return "".join(parts)

    def product(self, node):
        parts = [self.write(node.factors[0])]
        for operator, factor in zip(node.operators, node.factors[1:], strict=True):
            parts += [self.between(self.write(operator)), self.write(factor)]
        return "".join(parts)

    def relation(self, node):
        parts = [self.write(node.members[0])]
        for operator, member in zip(node.operators, node.members[1:], strict=True):
            parts += [self.between(self.sign(operator)), self.write(member)]
        return "".join(parts).strip()

    def juxtaposition(self, node):
        parts = [self.write(node.factors[0])]
        for before, factor in zip(node.factors, node.factors[1:], strict=False):
            parts += [self.beside(before, factor), self.write(factor)]
        return "".join(parts)


class _Latex(_Writer):
    gap = " "

    def name(self, node):
        if node.style == "word":
            return (f"\\{node.text} " if node.text in commands.FUNCTIONS
                    else f"\\mathrm{{{node.text.replace('_', chr(92) + '_')}}}")
        if node.style:
            return f"\\{node.style}{{{node.text}}}"
        return f"{node.text} " if node.text.startswith("\\") else node.text

    def text(self, node):
        return f"\\text{{{node.text}}}"

    def mark(self, node):
        return self.sign(node.text)

    dots = mark

    def sign(self, text):
        return f"{text} " if text[-1:].isalpha() else text

    between = bracket = sign

    def separator(self, text):
        return self.sign(text)

    def beside(self, _before, _factor):
        return ""

    def group(self, node):
        if node.open == "{":
            return f"{{{self.write(node.body)}}}"
        return super().group(node)

    def script(self, node):
        sub = "" if node.sub is None else f"_{{{self.write(node.sub)}}}"
        sup = "" if node.sup is None else f"^{{{self.write(node.sup)}}}"
        return f"{self.write(node.base)}{chr(39) * node.primes}{sub}{sup}"

    def prefix(self, node):
        body = self.write(node.body)
        accent = node.operator in commands.ACCENTS
        return f"{node.operator}{{{body}}}" if accent else f"{self.sign(node.operator)}{body}"

    def fraction(self, node):
        return f"\\frac{{{self.write(node.above)}}}{{{self.write(node.below)}}}"

    def derivative(self, node):
        of, by = (f"{self.sign(node.letter)}{self.write(one)}" for one in (node.of, node.by))
        return f"{of}/{by}" if node.slash else f"\\frac{{{of}}}{{{by}}}"

    def root(self, node):
        degree = "" if node.degree is None else f"[{self.write(node.degree)}]"
        return f"\\sqrt{degree}{{{self.write(node.body)}}}"

    def big(self, node):
        limits = "".join(f"{mark}{{{self.write(one)}}}" for mark, one in (
            ("_", node.below), ("^", node.above)) if one is not None)
        return f"{self.write(node.operator).strip()}{limits} {self.write(node.body)}"

    def brace(self, node):
        label = "" if node.label is None else f"_{{{self.write(node.label)}}}"
        return f"{node.command}{{{self.write(node.body)}}}{label}"

    def matrix(self, node):
        columns = {"array": "{" + "c" * max(map(len, node.rows)) + "}",
                   "alignedat": "{1}"}.get(node.environment, "")
        rows = "\\\\".join("&".join(map(self.write, row)) for row in node.rows)
        return f"\\begin{{{node.environment}}}{columns}{rows}\\end{{{node.environment}}}"


_SUPER = str.maketrans("0123456789-+", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SHOWN = {**commands.RELATIONS, **commands.ARROWS, **commands.OPERATORS, **commands.BIG,
          **commands.DOTS, **commands.LETTERS, "\\{": "{", "\\}": "}", "\\|": "‖", "\\#": "#",
          "\\lceil": "⌈", "\\rceil": "⌉", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\langle": "⟨",
          "\\rangle": "⟩", "\\partial": "∂", "\\forall": "∀", "\\exists": "∃", "\\neg": "¬",
          "\\lnot": "¬", "\\pm": "±", "\\mp": "∓", "-": "-", "\\mid": "|", "\\%": "%",
          "\\prime": "′", "\\top": "ᵀ", "\\quad": "   ", "\\\\": "; ", "\\downarrow": "↓",
          "\\uparrow": "↑"}
_DOUBLE = {"1": "𝟙", "R": "ℝ", "N": "ℕ", "Z": "ℤ", "C": "ℂ", "Q": "ℚ", "E": "𝔼"}


class _Plain(_Writer):
    gap = " "

    def name(self, node):
        text = _SHOWN.get(node.text, node.text)
        if "\\" + node.style in commands.ACCENTS:
            return text + commands.ACCENTS["\\" + node.style]
        return _DOUBLE.get(text, text) if node.style == "mathbb" else text

    def text(self, node):
        return f" {node.text.strip()} "

    def sign(self, text):
        # what stands on an arrow is left out
        return _SHOWN.get(text.partition("{")[0] or text, text)

    bracket = sign

    def mark(self, node):
        return self.sign(node.text)

    dots = mark

    def between(self, text):
        return f" {self.sign(text)} "

    def separator(self, text):
        return {",": ",", ";": "; ", ":": ": ", ".": ". ", "\\quad": "   "}.get(
            text, self.between(text))

    def list(self, node):
        spaced = any(not isinstance(one, (Name, Number, Script)) for one in node.items)
        text = super().list(node)
        return text.replace(",", ", ") if spaced and "(" not in text else text

    def group(self, node):
        return self.write(node.body) if node.open == "{" else super().group(node)

    def beside(self, before, factor):
        short = all(len(self.write(one)) <= 2 for one in (before, factor))
        tight = isinstance(factor, Group) or isinstance(before, Number) or short
        return "" if tight and not isinstance(before, Text) else " "

    def script(self, node):
        base = self.write(node.base) + "'" * node.primes
        return base + self.subscript(node.sub) + self.superscript(node.sup)

    def subscript(self, node):
        if node is None:
            return ""
        text = self.tight(node)
        if isinstance(node, Number) and text.isdigit():
            return text.translate(_SUB)
        return f"_{text}" if len(text) == 1 else f"_{self.enclosed(node, text)}"

    def tight(self, node):
        text = self.write(node)
        return text if any(isinstance(one, Text) for one in walk(node)) else text.replace(" ", "")

    def superscript(self, node):
        if node is None:
            return ""
        if is_transpose(node):
            return "ᵀ"
        text = self.tight(node)
        if text.lstrip("-").isdigit():
            return text.translate(_SUPER)
        return f"^{text}" if len(text) == 1 else f"^{self.enclosed(node, text)}"

    def enclosed(self, node, text):
        whole = isinstance(node, (Group, Name)) or (isinstance(node, List) and text[0] == "(")
        return text if whole else f"({text})"

    def fraction(self, node):
        return "/".join(self.factor(one) for one in (node.above, node.below))

    def factor(self, node):
        text = self.write(node)
        return text if isinstance(node, (Number, Name, Script, Group)) else f"({text})"

    def derivative(self, node):
        letter = self.sign(node.letter)
        return f"{letter}{self.write(node.of)}/{letter}{self.write(node.by)}"

    def root(self, node):
        degree = self.superscript(node.degree)
        return f"{degree}√{self.factor(node.body)}"

    def big(self, node):
        limits = self.limit("_", node.below) + self.limit("^", node.above)
        return f"{self.write(node.operator)}{limits} {self.write(node.body)}"

    def limit(self, mark, node):
        return "" if node is None else f"{mark}{{{self.write(node)}}}"

    def brace(self, node):
        return self.write(node.body)

    def matrix(self, node):
        rows = "; ".join(" ".join(self.write(cell) or "·" for cell in row) for row in node.rows)
        return f"[{rows}]"


_LATEX, _PLAIN = _Latex(), _Plain()
