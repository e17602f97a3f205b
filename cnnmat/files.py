"""Files that are written whole: beside the target first, then moved into its place.

A full disk or a killed process leaves the file that was there before.  What a killed process
leaves beside it is cleared away by the next one that writes into the same folder: the lock on
it, which the kernel takes away with its owner, tells what is left over from what is being
written.
"""

import contextlib
import errno
import io
import os
import re
import secrets
import stat
import sys

try:
    import fcntl
except ImportError:  # there are no such locks: an open file cannot be removed there at all
    fcntl = None  # type: ignore[assignment]

__all__ = ["Unread", "check", "replacing"]

_BESIDE = re.compile(r"\.cnnmat-\d+-[0-9a-f]{8}\.tmp")


class Unread(io.FileIO):
    """A stream whose reader may leave: what nobody reads any more is dropped, and no error."""

    def write(self, data):
        """Write, or drop, all of `data`."""
        try:
            return super().write(data)
        except BrokenPipeError:
            return len(data)


def check(name, path):
    """Raise ValueError unless a file can be written at `path`: before a long run, not after it.

    Examples
    --------
    >>> check("FILE", "no/such/folder/report.json")
    Traceback (most recent call last):
    ValueError: FILE must be a file in a folder that exists, got 'no/such/folder/report.json'
    """
    path = os.fspath(path)
    try:
        _try(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise ValueError(f"{name} must be a file in a folder that exists, got {path!r}") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise ValueError(f"{name} must be a file that can be written, got {path!r}: {why}"
                         ) from error


def _try(path):
    if not path or path.endswith(os.sep):
        raise IsADirectoryError
    there = _there(path)
    if there is None or stat.S_ISREG(there.st_mode):
        if there is not None:
            os.close(os.open(path, os.O_WRONLY))
        descriptor, beside = _beside(os.path.dirname(os.path.realpath(path)))
        os.close(descriptor)
        os.unlink(beside)
    elif stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError
    elif not (stat.S_ISFIFO(there.st_mode) or stat.S_ISCHR(there.st_mode)):
        raise OSError(errno.EINVAL, "it is neither a file nor a pipe nor a terminal")
    elif not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextlib.contextmanager
def replacing(path):
    """A file to write bytes to, which takes the place of `path` when all of them are written.

    A link is written through, and a file keeps its mode.  What is no file (a pipe, a terminal,
    the standard output) is written to as it stands.

    Parameters
    ----------
    path : path

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.txt")
    ...     with replacing(path) as file:
    ...         _ = file.write(b"all of it")
    ...     path.read_text()
    'all of it'
    """
    path = os.fspath(path)
    there = _there(path)
    stream = there and _stream(path, there)
    if stream is not None:
        with stream:
            yield stream
        return
    real = os.path.realpath(path)
    folder = os.path.dirname(real)
    _clear(folder)
    descriptor, beside = _beside(folder, 0o666 if there is None else 0o600)
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            if there is not None:
                _liken(descriptor, there)
            os.fsync(descriptor)
            if fcntl is None:
                file.close()  # where there are no locks, an open file cannot be moved either
            os.replace(beside, real)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _there(path):
    try:
        return os.stat(path)
    except FileNotFoundError:
        return None


def _stream(path, there):
    """What `path` is written to as it stands: what is no file, and the standard streams."""
    for standard in (sys.stdout, sys.stderr):
        try:
            descriptor = standard.fileno()
            same = os.path.samestat(os.fstat(descriptor), there)
        except (AttributeError, OSError, ValueError):  # it is closed, or somebody's own
            continue
        if same:
            # at its own place in the file, behind what was printed
            standard.flush()
            return io.BufferedWriter(Unread(os.dup(descriptor), "wb"))
    return None if stat.S_ISREG(there.st_mode) else open(path, "wb")


def _beside(folder, mode=0o600):
    """(descriptor, path) of a new file in `folder`, locked."""
    while True:
        path = os.path.join(folder, f".cnnmat-{os.getpid()}-{secrets.token_hex(4)}.tmp")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        if fcntl is None:
            return descriptor, path
        with contextlib.suppress(OSError):  # on some network disks there are no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # another process has cleared it away between the two


def _liken(descriptor, there):
    """Give a file the owner and the mode of the one whose place it is to take."""
    if fcntl is None:
        return
    with contextlib.suppress(OSError):
        os.fchown(descriptor, there.st_uid, there.st_gid)
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(there.st_mode))


def _clear(folder):
    """Remove what killed processes have left in `folder`."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        left = [entry.path for entry in entries if _BESIDE.fullmatch(entry.name)
                and entry.is_file(follow_symlinks=False)]
        for path in left:
            _remove(path)


def _remove(path):
    try:
        # for writing: some network disks lock nothing else
        descriptor = os.open(path, os.O_RDWR)
    except OSError:
        return
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.unlink(path)
    except OSError:
        return
    finally:
        os.close(descriptor)
