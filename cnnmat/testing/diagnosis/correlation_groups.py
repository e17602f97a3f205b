"""Mistakes in the groups of a correlation: which channels and which maps go together."""

import numpy as np

from cnnmat.testing.diagnosis.correlation_layer import compute
from cnnmat.testing.diagnosis.mistakes import Mistake
from cnnmat.testing.diagnosis.results import kept

__all__ = []


def _interleaved(count, groups):
    """What stands where when entry k belongs to group k mod `groups`."""
    return np.argsort(np.arange(count) % groups, kind="stable")


def _back(array, order, axis):
    """`array`, whose entries along an axis are in `order`, in their own order."""
    return np.take(array, np.argsort(order), axis)


def _channels(layer):
    return _interleaved(layer.x.shape[1], layer.groups)


def _maps(layer):
    return _interleaved(len(layer.w), layer.groups)


def _other_maps(layer, _):
    order = _maps(layer)
    return layer.but(w=layer.w[order], b=layer.b[order], dz=layer.dz[:, order])


def _maps_back(a, layer, output):
    axis = {"z": 1, "dw": 0}.get(output)
    return a if axis is None else _back(a, _maps(layer), axis)


#: The axis that holds the groups, one after the other.
AXES = {"x": 1, "w": 0, "dz": 1, "dx": 1, "z": 1, "dw": 0}


def _by_group(array, groups, name, change):
    """change(array with an axis of the groups, that axis), and back."""
    at = AXES[name]
    shape = array.shape
    split = array.reshape(*shape[:at], groups, shape[at] // groups, *shape[at + 1:])
    return change(split, at).reshape(shape)


def _first_for_all(a, at):
    return np.repeat(a.take([0], at), a.shape[at], at)


def _all_into_first(a, at):
    return np.concatenate([a.sum(at, keepdims=True), 0 * a.take(range(1, a.shape[at]), at)], at)


def _of_groups():
    """What may be read, or written, of the groups."""
    for slug, said, change in (
            ("group-for-all", "group 0 of {} stands for every group", _first_for_all),
            ("group-only", "only the first group of {} counts",
             lambda a, at: kept(a, at, slice(0, 1))),
            ("group-only", "only the last group of {} counts",
             lambda a, at: kept(a, at, slice(-1, None))),
            ("groups-reversed", "the groups of {} come in the reverse order", np.flip),
            ("groups-alternate", "the groups of {} alternate: entry k of group 0, of group 1, ... "
             "where a group is a block", _alternating),
            ("group-off-by-one", "of {} the group before is taken",
             lambda a, at: np.roll(a, 1, at)),
            ("group-off-by-one", "of {} the group after is taken",
             lambda a, at: np.roll(a, -1, at)),
            ("groups-added-up", "the groups of {} are added up, and all of it stands in group 0",
             _all_into_first),
            ("groups-added-up", "the groups of {} are added up, and the sum stands for each",
             lambda a, at: np.repeat(a.sum(at, keepdims=True), a.shape[at], at))):
        for name in ("z", "dx", "dw"):
            yield Mistake(slug, said.format(name), (name,), company="other",
                          result=lambda a, layer, output, c=change: _by_group(
                              a, layer.groups, output, c))
        for name, outputs in (("x", ("z", "dw")), ("w", ("z", "dx")), ("dz", ("dx", "dw"))):
            yield Mistake(slug, said.format(name), outputs, company="other",
                          edit=lambda layer, _, n=name, c=change: layer.but(
                              **{n: _by_group(getattr(layer, n), layer.groups, n, c)}))


def _alternating(a, at):
    """Entry k of group 0, then entry k of group 1, ..."""
    return np.ascontiguousarray(np.swapaxes(a, at, at + 1)).reshape(a.shape)


def _other_block(layer, output, place):
    """dx, or z, whose groups are written to blocks that are counted with another length."""
    parts = AXES[output]
    whole = compute(layer.but(b=0 * layer.b), output)
    count, groups = whole.shape[parts], layer.groups
    length = count // groups
    other = len(layer.w) // groups if output == "dx" else layer.w.shape[1]
    found = np.zeros_like(whole)
    for g in range(groups):
        first = place(g * other, count - length)
        found[:, first:first + length] += whole[:, g * length:(g + 1) * length]
    return found + (layer.b.reshape(-1, *[1] * layer.axes) if output == "z" else 0)


def _elsewhere():
    """Groups that are written where they do not belong."""
    for more, place in (("", lambda first, most: min(first, most)),
                        (", round again where that is too far",
                         lambda first, most: first % (most + 1))):
        for output, counted, own in (("dx", "maps", "channels"), ("z", "channels", "maps")):
            yield Mistake("group-in-another-block", f"{output} of a group is written to the block "
                          f"that is counted with the {counted} of a group, not with its {own}"
                          f"{more}", (output,), company="none",
                          result=lambda a, layer, o, p=place: _other_block(layer, o, p))


def _summed(layer, _):
    n, channels, *image = layer.x.shape
    total = layer.x.reshape(n, layer.groups, channels // layer.groups, *image).sum(1)
    return layer.but(x=np.concatenate([total] * layer.groups, 1))


GROUPS = (
    Mistake("channels-interleaved", "channel c is put into group c mod G: the channels of a group "
            "follow each other", ("z", "dx", "dw"),
            edit=lambda layer, _: layer.but(x=layer.x[:, _channels(layer)]),
            result=lambda a, layer, output: _back(a, _channels(layer), 1) if (
                output == "dx") else a),
    Mistake("maps-interleaved", "map d is put into group d mod G: the maps of a group follow each "
            "other", ("z", "dx", "dw"), edit=_other_maps, result=_maps_back),
    Mistake("first-group-for-all", "the channels of the first group are read by every group", (
        "z", "dw"), edit=lambda layer, _: layer.but(x=np.tile(
            layer.x[:, :layer.w.shape[1]], (1, layer.groups, 1, 1)))),
    Mistake("summed-over-groups", "the channels of all groups are added up: each group reads its "
            "own", ("z", "dw"), edit=_summed),
    Mistake("bias-of-first-group", "the biases of the first group are used for every group",
            ("z",), edit=lambda layer, _: layer.but(b=np.tile(
                layer.b[:len(layer.b) // layer.groups], layer.groups))),
    Mistake("weights-of-first-group", "the weights of the first group are used for every group",
            ("z", "dx"), edit=lambda layer, _: layer.but(w=np.tile(
                layer.w[:len(layer.w) // layer.groups], (layer.groups, 1, 1, 1)))),
    *_of_groups(), *_elsewhere(),
)
