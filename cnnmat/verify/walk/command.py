"""The command ``cnnmat walk``."""

from __future__ import annotations

import argparse
from typing import Any

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.verify.walk import page

__all__ = ["add_parser"]


def add_parser(commands: Any) -> None:
    """Hook the command into the subparsers of ``cnnmat``."""
    one = commands.add_parser(
        "walk", help="write a page on which one pixel is followed through a network and back",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="example:\n  cnnmat walk pixel.html --image 4 5 --kernel 2 3")
    one.set_defaults(run=walk)
    one.add_argument("file", metavar="FILE", help="the HTML page to write")
    for name, sizes, what in (("image", (4, 5), "the image"), ("kernel", (2, 3), "the window")):
        one.add_argument(f"--{name}", nargs=2, type=int, default=sizes,
                         metavar=("ROWS", "COLUMNS"),
                         help=f"the sizes of {what} (default {sizes[0]} {sizes[1]})")


def walk(args: Any) -> int:
    """``cnnmat walk``."""
    try:
        import jinja2  # noqa: F401
    except ImportError as error:
        raise Usage("walk needs jinja2: pip install 'cnnmat[report]'") from error
    try:
        files.check("FILE", args.file)
        page.write(args.file, tuple(args.image), tuple(args.kernel))
    except ValueError as error:
        raise Usage(str(error)) from error
    print(f"{args.file} written")
    return 0
