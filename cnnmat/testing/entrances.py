"""What ``cnnmat check`` takes beside conventions: other words for a kind, a file alone, time."""

import argparse
import difflib
import re
import sys
import time
from collections import UserDict
from xml.etree import ElementTree

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.calling.names import INPUTS
from cnnmat.testing import pacing
from cnnmat.testing.process import CannotCall, Process
from cnnmat.texts import printable

__all__ = ["EXAMPLES", "Kinds", "add_options", "check_files", "hint", "named", "paced",
           "proposals", "write_junit"]

#: What people call a kind.
ALSO = {
    "correlation": "conv conv1d conv2d conv3d convolution convolve convolutional crosscorrelation",
    "pooling": "pool maxpool meanpool avgpool averagepooling maxpooling subsampling",
    "feedforward": "linear dense fc affine fullyconnected mlp",
    "activation": "relu tanh sigmoid softplus nonlinearity",
    "risk": "loss cost crossentropy softmax mse criterion",
    "update": "sgd step optimizer optimiser momentum nesterov rmsprop adam adamw",
    "batch_norm": "batchnorm bn batchnormalization batchnormalisation",
    "layer_norm": "layernorm ln layernormalization layernormalisation",
    "group_norm": "groupnorm gn instancenorm",
    "local_response": "lrn localresponsenorm",
    "transposed_correlation": "deconv deconvolution convtranspose convtranspose2d transposed",
    "depthwise": "depthwiseconv depthwiseconv2d separable",
    "upsampling": "upsample interpolate resize",
    "global_pooling": "gap globalaveragepooling globalavgpool",
    "embedding": "embed lookup",
}
EXAMPLES = """how it is named:
  cnnmat check correlation student.py                     what in it looks like a correlation
  cnnmat check correlation student.py:conv student.py:conv_backward --convention auto
  cnnmat check correlation student:Conv2D --convention auto          a class with forward, backward
  cnnmat check correlation student:conv --convention "x, w, b, conv_param -> out, cache"

in Python, what is not written in NumPy:
  check_correlation(*torch_pair(torch.nn.functional.conv2d))         PyTorch, backward by autograd
  check_correlation(*jax_pair(conv), dtype="float32")                JAX, each shape compiled once
  check_activation(onnx_function(node), name="relu")                 a node of an ONNX model
  check_correlation(*layer_pair(make))                               a class, by what makes a layer
  check_correlation(*cached_pair(forward, backward))                 forward returns (z, cache)
  check_activation(lambda x: from_c(np.ascontiguousarray(x)))        C, by way of ctypes

all of these but the checks are in cnnmat.testing.adapters and cnnmat.testing.pairs; the README
has them in full.  Exit status: 0 right in all that is taken, 1 wrong, 2 nothing could be judged."""
#: Seconds after which a run tells how far it has come; and between two such words.
SILENT, BETWEEN = 1.0, 0.2


class _Open(UserDict):
    """Choices that refuse nothing: what they are is there for who completes a word."""

    def __contains__(self, word):
        return True


class Kinds(argparse._SubParsersAction):
    """The kinds of a check; of another word it is said which one may be meant."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.known, self.choices = self._name_parser_map, _Open()
        # else the parser refuses what is none before it comes here
        self.choices.data = self.known

    def __call__(self, parser, namespace, values, option_string=None):
        """Go on with the parser of the kind."""
        if values[0] not in self.known:
            raise argparse.ArgumentError(self, _meant(values[0], list(self.known)))
        super().__call__(parser, namespace, values, option_string)


def _meant(word, kinds):
    plain = re.sub("[^a-z0-9]", "", word.lower())
    if ":" in word or word.endswith(".py"):
        return f"the kind comes first, as in: cnnmat check correlation {printable(word)}"
    meant = [kind for kind, words in ALSO.items() if plain in words.split()]
    meant = meant or difflib.get_close_matches(word, kinds, 1)
    hint = f"; do you mean {meant[0]}?" if meant else f"; choose from {', '.join(kinds)}"
    return f"there is no kind {printable(word)!r}{hint}"


def add_options(parser, kind, seconds):
    """--convention, where one can be found, --budget, --junit."""
    if kind in INPUTS:
        parser.add_argument("--convention", metavar="auto|SIGNATURE",
                            help="find out how they are called, or what the parameters are: "
                                 "'x, w, b, conv_param -> out, cache; dout, cache -> dx, dw, db'")
    parser.add_argument("--budget", type=seconds, metavar="SECONDS",
                        help="try what tells most first, and stop when the time is over")
    parser.add_argument("--junit", metavar="FILE", help="write the verdict as JUnit XML")


def check_files(args):
    """Raise `Usage` unless what is asked for can be written: before the run, not after it."""
    try:
        if args.junit:
            files.check("FILE", args.junit)
    except ValueError as error:
        raise Usage(str(error)) from error


def paced(args):
    """The time that a run has, and a line on the standard error of a terminal if it takes long."""
    return pacing.paced(args.budget, _Line() if sys.stderr.isatty() else lambda done, of: None)


class _Line:
    def __init__(self):
        self.next, self.shown = time.monotonic() + SILENT, False

    def __call__(self, done, of):
        if time.monotonic() < self.next:
            return
        self.next = time.monotonic() + BETWEEN
        # back to the start of the line: what is printed next stands over it
        sys.stderr.write(f"{done} of {of} configurations\r")
        sys.stderr.flush()


def hint(kind, convention):
    """What is said of functions that could not be called at all."""
    found = kind in INPUTS and convention is None
    return ["; --convention auto finds out how they are called"] * found


# --- a file alone -----------------------------------------------------------------------


def proposals(where, kinds, limit):
    """[(kind, names, whether it ran)] of a module or a file, found in a process of its own."""
    home = Process([], limit)
    try:
        home.start()
        found = home.convene({"ask": "propose", "module": where, "kinds": list(kinds)}, "found")
        return [(kind, [f"{where}:{name}" for name in names], bool(ran))
                for kind, names, ran in found]
    finally:
        home.stop(0)


def named(args, limit):
    """(names of functions, convention) that are meant, by a file alone too."""
    said = getattr(args, "convention", None)
    kind = args.kind_of_check
    if len(args.functions) != 1 or ":" in args.functions[0] or kind not in INPUTS:
        return args.functions, said
    where, = args.functions
    rows = proposals(where, [kind], limit)
    running = [names for _, names, ran in rows if ran] or [names for _, names, _ in rows]
    if len(running) != 1:
        raise CannotCall(_choice(where, kind, running))
    print(f"cnnmat check: {printable(' '.join(running[0]))} looks like it, --convention "
          f"{printable(said or 'auto')}", file=sys.stderr)
    return running[0], said or "auto"


def _choice(where, kind, several):
    if not several:
        others = [k for k in INPUTS if k != kind]
        return (f"{where} has nothing that looks like a {kind}, by its name; name it as {where}:"
                f"FUNCTION, or try another kind: {', '.join(others)}")
    rows = [f"  cnnmat check {kind} {' '.join(names)} --convention auto" for names in several]
    return "\n".join([f"{where} has several that look like a {kind}; choose one:", *rows])


# --- JUnit ------------------------------------------------------------------------------


def write_junit(path, kind, result=None, error=""):
    """Write a verdict as JUnit XML: a case for each behaviour and output.

    Parameters
    ----------
    path : path
    kind : str
    result : Result, optional
        None where there is none, because of `error`.
    """
    points = result.points() if result else []
    bad = sum(not right for *_, right in points)
    root = ElementTree.Element("testsuites", name="cnnmat")
    suite = ElementTree.SubElement(
        root, "testsuite", name=f"check {kind}", tests=str(len(points) or 1), failures=str(bad),
        errors=str(int(bool(error))), time=f"{result.seconds if result else 0:.3f}")
    for behaviour, output, right in points:
        case = ElementTree.SubElement(suite, "testcase", classname=kind,
                                      name=printable(f"{behaviour}: {output}"))
        if not right:
            ElementTree.SubElement(case, "failure", message=_why(result, output))
    if error:
        case = ElementTree.SubElement(suite, "testcase", classname=kind, name="it can be called")
        ElementTree.SubElement(case, "error", message=printable(error))
    ElementTree.indent(root)
    with files.replacing(path) as file:
        ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def _why(result, output):
    """What the mistake in an output probably is, or the first thing that is wrong with it."""
    said = [f"it looks as if {d.sentence}" for d in result.diagnosis if output in d.outputs]
    said += [f.message for f in result.failures if f.output in (None, output)]
    return printable(said[0]) if said else "wrong"
