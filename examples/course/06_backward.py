# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 6. The way back, with numbers
#
# The risk J says how wrong the output is. Its derivative by a pre-activation z is the
# **sensitivity** δ of that unit. Know the δ of the last layer, and matrices take it to the layer
# before, and the one before that. Here is one image of 4 × 4, and every number on the way.

# %%
from fractions import Fraction
from functools import reduce
from operator import matmul

import numpy as np
from exercises import difference, exercise

from cnnmat import Network, Parameters, Partition, Regions, Stage, Windows, loops, show
from cnnmat.drawing import named
from cnnmat.textbook.correlation import block_diagonal, weight_matrix
from cnnmat.textbook.pooling import upv_matrix
from cnnmat.textbook.vec import unvec, vec
from cnnmat.verify.duals import gradient

# %% [markdown]
# ## The network
#
# Two maps by windows of 2 × 3, so 3 × 2 units each; ReLU; the larger of each two neighbours in a
# row. Then one map by windows of 2 × 1, and one output.

# %%
first = Stage(Partition(Windows((4, 4), kernel=(2, 3))), depth=2, activation="relu",
              regions=Regions(Windows((3, 2), kernel=(1, 2))), pooling="max")
second = Stage(Partition(Windows((3, 1), kernel=(2, 1))), depth=1, activation="identity",
               pooling="sum")  # each entry being a region of its own: no pooling
net = Network(1, [first, second], widths=[1], activations="identity")
net

# %%
image = np.array([[1, 0, 2, 1],
                  [0, 3, 1, 0],
                  [2, 1, 0, 1],
                  [1, 0, 1, 2]])
masks = np.array([[[0, -1, 2],
                   [1, 2, 0]],
                  [[-1, 0, 1],
                   [0, 2, -1]]])
parameters = Parameters(
    W_c={1: vec(masks, ndim=2).T, 2: np.array([[1], [-1], [2], [1]])},
    Theta_c={1: np.array([[1, -1]]), 2: np.array([[0], [1]])},
    W_l={1: np.array([[1, -2]])}, theta_l={1: np.array([0])})
h, gamma = vec(image)[None, None], np.array([[5]])

# %% [markdown]
# ## There
#
# All signals, from the image to the output:

# %%
forward = net.forward(parameters, h)
forward

# %% [markdown]
# ## δ at the output
#
# J = (γ − y)², and y = z. So δ = 2 (y − γ).

# %%
y = forward.y[0]
delta_L = 2 * (y - gamma[0])
print(f"y = {y[0]}, to be γ = {gamma[0, 0]}: J = {(y - gamma[0])[0]**2}, δ_L = {delta_L[0]}")

# %% [markdown]
# ## Back through the fully connected layer: Wᵀ
#
# Entry i of the vector before enters unit k with the weight W[k, i]. So what matters about unit k
# matters about entry i, W[k, i] times.
#
# Layer 2 has no f that bends and no pooling: this is δ^(1,2) already.

# %%
delta_2 = parameters.W_l[1].T @ delta_L
delta_2

# %% [markdown]
# ## Back through the masks: V^(d,d',2)
#
# Notebook 3: entry m of map d enters unit p with the weight [V^(d,d',2)]_mp. So b = V^(d,d',2) δ.
# Here for the first map:

# %%
V_1 = weight_matrix(second.partition, parameters.W_c[2][:2, 0])
show(V_1, title="V^(1,1,2)", labels=(named("entry of t"), named("unit")))

# %%
b_1 = V_1 @ delta_2
b_1

# %% [markdown]
# ## Back through the pooling: upv, then permute#
#
# Notebook 4: b is spread over the regions by the gradient vectors, and put in order.

# %%
g = first.pooling.gradient_vectors(forward.y_c[1][0, 0], first.regions)
show(upv_matrix(g, first.regions), blocks=(first.regions.sizes, 1), title="upv")

# %%
x_1 = first.regions.permute_sharp(upv_matrix(g, first.regions) @ b_1)
show(unvec(x_1, (3, 2)), title="permute#(upv(b)), as an image")

# %% [markdown]
# ## Back through f
#
# ReLU passes on what is above zero, and nothing else: f'(z) is 1 or 0.

# %%
slopes = first.activation.derivative(forward.z_c[1][0, 0])
delta_1 = slopes * x_1
show(unvec(delta_1, (3, 2)), title="δ^(1,1), as an image")

# %% [markdown]
# ## The backward listing
#
# These lines, for all maps and layers, are (47.1275). `backward` runs them.

# %%
backward = net.backward(parameters, forward, gamma)
assert (backward.delta_c[1][0, 0] == delta_1).all()
assert (backward.delta_c[2][0, 0] == delta_2).all()
backward

# %% [markdown]
# From δ to the weights it is one step. A weight w(s) multiplies the entry h_p(s) in each unit p, so
# its derivative is Σ_p h_p(s) δ(p): the matrix H times δ, for each map a column.

# %%
H_0 = forward.H_c[0][0]
dW = H_0 @ backward.delta_c[1][0].T
show(dW, title="∂J/∂W_1 = H [δ^(1,1) δ^(2,1)]")

# %% [markdown]
# ## Is it true?
#
# Nudge each weight by a thousandth, to one side and to the other, and see what J does. Between the
# kinks of ReLU and maximum, J is a parabola in one weight: with fractions the quotient is the
# derivative, exactly.

# %%
def risk_with(place, by):
    """J, one weight of W_1 being changed."""
    changed = parameters.map(lambda array: array + Fraction(0))
    changed.W_c[1][place] += by
    return net.risk(changed, h, gamma)


nudge = Fraction(1, 1000)
for place in np.ndindex(dW.shape):
    slope = (risk_with(place, nudge) - risk_with(place, -nudge)) / (2 * nudge)
    assert slope == dW[place]

# %% [markdown]
# ## One product
#
# Every step was a matrix. So the whole way back is a product of sparse matrices:

# %%
factors = net.jacobians(parameters, forward)
factors

# %% [markdown]
# And as a picture. Read from right to left: the last factor acts first, on δ_L.

# %%
factors.draw()

# %%
product = reduce(matmul, [factor for _, factor in factors])
assert (product @ delta_L == backward.delta_c[1][0].ravel()).all()
show(product, blocks=(6, None), title="the product: δ^(1,1) and δ^(2,1) for δ_L = 1")

# %% [markdown]
# That is backpropagation. There is no more to it.
#
# ## Exercises
#
# **1.** Let γ be 2 and not 5, all else unchanged. Give δ_L, then δ^(1,2), as one list of three
# numbers. By hand.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    other = net.backward(parameters, forward, np.array([[2]]))
    truth = [*other.delta_l[2][0], *other.delta_c[2][0, 0]]
    output = loops.dot(parameters.W_l[1][0].tolist(), forward.y_l[1][0].tolist())
    wrong = difference(answer, truth, "your list")
    return f"the output is {output}, and is to be 2: {wrong}" if wrong else ""


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
_delta = 2 * (int(y[0]) - 2)
solution_1 = [_delta, 1 * _delta, -2 * _delta]
assert check_1(solution_1)

# %% [markdown]
# **2.** Write the step from b to δ for a map with pooling: δ = f'(z) ⊙ permute#(upv(b)), as a
# function of z, b and a stage. `stage.activation.derivative`, `stage.pooling.gradient_vectors` and
# `stage.regions` have what you need; mind of what the gradient vectors are taken, z or y.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    stage = Stage(Partition([[0]] * 5, 1), 1, "relu", Regions([[4, 0], [2, 1, 3]], 5), "max")
    z, b = np.array([3, -1, 2, 5, 1]), np.array([10, 7])

    def pooled(z):
        y = [one if one > 0 else 0 * one for one in z]
        return loops.dot(loops.pool(y, [[4, 0], [2, 1, 3]], loops.largest), b.tolist())

    for signal in (z, np.array([-3, -1, 2, 1, -4])):
        truth = gradient(pooled, signal)
        wrong = difference(answer(signal, b, stage), truth, f"δ for z = {signal}")
        if wrong:
            return wrong
    return ""


# %%
answer_2 = ...  # def answer_2(z, b, stage): return ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(z, b, stage):
    g = stage.pooling.gradient_vectors(stage.activation(z), stage.regions)
    x = stage.regions.permute_sharp(upv_matrix(g, stage.regions) @ b)
    return stage.activation.derivative(z) * x


assert check_2(solution_2)

# %% [markdown]
# **3.** The text writes the derivative by W as (1ᵀ ⊗ H) Δ (47.1271). Δ has the δ^(d) of all maps on
# its diagonal of blocks, one column a map. Write it so, from H and δ, of one row a map, with
# `np.kron`. `block_diagonal(δ)` is Δ.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    H, delta = np.array([[1, 2, -1], [0, 3, 5]]), np.array([[1, 0, 2], [4, -1, 0]])
    truth = [[loops.dot(row, one) for one in delta.tolist()] for row in H.tolist()]
    return difference(answer(H, delta), truth, "∂J/∂W")


# %%
answer_3 = ...  # def answer_3(H, delta): return ...
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def solution_3(H, delta):
    return np.kron(np.ones((1, len(delta)), dtype=int), H) @ block_diagonal(delta)


assert check_3(solution_3)
