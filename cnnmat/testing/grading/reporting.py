"""What comes of grading: a table, and for each submission a page and what autograders read."""

import csv
import io
from importlib import resources

from cnnmat import files
from cnnmat.texts import one_line, printable, to_json

__all__ = ["autograder", "page", "write_all", "write_one"]


def autograder(outcome):
    """The outcome as Gradescope and its like read it in results.json.

    Parameters
    ----------
    outcome : dict
        As `mark` makes it.

    Returns
    -------
    dict
        score, max_score, execution_time, output, and tests: a row for each check and behaviour
        with name, score, max_score, status and output.

    Examples
    --------
    >>> check = {"title": "ReLU", "of": 2.0, "score": 1.0, "hints": [], "error": "", "rows": [
    ...     {"behaviour": "plain", "output": "y", "points": 1.0, "of": 1.0},
    ...     {"behaviour": "plain", "output": "dx", "points": 0.0, "of": 1.0}]}
    >>> test, = autograder({"submission": "a", "score": 1.0, "of": 2.0, "seconds": 0.5,
    ...                     "checks": [check]})["tests"]
    >>> test["name"], test["score"], test["max_score"], test["status"]
    ('ReLU: plain', 1.0, 2.0, 'failed')
    """
    tests = [test for check in outcome["checks"] for test in _tests(check)]
    return {"score": outcome["score"], "max_score": outcome["of"],
            "execution_time": outcome["seconds"], "output_format": "text",
            "output": f"{outcome['score']:g} of {outcome['of']:g} points", "tests": tests}


def _tests(check):
    if not check["rows"]:
        return [{"name": check["title"], "score": 0.0, "max_score": check["of"],
                 "status": "failed", "output": check["error"] or "nothing could be judged"}]
    behaviours = dict.fromkeys(row["behaviour"] for row in check["rows"])
    tests = []
    for behaviour in behaviours:
        rows = [row for row in check["rows"] if row["behaviour"] == behaviour]
        score, most = (round(sum(row[key] for row in rows), 6) for key in ("points", "of"))
        lost = ", ".join(row["output"] for row in rows if row["points"] < row["of"])
        tests.append({"name": f"{check['title']}: {behaviour}", "score": score, "max_score": most,
                      "status": "passed" if score >= most else "failed",
                      "output": f"not in full: {lost}" if lost else ""})
    tests[0]["output"] = "\n".join([*filter(None, [tests[0]["output"]]), *check["hints"]])
    return tests


def page(outcome, title):
    """The page of a submission: HTML that works offline, all text of strangers escaped."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True,
                                     undefined=jinja2.StrictUndefined)
    template = environment.from_string(resources.files("cnnmat.testing.grading").joinpath(
        "submission.html.j2").read_text(encoding="utf-8"))
    return printable(template.render(outcome=outcome, title=title))


def write_one(folder, outcome, title, pages):
    """Write NAME.results.json and, with `pages`, NAME.html."""
    name = outcome["submission"]
    _write(folder / f"{name}.results.json", to_json(autograder(outcome), indent=1))
    if pages:
        _write(folder / f"{name}.html", page(outcome, title))


def write_all(folder, outcomes):
    """Write grades.json and grades.csv: a row a submission, a column a check and behaviour."""
    _write(folder / "grades.json", to_json(outcomes, indent=1))
    rows = [_row(outcome) for outcome in outcomes]
    columns = list(dict.fromkeys(column for row in rows for column in row))
    text = io.StringIO()
    table = csv.DictWriter(text, columns, restval=0.0, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    _write(folder / "grades.csv", text.getvalue())


def _row(outcome):
    errors = [check["error"] for check in outcome["checks"] if check["error"]]
    name = one_line(outcome["submission"])
    # what a spreadsheet would take for a formula is a name all the same
    row = {"submission": f"'{name}" if name[:1] in "=+-@" else name,
           "score": outcome["score"], "of": outcome["of"], "seconds": outcome["seconds"],
           "error": one_line("; ".join(errors)).lstrip("=+-@")}
    for check in outcome["checks"]:
        for test in _tests(check) if check["rows"] else ():
            row[test["name"]] = test["score"]
    return row


def _write(path, text):
    with files.replacing(path) as file:
        file.write(text.encode("utf-8"))
