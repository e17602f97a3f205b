"""The command ``cnnmat``: each of its subcommands lives with its wing."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from cnnmat import __version__
from cnnmat.arguments import Usage
from cnnmat.testing import command as testing
from cnnmat.verify import command as verify

__all__ = ["main"]


def parser():
    """The parser of the command line."""
    top = argparse.ArgumentParser(
        prog="cnnmat", description="Is this line of the lecture right?")
    top.add_argument("--version", action="version", version=f"cnnmat {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    verify.add_parsers(commands)
    testing.add_parser(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; return the exit status: 0 as expected, 1 not so, 2 wrong usage."""
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except BrokenPipeError:
        # whoever read our output has had enough; Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except FileExistsError as error:
        print(f"cnnmat {args.command}: FILE must not exist yet, got {error.filename!r}",
              file=sys.stderr)
        return 2
    except (Usage, OSError) as error:
        print(f"cnnmat {args.command}: {error}", file=sys.stderr)
        return 2
