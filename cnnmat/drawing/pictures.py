"""The picture form of a view, by matplotlib, which is loaded when it is asked for."""

from __future__ import annotations

import os
from math import ceil
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np

from cnnmat import files
from cnnmat.drawing.flow import Flow
from cnnmat.drawing.matrix import Matrix
from cnnmat.drawing.naming import written

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["as_picture", "draw_matrix", "pyplot", "save_picture"]

BLUE, RED, GRAY = np.array([[0.05, 0.34, 0.69], [0.78, 0.13, 0.09], [0.55, 0.55, 0.55]])
SIGNS = {"positive": BLUE, "negative": RED, "not a number": GRAY}
#: More rows or columns than this share dots.
DOTS = 400
#: Up to so many rows and columns have their names written beside them.
WRITTEN = (16, 16)


def pyplot() -> Any:
    """matplotlib.pyplot, or the word of what to install."""
    try:
        from matplotlib import pyplot
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("a picture needs matplotlib: pip install 'cnnmat[plot]'",
                                  name=error.name) from error
    return pyplot


def as_picture(headline: str, parts: tuple[Matrix | Flow, ...], reading: str) -> Figure:
    """A figure with all parts, a legend and how to read them."""
    plt = pyplot()
    if isinstance(parts[0], Flow):
        return _diagram(plt, headline, parts[0].layers, reading)
    matrices = [part for part in parts if isinstance(part, Matrix)]
    across = min(len(matrices), 4)
    down = ceil(len(matrices) / across)
    size = _single(matrices[0]) if across == 1 else (3.2 * across, 3.2 * down + 1)
    figure, axes = plt.subplots(down, across, figsize=size, layout="constrained", squeeze=False)
    # a notebook shows what is returned, and what pyplot keeps open it would show once more
    plt.close(figure)
    signs: list[str] = []
    for axis, part in zip(axes.flat, matrices, strict=False):
        signs += draw_matrix(part, axis, numbers=across == 1)
        if part.heading:
            axis.set_title(part.heading, fontsize="medium")
    for axis in axes.flat[len(matrices):]:
        axis.axis("off")
    figure.suptitle(headline)
    _legend(figure, [sign for sign in SIGNS if sign in signs], reading)
    return figure


def _single(matrix):
    """The size of a picture of one matrix: as wide as a page, and as high as it asks for."""
    (rows, columns), *_ = matrix.entries()
    high = 6.4 * rows / max(columns, 1) if _is_compact((rows, columns)) else 4.5
    return 6.4, min(max(high, 1), 4.8) + 1.6


def _legend(figure, signs, reading):
    """What the colours are, below what order to read in."""
    from matplotlib.patches import Patch

    handles = [Patch(color=SIGNS[sign], label=sign) for sign in signs]
    handles.append(Patch(facecolor="white", edgecolor="gray", label="0"))
    figure.legend(handles=handles, loc="outside lower center", ncols=len(handles),
                  title="\n".join([*wrap(reading, 60), "the larger, the darker"]))


def _numbers(values):
    """`values` as floats; what has no number, as symbols have none, as NaN."""
    if values.dtype != object:
        return values.astype(float)
    numbers = np.full(values.shape, np.nan)
    for k, value in enumerate(values):
        try:
            numbers[k] = float(value)
        except (TypeError, ValueError):
            continue
    return numbers


def draw_matrix(blocks: Matrix, ax: Axes, numbers: bool = False) -> list[str]:
    """Draw a matrix into `ax`; return which of `SIGNS` are there."""
    shape, rows, columns, values = blocks.entries()
    number = _numbers(values)
    steps = [max(ceil(length / DOTS), 1) for length in shape]
    image, present = _colours(shape, rows, columns, number, steps)
    ax.imshow(image, interpolation="nearest", aspect="equal" if _is_compact(shape) else "auto",
              extent=(-0.5, shape[1] - 0.5, shape[0] - 0.5, -0.5))
    for draw, lines, step, length in zip((ax.axhline, ax.axvline), blocks.lines(), steps, shape,
                                         strict=True):
        # lines closer than dots would hide them
        if step == 1 and len(lines) <= length / 2:
            for line in lines:
                draw(line - 0.5, color="black", linewidth=0.7)
    _ticks(blocks, ax, shape if numbers else (DOTS, DOTS))
    if max(steps) > 1:
        ax.set_xlabel(f"each dot: up to {steps[0]} × {steps[1]} entries", fontsize="small")
    elif numbers and shape[0] <= WRITTEN[0] and _has_room(values, shape[1]):
        darkest = np.nanmax(np.abs(number), initial=0)
        for r, c, value, size in zip(rows, columns, values.tolist(), number, strict=True):
            ax.text(c, r, written(value), ha="center", va="center", fontsize=9,
                    color="white" if abs(size) > darkest / 3 else "black")
    return present


def _is_compact(shape):
    return max(shape) <= 8 * min(shape)


def _has_room(values, columns):
    """Whether the numbers of so many columns can stand side by side."""
    return columns <= 32 and columns * (
        max((len(written(one)) for one in values.tolist()), default=0) + 1) <= 64


def _colours(shape, rows, columns, number, steps):
    """An image of one dot a place, or a dot for the largest of several; the signs that it has."""
    dots = tuple(ceil(length / step) for length, step in zip(shape, steps, strict=True))
    largest = {sign: np.zeros(dots) for sign in SIGNS}
    for sign, those in (("positive", number > 0), ("negative", number < 0),
                        ("not a number", np.isnan(number))):
        places = rows[those] // steps[0], columns[those] // steps[1]
        np.maximum.at(largest[sign], places,
                      1.0 if sign == "not a number" else np.abs(number[those]))
    finite = np.abs(number[np.isfinite(number)])
    darkest = finite.max(initial=0) or 1.0
    stack = np.stack([*largest.values()])
    share = np.clip(stack / darkest, 0, 1)
    # an entry that is small beside the others shows too
    share = np.where(stack > 0, 0.25 + 0.75 * share, 0)
    which = stack.argmax(0)
    colour = np.stack([*SIGNS.values()])[which]
    image = 1 - share.max(0)[..., None] * (1 - colour)
    return image, [sign for sign in SIGNS if (largest[sign] > 0).any()]


def _ticks(blocks, ax, shape):
    """Write the names of rows and columns where there is room, else nothing."""
    ax.set(xticks=[], yticks=[])
    for axis, length, names, most in zip((ax.yaxis, ax.xaxis), shape, blocks.labels, WRITTEN,
                                         strict=True):
        if length <= most:
            said = [str(k) if names is None else names(k) if callable(names) else names[k]
                    for k in range(length)]
            axis.set_ticks(range(length), said, fontsize=8)
            axis.set_tick_params(length=0, labelrotation=90 if axis is ax.xaxis and names else 0)


def _diagram(plt, headline, layers, reading):
    """A row of layers, each as its maps one behind the other, with what is done between."""
    from matplotlib.patches import Rectangle

    figure, ax = plt.subplots(figsize=(2.1 * len(layers) + 0.4, 2.8), layout="constrained")
    plt.close(figure)
    sides = [_sides(layer.shape) for layer in layers]
    largest = max(max(pair) for pair in sides)
    for k, (layer, (high, wide)) in enumerate(zip(layers, sides, strict=True)):
        # the smallest can still be seen
        high, wide = (max(side / largest, 0.08) for side in (high, wide))
        for back in reversed(range(min(max(layer.maps, 1), 5))):
            corner = (2.2 * k - wide / 2 + 0.06 * back, -high / 2 + 0.06 * back)
            ax.add_patch(Rectangle(corner, wide, high, facecolor="#d6e4f5", edgecolor="#0b57b0"))
        ax.text(2.2 * k, -0.62, f"{layer.name}\n{layer.size}", ha="center", va="top",
                linespacing=1.4)
        if k:
            ax.annotate("", (2.2 * k - 0.6, 0), (2.2 * k - 1.35, 0),
                        arrowprops={"arrowstyle": "->"})
            ax.text(2.2 * k - 1.0, 0.62, "\n".join(layer.steps), ha="center", va="bottom",
                    fontsize=8)
    ax.set(xlim=(-1, 2.2 * len(layers) - 1), ylim=(-1.2, 1.1), aspect="equal")
    ax.axis("off")
    figure.suptitle(headline)
    figure.supxlabel(reading, fontsize="medium")
    return figure


def _sides(shape):
    """Height and width of a map as it is drawn: of a list of units, a column."""
    return (shape[0], shape[1]) if len(shape) == 2 else (min(shape[0], 8), 1)


def save_picture(figure, path, dpi=150):
    """Write a matplotlib figure as one whole file; the suffix of `path` says the format.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    path : path
        Without a suffix: PNG.
    dpi : int
    """
    kind = os.path.splitext(path)[1].removeprefix(".") or "png"
    with files.replacing(path) as file:
        figure.savefig(file, format=kind, dpi=dpi)
