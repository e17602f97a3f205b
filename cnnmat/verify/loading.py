"""Which lectures and claims a call names: those that ship by their slug, others by their file."""

import difflib
import importlib
import importlib.util
from pathlib import Path

from cnnmat import derivations
from cnnmat.arguments import Usage
from cnnmat.verify.claims import Lecture

__all__ = ["chosen", "load", "select"]


def load(source):
    """The lecture that `source`, a slug of `cnnmat.derivations` or a file's path, names."""
    if source in derivations.LECTURES:
        return importlib.import_module(f"cnnmat.derivations.{source}").lecture
    path = Path(source)
    if path.suffix == ".py" and not path.exists():
        raise Usage(f"LECTURE must be a file that exists, there is no {source!r}")
    if path.suffix != ".py" or not path.is_file():
        raise Usage(f"LECTURE must be one of {', '.join(derivations.LECTURES)} or a Python file, "
                    f"got {source!r}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise Usage(f"{source} cannot be loaded: {type(error).__name__}: {error}") from error
    for value in vars(module).values():
        if isinstance(value, Lecture):
            return value
    raise Usage(f"{source} must hold a Lecture, found none")


def chosen(names):
    """The sources and the lectures that a call names; all that ship when it names none."""
    sources = names or list(derivations.LECTURES)
    lectures = [load(source) for source in sources]
    slugs = [one.slug for one in lectures]
    if len(set(slugs)) < len(slugs):
        raise Usage("LECTURE must not be given twice, got the slugs "
                    + ", ".join(f"{slug!r} ({source})"
                                for slug, source in zip(slugs, sources, strict=True)))
    return sources, lectures


def select(lectures, ids, real=False):
    """The claims of `lectures` in order: those with one of `ids`, or all of small or real sizes."""
    claims = [c for one in lectures for c in one.claims.values()]
    if not ids:
        chosen_size = [c for c in claims if c.real == real]
        if not chosen_size:
            raise Usage("--real-sizes needs a lecture with claims at real sizes" if real
                        else "LECTURE must hold at least one claim")
        return chosen_size
    known = {c.id for c in claims}
    for wanted in ids:
        if wanted not in known:
            slugs = ", ".join(one.slug for one in lectures)
            raise Usage(f"ID must be the number of a claim of {slugs}, got {wanted!r}"
                        f"{hint(wanted, known)}")
    return [c for c in claims if c.id in ids]


def hint(wanted, known):
    """Where else there is a claim `wanted`, or what is near it."""
    elsewhere = [slug for slug in derivations.LECTURES if wanted in load(slug).claims]
    near = elsewhere or difflib.get_close_matches(wanted, known, n=6, cutoff=0.75)
    if not near:
        return ""
    return f"; {', '.join(near)} {'has it' if elsewhere else 'are near it'}"
