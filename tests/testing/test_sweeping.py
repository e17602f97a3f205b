"""``cnnmat sweep``: what is found and how it is grouped; what is kept, whoever is killed."""

import contextlib
import csv
import io
import json
import re
import subprocess
import sys

import numpy as np
import pytest

from cnnmat.arguments import Usage
from cnnmat.cli import main
from cnnmat.testing import (
    check_adaptive_pooling,
    check_correlation,
    check_depthwise,
    check_global_pooling,
    check_pooling,
    check_transposed_correlation,
    check_upsampling,
    engine,
)
from cnnmat.testing.sweeping import command, running
from cnnmat.testing.sweeping.geometries import EDGES, MOST, applicable, case_of, cost, kind_of
from cnnmat.testing.sweeping.judging import Sweep, outcome_of
from cnnmat.testing.sweeping.record import Record
from cnnmat.testing.sweeping.reporting import Report, page
from tests.testing import swept

HERE = "tests.testing.swept"


def sweep(*words, kind="correlation", jobs="1"):
    """(exit status, the verdict as data) of a sweep of functions of `swept`."""
    names = [f"{HERE}:{word}" if hasattr(swept, word) else word for word in words]
    with contextlib.redirect_stdout(io.StringIO()) as out:
        status = main(["sweep", kind, *names, "--jobs", jobs, "--json"])
    return status, json.loads(out.getvalue())


def session(check, *functions, **options):
    taken = []
    with engine.handing_over(taken.append):
        assert check(*functions, **options).verdict == "not judged"
    return taken[0]


# --- geometries -------------------------------------------------------------------------------


ALL_TOLD = {"padding": "pairs", "stride": "tuple", "dilation": "tuple"}
CONTRACTS = {
    "correlation": session(check_correlation, swept.conv, **ALL_TOLD, groups=True),
    "one axis": session(check_correlation, swept.conv, dims=1),
    "three axes": session(check_correlation, swept.conv, dims=3, **ALL_TOLD),
    "depthwise": session(check_depthwise, swept.depthwise),
    "transposed": session(check_transposed_correlation, swept.transposed),
    "pooling": session(check_pooling, swept.mean, kind="mean", **ALL_TOLD),
    "tiles": session(check_pooling, swept.mean),
    "adaptive": session(check_adaptive_pooling, swept.adaptive, size="tuple"),
    "global": session(check_global_pooling, swept.whole),
    "upsampling": session(check_upsampling, swept.nearest, scale="tuple"),
}


@pytest.mark.parametrize("one", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_geometries_are_within_bounds_and_the_same_for_whoever_makes_them(one):
    kinds = applicable(one.contract)
    assert len(kinds) >= 6
    cases = [case_of(one.contract, 3, k, kinds) for k in range(20)]
    assert max(map(cost, cases)) <= MOST
    assert all(min(a.size for a in case.arrays.values()) > 0 for case in cases)
    again = case_of(one.contract, 3, 17, kinds)
    assert again.settings == cases[17].settings
    assert all(np.array_equal(a, cases[17].arrays[k]) for k, a in again.arrays.items())
    other = [case_of(one.contract, 4, k, kinds) for k in range(20)]
    assert [repr(c.arrays) for c in other] != [repr(c.arrays) for c in cases]


EDGE = {
    "kernel = image": lambda f, s: f["the kernel is as large as the image"] or max(
        s["dilation"]) > 1,
    "stride > kernel": lambda f, s: f["stride > kernel"],
    "padding = kernel - 1": lambda f, s: f["padding > 0"] and not f["padding >= kernel"],
    "uneven padding": lambda f, s: f["padding is uneven"],
    "one sample": lambda f, s: not f["N > 1"], "one channel": lambda f, s: not f["C > 1"],
    "one of each": lambda f, s: not (f["N > 1"] or f["C > 1"] or f["D > 1"]),
    "kernel 1 x 1": lambda f, s: f["the kernel is 1 x 1"],
    "long thin image": lambda f, s: f["the image is not square"],
    "large dilation": lambda f, s: min(s["dilation"]) >= 3,
    "one pixel short of a window": lambda f, s: f["the windows do not tile the image"] or min(
        s["stride"]) == 1,
}


def test_every_kind_at_an_edge_is_what_it_says():
    contract = CONTRACTS["correlation"].contract
    kinds = applicable(contract)
    assert set(kinds) == set(EDGES) == set(EDGE)
    for number in range(1, 6 * len(kinds), 2):
        case, kind = case_of(contract, 0, number, kinds), kind_of(number, kinds)
        assert EDGE[kind](contract.features(case), case.settings), (kind, case)


def test_what_functions_cannot_be_told_is_left_out():
    one = session(check_correlation, swept.conv, stride="none")
    assert set(EDGES) - set(applicable(one.contract)) == {
        "stride > kernel", "uneven padding", "large dilation"}


def test_geometries_lie_within_declared_limits():
    one = session(check_correlation, swept.conv, only="square-kernels one-channel")
    cases = [case_of(one.contract, 0, k, applicable(one.contract)) for k in range(6)]
    assert {(w[2] == w[3], w[1]) for w in (c.arrays["w"].shape for c in cases)} == {(True, 1)}


@pytest.mark.parametrize(("check", "right", "wrong", "options"), [
    (check_depthwise, ("depthwise", "depthwise_backward"), "depthwise_of_another_channel", {}),
    (check_transposed_correlation, ("transposed",), "transposed_without_output_padding", {}),
    (check_pooling, ("mean", "mean_backward"), "mean_of_pixels",
     {"kind": "mean", "stride": "int", "padding": "int"}),
    (check_adaptive_pooling, ("adaptive",), "adaptive_of_tiles", {}),
    (check_global_pooling, ("whole",), "rows_alone", {}),
    (check_upsampling, ("nearest",), "tiled", {}),
])
def test_every_kind_of_layer_is_held_to_its_truth(check, right, wrong, options):
    for names, bad in ((right, False), ((wrong,), True)):
        one = session(check, *(getattr(swept, name) for name in names), **options)
        kinds = applicable(one.contract)
        found = [outcome_of(one, k, kinds) for k in range(16)]
        assert any(f["failures"] for f in found) is bad, found


def test_the_kinds_of_the_command_have_geometries():
    kinds = {one.contract.kind for one in CONTRACTS.values()}
    assert kinds == set(command.KINDS)


# --- verdicts ---------------------------------------------------------------------------------


def test_a_right_function_passes_hundreds():
    status, said = sweep("conv", "conv_backward", "--geometries", "300")
    assert (status, said["verdict"], said["geometries"]) == (0, "right", 300)
    assert said["distinct"] > 280
    tried = {row["kind"]: row["tried"] for row in said["kinds"]}
    assert tried.pop("all") == 300
    assert tried.pop("random") == 150
    assert tried.keys() == set(EDGES) - {"uneven padding", "large dilation"}
    assert min(tried.values()) >= 16
    assert set(said["left_out"]) == {"uneven padding", "large dilation"}
    assert said["ranges"]["kernel"] == "1 to 5"
    assert said["groups"] == []


def test_what_is_wrong_where_strides_leave_gaps_is_one_group():
    status, said = sweep("gaps", "--geometries", "60")
    group, = said["groups"]
    assert (status, group["slug"], group["outputs"]) == (1, "bias-missing", ["z"])
    assert "only when stride > kernel" in group["sentence"]
    wrong = {row["kind"]: (row["tried"], row["wrong"]) for row in said["kinds"]}
    assert wrong["stride > kernel"][0] == wrong["stride > kernel"][1] > 0
    assert wrong["all"] == (60, len(group["geometries"]))
    # the smallest there is: one pixel, a stride of two
    assert group["example"]["settings"] == [2, 0]
    assert np.shape(group["example"]["arrays"]["x"]) == (1, 1, 1, 1)


@pytest.mark.every
def test_what_is_wrong_for_uneven_padding_is_another(tmp_path):
    files = tmp_path / "rows.csv", tmp_path / "page.html"
    status, said = sweep("gaps_and_uneven", "--padding", "pairs", "--geometries", "60",
                         "--csv", str(files[0]), "--html", str(files[1]))
    assert status == 1
    groups = {group["slug"]: group for group in said["groups"]}
    assert groups.keys() == {"bias-missing", "kernel-flipped"}
    assert "only when padding is uneven" in groups["kernel-flipped"]["sentence"]
    (top, bottom), (left, right) = groups["kernel-flipped"]["example"]["settings"][1]
    assert (top, left) != (bottom, right)
    with open(files[0], encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 60
    flipped = {int(row["geometry"]) for row in rows if "kernel-flipped" in row["groups"]}
    assert flipped == set(groups["kernel-flipped"]["geometries"])
    text = files[1].read_text("utf-8")
    assert "the bias is not added, only when stride &gt; kernel" in text
    assert all(kind.replace(">", "&gt;") in text for kind in EDGES if kind != "large dilation")


def test_an_example_is_of_its_own_group():
    """What is still smaller is wrong for another reason."""
    _, said = sweep("gaps_and_pixels", "--geometries", "60")
    group, = (one for one in said["groups"] if one["slug"] == "bias-missing")
    assert "stride > kernel" in group["sentence"]
    assert group["example"]["settings"][0] > 1


def test_what_is_refused_is_said():
    status, said = sweep("square_only", "--geometries", "24")
    assert (status, said["verdict"], said["groups"]) == (0, "right within limits", [])
    assert said["kinds"][-1]["refused"] > 0
    assert "kernels that are not square" in said["refusals"][0]
    status, said = sweep("refuses", "--geometries", "4")
    assert (status, said["passed"]) == (2, False)


def test_a_convention_is_no_mistake():
    status, said = sweep("single", "--geometries", "30")
    group, = said["groups"]
    assert (status, said["verdict"], group["convention"]) == (0, "right", True)
    assert 'accept="float32"' in group["sentence"]
    status, said = sweep("single", "--geometries", "20", "--dtype", "float32")
    assert (status, said["groups"]) == (0, [])


def test_the_tables_for_a_terminal(capsys):
    assert main(["sweep", "correlation", f"{HERE}:gaps", "--geometries", "16", "--jobs", "1"]) == 1
    text = capsys.readouterr().out
    assert text.startswith("correlation: WRONG in ")
    assert "│ stride > kernel" in text
    assert "sizes: samples 1 to 3; channels 1 to" in text
    assert "cannot be told them: uneven padding, large dilation" in text
    assert "1. in " in text
    assert "only when stride > kernel [bias-missing]" in text
    assert "z = gaps(x, w, b, 2, 0)" in text


def test_a_page_escapes_what_strangers_say():
    report = Report("correlation", ["<b>:f"], 3, {}, [], ["<script>"], [], [])
    text = page(report)
    assert "&lt;script&gt;" in text
    assert "<b>" not in text
    assert "0 of 3 were tried before it was interrupted" in text


# --- what is kept -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table():
    """The verdict of a sweep that nothing happens to."""
    return sweep("gaps", "--geometries", "24")[1]


def same(said, table, name):
    """Whether a verdict is `table`'s, but for the name of the function."""
    return json.dumps(said).replace(name, "gaps") == json.dumps(table)


def test_a_judge_that_is_killed_loses_nothing(tmp_path, monkeypatch, table):
    monkeypatch.setenv("CNNMAT_SWEPT", str(tmp_path))
    status, said = sweep("kills_its_judge", "--geometries", "24", jobs="2")
    assert (tmp_path / "done").exists()
    assert status == 1
    assert same(said, table, "kills_its_judge")


def test_judges_that_are_killed_again_and_again_are_no_verdict(monkeypatch):
    monkeypatch.setattr(running, "DEATHS", 1)
    status, said = sweep("always_kills_its_judge", "--geometries", "4", jobs="2")
    assert (status, said["verdict"]) == (2, "not judged")
    assert "are killed, again and again" in said["error"]


def test_what_is_interrupted_says_how_to_go_on_and_goes_on(capsys, tmp_path, monkeypatch, table):
    monkeypatch.setenv("CNNMAT_SWEPT", str(tmp_path))
    words = ["correlation", f"{HERE}:interrupts", "--geometries", "24", "--jobs", "1", "--json",
             "--resume", f"{tmp_path}/kept.jsonl"]
    done = subprocess.run([sys.executable, "-m", "cnnmat", "sweep", *words], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 130
    said = json.loads(done.stdout)
    assert (said["complete"], said["geometries"]) == (False, 3)
    assert f"3 of 24 geometries are done; go on by the same command, with --resume {tmp_path}" in (
        done.stderr)
    # and the last line was cut
    with open(tmp_path / "kept.jsonl", "a", encoding="utf-8") as file:
        file.write('{"geometry": 3, "ki')
    assert main(["sweep", *words]) == 1
    out, err = capsys.readouterr()
    assert "3 of 24 are there" in err
    assert same(json.loads(out), table, "interrupts")
    lines = (tmp_path / "kept.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["geometry"] for line in lines[1:]] == list(range(24))


def test_without_a_file_what_is_interrupted_is_lost(capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("cnnmat.testing.sweeping.running.swept", interrupted)
    assert main(["sweep", "correlation", f"{HERE}:conv", "--geometries", "9"]) == 130
    assert "0 of 9 geometries are done; they are lost; with --resume FILE" in (
        capsys.readouterr().err)


def test_a_record_is_of_one_sweep(tmp_path):
    path, identity = tmp_path / "kept.jsonl", Sweep("pooling", ("a:b",)).identity()
    with Record(path, identity) as record:
        record.add({"geometry": 7, "failures": [["forward", "z", "value", "x is inf"]]})
    with Record(path, identity) as record:
        assert record.outcomes[7]["failures"] == [["forward", "z", "value", "x is inf"]]
    before = path.read_bytes()
    for other, why in (
            (Sweep("pooling", ("a:b",), seed=1).identity(), "seed is 0 there and 1 here"),
            ({**identity, "code": ["changed"]}, "the code of the functions has changed"),
            ({**identity, "kind": "correlation"}, "kind is 'pooling' there")):
        with pytest.raises(Usage, match=why):
            Record(path, other)
    assert path.read_bytes() == before


@pytest.mark.parametrize(("text", "why"), [
    ("a shopping list", "must be a file that a sweep has written"),
    ("{}\n", "it is none of a sweep"), ("[1]\n", "line 1: it is no outcome"),
    ("not JSON\n", "line 1: Expecting value")])
def test_another_file_is_refused_and_left_alone(tmp_path, text, why):
    path = tmp_path / "mine.txt"
    path.write_text(text, "utf-8")
    with pytest.raises(Usage, match=re.escape(why)):
        Record(path, {"cnnmat sweep": "1"})
    assert path.read_text("utf-8") == text


def test_a_line_in_the_middle_that_is_none_is_refused(tmp_path):
    path = tmp_path / "kept.jsonl"
    with Record(path, {"cnnmat sweep": "1"}) as record:
        record.add({"geometry": 0})
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"geome\n{"geometry": 2}\n')
    with pytest.raises(Usage, match="line 3"):
        Record(path, {"cnnmat sweep": "1"})


@pytest.mark.parametrize(("words", "why"), [
    (["--geometries", "0"], "must be a whole number from 1 to 10000000, got '0'"),
    (["--jobs", "0"], "must be a positive number or -1, got '0'"),
    (["--jobs", "2", "--dask", "tcp://x"], "--dask: not allowed with argument --jobs"),
    (["--dtype", "float16"], "invalid choice: 'float16'"),
    (["--resume", "no/such/kept"], "FILE must be a file in a folder that exists"),
    (["--csv", "no/such/rows.csv"], "--csv must be a file in a folder that exists"),
])
def test_bad_arguments_are_named(words, why, capsys):
    try:
        status = main(["sweep", "correlation", f"{HERE}:conv", *words])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert why in capsys.readouterr().err


def test_functions_that_cannot_be_had_are_named(capsys):
    assert main(["sweep", "correlation", "no_such_module:conv"]) == 2
    assert "no_such_module:conv cannot be imported" in capsys.readouterr().err


# --- other people's arrays ----------------------------------------------------------------------


def test_functions_of_tensors_are_called_with_tensors_and_derived():
    pytest.importorskip("torch")
    status, said = sweep("torch.nn.functional:conv2d", "--framework", "torch",
                         "--geometries", "6", "--dtype", "float32")
    assert (status, said["verdict"]) == (0, "right")


def test_functions_of_another_framework_get_its_arrays(tmp_path, monkeypatch):
    (tmp_path / "cupy.py").write_text(
        "import numpy\nclass Array(numpy.ndarray): pass\n"
        "def asarray(a): return numpy.array(a).view(Array)\n"
        "def asnumpy(a):\n    assert type(a) is Array\n    return numpy.array(a)\n", "utf-8")
    (tmp_path / "on_a_gpu.py").write_text(
        "import cupy\nfrom tests.testing import swept\n"
        "def conv(x, *rest):\n    assert type(x) is cupy.Array\n"
        "    return swept.conv(x, *rest).view(cupy.Array)\n"
        "def conv_backward(dz, *rest):\n    assert type(dz) is cupy.Array\n"
        "    return tuple(g.view(cupy.Array) for g in swept.conv_backward(dz, *rest))\n", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    status, said = sweep("on_a_gpu:conv", "on_a_gpu:conv_backward", "--framework", "cupy",
                         "--geometries", "8")
    assert (status, said["verdict"]) == (0, "right")


def test_a_framework_that_is_not_there_is_named():
    status, said = sweep("conv", "--framework", "cupy", "--geometries", "2")
    assert status == 2
    assert "No module named 'cupy'" in said["error"]
