"""Synthetic submissions; ``python -m tests.testing.submissions`` grades 200 and takes the time.

Most are right or wrong in one of a few conventions; some fork, eat memory, loop, end themselves,
or end whoever judges them.
"""

import argparse
import csv
import sys
import tempfile
import time
from pathlib import Path

from cnnmat.cli import main
from tests.testing import wrappers

#: What stands in front of every one: the arithmetic of the wrappers, written out.
COMMON = Path(wrappers.__file__).read_text(encoding="utf-8").partition("def course_cache")[0]
CACHED = '''
def conv_forward(x, w, b, conv_param):
    return conv(x, w, b, conv_param["stride"], conv_param["pad"]), (x, w, b, conv_param)

def conv_backward(dout, cache):
    x, w, b, conv_param = cache
    return conv_back(dout, x, w, conv_param["stride"], conv_param["pad"], overwrite=WRONG)
'''
PLAIN = '''
def conv_forward(x, w, b, stride, padding):
    return conv(x, w, -b if WRONG else b, stride, padding)

def conv_backward(dz, x, w, stride, padding):
    return conv_back(dz, x, w, stride, padding)
'''
LAST = '''
def conv_forward(X, W, b, stride):
    return conv(X.transpose(0, 3, 1, 2), W.transpose(3, 2, 0, 1), b, stride).transpose(0, 2, 3, 1)

def conv_backward(dZ, X, W, stride):
    dx, dw, db = conv_back(dZ.transpose(0, 3, 1, 2), X.transpose(0, 3, 1, 2),
                           W.transpose(3, 2, 0, 1), stride)
    dw = dw[:, :, ::-1] if WRONG else dw
    return dx.transpose(0, 2, 3, 1), dw.transpose(2, 3, 1, 0), db
'''
SQUARE = '''
def conv_forward(x, w, b, stride, padding):
    if w.shape[2] != w.shape[3]:
        raise ValueError("square kernels only")
    return conv(x, w, b, stride, padding)

def conv_backward(dz, x, w, stride, padding):
    if w.shape[2] != w.shape[3]:
        raise ValueError("square kernels only")
    return conv_back(dz, x, w, stride, padding, overwrite=WRONG)
'''
ODD = {
    "forks": "import os, time\ndef conv_backward(*given):\n"
             "    if not os.fork():\n        time.sleep(600)\n    return given\n",
    "eats_memory": "def conv_forward(*given):\n    return np.ones((1 << 33,))\n",
    "loops": "def conv_backward(*given):\n    while True:\n        pass\n",
    "loops_at_once": "while True:\n    pass\n",
    "ends_itself": "import os\ndef conv_forward(*given):\n    os._exit(0)\n",
    "ends_its_judge": "import os, signal\ndef conv_backward(*given):\n"
                      "    os.kill(os.getppid(), signal.SIGKILL)\n",
    "cannot_be_read": "def conv_forward(:\n",
}
RUBRIC = '''
title = "Homework"
hint = "what"
refusal = 0.5
seconds = 15
timeout = 1
memory = 1024

[[check]]
title = "Convolution"
kind = "correlation"
functions = ["conv.py:conv_forward", "conv.py:conv_backward"]
convention = "auto"
points = 10
'''


def source(style, wrong):
    """A submission."""
    return f"{COMMON}\nWRONG = {wrong}\n{style}"


def write(folder, count, odd=tuple(ODD)):
    """Submissions in a folder, those of the names in `odd` among them; the rubric's path."""
    styles = (CACHED, PLAIN, LAST, SQUARE)
    texts = {name: source(PLAIN, False) + ODD[name] for name in odd}
    for k in range(count - len(texts)):
        texts[f"student{k:03}"] = source(styles[k % 4], k // 4 % 2 == 1)
    for name, text in texts.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "conv.py").write_text(text, encoding="utf-8")
    rubric = folder.parent / "rubric.toml"
    rubric.write_text(RUBRIC, encoding="utf-8")
    return rubric


def run(count, jobs):
    """Grade so many; print what came of it."""
    with tempfile.TemporaryDirectory() as place:
        rubric = write(Path(place, "handed_in"), count)
        started = time.monotonic()
        main(["grade", f"{place}/handed_in", "--rubric", str(rubric), "--out", f"{place}/grades",
              "--jobs", str(jobs), "--quiet"])
        seconds = time.monotonic() - started
        with open(f"{place}/grades/grades.csv", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        print(f"{len(rows)} submissions in {seconds:.1f} s; points: "
              f"{sorted({round(float(row['score']), 2) for row in rows})}")
        for row in rows:
            if row["submission"] in ODD:
                print(row["submission"], row["score"], row["error"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=2)
    sys.exit(run(**vars(parser.parse_args())))
