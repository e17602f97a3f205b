"""Which names people give to what: of parameters, results, attributes, and settings."""

import inspect

__all__ = ["GIVEN", "INPUTS", "OUTPUTS", "SETTINGS", "parameters", "role_of", "takes"]

#: What each part of a kind is handed, and what it gives, in the order of `cnnmat.testing`.
INPUTS = {
    "correlation": {"forward": ("x", "w", "b"), "backward": ("dz", "x", "w")},
    "feedforward": {"forward": ("x", "w", "b"), "backward": ("dz", "x", "w")},
    "pooling": {"forward": ("x",), "backward": ("dz", "x")},
    "activation": {"forward": ("x",), "backward": ("dz", "x")},
    "risk": {"forward": ("x", "target"), "backward": ("x", "target")},
}
OUTPUTS = {
    "correlation": ("dx", "dw", "db"), "feedforward": ("dx", "dw", "db"), "pooling": ("dx",),
    "activation": ("dx",), "risk": ("dx",),
}
#: The settings that come behind the arrays.
SETTINGS = {"correlation": ("stride", "padding"), "pooling": ("size", "stride", "padding")}

#: role: names, without case and underscores.
_ARRAYS = {
    "x": "x xin input inputs inp image images img imgs aprev a features volume data batch",
    "w": "w weight weights kernel kernels filter filters filt k f theta",
    "b": "b bias biases",
    "dz": "dz dout da dy dt dh d g grad grads gradient gradoutput gradout outgrad outputgrad"
          " outputgradient upstream delta doutput dloss error dldout dldz dldo dvalues dnext gradz",
    "cache": "cache caches memory saved",
    "lr": "lr learningrate learnrate eta alpha stepsize",
    "stride": "s stride strides step", "padding": "p pad padding pads",
    "settings": "convparam convparams poolparam poolparams hparameters hparams hparam params"
                " hyperparameters hyperparams config options opts settings",
}
_OF_KIND = {
    "pooling": {"size": "k f size ksize poolsize kernelsize filtersize window windowsize pool"},
    "activation": {"x": "z"},
    "risk": {"target": "t target targets label labels ytrue truth onehot",
             "x": "x scores logits ypred yhat pred preds predictions z outputs out input"},
}
#: What a class may be told when it is made.
_MADE = {
    "channels": "inchannels inchannel inputchannels channelsin inc cin c nin infeatures inputsize"
                " inputdim indim inputs nc channels depthin inputdepth ninputs",
    "maps": "outchannels outchannel outputchannels channelsout outc cout nout outfeatures"
            " outputsize outputdim outdim outputs numfilters nfilters filters numkernels depth"
            " nkernels numoutputs noutputs",
    "kernel": "kernelsize filtersize ksize k f kernel size hw",
    "stride": "s stride strides step", "padding": "p pad padding pads", "w": "w weight weights",
    "b": "b bias biases", "lr": _ARRAYS["lr"],
}
_MADE_OF_KIND = {"pooling": {"size": "k f size ksize poolsize kernelsize filtersize window"
                                     " windowsize pool kernel"}}
#: What is given back, or stands in the object.
_GIVEN = {
    "dx": "dx da daprev dxin dinput dinputs gradx gradinput inputgrad inputgradient dimage din"
          " dldx xgrad dxprev",
    "dw": "dw dweight dweights gradw gradweight gradweights weightgrad weightsgrad weightsgradient"
          " dkernel dkernels dfilter dfilters kernelsgradient kernelgradient dldw wgrad gw nablaw"
          " gradientsw dtheta",
    "db": "db dbias dbiases gradb gradbias biasgrad biasgradient dldb bgrad gb nablab gradientsb",
}
#: Keys of a dictionary of settings, which belong to an axis too ("pool_height").
_KEYS = {
    "stride": _MADE["stride"], "padding": _MADE["padding"],
    "size": "k f size ksize kernelsize poolsize filtersize poolheight poolwidth kernel window"
            " windowsize",
}


def _table(*rows):
    """{name: role}; what stands further behind goes over what is in front."""
    return {name: role for row in rows for role, names in row.items() for name in names.split()}


GIVEN, KEYS = _table(_GIVEN), _table(_KEYS)


def plain(name):
    """A name as the tables have it.

    Examples
    --------
    >>> plain("A_prev")
    'aprev'
    """
    return str(name).replace("_", "").lower()


def role_of(name, table):
    """What a name stands for, or None.

    Examples
    --------
    >>> role_of("grad_W", GIVEN), role_of("db1", GIVEN), role_of("total", GIVEN)
    ('dw', 'db', None)
    """
    return table.get(plain(name)) or table.get(plain(name).rstrip("0123456789"))


def parameters(function, kind, made=False, names=None):
    """[(name, role or None, whether it must be given)] of what a function, or a class, takes.

    Parameters
    ----------
    function : callable
    kind : str
        A key of `INPUTS`.
    made : bool
        It is a class, to be made.
    names : list of str, optional
        What the parameters are called, for a function that does not tell.

    Returns
    -------
    list, or None where it cannot be known

    Examples
    --------
    >>> parameters(lambda A_prev, W, b, hparameters, log=False: 0, "correlation")[2:]
    [('b', 'b', True), ('hparameters', 'settings', True), ('log', None, False)]
    """
    table = (_table(_MADE, _MADE_OF_KIND.get(kind, {})) if made
             else _table(_ARRAYS, _OF_KIND.get(kind, {})))
    if names is not None:
        return [(name, role_of(name, table), True) for name in names]
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(p.kind is p.VAR_POSITIONAL for p in found):
        return None
    usual = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [(p.name, role_of(p.name, table), p.default is p.empty) for p in found
            if p.kind in usual or (p.kind is p.KEYWORD_ONLY and p.default is p.empty)]


def takes(given, order):
    """(parameter, role) of all that have one.

    Parameters
    ----------
    given : list or None
        As `parameters` answers.
    order : tuple of str
        The roles of those whose names say nothing.

    Raises
    ------
    LookupError
        Where one must be given and no role is left for it.

    Examples
    --------
    >>> takes([("p", None, True), ("W", "w", True), ("log", None, False)], ("x", "w"))
    (('p', 'x'), ('W', 'w'))
    """
    if given is None:
        return tuple((role, role) for role in order)
    named = {role for _, role, _ in given}
    left, used, made, skipped = [r for r in order if r not in named], set(), [], ""
    for name, role, needed in given:
        if role in used:
            role = None
        if role is None and needed:
            if not left:
                raise LookupError(name)
            role = left.pop(0)
        if role is None:
            skipped = "="
            continue
        used.add(role)
        made.append((skipped + name, role))
    return tuple(made)
