# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 1. A correlation is a matrix
#
# A small window slides over an image. At each place we multiply what the window covers with a
# mask, and add. That is a *correlation*, the layer that gives convolutional networks their name.
#
# Here we write it as a matrix. Everything later is built on that.

# %%
import numpy as np
from exercises import difference, exercise
from scipy import sparse

from cnnmat import Partition, Windows, kron, loops, show, unvec, vec
from cnnmat.drawing import named

# %% [markdown]
# ## The image becomes a vector
#
# `vec` puts the columns of the image one below the other. Our image has 3 rows and 4 columns;
# rows and columns count from 0.

# %%
image = np.array([[1, 2, 3, 4],
                  [5, 6, 7, 8],
                  [9, 10, 11, 12]])
h = vec(image)
show(h, labels=(named("pixel", image.shape), None), title="h = vec(image)")

# %% [markdown]
# Rest the mouse on an entry: it tells which pixel it is. Entry 4 is pixel (1, 1), for the first
# column has 3 pixels.

# %%
assert h[4] == image[1, 1]

# %% [markdown]
# ## The window reads some entries
#
# A window of 2 × 3 has room for 2 · 2 places on our image. Each row below lists which entries of
# h one window reads, in the order of vec.

# %%
windows = Windows(image.shape, kernel=(2, 3))
windows.indices

# %%
P, S, M = windows.P, windows.S, windows.M
print(f"P = {P} windows, of S = {S} entries each, out of M = {M}")

# %% [markdown]
# ## V: reading is a matrix product
#
# To read entry 4 of h is to multiply with the row that has a 1 in column 4 and zeros elsewhere.
# One such row for each entry of each window: that is the **partition matrix** V.

# %%
v = Partition(windows)
v

# %% [markdown]
# Each row has exactly one 1. A line begins the next window. The product V h has the windows one
# below the other:

# %%
show(v.matrix @ h, blocks=S, title="V h")

# %% [markdown]
# ## The mask: weigh and add
#
# The mask w has as many entries as a window. What the first window gives is wᵀh₁, the second
# wᵀh₂, and so on: the matrix I ⊗ wᵀ does it for all. It has a copy of wᵀ for each window.

# %%
mask = np.array([[1, 0, -1],
                 [2, 0, -2]])
w = vec(mask)
weigh = kron(sparse.eye_array(P, dtype=int), w[None])
show(weigh, blocks=(1, S), title="I ⊗ wᵀ")

# %% [markdown]
# So the whole correlation is one product of matrices with the image:
#
# $$\mathrm{vec}(F) = (I \otimes w^{\mathsf T})\, V\, \mathrm{vec}(\mathrm{image})$$

# %%
F = unvec(weigh @ v.matrix @ h, windows.output)
F

# %% [markdown]
# Is that right? Do it again with plain loops, which know nothing of matrices.

# %%
again = [[sum(image[r + k][c + l] * mask[k][l] for k in range(2) for l in range(3))
          for c in range(2)] for r in range(2)]
assert F.tolist() == again

# %% [markdown]
# ## The matrix of the correlation
#
# The image is not needed to multiply the two matrices. Their product is the correlation itself:
# one row for each window, one column for each pixel. The same six numbers stand in each row,
# moved on.

# %%
C = weigh @ v.matrix
show(C, labels=(named("window", windows.output), named("pixel", image.shape)),
     title="(I ⊗ wᵀ) V")

# %% [markdown]
# ## Padding, stride
#
# With zeros around the image, some windows stand partly outside. Such an entry reads a zero: its
# row of V is zero. A stride leaves windows out, and so rows. Nothing else changes.

# %%
padded = Partition(Windows((2, 3), kernel=(1, 3), padding=((0, 0), (1, 1)), stride=(1, 2)))
padded

# %%
rows = padded.matrix.sum(axis=1)
assert set(rows) == {0, 1}
print(f"{(rows == 0).sum()} of {len(rows)} rows are zero")

# %% [markdown]
# ## Exercises
#
# Put your answer in the place of the dots and run the cell. Of the folded cells the one before it
# has the check, which knows the answer from plain loops, and the one behind it a solution: open
# that when you have tried.
#
# **1.** A window of 3 × 2 slides over an image of 4 × 3. Which entries of h does window (1, 0)
# read, the one whose upper left pixel is (1, 0)? Give the list, in the order of vec.
#
# <details><summary>Hint</summary>
#
# The image has 4 rows: pixel (r, c) is entry r + 4c. Down the first column of the window, then
# down its second.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    lists = loops.window_lists([4, 3], [3, 2], [1, 1], [(0, 0), (0, 0)], [1, 1])
    return difference(answer, lists[1], "your list")


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
solution_1 = [1, 2, 3, 5, 6, 7]
assert check_1(solution_1)

# %% [markdown]
# **2.** Write a function that returns the matrix of a correlation, with P rows and M columns, for
# any partition and any mask vector w.
#
# <details><summary>Hint</summary>
#
# You saw it above. How many copies of wᵀ are needed?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    for shape, kernel in (((3, 5), (2, 2)), ((4, 3), (1, 3))):
        windows = Windows(shape, kernel)
        w, h = np.arange(windows.S) ** 2 - 3, np.arange(windows.M) * 5 % 7
        lists = loops.window_lists(shape, kernel, [1, 1], [(0, 0), (0, 0)], [1, 1])
        truth = loops.feature_map(loops.subvectors(h.tolist(), lists), w.tolist(), 0, lambda z: z)
        wrong = difference(answer(Partition(windows), w) @ h, truth, "your matrix times h")
        if wrong:
            return f"a window of {kernel} on {shape}: {wrong}"
    return ""


# %%
answer_2 = ...  # def answer_2(v, w): return ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(v, w):
    return kron(sparse.eye_array(v.P, dtype=int), w[None]) @ v.matrix


assert check_2(solution_2)

# %% [markdown]
# **3.** A window of 3 × 3 slides over an image of 4 × 5 with one row or column of zeros on every
# side. How many rows of V are zero? Try it on paper first.
#
# <details><summary>Hint</summary>
#
# There are 4 · 5 windows. How many of them stick out above, and how many entries of each?
# Windows in the corners stick out twice, and share an entry.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    lists = loops.window_lists([4, 5], [3, 3], [1, 1], [(1, 1), (1, 1)], [1, 1])
    outside = sum(index == -1 for one in lists for index in one)
    return "" if answer == outside else f"it is not {answer}; the loops count another number."


# %%
answer_3 = ...
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
# 5 windows stick out above and 5 below, 3 entries each; 4 on the left and on the right;
# in each of 4 corners one entry was counted twice
solution_3 = 2 * 5 * 3 + 2 * 4 * 3 - 4
assert check_3(solution_3)
