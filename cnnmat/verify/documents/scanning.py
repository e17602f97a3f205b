"""The equations of a lecture with their numbers, and what is said of its symbols."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cnnmat.verify.documents.equations import Equation, breaks_off, goes_on, joined, made, rows
from cnnmat.verify.documents.lexing import lexed, text_of
from cnnmat.verify.documents.macros import Stream
from cnnmat.verify.documents.markdown import lines, regions, title
from cnnmat.verify.documents.sources import Sources

__all__ = ["Document", "Scanner", "scan"]

#: Environments that display equations: whether they have numbers, and whether each row has one.
_DISPLAYED = {"equation": False, "align": True, "gather": True, "multline": False, "eqnarray": True,
              "alignat": True, "flalign": True, "displaymath": False, "math": False, "dmath": False}
_SECTIONS = ("chapter", "section", "subsection")


@dataclass
class Document:
    """What was found in a lecture.

    Attributes
    ----------
    sources : Sources
    equations : list of Equation
    notices : list of (str, int)
        Lines of bindings, and their positions.
    inline : list of Equation
        Formulas inside the text.
    title : str
    """

    sources: Sources
    equations: list[Equation] = field(default_factory=list)
    notices: list[tuple[str, int]] = field(default_factory=list)
    inline: list[Equation] = field(default_factory=list)
    title: str = ""


def scan(path):
    r"""The equations of a LaTeX file and what it includes, or of one in Markdown.

    Raises
    ------
    DocumentError
        If something in it is not closed, leads outside, or would be carried out.
    """
    sources = Sources(path)
    start, text = sources.read()
    document = Document(sources)
    scanner = Scanner(document)
    if str(path).endswith(".md"):
        document.title = title(text)
        for kind, begin, end in regions(text):
            if kind == "bind":
                document.notices += [(text[a:b], start + a) for a, b in lines(text, begin, end)]
            else:
                scanner.run(lexed(text, start, sources.error, begin, end), kind == "block")
    else:
        scanner.run(lexed(text, start, sources.error))
    beside(path, document)
    return document


def beside(path, document):
    """Take in the bindings in the file beside a lecture that has its name and ends in .bind."""
    file = Path(path).with_suffix(".bind")
    if file.is_file():
        start, text = document.sources.beside(file)
        document.notices += [(text[a:b].removeprefix("%@"), start + a)
                             for a, b in lines(text, 0, len(text))]


class Scanner:
    """Runs over tokens and keeps count of numbers as LaTeX does."""

    def __init__(self, document):
        self.document, self.sources = document, document.sources
        self.stream = Stream(document.sources)
        self.count = dict.fromkeys(("equation", *_SECTIONS), 0)
        self.within = self.parent = ""

    def run(self, tokens, is_formula=False):
        """Take in all that these tokens have, or the one formula that they are."""
        self.stream.put(self.stream.counted(tokens))
        if is_formula:
            self.display([*self.stream], numbered=False, apart=False)
        for token in self.stream:
            if token.kind == "bind":
                self.document.notices.append((token.text, token.position))
            elif token.kind == "dollar":
                self.dollars(token)
            elif token.text == "\\[":
                self.display(self.until(token, "\\]"), numbered=False, apart=False)
            elif token.text == "\\(":
                self.in_text(self.until(token, "\\)"))
            elif token.kind == "command" and self.command(token):
                break

    def command(self, token):
        """Take in a command; whether the document ends here."""
        name = token.text.strip("\\*")
        if token.text == "\\begin":
            self.environment(token)
        elif token.text == "\\end":
            inside = self.argument(token)
            if inside == "subequations":
                self.parent = ""
            return inside == "document"
        elif name in _SECTIONS and token.text == f"\\{name}":
            self.section(name)
        elif name == "title":
            self.document.title = " ".join(self.argument(token).split())
        elif name == "numberwithin" and self.argument(token) == "equation":
            self.within = self.argument(token)
        elif name == "setcounter":
            counter, value = self.argument(token), self.argument(token)
            if counter in self.count and value.lstrip("-").isdecimal():
                self.count[counter] = int(value)
        return False

    def section(self, name):
        self.count[name] += 1
        for below in _SECTIONS[_SECTIONS.index(name) + 1:]:
            self.count[below] = 0
        if name == self.within:
            self.count["equation"] = 0

    def argument(self, token):
        """The text of an argument, spelled out."""
        return text_of(self.stream.argument(token)).strip()

    # displayed formulas

    def environment(self, token):
        name = self.argument(token)
        if name == "document":
            self.document.equations.clear()
        elif name == "subequations":
            self.parent = self.next_number()
            self.letter = 0
        elif name.rstrip("*") in _DISPLAYED:
            kind = name.rstrip("*")
            if kind == "alignat":
                self.argument(token)
            inside = self.until(token, name)
            self.display(inside, numbered=name == kind and kind not in ("displaymath", "math"),
                         apart=_DISPLAYED[kind], joining=kind == "multline")

    def until(self, opening, closing):
        r"""The tokens up to `closing`: a command, or the name of the environment that ends."""
        found = []
        for token in self.stream:
            if token.kind == "bind":
                self.document.notices.append((token.text, token.position))
            elif token.text == closing:
                return found
            elif token.text == "\\end":
                name = self.stream.group(token)
                if text_of(name).strip() == closing:
                    return found
                found += [token, *self.braced(name, token)]
            else:
                found.append(token)
        raise self.sources.error(opening.position, f"{opening.text} is not closed: {closing} is "
                                                   "missing")

    def braced(self, tokens, at):
        return [at._replace(kind="open", text="{"), *tokens, at._replace(kind="close", text="}")]

    def dollars(self, opening):
        found = []
        for token in self.stream:
            if token.kind == "bind":
                self.document.notices.append((token.text, token.position))
            elif token.kind == "dollar" and (token.text == opening.text or opening.text == "$"):
                if opening.text == "$$":
                    self.display(found, numbered=False, apart=False)
                else:
                    self.in_text(found)
                return
            elif token.kind == "space" and token.text.count("\n") > 1 and opening.text == "$":
                # a dollar that no formula begins with
                return
            else:
                found.append(token)
        if opening.text == "$$":
            raise self.sources.error(opening.position, "$$ is not closed")

    def in_text(self, tokens):
        found = rows(tokens, apart=False)
        if found:
            self.document.inline.append(made(found[0], ""))

    def display(self, tokens, numbered, apart, joining=False):
        """Take in the rows of one displayed formula."""
        found = rows(tokens, apart or joining)
        if not found:
            return
        if joining or not numbered:
            for one in found:
                one.numbered = numbered
            parts = self.chains(found) if apart else [joined(found, always=joining)]
        else:
            parts = self.chains(found)
        first = None
        for row in parts:
            after = first if first is not None and goes_on(row) else None
            equation = made(row, self.number(row), after)
            self.document.equations.append(equation)
            first = first if after else equation

    def chains(self, found):
        """Rows, those joined that have no number of their own and are gone on from."""
        parts = [[found[0]]]
        for row in found[1:]:
            before = parts[-1][-1]
            if (goes_on(row) or breaks_off(before)) and not (before.numbered and row.numbered):
                parts[-1].append(row)
            else:
                parts.append([row])
        return [joined(one) for one in parts]

    # numbers

    def number(self, row):
        if row.tag is not None:
            return row.tag
        return self.next_number() if row.numbered else ""

    def next_number(self):
        if self.parent:
            self.letter += 1
            return f"{self.parent}{chr(96 + self.letter)}"
        self.count["equation"] += 1
        before = f"{self.count[self.within]}." if self.within in self.count else ""
        return f"{before}{self.count['equation']}"
