# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 3. One map, many maps, and V^(d,d',c+1)
#
# A layer has several feature maps, and is fed by several. Each pair, a map d before and a map d'
# behind, has a mask of its own. Each pair also has a matrix, V^(d,d',c+1): it takes what is known
# about map d' back to map d. It looks fearsome in the text. It is small, and we print it.

# %%
import numpy as np
from exercises import difference, exercise
from scipy import sparse

from cnnmat import Partition, Windows, kron, loops, show, weight_matrix, weight_matrix_short
from cnnmat.drawing import named
from cnnmat.textbook.correlation import preactivation, pull_back, stack_maps

# %%
shape, kernel = (2, 3), (1, 2)  # small enough to see everything
windows = Windows(shape, kernel)
v = Partition(windows)
S, P, M = v.S, v.P, v.M
pixel, window = named("pixel", shape), named("window", windows.output)
print(f"S = {S}, P = {P}, M = {M}")

# %% [markdown]
# ## Two maps feed three
#
# Layer c has D = 2 maps t^(1), t^(2). Each is read out by the same V. H stacks what was read, one
# block a map.

# %%
D, D_next = 2, 3
t = np.array([[1, 0, 2, 1, 3, 0],
              [0, 1, 1, 2, 0, 2]])  # one row a map
H = stack_maps(v, t)
show(H, blocks=S, title="H = [H^(1); H^(2)]")

# %% [markdown]
# W has one column for each map behind, and in it one block for each map before: column d', block d
# is the mask w_d^(d') of that pair. Θ has a bias for each pair.

# %%
W = np.array([[1, 0, 2],
              [-1, 1, 0],
              [3, 0, 1],
              [0, 2, -2]])
Theta = np.array([[1, 0, 0],
                  [0, 2, 1]])
show(W, blocks=S, title="W, a block for each map before")

# %% [markdown]
# One product gives the pre-activations of all maps. Map d' is column d' of HᵀW − 11ᵀΘ; we keep one
# row a map.

# %%
z = preactivation(H, W, Theta)
show(z, labels=(named("map"), window), title="z, one row a map")

# %%
subs = [loops.subvectors(one.tolist(), windows.indices.tolist()) for one in t]
for d_next in range(D_next):
    for p in range(P):
        summed = sum(loops.dot(subs[d][p], W[d * S:(d + 1) * S, d_next].tolist())
                     - Theta[d, d_next] for d in range(D))
        assert z[d_next, p] == summed

# %% [markdown]
# ## How entry m of map d enters unit p of map d'
#
# Window p reads entry m at some place s of the window, or does not read it. If it does, the entry
# enters with the weight w(s). Write these weights into a matrix with a row for each entry m and a
# column for each unit p: that is V^(d,d',c+1).

# %%
w = W[:S, 0]  # the mask from map 0 to map 0
pair = weight_matrix(v, w)
show(pair, labels=(pixel, window), title="V^(d,d',c+1), w = (1, -1)")

# %% [markdown]
# A *row* says where one entry goes, a *column* where one unit gets its numbers from. Rest the
# mouse on a number to see which.
#
# What the map adds to z is then a product, with the transposed matrix:

# %%
assert (pair.T @ t[0] == v.columns(t[0]).T @ w).all()

# %% [markdown]
# ## The formula, step by step
#
# The text writes (47.1257), with the last factor as it must be:
#
# $$V^{(d,d',c+1)} = \left(V^{\mathsf T} \odot (\mathbb{1}\mathbb{1}^{\mathsf T} \otimes
# w^{\mathsf T})\right)(I \otimes \mathbb{1})$$
#
# Start with Vᵀ: a column for each entry of each window, with a 1 where it was read from.

# %%
show(v.matrix.T, blocks=(None, S), labels=(pixel, None), title="Vᵀ")

# %% [markdown]
# 11ᵀ ⊗ wᵀ repeats the row wᵀ everywhere. The product ⊙ is entry by entry: each 1 becomes the
# weight of its place in the window.

# %%
spread = np.kron(np.ones((M, P), dtype=int), w[None])
weighted = v.matrix.T.multiply(spread)
show(weighted, blocks=(None, S), labels=(pixel, None), title="Vᵀ ⊙ (11ᵀ ⊗ wᵀ)")

# %% [markdown]
# I ⊗ 1 adds the S columns of each window. What is left has one column a window.

# %%
collect = kron(sparse.eye_array(P, dtype=int), np.ones((S, 1), dtype=int))
assert ((weighted @ collect) != pair).nnz == 0

# %% [markdown]
# The vector of ones has length S, the size of the windows of the layer *behind*: S_{c+1}. Keep
# that in mind until notebook 8.
#
# There is a shorter way to the same matrix, Vᵀ(I ⊗ w), without the large product of ones.

# %%
assert (weight_matrix_short(v, w) != pair).nnz == 0

# %% [markdown]
# ## All pairs
#
# Put the matrices of all pairs side by side, a row of blocks for each map before, a column of
# blocks for each map behind. This is one layer, as one matrix.

# %%
layer = sparse.block_array([[weight_matrix(v, W[d * S:(d + 1) * S, k]) for k in range(D_next)]
                            for d in range(D)], format="csr")
show(layer, blocks=(M, P), title="all V^(d,d',c+1)")

# %% [markdown]
# Forward it is used transposed. Backward as it stands: a sensitivity δ for each unit behind
# becomes a number b for each entry before.

# %%
delta = np.array([[1, 0, 0, 2], [0, -1, 0, 0], [3, 0, 1, 0]])
b = (layer @ delta.ravel()).reshape(D, M)
show(b, labels=(named("map"), pixel), title="b^(d) = Σ V^(d,d',c+1) δ^(d')")

# %%
assert (b == pull_back(v, W, delta)).all()

# %% [markdown]
# ## Exercises
#
# **1.** A layer has 4 maps of 6 × 5 entries. The next has 7 maps, by windows of 3 × 2. How large
# are W, one V^(d,d',c+1), and the matrix of all of them? Give three pairs (rows, columns).

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    lists = loops.window_lists([6, 5], [3, 2], [1, 1], [(0, 0), (0, 0)], [1, 1])
    P, S, M = len(lists), len(lists[0]), 30
    truth = [(4 * S, 7), (M, P), (4 * M, 7 * P)]
    for name, have, want in zip(("W", "one V^(d,d',c+1)", "all of them"), answer, truth,
                                strict=True):
        if tuple(have) != want:
            return f"the size of {name} is not {tuple(have)}."
    return ""


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
solution_1 = [(24, 7), (30, 16), (120, 112)]  # S = 6, and 4 · 4 windows
assert check_1(solution_1)

# %% [markdown]
# **2.** Write (47.1257) yourself, with `np.kron` and dense matrices: a function of V, of shape
# P S × M, and w.
#
# <details><summary>Hint</summary>
#
# S is the length of w. P follows from the rows of V.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    lists, w = [[0, 2, 3], [1, 4, 0], [3, 3, 1], [2, 0, 4]], np.array([7, -2, 5])
    counted = [[sum(w[s] for s, i in enumerate(one) if i == m) for one in lists] for m in range(5)]
    return difference(answer(Partition(lists, 5).matrix.toarray(), w), counted, "V^(d,d',c+1)")


# %%
answer_2 = ...  # def answer_2(V, w): return ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(V, w):
    S, M = len(w), V.shape[1]
    P = V.shape[0] // S
    spread = np.kron(np.ones((M, P), dtype=int), w[None])
    return (V.T * spread) @ np.kron(np.eye(P, dtype=int), np.ones((S, 1), dtype=int))


assert check_2(solution_2)

# %% [markdown]
# **3.** Write b^(d) for all maps d, from v, W and δ, with loops over the pairs of maps.
#
# <details><summary>Hint</summary>
#
# `W[d * S:(d + 1) * S, k]` is the mask from map d to map k. Sum over k.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    lists = [[0, 1, 2], [4, 2, 0]]
    v, W = Partition(lists, 5), np.arange(12).reshape(6, 2) ** 2 - 9
    delta = np.array([[1, -2], [3, 5]])
    truth = [[sum(W[3 * d + s, k] * delta[k, p] for k in range(2) for p in range(2)
                  for s in range(3) if lists[p][s] == m) for m in range(5)] for d in range(2)]
    return difference(answer(v, W, delta), truth, "b")


# %%
answer_3 = ...  # def answer_3(v, W, delta): return ...
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def solution_3(v, W, delta):
    S = v.S
    return np.array([sum(weight_matrix_short(v, W[d * S:(d + 1) * S, k]) @ delta[k]
                         for k in range(len(delta))) for d in range(len(W) // S)])


assert check_3(solution_3)
