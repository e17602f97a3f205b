"""What a sweep has found, line by line: what is killed loses what it had not said yet."""

import contextlib
import json

from cnnmat import files
from cnnmat.arguments import Usage
from cnnmat.texts import to_json

__all__ = ["Record"]


class Record:
    """The outcomes of a sweep by number, in a file of JSON lines behind its identity.

    A last line that was cut is taken away; a file of another sweep is refused.

    Parameters
    ----------
    path : path, optional
        None keeps them here alone.
    identity : dict
        Plain data.

    Raises
    ------
    Usage
        If the file cannot be read or written, or is another sweep's.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "sweep.jsonl")
    ...     with Record(path, {"seed": 0}) as record:
    ...         record.add({"geometry": 3, "failures": []})
    ...     with open(path, "a") as file:
    ...         _ = file.write('{"geometry": 4, "fai')
    ...     with Record(path, {"seed": 0}) as record:
    ...         list(record.outcomes)
    [3]
    """

    def __init__(self, path, identity):
        self.path, self.outcomes, self.file = path, {}, None
        if path is None:
            return
        try:
            files.check("FILE", path)
        except ValueError as error:
            raise Usage(str(error)) from error
        with contextlib.ExitStack() as stack:
            # nothing of it is cut off before it is known to be this sweep's
            self.file = stack.enter_context(open(path, "a+b"))
            self._begin(json.loads(to_json(identity)))
            stack.pop_all()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.file is not None:
            self.file.close()

    def _begin(self, identity):
        self.file.seek(0)
        lines, whole = self._lines(self.file.read())
        if lines and lines[0] != identity:
            raise Usage(f"--resume must be a file of the same sweep, got {str(self.path)!r}: "
                        f"{_difference(lines[0], identity)}")
        for line in lines[1:]:
            self.outcomes[line["geometry"]] = line
        self.file.truncate(whole)
        if not lines:
            self._write(identity)

    def _lines(self, data):
        """(what the whole lines say, how many bytes they have)."""
        *whole, rest = data.split(b"\n")
        lines = []
        for number, line in enumerate(whole, 1):
            try:
                lines.append(json.loads(line))
                if not isinstance(lines[-1], dict) or (
                        number > 1 and not isinstance(lines[-1].get("geometry"), int)):
                    raise ValueError("it is no outcome")
            except ValueError as error:
                raise Usage(f"--resume must be a file that a sweep has written, got "
                            f"{str(self.path)!r}: line {number}: {error}") from error
        if rest and not lines and not rest.startswith(b'{"cnnmat'):
            raise Usage("--resume must be a file that a sweep has written, got "
                        f"{str(self.path)!r}")
        return lines, len(data) - len(rest)

    def add(self, outcome):
        """Take an outcome in; it is in the file when this returns."""
        outcome = json.loads(to_json(outcome))
        self.outcomes[outcome["geometry"]] = outcome
        if self.file is not None:
            self._write(outcome)

    def _write(self, line):
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.flush()


def _difference(there, here):
    """In what two sweeps differ."""
    names = [name for name in here if there.get(name) != here[name]]
    if "cnnmat sweep" not in there:
        return "it is none of a sweep"
    if names[0] == "code":
        return "the code of the functions has changed since"
    return f"{names[0]} is {there.get(names[0])!r} there and {here[names[0]]!r} here"
