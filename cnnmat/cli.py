"""The command ``cnnmat``: each of its subcommands lives with its wing."""

from __future__ import annotations

import argparse
import contextlib
import difflib
import io
import os
import re
import sys
import traceback
from collections.abc import Sequence

from cnnmat import __version__
from cnnmat.arguments import Usage
from cnnmat.files import Unread
from cnnmat.testing import command as testing
from cnnmat.testing.grading import command as grading
from cnnmat.texts import printable
from cnnmat.verify import command as verify
from cnnmat.verify.selftest import Unsound

__all__ = ["main"]

STATUSES = """exit status:
  0    as expected: every verdict is the one that the lecture's file expects; the function is right
  1    not as expected; the function is wrong
  2    it could not be carried out: wrong usage, a file that cannot be written
  3    the judge itself has failed its test, so that none of its verdicts counts
  130  interrupted

Names of commands, lectures and claims are completed by Tab in bash and zsh:
  pip install 'cnnmat[completion]'
  eval "$(register-python-argcomplete cnnmat)"

When whoever reads the output stops reading, what is left of it is dropped, and nothing else
changes: the files are written, and the exit status says what was found."""


class Parser(argparse.ArgumentParser):
    """A parser that names what may have been meant, and where the help is."""

    def error(self, message):
        """Say what is wrong with the call, and leave with status 2."""
        wrong = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        near = wrong and difflib.get_close_matches(wrong[1], re.findall(r"[\w-]+", wrong[2]), 1)
        if near:
            message += f"; do you mean {near[0]}?"
        super().error(f"{message}\n{self.prog} --help has examples")


def parser():
    """The parser of the command line."""
    top = Parser(
        prog="cnnmat", description="Is this line of the lecture right?", epilog=STATUSES,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"cnnmat {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    verify.add_parsers(commands)
    testing.add_parser(commands)
    grading.add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status, one of `STATUSES`."""
    name = "cnnmat"
    with _streams():
        try:
            with _flushed():
                args = _completing(parser()).parse_args(argv)
                name = f"cnnmat {args.command}"
                return args.run(args)
        except KeyboardInterrupt:
            print(f"{name}: interrupted", file=sys.stderr)
            return 130
        except FileExistsError as error:
            print(f"{name}: FILE must not exist yet, got {error.filename!r}", file=sys.stderr)
        except Unsound as error:
            print(f"{name}: the judge is unsound, no verdict of it counts: {printable(error)}",
                  file=sys.stderr)
            return 3
        except (Usage, OSError) as error:
            print(f"{name}: {printable(error)}", file=sys.stderr)
        # status 1 would say that something was found out
        except Exception:
            traceback.print_exc()
        return 2


def _completing(top):
    """The parser, which has answered before if it is a shell that asks what Tab may offer."""
    if "_ARGCOMPLETE" in os.environ:
        with contextlib.suppress(ImportError):
            import argcomplete

            argcomplete.autocomplete(top)
    return top


@contextlib.contextmanager
def _flushed():
    try:
        yield
    finally:
        # now, so that a full disk is told; Python would complain at its exit
        sys.stdout.flush()


@contextlib.contextmanager
def _streams():
    """Standard streams that take every character, may be closed, and may lose their reader."""
    before = sys.stdin, sys.stdout, sys.stderr
    _open_the_first_three()
    sys.stdout, sys.stderr = _forgiving(sys.stdout, 1), _forgiving(sys.stderr, 2)
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except OSError:
                # it has been told; what is still in the buffer goes nowhere
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
                stream.flush()
        sys.stdin, sys.stdout, sys.stderr = before


def _open_the_first_three():
    """Where one is closed, a file that is opened later would take its place, and its prints."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)


def _forgiving(stream, descriptor):
    """A stream like `stream`, one of the process's own; those of a test stay as they are."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")
    raw = getattr(stream, "buffer", None)
    raw = getattr(raw, "raw", raw)
    if not isinstance(raw, io.FileIO) or raw.fileno() != descriptor:
        return stream
    stream.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(Unread(descriptor, "w", closefd=False)), encoding=stream.encoding,
        errors="backslashreplace", line_buffering=stream.line_buffering)
