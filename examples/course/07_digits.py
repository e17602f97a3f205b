# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 7. Real digits, and your own convolution
#
# The network learns: it goes against the derivative, sample after sample. Then you write a layer
# yourself, and are told whether it is right, and if not, what the mistake probably is.

# %%
import numpy as np
from exercises import exercise
from sklearn.datasets import load_digits

from cnnmat import Network, Partition, Regions, Stage, Windows, show, train, unvec, vec
from cnnmat.testing import check_activation, check_correlation, check_update

# %% [markdown]
# ## Digits
#
# 1,797 handwritten digits of 8 × 8 pixels come with scikit-learn (the extra `course` has it). We
# learn from 600 and try the network on 400 others.

# %%
digits = load_digits()
h = vec(digits.images / 16, ndim=2)[:, None]  # N × 1 × 64
gamma = np.eye(10)[digits.target]  # a 1 at the digit
seen, unseen = slice(0, 600), slice(600, 1000)
show(digits.images[11].astype(int), title=f"a {digits.target[11]}")

# %%
net = Network(1, [
    Stage(Partition(Windows((8, 8), kernel=(3, 2))), depth=6, activation="relu",
          regions=Regions(Windows((6, 7), kernel=(2, 1), stride=(2, 1))), pooling="max"),
], widths=[10], activations="identity", risk="cross_entropy", rho1=1e-3, rho2=1e-3)
net.draw()

# %% [markdown]
# ## Learning
#
# Listing (47.1276): take a few samples, forward, backward, and a step of μ against the derivative.
# Once through all samples is an epoch.

# %%
def share_right(parameters, which):
    found = net.forward(parameters, h[which]).y.argmax(axis=1)
    return float((found == digits.target[which]).mean())


start = net.initial(seed=0)
before = share_right(start, unseen)
trained = train(net, start, h[seen], gamma[seen], mu=0.1, epochs=12, batch=16, seed=0)
after = share_right(trained.parameters, unseen)
print(f"right before: {before:.0%}, after: {after:.0%}")

# %%
assert trained.losses[-1] < trained.losses[0] / 3
assert after > 0.85

# %% [markdown]
# What it has learned to look for: the masks of the first maps. Blue is positive, red negative.

# %%
masks = unvec(trained.parameters.W_c[1].T, (3, 2))
show(np.hstack(masks), blocks=(None, 2), title="the six masks").draw()

# %% [markdown]
# And where a digit would have to change for the risk to fall: the sensitivities of the first map.

# %%
forward = net.forward(trained.parameters, h[11:12])
backward = net.backward(trained.parameters, forward, gamma[11:12])
show(unvec(backward.delta_c[1][0, 0], (6, 7)), title="δ of map 1, as an image").draw()

# %% [markdown]
# ## Your own convolution
#
# Most libraries want a layer as functions of arrays N × C × H × W, and they *add* the bias. Here
# is one, with loops over the window; the rest is NumPy's.

# %%
def conv(x, w, b, stride, padding):
    """z of shape N × D × rows × columns."""
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows = (x.shape[2] - w.shape[2]) // stride + 1
    columns = (x.shape[3] - w.shape[3]) // stride + 1
    z = np.zeros((len(x), len(w), rows, columns)) + b[:, None, None]
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            read = x[:, :, k:k + stride * rows:stride, l:l + stride * columns:stride]
            z += np.einsum("ncij,dc->ndij", read, w[:, :, k, l])
    return z


result = check_correlation(conv)
print(result.summary())

# %% [markdown]
# Right, on all the sizes, strides and paddings that were tried. Now with a slip: the bias is added
# for each entry of the window.

# %%
def slipped(x, w, b, stride, padding):
    return conv(x, w, b * w.shape[2] * w.shape[3], stride, padding)


wrong = check_correlation(slipped)
assert not wrong.passed
print(wrong.summary())

# %% [markdown]
# It says where, on the smallest input that shows it, which you can paste and run.
#
# ## Exercises
#
# **1.** Write one step of stochastic gradient descent with weight decay and momentum:
# `step(params, grads, lr, weight_decay, momentum, state) -> (params, state)`, all of them
# dictionaries of arrays, the weights "w" and the bias "b"; `state` is None at first. The penalty
# adds weight_decay · w to the gradient of w, and nothing to that of b, as in the text. The velocity
# v becomes momentum · v + gradient (the first time the gradient alone), and the step is −lr · v.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    result = check_update(answer)
    return "" if result.passed else result.summary()


# %%
answer_1 = ...  # def answer_1(params, grads, lr, weight_decay, momentum, state): ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
def solution_1(params, grads, lr, weight_decay, momentum, state):
    gradients = {"w": grads["w"] + weight_decay * params["w"], "b": grads["b"]}
    state = {k: gradients[k] + (momentum * state[k] if state else 0) for k in params}
    return {k: params[k] - lr * state[k] for k in params}, state


assert check_1(solution_1)

# %% [markdown]
# **2.** Write the way back of `conv`: `backward(dz, x, w, stride, padding) -> (dx, dw, db)`.
#
# <details><summary>Hint</summary>
#
# Turn each line round. Where `read` was copied out of x and multiplied with w, dz times w is
# *added* to the same places of dx, and dz times `read` is what w[:, :, k, l] gets. Take the padding
# off at the end.
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    result = check_correlation(conv, answer)
    return "" if result.passed else result.summary()


# %%
answer_2 = ...  # def answer_2(dz, x, w, stride, padding): ...
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(dz, x, w, stride, padding):
    x = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    rows, columns = dz.shape[2:]
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for k in range(w.shape[2]):
        for l in range(w.shape[3]):
            place = (..., slice(k, k + stride * rows, stride),
                     slice(l, l + stride * columns, stride))
            dx[place] += np.einsum("ndij,dc->ncij", dz, w[:, :, k, l])
            dw[:, :, k, l] = np.einsum("ndij,ncij->dc", dz, x[place])
    inside = slice(padding, -padding or None)
    return dx[:, :, inside, inside], dw, dz.sum((0, 2, 3))


assert check_2(solution_2)

# %% [markdown]
# **3.** Write tanh as a layer: a pair of functions, forward(x) and backward(dy, x). Its derivative
# is 1 − y², y being the output.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    result = check_activation(*answer, "tanh")
    return "" if result.passed else result.summary()


# %%
answer_3 = ...  # answer_3 = (forward, backward)
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def tanh_backward(dy, x):
    y = np.tanh(x)
    return dy * (1 - y * y)


solution_3 = (np.tanh, tanh_backward)
assert check_3(solution_3)
