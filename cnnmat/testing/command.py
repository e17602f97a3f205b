"""The command ``cnnmat check``: a verdict on functions that are named as module:function."""

import argparse
import inspect
import itertools
import sys

from cnnmat import testing
from cnnmat.testing import entrances, kinds, limits, notes
from cnnmat.testing.engine import LONGEST, TIMEOUT
from cnnmat.testing.process import CannotCall
from cnnmat.testing.remote import functions
from cnnmat.texts import printable, to_json

__all__ = ["add_parser"]

#: kind: (options as --name with their choices, whether a backward function is taken)
KINDS = {
    "correlation": {
        "layout": ("NCHW", "NHWC", "CHW", "HWC"), "weights": ("OIHW", "HWIO", "OHWI"),
        "bias": ("add", "subtract", "none"), "stride": ("int", "tuple", "none"),
        "padding": ("int", "tuple", "pairs", "same", "half", "valid", "none"),
        "dilation": ("none", "int", "tuple"),
        "dims": (1, 2, 3), "convolve": bool, "groups": bool,
    },
    "pooling": {
        "kind": ("max", "mean", "sum", "l2"), "layout": ("NCHW", "NHWC", "CHW", "HWC"),
        "size": ("int", "tuple"), "stride": ("none", "int", "tuple"),
        "padding": ("none", "int", "tuple", "pairs", "same", "half", "valid"),
        "dilation": ("none", "int", "tuple"), "incomplete": ("drop", "partial", "never"),
        "count-padding": (True, False), "dims": (1, 2, 3),
    },
    "activation": {"name": ("identity", "relu", "leaky_relu", "elu", "abs", "tanh",
                            "scaled_tanh", "sigmoid", "softplus", "gelu", "gelu_tanh"),
                   "parameter": float},
    "risk": {
        "kind": ("softmax_cross_entropy", "squared_error", "binary_cross_entropy",
                 "sigmoid_cross_entropy", "hinge", "binary_hinge"),
        "average": ("samples", "entries", "sum"), "target": ("one_hot", "labels"), "half": bool,
    },
    "feedforward": {"weights": ("out_in", "in_out"), "bias": ("add", "subtract", "none")},
    "update": {"rule": ("sgd", "nesterov", "rmsprop", "adam", "adamw"), "decoupled": bool,
               "epsilon": ("outside", "inside", "hat"), "decay": ("weights", "all"),
               "in-place": bool},
}
KINDS |= {kind: kinds.options_of(getattr(testing, f"check_{kind}"))
          for group in kinds.GROUPS.values() for kind in group if kind not in KINDS}
#: What a number is where it is not said.
NUMBERS = {"eps": "default: the functions are told one",
           "parameter": "the leak (default 0.01), or the alpha of the ELU (1)"}
#: Kinds whose functions may be limited to some configurations.
LIMITED = tuple(kind for kind in KINDS if "only" in inspect.signature(
    getattr(testing, f"check_{kind}")).parameters)
#: Exit statuses.
RIGHT, WRONG, NOT_CALLED = 0, 1, 2


def add_parser(subparsers):
    """Hook ``check`` into the subparsers of the command ``cnnmat``."""
    top = subparsers.add_parser(
        "check", help="a verdict on somebody's own implementation",
        epilog=f"kinds:\n{kinds.described(kinds.GROUPS)}\n\nHow the functions of a kind are "
        "called: cnnmat check KIND --help, or cnnmat.testing.check_KIND.\n\n"
        + entrances.EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = top.add_subparsers(dest="kind_of_check", required=True, metavar="KIND",
                               action=entrances.Kinds)
    for kind, options in KINDS.items():
        one = every.add_parser(kind, description=_signatures(kind),
                               epilog=f"example:\n  cnnmat check {kind} student.py",
                               formatter_class=argparse.RawDescriptionHelpFormatter)
        one.set_defaults(run=run)
        one.add_argument("functions", nargs="+", metavar="MODULE:FUNCTION",
                         help="the step" if kind == "update" else
                         "forward, then backward if there is one; FILE.py:FUNCTION; a FILE.py "
                         "alone for what in it looks like them")
        for name, choices in options.items():
            _add_option(one, name, choices, _default(kind, name))
        if kind != "update":
            one.add_argument("--float32", action="store_true",
                             help="the functions compute in single precision")
        if kind in LIMITED:
            _add_limits(one)
        if kind != "update":
            one.add_argument("--accept", default=(), metavar="WORDS", type=_checking(notes.accept),
                             help="conventions that need no note: " + ", ".join(
                                 notes.CONVENTIONS))
            one.add_argument("--strict", action="store_true",
                             help="conventions that are not accepted are wrong")
        one.add_argument("--seed", type=_seed, default=0, metavar="N", help="default 0")
        one.add_argument("--timeout", type=_seconds, default=TIMEOUT, metavar="SECONDS",
                         help=f"for one call (default {TIMEOUT:g})")
        entrances.add_options(one, kind, _seconds)
        one.add_argument("--json", action="store_true", help="print the verdict as JSON")
        one.add_argument("--points", action="store_true",
                         help="print a score by behaviour, and nothing of the solution")
    return top


def _add_limits(parser):
    """What the functions are written for, and what they must take."""
    for option, words, text in (
            ("--only", limits.only, "what they are written for: " + ", ".join(limits.BY_WORD)
             + ", kernel-3x3"),
            ("--require", limits.supports, "what they must not refuse: everything, dx, "
             + ", ".join(limits.BY_OPPOSITE))):
        parser.add_argument(option, default=(), metavar="WORDS", type=_checking(words),
                            help=text)


def _checking(words):
    def check(text):
        try:
            return words(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from None
    return check


def _seed(word):
    if not (word.isascii() and word.isdigit()) or len(word) > 100:
        raise argparse.ArgumentTypeError(f"must be a whole number from 0 on, got {word!r}")
    return int(word)


def _seconds(word):
    try:
        seconds = float(word)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= LONGEST:
        raise argparse.ArgumentTypeError(
            f"must be a positive number of seconds, at most {LONGEST:g}, got {word!r}")
    return seconds


def _add_option(parser, name, choices, default):
    if choices is float:
        parser.add_argument(f"--{name}", type=float, metavar="NUMBER", help=(
            NUMBERS[name] if default is None else f"default: {default}"))
    elif choices is bool:
        parser.add_argument(f"--{name}", action="store_true", help="default: no")
    elif choices == (True, False):
        parser.add_argument(f"--{name}", action=argparse.BooleanOptionalAction,
                            help=f"default: {'yes' if default else 'no'}")
    else:
        parser.add_argument(f"--{name}", choices=choices, type=type(choices[0]),
                            help=f"default: {default}")


def _default(kind, name):
    """What is taken where the option is not given."""
    check = getattr(testing, f"check_{kind}")
    found = inspect.signature(check).parameters[name.replace("-", "_")].default
    unsaid = {"weights": "OIHW with NCHW, HWIO with NHWC"}
    return unsaid.get(name) if found is None else found


def _signatures(kind):
    """How the functions are called: the paragraphs on them in the docstring of the check."""
    text = inspect.getdoc(getattr(testing, f"check_{kind}")) or ""
    body = text.partition("Parameters\n----------\n")[2]
    # the parameters that are functions come first
    lines = itertools.takewhile(
        lambda line: line.startswith(" ") or ": callable" in line, body.splitlines())
    return "\n".join(line.replace("``", "").replace(" : callable, optional", " (optional):")
                     .replace(" : callable", ":") for line in lines)


def run(args):
    """Check functions in a process of their own; return the exit status."""
    entrances.check_files(args)
    try:
        with entrances.paced(args):
            result = _checked(args)
    except (CannotCall, TypeError, ValueError) as error:
        return _not_called(args, error)
    if args.junit:
        entrances.write_junit(args.junit, args.kind_of_check, result)
    # what the functions print goes to the standard error: this is all that goes here
    if args.points:
        print(points(result, args.json))
    else:
        print(to_json(result.to_dict(), indent=2) if args.json else printable(result.summary()))
    return RIGHT if result.passed else WRONG


def _not_called(args, why):
    if args.junit:
        entrances.write_junit(args.junit, args.kind_of_check, error=str(why))
    if args.json:
        print(to_json({"kind": args.kind_of_check, "verdict": "not judged", "passed": False,
                       "error": str(why)}))
    else:
        print(f"cnnmat check: {printable(why)}", file=sys.stderr)
    return NOT_CALLED


def points(result, as_json):
    """A point for each output and behaviour that is right throughout."""
    scores = result.to_dict()["scores"]
    got = sum(s["right"] for s in scores)
    if as_json:
        return to_json({"points": got, "of": len(scores), "scores": scores}, indent=2)
    rows = [f"{'ok' if s['right'] else '--'}  {s['output']:8} {s['behaviour']}" for s in scores]
    return "\n".join([*rows, f"{got} of {len(scores)} points"])


def _checked(args):
    kind, said, limit = args.kind_of_check, vars(args), 12 * args.timeout + 60
    names, convention = entrances.named(args, limit)
    most = 1 if kind == "update" else 2
    if len(names) > most:
        raise CannotCall(f"{kind} must be given at most {most} functions, got {len(names)}")
    for name in names:
        if not all(name.partition(":")):
            raise CannotCall(f"MODULE:FUNCTION must name both, got {name!r}")
    options = {name.replace("-", "_"): said[name.replace("-", "_")] for name in KINDS[kind]}
    options = {name: value for name, value in options.items() if value is not None}
    if said.get("float32"):
        options["dtype"] = "float32"
    if convention is not None:
        options["convention"] = convention
    if kind != "update":
        options |= {"accept": said["accept"], "strict": said["strict"]}
    if kind in LIMITED:
        options |= {"only": said["only"], "supports": said["require"]}
    check = getattr(testing, f"check_{kind}")
    with functions(names, limit=limit) as given:
        result = check(*given, **options, seed=args.seed, timeout=args.timeout)
    if result.verdict == "not judged" and not result.failures:
        raise CannotCall(result.summary())
    every = all(f.reason == "raised" for f in result.failures) and not any(
        right for *_, right in result.points())
    if not result.passed and every:
        hints = [f"; it looks as if {d.sentence}" for d in result.diagnosis
                 if d.slug != "raises"]
        hints += entrances.hint(kind, convention)
        raise CannotCall(f"every call failed: {result.failures[0].message}{''.join(hints)}")
    return result
