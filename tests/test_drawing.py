"""Matrices to look at: lines stand where blocks begin, in text, in HTML and in pictures."""

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest

from cnnmat import Blocks, Partition, Regions


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
    assert table.count('class="one"') == shown.matrix.nnz
    assert table.count('<tr class="rule">') == 1


def test_entries_of_text_are_escaped():
    assert "&lt;" in Blocks(np.array([["a<b"]], dtype=object))._repr_html_()


def test_spy_draws_both_signs_and_the_lines():
    ax = Blocks(np.array([[1, 0], [0, -2], [3, 0]]), rows=[1, 2]).spy()
    positive, negative, line = ax.get_lines()
    assert len(positive.get_xdata()) == 2
    assert len(negative.get_xdata()) == 1
    assert line.get_ydata()[0] == 0.5
    mpl.pyplot.close(ax.figure)
