"""The text form of a view."""

from __future__ import annotations

from cnnmat.drawing.flow import Flow
from cnnmat.drawing.matrix import Drawn, Matrix

__all__ = ["as_text", "text_rows"]

#: How many rows and columns are printed at most, and how many characters a line has.
MOST, WIDTH = (32, 32), 100


def as_text(headline: str, parts: tuple[Matrix | Flow, ...], reading: str) -> str:
    """Headline, parts and how to read them, one below the other."""
    lines = [headline] if headline else []
    for part in parts:
        lines += flow_lines(part) if isinstance(part, Flow) else block_lines(part)
    return "\n".join([*lines, reading] if reading else lines)


def block_lines(blocks: Matrix) -> list[str]:
    """A matrix below its title, above what is said of entries that were left out."""
    lines = [blocks.heading] if blocks.heading else []
    rows, columns = MOST
    excerpt = blocks.excerpt((rows, columns))
    cells = [len(entry) for row in excerpt.drawn["rows"] for entry in row]
    if cells and (fit := max(WIDTH // (max(cells) + 2), 3)) < columns:
        excerpt = blocks.excerpt((rows, fit))
    return [*lines, *text_rows(excerpt.drawn), *([excerpt.remark] if excerpt.remark else [])]


def text_rows(drawn: Drawn) -> list[str]:
    """The rows of what `Blocks.plain` returns: columns aligned, zeros as dots, lines."""
    cells = [["." if entry == "0" else entry for entry in row] for row in drawn["rows"]]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rows = []
    for r, row in enumerate(cells):
        text = "  ".join("|  " * (k in drawn["column_lines"]) + cell.rjust(widths[k])
                         for k, cell in enumerate(row))
        if r in drawn["row_lines"]:
            rows.append("-" * len(text))
        rows.append(text)
    return rows


def flow_lines(flow: Flow) -> list[str]:
    """A layer a line, and between two of them what is done."""
    width = max(len(layer.name) for layer in flow.layers)
    lines = []
    for layer in flow.layers:
        lines += [f"{'':{width}}  |  {step}" for step in layer.steps]
        lines.append(f"{layer.name:{width}}  {layer.size}")
    return lines
