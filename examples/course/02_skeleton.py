# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 2. The skeleton, and H
#
# V says everything about windows. Two smaller matrices come out of it: the *skeleton*, which
# tells who feeds whom, and H, with which a feature map is one product.

# %%
import numpy as np
from exercises import difference, exercise
from scipy import sparse

from cnnmat import Partition, Windows, kron, loops, show
from cnnmat.drawing import named
from cnnmat.testing import check_adjoint
from cnnmat.textbook.correlation import feature_map

# %%
shape, kernel = (3, 4), (2, 3)
windows = Windows(shape, kernel)
v = Partition(windows)
V, P, S, M = v.matrix, v.P, v.S, v.M
pixel, window = named("pixel", shape), named("window", windows.output)

# %% [markdown]
# ## The skeleton
#
# Forget *where* in the window an entry stands, and ask only whether it is in. For that, add the S
# rows of each window: multiply with I ⊗ 1ᵀ, where 1 is the vector of S ones.

# %%
skeleton = kron(sparse.eye_array(P, dtype=int), np.ones((1, S), dtype=int)) @ V
show(skeleton, labels=(window, pixel), title="(I ⊗ 1ᵀ) V")

# %% [markdown]
# Row p tells which pixels feed window p. Column m tells which windows pixel m enters: that is the
# way back, and we shall need it. Its sum says how often the pixel is read.

# %%
times_read = skeleton.sum(axis=0)
show(times_read.reshape(shape, order="F"), title="how often each pixel is read")

# %% [markdown]
# The middle is read often, a corner once. This is why a gradient at the rim of an image is smaller
# than one in its middle.
#
# ## H: the windows side by side
#
# V h has the windows one below the other. Side by side they are the matrix H, S × P, with
# vec(H) = V h.

# %%
h = np.array([1, 0, 2, 3, 1, 0, 0, 2, 1, 4, 0, 1])
H = v.columns(h)
show(H, labels=(named("entry", kernel), window), title="H = [h_1 h_2 … h_P]")

# %%
assert (H.T.ravel() == V @ h).all()  # vec(H) = V h

# %% [markdown]
# ## A feature map is one product
#
# A unit p weighs its window with w, subtracts the bias θ, and applies f. All units of a map have
# the *same* w and θ. So
#
# $$y = f(H^{\mathsf T} w - \theta \mathbb{1})$$
#
# The text subtracts the bias. Most programs add one: their b is −θ.

# %%
w, theta = np.array([1, -1, 0, 2, 0, 1]), 3
z = H.T @ w - theta
show(z, labels=(window, None), title="z = Hᵀw − θ1")

# %%
assert z.tolist() == loops.feature_map(
    loops.subvectors(h.tolist(), windows.indices.tolist()), w.tolist(), theta, lambda z: z)

# %% [markdown]
# ## The way back: Vᵀ
#
# V copies entries of h into windows. Vᵀ sends what is in the windows back to where it came from,
# and *adds* where several meet.

# %%
back = V.T @ np.ones(P * S, dtype=int)
assert (back == times_read).all()

# %% [markdown]
# Ones sent back give, again, how often each pixel is read. So VᵀV is a diagonal matrix: with those
# numbers on it.

# %%
show(V.T @ V, title="VᵀV")

# %%
assert ((V.T @ V).toarray() == np.diag(times_read)).all()

# %% [markdown]
# ## Exercises
#
# **1.** Write the feature map as a function of H, w, θ and f.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    H, w = np.array([[1, 2, 0], [3, -1, 5]]), np.array([2, -3])
    truth = loops.feature_map(H.T.tolist(), w.tolist(), 4, lambda z: z * z)
    return difference(answer(H, w, 4, lambda z: z * z), truth, "y")


# %%
answer_1 = ...  # def answer_1(H, w, theta, f): return ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
def solution_1(H, w, theta, f):
    return f(H.T @ w - theta)


assert check_1(solution_1)
assert (feature_map(H, w, theta) == z).all()  # the library's own

# %% [markdown]
# **2.** A window of 2 × 2 slides over an image of 3 × 3. Give the diagonal of VᵀV as an image of
# 3 × 3, without computing V.
#
# <details><summary>Hint</summary>
#
# How many windows hold the corner? The middle? A pixel on the rim between two corners?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    lists = loops.window_lists([3, 3], [2, 2], [1, 1], [(0, 0), (0, 0)], [1, 1])
    counts = [[sum(one.count(r + 3 * c) for one in lists) for c in range(3)] for r in range(3)]
    return difference(answer, counts, "your image")


# %%
answer_2 = ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
solution_2 = [[1, 2, 1], [2, 4, 2], [1, 2, 1]]
assert check_2(solution_2)

# %% [markdown]
# **3.** Write the way back without V: a loop over `windows.indices`, which has the entries that
# window p reads in row p. `cnnmat.testing.check_adjoint` asks whether it is the adjoint of reading,
# ⟨V h, x⟩ = ⟨h, Vᵀ x⟩, and says what the mistake probably is.
#
# <details><summary>Hint</summary>
#
# Start from zeros. What happens if two windows read the same pixel?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
def read(h):
    return h[windows.indices]  # shape (P, S)


@exercise
def check_3(answer):
    result = check_adjoint(read, answer, ((M,), (P, S)))
    return "" if result.passed else result.summary()


# %%
answer_3 = ...  # def answer_3(x): ... x has shape (P, S), the result (M,)
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def solution_3(x):
    h = np.zeros(M)
    for p in range(P):
        for s in range(S):
            h[windows.indices[p, s]] += x[p, s]
    return h


assert check_3(solution_3)
