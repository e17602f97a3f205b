"""The language in which a lecture says what its symbols are.

A line each; one that begins with a space continues the line before, one that begins with % is a
comment.  In a `.tex` file each line stands behind ``%@``.

    index n = 0..N-1; c = 1..C; d = 1..D_c; i   letters that count, with their ranges
    family c: c, C; \\ell: \\ell, L, 1          in W_c stands c or C, in W_\\ell a number too
    size N = 3; D_c = 4, 2; m, n; P = mn        small numbers to run with; chosen, if none is given
    N, C, D_c : number                          given quantities, by the pattern of their scripts
    z_n^{(d,c)} : vector P_c
    H_n^{(d,c)} : matrix S_{c+1} x P_{c+1} for c = 0..C-1
    \\mathcal{I} : matrix L x L from 1, 0 outside
    R : matrix m x m, symmetric                 or positive: all entries are more than 0
    entries from 0                              of all arrays below; from 1 without it
    f : function of z_n^{(d,c)}, z_{\\ell,n}    which f it is, the quantity inside it tells
    \\sigma(x) := \\frac{1}{1+e^{-x}}             a function, entry by entry; of vectors "by rows",
                                                "by columns", or "as a whole"
    pool : function at c                        which it is, the letter c tells
    q_n^{(d,c)} := z_n^{(d,c)} \\odot z_n^{(d,c)}
    \\delta_n := d J / d z_n                      the derivative, as \\partial J/\\partial z_n is
    y_n := (3)                                  as the equation with this number or label has it
    A_{ij} := e^{S_{ij}}                        the entries of A, a matrix by a line before
    check 47.1212, 47.1216/z                    lines to be run as they stand
    check 47.1250/x as b_n^{(d,c)} for c = 1..C-1   a line whose left side stands elsewhere
    check 47.1257/size into V=A(\\square)      a line that is a part of a statement
    check 47.1212/range over y_n^{(d,c+1)}      d = 1, ..., D_{c+1}: all d that there are
    check 47.1269/size sizes H_{n,c-1}, \\delta_n^{(d,c)}
    check 47.1243 where v := t_n^{(d,c)}        what only this line calls so
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from cnnmat.verify.tex.lines import Range, behind_for, formula, lines, ranges, split
from cnnmat.verify.tex.matching import letter
from cnnmat.verify.tex.parsing import parse
from cnnmat.verify.tex.quantities import Bindings, Check, Quantity, base
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.tree import (
    Apply,
    Group,
    List,
    Relation,
    Script,
    children,
    walk,
)
from cnnmat.verify.tex.writing import latex

__all__ = ["Bindings", "Check", "Quantity", "Range", "read"]

KINDS = {"number": 0, "vector": 1, "matrix": 2, "function": 0, "list": 0}


def read(text: str, equations: Mapping[str, Relation] | None = None,
         found: Bindings | None = None) -> Bindings:
    """The bindings that `text` states.

    Parameters
    ----------
    text : str
    equations : mapping, optional
        By number and by label, those to which a definition may refer.
    found : Bindings, optional
        What was said before, to be added to.

    Raises
    ------
    TexError
        The message begins with the line that cannot be read.

    Examples
    --------
    >>> found = read("index j = 1..m\\nw_j : vector S\\ncheck 3.1 for j = 1..2")
    >>> quantity, letters = found.find(parse("w_{k+1}"))
    >>> quantity.name, latex(letters["j"][0])
    ('w_j', 'k+1')
    >>> read("w : tensor")
    Traceback (most recent call last):
    cnnmat.verify.tex.tokens.TexError: column 1: "w : tensor": expected number, vector, matrix, \
function or list
    """
    found = Bindings() if found is None else found
    for line in lines(text):
        try:
            _take(line, found, equations or {})
        except TexError as error:
            raise TexError(error.column, f'"{line}": {error.why}') from error
    return found


def _take(line, found, equations):
    verb, _, rest = line.partition(" ")
    if verb in _VERBS:
        _VERBS[verb](rest, found)
    elif ":=" in line:
        _define(line, found, equations)
    else:
        names, _, kind = line.partition(" : ")
        if not kind:
            raise TexError(1, "expected index, family, size, check, or a symbol with : or := "
                              "behind it")
        for name in split(names, ","):
            _add(found, _quantity(name, kind, found))


def _take_family(text, found):
    for one in split(text, ";"):
        name, _, members = one.partition(":")
        found.families[name.strip()] = set(split(members, ","))


def _take_check(text, found):
    check = _check(text)
    found.checks |= dict.fromkeys(check.ids, check)


def _take_size(text, found):
    for one in split(text, ";"):
        names, _, values = one.partition("=")
        numbers = [int(value) for value in split(values, ",") if value.isdecimal()]
        if len(numbers) < len(split(values, ",")):
            _define(f"{names.strip()} := {values}", found, {})
            continue
        for name in split(names, ","):
            quantity = _quantity(name, "number", found)
            _add(found, quantity)
            found.sizes[quantity.name] = tuple(numbers)


_VERBS = {
    "index": lambda text, found: found.ranges.update(ranges(text)),
    "entries": lambda text, found: setattr(found, "first", parse(text.removeprefix("from "))),
    "family": _take_family, "check": _take_check, "size": _take_size,
}


def _add(found, quantity):
    found.quantities.setdefault(base(quantity.pattern), []).append(quantity)


def _define(line, found, equations):
    """Take in what stands on both sides of := in a line."""
    name, _, body = line.partition(":=")
    body, counted = behind_for(body)
    body, _, along = body.partition(" by ") if " by " in body else body.partition(" as a ")
    if along.strip() not in ("", "rows", "columns", "whole"):
        raise TexError(1, f"expected by rows, by columns or as a whole, got {along}")
    pattern, reference = parse(name.strip()), body.strip().strip("()")
    other = equations.get(reference) if body.strip() == f"({reference})" else None
    if other is not None:
        stated = pattern
        pattern, definition = other.members[:2]
        if not _names(stated, pattern):
            raise TexError(1, f"({reference}) says what {latex(pattern)} is, not {latex(stated)}")
    else:
        definition, reference = formula(body), ""
    made = _defined(pattern, definition, found, found.ranges | counted)
    _add(found, replace(made, along=along.strip(), equation=reference, first=found.first))


def _names(stated, pattern):
    """Whether a definition of `pattern` is one of what is stated: itself, or its entries."""
    return base(stated) == base(pattern) or (
        isinstance(pattern, Apply) and base(stated) == base(pattern.function))


def _defined(pattern, definition, found, known):
    """The quantity with a definition: of the whole, of its entries, or of a function."""
    whole, inside = _taken_apart(pattern)
    for earlier in found.quantities.get(base(whole), ()) if inside else ():
        if earlier.pattern == whole and earlier.definition is None:
            found.quantities[base(whole)].remove(earlier)
            return replace(earlier, kind="defined", definition=definition, cells=inside)
    if isinstance(pattern, Apply) and inside and all(
            hit is None or (hit[0].kind == "number" and hit[0].name not in found.sizes)
            for hit in map(found.find, walk(pattern.argument))):
        return Quantity(latex(whole), whole, "function", definition=definition, arguments=inside)
    sizes = ()
    for earlier in found.quantities.get(base(pattern), ()):
        if earlier.pattern == pattern and earlier.definition is None:
            found.quantities[base(pattern)].remove(earlier)
            sizes = earlier.sizes
            break
    kind = "vector" if len(sizes) == 1 else "defined"
    return Quantity(latex(pattern), pattern, kind, sizes, _used(pattern, known), definition)


def _taken_apart(pattern):
    """(A, ("i", "j")) of A_{ij}, A(i,j), [A]_{ij}; (the pattern, ()) of what is no entry."""
    whole, part = pattern, None
    if isinstance(pattern, Apply) and pattern.open == "(":
        whole, part = pattern.function, pattern.argument
    elif isinstance(pattern, Script) and pattern.sub is not None:
        part = pattern.sub
        whole = pattern.base if pattern.sup is None and not pattern.primes else replace(
            pattern, sub=None)
        whole = whole.body if isinstance(whole, Group) else whole
    parts = part.items if isinstance(part, List) else getattr(part, "factors", (part,))
    names = tuple(letter(one) for one in parts if one is not None)
    return (whole, names) if names and None not in names else (pattern, ())


#: What may stand behind the kind of a quantity.
_WORDS = ("given", "unknown", "positive", "symmetric")


def _quantity(name, text, found):
    text, counted = behind_for(text)
    said = [one.strip() for one in text.split(",")[1:] if one.strip() in _WORDS]
    text = re.sub(rf",\s*({'|'.join(_WORDS)})\s*(?=,|$)", "", text)
    text, outside = re.subn(r",\s*0 outside\s*$", "", text)
    text, _, of = text.partition(" of ")
    text, _, at = text.partition(" at ")
    text, _, first = text.partition(" from ")
    kind, _, sizes = text.strip().partition(" ")
    if kind not in KINDS:
        raise TexError(1, f"expected {', '.join([*KINDS][:-1])} or {[*KINDS][-1]}")
    pattern, known = parse(name), found.ranges | counted
    if at:
        # a letter that counts nothing is a part of the name: the p of i'_p
        known = {own: one for own, one in known.items() if one.first is not None}
    sizes = [one for one in re.split(r"\s+x\s+", sizes.strip()) if one]
    if "?" in sizes:
        raise TexError(1, "say how many there are, in the place of ?")
    if sizes and len(sizes) != KINDS[kind]:
        raise TexError(1, f"a {kind} has {KINDS[kind]} sizes, got {len(sizes)}")
    return Quantity(
        name, pattern, kind, tuple(map(parse, sizes)), _used(pattern, known),
        at=tuple(split(at, ",")), of=tuple(map(parse, split(of, ","))),
        first=parse(first.strip()) if first.strip() else found.first, outside=bool(outside),
        positive="positive" in said, symmetric="symmetric" in said)


def _used(pattern, ranges):
    """The ranges of the letters that stand in the scripts of a pattern."""
    inside = [name for part in (pattern.sub, pattern.sup) if part is not None
              for name in _letters(part)] if isinstance(pattern, Script) else []
    return {name: ranges[name] for name in inside if name in ranges}


def _letters(node):
    """The letters in a part of a formula: of p'' it is p'' alone."""
    name = letter(node)
    if name is not None:
        return [name]
    return [one for part in children(node) for one in _letters(part)]


def _check(text):
    ids, *rest = re.split(r" (as|into|over|sizes|where|for) ", text)
    said = dict(zip(rest[::2], rest[1::2], strict=True))
    where = [one.partition(":=") for one in split(said.get("where", ""), ";")]
    into, over = (parse(said[one].strip()) if one in said else None for one in ("into", "over"))
    return Check(
        tuple(split(ids, ",")), tuple(map(parse, split(said.get("as", ""), ";"))), into,
        ranges(said.get("for", "")), over,
        tuple(map(parse, split(said.get("sizes", ""), ","))),
        {latex(parse(name.strip())).strip(): parse(value.strip()) for name, _, value in where})
