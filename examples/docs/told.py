"""What the pages take from the code, so that they say what it says: a Sphinx extension.

A line ``{{ name: argument }}`` of a page is replaced by what the function of that name makes of
the argument.
"""

import ast
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

from cnnmat.texts import one_line
from cnnmat.verify import Draw, Lecture
from cnnmat.verify.claims import KINDS, SOURCES, VERDICTS
from cnnmat.verify.judge import __doc__ as VERDICT_TABLE
from cnnmat.verify.loading import every
from cnnmat.verify.sums.draws import SymbolicDraw
from cnnmat.verify.sums.proof import REMAINS

COURSE = Path(__file__).resolve().parents[1] / "course"


def modules(package):
    """The rooms of a wing, each with all that it hands out."""
    found = importlib.import_module(package)
    rooms = [one.name for one in pkgutil.iter_modules(found.__path__) if not one.ispkg]
    # in the order in which the wing speaks of them
    rooms.sort(key=lambda room: (f"`{room}`" not in found.__doc__,
                                 found.__doc__.find(f"`{room}`")))
    names = [f"{package}.{room}" for room in rooms]
    return "\n".join([_documented(package, ""), *(
        f"## {name.removeprefix('cnnmat.')}\n\n{module(name)}" for name in names if _public(name))])


def module(name):
    """One room, with all that it hands out."""
    return _documented(name, f"   :members: {', '.join(_public(name))}\n")


def _public(name):
    return getattr(importlib.import_module(name), "__all__", ())


def _documented(name, options):
    return f"```{{eval-rst}}\n.. automodule:: {name}\n{options}```\n"


def offers(_):
    """All that a claim can draw, with what it is for."""
    return _table("e.", Draw, [one for one in vars(Draw) if not one.startswith("_")])


def offers_for_all_sizes(_):
    """What there is besides, where sizes are letters."""
    return _table("e.", SymbolicDraw, [one for one in vars(SymbolicDraw) if not one.startswith("_")
                                       and not hasattr(Draw, one)])


def lecture(_):
    """What a lecture takes."""
    return _table("lecture.", Lecture, [one for one in vars(Lecture) if not one.startswith("_")])


def _table(before, owner, names):
    rows = ["| what | what it is |", "|---|---|"]
    for name in names:
        one = inspect.getattr_static(owner, name)
        if not inspect.isfunction(one):
            continue
        if not one.__doc__:
            raise ValueError(f"{owner.__name__}.{name} must say what it is, it has no docstring")
        words = ", ".join(str(p).split(":")[0] if p.kind is p.VAR_POSITIONAL
                          else p.name + (f"={p.default!r}" if p.default is not p.empty else "")
                          for p in list(inspect.signature(one).parameters.values())[1:]
                          if p.kind is not p.VAR_KEYWORD)
        told = inspect.getdoc(one).split("\n\n")[0]
        rows.append(f"| `{before}{name}({words})` | {_cell(told)} |")
    return "\n".join(rows)


def _cell(text):
    return one_line(text).replace("|", r"\|").replace("``", "`")


def fields(_):
    """What `Lecture.claim` may be told of a line, from its own docstring."""
    return "```{eval-rst}\n.. automethod:: cnnmat.verify.Lecture.claim\n   :no-index:\n```"


def words(kind):
    """The words that a claim's kind, verdict or source may be."""
    return ", ".join(f"`{one}`" for one in {"kinds": KINDS, "verdicts": VERDICTS,
                                            "sources": SOURCES}[kind])


def verdicts(_):
    """The table of verdicts."""
    table = re.search(r"^=+ =+\n.*^=+ =+$", VERDICT_TABLE, re.DOTALL | re.MULTILINE)[0]
    return f"```{{eval-rst}}\n{table}\n```"


def remains(_):
    """What no proof for all sizes covers."""
    return "\n".join(f"- {one}" for one in REMAINS)


def lectures(_):
    """The lectures that ship, and how many lines of each are claimed."""
    return "\n".join(f"- `{one.slug}`: {one.title}; {len(one.claims)} claims"
                     for one in every([]))


def course(_):
    """The notebooks of the course, in their order, by their first headings."""
    found = [(path.name, _heading(path)) for path in sorted(COURSE.glob("[0-9]*.*"))]
    return "\n".join(f"1. `examples/course/{name}`: {heading}" for name, heading in found) or (
        "It is not among these files.")


def _heading(path):
    text = path.read_text(encoding="utf-8")
    found = re.search(r"^(?:#\s+)?# (\S.*)$", text, re.MULTILINE)
    doc = ast.get_docstring(ast.parse(text)) if path.suffix == ".py" else None
    return doc.splitlines()[0] if doc else found[1] if found else path.stem


def _read(app, name, source):
    def told(match):
        return globals()[match[1]](match[2])

    source[0] = re.sub(r"^\{\{ (\w+): ?([\w.]*) \}\}$", told, source[0], flags=re.MULTILINE)


def _prepare(app, what, name, one, options, lines):
    """Docstrings are written to be read as they stand: |x| is an absolute value, and no link."""
    text = "\n".join(lines)
    if what == "module":
        text = re.sub(r"^(\w[\w ]*)\n-{3,}$", r".. rubric:: \1\n", text, flags=re.MULTILINE)
    lines[:] = _escaped(text).split("\n")


def _escaped(text):
    """Bars and stars of prose as they are; programs, literal blocks and code keep theirs."""
    made, literal, program = [], None, False
    for line in text.split("\n"):
        indent, words = len(line) - len(line.lstrip()), line.strip()
        if literal is not None and words and indent <= literal:
            literal = None
        # a program goes on to the next blank line
        program = bool(words) and (program or words.startswith(">>>"))
        if program or literal is not None:
            made.append(line)
            continue
        made.append("".join(part if k % 2 else re.sub(r"(\||\*(?=\w))", r"\\\1", part)
                            for k, part in enumerate(re.split(r"(``.*?``)", line))))
        if words.endswith("::"):
            literal = indent
    return "\n".join(made)


def setup(app):
    """Hook into Sphinx; docstrings are prepared before numpydoc takes them apart."""
    app.connect("source-read", _read)
    app.connect("autodoc-process-docstring", _prepare, priority=400)
    return {"parallel_read_safe": True}
