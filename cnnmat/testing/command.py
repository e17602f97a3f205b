"""The command ``cnnmat check``: a verdict on functions that are named as module:function."""

import argparse
import importlib
import inspect
import itertools
import json
import multiprocessing
import os
import sys
import tempfile
from pathlib import Path

from cnnmat import testing

__all__ = ["add_parser"]

#: kind: (options as --name with their choices, whether a backward function is taken)
KINDS = {
    "correlation": {
        "layout": ("NCHW", "NHWC"), "weights": ("OIHW", "HWIO", "OHWI"),
        "bias": ("add", "subtract", "none"), "stride": ("int", "tuple", "none"),
        "padding": ("int", "tuple", "pairs", "none"), "dilation": ("none", "int", "tuple"),
        "dims": (1, 2, 3), "convolve": bool, "groups": bool,
    },
    "pooling": {
        "kind": ("max", "mean", "sum", "l2"), "layout": ("NCHW", "NHWC"),
        "size": ("int", "tuple"), "stride": ("none", "int", "tuple"),
        "padding": ("none", "int", "tuple"), "incomplete": ("drop", "partial", "never"),
        "count-padding": (True, False), "dims": (1, 2, 3),
    },
    "activation": {"name": ("identity", "relu", "leaky_relu", "abs", "tanh", "sigmoid",
                            "softplus")},
    "risk": {
        "kind": ("softmax_cross_entropy", "squared_error"),
        "average": ("samples", "entries", "sum"), "target": ("one_hot", "labels"), "half": bool,
    },
    "feedforward": {"weights": ("out_in", "in_out"), "bias": ("add", "subtract", "none")},
    "update": {"decay": ("weights", "all"), "in-place": bool},
}
#: Exit statuses.
RIGHT, WRONG, NOT_CALLED = 0, 1, 2


def add_parser(subparsers):
    """Hook ``check`` into the subparsers of the command ``cnnmat``."""
    top = subparsers.add_parser(
        "check", help="a verdict on somebody's own implementation",
        description="Exit status: 0 right, 1 wrong, 2 it could not be called.")
    kinds = top.add_subparsers(dest="kind_of_check", required=True, metavar="KIND")
    for kind, options in KINDS.items():
        one = kinds.add_parser(kind, help=f"see cnnmat.testing.check_{kind}",
                               description=_signatures(kind),
                               formatter_class=argparse.RawDescriptionHelpFormatter)
        one.set_defaults(run=run)
        one.add_argument("functions", nargs="+", metavar="MODULE:FUNCTION",
                         help="the step" if kind == "update" else
                         "forward, then backward if there is one")
        for name, choices in options.items():
            _add_option(one, name, choices, _default(kind, name))
        if kind != "update":
            one.add_argument("--float32", action="store_true",
                             help="the functions compute in single precision")
        one.add_argument("--seed", type=int, default=0, metavar="N", help="default 0")
        one.add_argument("--timeout", type=float, default=5.0, metavar="SECONDS",
                         help="for one call (default 5)")
        one.add_argument("--json", action="store_true", help="print the verdict as JSON")
        one.add_argument("--points", action="store_true",
                         help="print a score by behaviour, and nothing of the solution")
    return top


def _add_option(parser, name, choices, default):
    if choices is bool:
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
    return "OIHW with NCHW, HWIO with NHWC" if found is None else found


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
    """Check in a process of its own, which may crash or hang; return the exit status."""
    with tempfile.TemporaryDirectory() as folder:
        verdict = Path(folder) / "verdict.json"
        # spawn and not fork: a fork copies locks and thread pools that are in use
        process = multiprocessing.get_context("spawn").Process(
            target=_work, args=(vars(args) | {"run": None}, str(verdict)))
        process.start()
        # a call that hangs in C does not hear the timer signal
        limit = 12 * args.timeout + 60
        process.join(limit)
        if process.is_alive():
            process.kill()
            process.join()
            return _not_called(args, f"it did not come to an end within {limit:g} s")
        if not verdict.exists():
            return _not_called(args, f"the process died with exit status {process.exitcode}")
        found = json.loads(verdict.read_text(encoding="utf-8"))
    if "error" in found:
        return _not_called(args, found["error"])
    return _report(args, found)


def _not_called(args, why):
    if args.json:
        print(json.dumps({"kind": args.kind_of_check, "passed": False, "error": why}))
    else:
        print(f"cnnmat check: {why}", file=sys.stderr)
    return NOT_CALLED


def _report(args, found):
    """Print the verdict as it was asked for."""
    if args.points:
        _print(points(found, args.json))
    elif args.json:
        _print(json.dumps(found["result"], indent=2))
    else:
        _print(found["summary"])
    return RIGHT if found["result"]["passed"] else WRONG


def _print(text):
    """Print; a reader that has enough (``| head``) is no error."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        # what is still in the buffer goes nowhere, quietly, when Python ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def points(found, as_json):
    """A point for each output and behaviour that is right throughout."""
    scores = found["result"]["scores"]
    got = sum(s["right"] for s in scores)
    if as_json:
        return json.dumps({"points": got, "of": len(scores), "scores": scores}, indent=2)
    rows = [f"{'ok' if s['right'] else '--'}  {s['output']:8} {s['behaviour']}" for s in scores]
    return "\n".join([*rows, f"{got} of {len(scores)} points"])


# --- in the process of its own -------------------------------------------------------


def _work(args, path):
    """Import, check, write the verdict as JSON; what goes wrong before is an "error"."""
    # the file itself is the channel: functions under test may write to the output
    sys.path.insert(0, os.getcwd())
    try:
        found = _checked(args)
    except (_CannotCall, TypeError, ValueError) as error:
        found = {"error": str(error)}
    Path(path).write_text(json.dumps(found), encoding="utf-8")


class _CannotCall(Exception):
    """The functions cannot be had; the text says why."""


def _checked(args):
    kind = args["kind_of_check"]
    functions = [_imported(name) for name in args["functions"]]
    most = 1 if kind == "update" else 2
    if len(functions) > most:
        raise _CannotCall(f"{kind} must be given at most {most} functions, got {len(functions)}")
    options = {name.replace("-", "_"): args[name.replace("-", "_")] for name in KINDS[kind]}
    options = {name: value for name, value in options.items() if value is not None}
    if args.get("float32"):
        options["dtype"] = "float32"
    check = getattr(testing, f"check_{kind}")
    result = check(*functions, **options, seed=args["seed"], timeout=args["timeout"])
    every = all(f.reason == "raised" for f in result.failures) and not any(
        score["right"] for score in result.to_dict()["scores"])
    if not result.passed and every:
        hints = [f"; it looks as if {d.sentence}" for d in result.diagnosis
                 if d.slug != "raises"]
        raise _CannotCall(f"every call failed: {result.failures[0].message}{''.join(hints)}")
    return {"result": result.to_dict(), "summary": result.summary()}


def _imported(name):
    """The function that "module:function" names."""
    module, _, function = name.partition(":")
    if not module or not function:
        raise _CannotCall(f"MODULE:FUNCTION must name both, got {name!r}")
    try:
        found = importlib.import_module(module)
        for part in function.split("."):
            found = getattr(found, part)
    # importing runs a stranger's code, which may do anything
    except BaseException as error:
        from cnnmat.testing.sandbox import describe

        raise _CannotCall(f"{name} cannot be imported: {describe(error)}") from error
    if not callable(found):
        raise _CannotCall(f"{name} must be callable, got {type(found).__name__}")
    return found
