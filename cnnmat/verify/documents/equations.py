"""An equation of a lecture: the formula as the parser takes it, with where each part stands."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field

from cnnmat.verify.documents.lexing import Token, text_of
from cnnmat.verify.tex import commands

__all__ = ["Equation", "Row", "breaks_off", "goes_on", "joined", "made", "rows"]

#: Commands of the layout, with how many arguments they have; none of it is mathematics.
_LAYOUT = {"\\label": 1, "\\tag": 1, "\\tag*": 1, "\\intertext": 1, "\\shortintertext": 1,
           "\\hspace": 1, "\\hspace*": 1, "\\vspace": 1, "\\phantom": 1, "\\hphantom": 1,
           "\\vphantom": 1, "\\ref": 1, "\\eqref": 1, "\\cite": 1, "\\color": 1, "\\textcolor": 1,
           "\\footnote": 1, "\\marginpar": 1, "\\hfill": 0, "\\strut": 0, "\\mathstrut": 0,
           "\\qedhere": 0, "\\allowbreak": 0, "\\smallskip": 0, "\\medskip": 0, "\\noindent": 0,
           "\\centering": 0, "\\normalsize": 0, "\\small": 0, "\\nonumber": 0, "\\notag": 0,
           "\\smash": 0, "\\mathsurround": 0}
_TEXTS = {"\\text", "\\mbox", "\\textnormal", "\\textrm", "\\textit", "\\textbf"}
#: Environments inside an equation that only break its lines.
INNER = {"split", "aligned", "alignedat", "gathered", "multlined"}
_SIGNS = {"+", "-"}
_GAPS = {"&", "\\quad", "\\qquad", "\\,", "\\;", "\\!", "\\:"}


@dataclass
class Row:
    """A line of a displayed formula: its tokens, and what the layout says of it."""

    tokens: list[Token]
    label: str = ""
    tag: str | None = None
    numbered: bool = True


@dataclass
class Equation:
    """One equation.

    Attributes
    ----------
    number : str
        As the text prints it, without brackets; empty where it has none.
    label : str
    formula : str
    places : list of int
        The position of each character of the formula.
    after : Equation or None
        The one of which it goes on from the left side.
    """

    number: str
    label: str
    formula: str
    places: list[int] = field(repr=False)
    after: Equation | None = None

    @property
    def position(self) -> int:
        """Where it begins."""
        return self.places[0]

    @property
    def end(self) -> int:
        """Where it ends."""
        return self.places[-1]

    def at(self, column: int) -> int:
        """The position of a column of the formula, counted from 1."""
        return self.places[min(max(column, 1), len(self.places)) - 1]


def rows(tokens, apart=True):
    r"""The rows of a displayed formula, parted at each \\ that is in no brackets; one, if not
    `apart`."""
    found, depth = [[]], 0
    for token in tokens:
        depth += token.kind == "open" or token.text == "\\begin"
        depth -= token.kind == "close" or token.text == "\\end"
        if apart and not depth and token.text == "\\\\":
            found.append([])
        else:
            found[-1].append(token)
    return [_row(one) for one in found if text_of(one).strip()]


def _row(tokens):
    """A row without its layout."""
    row, place = Row([]), 0
    while place < len(tokens):
        token = tokens[place]
        count = _LAYOUT.get(token.text) if token.kind == "command" else None
        if token.text == "\\begin" or token.text == "\\end":
            past = _past_group(tokens, place + 1)
            row.tokens += tokens[place:past]
        elif count is None:
            past = place + 1
            row.tokens.append(token)
        else:
            past = _past_group(tokens, place + 1) if count else place + 1
            _note(row, token.text, text_of(tokens[place + 1:past]).strip()[1:-1])
        place = past
    return row


def _note(row, command, argument):
    if command == "\\label":
        row.label = argument
    elif command in ("\\tag", "\\tag*"):
        row.tag = argument.strip("()$ ")
    elif command in ("\\nonumber", "\\notag"):
        row.numbered = False


def _past_group(tokens, place):
    """The place behind the group in braces that begins at `place`, spaces before it apart."""
    while place < len(tokens) and tokens[place].kind == "space":
        place += 1
    if place == len(tokens) or tokens[place].kind != "open":
        return place
    depth = 0
    while place < len(tokens):
        depth += (tokens[place].kind == "open") - (tokens[place].kind == "close")
        place += 1
        if not depth:
            break
    return place


def goes_on(row):
    """Whether a row begins as the middle of a formula: with a relation, an operator, or a sign
    behind a mark of alignment."""
    aligned = False
    for token in row.tokens:
        if token.kind in ("space", "open", "close"):
            continue
        if token.text == "&":
            aligned = True
            continue
        text = commands.SAME.get(token.text, token.text)
        if token.text in _GAPS:
            continue
        first = text if text.startswith("\\") else text[:1]
        return (first in commands.RELATIONS or text[:2] in commands.RELATIONS
                or first in commands.OPERATORS or (aligned and first in _SIGNS))
    return False


def _from_its_start(tokens):
    """Tokens without the spaces and marks in front."""
    start = 0
    while start < len(tokens) and (tokens[start].kind == "space" or tokens[start].text in _GAPS):
        start += 1
    return tokens[start:]


def _without_point(tokens):
    """Tokens without the comma or point at their end."""
    end = len(tokens)
    while end and (tokens[end - 1].kind == "space" or tokens[end - 1].text in _GAPS):
        end -= 1
    last = tokens[end - 1] if end else None
    if last is None or last.kind != "text":
        return tokens
    bare = last.text.rstrip(",;.")
    return [*tokens[:end - 1], *([last._replace(text=bare)] if bare else [])]


def breaks_off(row):
    """Whether a row ends in a relation or an operator."""
    for token in reversed(row.tokens):
        if token.kind == "space" or token.text == "&":
            continue
        text = commands.SAME.get(token.text, token.text)
        last = text if text.startswith("\\") else text[-1:]
        return last in commands.RELATIONS or last in commands.OPERATORS or last in _SIGNS
    return False


def joined(parts, always=False):
    r"""Rows that are one formula as one: what goes on from the row before it, or `always`, follows
    it, all else behind \\."""
    tokens = [*parts[0].tokens]
    for before, row in itertools.pairwise(parts):
        on = always or goes_on(row) or breaks_off(before)
        first = row.tokens[0].position
        if on:
            tokens = _without_point(tokens)
        tokens += [Token("space", " ", first), *_from_its_start(row.tokens)] if on else [
            Token("command", "\\\\", first), *row.tokens]
    labels = [one.label for one in parts if one.label]
    tags = [one.tag for one in parts if one.tag is not None]
    return Row(tokens, labels[0] if labels else "", tags[0] if tags else None,
               any(one.numbered for one in parts))


def made(row, number, after=None):
    """The equation that a row is."""
    tokens = _unwrapped(row.tokens)
    text, places, depth, cases = [], [], 0, []
    tokens = _with_words(tokens)
    for place, token in enumerate(tokens):
        depth += (token.kind == "open") - (token.kind == "close")
        if token.text in ("\\begin", "\\end"):
            cases += [1] if token.text == "\\begin" else cases and [cases.pop()][:0]
        piece = " " if token.kind == "space" else token.text
        if token.text == "&" and not cases:
            piece = " "
        following = tokens[place + 1].text[:1] if place + 1 < len(tokens) else ""
        if token.kind == "command" and piece[-1:].isalpha() and following.isalpha():
            piece += " "
        text.append(piece)
        places += [token.position + k for k in range(len(piece))] if len(piece) == len(
            token.text) else [token.position] * len(piece)
    formula = "".join(text)
    start = len(formula) - len(formula.lstrip())
    end = len(formula.rstrip().rstrip(".,;").rstrip())
    end = max(end, start + 1)
    return Equation(number, row.label, formula[start:end], places[start:end] or [0], after)


def _unwrapped(tokens):
    """The lines of an environment that does no more than break them, as one formula."""
    inside = [k for k, token in enumerate(tokens) if token.kind != "space"]
    if not inside or tokens[inside[0]].text != "\\begin":
        return tokens
    start = _past_group(tokens, inside[0] + 1)
    name = text_of(tokens[inside[0] + 1:start]).strip("{} \n")
    ends = [k for k, token in enumerate(tokens) if token.text == "\\end"]
    if name not in INNER or not ends or any(
            token.kind not in ("space", "close", "open") and token.text not in (name, ".", ",")
            for token in tokens[ends[-1] + 1:]):
        return tokens
    if name == "alignedat":
        start = _past_group(tokens, start)
    found = rows(tokens[start:ends[-1]])
    return joined(found).tokens if found else tokens


def _with_words(tokens):
    r"""Tokens with words inside a formula as what they are to the parser.

    One word that is a name stays one, as \mathrm; "if" in front of a condition goes; other words
    part what stands on both sides of them.
    """
    made, place, depth = [], 0, 0
    while place < len(tokens):
        token = tokens[place]
        depth += (token.kind == "open") - (token.kind == "close")
        depth += (token.text == "\\begin") - (token.text == "\\end")
        if token.text not in _TEXTS:
            made.append(token)
            place += 1
            continue
        past = _past_group(tokens, place + 1)
        words = text_of(tokens[place + 1:past]).strip()[1:-1].strip()
        if depth and words.split(" ")[0] in ("if", "for", "when", "where", "falls", "wenn"):
            pass
        elif not depth and _IF.search(words):
            # a condition is more than words: what it says of the line cannot be run
            made += tokens[place:past]
        elif words.isalpha() and words.lower() not in _CONNECTIVES and not depth:
            made += [token._replace(text="\\mathrm"), *tokens[place + 1:past]]
        elif depth:
            made += tokens[place:past]
        else:
            made.append(token._replace(text="\\quad"))
        place = past
    return made


_IF = re.compile(r"\b(if|iff|when|whenever|unless|provided|only|not|falls|wenn|nicht)\b")
_CONNECTIVES = {"for", "and", "or", "where", "with", "so", "hence", "thus", "therefore",
                "then", "because", "all", "since", "as", "on", "in", "by", "is", "are",
                "otherwise", "und", "mit", "wobei", "sonst", "also", "falls"}
