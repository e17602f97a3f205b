"""A line of LaTeX as MathML; only what is listed here comes through."""

import re
import unicodedata

from cnnmat.texts import printable, word

__all__ = ["NoFormula", "formula", "leaves"]

#: Longer or deeper ones are refused: they take for ever, or more than a browser nests.
LONGEST, DEEPEST = 3000, 60
#: Elements, with how many children each must have where it is a number.
ELEMENTS = {
    "math": None, "mrow": None, "mi": 0, "mn": 0, "mo": 0, "mtext": 0, "mspace": 0,
    "msup": 2, "msub": 2, "msubsup": 3, "munder": 2, "mover": 2, "munderover": 3, "mfrac": 2,
    "mroot": 2, "msqrt": None, "mtable": None, "mtr": None, "mtd": None, "mstyle": None,
    "mpadded": None, "mphantom": None, "menclose": None,
}
_LEAVES = {"mi", "mn", "mo", "mtext"}
#: Those that only say how something looks; what a value may be made of.
ATTRIBUTES = {
    "display", "displaystyle", "scriptlevel", "mathvariant", "mathcolor", "mathbackground",
    "stretchy", "fence", "form", "separator", "accent", "accentunder", "largeop", "movablelimits",
    "minsize", "maxsize", "lspace", "rspace", "width", "height", "depth", "voffset", "linebreak",
    "linethickness", "columnalign", "columnlines", "columnspacing", "rowlines", "rowspacing",
    "notation",
}
_VALUE = re.compile(r"[\w.+%# -]{0,200}", re.ASCII)
#: Of TeX, and not of a line: definitions may grow without bound, and nothing may be dropped.
_NOT_IN_A_LINE = re.compile(
    r"\\(?:def|newcommand|renewcommand|newenvironment|DeclareMathOperator)(?![A-Za-z])")
_NUMBERED = re.compile("&#x([0-9A-Fa-f]{1,6});")


class NoFormula(ValueError):
    """The text says why it cannot be shown as mathematics."""


def formula(latex):
    """`latex` as a MathML element tree; `NoFormula` if it is none.

    Examples
    --------
    >>> [leaf.text for leaf in leaves(formula("a^2"))]
    ['a', '2']
    >>> formula("a_1_2")
    Traceback (most recent call last):
    cnnmat.verify.mathml.NoFormula: double subscripts
    """
    from latex2mathml.converter import convert_to_element

    _readable(latex)
    try:
        tree = convert_to_element(latex, display="block")
    except RecursionError:
        raise NoFormula("it is nested too deep") from None
    # that library raises whatever comes up
    except Exception as error:
        raise NoFormula(_in_words(error)) from error
    del tree.attrib["xmlns"]
    _look_through(tree, 1)
    for leaf in leaves(tree):
        _take_over(leaf)
    if not any((leaf.text or "").strip() for leaf in leaves(tree)):
        raise NoFormula("there is nothing to see")
    return tree


def _readable(latex):
    if not isinstance(latex, str):
        raise NoFormula(f"it is no text but {type(latex).__name__}")
    if printable(latex) != latex:
        raise NoFormula("it holds characters that cannot be seen")
    if not latex.strip():
        raise NoFormula("it is empty")
    if len(latex) > LONGEST:
        raise NoFormula(f"it is longer than {LONGEST} characters")
    if found := _NOT_IN_A_LINE.search(latex):
        raise NoFormula(f"it holds {found[0]}")
    if found := re.search(r"(?<!\\)(?:\\\\)*([%#$])", latex):
        raise NoFormula(f"it holds {found[1]}")
    depth = 0
    for brace in re.findall(r"\\.|[{}]", latex, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(brace, 0)
        if depth < 0:
            break
    if depth:
        raise NoFormula("its braces do not pair")


def _in_words(error):
    """What the name of an exception says: that is all that those of the library do."""
    name = type(error).__name__.removesuffix("Error").removesuffix("Exception")
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _look_through(node, depth):
    if depth > DEEPEST:
        raise NoFormula("it is nested too deep")
    if node.tag not in ELEMENTS:
        raise NoFormula(f"it makes an element {word(node.tag)}")
    if ELEMENTS[node.tag] not in (None, len(node)):
        raise NoFormula("something is missing in it")
    for name, value in node.attrib.items():
        if name not in ATTRIBUTES or not _VALUE.fullmatch(value):
            raise NoFormula(f"it sets the attribute {printable(name)}")
    for child in node:
        _look_through(child, depth + 1)


def _take_over(leaf):
    """Give a leaf the characters that are meant; refuse a command that is not known."""
    text = leaf.text or ""
    # symbols come as numbers, so that what stands there itself was not understood
    if leaf.tag != "mtext" and (text in ("&", "\\", "{", "}") or re.match(r"\\[A-Za-z]", text)):
        raise NoFormula(f"{text} is not known, or not here")
    try:
        text = _NUMBERED.sub(lambda found: chr(int(found[1], 16)), text)
    except ValueError:
        raise NoFormula("it holds a character that there is not") from None
    variant = _VARIANTS.get(leaf.get("mathvariant"))
    if variant:
        text = "".join(_styled(char, variant) for char in text)
        del leaf.attrib["mathvariant"]
    leaf.text = printable(text)


#: Browsers know no ``mathvariant`` but normal: letters of these are characters of their own.
_VARIANTS = {"bold": "BOLD", "bold-italic": "BOLD ITALIC", "sans-serif": "SANS-SERIF",
             "double-struck": "DOUBLE-STRUCK"}


def _styled(char, variant):
    """The mathematical alphanumeric symbol for `char`, or `char` where there is none."""
    name = unicodedata.name(char, "")
    for part in ("LATIN ", "GREEK ", "LETTER "):
        name = name.replace(part, "")
    try:
        return unicodedata.lookup(f"MATHEMATICAL {variant} {name}")
    except KeyError:
        return char


def leaves(tree):
    """The elements that hold characters, in order."""
    return [node for node in tree.iter() if node.tag in _LEAVES]
