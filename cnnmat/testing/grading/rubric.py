"""What is asked for and what it is worth: a TOML file, read and held to what it may say."""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cnnmat import testing
from cnnmat.arguments import Usage

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = ["Check", "Rubric", "read"]

#: What may be told of a mistake: nothing; in which behaviours and outputs; what it probably is.
HINTS = ("none", "where", "what")


@dataclass(frozen=True)
class Check:
    """One thing that is asked for.

    Attributes
    ----------
    kind : str
        As in ``check_<kind>``.
    functions : tuple of str
        "file.py:function" of each, or "file.py" for what in it looks like the kind.
    points : float or dict
        All of them together, or by behaviour: {"plain": 4, "stride": 2}.
    options : dict
        The keywords of ``check_<kind>``.
    without : tuple of str
        Gradients that need not be given; one that is missing loses its points else.
    title : str
    budget : float, optional
        Seconds in which what tells most is tried first.
    """

    kind: str
    functions: tuple[str, ...]
    points: Any = 1.0
    options: dict = field(default_factory=dict)
    title: str = ""
    budget: float | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True)
class Rubric:
    """All of it, with limits.

    Attributes
    ----------
    checks : tuple of Check
    title : str
    hint : {"none", "where", "what"}
        What a submission is told of its mistakes.
    refusal : float
        The share of its points that a call is worth which is refused.
    seconds, timeout : float
        For a submission in all, for one call.
    memory : int
        MiB that its process may take.
    """

    checks: tuple[Check, ...]
    title: str = "Submissions"
    hint: str = "where"
    refusal: float = 0.0
    seconds: float = 120.0
    timeout: float = 5.0
    memory: int = 2048


def read(path):
    """The `Rubric` of a file.

    Parameters
    ----------
    path : path
        TOML: the attributes of `Rubric`, and a table [[check]] with those of `Check` for each;
        beside these "convention", which is one of its options.

    Raises
    ------
    Usage
        If it cannot be read or says what it may not say; the text says where.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "rubric.toml")
    ...     _ = path.write_text('''
    ... [[check]]
    ... kind = "activation"
    ... functions = ["relu.py:relu"]
    ... points = 5
    ... ''')
    ...     read(path).checks[0].points
    5
    """
    try:
        said = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Usage(f"RUBRIC must be a TOML file, got {str(path)!r}: {error}") from error
    tables = said.pop("check", None)
    if not isinstance(tables, list) or not tables:
        raise Usage("RUBRIC must have a table [[check]]")
    _known("RUBRIC", said, Rubric, {"checks"})
    checks = tuple(_check(f"check {number}", dict(table))
                   for number, table in enumerate(tables, 1))
    return _held(Rubric(checks=checks, **said))


def _known(where, said, kind, but):
    allowed = {f for f in kind.__dataclass_fields__ if f not in but}
    for name in said.keys() - allowed:
        raise Usage(f"{where} must not say {name!r}; it may say {', '.join(sorted(allowed))}")


def _held(rubric):
    """The rubric, if its numbers make sense."""
    if rubric.hint not in HINTS:
        raise Usage(f"hint must be one of {', '.join(HINTS)}, got {rubric.hint!r}")
    _number("refusal", rubric.refusal, 0, 1)
    for name in ("seconds", "timeout"):
        _number(name, getattr(rubric, name), 1e-3, 86400)
    _number("memory", rubric.memory, 64, 2**20)
    return rubric


def _number(name, value, least, most):
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
        raise Usage(f"{name} must be a number from {least:g} to {most:g}, got {value!r}")


def _check(where, table):
    options = dict(table.pop("options", {}))
    if "convention" in table:
        options["convention"] = table.pop("convention")
    _known(where, table, Check, {"options"})
    kind, functions = table.pop("kind", None), table.pop("functions", None)
    check = getattr(testing, f"check_{kind}", None)
    if check is None or kind in ("adjoint", "gradient"):
        raise Usage(f"{where}: kind must be one that cnnmat check knows, got {kind!r}")
    if not isinstance(functions, list) or not functions or not all(
            isinstance(f, str) and f for f in functions):
        raise Usage(f"{where}: functions must be a list of names, got {functions!r}")
    for name in options.keys() - inspect.signature(check).parameters.keys():
        raise Usage(f"{where}: check_{kind} has no option {name!r}")
    points = table.pop("points", 1.0)
    for name, value in (points.items() if isinstance(points, dict) else [("points", points)]):
        _number(f"{where}: {name}", value, 0, 1e6)
    if table.get("budget") is not None:
        _number(f"{where}: budget", table["budget"], 1e-3, 86400)
    table.setdefault("title", kind)
    table["without"] = tuple(table.get("without", ()))
    return Check(kind, tuple(functions), points, options, **table)
