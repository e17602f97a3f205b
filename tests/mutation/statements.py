"""Which statements of a file are arithmetic: what claims must execute, what mutants break.

All statements in the body of a function, and the bodies of lambdas outside of functions, except

- docstrings,
- `raise`, and what only leads to one: an `if` that ends in it or holds nothing but calls of CHECKS,
  with the test that guards it, and an `except` that ends in it,
- what is only there to be looked at: `__repr__`, `blocks`, `view`,
- the functions of CHECKS,
- the functions of EXCLUDED, each for the reason given there.
"""

import ast
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WINGS = ("cnnmat/textbook", "cnnmat/layers")

#: What a verdict is made by, from the entries that a claim draws to the exit status of the command.
#: Mutants that make a judge see less are drawn from here.  The rest of ``verify/`` tells what was
#: found (`html`, `mathml`, `witness`, most of `report`), finds out more (`slips`), or decides which
#: claims are judged and in which process (`loading`, `worker`, `isolation`, the rest of `running`
#: and `command`): a fault there loses results, which `check_complete` and the tests of isolation
#: see.  The self-test (`selftest`, `known`, `falsehoods`, `tricks`) judges no claim: a judge that
#: is right stays right without it, and what it overlooks its own tests see.
JUDGE = {
    **{f"cnnmat/verify/{room}.py": None for room in (
        "claims", "comparing", "duals", "entries", "exact", "guard", "judge", "orders",
        "signs", "symbols")},
    "cnnmat/verify/running.py": {"_result", "run_all"},
    "cnnmat/verify/calls.py": {"status"},
    "cnnmat/verify/report.py": {"summary"},
}

LOOKED_AT = {"__repr__", "blocks", "view"}
#: A file, "file function", or "file class" for all of its functions: why no claim need run it.
EXCLUDED = {
    "cnnmat/layers/correlation.py path_name": "a name, not a number",
    "cnnmat/layers/trials.py": "which of the paths is taken that all compute the same",
    "cnnmat/layers/paths.py fast": "which of the paths is taken that all compute the same",
    "cnnmat/layers/paths.py measured": "which of the paths is taken that all compute the same",
    "cnnmat/layers/paths.py if_served": "runs when the table of paths is made, on import",
    "cnnmat/textbook/checkpoints.py": "reads and writes files",
    "cnnmat/textbook/pooling.py Lp.name": "a name, not a number",
    "cnnmat/textbook/training.py Bar": "draws the progress bar",
    "cnnmat/textbook/training.py show": "draws the progress bar",
    "cnnmat/textbook/views.py": "what there is to see of a network",
}
#: Functions that check what they are given, and return it as it is if at all.
CHECKS = {"check", "index_lists", "nonnegative", "overlaps_itself", "require_entries",
          "require_shape", "share_memory", "within_int64", "_maps", "_of_this_network",
          "_refuse_above", "_require_positive", "_row_sum"}


@dataclass(frozen=True)
class Statement:
    """A statement, or the body of a lambda, and the function in which it stands."""

    path: str
    function: str
    node: ast.AST

    @property
    def lines(self):
        """Its own lines; of a compound statement those in front of its body."""
        body = getattr(self.node, "body", None)
        last = body[0].lineno - 1 if isinstance(body, list) else self.node.end_lineno
        return range(self.node.lineno, max(last, self.node.lineno) + 1)


def files(package):
    """The Python files of a package, as paths from the root."""
    return sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.py"))


def arithmetic(path, source=None):
    """The statements of a file that are arithmetic, in order."""
    return [one for one in statements(path, source, checks=False)
            if one.function.rpartition(".")[2] not in CHECKS
            and LOOKED_AT.isdisjoint(one.function.split("."))
            and not EXCLUDED.keys() & {path, f"{path} {one.function}",
                                       f"{path} {one.function.partition('.')[0]}"}]


def statements(path, source=None, *, checks=True):
    """All statements in functions, and lambdas outside of them; without `checks` no refusals."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8") if source is None else source)
    return [Statement(path, ".".join(names), node)
            for names, node in _visit(tree.body, (), False, checks)]


def _visit(body, names, inside, checks):
    for node in body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield from _visit(node.body, (*names, node.name), isinstance(node, ast.FunctionDef),
                              checks)
        elif not inside:
            yield from ((names, one.body) for one in ast.walk(node) if isinstance(one, ast.Lambda))
        elif not _is_docstring(node):
            yield from _statement(node, names, checks)


def _statement(node, names, checks):
    refuses = isinstance(node, ast.Raise) or (
        isinstance(node, ast.If) and (_ends_in_raise(node) or all(map(_is_check, node.body))))
    if checks or not refuses:
        yield names, node
    bodies = [getattr(node, part, []) for part in ("body", "orelse", "finalbody")]
    bodies += [one.body for one in getattr(node, "handlers", ())
               if checks or not _ends_in_raise(one)]
    if refuses and not checks:
        bodies = bodies[1:]
    for body in bodies:
        yield from _visit(body, names, True, checks)


def _ends_in_raise(node):
    return isinstance(node.body[-1], ast.Raise)


def _is_check(node):
    return isinstance(node, ast.Expr) and call_name(node.value) in CHECKS


def call_name(node):
    """The last name of what a call calls; empty for other nodes."""
    function = getattr(node, "func", None)
    return getattr(function, "attr", getattr(function, "id", ""))


def _is_docstring(node):
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
