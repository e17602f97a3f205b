"""Equations found in files: their formulas, numbers, labels, and where they stand."""

import time
from pathlib import Path

import pytest

from cnnmat.verify.documents.binding import named, trees
from cnnmat.verify.documents.scanning import scan
from cnnmat.verify.documents.sources import DocumentError

HERE = Path(__file__).parent


def scanned(tmp_path, text, name="lecture.tex"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return scan(str(path))


def formulas(document):
    return {name: " ".join(one.formula.split()) for name, one in named(document).items()}


@pytest.mark.parametrize(("text", "expected"), [
    (r"\begin{equation}a=b\end{equation}", {"1": "a=b"}),
    (r"\begin{equation*}a=b.\end{equation*}", {"line 1": "a=b"}),
    (r"\[ a=b, \] $$c=d$$", {"line 1": "a=b", "line 1'": "c=d"}),
    (r"\[ a=b \tag{7.2a}\]", {"7.2a": "a=b"}),
    (r"\begin{align}a&=b\\c&=d\end{align}", {"1": "a =b", "2": "c =d"}),
    (r"\begin{align}a&=b\nonumber\\&=c\\&=d\end{align}", {"1": "a =b =c", "2": "=d"}),
    (r"\begin{align*}a&=b,\\&=c\end{align*}", {"line 1": "a =b =c"}),
    (r"\begin{align}a&=b+\notag\\&\quad c\end{align}", {"1": "a =b+ c"}),
    (r"\begin{align}a&=b\notag\\&\quad+c\end{align}", {"1": "a =b +c"}),
    (r"\begin{gather}a=b\\c=d\notag\end{gather}", {"1": "a=b", "line 1": "c=d"}),
    (r"\begin{multline}a=b\\+c\end{multline}", {"1": "a=b +c"}),
    (r"\begin{equation}\begin{split}a&=b+\\&c\\&=d\end{split}\end{equation}",
     {"1": "a =b+ c =d"}),
    (r"\begin{equation}\begin{aligned}a&=b\\c&=d\end{aligned}\end{equation}",
     {"1": r"a =b\\c =d"}),
    (r"\[x=\begin{cases}1&\text{if }a>0,\\0&\text{otherwise}\end{cases}\]",
     {"line 1": r"x=\begin{cases}1&a>0,\\0&\text{otherwise}\end{cases}"}),
    (r"\begin{equation}A=\begin{bmatrix}a&b\\c&d\end{bmatrix}\end{equation}",
     {"1": r"A=\begin{bmatrix}a&b\\c&d\end{bmatrix}"}),
    (r"\[a=\text{ReLU}(b)\text{ for all }b\]", {"line 1": r"a=\mathrm{ReLU}(b)\quad b"}),
    (r"\setcounter{equation}{46}\begin{equation}a=b\end{equation}", {"47": "a=b"}),
    (r"\numberwithin{equation}{section}\section{A}\section{B}\begin{equation}a=b\end{equation}",
     {"2.1": "a=b"}),
    (r"\begin{subequations}\begin{align}a&=b\\c&=d\end{align}\end{subequations}"
     r"\begin{equation}e=f\end{equation}", {"1a": "a =b", "1b": "c =d", "2": "e=f"}),
    ("\\begin{equation}a=b % = c\n+d\\end{equation}", {"1": "a=b +d"}),
    ("\\begin{equation}\na=b\n\n\\end{equation} % $$", {"1": "a=b"}),
    (r"\verb|$$| \begin{verbatim}$$ a=b $$\end{verbatim} \iffalse $$a=b$$ \fi $$c=d$$",
     {"line 1": "c=d"}),
    (r"$$x=y$$\begin{document}\[a=b\]\end{document}\[c=d\]", {"line 1": "a=b"}),
    (r"\begin{alignat}{2}a&=b&\quad c&=d\end{alignat}", {"1": r"a =b \quad c =d"}),
    (r"\begin{equation}\label{e}\tag*{(A)}a\hspace{1cm}=b\end{equation}", {"A": "a=b"}),
    ("a dollar: \\$5, and $ one\n\nmore. $$a=b$$", {"line 3": "a=b"}),
])
def test_equations_are_found_with_their_numbers(tmp_path, text, expected):
    assert formulas(scanned(tmp_path, text)) == expected


@pytest.mark.parametrize(("text", "expected"), [
    (r"\newcommand{\T}{^{\mathsf T}}\[a\T b=c\]", r"a^{\mathsf T} b=c"),
    (r"\newcommand{\n}[1]{\|#1\|}\[\n{\n x}=c\]", r"\|\|x\|\|=c"),
    (r"\newcommand{\n}[2][w]{#1_{#2}}\[\n{1}=\n[v]{2}\]", "w_{1}=v_{2}"),
    (r"\def\n#1#2{#2#1}\[\n ab=c\]", "ba=c"),
    (r"\DeclareMathOperator*{\am}{argmax}\[\am x=c\]", r"\operatorname{argmax} x=c"),
    (r"\def\be{\begin{equation}}\def\ee{\end{equation}}\be a=b\ee", "a=b"),
    (r"\newcommand{\a}{\beta}\let\c\a\renewcommand\a{x}\[\c x=\a\]", r"\beta x=x"),
    (r"\newcommand\R{\mathbb R}\[x\in\R\]", r"x\in\mathbb R"),
])
def test_abbreviations_are_spelled_out(tmp_path, text, expected):
    found, = formulas(scanned(tmp_path, text)).values()
    assert found == expected


def test_every_part_of_a_formula_knows_where_it_stands(tmp_path):
    text = "\\newcommand{\\h}[1]{\\hat{#1}}\nA\n\\begin{align}\n  a &= \\h{b} + c\n\\end{align}"
    document = scanned(tmp_path, text)
    tree = trees(document, named(document))[0]["1"]
    left, right = tree.members
    places = [document.sources.place(node.column) for node in (left, *right.terms)]
    # what an abbreviation stands for is where it stands
    assert [(place.line, place.column) for place in places] == [(4, 3), (4, 8), (4, 16)]
    assert places[2].excerpt() == ["  a &= \\h{b} + c", " " * 15 + "^"]


def test_a_row_that_goes_on_knows_the_one_it_goes_on_from(tmp_path):
    first, second, third = scanned(
        tmp_path, r"\begin{align}a&=b\\&=c\\d&=e\end{align}").equations
    assert (second.after, third.after) == (first, None)


def test_a_hand_written_lecture_with_parts():
    document = scan(str(HERE / "handwritten" / "lecture.tex"))
    assert document.title == "Ridge regression, by hand"
    assert [*named(document)] == [
        "1.1", "1.2", "line 36", "2.1", "parts/solution.tex line 8", "3.1", "*", "3.2", "3.3a",
        "3.3b"]
    assert named(document)["1.1"].label == "eq:cost"
    assert not any("nor" in one.formula for one in document.equations)


def test_markdown(tmp_path):
    document = scanned(tmp_path, r"""# A heading
Costs $5 and `$$`, as $x$ in $\mathbb{R}$.
<!-- @ x : number
y : number -->
<!-- no binding -->

```math
a = b \tag{9}
```
```
$$ code = c $$
```
```cnnmat
size n
```
$$
\begin{aligned} z &= x \\ &= y \end{aligned} \tag{1}
$$
~~~
$$ code = d $$
~~~
""", "lecture.md")
    assert document.title == "A heading"
    assert formulas(document) == {"9": "a = b", "1": "z = x = y"}
    assert [text.strip() for text, _ in document.notices if text.strip()] == [
        "x : number", "y : number", "size n"]
    assert [one.formula for one in document.inline] == ["x", r"\mathbb{R}"]


# --- what is refused -------------------------------------------------------------

@pytest.mark.parametrize(("text", "message"), [
    (r"\input{/etc/passwd}", "'/etc/passwd' is outside the lecture's folder, and not read"),
    (r"\input{../secret}", "'../secret' is outside the lecture's folder"),
    (r"\newcommand{\x}{/etc}\input{\x/passwd}", "is no file beside the lecture"),
    (r"\input{missing}", "'missing' is no file beside the lecture"),
    (r"\include{lecture}", "the lecture has more than 100 files, or includes itself"),
    (r"\immediate\write18{touch pwned}", r"\\write is not carried out here"),
    (r"\newcommand{\w}{\write}\w18{touch pwned}", r"\\write is not carried out here"),
    (r"\openout5=pwned", r"\\openout is not carried out here"),
    (r"\directlua{os.execute('touch pwned')}", r"\\directlua is not carried out here"),
    (r"\newcommand{\x}{\x\x}\[\x\]", r"\\x is defined by itself, or stands for too much"),
    (r"\def\x{\y}\def\y{\x}\x", "defined by itself"),
    (r"\newcommand{\x}[1]{\x{#1#1}}\x{a}", "defined by itself"),
    (r"\begin{equation}a=b", r"\\begin is not closed: equation is missing"),
    (r"\[a=b", r"\\\[ is not closed: \\\] is missing"), ("$$a=b", r"\$\$ is not closed"),
    (r"\newcommand{\x}{a", "this { is not closed"), (r"\newcommand{\x}[y]{a}", "'y' is no number"),
    (r"\begin{verbatim}", r"\\end{verbatim} is missing"),
    (r"\newcommand", "must have an argument"), (r"\def\x(#1){a}", "must have plain arguments"),
])
def test_what_is_refused_is_told_with_its_place_and_has_no_effect(tmp_path, text, message):
    (tmp_path.parent / "secret.tex").write_text(r"\[a=b\]")
    with pytest.raises(DocumentError, match=message) as caught:
        scanned(tmp_path, f"first\n{text}")
    assert "lecture.tex:2:" in str(caught.value) or "lecture.tex:1:" in str(caught.value)
    assert str(caught.value).split("\n")[-1].strip() == "^"
    assert {path.name for path in tmp_path.iterdir()} == {"lecture.tex"}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    outside = tmp_path / "outside.tex"
    outside.write_text(r"\[a=b\]")
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "link.tex").symlink_to(outside)
    with pytest.raises(DocumentError, match="outside the lecture's folder"):
        scanned(folder, r"\input{link}")


def test_what_is_no_utf_8_and_what_is_too_long_is_told(tmp_path):
    path = tmp_path / "lecture.tex"
    path.write_bytes(b"\xff")
    with pytest.raises(DocumentError, match="must be UTF-8, got invalid start byte at byte 0"):
        scan(str(path))
    path.write_bytes(b" " * (10**7 + 1))
    with pytest.raises(DocumentError, match="must have at most 10000000 bytes"):
        scan(str(path))


def laughs(levels):
    lines = [rf"\newcommand{{\{chr(98 + k)}}}{{\{chr(97 + k)}\{chr(97 + k)}\{chr(97 + k)}}}"
             for k in range(levels)]
    return "\n".join([r"\newcommand{\a}{ha}", *lines, rf"\[\{chr(97 + levels)}\]"])


def test_a_billion_laughs_end_soon(tmp_path):
    start = time.process_time()
    with pytest.raises(DocumentError, match="stands for too much"):
        scanned(tmp_path, laughs(20))
    assert time.process_time() - start < 5


@pytest.mark.parametrize(("begin", "inside", "end"), [
    ("", "{", ""), ("", "}", ""), (r"\[", "{", r"\]"), (r"\newcommand{\x}", "{", ""),
    ("", "$ x\n\n", ""), ("", r"\verb!", ""), ("", "%@ \n", ""), ("", r"\(a\) ", ""),
    (r"\begin{align}", r"a&=b\\", r"\end{align}"), (r"\begin{align}", r"&=b\\", r"\end{align}"),
    ("$$", r"\begin{aligned}", "$$"), ("", r"\begin{equation}a=b\end{equation}", ""),
    (r"\newcommand{\x}{a}$$", r"\x", "$$"), (r"\newcommand{\x}[1]{#1}$$", r"\x{", "$$"),
])
def test_time_is_linear_in_the_file(tmp_path, begin, inside, end):
    """Of sixteen times as much, no more than forty times the time: a square would be 256."""
    def seconds(length):
        path = tmp_path / f"{length}.tex"
        path.write_text(begin + inside * (length // len(inside)) + end)
        start = time.process_time()
        try:
            document = scan(str(path))
            trees(document, named(document))
        except DocumentError:
            # what is hostile may be refused, but soon
            pass
        return time.process_time() - start

    short = min(seconds(3_000) for _ in range(3))
    # on a machine that others use as well the best of three says what it takes
    assert min(seconds(48_000) for _ in range(3)) < 40 * max(short, 0.02)


def test_a_hundred_thousand_nested_braces(tmp_path):
    start = time.process_time()
    document = scanned(tmp_path, r"\[" + "{" * 10**5 + "}" * 10**5 + r"\]")
    found, refused = trees(document, named(document))
    assert found == {}
    assert [why for _, why in refused.values()] == [
        "an equation of more than 20000 characters"]
    assert time.process_time() - start < 3
