r"""A stream of tokens with abbreviations spelled out and files included.

Of TeX this knows \newcommand and its kin, \def with plain arguments, \let, \DeclareMathOperator,
\input and \include.  What would write, run or read anything else is refused.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from cnnmat.verify.documents.lexing import Token, lexed, text_of

__all__ = ["Stream"]

_FORBIDDEN = {"\\write", "\\openin", "\\openout", "\\read", "\\directlua", "\\ShellEscape",
              "\\catcode", "\\csname", "\\InputIfFileExists", "\\special"}
_NEW = {"\\newcommand", "\\renewcommand", "\\providecommand", "\\newcommand*", "\\renewcommand*",
        "\\providecommand*", "\\DeclareRobustCommand"}
_OPERATOR = {"\\DeclareMathOperator", "\\DeclareMathOperator*"}
#: Abbreviations may make a lecture so many times as long, and this longer.
TIMES, MORE = 20, 20000


class _Macro(NamedTuple):
    """An abbreviation: its number of arguments, what the first is if left out, what it is for."""

    arguments: int
    default: Any
    body: tuple[Token, ...]


class Stream:
    r"""The tokens of a lecture, one after the other.

    Parameters
    ----------
    sources : Sources

    Examples
    --------
    >>> from cnnmat.verify.documents.sources import Sources
    >>> sources = Sources("a.tex")
    >>> stream = Stream(sources)
    >>> text = r"\newcommand{\half}[1]{\frac12#1}\half{x}"
    >>> stream.put(stream.counted(lexed(text, sources.add("a.tex", text), sources.error)))
    >>> "".join(token.text for token in stream)
    '\\frac12x'
    """

    def __init__(self, sources):
        self.sources, self.macros = sources, {}
        self.stack: list[Iterator[Token]] = []
        self.spelled, self.allowed = 0, MORE

    def put(self, tokens):
        """Have these tokens come next."""
        self.stack.append(iter(tokens))

    def counted(self, tokens):
        """Tokens of a file, each of which allows for some that abbreviations stand for."""
        for token in tokens:
            self.allowed += TIMES
            yield token

    def __iter__(self):
        while (token := self.next()) is not None:
            yield token

    def next(self):
        """The next token, spelled out; None at the end."""
        while (token := self.raw()) is not None:
            if token.kind != "command":
                return token
            if token.text in self.macros:
                self.spell(token)
            elif token.text in _NEW:
                self.define(token)
            elif token.text in _OPERATOR:
                name, body = self.name(token), self.group(token)
                self.macros[name] = _Macro(0, None, (
                    Token("command", "\\operatorname", token.position),
                    Token("open", "{", token.position), *body,
                    Token("close", "}", token.position)))
            elif token.text in ("\\def", "\\gdef", "\\edef"):
                self.define_plainly(token)
            elif token.text == "\\let":
                self.let(token)
            elif token.text in ("\\input", "\\include", "\\subfile"):
                self.include(token)
            elif token.text in _FORBIDDEN:
                raise self.sources.error(token.position, f"{token.text} is not carried out here")
            else:
                return token
        return None

    def raw(self):
        """The next token as it stands."""
        while self.stack:
            token = next(self.stack[-1], None)
            if token is not None:
                return token
            self.stack.pop()
        return None

    def ahead(self):
        """The next token that is no space, left where it is; None at the end."""
        while (token := self.raw()) is not None:
            if token.kind != "space":
                self.put((token,))
                return token
        return None

    # definitions

    def name(self, token):
        """The command that is to be defined, in braces or not."""
        found = [one for one in self.argument(token) if one.kind == "command"]
        if len(found) != 1:
            raise self.sources.error(token.position, f"{token.text} must name one command")
        return found[0].text

    def define(self, token):
        name, count, default = self.name(token), 0, None
        option = self.option()
        if option is not None:
            text = text_of(option)
            if not text.isdecimal() or int(text) > 9:
                raise self.sources.error(token.position, f"{token.text}: {text!r} is no number of "
                                                         "arguments")
            count, default = int(text), self.option()
        self.macros[name] = _Macro(count, default, tuple(self.group(token)))

    def define_plainly(self, token):
        name, count = self.name(token), 0
        while (ahead := self.ahead()) is not None and ahead.kind == "argument":
            count, _ = count + 1, self.raw()
        if ahead is None or ahead.kind != "open":
            raise self.sources.error(token.position, f"{token.text}{name} must have plain "
                                                     "arguments #1#2 ... and a body in braces")
        self.macros[name] = _Macro(count, None, tuple(self.group(token)))

    def let(self, token):
        name = self.name(token)
        other = self.ahead()
        if other is not None and other.text == "=":
            self.raw()
            other = self.ahead()
        if other is None:
            raise self.sources.error(token.position, "\\let must name two commands")
        self.raw()
        self.macros[name] = self.macros.get(other.text, _Macro(0, None, (other,)))

    # use

    def spell(self, token):
        """Put what an abbreviation stands for in its place."""
        count, default, body = self.macros[token.text]
        given = []
        if default is not None:
            option = self.option()
            given.append(default if option is None else option)
        given += [self.argument(token) for _ in range(count - len(given))]
        made = []
        for one in body:
            if one.kind == "argument" and int(one.text[1]) <= count:
                made += given[int(one.text[1]) - 1]
            else:
                made.append(one._replace(position=token.position))
        self.spelled += 1 + len(made)
        if self.spelled > self.allowed:
            raise self.sources.error(
                token.position, f"{token.text} is defined by itself, or stands for too much")
        self.put(made)

    def include(self, token):
        name = text_of(self.argument(token)).strip()
        start, text = self.sources.include(name, token.position)
        self.put(self.counted(lexed(text, start, self.sources.error)))

    # arguments

    def argument(self, token):
        """The tokens in the braces that follow, or the one token, as they stand."""
        ahead = self.ahead()
        if ahead is None or ahead.kind == "close":
            raise self.sources.error(token.position, f"{token.text} must have an argument")
        if ahead.kind == "open":
            return self.group(token)
        self.raw()
        if ahead.kind == "text" and len(ahead.text) > 1:
            self.put((Token("text", ahead.text[1:], ahead.position + 1),))
            ahead = ahead._replace(text=ahead.text[0])
        return [ahead]

    def group(self, token):
        """The tokens in the braces that follow, as they stand."""
        if (ahead := self.ahead()) is None or ahead.kind != "open":
            raise self.sources.error(token.position, f"{token.text} must have braces behind it")
        opening, depth, found = self.raw(), 1, []
        while (one := self.raw()) is not None:
            depth += (one.kind == "open") - (one.kind == "close")
            if not depth:
                return found
            found.append(one)
        raise self.sources.error(opening.position, "this { is not closed")

    def option(self):
        """The tokens in the square brackets that follow; None where there are none."""
        ahead = self.ahead()
        if ahead is None or not ahead.text.startswith("["):
            return None
        found, depth = [], 0
        while (one := self.raw()) is not None:
            depth += (one.kind == "open") - (one.kind == "close")
            if one.kind == "text" and "]" in one.text and not depth:
                inside, _, behind = one.text.partition("]")
                found.append(one._replace(text=inside))
                if behind:
                    self.put((one._replace(text=behind, position=one.position + len(inside) + 1),))
                found[0] = found[0]._replace(text=found[0].text.removeprefix("["))
                return [one for one in found if one.text]
            found.append(one)
        raise self.sources.error(ahead.position, "this [ is not closed")
