"""The plan of the house: who may import whom, and what no room may contain."""

import ast
import configparser
import functools
import importlib
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cnnmat

ROOT = Path(cnnmat.__file__).resolve().parents[1]
#: The rooms of the two wings of matrices, in the order in which data passes; each may use those
#: before it, and the whole of the wing before.
TEXTBOOK = ("vec", "windows", "partition", "masks", "activations", "regions", "pooling",
            "correlation", "images", "connections", "subsampling", "normalization", "feedforward",
            "risks", "views", "signals", "jacobians", "network", "checkpoints", "training")
LAYERS = ("plans", "direct", "literal", "lowering", "winograd", "trials", "paths", "norms",
          "pooling", "correlation", "operators")
#: What proves and reports, in its own order.
PROOF = ("duals", "signs", "orders", "symbols", "witness", "exact", "comparing", "claims",
         "entries", "advice", "slips", "strings", "guard", "outcomes", "evidence", "judge",
         "conventions", "known", "falsehoods", "letters", "tricks", "selftest", "lookup",
         "report", "wording", "errata", "neighbours", "graph", "mathml", "html", "site",
         "loading", "completing", "worker", "isolation", "running", "calls", "catalogue",
         "publishing", "command")
#: Proofs for all sizes, in its own order: after `entries`, before `judge`.
SUMS = ("polynomials", "codings", "sizes", "indices", "terms", "naming", "equations", "occurrences",
        "normal",
        "calculus", "values", "printing", "truths", "counters", "lists", "shapes", "arrays",
        "making", "places", "matrices", "library", "meanings", "reading", "twin", "functions",
        "small", "draws", "proof")
#: What writes proofs for all sizes as theorems of Coq, in its own order: after `sums/`.
COQ = ("names", "statements", "sides", "kernel", "steps", "scripts", "theorems", "exporting")
#: What reads the lines of a lecture and runs them, in its own order.
TEX = ("tokens", "tree", "commands", "atoms", "parsing", "writing", "matching", "lines",
       "quantities", "bindings", "values", "vocabulary", "precise", "world", "ranges", "dots",
       "calls", "scripts", "evaluating", "statements", "sides", "running", "slips", "repairs")
#: What reads a lecture in LaTeX or Markdown, in its own order: after `strings`.
DOCUMENTS = ("sources", "lexing", "macros", "markdown", "equations", "scanning", "binding",
             "drawing", "symbols", "readings", "running", "lecturing", "proposing", "marking")
#: What one pixel is walked through, in its own order: before `command`.
WALK = ("case", "relations", "page", "command")
#: Which wings and rooms each may use besides itself.
MAY_USE = {
    "loops": set(), "calling": set(), "typing": set(), "files": set(), "texts": set(),
    "arguments": set(), "folders": {"files"},
    "drawing": {"files", "typing"},
    "textbook": {"arguments", "drawing", "files", "typing"},
    "layers": {"arguments", "drawing", "typing", "textbook"},
    "testing": {"arguments", "calling", "drawing", "files", "texts", "typing", "loops", "textbook",
                "layers"},
    "verify": {"arguments", "drawing", "files", "folders", "texts", "typing", "loops", "textbook",
               "layers", "derivations"},
    "cli": {"arguments", "files", "texts", "testing", "verify"},
    "__main__": {"cli"},
}
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "cnnmat").rglob("*.py"))
DERIVATIONS = sorted((ROOT / "derivations").rglob("*.py"))
TEXT = {".py", ".md", ".cfg", ".toml", ".txt", ".j2", ".html", ".json", ".yml", ".svg", ""}


def source_of(module):
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@functools.cache
def nodes(path):
    """All nodes of a file's syntax tree."""
    return list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


@functools.cache
def imports(path):
    """The names that a file imports, anywhere in it: "a.b" and, for `from a import b`, both."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return names


def imported_modules(path):
    return {name for name in imports(path) if name in MODULES}


def run(*command):
    return subprocess.run([sys.executable, *command], capture_output=True, text=True, cwd=ROOT,
                          check=False)


def test_imports_sees_both_forms_wherever_they_stand(tmp_path):
    path = tmp_path / "a.py"
    path.write_text("import b.c\nfrom cnnmat import vec\ndef f():\n    from . import d\n")
    assert imports(path) == {"b.c", "cnnmat", "cnnmat.vec", ".", "..d"}


def test_loops_import_nothing_but_each_other():
    rooms = [m for m in MODULES if m.startswith("cnnmat.loops")]
    assert len(rooms) > 5
    used = {name for m in rooms for name in imports(source_of(m))}
    assert {name for name in used if not name.startswith("cnnmat.loops")} == set()


def test_the_process_of_functions_under_test_imports_nothing_of_the_judge():
    used = imports(source_of("cnnmat.testing.worker"))
    assert {name for name in used if name.startswith("cnnmat")} == set()
    # by name, when functions are brought: rooms that know of no right answer
    text = source_of("cnnmat.testing.worker").read_text("utf-8")
    assert re.findall(r'import_module\("(.*)"\)', text) == ["cnnmat.calling.loading"]
    assert {name.split(".")[0] for name in used} - set(sys.stdlib_module_names) == {"numpy"}


def test_how_functions_are_called_is_found_with_numpy_alone():
    rooms = [m for m in MODULES if m.startswith("cnnmat.calling")]
    used = {name for m in rooms for name in imports(source_of(m))}
    assert {n.split(".")[0] for n in used} - set(sys.stdlib_module_names) == {"numpy", "cnnmat"}
    assert {n.split(".")[1] for n in used if n.startswith("cnnmat")} == {"calling"}


def test_no_import_is_relative():
    relative = {m for m in MODULES if any(n.startswith(".") for n in imports(source_of(m)))}
    assert relative == set()


def wing(module):
    """The wing, or the room beside the wings, in which a module of cnnmat lies."""
    return module.split(".")[1]


@pytest.mark.parametrize("module", [m for m in MODULES if m != "cnnmat"])
def test_a_wing_uses_only_the_wings_below_it(module):
    names = imports(source_of(module)) - {"cnnmat", "cnnmat.__version__"}
    used = {wing(name) for name in names if name.startswith("cnnmat.")} - {wing(module)}
    assert used <= MAY_USE[wing(module)]


def test_the_plan_names_every_wing():
    assert {wing(m) for m in MODULES if m != "cnnmat"} == MAY_USE.keys()
    for inside, rooms in (("textbook", TEXTBOOK), ("layers", LAYERS), ("verify", PROOF),
                          ("verify/sums", SUMS), ("verify/coq", COQ), ("verify/tex", TEX),
                          ("verify/documents", DOCUMENTS), ("verify/walk", WALK)):
        files = {path.stem for path in (ROOT / "cnnmat" / inside).glob("*.py")} - {"__init__"}
        assert files == set(rooms)


@pytest.mark.parametrize("room", [
    *(f"textbook.{room}" for room in TEXTBOOK), *(f"layers.{room}" for room in LAYERS),
    *(f"verify.{room}" for room in PROOF), *(f"verify.sums.{room}" for room in SUMS),
    *(f"verify.coq.{room}" for room in COQ), *(f"verify.tex.{room}" for room in TEX),
    *(f"verify.documents.{room}" for room in DOCUMENTS),
    *(f"verify.walk.{room}" for room in WALK)])
def test_a_room_uses_only_the_rooms_before_it(room):
    inside, _, name = room.rpartition(".")
    rooms = {"textbook": TEXTBOOK, "layers": LAYERS, "verify": PROOF, "verify.sums": SUMS,
             "verify.coq": COQ, "verify.tex": TEX, "verify.documents": DOCUMENTS,
             "verify.walk": WALK}[inside]
    after = {f"cnnmat.{inside}.{one}" for one in rooms[rooms.index(name):]}
    assert not imported_modules(source_of(f"cnnmat.{room}")) & after


def test_no_module_imports_itself_by_way_of_others():
    files = [m for m in MODULES if source_of(m).name != "__init__.py"]
    uses = {m: imported_modules(source_of(m)) - {m} for m in files}
    while leaves := {m for m, used in uses.items() if not used & uses.keys()}:
        uses = {m: used for m, used in uses.items() if m not in leaves}
    assert uses == {}


def test_the_library_does_not_import_the_lectures_except_to_load_them():
    users = {m for m in MODULES
             if any(n.startswith("cnnmat.derivations") for n in imports(source_of(m)))}
    assert users == {"cnnmat.verify.loading"}


def test_the_lectures_import_the_library():
    assert any("cnnmat" in imports(path) for path in DERIVATIONS)


@pytest.fixture(scope="module")
def loaded():
    """The modules that are there after `import cnnmat`, and when all of it has been used."""
    found = run("-c", "import json, sys, cnnmat; at_once = list(sys.modules); "
                "[getattr(cnnmat, name) for name in cnnmat.__all__]; "
                "print(json.dumps([at_once, list(sys.modules)]))")
    assert found.stderr == ""
    return json.loads(found.stdout)


@pytest.mark.parametrize("heavy", ["sympy", "rich", "torch", "matplotlib", "joblib"])
def test_using_cnnmat_does_not_load(loaded, heavy):
    assert heavy not in loaded[1]


def test_the_wings_of_matrices_are_there_without_being_imported():
    found = run("-c", "import cnnmat; print(cnnmat.textbook.correlation.__name__, "
                "cnnmat.layers.winograd.__name__, hasattr(cnnmat, 'nothing'))")
    assert found.stdout == "cnnmat.textbook.correlation cnnmat.layers.winograd False\n"


def test_importing_cnnmat_loads_nothing_until_it_is_used(loaded):
    at_once, all_of_it = loaded
    assert {"numpy", "scipy"} & {*at_once} == set()
    assert {"numpy", "scipy", "cnnmat.layers.correlation"} < {*all_of_it}


def library():
    return [source_of(m) for m in MODULES] + DERIVATIONS


def test_library_code_asserts_nothing():
    """`assert` vanishes under python -O."""
    found = [f"{path.name}:{node.lineno}" for path in library() for node in nodes(path)
             if isinstance(node, ast.Assert)]
    assert found == []


@pytest.mark.parametrize(("folder", "most"), [("cnnmat", 350), ("derivations", 300)])
def test_a_file_is_one_thing(folder, most):
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
               for path in (ROOT / folder).rglob("*.py")}
    assert {path for path, length in lengths.items() if length > most} == set()


def test_bodies_are_short_in_the_median():
    lengths = sorted(
        body[-1].end_lineno - body[0].lineno + 1 for path in library() for node in nodes(path)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (body := node.body[ast.get_docstring(node) is not None:]))
    assert lengths[len(lengths) // 2] <= 10


def test_nothing_is_left_to_do():
    left = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
    assert [path.name for path in tracked() if left.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("module", [m for m in MODULES if not m.endswith("__main__")])
def test_every_module_and_public_function_has_a_docstring(module):
    loaded = importlib.import_module(module)
    assert loaded.__doc__
    names = getattr(loaded, "__all__", ())
    assert [name for name in names if not hasattr(loaded, name)] == []
    values = {name: getattr(loaded, name) for name in names}
    without = [name for name, value in values.items()
               if (inspect.isclass(value) or inspect.isroutine(value)) and not value.__doc__]
    assert without == []


def test_ruff_is_clean():
    found = run("-m", "ruff", "check", "--no-cache", str(ROOT))
    assert found.returncode == 0, found.stdout


def tracked():
    """The text files of the project."""
    inside = [path for room in ("cnnmat", "derivations", "examples", "tests", ".ci")
              for path in (ROOT / room).rglob("*")]
    return [path for path in [*ROOT.iterdir(), *inside]
            if path.is_file() and path.suffix in TEXT and "__pycache__" not in path.parts
            and not path.name.startswith((".coverage", ".git"))]


def test_no_file_names_a_place_on_somebodys_machine():
    place = re.compile(r"(?<![\w.:/])/(?:work|home|root|Users|mnt)/\w")
    found = [f"{path.relative_to(ROOT)}:{number}" for path in tracked()
             for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
             if place.search(line)]
    assert found == []


def test_all_of_cnnmat_is_reachable_under_its_own_name():
    assert [name for name in cnnmat.__all__ if not hasattr(cnnmat, name)] == []
    assert sorted(cnnmat.__all__, key=lambda n: (not n.isupper(), n[0].islower(), n)) == (
        cnnmat.__all__)


def test_every_package_is_named_for_the_installer():
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    named = set(config["options"]["packages"].split())
    folders = {".".join(path.parent.relative_to(ROOT).parts)
               for path in (ROOT / "cnnmat").rglob("__init__.py")}
    folders |= {".".join(("cnnmat", *path.parent.relative_to(ROOT).parts))
                for path in (ROOT / "derivations").rglob("__init__.py")}
    assert named == folders


def marked(path):
    """(name, whether all of it is for every_*.py to run) of each test function of a file."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            marks = any("mark.every" in ast.unparse(one) for one in node.decorator_list)
            yield node.name, marks or any(one.arg == "quick" for one in node.args.args)


def test_what_the_default_run_tries_a_sample_of_is_run_in_full():
    """By a file every_*.py, which imports it, and which .ci/run names."""
    every = sorted((ROOT / "tests").rglob("every_*.py"))
    imported = {(node.module, one.name) for path in every
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.ImportFrom) for one in node.names}
    sampled = {(".".join(path.relative_to(ROOT).with_suffix("").parts), name)
               for path in (ROOT / "tests").rglob("test_*.py")
               for name, whole in marked(path) if whole}
    assert len(sampled) > 20
    assert sampled - imported == set()
    run = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert [path.name for path in every if str(path.relative_to(ROOT)) not in run] == []
