# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 5. The forward listing
#
# Everything is there: V, W, Θ, f, T, pooling. A network is these steps again and again, and fully
# connected layers behind. The text lists it as (47.1216). We go through it line by line, with
# whole numbers.

# %%
import numpy as np
from exercises import difference, exercise

from cnnmat import Network, Parameters, Partition, Regions, Stage, Windows, loops, show, unvec, vec
from cnnmat.textbook.correlation import preactivation, stack_maps

# %% [markdown]
# ## A network
#
# An image of 6 × 5. Two maps by windows of 3 × 2, ReLU, the maximum over 2 × 2. Then three maps by
# windows of 2 × 1, and two output units.

# %%
first = Stage(Partition(Windows((6, 5), kernel=(3, 2))), depth=2, activation="relu",
              regions=Regions(Windows((4, 4), kernel=2, stride=2)), pooling="max")
second = Stage(Partition(Windows((2, 2), kernel=(2, 1))), depth=3, activation="relu",
               pooling="sum")  # each entry being a region of its own: no pooling
net = Network(1, [first, second], widths=[2], activations="identity")
net

# %%
net.draw()

# %% [markdown]
# Its parameters: W_1, Θ_1, W_2, Θ_2 of the correlation layers, and W_1, θ_1 of the fully connected
# part, which counts anew. Small whole numbers do.

# %%
random = np.random.default_rng(seed=1630)  # one with which every line shows
parameters = net.shapes().map(lambda shape: random.integers(-2, 3, shape))
parameters

# %%
image = random.integers(0, 4, (6, 5))
show(image, title="the image")

# %% [markdown]
# ## Layer 1, line by line
#
# t_0 is the image as a vector: one row, for there is one map. Partition it, and stack.

# %%
t_0 = vec(image)[None]
H_0 = stack_maps(first.partition, t_0)
show(H_0, title="H_0")

# %% [markdown]
# Weigh, add, subtract the bias: z = HᵀW − 11ᵀΘ, a row a map.

# %%
z_1 = preactivation(H_0, parameters.W_c[1], parameters.Theta_c[1])
show(unvec(z_1[0], (4, 4)), title="z^(1) of layer 1, as an image")

# %% [markdown]
# f, here max(z, 0). Then pool.

# %%
y_1 = first.activation(z_1)
t_1 = first.pooling(y_1, first.regions)
show(t_1, title="t_1, a row a map")

# %% [markdown]
# ## Layer 2: the same lines
#
# V is another, and W; the lines stay. No pooling here: each entry is its own region.

# %%
H_1 = stack_maps(second.partition, t_1)
z_2 = preactivation(H_1, parameters.W_c[2], parameters.Theta_c[2])
t_2 = second.activation(z_2)
show(t_2, title="t_2")

# %% [markdown]
# ## The fully connected layer
#
# The maps are put one after the other into one vector. Then z = W y − θ.

# %%
flat = t_2.ravel()
output = parameters.W_l[1] @ flat - parameters.theta_l[1]
output

# %% [markdown]
# ## All at once
#
# `forward` is this listing, for N samples at a time: the first axis is the sample, the second the
# map. It keeps all signals, for the way back needs them.

# %%
forward = net.forward(parameters, t_0[None])
forward

# %%
assert (forward.y[0] == output).all()
assert (forward.z_c[1][0] == z_1).all()

# %% [markdown]
# ## By the loops
#
# The whole network once more, index by index, in plain Python that imports nothing.

# %%
def relu(z):
    return z if z > 0 else 0


def stages_of(net, parameters):
    """The correlation layers as the loops want them: nested lists."""
    stages = []
    for c, stage in net.stages.items():
        S, before = stage.partition.S, net.depths[c - 1]
        masks = parameters.W_c[c].T.reshape(stage.depth, before, S)
        stages.append({
            "lists": stage.partition.indices.tolist(), "w": masks.tolist(),
            "theta": parameters.Theta_c[c].T.tolist(), "f": relu,
            "regions": [part.tolist() for part in
                        np.split(stage.regions.order, stage.regions.starts[1:])],
            "reduce": [loops.largest] * stage.depth, "feeds": [range(before)] * stage.depth})
    return stages


last = {"W": parameters.W_l[1].tolist(), "theta": parameters.theta_l[1].tolist(), "f": lambda z: z}
by_loops = loops.network(t_0.tolist(), stages_of(net, parameters), [last])
assert by_loops["output"] == output.tolist()
assert by_loops["z"][1] == z_2.tolist()

# %% [markdown]
# Equal, to the last unit: whole numbers are compared with ==.
#
# ## Exercises
#
# **1.** A network for images of 9 × 8 has 4 maps by windows of 2 × 3, pooled over 4 × 2 without
# overlap, and then 5 output units. How many parameters has it, biases included?
#
# <details><summary>Hint</summary>
#
# W_1 and Θ_1 do not depend on the image. How long is the vector that the output sees?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    stage = Stage(Partition(Windows((9, 8), (2, 3))), 4,
                  regions=Regions(Windows((8, 6), (4, 2), (4, 2))))
    shapes = Network(1, [stage], [5]).shapes().arrays()
    count = sum(int(np.prod(shape)) for shape in shapes)
    return "" if answer == count else f"it is not {answer}: W and Θ of both parts have {shapes}."


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
# 8 × 6 windows, pooled to 2 × 3; 4 of these are 24 entries
solution_1 = (6 * 4 + 4) + (24 * 5 + 5)
assert check_1(solution_1)

# %% [markdown]
# **2.** Write one layer of the listing as a function: from the maps t before, one a row, to the
# maps t behind. Take `stage.partition.columns`, which reads out one map, or `stack_maps`.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    have = answer(first, parameters.W_c[1], parameters.Theta_c[1], t_0)
    wrong = difference(have, by_loops["t"][0], "t_1")
    if wrong:
        return wrong
    return difference(answer(second, parameters.W_c[2], parameters.Theta_c[2], have),
                      by_loops["t"][1], "t_2")


# %%
answer_2 = ...  # def answer_2(stage, W, Theta, t): return ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(stage, W, Theta, t):
    H = stack_maps(stage.partition, t)
    z = H.T @ W - np.ones((H.shape[1], len(Theta)), dtype=int) @ Theta
    return stage.pooling(stage.activation(z.T), stage.regions)


assert check_2(solution_2)

# %% [markdown]
# **3.** Change W_2 so that the second map of layer 1 feeds nothing: whatever it is, layer 2 stays
# the same. Give the new W_2. Keep the rest as it is.
#
# <details><summary>Hint</summary>
#
# Which rows of W_2 belong to map 2 of the layer before? A block has S_2 = 2 rows.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    W = np.asarray(answer)
    if W.shape != parameters.W_c[2].shape:
        return f"W_2 must keep its shape {parameters.W_c[2].shape}, and has {W.shape}."
    changed = Parameters({1: parameters.W_c[1], 2: W}, parameters.Theta_c, parameters.W_l,
                         parameters.theta_l)
    stage = stages_of(net, changed)[1]
    for unit in range(4):
        one = loops.network([[0] * 4, [int(k == unit) for k in range(4)]], [stage], [])
        if one["z"] != loops.network([[0] * 4, [0] * 4], [stage], [])["z"]:
            return f"entry {unit} of map 2 still shows in z_2."
    return difference(W[:2], parameters.W_c[2][:2], "what belongs to map 1")


# %%
answer_3 = ...
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
solution_3 = parameters.W_c[2].copy()
solution_3[2:] = 0
assert check_3(solution_3)
