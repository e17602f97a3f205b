"""Lectures in LaTeX and Markdown, run where the tests are."""

from cnnmat.verify import run
from cnnmat.verify.documents.lecturing import lecture


def results(path):
    """The results of a file, by the names of its equations."""
    return {name: run(claim) for name, claim in lecture(str(path)).claims.items()}


def results_of(tmp_path, text, name="lecture.tex"):
    """The results of a text."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return results(path)


def verdicts(found):
    return {name: result.verdict for name, result in found.items()}
