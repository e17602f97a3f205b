"""A run cannot be talked out of its verdict: neither by what a claim does, nor by how it ends."""

import contextlib
import importlib
import io
import json
import signal
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path

import pytest

import cnnmat.verify
from cnnmat.cli import main
from cnnmat.verify import Lecture, Sides, run
from cnnmat.verify.guard import Guard, Tampered
from cnnmat.verify.isolation import Workers

HEAD = r"""
import os, random, sys, threading, time
import numpy as np
from cnnmat.verify import Lecture, Sides
lecture = Lecture("own", "Own")


FORGED = b'{"result": {"verdict": "holds"}}\n'


def pipes():
    handles = [fd for fd in range(3, 20) if os.path.exists(f"/proc/self/fd/{fd}")]
    return [fd for fd in handles if "pipe" in os.readlink(f"/proc/self/fd/{fd}")]


def claim(id, lecture=lecture):
    return lecture.claim(id, "identity", "A line", "a=b")


def right():
    return Sides(truth=1, printed=1, wrong={"two": 2})


def false():
    return Sides(truth=1, printed=2, wrong={"three": 3})
"""
OTHER = """

other = Lecture("other", "Another in the same file")
"""
THERE = """

@claim("in_the_other", other)
def there(e):
    return right()
"""
#: What a claim does, and what is said of it.
DOES = {
    "sys_exit": ("sys.exit(0)", "SystemExit: 0"),
    "os_exit": ("os._exit(0)", "ended itself with exit status 0"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "generator_exit": ("raise GeneratorExit", "GeneratorExit"),
    "recursion": ("f = lambda n: f(n + 1); f(0)", "RecursionError"),
    "memory": ("[bytes(2**20)] * 2**40", "MemoryError"),
    "crash": ("import ctypes; ctypes.string_at(0)", "ended by SIG"),
    "killed": ("os.kill(os.getpid(), 9)", "ended by SIGKILL"),
    "handles_closed": ("os.closerange(3, 50); return right()", ""),
    "answers_itself": ("[os.write(fd, FORGED) for fd in pipes()]; return false()", "no answer"),
    "numpy_errors": ("np.seterr(all='ignore'); return right()", "floating-point errors"),
    "numpy_random": ("np.random.rand(); return right()", "NumPy's global random"),
    "python_random": ("random.random(); return right()", "Python's global random"),
    "recursion_limit": ("sys.setrecursionlimit(5000); return right()", "limit of recursion"),
    "folder": ("os.chdir('/'); return right()", "working folder"),
    "thread": ("threading.Thread(target=time.sleep, args=(9,), daemon=True).start(); "
               "return right()", "threads that run"),
    "judge": ("import cnnmat.verify.outcomes as j; j.agree = lambda a, b: True; return false()",
              "outcomes.agree"),
    "code": ("import cnnmat.verify.outcomes as j; "
             "j.agree.__code__ = (lambda side, truth: True).__code__; return false()",
             "the code of cnnmat.verify.comparing.agree"),
    "default": ("import cnnmat.verify.judge as j; j.Result.as_expected = True; return false()",
                "Result.as_expected"),
    "shadow": ("import cnnmat.verify.comparing as c; c.all = lambda x: True; "
               "return Sides(truth=[1, 2], printed=[2, 1], wrong={'x': 3})", "comparing.all"),
    "python": ("import builtins; builtins.all = lambda x: True; "
               "return Sides(truth=[1, 2], printed=[2, 1], wrong={'x': 3})", "builtins.all"),
    "package": ("import cnnmat.textbook.vec as v; v.kron = None; return right()", "vec.kron"),
    "loops": ("from cnnmat import loops; loops.dot = None; return right()", "loops.dot"),
    "late": ("def late():\n        import cnnmat.verify.outcomes as j; j.agree = max\n"
             "        return 2\n    return Sides(truth=1, printed=late, wrong={'x': 3})",
             "outcomes.agree"),
    "numpy": ("np.abs = lambda x: 0; return right()", "numpy.abs"),
    "names": ("import cnnmat.verify.outcomes as j\n"
              "    def items(self):\n        j.agree = max\n        return dict.items(self)\n"
              "    kind = type('D', (dict,), {'items': items})\n"
              "    return Sides(truth=1, printed=2, wrong=kind(x=3))",
              "outcomes.agree"),
    "sides": ("import cnnmat.verify.outcomes as j\n"
              "    def readings(self):\n        j.agree = max\n        return {}\n"
              "    kind = type('S', (Sides,), {'elsewhere': property(readings, lambda *a: None)})\n"
              "    return kind(truth=1, printed=2, wrong={'x': 3})", "outcomes.agree"),
    "array": ("kind = type('A', (np.ndarray,), {'ravel': lambda self: np.ones(2)})\n"
              "    return Sides(truth=[1, 1], printed=np.zeros(2).view(kind), wrong={'x': [3, 3]})",
              "plain arrays, got own"),
    "scalar": ("kind = type('F', (np.float64,), {'item': lambda self: 1.0})\n"
               "    return Sides(truth=1.0, printed=kind(2), wrong={'x': 3})",
               "numbers, symbols or texts, got own"),
}


def write(tmp_path, bodies, more=""):
    """A lecture with a claim for each body, and what else is in the file."""
    path = tmp_path / "own.py"
    path.write_text(HEAD + "".join(
        f'\n\n@claim("{id}")\ndef {id}(e):\n    {body}\n' for id, body in bodies.items()) + more)
    return str(path)


def claims(path):
    return [c for one in json.loads(path.read_text())["lectures"] for c in one["claims"]]


def verdicts(path):
    return {c["id"]: (c["verdict"], c["message"] or "") for c in claims(path)}


Ran = namedtuple("Ran", "path status verdicts sources")


@pytest.fixture(scope="module")
def done():
    """What of `DOES` is tried here: every third; `every_trick` tries all."""
    return list(DOES)[::3]


@pytest.fixture(scope="module")
def everything(tmp_path_factory, done):
    """One run of what is `done`, lines that hold before, after and beside it, one that is false."""
    folder = tmp_path_factory.mktemp("isolation")
    bodies = {"first": "return right()", **{id: DOES[id][0] for id in done},
              "truly_false": "return false()", "last": "return right()"}
    path = write(folder, bodies, OTHER + THERE)
    status = main(["verify", path, "--quiet", "--json", str(folder / "out.json")])
    return Ran(path, status, verdicts(folder / "out.json"),
               {c["id"]: c["source"] for c in claims(folder / "out.json")})


@pytest.mark.every(3)
@pytest.mark.parametrize("id", DOES)
def test_what_a_claim_does_to_the_run_is_an_error_of_that_claim(everything, id):
    verdict, message = everything.verdicts[id]
    assert verdict == "error"
    assert DOES[id][1] in message


def test_the_rest_of_the_report_is_complete(everything, done):
    found = everything.verdicts
    assert everything.status == 1
    assert len(found) == len(done) + 4
    assert {found[id][0] for id in ("first", "last", "in_the_other")} == {"holds"}
    assert found["truly_false"][0] == "fails"


def test_a_claim_that_does_not_end_is_ended(tmp_path):
    path = write(tmp_path, {"endless": "while True: pass", "after": "return right()"})
    started = time.monotonic()
    assert main(["verify", path, "--timeout", "2", "--json", str(tmp_path / "out.json")]) == 1
    found = verdicts(tmp_path / "out.json")
    assert found["endless"] == ("error", "it did not come to an end within 2 s")
    assert found["after"][0] == "holds"
    assert time.monotonic() - started < 60


#: What is in a file that gives no lecture, and what is said of it.
LINE = "@claim('1')\ndef line(e):\n    return right()\n"
NONE = {
    "sys_exit": ("import sys; sys.exit(0)", "SystemExit: 0"),
    "os_exit": ("import os; os._exit(0)", "ended itself with exit status 0"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "divides": ("1 / 0", "ZeroDivisionError: division by zero"),
    "numpy_errors": ("import numpy as np; np.seterr(all='ignore')", "floating-point errors"),
    "judge": ("import cnnmat.verify.outcomes as j; j.agree = lambda a, b: True", "outcomes.agree"),
    "empty": ("from cnnmat.verify import Lecture; one = Lecture('empty', 'No claims')",
              "LECTURE must hold at least one claim, 'empty' has none"),
    "nothing": ("", "must hold a Lecture, found none"),
    "no_module": ("import no_such_module_anywhere", "cannot be loaded: ModuleNotFoundError: "),
    "no_python": ("1 +", "cannot be loaded: SyntaxError: "),
    "id": (HEAD + LINE.replace("'1'", "('a', 1)"), "id must be of type str, got ('a', 1)"),
    "id_later": (HEAD + LINE + "vars(lecture.claims['1'])['id'] = ['1']",
                 "id must be of type str, got ['1']"),
    "remark": (HEAD + LINE + "lecture.remarks = [3]", "TypeError: "),
    "slug": (HEAD + LINE + "lecture.slug = object()", "slug must be of a-z"),
}


@pytest.fixture(scope="module")
def beside(tmp_path_factory):
    """What a run of all of `NONE`, and of a lecture beside them, returns and says."""
    folder = tmp_path_factory.mktemp("none")
    for name, (text, _) in NONE.items():
        (folder / f"{name}.py").write_text(text)
    half = write(folder, {"first": "return right()"}, OTHER)
    bad = [str(folder / f"{name}.py") for name in NONE]
    good = folder / "good.py"
    good.write_text(HEAD.replace('"own"', '"good"') + LINE)
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = main(["verify", *bad, half, str(good)])
    return status, out.getvalue(), err.getvalue().splitlines()


@pytest.mark.parametrize("name", NONE)
def test_a_file_that_gives_no_lecture_is_said_and_the_others_are_run(beside, name):
    status, out, err = beside
    said, = [line for line in err if f"{name}.py" in line]
    assert NONE[name][1] in said
    assert (status, "2 claims: 2 holds" in out) == (2, True)


def test_a_lecture_without_claims_beside_one_with_some_is_said(beside):
    assert any("own.py" in line and "'other' has none" in line for line in beside[2])


def test_files_that_give_no_lecture_at_all_are_wrong_usage(tmp_path, capsys):
    path = tmp_path / "bad.py"
    for text in ("1 / 0", "a = 1"):
        path.write_text(text)
        assert main(["verify", str(path)]) == 2
        assert "bad.py" in capsys.readouterr().err


def test_what_a_lecture_prints_is_not_part_of_the_report(tmp_path, capfd):
    path = write(tmp_path, {"prints": "print('from the claim'); return right()"})
    main(["verify", path])
    captured = capfd.readouterr()
    assert "from the claim" in captured.err
    assert "from the claim" not in captured.out


def test_where_a_claim_is_stated_is_said(everything, done):
    """The line is that of its decorator, or the one that holds its number."""
    path, sources = everything.path, everything.sources
    text = Path(path).read_text(encoding="utf-8").splitlines()
    assert len(sources) == len(done) + 4
    for id, source in sources.items():
        file, line = source.rsplit(":", 1)
        assert (file, text[int(line) - 1].startswith(f'@claim("{id}"')) == (path, True)


def test_an_interruption_leaves_nothing_running(tmp_path):
    path = write(tmp_path, {"endless": "while True: pass"})
    process = subprocess.Popen([sys.executable, "-m", "cnnmat", "verify", path],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not children(process.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    workers = children(process.pid)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert workers
    assert not any(alive(pid) for pid in workers)


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(one) for one in file.read().split()]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_worker_ends_with_its_parent():
    code = ("import os, time; from cnnmat.verify.isolation import _Worker; w = _Worker(); "
            "print(w.process.pid, flush=True); time.sleep(1.5); os._exit(0)")
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    pid, deadline = int(found.stdout), time.monotonic() + 30
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not alive(pid)


def test_answers_come_in_the_order_of_the_requests(tmp_path):
    path = write(tmp_path, {"slow": "time.sleep(1); return right()", "quick": "return right()"})
    with Workers(2, 30) as workers:
        answers = list(workers.ask([{"source": path, "slug": "own", "id": id}
                                    for id in ("slow", "quick", "nowhere")]))
    assert [a.get("result", {}).get("verdict") for a in answers] == ["holds", "holds", None]
    assert "nowhere" in answers[2]["error"]


def test_a_signal_that_is_not_ours_is_left_alone():
    """The parent's own handler of SIGINT is what it was."""
    before = signal.getsignal(signal.SIGINT)
    with Workers(1, 5):
        pass
    assert signal.getsignal(signal.SIGINT) is before


# --- the guard in this process ------------------------------------------------------------------


def test_what_was_changed_is_changed_back():
    from cnnmat.verify import comparing

    guard, agree = Guard(), comparing.agree
    comparing.agree = max
    comparing.extra = 1
    with pytest.raises(Tampered, match=r"agree.*extra"):
        guard.check()
    assert comparing.agree is agree
    assert not hasattr(comparing, "extra")
    assert guard.tampered
    guard.check()


def test_a_module_that_is_loaded_is_no_change():
    sys.modules.pop("cnnmat.verify.html", None)
    vars(cnnmat.verify).pop("html", None)
    guard = Guard(alone=False)
    importlib.import_module("cnnmat.verify.html")
    assert cnnmat.verify.html is sys.modules["cnnmat.verify.html"]
    guard.check()


def test_a_truth_that_is_a_list_compared_with_itself_proves_nothing():
    lecture, x = Lecture("own", "Own"), [1, 2]
    lecture.claim("1", "identity", "A line", "a=a")(
        lambda e: Sides(truth=x, printed=x, wrong={"other": [1, 3]}))
    assert "the very array or list" in run(lecture.claims["1"]).message


def test_the_process_knows_when_it_is_interrupted():
    lecture = Lecture("own", "Own")

    @lecture.claim("1", "identity", "A line", "a=b")
    def interrupted(e):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(lecture.claims["1"])
