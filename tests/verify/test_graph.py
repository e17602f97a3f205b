"""The map of a lecture: every line in a box, no box on another, edges as lines are named."""

import json
import re
from functools import cache
from html import unescape
from itertools import pairwise
from types import SimpleNamespace

import pytest

from cnnmat.verify import graph, html
from cnnmat.verify.claims import Lecture, Sides
from cnnmat.verify.judge import run
from cnnmat.verify.loading import every
from cnnmat.verify.neighbours import neighbours

SLUGS = [one.slug for one in every([])]


def found(lecture, **other):
    """Results that are as the lecture's file expects; those of `other` are not."""
    return [SimpleNamespace(claim=c, verdict=other.get(c.id, c.expect),
                            as_expected=c.id not in other)
            for c in lecture.claims.values() if not c.real]


@cache
def drawn(slug):
    [lecture] = [one for one in every([]) if one.slug == slug]
    anchors = {id: f"at {id}" for id in lecture.claims}
    return lecture, graph.graph(lecture, found(lecture), anchors, neighbours(lecture))


def node(made, id):
    [one] = [one for one in made["nodes"] if one["id"] == id]
    return one


@pytest.mark.parametrize("slug", SLUGS)
def test_every_line_is_in_one_box(slug):
    lecture, made = drawn(slug)
    lines = [line for one in made["nodes"] for line in one["lines"]]
    assert sorted(lines) == sorted(f"at {c.id}" for c in lecture.claims.values() if not c.real)
    assert all(line.split("/")[0] == f"at {one['id']}"
               for one in made["nodes"] for line in one["lines"])


@pytest.mark.parametrize("slug", SLUGS)
def test_no_box_lies_on_another_or_on_a_name_or_outside(slug):
    made = drawn(slug)[1]
    boxes = sorted((n["y"], n["x"], n["width"]) for n in made["nodes"])
    for (y, x, width), (other_y, other_x, _) in pairwise(boxes):
        assert other_y >= y + graph.HEIGHT or (other_y == y and other_x >= x + width)
    assert all(graph.NAMES <= x and x + width <= made["width"] for _, x, width in boxes)
    assert boxes[-1][0] + graph.HEIGHT <= made["height"]
    assert all(n["width"] >= graph.CHARACTER * len(n["id"]) + 22 for n in made["nodes"])


@pytest.mark.parametrize("slug", SLUGS)
def test_an_edge_is_there_where_a_line_names_another_number(slug):
    lecture, made = drawn(slug)
    named = {(used.split("/")[0], id.split("/")[0])
             for id, near in neighbours(lecture).items() for used in near["uses"]
             if not (lecture.claims[id].real or lecture.claims[used].real)}
    ids = [n["id"] for n in made["nodes"]]
    edges = [(ids[a], ids[b]) for a, b, _ in made["edges"]]
    assert len(edges) == len(set(edges))
    assert set(edges) == {(a, b) for a, b in named if a != b}


@pytest.mark.parametrize("slug", SLUGS)
def test_a_curve_starts_and_ends_at_its_boxes(slug):
    made = drawn(slug)[1]
    for a, b, path in made["edges"]:
        numbers = [int(one) for one in re.findall(r"-?\d+", path)]
        for k, (x, y) in ((a, numbers[:2]), (b, numbers[-2:])):
            box = made["nodes"][k]
            assert x == (2 * box["x"] + box["width"]) // 2
            assert y in (box["y"], box["y"] + graph.HEIGHT)


def test_a_box_has_its_worst_verdict_and_says_how_many_lines_have_which():
    lecture, made = drawn("sayed")
    box = node(made, "47.1257")
    own = [c.expect for c in lecture.claims.values()
           if c.id.split("/")[0] == "47.1257" and not c.real]
    assert "misprint" in own
    assert len(set(own)) > 1
    assert (box["tone"], box["sign"], box["worst"]) == ("misprint", "✗", "at 47.1257")
    assert box["words"] == f"{own.count('misprint')} misprint, {own.count('holds')} holds"
    anchors = {id: id for id in lecture.claims}
    worse = graph.graph(lecture, found(lecture, **{"47.1257/size": "holds"}), anchors,
                        neighbours(lecture))
    assert node(worse, "47.1257")["tone"] == "error"
    assert node(worse, "47.1257")["worst"] == "47.1257/size"


def test_rows_are_sections_in_the_order_of_the_text():
    made = drawn("sayed")[1]
    names = [name for name, _ in made["sections"]]
    assert names[:3] == ["masks", "filtered image", "gaussian mask"]
    assert [y for _, y in made["sections"]] == sorted({y for _, y in made["sections"]})
    # where (47.1133) is stated, not where it is proved for all sizes
    assert node(made, "47.1133")["y"] == node(made, "47.1130")["y"]
    equations = [n["id"] for n in sorted(made["nodes"], key=lambda n: (n["y"], n["x"]))
                 if re.fullmatch(r"47\.11\d\d", n["id"])]
    assert equations.index("47.1136") < equations.index("47.1138") < equations.index("47.1148")


@pytest.fixture
def lecture():
    lecture = Lecture("demo", "A </script><b>demo")
    for k in range(30):
        name = f"{k + 1}.{'</script>' if k == 3 else 'a' * (100 if k == 2 else 3)}"

        @lecture.claim(name, "identity", f"goes on from ({k}.0)", "1=1")
        def one(e):
            return Sides(truth=1, printed=1, wrong={"two": 2})
    return lecture


def test_one_file_is_one_section_without_a_name_and_its_rows_are_broken(lecture):
    made = graph.graph(lecture, found(lecture), {id: id for id in lecture.claims},
                       neighbours(lecture))
    assert [name for name, _ in made["sections"]] == [""]
    assert len({n["y"] for n in made["nodes"]}) > 3
    assert max(n["x"] + n["width"] for n in made["nodes"]) <= made["width"]


def test_a_lecture_without_lines_is_an_empty_map():
    made = graph.graph(Lecture("demo", "none"), [], {}, {})
    assert (made["nodes"], made["edges"], made["height"]) == ([], [], 0)


def test_the_report_has_the_map_as_data_whatever_a_lecture_says(lecture):
    text = html.page([lecture], [run(claim) for claim in lecture.claims.values()])
    [data] = re.findall(r'data-map="(.*?)"', text)
    made = json.loads(unescape(data))
    assert made["title"] == "A </script><b>demo"
    assert len(made["nodes"]) == 30


def test_a_lecture_of_one_number_has_no_map():
    lecture = Lecture("demo", "one")

    @lecture.claim("1.1", "identity", "one", "1=1")
    def one(e):
        return Sides(truth=1, printed=1, wrong={"two": 2})

    assert "<details class=\"map\"" not in html.page([lecture], [run(lecture.claims["1.1"])])
