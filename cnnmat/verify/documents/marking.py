"""Verdicts at their lines: comments in a copy of the lecture, and SARIF for editors and hosts."""

import os
from pathlib import Path

import cnnmat
from cnnmat import files, texts
from cnnmat.texts import one_line
from cnnmat.verify import report

__all__ = ["annotated", "sarif", "write_annotated", "write_sarif"]

#: What every line begins with that was written here, in LaTeX and in Markdown.
MARK = {".tex": ("% cnnmat: ", ""), ".md": ("<!-- cnnmat: ", " -->")}
#: How grave a verdict is that was not expected, and what SARIF calls one that was.
_LEVELS = {"fails": "error", "error": "error"}
_KINDS = {"holds": "pass", "defines": "pass", "not run": "open"}
_RULES = {"holds": "the equation holds", "defines": "the equation says what a symbol is",
          "misprint": "the equation is misprinted", "scan": "the scanner slipped",
          "ambiguous": "the equation can be read in two ways",
          "fails": "the equation does not hold", "error": "the equation could not be run",
          "not run": "nothing was said of a symbol of the equation", "read": "a remark"}


def _said(result):
    """A verdict in one line."""
    claim = result.claim
    lines = [f"({claim.id}) {result.verdict}{report.note(result)}"]
    if not result.as_expected:
        lines += report.detail(result)
    if result.verdict == "misprint":
        lines.append(f"right is {claim.corrected_formula}")
    return "; ".join(" ".join(one_line(line).split()) for line in lines if line.strip())


# comments in a copy

def annotated(text, path, results):
    """The text of a lecture with a comment above each line at which an equation begins.

    Parameters
    ----------
    text : str
    path : str
        The file that it is; equations of other files stand at the end.
    results : sequence of Result

    Returns
    -------
    str
        Comments of an earlier run are replaced.
    """
    begin, end = MARK[Path(path).suffix]
    above, elsewhere = {}, []
    lines = text.split("\n")
    for result in results:
        if not result.claim.place:
            continue
        _, shown, line, *_ = result.claim.place
        said = f"{begin}{_said(result).replace('--', '- -')}{end}"
        if shown == path:
            above.setdefault(_before(lines, line, path), []).append(said)
        else:
            elsewhere.append(f"{begin}{shown}:{line} {said.removeprefix(begin)}")
    made = []
    for number, line in enumerate(lines, 1):
        made += above.get(number, [])
        if not line.startswith(begin):
            made.append(line)
    return "\n".join([*made, *elsewhere])


def _before(lines, line, path):
    """The line above which a comment may stand: in Markdown, in front of the whole formula."""
    if path.endswith(".md"):
        for number in range(line, 0, -1):
            if "$$" in lines[number - 1] or lines[number - 1].startswith(("```", "~~~")):
                return number
    return line


def write_annotated(source, path, _lectures, results):
    """Write the lecture in the file `source` with its verdicts to `path`."""
    text = Path(source).read_text(encoding="utf-8")
    with files.replacing(path) as file:
        file.write(texts.word(annotated(text, source, results)).encode("utf-8"))


# SARIF

def sarif(results):
    """What was found as a dictionary in the form of SARIF 2.1.0."""
    found = [_finding(result) for result in results if result.claim.place]
    rules = [{"id": name.replace(" ", "-"), "shortDescription": {"text": said}}
             for name, said in _RULES.items()]
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "cnnmat", "version": cnnmat.__version__, "rules": rules}},
            "columnKind": "unicodeCodePoints",
            "results": found,
        }],
    }


def _finding(result):
    file, shown, line, *column = result.claim.place
    region = {"startLine": line}
    if column:
        region["startColumn"] = column[0]
    # of what is as expected SARIF wants no level
    kind = _KINDS.get(result.verdict, "informational") if result.as_expected else "fail"
    return {
        "ruleId": result.verdict.replace(" ", "-"), "kind": kind,
        "level": _LEVELS.get(result.verdict, "warning") if kind == "fail" else "none",
        "message": {"text": _said(result)},
        "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": _uri(file, shown)}, "region": region}}],
    }


def _uri(file, shown):
    """A file as an address, relative to the folder of the call where it is below it."""
    path = Path(file if os.path.isabs(file) else shown).resolve()
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_uri()


def write_sarif(path, _lectures, results):
    """Write what was found as SARIF."""
    text = texts.to_json(sarif(results), ensure_ascii=False, indent=1)
    with files.replacing(path) as file:
        file.write(f"{text}\n".encode())
