"""The options of a check on the command line, read off its signature."""

from __future__ import annotations

import inspect
import typing

__all__ = []

#: What the command asks or says of every kind by itself.
NOT_OPTIONS = ("forward", "backward", "step", "dtype", "accept", "strict", "only",
               "supports", "seed", "timeout", "convention")
#: The kinds in the order of the help, in groups.
GROUPS = {
    "layers": ("correlation", "depthwise", "transposed_correlation", "feedforward", "embedding"),
    "pooling": ("pooling", "adaptive_pooling", "global_pooling", "upsampling"),
    "normalisation": ("batch_norm", "layer_norm", "group_norm", "local_response", "dropout"),
    "functions": ("activation", "softmax", "risk"),
    "training": ("update",),
}


def options_of(check):
    """{--name: the choices of a `Literal`, bool, or float for a number} of a check.

    Examples
    --------
    >>> def check_nothing(forward, *, layout: typing.Literal["NCHW", "NHWC"], half: bool): ...
    >>> options_of(check_nothing)
    {'layout': ('NCHW', 'NHWC'), 'half': <class 'bool'>}
    """
    hints = typing.get_type_hints(check)
    names = [name for name in inspect.signature(check).parameters if name not in NOT_OPTIONS]
    return {name.replace("_", "-"): _choices(hints[name]) for name in names}


def _choices(hint):
    # of what may be left out, the rest
    said = [one for one in typing.get_args(hint) if one is not type(None)]
    if type(None) in typing.get_args(hint) and len(said) == 1:
        hint, = said
    if typing.get_origin(hint) is typing.Literal:
        return typing.get_args(hint)
    return bool if hint is bool else float


def described(groups):
    """The kinds as the help lists them.

    Examples
    --------
    >>> print(described({"layers": ("pooling",), "training": ("update",)}))
    layers:   pooling
    training: update
    """
    width = max(map(len, groups)) + 1
    return "\n".join(f"{name + ':':{width}} {', '.join(kinds)}" for name, kinds in groups.items())
