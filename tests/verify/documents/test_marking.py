"""Verdicts at their lines: comments in a copy, and SARIF."""

import json
from pathlib import Path

import pytest

from cnnmat.cli import main
from cnnmat.verify.documents.marking import annotated, sarif
from tests.verify.documents.lectures import results, results_of

TEXT = r"""%@ size n
%@ x, y : vector n
%@ misprint (3): x^Ty=y^Tx
\begin{align}
 x^Tx &= \|x\|^2 \\
 x^Tx &= \|y\|^2 \\
 x^Ty &= -y^Tx
\end{align}
Then \[ q = 1. \]
"""


def test_a_copy_has_each_verdict_above_its_line(tmp_path):
    found = results_of(tmp_path, TEXT).values()
    path = str(tmp_path / "lecture.tex")
    made = annotated(TEXT, path, found)
    lines = made.split("\n")
    assert [line for line in lines if not line.startswith("% cnnmat: ")] == TEXT.split("\n")
    assert lines[4].startswith("% cnnmat: (1) holds [")
    assert lines[6].startswith("% cnnmat: (2) fails; expected holds, found fails; n = 3; ")
    assert lines[6].endswith("true with x for y: xᵀx = ‖x‖²")
    assert "(3) misprint" in lines[8]
    assert lines[8].endswith("; right is x^Ty=y^Tx")
    assert lines[11].startswith("% cnnmat: (line 9) not run [nothing is said of q]")
    # and once more
    again = [line for line in annotated(made, path, found).split("\n")
             if not line.startswith("% cnnmat: ")]
    assert again == TEXT.split("\n")


def test_a_copy_in_markdown_has_them_in_front_of_the_formula(tmp_path):
    text = "<!-- @ x : number -->\n\n$$\nx = 2x -- x\n\\tag{1}\n$$\n"
    found = results_of(tmp_path, text, "lecture.md").values()
    lines = annotated(text, str(tmp_path / "lecture.md"), found).split("\n")
    assert lines[2].startswith("<!-- cnnmat: (1) ")
    assert lines[2].endswith(" -->")
    assert "--" not in lines[2][4:-3]
    assert lines[3] == "$$"


def test_equations_of_other_files_are_told_at_the_end():
    path = Path(__file__).parent / "handwritten" / "lecture.tex"
    made = annotated(path.read_text(encoding="utf-8"), str(path), results(path).values())
    assert "solution.tex:5 (2.1) defines" in made.split("\n")[-2]


def test_sarif_has_line_and_column(tmp_path):
    found = results_of(tmp_path, TEXT).values()
    report = sarif(found)
    run, = report["runs"]
    assert report["version"] == "2.1.0"
    said = [(one["ruleId"], one["kind"], one["level"]) for one in run["results"]]
    assert said == [("holds", "pass", "none"), ("fails", "fail", "error"),
                    ("misprint", "informational", "none"), ("not-run", "open", "none")]
    assert {one["ruleId"] for one in run["results"]} <= {
        one["id"] for one in run["tool"]["driver"]["rules"]}
    place = run["results"][1]["locations"][0]["physicalLocation"]
    assert place["region"] == {"startLine": 6, "startColumn": 2}
    assert place["artifactLocation"]["uri"].endswith("/lecture.tex")


def test_the_command_writes_every_report(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("lecture.tex").write_text(TEXT)
    call = ["verify", "lecture.tex", "--jobs", "2"]
    for kind in ("json", "junit", "html", "sarif"):
        call += [f"--{kind}", f"out.{kind}"]
    assert main([*call, "--annotate", "out.tex"]) == 1
    out = capsys.readouterr().out
    assert "4 claims: 1 holds, 1 misprint, 1 not run, 1 fails; " in out
    assert "lecture.tex: symbols of which nothing is said; lines to paste" in out
    claims = json.loads(Path("out.json").read_text())["lectures"][0]["claims"]
    assert [one["verdict"] for one in claims] == ["holds", "fails", "misprint", "not run"]
    assert claims[1]["source"] == "lecture.tex:6:2"
    assert (claims[1]["run_from"], claims[1]["source_kind"]) == ("string", "quote")
    assert claims[1]["nearest"][0] == "true with x for y: xᵀx = ‖x‖²"
    assert claims[0]["slips"]["missed"] == []
    assert 'failures="1"' in Path("out.junit").read_text()
    assert "x for y" in Path("out.html").read_text()
    assert json.loads(Path("out.sarif").read_text())["runs"]
    assert Path("out.tex").read_text().count("% cnnmat: ") == 4


@pytest.mark.parametrize("suffix", ["tex", "md"])
def test_new_writes_a_lecture_with_two_lines_that_hold_and_two_slips(tmp_path, capsys, suffix):
    path = tmp_path / f"my lecture.{suffix}"
    assert main(["new", str(path)]) == 0
    found = results(path)
    assert [one.verdict for one in found.values()] == [
        "defines", "holds", "misprint", "holds", "fails"]
    assert "wᵀ is 1×2, X is 3×2" in found["5"].counterexample["text"]
    assert found["5"].nearest == [
        "true with factors exchanged: ‖Xw - y‖² = wᵀXᵀXw - 2yᵀXw + ‖y‖²"]
    assert main(["verify", str(path), "--quiet"]) == 1
    assert "2 holds, 1 misprint, 1 defines, 1 fails" in capsys.readouterr().out


def test_bind_prints_what_is_to_be_pasted(tmp_path, capsys):
    path = tmp_path / "lecture.tex"
    path.write_text(r"$x\in\mathbb{R}^n$\[a=x^Tx\]")
    assert main(["bind", str(path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0] for line in lines] == [
        "%@ size n", "%@ x : vector n", "%@ a := (line 1)"]
    path.with_suffix(".bind").write_text("\n".join(lines))
    assert main(["bind", str(path)]) == 0
    assert capsys.readouterr().out == "every symbol is bound\n"
    assert main(["verify", str(path)]) == 0


@pytest.mark.parametrize(("call", "message"), [
    (["bind", "nothing.tex"], "FILE must be a lecture in LaTeX or Markdown (.tex, .md) that"),
    (["bind", "broken.tex"], "broken.tex:1:1: $$ is not closed"),
    (["verify", "broken.tex"], "broken.tex cannot be loaded: broken.tex:1:1: $$ is not closed"),
    (["verify", "nothing.md"], "LECTURE must be a file that exists, there is no 'nothing.md'"),
    (["verify", "sayed", "--annotate", "out.tex"],
     "--annotate needs one LECTURE in LaTeX or Markdown, got sayed"),
    (["verify", "unsaid.tex", "--annotate", "unsaid.tex"],
     "FILE must be another one than the lecture, got 'unsaid.tex'"),
    (["verify", "unsaid.tex"], "unsaid.tex: no equation could be run; what its symbols are is not "
                               "said: cnnmat bind unsaid.tex"),
])
def test_what_cannot_be_carried_out_is_told(tmp_path, monkeypatch, capsys, call, message):
    monkeypatch.chdir(tmp_path)
    Path("broken.tex").write_text("$$ a=b")
    Path("unsaid.tex").write_text(r"\[a=b\]")
    assert main(call) == 2
    assert message in capsys.readouterr().err


def test_a_misprint_in_full_and_among_the_errata(capsys):
    path = str(Path(__file__).resolve().parents[3] / "examples" / "lectures" / "least_squares.tex")
    assert main(["show", "7", path]) == 0
    shown = capsys.readouterr().out
    assert "the corrected form, compared with what is on its left" in shown
    assert "run from     the line, as shown, for 2 values of its indices\n" in shown
    assert "stated in    " in shown
    assert "least_squares.tex:45:3" in shown
    assert main(["errata", path]) == 0
    assert "running the line as printed against what the text itself defines" in (
        capsys.readouterr().out)
