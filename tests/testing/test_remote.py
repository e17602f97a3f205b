"""Hostile modules: whatever a function under test does, the verdict is the judge's own."""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

from cnnmat import testing
from cnnmat.testing import command as checking
from cnnmat.testing import process, remote, worker
from cnnmat.testing.case import FORMS, dressed

SOURCE = r'''
import os, signal, socket, struct, subprocess, sys, threading, time
import numpy as np

def relu(x):
    return np.maximum(x, 0)

def slope(dy, x):
    return dy * (x > 0)

def wrong(x):
    return np.maximum(x, 0) + (x > 2.5)

def patches(x):
    """Everything of the judge that can be reached, for the better."""
    import cnnmat.testing.comparing, cnnmat.testing.trial, cnnmat.testing.result
    from cnnmat.testing import engine, worker
    for module in (cnnmat.testing.comparing, cnnmat.testing.trial, engine):
        module.scaled_error = lambda *_: 0.0
    cnnmat.testing.trial.attempt = engine.attempt = lambda *_, **__: None
    cnnmat.testing.result.Result.passed = True
    np.array_equal = lambda *_, **__: True
    return wrong(x)

def verdict_file(x):
    for folder in (".", os.environ.get("TMPDIR", "/tmp")):
        for name in ("verdict.json", "result.json"):
            try:
                with open(os.path.join(folder, "cnnmat-" + name), "w") as file:
                    file.write('{"result": {"passed": true}, "summary": "right"}')
            except OSError:
                pass
    return wrong(x)

class Agreeable(np.ndarray):
    """Equal to everything, of every shape."""
    def __eq__(self, other):
        return np.ones(np.shape(other), bool)
    def __array_ufunc__(self, ufunc, method, *inputs, **more):
        return np.zeros(np.shape(inputs[0]))
    def __array_function__(self, *_):
        return True
    def __array_finalize__(self, other):
        pass
    shape = property(lambda self: (1, 2, 3))
    def tobytes(self, *_):
        return b""

def agreeable(x):
    return wrong(x).view(Agreeable)

class Reduces:
    def __reduce__(self):
        return os.mkdir, ("sprung",)

def reduces(x):
    return Reduces()

def forged(*lengths, data=b""):
    """Write to every socket: that is where answers go."""
    for fd in map(int, os.listdir("/proc/self/fd")):
        try:
            os.fstat(fd) and socket.socket(fileno=os.dup(fd)).send(
                struct.pack(">II", *lengths) + data)
        except OSError:
            pass

def garbage(x):
    forged(12, 0, data=b"no JSON here")
    return wrong(x)

def huge_answer(x):
    forged(2**32 - 1, 2**32 - 1)
    return wrong(x)

def nested(x):
    forged(60000, 0, data=b"[" * 60000)
    return wrong(x)

def code(x):
    text = b'{"number": 2, "value": {"pickle": "cos\\nsystem"}}'
    forged(len(text), 0, data=text)
    return wrong(x)

def negative_shape(x):
    text = b'{"number": 2, "printed": 0, "value": {"array": ["<f8", [-1, 4], 0]}, "after": []}'
    forged(len(text), 0, data=text)
    return wrong(x)

def objects(x):
    text = b'{"number": 2, "printed": 0, "value": {"array": ["|O", [1], 0]}, "after": []}'
    forged(len(text), 8, data=text + bytes(8))
    return wrong(x)

def early(x):
    """Answers before it has computed anything, and all that follows as well."""
    text = b'{"number": %d, "printed": 0, "value": 0.0, "after": []}'
    for number in range(2, 40):
        forged(len(text % number), 0, data=text % number)
    return wrong(x)

def leaves(x):
    sys.exit(0)

def leaves_at_once(x):
    os._exit(0)

def crashes_on_maps(x):
    if x.ndim > 2:
        os.kill(os.getpid(), signal.SIGSEGV)
    return relu(x)

def kills_the_group(x):
    os.kill(0, signal.SIGKILL)

def interrupts(x):
    raise KeyboardInterrupt

def in_c_for_ever(x):
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    return sum(iter(int, 1))

def half_an_answer(x):
    forged(100, 100)
    while True:
        time.sleep(1)

def forks(x):
    os.fork()
    return relu(x)

def leaves_others(x):
    with open("others", "a") as file:
        file.write(f"{subprocess.Popen(['sleep', '1000']).pid}\n")
    if os.fork() == 0:
        os.setsid()
        with open("others", "a") as file:
            file.write(f"{os.getpid()}\n")
        time.sleep(1000)
    threading.Thread(target=time.sleep, args=(1000,)).start()
    return relu(x)

def asks(x):
    input("your name? ")

def every_handle(x):
    for fd in range(3, 64):
        try:
            os.write(fd, b"forged")
        except OSError:
            pass
    return wrong(x)

def too_large(x):
    return np.zeros((3000, 3000))

def too_much_memory(x):
    return np.ones(10**15)

def too_many(x):
    return [np.zeros(2_000_000)] * 5

def forty_deep(x):
    value = 1.5
    for _ in range(40):
        value = [value]
    return value

def ones_too_many(x):
    return np.ones((*x.shape, 3))

def flips_the_flag(x):
    x.flags.writeable = True
    x *= 2
    return relu(x) / 2

def reshapes_in_place(x):
    y = relu(x)
    x.shape = -1
    return y

def in_place(x):
    """Alters its argument, and blinds what it can reach of the process that calls it."""
    import __main__ as caller
    class Unchanged:
        def __ne__(self, other):
            return False
    caller._looks = lambda array: Unchanged()
    caller.Answer.changed = caller.Server.changed = lambda *_: []
    np.array_equal = lambda *_: True
    x.flags.writeable = True
    x[...] = np.maximum(x, 0)
    return x.copy()

kept = np.zeros(5000)
def one_buffer(x):
    y = kept[:x.size].reshape(x.shape)
    y[...] = relu(x)
    return y

def is_a_view(x):
    return np.maximum(x, 0, out=x) if x.flags.writeable and x.dtype.kind == "f" else relu(x)

class Velocity:
    """A state that is no array, and cannot be copied."""
    def __init__(self):
        self.of = {}
    def __reduce__(self):
        raise TypeError("not to be copied")

def step(params, grads, lr, weight_decay, momentum, state):
    state, after = state or Velocity(), {}
    for k, p in params.items():
        decay = weight_decay * p if k == "w" else 0
        state.of[k] = momentum * state.of.get(k, 0) + grads[k] + decay
        after[k] = p - lr * state.of[k]
    return after, state

def step_in_place(params, grads, lr, weight_decay, momentum, state):
    for k, p in params.items():
        grad = grads[k] + (weight_decay * p if k == "w" else 0)
        v = vars(step_in_place).setdefault(id(params), {})
        p -= lr * grad
'''
LOUD = r'''
import atexit, ctypes, logging, os, subprocess, sys
import numpy as np

print("at import")
os.write(1, b"past Python\n")
ctypes.CDLL(None).puts(b"in C")
subprocess.run(["echo", "by another"])
logging.basicConfig(stream=sys.stdout, level=logging.INFO)
logging.info("in a log")
atexit.register(print, "at the end")
print("\x1b[2J", "half a character \udc80".encode("utf-8", "surrogateescape"))

def relu(x):
    print("in a call")
    logging.info("in a call, too")
    sys.__stdout__.write("around\n")
    return np.maximum(x, 0)
'''


@pytest.fixture
def check(tmp_path, monkeypatch):
    (tmp_path / "hostile.py").write_text(SOURCE, encoding="utf-8")
    (tmp_path / "loud.py").write_text(LOUD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    parser = argparse.ArgumentParser()
    checking.add_parser(parser.add_subparsers(dest="command"))

    def run(*words):
        args = parser.parse_args(["check", *words])
        return args.run(args)

    return run


def relu(check, name, *more, backward=()):
    return check("activation", f"hostile:{name}", *backward, "--json", *more)


def found(capfd):
    return json.loads(capfd.readouterr().out)


def test_what_is_right_is_right(check, capfd):
    assert relu(check, "relu", backward=["hostile:slope"]) == 0
    assert found(capfd)["passed"] is True


def as_wrong(result):
    """Whether the verdict is that on `wrong`, in every configuration."""
    here = testing.check_activation(lambda x: np.maximum(x, 0) + (x > 2.5))
    return [(f["configuration"], f["message"]) for f in result["failures"]] == [
        (f.configuration, f.message) for f in here.failures] != []


@pytest.mark.every(2)
@pytest.mark.parametrize("name", ["wrong", "patches", "verdict_file", "agreeable"])
def test_what_is_wrong_stays_wrong_whatever_it_patches_or_writes(check, capfd, name):
    assert relu(check, name) == 1
    assert as_wrong(found(capfd))


@pytest.mark.parametrize(("name", "why"), [
    ("garbage", "the process died with an answer that is none"),
    ("huge_answer", "the process died with an answer that is none"),
    ("nested", "the process died with an answer that is none"),
    ("leaves_at_once", "the process died with exit status 0"),
    ("kills_the_group", "the process died with exit status -9"),
    ("leaves", "every call failed: forward raised SystemExit: 0"),
    ("interrupts", "every call failed: forward raised KeyboardInterrupt"),
    ("asks", "every call failed: forward raised EOFError"),
    ("too_much_memory", "every call failed: forward raised"),
])
def test_what_never_answers_could_not_be_called(check, capfd, name, why):
    assert relu(check, name) == 2
    result = found(capfd)
    assert result["passed"] is False
    assert why in result["error"]


@pytest.mark.parametrize("name", ["in_c_for_ever", "half_an_answer"])
def test_what_never_ends_is_killed(check, capfd, name):
    started = time.monotonic()
    assert relu(check, name, "--timeout", "0.3") == 1
    assert [d["slug"] for d in found(capfd)["diagnosis"]] == ["runs-for-ever"]
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("name", ["early", "code", "negative_shape", "objects"])
def test_an_answer_that_is_forged_is_judged_like_any_other(check, capfd, name):
    assert relu(check, name) == 1
    assert not found(capfd)["passed"]


def test_a_crash_in_some_configurations_is_a_failure_of_these(check, capfd):
    assert relu(check, "crashes_on_maps") == 1
    failures = found(capfd)["failures"]
    assert {f["configuration"] for f in failures} == {"a batch of maps"}
    assert failures[0]["message"] == "forward ends its process: exit status -11"


def test_a_fork_does_not_answer_twice(check, capfd):
    assert relu(check, "forks") == 0
    assert found(capfd)["passed"]


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_nothing_is_left_running(check, capfd, tmp_path):
    started = time.monotonic()
    assert relu(check, "leaves_others") == 0
    pids = (tmp_path / "others").read_text().split()
    assert len(set(pids)) > 4
    end = time.monotonic() + 5
    while any(map(alive, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    assert [pid for pid in pids if alive(pid)] == []
    assert time.monotonic() - started < 20


def test_no_handle_of_the_judge_is_inherited(check, capfd, tmp_path):
    with open(tmp_path / "mine", "w") as mine:
        os.set_inheritable(mine.fileno(), True)
        assert relu(check, "every_handle") == 2
    assert (tmp_path / "mine").read_text() == ""
    assert "forged" not in capfd.readouterr().out


@pytest.mark.parametrize(("name", "message"), [
    ("too_large", "y must have shape (1,), got (3000, 3000)"),
    ("too_many", "y must have shape (1,), got far too many entries"),
    ("ones_too_many", "y must have shape (1,), got (1, 3)"),
    ("reduces", "y must hold real numbers, got dtype object"),
])
def test_what_is_no_array_of_the_right_size_is_told_so(check, capfd, tmp_path, name, message):
    assert relu(check, name) == 1
    assert found(capfd)["failures"][0]["message"] == message
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize(("name", "slug"), [
    ("flips_the_flag", "changes-its-input"), ("reshapes_in_place", "changes-its-input"),
    ("in_place", "changes-its-input"),
    ("one_buffer", "result-overwritten"),
])
def test_conduct_is_seen_from_here(check, capfd, name, slug):
    assert relu(check, name) == 1
    assert found(capfd)["diagnosis"][0]["slug"] == slug


def test_a_view_of_an_input_is_noted(check, capfd):
    relu(check, "is_a_view")
    assert "y is a view of an input" in found(capfd)["notes"]


def test_a_state_that_cannot_be_copied_comes_back_as_it_was(check, capfd):
    assert check("update", "hostile:step", "--json") == 0


def test_a_step_in_place_changes_the_arrays_of_the_judge(check, capfd):
    assert check("update", "hostile:step_in_place", "--in-place", "--json") == 1
    result = found(capfd)
    assert "momentum" in result["known"][0]
    assert {f["configuration"] for f in result["failures"]} == {
        "momentum, 3 steps", "weight decay and momentum, 3 steps",
        "decay larger than rate, 3 steps"}


@pytest.mark.parametrize("options", [["--json"], ["--points"], []])
def test_what_the_module_prints_is_on_the_standard_error(check, capfd, options):
    assert check("activation", "loud:relu", *options) == 0
    out, err = capfd.readouterr()
    if "--json" in options:
        assert json.loads(out)["notes"] == ["forward prints"]
    for text in ("at import", "past Python", "in C", "by another", "in a log", "at the end",
                 "in a call", "in a call, too", "around", r"\x1b[2J", r"\x80"):
        assert text in err
        assert text not in out


def test_the_process_ends_with_the_command(tmp_path):
    """Killed, interrupted, and with a function that never ends."""
    (tmp_path / "hostile.py").write_text(
        "import os, time\ndef relu(x):\n"
        "    open('pid', 'w').write(str(os.getpid()))\n    time.sleep(1000)\n")
    for number, status in ((signal.SIGINT, 130), (signal.SIGKILL, -9)):
        command = subprocess.Popen(
            [sys.executable, "-m", "cnnmat", "check", "activation", "hostile:relu",
             "--timeout", "900"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        end = time.monotonic() + 60
        while not (tmp_path / "pid").exists() and time.monotonic() < end:
            time.sleep(0.02)
        command.send_signal(number)
        out, err = command.communicate(timeout=30)
        assert (command.returncode, out) == (status, b"")
        assert err in (b"cnnmat check: interrupted\n", b"")
        pid = (tmp_path / "pid").read_text()
        (tmp_path / "pid").unlink()
        end = time.monotonic() + 5
        while alive(pid) and time.monotonic() < end:
            time.sleep(0.05)
        assert not alive(pid)


# --- the parts, without a process ------------------------------------------------------------


@pytest.mark.parametrize("value", [
    None, True, 3, -1.5, float("inf"), (), (1, [2.5, None]), {"w": 1}, np.arange(6).reshape(2, 3),
    np.zeros((0, 3)), np.array(2.5), np.array([1, 2], dtype=">f8"), np.array([True]),
    np.arange(4, dtype=np.longdouble),
])
def test_a_value_goes_through_the_pipe_unchanged(value):
    writer = worker.Writer()
    message = {"value": writer.node(worker.plain(value))}
    lengths = worker.LENGTHS.size
    frame = writer.frame(message)
    header, body = worker.LENGTHS.unpack(frame[:lengths])
    assert len(frame) == lengths + header + body
    node = json.loads(frame[lengths:lengths + header])["value"]
    back = worker.Reader(frame[lengths + header:]).value(node) if not isinstance(
        value, np.ndarray) else worker.Reader(frame[lengths + header:]).entries(*node["array"])
    assert type(back) is type(value)
    assert np.array_equal(back, value) if isinstance(value, np.ndarray) else back == value
    assert getattr(back, "dtype", None) == getattr(value, "dtype", None)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 3, 4)])
def test_an_array_lies_there_as_it_does_here(form, shape):
    array = dressed(np.arange(float(np.prod(shape))).reshape(shape), form)
    writer = remote.Arguments({})
    node = json.loads(json.dumps(writer.node((array,))))
    there, = worker.Handed(b"".join(writer.body), {}).value(node)
    assert np.array_equal(there, array)
    assert (there.strides, there.dtype) == (array.strides, array.dtype)
    assert str(there.flags) == str(array.flags)
    if form == "strided":
        assert np.array_equal(there.base, array.base)


@pytest.mark.parametrize(("node", "body"), [
    ({"array": ["<f8", [2]]}, bytes(8)), ({"array": ["<f8", [True]]}, bytes(8)),
    ({"array": ["<f8", [2**62, 2**62]]}, bytes(8)), ({"array": ["<f8", ["1"]]}, bytes(8)),
    ({"array": ["|O", [1]]}, bytes(8)), ({"array": ["V8", [1]]}, bytes(8)),
    ({"array": [["<f8", "O"], [1]]}, bytes(8)), ({"array": ["<f8", [1] * 99]}, bytes(8)),
    ({"entries": ["<f8"]}, b""), ({"_class__": 1}, b""), ([1], b""), ({}, b""),
    ({"list": 3}, b""), ({"dict": [1]}, b""), ({"other": ["a"]}, b""), ({"list": [], "a": 1}, b""),
])
def test_what_is_no_value_is_refused(node, body):
    with pytest.raises((TypeError, ValueError, AttributeError)):
        remote.Answered({"number": 1, "value": node}, body)


class Near(process.Process):
    """Its server is a thread of this process."""

    def ask(self, writer, request, read, timeout=30):
        self.number += 1
        self.link.sendall(writer.frame({**request, "number": self.number}))
        self.until = time.monotonic() + timeout
        return read(*self._reply())

    def start(self):
        self.link, theirs = socket.socketpair()
        self.process = threading.Thread(target=self.serve, args=(theirs,))
        self.process.start()
        request = {"do": "convene", "ask": "bring", "names": self.names, "path": sys.path}
        return self.ask(worker.Writer(), request, lambda reply, _: reply)

    def serve(self, link):
        with link:
            worker.serve(link)

    def stop(self, grace):
        self.link.close()
        self.process.join(30)
        assert not self.process.is_alive()


@pytest.fixture
def near(check, tmp_path, monkeypatch):
    """(what the import answers, the functions) of names."""
    monkeypatch.syspath_prepend(tmp_path)
    homes = []

    def make(*names):
        home = Near(list(names), 60)
        homes.append(home)
        reply = home.start()
        return reply, [remote.Function(home, k, name) for k, name in enumerate(names)]

    yield make
    for home in homes:
        home.stop(0)
    sys.modules.pop("hostile", None)


def test_a_server_imports_calls_and_looks_again(near, capsys):
    reply, (buffer, gone, view) = near(
        "hostile:one_buffer", "hostile:leaves", "hostile:flips_the_flag")
    assert reply["names"] == ["one_buffer", "leaves", "flips_the_flag"]
    x = np.array([1.0, -2.0])
    call = buffer.within(lambda: buffer(x), 5, keep=True)
    assert (call.status, call.value.tolist(), call.printed) == ("returned", [1, 0], False)
    buffer.within(lambda: buffer(-x), 5)
    assert buffer.now(call.value).tolist() == [0, 2]
    assert buffer.now(x) is x
    call = gone.within(lambda: gone(x), 5)
    assert (call.status, call.error, call.error_type) == (
        "raised", "SystemExit: 0", "SystemExit")
    view.within(lambda: view(x), 5)
    assert x.tolist() == [2, -4]


@pytest.mark.parametrize(("name", "why"), [
    ("hostile:missing", "hostile:missing cannot be imported: AttributeError"),
    ("nowhere:f", "nowhere:f cannot be imported: ModuleNotFoundError"),
    ("hostile:np", "hostile:np must be callable, got module"),
])
def test_a_server_says_what_it_cannot_import(near, name, why):
    reply, _ = near(name)
    assert reply["refused"].startswith(why)


def test_a_server_sends_no_more_than_is_read(near):
    _, (many, one, nested) = near("hostile:too_many", "hostile:too_large", "hostile:forty_deep")
    x = np.zeros(2)
    found = [f.within(lambda f=f: f(x), 30).value for f in (many, one, nested)]
    assert [(o.kind, o.text) for o in found[:2]] == [
        ("large", "far too many entries"), ("large", "(3000, 3000)")]
    assert np.asarray(found[2]).shape == (1,) * 40


def test_a_text_of_theirs_is_short_and_can_be_seen():
    answer = remote.Answered({"number": 1, "raised": ["\x1b[2J" + "x" * 10_000, 7,
                                              [["ValueError"], []]]}, b"")
    assert answer.raised == (r"\x1b[2J" + "x" * 493, "7", "accident")
    assert len(answer.raised[0]) == 500
