"""A folder that is made anew keeps what is somebody else's."""

import json
import os

import pytest

from cnnmat import folders


@pytest.fixture
def site(tmp_path):
    folders.fill("DIR", tmp_path / "site", {"index.html": b"one", "a/b.html": b"two"})
    return tmp_path / "site"


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_new_folder_holds_the_files_and_their_list(site):
    assert names(site) == ["a/b.html", folders.LIST, "index.html"]
    assert (site / "a/b.html").read_bytes() == b"two"
    assert json.loads((site / folders.LIST).read_text())["files"].keys() == {
        "index.html", "a/b.html"}


def test_an_empty_folder_is_taken(tmp_path):
    folders.fill("DIR", tmp_path, {"index.html": b"one"})
    assert names(tmp_path) == [folders.LIST, "index.html"]


def test_what_was_made_is_made_anew_and_what_is_no_more_is_removed(site):
    (site / "CNAME").write_text("mine")
    (site / "a" / "own.txt").write_text("mine")
    kept = (site / "index.html").stat().st_mtime_ns
    folders.fill("DIR", site, {"index.html": b"one", "c/d.html": b"three"})
    assert names(site) == ["CNAME", "a/own.txt", "c/d.html", folders.LIST, "index.html"]
    # what has not changed is not written again
    assert (site / "index.html").stat().st_mtime_ns == kept
    folders.fill("DIR", site, {"index.html": b"one"})
    assert not (site / "c").exists()


@pytest.mark.parametrize("bystander", ["notes.txt", folders.LIST])
def test_a_folder_of_somebody_elses_is_refused(tmp_path, bystander):
    (tmp_path / bystander).write_text("mine")
    with pytest.raises(ValueError, match="DIR must be new, empty, or made by this command, got "):
        folders.fill("DIR", tmp_path, {"index.html": b"one"})
    assert names(tmp_path) == [bystander]


@pytest.mark.parametrize("inside", ["../mine.txt", "/mine.txt", ""])
def test_a_list_that_names_what_lies_outside_is_none(tmp_path, inside):
    (tmp_path / "mine.txt").write_text("mine")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / folders.LIST).write_text(json.dumps({"files": {inside: []}}))
    with pytest.raises(ValueError, match="made by this command"):
        folders.fill("DIR", tmp_path / "site", {"index.html": b"one"})
    assert (tmp_path / "mine.txt").read_text() == "mine"


def test_a_file_that_somebody_has_changed_is_refused(site):
    (site / "index.html").write_text("mine")
    with pytest.raises(ValueError, match=r"'index.html' in .* was changed since; move it away"):
        folders.fill("DIR", site, {"a/b.html": b"three"})
    assert (site / "a/b.html").read_bytes() == b"two"
    (site / "index.html").unlink()
    folders.fill("DIR", site, {"index.html": b"four"})
    assert names(site) == [folders.LIST, "index.html"]


def test_a_file_that_was_made_and_is_now_a_link_is_refused(site, tmp_path):
    (tmp_path / "mine.html").write_bytes(b"one")
    (site / "index.html").unlink()
    (site / "index.html").symlink_to(tmp_path / "mine.html")
    with pytest.raises(ValueError, match="was changed since"):
        folders.fill("DIR", site, {"index.html": b"two"})
    assert (tmp_path / "mine.html").read_bytes() == b"one"


@pytest.mark.parametrize(("own", "message"), [
    ("new.html", "room for 'new.html', there is one of somebody else's"),
    ("c", "room for 'c/d.html', '.*c' is in its way"),
])
def test_nothing_is_written_where_something_is_in_the_way(site, own, message):
    (site / own).write_text("mine")
    before = names(site)
    with pytest.raises(ValueError, match=message):
        folders.fill("DIR", site, {"index.html": b"5", "new.html": b"6", "c/d.html": b"7"})
    assert names(site) == before
    assert (site / "index.html").read_bytes() == b"one"
    assert (site / own).read_text() == "mine"


def test_a_folder_inside_that_leads_elsewhere_is_in_the_way(site, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (site / "c").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ValueError, match="is in its way"):
        folders.fill("DIR", site, {"c/d.html": b"7"})
    assert names(tmp_path / "elsewhere") == []


def test_a_run_that_ended_before_its_time_can_be_repeated(site, monkeypatch):
    written = []

    def ending(path):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(path)
        return replacing(path)

    replacing = folders.files.replacing
    monkeypatch.setattr(folders.files, "replacing", ending)
    contents = {"index.html": b"1", "a/b.html": b"2", "new.html": b"3"}
    with pytest.raises(KeyboardInterrupt):
        folders.fill("DIR", site, contents)
    monkeypatch.undo()
    # one is written, one is still the old one, one is not there yet
    assert (site / "index.html").read_bytes() == b"1"
    assert (site / "a/b.html").read_bytes() == b"two"
    folders.fill("DIR", site, contents)
    assert (site / "new.html").read_bytes() == b"3"
    folders.check("DIR", site)


@pytest.mark.parametrize(("place", "message"), [
    ("no/such", "DIR must be a folder in one that exists, got '.*no/such'"),
    ("file", "DIR must be a folder, got '.*file', which is none"),
    ("nowhere", "DIR must be a folder, got '.*nowhere', which is none"),
])
def test_what_can_be_no_folder_is_told(tmp_path, place, message):
    (tmp_path / "file").touch()
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    with pytest.raises(ValueError, match=message):
        folders.check("DIR", tmp_path / place)


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(ValueError, match="DIR must be a folder that can be written to"):
        folders.check("DIR", tmp_path)
