"""Which lectures and claims a call names: those that ship by their slug, others by their file.

A file of somebody else's is loaded and run in a process of its own, see `isolation`.
"""

import difflib
import importlib
import importlib.util
import sys
from dataclasses import dataclass, field
from pathlib import Path

from cnnmat import derivations
from cnnmat.arguments import Usage
from cnnmat.verify.claims import Claim, Lecture
from cnnmat.verify.documents import lecturing
from cnnmat.verify.selftest import Unsound

__all__ = ["DOCUMENTS", "SLUGS", "Chosen", "choose", "every", "load", "select"]


#: The lectures that ship, by their slugs.
SLUGS = derivations.LECTURES
#: How files that are read, and not executed, end.
DOCUMENTS = (".tex", ".md")


@dataclass
class Chosen:
    """The lectures that a call names.

    Attributes
    ----------
    lectures : list of Lecture
    sources : dict
        From slugs to what names the lecture: its slug, or the file that it is in.
    failed : list of str
        What there is to say of files from which no lecture could be had.
    """

    lectures: list[Lecture] = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def add(self, source, lecture):
        """Take in a lecture, if it has claims and its slug is new."""
        if not lecture.claims:
            self.failed.append(f"{source}: LECTURE must hold at least one claim, "
                               f"{lecture.slug!r} has none")
        elif lecture.slug in self.sources:
            raise Usage(f"LECTURE must not be given twice, got the slug {lecture.slug!r} of "
                        f"{self.sources[lecture.slug]} and of {source}")
        else:
            self.lectures.append(lecture)
            self.sources[lecture.slug] = source


def ships(source):
    """Whether `source` is the slug of a lecture that ships."""
    return source in derivations.LECTURES


def load(source):
    """The lectures that `source`, a slug of `cnnmat.derivations` or a file's path, holds."""
    if ships(source):
        return [importlib.import_module(f"cnnmat.derivations.{source}").lecture]
    path = Path(source)
    if path.suffix in DOCUMENTS:
        return [lecturing.lecture(source)]
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    # what is beside the file is found, as when Python runs it
    sys.path.insert(0, str(path.resolve().parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(path.resolve().parent))
    found = {id(value): value for value in vars(module).values() if isinstance(value, Lecture)}
    return list(found.values())


def every(names):
    """The lectures that names stand for, all that ship when there is none, loaded here."""
    return [one for name in names or derivations.LECTURES for one in load(name)]


def choose(names, workers):
    """The lectures that a call names, all that ship when it names none, as `Chosen`.

    Raises
    ------
    Usage
        If a name is neither, or none is left that could be loaded.
    """
    chosen = Chosen()
    sources = list(names) or list(derivations.LECTURES)
    for source in sources:
        _must_exist(source)
    for source in sources:
        lectures, why = (load(source), "") if ships(source) else _elsewhere(source, workers)
        if why:
            chosen.failed.append(f"{source} {why}")
        for lecture in lectures:
            chosen.add(source, lecture)
    if not chosen.lectures:
        raise Usage("; ".join(chosen.failed))
    return chosen


def _must_exist(source):
    path = Path(source)
    known = path.suffix in (".py", *DOCUMENTS)
    if ships(source) or (known and path.is_file()):
        return
    if known and not path.exists():
        raise Usage(f"LECTURE must be a file that exists, there is no {source!r}")
    raise Usage(f"LECTURE must be one of {', '.join(derivations.LECTURES)}, or a file that ends in "
                f".py, .tex or .md, got {source!r}")


def _elsewhere(source, workers):
    """The lectures of a file as a process of its own describes them, and why there are none."""
    answer, = workers.ask([{"source": source}])
    if "unsound" in answer:
        raise Unsound(answer["unsound"])
    if "error" in answer:
        return [], f"cannot be loaded: {answer['error']}"
    try:
        lectures = [_described(one) for one in answer["lectures"]]
    # what is wrong with a description is as open as what a file may put into a lecture
    except Exception as error:
        return [], f"cannot be loaded: {type(error).__name__}: {error}"
    return lectures, "" if lectures else "must hold a Lecture, found none"


def _described(fields):
    lecture = Lecture(fields["slug"], fields["title"], edition=fields["edition"])
    for one in fields["remarks"]:
        lecture.remark(**one)
    for one in fields["claims"]:
        claim = Claim(**one | {"function": None, "cases": (), "place": tuple(one["place"])})
        lecture.claims[claim.id] = claim
    return lecture


def select(lectures, ids, real=False):
    """The claims of `lectures` in order: those with one of `ids`, or all of small or real sizes."""
    claims = [c for one in lectures for c in one.claims.values()]
    if not ids:
        chosen_size = [c for c in claims if c.real == real]
        if not chosen_size:
            raise Usage("--real-sizes needs a lecture with claims at real sizes" if real
                        else "LECTURE must hold claims that are not at real sizes only")
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
    elsewhere = [slug for slug in derivations.LECTURES if wanted in load(slug)[0].claims]
    near = elsewhere or difflib.get_close_matches(wanted, known, n=6, cutoff=0.75)
    if not near:
        return ""
    return f"; {', '.join(near)} {'has it' if elsewhere else 'are near it'}"
