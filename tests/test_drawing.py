"""Matrices to look at: lines stand where blocks begin, in text, in HTML and in pictures."""

import re
import sys
from fractions import Fraction
from html.parser import HTMLParser

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest
import sympy
from scipy import sparse

from cnnmat import Blocks, Network, Partition, Regions, Stage, Windows, show, weight_matrix
from cnnmat.drawing import Drawable, named


def test_lines_stand_before_each_block_but_the_first():
    drawn = Blocks(np.zeros((6, 5), dtype=int), rows=2, columns=[1, 3, 1]).plain()
    assert (drawn["row_lines"], drawn["column_lines"]) == ([2, 4], [1, 4])


def test_v_and_t_draw_their_own_blocks():
    assert Partition([[0, 1], [1, 2], [2, 0]], 3).blocks().plain()["row_lines"] == [2, 4]
    assert Regions([[0, 2, 3], [1]], 4).blocks().plain()["row_lines"] == [3]


@pytest.mark.parametrize("shown", [Partition([[0, 1], [1, 2]], 3), Regions([[0, 2], [1]], 3)])
def test_a_notebook_shows_ones_zeros_and_rules(shown):
    table = shown._repr_html_()
    assert table.count("<tr") == shown.matrix.shape[0]
    rows = table.split("<tr")[1:]
    assert [row.count("border-top:1px solid") for row in rows] == [
        shown.matrix.shape[1] * row.startswith(' class="rule"') for row in rows]
    assert table.count('class="one"') == shown.matrix.nnz == table.count(">1</td>")
    assert table.count('<tr class="rule">') == 1


def test_names_are_escaped():
    html = show([[1]], labels=(['a"<b'], None))._repr_html_()
    assert Reader(html).titles == ['row 0 = a"<b; column 0']


def test_truth_is_written_as_a_number():
    assert repr(Blocks(np.array([[True, False]]))) == "1  ."


def test_entries_of_text_are_escaped():
    assert "&lt;" in Blocks(np.array([["a<b"]], dtype=object))._repr_html_()


def colours(image):
    """The signs that an array of colours shows, by which of red and blue is the less."""
    red, blue = image[..., 0], image[..., 2]
    return np.where(red < blue - 0.1, 1, np.where(blue < red - 0.1, -1, 0))


def test_spy_draws_both_signs_and_the_lines():
    ax = Blocks(np.array([[1, 0], [0, -2], [3, 0]]), rows=[1, 2]).spy()
    (image,), (line,) = ax.get_images(), ax.get_lines()
    assert (colours(image.get_array()) == [[1, 0], [0, -1], [1, 0]]).all()
    # the larger, the darker
    assert image.get_array()[2, 0, 0] < image.get_array()[0, 0, 0]
    assert line.get_ydata()[0] == 0.5
    mpl.pyplot.close(ax.figure)


# --- everything that is drawn, in each of its forms ------------------------------------------

WINDOWS = Windows((3, 4), kernel=(2, 3))
PARTITION = Partition(WINDOWS)
NET = Network(2, [
    Stage(PARTITION, 2, "relu", Regions(Windows((2, 2), (1, 2))), "max"),
    Stage(Partition([[0, 1], [1, 0], [1, 1]], 2), 3, "identity")],
    widths=[4, 5], activations=["tanh", "identity"])
START = NET.initial(seed=0)
FORWARD = NET.forward(START, np.arange(48).reshape(2, 2, 12) % 5)
BACKWARD = NET.backward(START, FORWARD, np.eye(5)[:2])
FACTORS = NET.jacobians(START, FORWARD)
DRAWN = {
    "a view": show(weight_matrix(PARTITION, range(6))), "Blocks": PARTITION.blocks(),
    "Partition": PARTITION, "Regions": NET.stages[1].regions, "Network": NET,
    "Forward": FORWARD, "Backward": BACKWARD, "Parameters": START, "Jacobians": FACTORS,
}


class Reader(HTMLParser):
    """What an HTML fragment shows: its text, the titles of cells, and tags left open."""

    def __init__(self, html):
        super().__init__()
        self.open, self.titles, self.text = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)
        self.titles += [value for name, value in attrs if name == "title"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.text.append(data)


@pytest.mark.parametrize("name", DRAWN)
def test_what_is_drawn_has_three_forms(name):
    one = DRAWN[name]
    view = one.view()
    assert isinstance(one, Drawable)
    assert view.headline in str(one)
    assert view.reading in str(one)
    html = Reader(one._repr_html_())
    assert html.open == []
    assert view.headline in "".join(html.text)
    assert view.reading in "".join(html.text)
    figure = one.draw()
    assert figure.number not in mpl.pyplot.get_fignums()
    said = figure.get_suptitle() + (figure.get_supxlabel() or "".join(
        legend.get_title().get_text() for legend in figure.legends))
    assert said.replace("\n", " ").startswith((view.headline + view.reading)[:60])


@pytest.mark.parametrize("name", ["Partition", "Regions", "Network", "Forward", "Backward"])
def test_the_short_form_is_one_line(name):
    assert repr(DRAWN[name]).startswith(f"{name}(")
    assert "\n" not in repr(DRAWN[name])


def test_what_says_nothing_of_itself_is_refused():
    with pytest.raises(NotImplementedError, match="Drawable must say what there is to see"):
        str(Drawable())


@pytest.mark.parametrize("which", [FORWARD, BACKWARD])
def test_another_sample_is_asked_for_by_number(which):
    assert "sample 1" in which.view(1).headline
    assert str(which.view(1)) != str(which.view(0))
    with pytest.raises(ValueError, match="n must be below the 2 samples, got 2"):
        which.view(2)


def test_signals_are_drawn_with_their_own_numbers():
    parts = {part.title: part for part in FORWARD.view(1).parts}
    assert (parts["z_2"].matrix == FORWARD.z_c[2][1]).all()
    assert (parts["H_1"].matrix == FORWARD.H_c[1][1]).all()
    assert parts["H_1"].plain()["row_lines"] == [2]
    assert parts["y_3ᵀ, fully connected"].matrix.tolist() == [FORWARD.y[1].tolist()]


# --- rows and columns by name ----------------------------------------------------------------


def test_a_cell_says_which_window_and_which_pixel_meet():
    V = weight_matrix(PARTITION, [1, 2, 3, 4, 5, 6])
    html = show(V, labels=(named("pixel", (3, 4)), named("window", (2, 2))))._repr_html_()
    cell = '<td class="plus" title="row 4 = pixel (1, 1); column 1 = window (1, 0)">3</td>'
    assert cell in html
    assert V.toarray()[4, 1] == 3
    # that pixel is entry (0, 1) of that window, the third in the order of vec
    assert WINDOWS.indices[1, 2] == 4


def test_titles_of_v_and_t_are_the_geometry():
    titles = Reader(PARTITION._repr_html_()).titles
    cells = [(r, c) for r in range(24) for c in range(12)]
    for (r, c), title in zip(cells, titles, strict=True):
        p, s = divmod(r, 6)
        assert title == (f"row {r} = entry ({s % 2}, {s // 2}) of window ({p % 2}, {p // 2}); "
                         f"column {c} = pixel ({c % 3}, {c // 3})")
    titles = Reader(Regions([[2], [0, 1]], 3)._repr_html_()).titles
    assert titles[8] == "row 2 = place 1 of region 1; column 2 = entry 2"
    lists = Reader(Partition([[0, 1]], 2)._repr_html_()).titles
    assert lists[3] == "row 1 = entry 1 of window 0; column 1 = entry 1"


def test_without_names_a_cell_has_numbers_and_names_may_be_a_list():
    assert Reader(show([[5, 7]])._repr_html_()).titles == ["row 0; column 0", "row 0; column 1"]
    said = show([[5, 7]], labels=(["only"], None))
    assert Reader(said._repr_html_()).titles[1] == "row 0 = only; column 1"


def test_colour_says_the_sign():
    html = show([[-2, 0, 3, 1]])._repr_html_()
    kinds = re.findall('<td class="([a-z]+)"', html)
    assert kinds == ["minus", "zero", "plus", "one"]
    assert "prefers-color-scheme:dark" in html


def test_a_picture_names_rows_and_writes_numbers_where_there_is_room():
    figure = show([[1, -2], [0, 3]], labels=(["up", "down"], None)).draw()
    (ax,) = figure.axes
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["up", "down"]
    assert [text.get_text() for text in ax.texts] == ["1", "-2", "3"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "positive", "negative", "0"]


def test_a_picture_of_what_has_no_number_says_so():
    figure = show(np.array([[Fraction(1, 2), sympy.Symbol("a")]], dtype=object)).draw()
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "positive", "not a number", "0"]


# --- what is large ---------------------------------------------------------------------------


class Counting(sparse.csr_array):
    """A sparse array that tells of the largest part that was made dense."""

    largest = 0

    def toarray(self, *args, **options):
        Counting.largest = max(Counting.largest, self.shape[0] * self.shape[1])
        return super().toarray(*args, **options)


def test_a_large_matrix_is_never_made_dense():
    # 10⁶ × 10⁶: dense it would be eight terabytes
    million = Counting(sparse.eye_array(10**6, format="csr"))
    shown = show(million, blocks=(9, 9))
    html, text = shown._repr_html_(), str(shown)
    assert 0 < Counting.largest <= 36 * 30 < 2000
    assert (len(html), len(text)) < (200_000, 5_000)
    remark = "left out: rows 21 to 999989 of 0 to 999999"
    assert remark in text
    assert "left out: rows 24 to 999988 of 0 to 999999, columns 20" in html
    figure = shown.draw()
    assert "each dot: up to 2500 × 2500 entries" in figure.axes[0].get_xlabel()
    assert figure.axes[0].get_images()[0].get_array().shape == (400, 400, 3)
    assert (np.diag(colours(figure.axes[0].get_images()[0].get_array())) == 1).all()


def test_what_is_kept_is_in_its_place():
    matrix = np.arange(60 * 50).reshape(60, 50)
    excerpt = Blocks(matrix, rows=20, columns=10).excerpt((7, 8))
    for r, row in enumerate(excerpt.rows):
        for c, column in enumerate(excerpt.columns):
            entry = "…" if row is None or column is None else str(matrix[row, column])
            assert excerpt.drawn["rows"][r][c] == entry
    titles = Reader(show(matrix)._repr_html_()).titles
    assert titles[-1] == "row 59; column 49"
    assert len(titles) == 35 * 29


def test_lines_of_text_are_not_long():
    text = str(show(np.random.default_rng(0).normal(size=(3, 200))))
    assert max(map(len, text.splitlines())) <= 100


def test_nothing_to_see_is_no_error():
    assert str(show(np.zeros((0, 3)))) == "0 × 3, 0 of 0 entries are not 0"


# --- show ------------------------------------------------------------------------------------


def test_show_leaves_a_matrix_what_it_is():
    V = weight_matrix(PARTITION, range(6))
    before = V.copy()
    show(V).draw()
    assert isinstance(V, sparse.csr_array)
    assert (V != before).nnz == 0


def test_show_of_what_draws_itself_is_its_view():
    assert show(NET) == NET.view()
    with pytest.raises(TypeError, match="must be left out for what draws itself, got them with a "
                                        "Network"):
        show(NET, title="a network")


def test_the_factors_are_drawn_with_a_line_between_maps():
    lines = {part.title: (part.plain()["row_lines"], part.plain()["column_lines"])
             for part in show(FACTORS).parts}
    assert lines["diag f'(z_c[1])"] == ([4], [4])
    assert lines["upv_1"] == ([4], [2])
    assert lines["V^(d,d',2)"] == ([2], [3, 6])
    assert lines["W_1ᵀ"] == ([3, 6], [])
    assert lines["W_2ᵀ"] == ([], [])
    assert repr(FACTORS).splitlines()[2:4] == [
        "upv_1            8 × 4, 4 not 0", "V^(d,d',2)       4 × 9, 30 not 0"]
    assert show(FACTORS[:2]).headline == "A product of 2 factors: 8 × 8"


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: show(np.zeros((2, 2, 2))), ValueError,
     "what must have one or two axes, got shape (2, 2, 2)"),
    (lambda: show([[1], [2]], blocks=0), ValueError,
     "blocks must be at least 1 for the rows, got 0"),
    (lambda: show([[1], [2]], blocks=([1, 2], None)), ValueError,
     "blocks must come to the 2 rows, got [1, 2]"),
    (lambda: show([[1, 2]], blocks=(None, [2, 0])), ValueError,
     "blocks must come to the 2 columns, got [2, 0]"),
    (lambda: show([[1]], labels="ab"), TypeError,
     "labels must be a pair (rows, columns), got 'ab'"),
    (lambda: show([[1, 2]], labels=(None, ["a"])), ValueError,
     "labels must have a name for each of the 2 columns, got 1"),
])
def test_show_says_what_is_wrong(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()


def test_without_matplotlib_a_picture_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ModuleNotFoundError, match=re.escape("pip install 'cnnmat[plot]'")):
        PARTITION.draw()
    assert str(PARTITION).startswith("V: 4 windows")


# --- the diagram of a network ----------------------------------------------------------------


def test_the_diagram_has_the_sizes_of_the_network():
    (flow,) = NET.view().parts
    assert [(layer.name, layer.size) for layer in flow.layers] == [
        ("h", "2 maps of 3 × 4"), ("z_1", "2 maps of 2 × 2"), ("t_1", "2 maps of 2 × 1"),
        ("z_2", "3 maps of 3 entries"), ("t_2", "3 maps of 3 entries"),
        ("y_2", "4 units"), ("y_3", "5 units")]
    numbers = [layer.units for layer in flow.layers if layer.name[0] == "t"]
    assert numbers == [FORWARD.t_c[c][0].size for c in (1, 2)]
    assert flow.layers[1].steps == ("V_1 24 × 12", "W_1 12 × 2")
    assert flow.layers[2].steps == ("relu", "max, T_1 4 × 4")
    assert flow.layers[4].steps == ("identity", "no pooling")
    assert sum(array.size for array in START.arrays()) == 111
    assert "111 parameters" in str(NET)


def test_the_picture_of_a_network_says_what_the_text_says():
    said = [text.get_text() for text in NET.draw().axes[0].texts]
    for layer in NET.view().parts[0].layers:
        assert f"{layer.name}\n{layer.size}" in said
        assert not layer.steps or "\n".join(layer.steps) in said
