"""Whatever a function does, the sandbox returns."""

import signal
import sys
import threading
import time
import warnings

import pytest

from cnnmat.testing import sandbox


def forever():
    while True:
        pass


def test_a_value_comes_back():
    assert sandbox.call(lambda a, b: a + b, (1, 2), 1).value == 3


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), KeyboardInterrupt(),
                                   RecursionError(), GeneratorExit(), StopIteration()])
def test_any_exception_is_an_outcome(error):
    def function():
        raise error

    assert sandbox.call(function, (), 1).status == "raised"


def test_the_first_line_of_a_message_is_kept():
    def function():
        raise ValueError("shapes (2,) and (3,)\nmore")

    assert sandbox.call(function, (), 1).error == "ValueError: shapes (2,) and (3,)"


def test_a_loop_without_end_is_stopped():
    started = time.monotonic()
    assert sandbox.call(forever, (), 0.1).status == "timeout"
    assert time.monotonic() - started < 2


def test_sleep_counts():
    assert sandbox.call(time.sleep, (10,), 0.1).status == "timeout"


def test_except_exception_does_not_swallow_the_end():
    def function():
        while True:
            try:
                forever()
            except Exception:
                continue

    assert sandbox.call(function, (), 0.1).status == "timeout"


def test_a_bare_except_swallows_it_once_and_not_for_ever():
    def function():
        try:
            forever()
        except BaseException:
            forever()

    assert sandbox.call(function, (), 0.1).status == "timeout"


def test_in_another_thread_the_call_is_left_behind():
    box, stop = [], threading.Event()

    def call():
        box.append(sandbox.call(stop.wait, (), 0.1))

    worker = threading.Thread(target=call)
    worker.start()
    worker.join(5)
    stop.set()
    assert box[0].status == "timeout"


def test_the_timer_is_taken_down(monkeypatch):
    assert sandbox.call(lambda: 1, (), 0.05).status != "timeout"
    time.sleep(0.1)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_what_is_printed_is_kept_from_the_terminal(capsys):
    def function():
        print("hello")
        print("oh", file=sys.stderr)

    assert sandbox.call(function, (), 1).printed == "hello\noh\n"
    assert capsys.readouterr() == ("", "")


def test_warnings_of_the_function_are_its_own_affair():
    def function():
        warnings.warn("careful", stacklevel=1)
        return 1

    assert sandbox.call(function, (), 1).value == 1
