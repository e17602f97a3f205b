"""How time grows with samples, side and channels: curves, fitted exponents and a picture."""

import numpy as np

from cnnmat.drawing import save_picture
from tests.benchmarks.contenders import GROWTH


def growth(dtypes, measure):
    """{(what grows, dtype): {contender: seconds at each size}}.

    Parameters
    ----------
    measure : callable
        ``(workload, dtype) -> {contender: (ratio, seconds, peak)}``.
    """
    curves = {}
    for grows, sizes in GROWTH.items():
        for dtype in dtypes:
            curve = curves[grows, dtype] = {}
            for size in sizes:
                for name, (_, seconds, _) in measure(f"{grows}-{size}", dtype).items():
                    curve.setdefault(name, []).append(seconds)
    return curves


def exponent(sizes, seconds):
    """The slope of a straight line through the logarithms, by least squares.

    Examples
    --------
    >>> print(f"{exponent([1, 2, 4], [3, 12, 48]):.2f}")
    2.00
    """
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def growth_lines(curves):
    """A line a curve: milliseconds at each size, and the exponent."""
    return [f"{grows:9} {dtype:8} {name:8} " + " ".join(
        f"{size}: {1e3 * s:.3g} ms," for size, s in zip(GROWTH[grows], seconds, strict=True))
            + f" exponent {exponent(GROWTH[grows], seconds):.2f}"
            for (grows, dtype), curve in curves.items() for name, seconds in curve.items()]


def draw_growth(curves, title, path):
    """A panel for each of what grows, a line for each contender and type."""
    import matplotlib
    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(GROWTH), figsize=(14, 5), layout="constrained")
    for axes, (grows, sizes) in zip(panels, GROWTH.items(), strict=True):
        for (what, dtype), curve in curves.items():
            for k, (name, seconds) in enumerate(curve.items() if what == grows else ()):
                axes.plot(sizes, [1e3 * s for s in seconds], marker="o", color=f"C{k}",
                          linestyle="-" if dtype == "float64" else "--",
                          label=f"{name}, {dtype}: {exponent(sizes, seconds):.2f}")
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_xticks(sizes, map(str, sizes))
        axes.set_xlabel(grows)
        axes.legend(fontsize=8, title="fitted exponent")
    panels[0].set_ylabel("ms, forward and backward")
    figure.suptitle(title)
    save_picture(figure, path)
