"""Mistakes in the groups of a correlation: which channels and which maps go together."""

import numpy as np

from cnnmat.testing.diagnosis.mistakes import Mistake

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
    Mistake("weights-of-first-group", "the weights of the first group are used for every group",
            ("z", "dx"), edit=lambda layer, _: layer.but(w=np.tile(
                layer.w[:len(layer.w) // layer.groups], (layer.groups, 1, 1, 1)))),
)
