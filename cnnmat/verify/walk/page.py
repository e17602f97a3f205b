"""The walk as data, as a piece of HTML, and as a page that works offline."""

from __future__ import annotations

from importlib import resources
from itertools import product

import numpy as np

from cnnmat import files, texts
from cnnmat.verify.walk.case import Case
from cnnmat.verify.walk.relations import entries, panels, pixels

__all__ = ["fragment", "page_text", "walk", "write"]

#: What each control of the page offers, the first being where it starts.
CONTROLS = {"stride": (1, 2), "padding": (0, 1), "dilation": (1, 2), "pooling": ("max", "mean")}


def walk(image=(4, 5), kernel=(2, 3)):
    """The numbers of each setting, and what belongs to what: all that the page looks up.

    Parameters
    ----------
    image, kernel : pair of int, optional
        Rows and columns.

    Returns
    -------
    dict
        ``image``, ``kernel``, ``controls``; ``theta`` and ``theta_1``, the biases in words;
        ``settings`` by "stride-padding-dilation", each with the ``shapes`` of its panels, the
        sizes of its maps, ``pixels`` and ``entries`` as `relations` has them, and ``numbers`` by
        the pooling and the panel.  Settings at which the window is larger than the image are
        left out.

    Raises
    ------
    TypeError, ValueError
        If a size is no positive integer, too large for a page, or the window larger than the image.

    Examples
    --------
    >>> setting = walk()["settings"]["1-0-1"]
    >>> setting["shapes"]["V"], setting["numbers"]["max"]["delta_L"]
    ((54, 20), [3, -2])
    """
    # the plain setting must do, and says what is wrong with the sizes if it does not
    first = Case(image, kernel, 1, 0, 1, "max")
    _ = first.windows
    places = product(*(CONTROLS[name] for name in ("stride", "padding", "dilation")))
    settings = {"-".join(map(str, place)): _setting(first, *place) for place in places
                if _fits(first, *place)}
    biases = first.parameters.Theta_c[1], first.parameters.theta_l[1]
    theta, theta_1 = (", ".join(map(str, _plain(one))).replace("-", "−") for one in biases)
    return {"image": first.image, "kernel": first.kernel, "controls": CONTROLS, "theta": theta,
            "theta_1": theta_1, "settings": settings}


def _fits(case, stride, padding, dilation):
    return all(dilation * (k - 1) + 1 <= size + 2 * padding
               for size, k in zip(case.image, case.kernel, strict=True))


def _setting(first, stride, padding, dilation):
    cases = {name: Case(first.image, first.kernel, stride, padding, dilation, name)
             for name in CONTROLS["pooling"]}
    case = cases[CONTROLS["pooling"][0]]
    return {
        "shapes": panels(case), "output": case.windows.output, "blocks": case.blocks.output,
        "starts": case.regions.starts[1:].tolist(), "padding": padding,
        "pixels": pixels(case), "entries": entries(case),
        "numbers": {name: {panel: _plain(array) for panel, array in one.numbers().items()}
                    for name, one in cases.items()},
    }


def _plain(array):
    """A list of the entries, whole ones as integers; there is one zero."""
    return [int(x) if x == int(x) else x for x in np.ravel(array).astype(float).tolist()]


def fragment(image=(4, 5), kernel=(2, 3)):
    """The drawing with its style, data and script, to stand in any page; at most once in one.

    Parameters
    ----------
    image, kernel : pair of int, optional
        As for `walk`.

    Returns
    -------
    str
    """
    return _render("fragment.html.j2", walk(image, kernel))


def page_text(image=(4, 5), kernel=(2, 3)):
    """The walk as a page of its own, as text.

    Parameters
    ----------
    image, kernel : pair of int, optional
        As for `walk`.

    Returns
    -------
    str
    """
    return _render("walk.html.j2", walk(image, kernel))


def write(path, image=(4, 5), kernel=(2, 3)):
    """Write the walk as a page of its own.

    Parameters
    ----------
    path : str or Path
    image, kernel : pair of int, optional
        As for `walk`.
    """
    text = page_text(image, kernel)
    with files.replacing(path) as file:
        file.write(text.encode("utf-8"))


def _render(name, data):
    import jinja2
    import markupsafe

    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined,
        loader=jinja2.FunctionLoader(_template))
    # of numbers and names of our own, in which nothing could close the script
    written = markupsafe.Markup(texts.to_json(data, separators=(",", ":")))
    return environment.get_template(name).render(walk=data, data=written)


def _template(name):
    return resources.files("cnnmat.verify.walk").joinpath(name).read_text(encoding="utf-8")
