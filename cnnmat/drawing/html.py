"""The notebook form of a view: HTML that brings its own style, for light and dark pages."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from cnnmat.drawing.flow import Flow
from cnnmat.drawing.matrix import Drawn, Matrix
from cnnmat.drawing.naming import by_name

__all__ = ["as_html", "html_table"]

#: How many rows and columns of a matrix are shown at most: of one, and of each of many.
MOST, MOST_OF_MANY, MANY = (36, 30), (18, 16), 4

#: JupyterLab drops a <style> from what it has not run itself: lines and zeros have their own, in
#: colours that go with light and dark.
LINE, GRAY = "1px solid #8a929c;", "color:#868e96;"
#: JupyterLab says on <body> which theme it has, which need not be the system's.
DARK = ("color-scheme:dark;--ink:#e3e6ea;--paper:#16191d;--line:#717a85;"
        "--plus:#7db8ff;--minus:#ff9489")
LIGHT = ("color-scheme:light;--ink:#1b1f24;--paper:#fff;--line:#8a929c;"
         "--plus:#0b57b0;--minus:#b3261e")
STYLE = f"""<style>
.cnnmat{{{LIGHT};color:var(--ink);background:var(--paper);padding:.4em .6em;overflow-x:auto;
 font:14px/1.4 system-ui,sans-serif}}
@media (prefers-color-scheme:dark){{.cnnmat{{{DARK}}}}}
[data-jp-theme-light="true"] .cnnmat{{{LIGHT}}}
[data-jp-theme-light="false"] .cnnmat{{{DARK}}}
.cnnmat p{{margin:.2em 0;color:var(--ink)}}
.cnnmat .parts{{display:flex;flex-wrap:wrap;gap:.8em 1.6em;align-items:flex-start}}
.cnnmat figure{{margin:.3em 0;max-width:100%;overflow-x:auto}}
.cnnmat figcaption{{margin-bottom:.2em;color:var(--ink)}}
.cnnmat .remark,.cnnmat .reading{{font-style:italic}}
.cnnmat table.matrix{{border-collapse:collapse;margin:0;border:0 solid var(--ink);
 border-width:0 2px;font:13px/1.3 ui-monospace,monospace}}
.cnnmat table.matrix tr,.cnnmat table.matrix tr:hover{{background:none}}
.cnnmat table.matrix td{{padding:.1em .45em;text-align:right;color:var(--ink);border:0;
 white-space:nowrap;background:none}}
.cnnmat table.matrix td:hover{{outline:1px solid var(--ink)}}
.cnnmat table.matrix td.plus,.cnnmat table.matrix td.one{{color:var(--plus);font-weight:600}}
.cnnmat table.matrix td.minus{{color:var(--minus);font-weight:600}}
.cnnmat ol{{display:flex;flex-wrap:wrap;gap:.5em;align-items:center;list-style:none;margin:0;
 padding:0}}
.cnnmat li{{margin:0;padding:.2em .5em;text-align:center}}
.cnnmat li.layer{{border:1px solid var(--line);border-radius:4px}}
</style>"""


def as_html(headline: str, parts: tuple[Matrix | Flow, ...], reading: str) -> str:
    """Headline, parts and how to read them."""
    most = MOST if len(parts) <= MANY else MOST_OF_MANY
    inside = "".join(flow_list(part) if isinstance(part, Flow) else figure(part, most)
                     for part in parts)
    above = f"<p><b>{escape(headline)}</b></p>" if headline else ""
    below = f'<p class="reading">{escape(reading)}</p>' if reading else ""
    return f'{STYLE}<div class="cnnmat">{above}<div class="parts">{inside}</div>{below}</div>'


def figure(blocks: Matrix, most: tuple[int, int]) -> str:
    """A matrix as a table below its title, above what is said of entries that were left out."""
    excerpt = blocks.excerpt(most)
    row_names, column_names = blocks.labels

    def title(r, c):
        row, column = excerpt.rows[r], excerpt.columns[c]
        if row is None or column is None:
            return ""
        return f"{by_name('row', row_names, row)}; {by_name('column', column_names, column)}"

    caption = f"<figcaption>{escape(blocks.heading)}</figcaption>" if blocks.heading else ""
    remark = f'<p class="remark">{escape(excerpt.remark)}</p>' if excerpt.remark else ""
    return f"<figure>{caption}{html_table(excerpt.drawn, title)}{remark}</figure>"


def html_table(drawn: Drawn, title: Callable[[int, int], str] | None = None) -> str:
    """What `Blocks.plain` returns as an HTML table; its style is the page's.

    `title` says what shows on hovering over a cell; such a table needs no page's style.
    """
    rows = []
    for r, row in enumerate(drawn["rows"]):
        cells = []
        for c, entry in enumerate(row):
            kind = {"0": "zero", "1": "one"}.get(entry, "")
            if title and not kind:
                kind = "minus" if entry[:1] in "-−" else "plus" if entry[:1].isdigit() else ""
            lines = "".join(ruled for ruled, there in (
                ("border-top:" + LINE, r in drawn["row_lines"]),
                ("border-left:" + LINE, c in drawn["column_lines"])) if there)
            style = (lines + GRAY * (kind == "zero")) * bool(title)
            names = f"{kind} {'rule' * (c in drawn['column_lines'])}".strip()
            said = {"class": names, "style": style, "title": title(r, c) if title else ""}
            attributes = "".join(f' {k}="{escape(v)}"' for k, v in said.items() if v)
            cells.append(f"<td{attributes}>{escape(entry)}</td>")
        rule = ' class="rule"' if r in drawn["row_lines"] else ""
        rows.append(f"<tr{rule}>{''.join(cells)}</tr>")
    return f'<table class="matrix">{"".join(rows)}</table>'


def flow_list(flow: Flow) -> str:
    """The layers as boxes in a row, with what is done between them."""
    items = []
    for layer in flow.layers:
        if layer.steps:
            items.append(f"<li>{'<br>'.join(map(escape, layer.steps))} →</li>")
        items.append(f'<li class="layer"><b>{escape(layer.name)}</b><br>{escape(layer.size)}</li>')
    return f"<ol>{''.join(items)}</ol>"
