"""A folder of files that are made together, and made anew: what is somebody else's stays.

The folder holds a list of what was made, each file with its SHA-256.  Only what is on the list,
and still as it was made, is replaced or removed; all else is refused before anything is written.
"""

import hashlib
import json
import os
from pathlib import Path, PurePosixPath

from cnnmat import files

__all__ = ["LIST", "check", "fill"]

#: The name of the list.
LIST = "cnnmat-files.json"


def check(name, path):
    """The list of `path`, a folder that can be filled: {file: [SHA-256, ...]}.

    Parameters
    ----------
    name : str
        What the caller calls the folder.
    path : path
        New, empty, or filled by `fill` before.

    Raises
    ------
    ValueError
        If it is something else, or a file on its list is no longer as it was made.

    Examples
    --------
    >>> check("DIR", "no/such/folder")
    Traceback (most recent call last):
    ValueError: DIR must be a folder in one that exists, got 'no/such/folder'
    """
    folder = Path(path)
    if not folder.exists() and not folder.is_symlink():
        if not folder.absolute().parent.is_dir():
            raise ValueError(f"{name} must be a folder in one that exists, got {str(path)!r}")
        return {}
    if not folder.is_dir():
        raise ValueError(f"{name} must be a folder, got {str(path)!r}, which is none")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ValueError(f"{name} must be a folder that can be written to, got {str(path)!r}")
    if not any(folder.iterdir()):
        return {}
    listed = _listed(folder)
    if listed is None:
        raise ValueError(f"{name} must be new, empty, or made by this command, got {str(path)!r}, "
                         "which holds files of somebody else's")
    for file, known in listed.items():
        if os.path.lexists(folder / file) and _sum(folder / file) not in known:
            raise ValueError(f"{name} must hold what was made as it was made, {file!r} in "
                             f"{str(path)!r} was changed since; move it away")
    return listed


def _listed(folder):
    """What the list of a folder says; None if there is none that `fill` could have written."""
    try:
        listed = json.loads((folder / LIST).read_text(encoding="utf-8"))["files"]
        if all(_inside(file) and all(isinstance(one, str) for one in known)
               for file, known in listed.items()):
            return listed
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        pass
    return None


def _inside(file):
    parts = PurePosixPath(file).parts
    return bool(parts) and not PurePosixPath(file).is_absolute() and ".." not in parts


def _sum(path):
    """The SHA-256 of a file; "" of what is none."""
    if path.is_symlink() or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fill(name, path, contents):
    """Make `path` hold the files of `contents`, and none any more that was made before.

    A run that is ended before its time leaves a folder that can be filled again.

    Parameters
    ----------
    name : str
        What the caller calls the folder.
    path : path
    contents : dict from str to bytes
        Files by their names in the folder, with / between folders.

    Raises
    ------
    ValueError
        If a file, or what lies in its way, is not on the list; nothing was written then.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     fill("DIR", folder, {"index.html": b"one", "old.html": b"two"})
    ...     _ = Path(folder, "CNAME").write_bytes(b"mine")
    ...     fill("DIR", folder, {"index.html": b"three"})
    ...     sorted(file.name for file in Path(folder).iterdir())
    ['CNAME', 'cnnmat-files.json', 'index.html']
    """
    folder, before = Path(path), check(name, path)
    for file in contents:
        _refuse_others(name, folder, file, before)
    now = {file: [hashlib.sha256(content).hexdigest()] for file, content in contents.items()}
    folder.mkdir(exist_ok=True)
    # on the list first, so that a run that is ended in between has left nothing unknown
    _write_list(folder, {file: [*before.get(file, ()), *now.get(file, ())]
                         for file in {**before, **now}})
    for file, content in contents.items():
        if _sum(folder / file) not in now[file]:
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            with files.replacing(folder / file) as stream:
                stream.write(content)
    for file in before.keys() - now.keys():
        (folder / file).unlink(missing_ok=True)
        _remove_empty(folder, (folder / file).parent)
    _write_list(folder, now)


def _refuse_others(name, folder, file, before):
    """Refuse to write over what is not on the list `before`."""
    for inside in PurePosixPath(file).parents:
        step = folder / inside
        if inside.parts and (step.is_symlink() or (step.exists() and not step.is_dir())):
            raise ValueError(f"{name} must have room for {file!r}, {str(step)!r} is in its way")
    if file not in before and os.path.lexists(folder / file):
        raise ValueError(f"{name} must have room for {file!r}, there is one of somebody else's")


def _write_list(folder, listed):
    text = json.dumps({"made by": "cnnmat", "files": dict(sorted(listed.items()))}, indent=0)
    with files.replacing(folder / LIST) as stream:
        stream.write(f"{text}\n".encode())


def _remove_empty(folder, inside):
    while inside != folder and inside.is_dir() and not any(inside.iterdir()):
        inside.rmdir()
        inside = inside.parent
