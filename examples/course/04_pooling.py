# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 4. Pooling, T, permute# and upv
#
# Pooling takes several entries of a map together, the largest of them, or their mean. There and
# back it needs three small things: T, which sorts; the gradient vectors g; and upv, which undoes
# the shrinking.

# %%
from fractions import Fraction

import numpy as np
from exercises import difference, exercise

from cnnmat import Regions, Windows, loops, show, unvec, upv, upv_matrix, vec
from cnnmat.drawing import named
from cnnmat.textbook.pooling import pooling
from cnnmat.verify.duals import gradient

# %% [markdown]
# ## Regions
#
# A map of 2 × 6 is cut into two regions of 2 × 3, Ω_1 and Ω_2. A row below has the entries of one.

# %%
tiles = Windows((2, 6), kernel=(2, 3), stride=(2, 3))
tiles.indices

# %% [markdown]
# Regions need not be rectangles, nor of one size. To keep everything on a page, here is a map of 5
# entries with a region of 2 and a region of 3, both scattered:

# %%
omega = Regions([[0, 3], [4, 1, 2]], size=5)
omega

# %% [markdown]
# ## permute and permute#
#
# T puts the entries of a region side by side: y_o = T y. It only sorts. What is sorted is put back
# by Tᵀ, and that is permute#.

# %%
y = np.array([5, 1, 8, 7, 2])
y_o = omega.permute(y)
print(f"permute  {y} -> {y_o}")
print(f"permute# {y_o} -> {omega.permute_sharp(y_o)}")

# %%
T = omega.matrix
assert (y_o == T @ y).all()
assert ((T.T @ T).toarray() == np.eye(5)).all()  # back is the inverse

# %% [markdown]
# ## Pooling
#
# Now each region lies side by side, and becomes one number. The largest:

# %%
maximum = pooling("max")
t = maximum(y, omega)
assert t.tolist() == loops.pool(y.tolist(), [[0, 3], [4, 1, 2]], loops.largest)
t

# %% [markdown]
# ## g: who is responsible
#
# Nudge one entry of the region a little. By how much does t change? For the maximum: by as much if
# it is the largest entry, else not at all. For the mean of three entries: by a third. These numbers
# are the **gradient vector** g of the region, in the order of T.

# %%
g = maximum.gradient_vectors(y, omega)
show(np.array([y_o, g]), blocks=(None, omega.sizes), labels=(["y_o", "g of max"], None))

# %%
show(pooling("mean").gradient_vectors(y, omega), blocks=omega.sizes, title="g of mean")

# %% [markdown]
# ## upv: from a number a region to a number an entry
#
# On the way back we know α_p', how much each t(p') matters. An entry matters α times its share g.
# As a matrix, upv has a column a region: its g, and zeros.

# %%
show(upv_matrix(g, omega), blocks=(omega.sizes, 1), title="upv")

# %%
alpha = np.array([10, 20])
grouped = upv(alpha, g, omega)
assert (grouped == upv_matrix(g, omega) @ alpha).all()
grouped

# %% [markdown]
# That is in the order of T. permute# puts it where it belongs:

# %%
x = omega.permute_sharp(grouped)
show(np.array([y, x]), labels=(["y", "permute#(upv(α))"], named("entry")))

# %% [markdown]
# The largest entries, 7 and 8, get everything. In one line:
#
# $$x = T^{\mathsf T}\,\mathrm{blkdiag}\{g_1, g_2\}\,\alpha$$
#
# Is this the derivative of α₁ t(1) + α₂ t(2) by y? The loops pool, and dual numbers differentiate
# the loops. Nobody derives anything.

# %%
def pooled(entries):
    return loops.dot(loops.pool(entries, [[0, 3], [4, 1, 2]], loops.largest), alpha.tolist())


assert x.tolist() == list(gradient(pooled, y))

# %% [markdown]
# ## On an image

# %%
picture = np.array([[3, 1, 4, 1, 5, 9], [2, 6, 5, 3, 8, 7]])
regions = Regions(tiles)
g = maximum.gradient_vectors(vec(picture), regions)
back = regions.permute_sharp(upv([1, 1], g, regions))
show(unvec(back, picture.shape), blocks=(2, 3), title="where a change would matter")

# %% [markdown]
# ## Exercises
#
# **1.** A map of 4 entries has the regions Ω_1 = {1, 3} and Ω_2 = {2, 0}, each listed in this
# order. Write T.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    return difference(answer, [[1 if column == entry else 0 for column in range(4)]
                               for entry in [1, 3, 2, 0]], "T")


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
solution_1 = [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0], [1, 0, 0, 0]]
assert check_1(solution_1)

# %% [markdown]
# **2.** With these regions, y = (4, 9, 6, 2) is pooled by the maximum, and α = (10, −3). What comes
# back to y, in its own order? By hand.
#
# <details><summary>Hint</summary>
#
# Which entry is the largest of {1, 3}, and which of {2, 0}?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    truth = gradient(lambda y: loops.dot(loops.pool(y, [[1, 3], [2, 0]], loops.largest), [10, -3]),
                     np.array([4, 9, 6, 2]))
    return difference(answer, truth, "what comes back")


# %%
answer_2 = ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
solution_2 = [0, 10, -3, 0]
assert check_2(solution_2)

# %% [markdown]
# **3.** Write the way back of *mean* pooling, for any regions, from α to a number for each entry of
# y. Use `regions.sizes`, `regions.expand(α)`, which repeats α(p') as often as region p' is large,
# and `permute_sharp`. Let α be fractions, so that a third is a third.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    lists, alpha = [[5, 0, 2], [1], [4, 3]], [Fraction(6), Fraction(5), Fraction(-7)]
    truth = gradient(lambda y: loops.dot(loops.pool(y, lists, loops.mean), alpha),
                     np.array([Fraction(k) for k in (3, 1, 4, 1, 5, 9)], dtype=object))
    return difference(answer(np.array(alpha, dtype=object), Regions(lists, 6)), truth,
                      "what comes back")


# %%
answer_3 = ...  # def answer_3(alpha, regions): return ...
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def solution_3(alpha, regions):
    return regions.permute_sharp(regions.expand(alpha / regions.sizes))


assert check_3(solution_3)
