"""The files of which a lecture consists, and where in them something stands.

A position is one number for all files: it tells the file, the line and the column.
"""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

from cnnmat.verify.claims import Refusal

__all__ = ["DocumentError", "Place", "Sources"]

#: Columns of formulas that stand in no file are smaller.
FIRST = 10**6
#: So many bytes a file of a lecture may have, and so many files it may consist of.
BYTES, FILES = 10**7, 100


class DocumentError(Refusal):
    """What cannot be read or run in a lecture; the text begins with the place."""


@dataclass(frozen=True)
class Place:
    """A place in a file, lines and columns counted from 1, with the text of the line."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self):
        return f"{self.file}:{self.line}:{self.column}"

    def excerpt(self):
        """The line, and below it a caret."""
        start = max(0, self.column - 60)
        shown = self.text[start:start + 90].replace("\t", " ")
        return [shown, " " * (self.column - 1 - start) + "^"]


class Sources:
    """The files of a lecture that have been read.

    Parameters
    ----------
    path : str or Path
        The file that the lecture begins with; others must lie in its folder or below it.

    Examples
    --------
    >>> sources = Sources("lecture.tex")
    >>> start = sources.add("lecture.tex", "first\\nsecond")
    >>> str(sources.place(start + 8))
    'lecture.tex:2:3'
    """

    def __init__(self, path):
        self.folder = Path(path).resolve().parent
        self.name, self.shown = Path(path).name, str(path)
        self.starts, self.files = [], []

    def read(self):
        """(position of its beginning, text) of the lecture's own file."""
        return self._read(self.folder / self.name, self.shown)

    def include(self, name, position):
        r"""The same of a file that \input names, at `position`."""
        path = (self.folder / name).resolve()
        if path.suffix != ".tex":
            path = path.with_name(f"{path.name}.tex").resolve()
        if not path.is_relative_to(self.folder):
            raise self.error(position, f"{name!r} is outside the lecture's folder, and not read")
        if not path.is_file():
            raise self.error(position, f"{name!r} is no file beside the lecture")
        if len(self.files) >= FILES:
            raise self.error(position, f"the lecture has more than {FILES} files, or includes "
                                       "itself")
        shown = Path(self.shown).parent / path.relative_to(self.folder)
        return self._read(path, str(shown))

    def beside(self, path):
        """The same of a file that has the lecture's name."""
        return self._read(path, str(path))

    def _read(self, path, shown):
        if path.stat().st_size > BYTES:
            raise DocumentError(f"{shown}: a file of a lecture must have at most {BYTES} bytes")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise DocumentError(f"{shown}: the file must be UTF-8, got {error.reason} at byte "
                                f"{error.start}") from error
        return self.add(shown, text), text

    def inside(self, shown):
        """The name of a file as the lecture has it."""
        return str(Path(shown).relative_to(Path(self.shown).parent))

    def add(self, shown, text):
        """Take in a text; the position of its beginning."""
        start = FIRST
        if self.files:
            _, before, _ = self.files[-1]
            start = self.starts[-1] + len(before) + 2
        lines = [0, *(k + 1 for k, character in enumerate(text) if character == "\n")]
        self.starts.append(start)
        self.files.append((shown, text, lines))
        return start

    def place(self, position):
        """The place that a position is; None if it is in no file."""
        if position < FIRST or not self.files:
            return None
        number = bisect_right(self.starts, position) - 1
        shown, text, lines = self.files[number]
        offset = min(position - self.starts[number], len(text))
        line = bisect_right(lines, offset) - 1
        end = text.find("\n", lines[line])
        whole = text[lines[line]:end if end >= 0 else len(text)]
        return Place(shown, line + 1, offset - lines[line] + 1, whole)

    def error(self, position, why, kind=DocumentError):
        """A `DocumentError` with the place, and the line with a caret below it."""
        place = self.place(position)
        return kind("\n".join([f"{place}: {why}", *place.excerpt()]))
