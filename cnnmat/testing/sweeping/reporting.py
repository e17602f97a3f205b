"""What came of a sweep: a verdict, tables for a terminal, a page, and data."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from cnnmat import files
from cnnmat.texts import one_line, plain, printable

__all__ = ["Report", "page", "print_report", "write_csv"]


@dataclass(frozen=True)
class Report:
    """All of it.

    Attributes
    ----------
    kind : str
    functions : list of str
    asked : int
        How many geometries.
    outcomes : dict
        By number, as `judging` makes them.
    groups : list of Group
    notes, refusals : list of str
    left_out : list of str
        The kinds of geometry that the functions cannot be told.
    """

    kind: str
    functions: list[str]
    asked: int
    outcomes: dict
    groups: list
    notes: list = field(default_factory=list)
    refusals: list = field(default_factory=list)
    left_out: list = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """As of a `Result`."""
        if any(not g.convention for g in self.groups):
            return "wrong"
        if not self.made or all(one["refused"] for one in self.made):
            return "not judged"
        limited = self.refusals or any(one["refused"] for one in self.made)
        return "right within limits" if limited else "right"

    @property
    def made(self):
        """The outcomes of the geometries that could be made, in order."""
        return [self.outcomes[k] for k in sorted(self.outcomes) if self.outcomes[k]["sizes"]]

    @property
    def distinct(self):
        """How many of them differ in a size or a setting."""
        return len({repr(one["sizes"]) for one in self.made})

    def wrong(self):
        """The numbers of the geometries that some group has, but for conventions."""
        return {k for group in self.groups if not group.convention for k in group.geometries}

    def rows(self):
        """[kind, tried, right, wrong, refused], one for each kind of geometry, then of all."""
        wrong, found = self.wrong(), {}
        for one in self.made:
            row = found.setdefault(one["kind"], [0, 0, 0, 0])
            bad, refused = one["geometry"] in wrong, bool(one["refused"])
            for place, counts in enumerate((True, not bad and not refused, bad,
                                            refused and not bad)):
                row[place] += counts
        total = [sum(column) for column in zip(*found.values(), strict=True)] or [0] * 4
        return [*([kind, *row] for kind, row in found.items()), ["all", *total]]

    def ranges(self):
        """{size or setting: "least to greatest"} of all that was tried."""
        found = {}
        for one in self.made:
            for name, value in one["sizes"].items():
                for label, number in _numbers(name, value):
                    low, high = found.get(label, (number, number))
                    found[label] = min(low, number), max(high, number)
        return {label: f"{low} to {high}" if low < high else str(low)
                for label, (low, high) in found.items()}

    def headline(self) -> str:
        """The verdict in a line."""
        name, wrong = self.kind.replace("_", " "), len(self.wrong())
        of = f"{len(self.made)} geometries ({self.distinct} different ones)"
        return {"wrong": f"{name}: WRONG in {wrong} of {of}",
                "right": f"{name}: right in all of {of}",
                "right within limits": f"{name}: right in all of {of} that it takes",
                "not judged": f"{name}: nothing could be judged of {of}"}[self.verdict]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        columns = ("kind", "tried", "right", "wrong", "refused")
        return plain({
            "kind": self.kind, "functions": self.functions, "verdict": self.verdict,
            "passed": self.verdict in ("right", "right within limits"),
            "complete": len(self.outcomes) == self.asked, "asked": self.asked,
            "geometries": len(self.made), "distinct": self.distinct,
            "kinds": [dict(zip(columns, row, strict=True)) for row in self.rows()],
            "left_out": self.left_out, "ranges": self.ranges(),
            "groups": [_group(group) for group in self.groups],
            "notes": self.notes, "refusals": self.refusals,
        })


def _numbers(name, value):
    """[(what it is, a number)] of one size or setting of a geometry."""
    if name == "x":
        yield "samples", value[0]
        yield "channels", value[1]
        yield from (("image", n) for n in value[2:])
    elif name == "w":
        yield from (("kernel", n) for n in value[2:])
    elif name == "b":
        yield "maps", value[0]
    elif name not in ("dz", "dt", "dy"):
        for one in value if isinstance(value, list) else [value]:
            yield from ((name.replace("_", " ").replace("cut", "padding"), n)
                        for n in (one if isinstance(one, list) else [one]))


def _group(group):
    example = group.example
    return {"slug": group.slug, "sentence": group.sentence, "outputs": list(group.outputs),
            "convention": group.convention, "geometries": list(group.geometries),
            "example": example.to_dict() if example else None}


def print_report(report):
    """The tables on the standard output, as wide as it is."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=False)

    def told(text, style=""):
        console.print(Text(printable(text), style=style), soft_wrap=True)

    told(report.headline(), "bold")
    table = Table("geometries", *(("tried", "right", "wrong", "refused")))
    for column in table.columns[1:]:
        column.justify = "right"
    for kind, *counts in report.rows():
        table.add_row(kind, *(str(n or "") for n in counts), end_section=False)
    console.print(table)
    told("sizes: " + "; ".join(f"{name} {span}" for name, span in report.ranges().items()))
    if report.left_out:
        told("cannot be told them: " + ", ".join(report.left_out))
    for note in [*report.refusals, *report.notes]:
        told(f"note: {note}")
    for number, group in enumerate(report.groups, 1):
        what = "a convention" if group.convention else group.slug or "no name"
        told(f"\n{number}. in {_counted(group)}, {', '.join(group.outputs)}: {group.sentence} "
             f"[{what}]", "" if group.convention else "bold")
        if group.example:
            told("\n" + group.example.source.rstrip())


def _counted(group):
    count = len(group.geometries)
    return "1 geometry" if count == 1 else f"{count} geometries"


def page(report):
    """HTML that works offline, all text of strangers escaped."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    template = environment.from_string(resources.files("cnnmat.testing.sweeping").joinpath(
        "sweep.html.j2").read_text(encoding="utf-8"))
    return printable(template.render(report=report, counted=_counted))


def write_csv(path, report):
    """A row for each geometry: its sizes, whether it is right, and the groups that it is in."""
    groups = [(group.slug or "no name", set(group.geometries)) for group in report.groups]
    wrong, text = report.wrong(), io.StringIO()
    names = list(dict.fromkeys(name for one in report.made for name in one["sizes"]))
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["geometry", "kind", *names, "outcome", "outputs", "groups"])
    for one in report.made:
        number = one["geometry"]
        outcome = "wrong" if number in wrong else "refused" if one["refused"] else "right"
        outputs = dict.fromkeys(output or part for part, output, *_ in one["failures"])
        table.writerow([number, one["kind"],
                        *(_cell(one["sizes"].get(name, "")) for name in names), outcome,
                        " ".join(outputs),
                        "; ".join(one_line(slug) for slug, own in groups if number in own)])
    with files.replacing(path) as file:
        file.write(text.getvalue().encode("utf-8"))


def _cell(value):
    """[2, 3] as 2 x 3, and pairs as 1+0 x 0+2."""
    if not isinstance(value, list):
        return value
    return " x ".join("+".join(map(str, one)) if isinstance(one, list) else str(one)
                      for one in value)
