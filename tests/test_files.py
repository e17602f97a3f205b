"""Files come into place whole or not at all, and what cannot be written is said before."""

import os
import resource
import signal
import socket
import stat
import subprocess
import sys
import threading

import pytest

from cnnmat import files


def write(path, data):
    with files.replacing(path) as file:
        file.write(data)


def begin(path, error):
    with files.replacing(path) as file:
        file.write(b"half of")
        raise error


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@pytest.fixture
def target(tmp_path):
    path = tmp_path / "report.json"
    path.write_bytes(b"the old one")
    return path


def test_a_file_is_replaced_when_all_is_written(target):
    with files.replacing(target) as file:
        file.write(b"the new")
        file.flush()
        assert target.read_bytes() == b"the old one"
        file.write(b" one")
    assert target.read_bytes() == b"the new one"
    assert names(target.parent) == ["report.json"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_whatever_goes_wrong_the_old_file_stays_and_nothing_is_left(target, error):
    with pytest.raises(error):
        begin(target, error)
    assert target.read_bytes() == b"the old one"
    assert names(target.parent) == ["report.json"]


def test_a_disk_that_is_full_keeps_the_old_file(target):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            write(target, b"x" * 20_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert target.read_bytes() == b"the old one"
    assert names(target.parent) == ["report.json"]


WRITER = """
import sys, time
from cnnmat import files
with files.replacing(sys.argv[1]) as file:
    file.write(b"half of")
    file.flush()
    print("writing", flush=True)
    sys.stdin.readline()
"""


def test_what_a_killed_process_leaves_is_cleared_away_and_a_living_one_is_not_disturbed(target):
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(target)], text=True,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE)
               for _ in range(2)]
    assert [one.stdout.readline() for one in writers] == ["writing\n"] * 2
    dying, living = writers
    dying.send_signal(signal.SIGKILL)
    dying.wait()
    assert len(names(target.parent)) == 3
    assert target.read_bytes() == b"the old one"
    write(target, b"the new one")
    assert len(names(target.parent)) == 2
    living.communicate("go on\n")
    assert living.returncode == 0
    assert names(target.parent) == ["report.json"]
    assert target.read_bytes() == b"half of"
    dying.stdin.close()
    dying.stdout.close()


def test_two_writers_of_one_process_do_not_clear_each_other_away(target):
    with files.replacing(target) as one:
        write(target.with_name("other.json"), b"another")
        write(target, b"in between")
        one.write(b"the last")
    assert target.read_bytes() == b"the last"
    assert names(target.parent) == ["other.json", "report.json"]


def test_only_what_is_named_as_left_over_is_cleared_away(target):
    folder = target.parent
    mine = [".cnnmat-1-0123abcd.tmp.bak", "a.cnnmat-1-0123abcd.tmp", ".cnnmat-1-xyz.tmp"]
    for name in mine:
        (folder / name).write_bytes(b"mine")
    (folder / ".cnnmat-12-0123abcd.tmp").mkdir()
    (folder / ".cnnmat-13-0123abcd.tmp").symlink_to(folder / mine[0])
    (folder / ".cnnmat-14-0123abcd.tmp").write_bytes(b"left over")
    before = names(folder)
    write(target, b"new")
    assert names(folder) == [name for name in before if "-14-" not in name]


def test_a_beginner_that_was_cleared_away_at_birth_begins_again(target, monkeypatch):
    lock, calls = files.fcntl.flock, []

    def slow(descriptor, kind):
        if not calls:
            left, = target.parent.glob(".cnnmat-*")
            left.unlink()
        calls.append(kind)
        lock(descriptor, kind)

    monkeypatch.setattr(files.fcntl, "flock", slow)
    write(target, b"new")
    assert target.read_bytes() == b"new"
    assert len(calls) == 2


def test_where_there_are_no_locks_it_is_still_whole_or_old(target, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    write(target, b"new")
    assert target.read_bytes() == b"new"
    assert names(target.parent) == ["report.json"]


def test_where_locks_fail_nothing_is_cleared_away_and_all_is_written(target, monkeypatch):
    def no_lock(*_):
        raise OSError("no locks here")

    monkeypatch.setattr(files.fcntl, "flock", no_lock)
    with files.replacing(target) as file:
        write(target, b"in between")
        file.write(b"new")
    assert target.read_bytes() == b"new"


# --- modes and links ------------------------------------------------------------


def test_a_new_file_has_the_mode_that_the_umask_says(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "new", b"1")
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == 0o640


@pytest.mark.parametrize("kept", [0o600, 0o664, 0o755])
def test_an_old_file_keeps_its_mode_and_owner(target, kept):
    if os.getuid() == 0:
        os.chown(target, 1234, 1234)
    target.chmod(kept)
    before = target.stat()
    write(target, b"new")
    assert mode(target) == kept
    assert (target.stat().st_uid, target.stat().st_gid) == (before.st_uid, before.st_gid)


def test_a_link_is_written_through_even_where_it_leads_nowhere_yet(tmp_path):
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to("folder/report.json")
    for data in (b"new", b"newer"):
        files.check("FILE", link)
        write(link, data)
        assert link.is_symlink()
        assert (tmp_path / "folder" / "report.json").read_bytes() == data
    assert names(tmp_path) == ["folder", "link"]
    assert names(tmp_path / "folder") == ["report.json"]


def test_the_longest_name_that_there_is_can_be_written(tmp_path):
    path = tmp_path / ("n" * 255)
    files.check("FILE", path)
    write(path, b"1")
    assert path.read_bytes() == b"1"


# --- what is no file ------------------------------------------------------------


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    path, got = tmp_path / "pipe", []
    os.mkfifo(path)
    files.check("FILE", path)
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write(path, b"through the pipe")
    reader.join(5)
    assert got == [b"through the pipe"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_devices_stay_what_they_are():
    for path in (os.devnull, "/dev/full"):
        files.check("FILE", path)
    write(os.devnull, b"gone")
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)
    with pytest.raises(OSError, match="No space left"):
        write("/dev/full", b"too much")


STANDARD = """
import sys
from cnnmat import files
print("before")
files.check("FILE", "/dev/stdout")
with files.replacing("/dev/stdout") as file:
    file.write(b"in between\\n")
print("after")
"""


def test_the_standard_output_is_written_to_in_its_place(tmp_path):
    wanted = b"before\nin between\nafter\n"
    call = [sys.executable, "-c", STANDARD]
    buffered = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    with open(tmp_path / "out", "wb") as out:
        subprocess.run(call, stdout=out, check=True, env=buffered)
    assert (tmp_path / "out").read_bytes() == wanted
    assert names(tmp_path) == ["out"]
    assert subprocess.run(call, stdout=subprocess.PIPE, check=True, env=buffered).stdout == wanted


def test_a_reader_of_the_standard_output_may_leave():
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        stream = files.Unread(gone.fileno(), "w", closefd=False)
        assert stream.write(b"nobody reads this") == 17


# --- before a run ------------------------------------------------------------


FOLDER = "must be a file in a folder that exists, got "
OTHER = "must be a file that can be written, got "


@pytest.mark.parametrize(("path", "message"), [
    ("missing/report.json", FOLDER), ("folder", FOLDER), ("folder/", FOLDER), ("", FOLDER),
    ("new/", FOLDER), ("file/report.json", FOLDER), (".", FOLDER),
    ("loop", OTHER), ("n" * 300, OTHER), ("nul\0", OTHER), ("socket", OTHER),
])
def test_what_cannot_be_written_is_said_and_nothing_is_made(tmp_path, monkeypatch, path, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"mine")
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as one:
        one.bind("socket")
        before = names(tmp_path)
        with pytest.raises(ValueError, match="^--json " + message):
            files.check("--json", path)
    assert names(tmp_path) == before
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_a_place_where_nobody_may_write_is_said():
    with pytest.raises(ValueError, match=r"^FILE must be a file "):
        files.check("FILE", "/proc/report.json")


@pytest.mark.parametrize("refused", ["report.json", ".cnnmat-"])
def test_no_permission_for_the_file_or_for_its_folder_is_said(target, monkeypatch, refused):
    opened = os.open

    def forbidding(path, *args):
        if os.path.basename(path).startswith(refused):
            raise PermissionError(13, "Permission denied")
        return opened(path, *args)

    monkeypatch.setattr(os, "open", forbidding)
    with pytest.raises(ValueError, match=r"report\.json': Permission denied$"):
        files.check("FILE", target)


def test_looking_changes_nothing(target):
    before = target.stat()
    files.check("FILE", target)
    files.check("FILE", target.with_name("new"))
    assert target.stat().st_mtime_ns == before.st_mtime_ns
    assert names(target.parent) == ["report.json"]
