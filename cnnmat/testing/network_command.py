"""``cnnmat check network``: a student's class, or three functions, by the names of what they do."""

import argparse

import numpy as np

from cnnmat.calling.networks import BACKWARD, DATA, FORWARD, PARAMETERS
from cnnmat.testing.network_checks import check_network
from cnnmat.testing.process import CannotCall, Process
from cnnmat.testing.remote import Raised, functions

__all__ = ["EXAMPLE", "add_options", "checked"]

EXAMPLE = f"""how it is named:
  cnnmat check network student.py                            what in it looks like a network
  cnnmat check network student.py:Net                        a class, made without arguments
  cnnmat check network my_module:forward my_module:backward my_module:parameters

The loss is what is called {' or '.join(FORWARD)}; it may return a tuple with the loss as its only
number.  The gradients are what is called {', '.join(BACKWARD)}: a dictionary by the names of the
parameters (W1 or dW1), or a list in their order; or it leaves them in grads.  Without one, the
loss returns both.  The parameters are what is called {' or '.join(PARAMETERS)}, a dictionary of
arrays of floats from the input on, or a function that gives it; else the arrays of floats that
the object holds.  They are written into, and put back.  Each function may take nothing, the
parameters, or what is called {' or '.join(DATA)}, (x, t) say, which is the same at each call.

  class Net:                                    # student.py
      def __init__(self):
          rng = np.random.default_rng(0)
          self.data = rng.standard_normal((4, 3)), rng.standard_normal((4, 1))
          self.params = {{"W1": rng.standard_normal((3, 5)), "W2": rng.standard_normal((5, 1))}}
      def loss(self, x, t):
          self.h = np.tanh(x @ self.params["W1"])
          self.dy = self.h @ self.params["W2"] - t
          return (self.dy**2).sum() / 2
      def backward(self, x, t):
          dh = self.dy @ self.params["W2"].T * (1 - self.h**2)
          return {{"W1": x.T @ dh, "W2": self.h.T @ self.dy}}

It says which gradient is the first, seen from the loss, that is wrong.  Exit status: 0 right, 1
wrong, 2 nothing could be judged."""


def add_options(parser, count):
    """What is asked of a network, beside what is asked of all kinds."""
    parser.formatter_class, parser.epilog = argparse.RawDescriptionHelpFormatter, EXAMPLE
    parser.description = ("Which gradient of a whole network is the first that is wrong; in Python "
                          "cnnmat.testing.check_network.")
    parser.add_argument("functions", nargs="+", metavar="MODULE:NAME",
                        help="a class; or forward, backward, parameters; FILE.py:NAME; a FILE.py "
                        "alone for what in it looks like a network")
    parser.add_argument("--samples", type=count, metavar="N",
                        help="how many samples the loss is over, so that a division by it can be "
                        "named")
    parser.add_argument("--entries", type=count, default=24, metavar="N",
                        help="how many entries of each gradient are looked at (default 24)")


def checked(args, limit):
    """The `Result` of `check_network`, of what the arguments name."""
    names = _named(args.functions, limit)
    if len(names) not in (1, 3):
        raise CannotCall("network must be given a class, or forward, backward and parameters, got "
                         f"{len(names)} names")
    for name in names:
        if not all(name.partition(":")):
            raise CannotCall(f"MODULE:NAME must name both, got {name!r}")
    with functions(names, limit) as given:
        forward, backward, parameters = given[0].assembled(given[1:])
        held = _called(parameters)()
        if not isinstance(held, dict):
            raise CannotCall(f"parameters must be a dictionary of arrays, got {held!r}")
        return check_network(_called(forward), _called(backward), held, samples=args.samples,
                             entries=args.entries, seed=args.seed, timeout=args.timeout)


def _called(function):
    """A function of another process, which speaks of real numbers alone."""
    def called(*parameters):
        if any(np.iscomplexobj(a) for p in parameters for a in p.values()):
            raise TypeError("the parameters must be real numbers")
        try:
            return function(*parameters)
        except Raised as error:
            raise RuntimeError(error.args[0]) from None

    return called


def _named(names, limit):
    """The names, or those of the one network in a file that is given alone."""
    if len(names) != 1 or ":" in names[0]:
        return names
    where, = names
    home = Process([], limit)
    try:
        home.start()
        found = home.convene({"ask": "networks", "module": where}, "found")
    finally:
        home.stop(0)
    rows = [[f"{where}:{name}" for name in one] for one in found]
    if len(rows) == 1:
        return rows[0]
    if not rows:
        raise CannotCall(f"{where} has nothing that looks like a network, by its names: a class "
                         f"with {FORWARD[0]} and {BACKWARD[0]}, say")
    raise CannotCall("\n".join([f"{where} has several that look like a network; choose one:", *(
        f"  cnnmat check network {' '.join(row)}" for row in rows)]))
