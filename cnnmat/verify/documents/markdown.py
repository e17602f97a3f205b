"""The parts of a Markdown file that are formulas, or say what symbols are."""

import re

__all__ = ["lines", "regions", "title"]

#: Code and formulas in a line are not longer.
LONGEST = 2000
_PART = re.compile(
    r"""
    ^(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^\n`]*)$
  | <!--\s*@(?P<comment>)
  | <!--(?P<remark>)
  | (?P<code>`+)
  | (?P<display>\$\$)
  | \\(?P<escaped>[\\`$])
  | (?P<inline>\$(?=[^\s$]))
    """, re.VERBOSE | re.MULTILINE)


def regions(text):
    """("math", "block" or "bind", begin, end) of the parts of a text, in order.

    Formulas with their dollars, $$...$$ and $...$ in a line; blocks behind ```math; bindings in
    <!-- @ ... --> and behind ```cnnmat.  All other code is left out.

    Examples
    --------
    >>> text = "A `$$` $x$.\\n<!-- @ x : number -->\\n$$x=x \\\\tag{1}$$\\n"
    >>> [(kind, text[a:b]) for kind, a, b in regions(text)]
    [('math', '$x$'), ('bind', ' x : number '), ('math', '$$x=x \\\\tag{1}$$')]
    """
    place, missing = 0, set()
    while (found := _PART.search(text, place)) is not None:
        kind, place = found.lastgroup, found.end()
        if kind == "info":
            kind = "fence"
        closing = _closing(kind, found)
        if closing is None or closing in missing:
            continue
        past = text.find(closing, place)
        if past < 0:
            # it is looked for once
            missing.add(closing)
            continue
        inside = text[place:min(past, place + LONGEST)]
        if (kind == "inline" and ("\n" in inside or "`" in inside)) or (
                kind == "code" and "\n\n" in inside):
            continue
        begin, end, place = place, past, past + len(closing)
        if kind in ("display", "inline"):
            yield "math", found.start(), place
        elif kind == "comment":
            yield "bind", begin, end
        elif kind == "fence" and found["info"].strip() == "math":
            yield "block", begin, end
        elif kind == "fence" and found["info"].strip() == "cnnmat":
            yield "bind", begin, end


def _closing(kind, found):
    return {"fence": f"\n{found['fence']}", "comment": "-->", "remark": "-->",
            "code": found["code"], "display": "$$", "inline": "$"}.get(kind)


def lines(text, begin, end):
    """(begin, end) of the lines between two places; one space in front is no part of them."""
    while begin < end:
        past = text.find("\n", begin, end)
        past = end if past < 0 else past
        yield begin, past
        begin = past + 1


def title(text):
    """The first heading."""
    found = re.search(r"^#\s+(.+)$", text, re.MULTILINE)
    return found[1].strip() if found else ""
