"""What a run found out, for people and for programs: terminal, JSON, JUnit XML."""

from collections import Counter
from xml.etree import ElementTree

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.text import Text

import cnnmat
from cnnmat import files, texts
from cnnmat.drawing import text_rows
from cnnmat.texts import one_line, printable
from cnnmat.verify.lookup import differing, readable

__all__ = ["Terminal", "describe", "summary", "summary_line", "to_json", "write_json",
           "write_junit"]

#: What each verdict means, for a reader.
VERDICT_WORDS = {
    "holds": "hold", "misprint": "are misprinted", "ambiguous": "can be read two ways",
    "scan": "were slips of the scanner", "read": "are read, not run",
    "defines": "define a symbol", "not run": "were not run", "fails": "fail",
    "error": "could not be run",
}
#: Whose a formula is, as what stands before it.
HEADINGS = {"quote": "as printed", "consequence": "it follows", "words": "in words",
            "own": "our own", "read": "remark"}
_STYLES = {"holds": "green", "misprint": "yellow", "ambiguous": "cyan", "scan": "magenta",
           "read": "dim", "defines": "blue", "not run": "dim"}


def summary(results):
    """Counts of claims, verdicts, rejected controls and unexpected outcomes."""
    verdicts = Counter(r.verdict for r in results)
    return {
        "claims": len(results) - verdicts["read"],
        **{v: verdicts[v] for v in (*_STYLES, "fails", "error")},
        "controls_rejected": sum(bool(r.controls) and all(r.controls.values()) for r in results),
        "without_control": sum(bool(r.claim.no_control) for r in results),
        "run_from_string": sum(bool(r.strings) for r in results),
        "unexpected": sum(not r.as_expected for r in results),
        "seconds": round(sum(r.seconds for r in results), 2),
    }


def summary_line(results):
    """The last line of a run."""
    s = summary(results)
    parts = [f"{s[v]} {v}" for v in (*_STYLES, "fails", "error") if s[v] and v != "read"]
    control = f"{plural(s['controls_rejected'], 'control')} rejected"
    if s["without_control"]:
        control += f", {s['without_control']} definitions without one"
    if s["run_from_string"]:
        control += f"; {s['run_from_string']} run from their formula"
    if s["read"]:
        control += f"; {plural(s['read'], 'remark')} read"
    outcome = "all as expected" if not s["unexpected"] else f"{s['unexpected']} NOT AS EXPECTED"
    return f"{plural(s['claims'], 'claim')}: {', '.join(parts) or 'none'}; {control}; {outcome}"


def to_json(lectures, results):
    """The report as a dictionary of plain types."""
    return {
        "version": cnnmat.__version__,
        "lectures": [
            {"slug": one.slug, "title": one.title,
             "claims": [r.to_json() for r in results if r.claim.lecture == one.slug]}
            for one in lectures
        ],
        "summary": summary(results),
    }


def write_json(path, lectures, results):
    """Write the report as JSON."""
    text = texts.to_json(to_json(lectures, results), ensure_ascii=False, indent=1)
    with files.replacing(path) as file:
        file.write(f"{text}\n".encode())


def write_junit(path, lectures, results):
    """Write the report as JUnit XML: a suite a lecture, a case a claim."""
    root = ElementTree.Element("testsuites", name="cnnmat")
    for lecture in lectures:
        mine = [r for r in results if r.claim.lecture == lecture.slug]
        suite = ElementTree.SubElement(
            root, "testsuite", name=lecture.slug, tests=str(len(mine)),
            failures=str(sum(not r.as_expected and r.verdict != "error" for r in mine)),
            errors=str(sum(r.verdict == "error" for r in mine)))
        for r in mine:
            case = ElementTree.SubElement(
                suite, "testcase", classname=lecture.slug, time=f"{r.seconds:.4f}",
                # XML has no way to write most control characters
                name=printable(f"{r.claim.id} {r.claim.title}"))
            if r.verdict == "read":
                ElementTree.SubElement(case, "skipped", message="read, not run")
            elif not r.as_expected:
                tag = "error" if r.verdict == "error" else "failure"
                ElementTree.SubElement(case, tag, message=printable(r.message))
    ElementTree.indent(root)
    with files.replacing(path) as file:
        ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


class Terminal:
    """The table of a run, row by row, with a progress bar below it on a terminal.

    Parameters
    ----------
    total : int
        Number of claims to come.
    quiet : bool
        Print the summary, and what did not come out as expected, only.
    """

    def __init__(self, total, quiet=False, console=None):
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.quiet = quiet
        self._lecture = None
        self._progress = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(),
            console=self.console, transient=True, disable=not self.console.is_terminal)
        self._task = self._progress.add_task("verifying", total=total)

    def __enter__(self):
        self._progress.start()
        return self

    def __exit__(self, *_):
        self._progress.stop()

    def row(self, result, title):
        """Print one result; `title` is the lecture's, printed once as a heading."""
        self._progress.advance(self._task)
        if self.quiet and result.as_expected:
            return
        claim = result.claim
        if claim.lecture != self._lecture:
            self._lecture = claim.lecture
            self._progress.console.print(
                Text(f"\n{claim.lecture}: {one_line(title)}", style="bold"))
        good = result.as_expected
        first, *below = detail(result)
        mark = "" if good else f"  <- {one_line(first)}"
        self._progress.console.print(Text.assemble(
            f"{one_line(claim.id):<20} {claim.kind:<10} ",
            (f"{result.verdict:<9}", _STYLES.get(result.verdict, "bold red") if good
             else "bold red"),
            f" {one_line(claim.title)}", (note(result), "dim"), (mark, "bold red")))
        for line in below:
            self._progress.console.print(Text(f"{'':<20} {printable(line)}"))

    def close(self, results):
        """Print the summary line, and what became of generated slips."""
        self.console.print(Text(f"\n{summary_line(results)}", style="bold"))
        if any(r.slips for r in results):
            self.console.print(Text(slips_line(results)))


def detail(result):
    """What there is to say of a result that is not as expected: a line, and lines below the row.

    Of a lecture that is not code it says all: its reader has nowhere else to look.
    """
    if result.as_expected or not result.claim.generated:
        return [result.message]
    lines = result.message.split("\n")
    found = result.counterexample
    if found and result.verdict in ("fails", "ambiguous"):
        lines += [f"{setting(found['shapes'])}{found['text']}", *found.get("excerpt", ())]
    lines += [f"reading {name}: {'holds' if holds else 'fails'}"
              for name, holds in result.readings.items()]
    return [*lines, *result.nearest]


def note(result):
    """What a row of a lecture that is not code says behind the title, in brackets."""
    claim = result.claim
    if not claim.generated:
        return ""
    parts = [(claim.reason or result.message.split("\n")[0]) if result.verdict == "not run"
             else claim.covers]
    if result.slips and result.verdict in ("holds", "misprint"):
        apart, missed = (len(result.slips[k]) for k in ("apart", "missed"))
        parts.append(f"{apart} of {plural(apart + missed, 'slip')} told apart")
    said = "; ".join(filter(None, parts))
    return f"  [{one_line(said)}]" if said else ""


def slips_line(results):
    """How many generated slips were told apart, and the claims that tell none apart."""
    results = [r for r in results if r.slips is not None]
    slips = [r.slips or {"apart": [], "missed": []} for r in results]
    apart, missed = (sum(len(s[k]) for s in slips) for k in ("apart", "missed"))
    without = sum(not (s["apart"] or s["missed"]) for s in slips)
    none = [f"{r.claim.lecture} {r.claim.id}" for r, s in zip(results, slips, strict=True)
            if s["missed"] and not s["apart"]]
    return (f"slips generated: {apart} of {apart + missed} told apart; none could be generated for "
            f"{plural(without, 'claim')}; none told apart by {len(none)}: {', '.join(none) or '-'}")


def describe(result, tex=False, full=False):
    """The lines of ``cnnmat show``: one claim, formulas in Unicode or as `tex`.

    Of what was compared alike it has the smallest case, and all of them if `full`.
    """
    claim, written = result.claim, (lambda formula: formula) if tex else readable
    lines = [f"{claim.lecture} {claim.id}   {claim.kind}", claim.title, "",
             f"{heading(result):<12} {written(claim.formula)}"]
    if claim.rewritten:
        lines.append(f"run as       {written(claim.rewritten)}")
    if claim.corrected_formula:
        lines.append(f"corrected    {written(claim.corrected_formula)}")
        marks = "" if tex else differing(written(claim.statement), written(claim.corrected_formula))
        lines += [f"             {marks}"] if marks else []
    lines += [f"verdict      {result.verdict}"
              + (f", if {conditions(claim)}" if claim.assumes and result.verdict == "holds" else "")
              + ("" if result.as_expected else f"  (expected {claim.expect})")]
    if claim.reason:
        lines.append(f"because      {claim.reason}")
    lines += [f"reading      {'true ' if holds else 'false'}  {name}{cited(claim, name)}"
              for name, holds in result.readings.items()]
    if result.counterexample:
        lines.append(f"counterexample   {setting(result.counterexample['shapes'])}"
                     f"{result.counterexample['text']}")
    lines += [f"nearest      {one}" for one in result.nearest]
    if result.message:
        lines.append(f"message      {result.message}")
    lines += [f"run from     {run_from(result)}", f"stated in    {claim.source}"]
    what = "the corrected form, " if result.verdict in ("misprint", "scan") else ""
    with_what = "what is on its left" if claim.generated else "the plain loops"
    lines += ["", f"{what}compared with {with_what}"]
    for e, more in compared(result.evidence, full):
        lines.append(f"  {e['method']}: {setting(e['shapes'])}{e['covers']}{more}")
        if e.get("form"):
            lines.append(f"    both are {e['form'] if full else shortened(e['form'])}")
    lines += [f"  control {'rejected' if rejected else 'NOT REJECTED'}: {wrong}"
              for wrong, rejected in result.controls.items()]
    if claim.no_control:
        lines.append(f"  no control: {claim.no_control}")
    if result.slips and (result.slips["apart"] or result.slips["missed"]):
        apart, missed = result.slips["apart"], result.slips["missed"]
        lines.append(f"  slips generated: {len(apart)} of {len(apart) + len(missed)} told apart"
                     + "".join(f"; not {one}" for one in missed))
    for name, matrix in result.show.items():
        lines += ["", f"{name} ="] + [f"  {row}" for row in text_rows(matrix)]
    return "\n".join(lines)


def compared(evidence, full=False):
    """(case, what there is to say of others) of what was compared, the smallest of each method.

    Examples
    --------
    >>> cases = [{"method": "by hand", "covers": "", "shapes": {"M": size}} for size in ("30", "4")]
    >>> compared(cases)
    [({'method': 'by hand', 'covers': '', 'shapes': {'M': '4'}}, '; and 1 more, with --full')]
    """
    if full:
        return [(one, "") for one in evidence]
    alike = {}
    for one in evidence:
        alike.setdefault(one["method"], []).append(one)
    return [(min(cases, key=lambda one: len(setting(one["shapes"]) or one["covers"])),
             f"; and {len(cases) - 1} more, with --full" * (len(cases) > 1))
            for cases in alike.values()]


def shortened(text, most=160):
    """A text cut short, with dots where it goes on."""
    return text if len(text) <= most else f"{text[:most - 4]} ..."


def run_from(result):
    """What was run: the line, what follows from it, or words; as it is shown, or as code."""
    what = {"quote": "the line", "consequence": "a consequence of the line",
            "words": "what the words say", "own": "a statement of ours"}[result.claim.source_kind]
    if not result.strings:
        return f"{what}, by code"
    count = max(one["count"] for one in result.strings.values())
    beside = "" if result.claim.generated else ", and by code"
    return f"{what}, as shown, for {plural(count, 'value')} of its indices{beside}"


def heading(result):
    """What to call the formula."""
    return HEADINGS[result.claim.source_kind]


def conditions(claim):
    """What has to be so for a line that holds to hold."""
    return " and ".join(f"{name} {value}" for name, value in claim.assumes.items())


def cited(claim, reading):
    """What suggests a reading, in brackets."""
    return f" ({claim.cites[reading]})" if reading in claim.cites else ""


def setting(shapes):
    """The sizes of a case as text, long ones cut short, with a semicolon behind."""
    parts = (f"{k} = {v if len(v) <= 60 else v[:57] + '...'}" for k, v in shapes.items())
    return ", ".join(parts) + ("; " if shapes else "")


def plural(count, noun):
    """`count` with its noun."""
    return f"{count} {noun}{'s' * (count != 1)}"
