"""What may go wrong while an input is read: of which type, in which order, which part of it.

Each is a change to one field of a layer, whatever is then computed from it, so that it composes
with what the banks know of the computation.  A slice, a shift or a sum runs along one axis; an
order mixes several.
"""

from dataclasses import replace

import numpy as np

from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import kept, moved, orders, part

__all__ = []


#: Where numbers are cut off, mostly before an exponential.
BOUNDS = (5, 10, 15, 20, 30, 50, 60, 80, 88, 100, 200, 500, 700)


def reads(fields, entries=True):
    """Mistakes in reading the fields of a layer.

    Parameters
    ----------
    fields : dict of (tuple of str, tuple of str)
        For each field what its axes run over, and the outputs that are computed from it:
        {"x": (("sample", "channel", "row", "column"), ("z", "dw")), ...}.
    entries : bool
        Whether they are numbers whose values may be spoiled; labels are not.
    """
    return tuple(one for field, (axes, outputs) in fields.items() for one in (
        *(_entries(field, outputs) if entries else ()), *_axes(field, axes, outputs),
        *_orders(field, axes, outputs)))


def leading(field, name, outputs):
    """Mistakes along the first axis of a field, however many follow."""
    return tuple(_along(field, name, 0, outputs))


def reading(field, slug, sentence, outputs, change, company="other"):
    """One field read through change(array)."""
    def edit(layer, _):
        array = getattr(layer, field)
        if not array.size:
            raise ValueError("there is nothing to read")
        return replace(layer, **{field: change(array)})

    return Mistake(f"{field}-{slug}", sentence, outputs, company=company, edit=edit)


def _entries(field, outputs):
    for slug, said, change in (
            ("integer", "is cut to whole numbers before it is used", np.trunc),
            ("integer", "is rounded down to whole numbers before it is used", np.floor),
            ("integer", "is rounded to whole numbers before it is used", np.rint),
            ("half-precision", "is read in half precision (float16)",
             lambda a: a.astype(np.float16).astype(float)),
            ("single-precision", "is read in single precision (float32)",
             lambda a: a.astype(np.float32).astype(float)),
            ("absolute", "loses its sign", np.abs),
            ("sign-only", "is read by its sign only", np.sign),
            ("sign", "enters with the opposite sign", np.negative),
            ("rectified", "is set to zero where it is negative, as behind a ReLU",
             lambda a: np.maximum(a, 0)),
            ("negative-only", "is set to zero where it is positive", lambda a: np.minimum(a, 0)),
            ("squared", "is squared", np.square),
            ("ones", "is taken as all ones", np.ones_like),
            ("clipped", "is cut off at 0 and 1", lambda a: np.clip(a, 0, 1)),
            ("clipped", "is cut off at -1 and 1", lambda a: np.clip(a, -1, 1)),
            ("scaled", "is divided by 255", lambda a: a / 255),
            ("scaled", "is divided by its largest entry", lambda a: a / a.max()),
            ("scaled", "is divided by its largest magnitude", lambda a: a / np.abs(a).max()),
            ("centred", "is centred: the mean over all is taken off", lambda a: a - a.mean()),
            ("normalised", "is normalised: less its mean, over its deviation",
             lambda a: (a - a.mean()) / a.std()),
            ("transposed", "is read with its last two axes exchanged",
             lambda a: np.swapaxes(a, -1, -2)),
            ("turned", "is turned by 180 degrees", lambda a: np.flip(a, tuple(range(2, a.ndim)))),
    ):
        yield reading(field, slug, f"{field} {said}", outputs, change)
    for slug, said, change in (
            ("mapped", "is mapped to 2 {} - 1, as from 0 and 1 to -1 and 1", lambda a: 2 * a - 1),
            ("mapped", "is mapped to ({} + 1) / 2, as from -1 and 1 to 0 and 1",
             lambda a: (a + 1) / 2),
            ("mapped", "is taken as 1 - {}", lambda a: 1 - a),
            ("mapped", "is taken as 1 + {}", lambda a: 1 + a),
            ("scaled", "is multiplied by ln 2, as where a power of 2 stands for one of e",
             lambda a: a * np.log(2)),
            ("scaled", "is multiplied by ln 10, as where a power of 10 stands for one of e",
             lambda a: a * np.log(10)),
            ("scaled", "is taken from degrees to radians", np.deg2rad),
            ("scaled", "is halved", lambda a: a / 2), ("scaled", "is doubled", lambda a: 2 * a),
            ("normalised", "is divided by its norm, the root of the sum of its squares",
             lambda a: a / np.linalg.norm(a)),
            ("normalised", "is divided by its sum", lambda a: a / a.sum()),
            ("normalised", "is brought to the range from 0 to 1 by its smallest and largest entry",
             lambda a: (a - a.min()) / (a.max() - a.min())),
            *(("clipped", f"is cut off at -{c:g} and {c:g}", lambda a, c=c: np.clip(a, -c, c))
              for c in BOUNDS),
            *(("rounded", f"is {word} to {k} decimals", lambda a, k=k, f=f: f(a * 10**k) / 10**k)
              for k in (1, 2, 3, 4, 5, 6) for word, f in (("rounded", np.rint), ("cut", np.trunc))),
    ):
        yield reading(field, slug, f"{field} {said.replace('{}', field)}", outputs, change,
                      company="none")


def _axes(field, axes, outputs):
    for place, name in enumerate(axes):
        yield from _along(field, name, place - len(axes), outputs)
    if len(axes) > 1:
        rest = tuple(range(1 - len(axes), 0))
        yield reading(field, "centred", f"{field} is centred: the mean of each {axes[0]} is taken "
                      "off", outputs, lambda a: a - a.mean(rest, keepdims=True))
        for said, total in (("the root of the sum of its squares",
                             lambda a: np.sqrt((a**2).sum(rest, keepdims=True))),
                            ("its sum", lambda a: a.sum(rest, keepdims=True)),
                            ("its largest magnitude",
                             lambda a: np.abs(a).max(rest, keepdims=True))):
            yield reading(field, "normalised", f"each {axes[0]} of {field} is divided by {said}",
                          outputs, lambda a, t=total: a / t(a), company="none")
        for said, where in (("last", slice(0, -1)), ("first", slice(1, None))):
            yield reading(field, "not-read", f"neither the {said} {axes[-2]} nor the {said} "
                          f"{axes[-1]} of {field} is read", outputs,
                          lambda a, w=where: kept(kept(a, -1, w), -2, w), company="none")
        yield from _pitched(field, axes, outputs)
        for step, side in ((1, "before"), (-1, "after")):
            yield reading(field, "off-by-one", f"{field} is read one {axes[-2]} and one {axes[-1]} "
                          f"{side} the place that is meant", outputs,
                          lambda a, s=step: moved(moved(a, -1, s), -2, s))
    if len(axes) > 3:
        image = tuple(range(2 - len(axes), 0))
        yield reading(field, "centred", f"{field} is centred: the mean of each {axes[0]} and "
                      f"{axes[1]} is taken off", outputs,
                      lambda a: a - a.mean(image, keepdims=True))


def _pitched(field, axes, outputs):
    """A flat index whose step from row to row is another length than that of a row."""
    for length, which in (("number of rows", lambda a: a.shape[-2]),
                          ("length of a row less 1", lambda a: a.shape[-1] - 1),
                          ("length of a row plus 1", lambda a: a.shape[-1] + 1)):
        yield reading(field, "pitch", f"in the flat index of {field} the step from one {axes[-2]} "
                      f"to the next is the {length}, where the length of a row belongs", outputs,
                      lambda a, w=which: pitched(a, w(a)), company="none")
        yield reading(field, "pitch", f"in the flat index of {field} the step from one {axes[-2]} "
                      f"to the next is the {length}, where the length of a row belongs (what lies "
                      "beyond goes round)", outputs,
                      lambda a, w=which: pitched(a, w(a), round_again=True), company="none")


def pitched(array, pitch, round_again=False):
    """What stands at i pitch + j, counted on through memory, for each (i, j) of the last axes.

    Beyond the end stands the last entry; or what is counted goes round within the last two axes.
    """
    *lead, rows, columns = array.shape
    area = rows * columns
    within = np.arange(rows)[:, None] * pitch + np.arange(columns)
    within = within % area if round_again else within
    starts = np.arange(int(np.prod(lead))).reshape(*lead, 1, 1) * area
    return array.ravel()[np.minimum(starts + within, array.size - 1)]


def _along(field, name, axis, outputs):
    """What may be read in place of each slice along one axis."""
    for what, said, change in (
            ("for-all", f"{name} 0 of {field} is read in place of each {name}",
             lambda a: _everywhere(part(a, axis, slice(0, 1)), a, axis)),
            ("for-all", f"the last {name} of {field} is read in place of each {name}",
             lambda a: _everywhere(part(a, axis, slice(-1, None)), a, axis)),
            ("only", f"only the first {name} of {field} is read",
             lambda a: kept(a, axis, slice(0, 1))),
            ("only", f"only the last {name} of {field} counts: = where += belongs",
             lambda a: kept(a, axis, slice(-1, None))),
            ("not-read", f"the last {name} of {field} is not read: a loop stops one short",
             lambda a: kept(a, axis, slice(0, -1))),
            ("not-read", f"the first {name} of {field} is not read: a loop starts at 1",
             lambda a: kept(a, axis, slice(1, None))),
            ("not-read", f"every other {name} of {field} is left out",
             lambda a: kept(a, axis, slice(0, None, 2))),
            ("reversed", f"the {name}s of {field} are read in the reverse order",
             lambda a: np.flip(a, axis)),
            ("off-by-one", f"the {name} before is read of {field}, before the first the last "
             "(an index less 1)", lambda a: np.roll(a, 1, axis)),
            ("off-by-one", f"the {name} after is read of {field}, after the last the first",
             lambda a: np.roll(a, -1, axis)),
            ("off-by-one", f"the {name} before is read of {field}, and zeros before the first",
             lambda a: moved(a, axis, 1)),
            ("off-by-one", f"the {name} after is read of {field}, and zeros after the last",
             lambda a: moved(a, axis, -1)),
            ("summed", f"{field} is summed over its {name}s, and the sum read in place of each",
             lambda a: _everywhere(a.sum(axis, keepdims=True), a, axis)),
            ("averaged", f"{field} is averaged over its {name}s, and the mean read in place of "
             "each", lambda a: _everywhere(a.mean(axis, keepdims=True), a, axis)),
            ("centred", f"{field} is centred: its mean over the {name}s is taken off",
             lambda a: a - a.mean(axis, keepdims=True))):
        yield reading(field, f"{name.replace(' ', '-')}-{what}", said, outputs, change)


def _everywhere(one, array, axis):
    return np.repeat(one, array.shape[axis], axis)


def _orders(field, axes, outputs):
    if len(axes) > 1:
        for said, change in orders(axes):
            yield reading(field, "reshaped", f"{field} {said}", outputs, change,
                          company="none")
