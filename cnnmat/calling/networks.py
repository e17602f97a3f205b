"""A whole network, as it is written, as three functions: of loss, gradients, parameters.

It is a class that is made without arguments, or functions.  By its names is found what holds the
parameters, what gives the loss and what the gradients; they may take the parameters, or the data,
or nothing.
"""

import inspect

import numpy as np

__all__ = ["BACKWARD", "DATA", "FORWARD", "PARAMETERS", "assembled", "networks_in"]

#: What each is called, the likeliest first.
FORWARD = ("loss", "forward", "compute_loss", "cost")
BACKWARD = ("gradients", "backward", "gradient", "grad", "backprop")
PARAMETERS = ("parameters", "params", "weights")
DATA = ("data", "batch")
#: Where a backward pass that returns none may have put them.
_LEFT = ("grads", "gradients", "dparams")


class _Network:
    """What is held, what is called, and on what."""

    def __init__(self, forward, backward, held, data=(), owner=None):
        self.forward_of, self.backward_of, self.held = forward, backward, held
        self.data, self.owner = data, owner

    def parameters(self):
        """Copies of the parameters, by name."""
        return {name: np.array(own) for name, own in self.held.items()}

    def forward(self, parameters):
        """What forward returns at these parameters."""
        return self._at(parameters, self.forward_of)

    def backward(self, parameters):
        """What backward returns, or has left in the object."""
        answer = self._at(parameters, self.backward_of)
        if isinstance(answer, (dict, list, tuple)):
            return answer
        left = [getattr(self.owner, name, None) for name in _LEFT]
        return next((one for one in left if isinstance(one, dict)), answer)

    def _at(self, parameters, function):
        before = self.parameters()
        for name, own in self.held.items():
            own[...] = parameters[name]
        try:
            answer = _called(function, self.held, self.data)
            # so that what is changed is seen where it was handed over
            for name, own in self.held.items():
                parameters[name][...] = own
            return answer
        finally:
            for name, own in self.held.items():
                own[...] = before[name]


def _called(function, parameters, data):
    """function(), function(parameters), or function(*data), by what it must be given."""
    needs = [p for p in inspect.signature(function).parameters.values()
             if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not needs:
        return function()
    if len(needs) == 1 and len(data) != 1:
        return function(parameters)
    if len(needs) == len(data):
        return function(*data)
    names = ", ".join(p.name for p in needs)
    raise TypeError(f"{getattr(function, '__name__', 'it')} must take nothing, the parameters, or "
                    f"what is in data, got ({names})")


def assembled(*given):
    """[forward, backward, parameters] of a class, or of such functions.

    Examples
    --------
    >>> class Square:
    ...     def __init__(self): self.params = {"w": np.array([1.0, 2.0])}
    ...     def loss(self): return (self.params["w"] ** 2).sum()
    ...     def gradients(self): return {"w": 2 * self.params["w"]}
    >>> forward, backward, parameters = assembled(Square)
    >>> float(forward({"w": np.array([3.0, 0.0])})), backward(parameters())["w"].tolist()
    (9.0, [2.0, 4.0])
    """
    network = _of_class(given[0]) if inspect.isclass(given[0]) else _of_functions(*given)
    if not network.held:
        raise TypeError("the network must hold arrays of floats as its parameters, got none")
    return [network.forward, network.backward, network.parameters]


def _of_class(made):
    try:
        owner = made()
    except TypeError as error:
        raise TypeError(f"{made.__name__} must be made without arguments: {error}") from error
    forward = _member(owner, FORWARD)
    if forward is None:
        raise TypeError(f"{made.__name__} must have one of {', '.join(FORWARD)}, got none")
    held = _member(owner, PARAMETERS, vars(owner))
    data = _given(_member(owner, DATA, ()))
    # one function may give the loss and the gradients
    return _Network(forward, _member(owner, BACKWARD, forward), _arrays(_given(held)),
                    data if isinstance(data, (tuple, list)) else (data,), owner)


def _of_functions(forward, backward=None, parameters=None):
    if parameters is None:
        raise TypeError("functions must be three: forward, backward, and one that gives the "
                        "parameters as a dictionary")
    return _Network(forward, backward, _arrays(parameters()))


def _member(owner, names, default=None):
    return next((getattr(owner, name) for name in names if hasattr(owner, name)), default)


def _given(value):
    return value() if callable(value) else value


def _arrays(held):
    """The arrays of floats of a dictionary, themselves: they are written into."""
    if not isinstance(held, dict):
        raise TypeError(f"parameters must be a dictionary of arrays, got {type(held).__name__}")
    return {name: one for name, one in held.items()
            if isinstance(one, np.ndarray) and one.dtype.kind == "f"}


def networks_in(module):
    """[names] of what in a module is a network by its names: a class, or three functions.

    Examples
    --------
    >>> import types
    >>> some = types.ModuleType("some")
    >>> exec("class Net:\\n  def loss(self): pass\\n  def backward(self): pass", vars(some))
    >>> networks_in(some)
    [['Net']]
    """
    own = {name: value for name, value in vars(module).items()
           if callable(value) and getattr(value, "__module__", None) in (module.__name__,
                                                                          "builtins")}
    classes = [[name] for name, value in own.items() if inspect.isclass(value)
               and any(hasattr(value, one) for one in FORWARD)
               and any(hasattr(value, one) for one in (*BACKWARD, "loss"))]
    three = [next((name for name in names if name in own), None)
             for names in (FORWARD, BACKWARD, PARAMETERS)]
    return classes + ([three] if all(three) else [])
