"""The command ``cnnmat``."""

import argparse
import difflib
import importlib
import importlib.util
import os
import re
import sys
from importlib import resources
from pathlib import Path

__all__ = ["main"]


class Usage(Exception):
    """A call that cannot be carried out; its text goes to the user, the exit status is 2."""


def load(source):
    """The lecture that `source`, a slug of `cnnmat.derivations` or a file's path, names."""
    from cnnmat import derivations
    from cnnmat.claims import Lecture

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
    from cnnmat import derivations

    elsewhere = [slug for slug in derivations.LECTURES if wanted in load(slug).claims]
    near = elsewhere or difflib.get_close_matches(wanted, known, n=6, cutoff=0.75)
    if not near:
        return ""
    return f"; {', '.join(near)} {'has it' if elsewhere else 'are near it'}"


def run_one(source, id):
    """Run one claim of the lecture that `source` names: what a worker process does."""
    from cnnmat.claims import run

    return strip(run(load(source).claims[id]))


def strip(result):
    """`result` without the function of its claim, which does not travel between processes."""
    from dataclasses import replace

    return replace(result, claim=replace(result.claim, function=None, cases=()))


def run_all(sources, lectures, claims, jobs=1, dask=None):
    """Results in the order of the claims, as they come: here, in processes, or on a cluster."""
    from cnnmat.claims import run

    if jobs == 1 and not dask:
        yield from map(run, claims)
        return
    import joblib

    source_of = {one.slug: source for source, one in zip(sources, lectures, strict=True)}
    calls = (joblib.delayed(run_one)(source_of[c.lecture], c.id) for c in claims)
    where = {"backend": "dask", "scheduler_host": dask} if dask else {"n_jobs": jobs}
    try:
        with joblib.parallel_config(**where):
            yield from joblib.Parallel(return_as="generator", batch_size="auto")(calls)
    except ImportError as error:
        raise Usage(f"--dask needs distributed: pip install 'cnnmat[dask]' ({error})") from error


def chosen(names):
    """The sources and the lectures that a call names; all that ship when it names none."""
    from cnnmat import derivations

    sources = names or list(derivations.LECTURES)
    lectures = [load(source) for source in sources]
    slugs = [one.slug for one in lectures]
    if len(set(slugs)) < len(slugs):
        raise Usage("LECTURE must not be given twice, got the slugs "
                    + ", ".join(f"{slug!r} ({source})"
                                for slug, source in zip(slugs, sources, strict=True)))
    return sources, lectures


def verify(args):
    """``cnnmat verify``."""
    from cnnmat import report

    for path in filter(None, (args.json, args.junit, args.html)):
        if not Path(path).parent.is_dir() or Path(path).is_dir():
            raise Usage(f"FILE must be a file in a folder that exists, got {path!r}")
    if args.html:
        html()
    sources, lectures = chosen(args.lecture)
    titles = {one.slug: one.title for one in lectures}
    claims = select(lectures, args.claim, args.real_sizes)
    results = []
    with report.Terminal(len(claims), args.quiet) as terminal:
        for result in run_all(sources, lectures, claims, args.jobs, args.dask):
            results.append(result)
            terminal.row(result, titles[result.claim.lecture])
    terminal.close(results)
    if args.json:
        report.write_json(args.json, lectures, results)
    if args.junit:
        report.write_junit(args.junit, lectures, results)
    if args.html:
        html().write_html(args.html, lectures, results)
    return 0 if all(r.as_expected for r in results) else 1


def html():
    """The module that writes HTML, if what it needs is installed."""
    try:
        import jinja2  # noqa: F401
        import latex2mathml  # noqa: F401
    except ImportError as error:
        raise Usage(f"--html needs {error.name}: pip install 'cnnmat[report]'") from error
    from cnnmat import html

    return html


def errata(args):
    """``cnnmat errata``."""
    from cnnmat import report

    sources, lectures = chosen(args.lecture)
    results = list(run_all(sources, lectures, select(lectures, None), args.jobs))
    print(report.errata(lectures, results))
    return 0 if all(r.as_expected for r in results) else 1


def new(args):
    """``cnnmat new``."""
    path = Path(args.file)
    if path.suffix != ".py":
        raise Usage(f"FILE must end in .py, got {args.file!r}")
    slug = re.sub(r"[^a-z0-9_-]", "-", path.stem.lower())
    text = resources.files("cnnmat").joinpath("lecture.py.txt").read_text(encoding="utf-8")
    # "x" so that a file of the user's is never overwritten
    with path.open("x", encoding="utf-8") as file:
        file.write(text.replace("SLUG", slug))
    print(f"{path} written; try: cnnmat verify {path}")
    return 0


def show(args):
    """``cnnmat show``."""
    from cnnmat import report
    from cnnmat.claims import run

    _, lectures = chosen(args.lecture)
    results = [run(claim) for claim in select(lectures, [args.id])]
    print("\n\n".join(report.describe(r) for r in results))
    return 0 if all(r.as_expected for r in results) else 1


def _jobs(text):
    jobs = int(text) if text.removeprefix("-").isdigit() else 0
    if jobs == 0 or jobs < -1:
        raise argparse.ArgumentTypeError(f"must be a positive integer, or -1 for all cores, "
                                         f"got {text}")
    return jobs


def parser():
    """The parser of the command line."""
    from cnnmat import __version__, checking

    top = argparse.ArgumentParser(
        prog="cnnmat", description="Is this line of the lecture right?")
    top.add_argument("--version", action="version", version=f"cnnmat {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    one = commands.add_parser("verify", help="a verdict on each claim of the lectures")
    one.set_defaults(run=verify)
    one.add_argument("lecture", nargs="*", metavar="LECTURE",
                     help="a lecture that ships (all by default), or the path of your own")
    one.add_argument("--claim", action="append", metavar="ID", help="only this claim; repeatable")
    one.add_argument("--json", metavar="FILE", help="write the report as JSON")
    one.add_argument("--junit", metavar="FILE", help="write the report as JUnit XML")
    one.add_argument("--html", metavar="FILE", help="write the report as one HTML page")
    one.add_argument("--jobs", type=_jobs, default=1, metavar="N",
                     help="processes to run claims in (-1: all cores)")
    one.add_argument("--dask", metavar="ADDRESS", help="run claims on the Dask cluster there")
    one.add_argument("--real-sizes", action="store_true",
                     help="the claims at the sizes of real layers, instead of the small ones")
    one.add_argument("--quiet", action="store_true", help="print the summary only")

    one = commands.add_parser("show", help="one claim in full, with its matrices")
    one.set_defaults(run=show)
    one.add_argument("id", metavar="ID", help="the number of the claim, such as 47.1257")
    one.add_argument("lecture", nargs="*", metavar="LECTURE")

    checking.add_parser(commands)

    one = commands.add_parser("errata", help="the misprints as a Markdown list")
    one.set_defaults(run=errata)
    one.add_argument("lecture", nargs="*", metavar="LECTURE")
    one.add_argument("--jobs", type=_jobs, default=1, metavar="N")

    one = commands.add_parser("new", help="write a lecture of your own to start from")
    one.set_defaults(run=new)
    one.add_argument("file", metavar="FILE", help="a path that ends in .py and does not exist yet")
    return top


def main(argv=None):
    """Run the command; return the exit status: 0 as expected, 1 not so, 2 wrong usage."""
    args = parser().parse_args(argv)
    try:
        return args.run(args)
    except BrokenPipeError:
        # whoever read our output has had enough; Python would complain once more at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except FileExistsError as error:
        print(f"cnnmat {args.command}: FILE must not exist yet, got {error.filename!r}",
              file=sys.stderr)
        return 2
    except (Usage, OSError) as error:
        print(f"cnnmat {args.command}: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
