"""What Tab offers on the command line: lectures, files of one's own, numbers of claims."""

from pathlib import Path

from cnnmat.verify.loading import DOCUMENTS, SLUGS, every, ships

__all__ = ["claims", "completed", "documents", "lectures"]


def completed(action, completer):
    """Let `completer` offer the values of an option or argument, where argcomplete asks for it."""
    action.completer = completer
    return action


def lectures(prefix, **_):
    """The lectures that ship, and files that may be one's own.

    Examples
    --------
    >>> lectures("la")
    ['layers']
    """
    return [slug for slug in SLUGS if slug.startswith(prefix)] + _files(
        prefix, (".py", *DOCUMENTS))


def documents(prefix, **_):
    """Files that may be lectures in LaTeX or Markdown."""
    return _files(prefix, DOCUMENTS)


def claims(prefix, parsed_args, **_):
    """Numbers of claims of the lectures that the line names, or of all; and `lectures`.

    Examples
    --------
    >>> import argparse
    >>> claims("s1c", argparse.Namespace(id=["lec14"]))
    ['s1c']
    """
    words = [*(getattr(parsed_args, "lecture", None) or ()),
             *(getattr(parsed_args, "id", None) or ())]
    ids = [id for one in every([word for word in words if ships(word)]) for id in one.claims
           if id.startswith(prefix)]
    return list(dict.fromkeys(ids)) + lectures(prefix)


def _files(prefix, endings):
    """Folders and files that go on from a prefix, as what can be typed."""
    folder, name = Path(prefix).parent, "" if prefix.endswith("/") else Path(prefix).name
    folder = Path(prefix) if prefix.endswith("/") else folder
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if path.name.startswith(name)
                   and not path.name.startswith(".")
                   and (path.is_dir() or path.suffix in endings))
    return [f"{path}/" if path.is_dir() else str(path) for path in found]
