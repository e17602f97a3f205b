# ---
# jupyter:
#   jupytext:
#     text_representation: {extension: .py, format_name: percent}
#   kernelspec: {display_name: Python 3, language: python, name: python3}
# ---
# %% [markdown]
# # 8. A claim of your own, and the misprint
#
# How sure can one be that a line in a book is right? Numbers that agree once may agree by luck. A
# **claim** runs the line on symbols, and runs plain loops on the same symbols. If both come to the
# same polynomials, they agree for all numbers, at these sizes.

# %%
import numpy as np
from exercises import exercise
from scipy import sparse
from sympy import ZZ, ring

from cnnmat import Partition, kron, loops, show, weight_matrix
from cnnmat.derivations.sayed import eq1257_1258_pairs_of_maps as shipped
from cnnmat.textbook.correlation import feature_map
from cnnmat.textbook.vec import carrier, hadamard
from cnnmat.verify import Lecture, Sides, run

# %% [markdown]
# ## Symbols for entries
#
# The functions of the package take symbols in the place of numbers. A feature map of four symbols,
# read by three windows of two, with a mask (w_1, w_2):

# %%
_, *symbols = ring("h_1:5,w_1:3,theta", ZZ)
h, w, theta = np.array(symbols[:4]), np.array(symbols[4:6]), symbols[6]
lists = [[0, 2], [1, 3], [2, 0]]
v = Partition(lists, size=4)
show(feature_map(v.columns(h), w, theta), title="z = Hᵀw − θ1")

# %%
show(weight_matrix(v, w), title="V^(d,d',c+1)")

# %% [markdown]
# ## A claim
#
# A claim is a function of `e`, which draws the symbols. It returns two sides: the *truth*, by loops
# or by hand, and the line as *printed*. And something *wrong*, close to right: a check that cannot
# fail says nothing, so the near miss must be found out.

# %%
lecture = Lecture("mine", "My lecture")


@lecture.claim("1", "identity", "A feature map is one product", r"z = H^T w - \theta 1")
def one_product(e):
    h, w, theta = e.symbols("h", 4), e.symbols("w", 2), e.symbols("theta")
    H = Partition(lists, size=4).columns(h)
    return Sides(truth=[h[i] * w[0] + h[j] * w[1] - theta for i, j in lists],
                 printed=H.T @ w - theta,
                 wrong={"the bias added": H.T @ w + theta})


result = run(lecture.claims["1"])
print(result.verdict, "- because:", result.evidence[0]["method"], "-", result.evidence[0]["covers"])

# %%
assert result.verdict == "holds"
assert result.controls == {"the bias added": True}  # rejected

# %% [markdown]
# ## A gradient
#
# What is the truth of a derivative? Not a second derivation by hand: `e.gradient` differentiates
# the loops, by dual numbers.

# %%
@lecture.claim("2", "gradient", "What comes back through a mask", r"b = V^{(d,d',c+1)}\delta")
def back_through_a_mask(e):
    w, t, delta = e.symbols("w", 2), e.symbols("t", 4), e.symbols("delta", 3)

    def along(t):
        z = loops.preactivation([t], lists, [w.tolist()], [0], [0])
        return loops.dot(z, delta.tolist())

    v = Partition(lists, size=4)
    return Sides(truth=e.gradient(along, t), printed=weight_matrix(v, w) @ delta,
                 wrong={"the mask reversed": weight_matrix(v, w[::-1]) @ delta})


assert run(lecture.claims["2"]).verdict == "holds"

# %% [markdown]
# ## The misprint
#
# Here is (47.1257) as the text prints it:
#
# $$V^{(d,d',c+1)} \triangleq \left(V_c^{\mathsf T} \odot \left(\mathbb{1}_{P'_c}
# \mathbb{1}_{P_{c+1}}^{\mathsf T} \otimes (w_d^{(d',c+1)})^{\mathsf T}\right)\right)
# (I_{P_{c+1}} \otimes \mathbb{1}_{S_c})$$
#
# Look at the last factor, and remember notebook 3: it adds the columns of one window. How many are
# there? As many as the mask of layer c+1 has entries. Let us run it with the length of the ones as
# a parameter.

# %%
def last_factor(lists, size, w, length):
    """(47.1257), its last factor with `length` ones."""
    v = Partition(lists, size)
    spread = kron(np.ones((size, v.P), dtype=int), w[None])
    collect = kron(sparse.eye_array(v.P, dtype=int), np.ones((length, 1), dtype=int))
    return hadamard(carrier(v.matrix, w).T, spread) @ carrier(collect, w)


def counted(lists, size, w):
    """Entry [m, p]: the weight with which entry m enters unit p, by looking for it."""
    return [[sum(w[s] for s, i in enumerate(one) if i == m) for one in lists] for m in range(size)]


@lecture.claim(
    "47.1257", "identity", "The mask, spread over the transposed partition matrix",
    r"(V_c^T \odot (1 1^T \otimes w^T)) (I \otimes 1_{S_c})",
    cases=[{"S_c": 3, "S_next": 3}, {"S_c": 2, "S_next": 3}], expect="misprint",
    corrected_formula=r"(V_c^T \odot (1 1^T \otimes w^T)) (I \otimes 1_{S_{c+1}})",
    reason="windows that leave layer c have the size of the masks of layer c+1")
def spread_mask(e, S_c, S_next):
    lists, w = [[0, 2, 3], [1, 4, 0], [3, 2, 1]], e.symbols("w", S_next)
    return Sides(truth=counted(lists, 5, w.tolist()),
                 printed=lambda: last_factor(lists, 5, w, S_c),
                 corrected=last_factor(lists, 5, w, S_next),
                 wrong={"the mask reversed": last_factor(lists, 5, w[::-1], S_next)})


found = run(lecture.claims["47.1257"])
print(found.verdict)
print(found.counterexample["shapes"], found.counterexample["text"])

# %% [markdown]
# **S_c must be S_{c+1}.** In the first case, where both layers have masks of 3 entries, the printed
# line is right: that is why nobody notices. In the second the product does not even exist. A text
# that uses 5 × 5 masks throughout never meets it.
#
# The package ships this claim, with more than a thousand others; `cnnmat show '(47.1257)'` prints
# it.

# %%
assert found.verdict == "misprint"
assert found.counterexample["shapes"]["S_c"] == "2"
book = run(shipped.lecture.claims["47.1257"])
assert book.verdict == "misprint"
print(shipped.lecture.claims["47.1257"].reason)

# %% [markdown]
# ## Exercises
#
# **1.** Layer c has masks of 3 × 3, layer c+1 masks of 2 × 4. How many rows has the last factor of
# (47.1257) with 6 windows as printed, and how many must it have? Give the pair.

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 1
@exercise
def check_1(answer):
    lists = loops.window_lists([3, 6], [2, 4], [1, 1], [(0, 0), (0, 0)], [1, 1])
    right, printed = len(lists) * len(lists[0]), len(lists) * 3 * 3
    if tuple(answer) == (right, printed):
        return "these are the two numbers, in the other order."
    return "" if tuple(answer) == (printed, right) else f"it is not the pair {tuple(answer)}."


# %%
answer_1 = ...
check_1(answer_1)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 1
solution_1 = (6 * 9, 6 * 8)
assert check_1(solution_1)

# %% [markdown]
# **2.** Write a claim: the way from t to z through one mask is the transposed matrix,
# z = [V^(d,d',c+1)]ᵀ t. A function of e that returns `Sides`, with truth, printed and wrong.
#
# <details><summary>Hint</summary>
#
# Truth: for each list (i, j) in `lists`, t[i] w[0] + t[j] w[1]. Wrong: what would a reader mistake?
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 2
@exercise
def check_2(answer):
    trial = Lecture("trial", "Exercise 2")
    trial.claim("2", "identity", "Exercise 2", r"z = [V^{(d,d',c+1)}]^T t")(answer)
    result = run(trial.claims["2"])
    if result.verdict != "holds":
        return f"the verdict is {result.verdict}: {result.message or result.counterexample}"
    if "polynomial identity, exact" not in {one["method"] for one in result.evidence}:
        return "it holds, and says nothing: put symbols into both sides."
    return ""


# %%
answer_2 = ...  # def answer_2(e): ... return Sides(truth=..., printed=..., wrong={"...": ...})
check_2(answer_2)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 2
def solution_2(e):
    w, t = e.symbols("w", 2), e.symbols("t", 4)
    pair = weight_matrix(Partition(lists, size=4), w)
    reverse = weight_matrix(Partition(lists, size=4), w[::-1])
    return Sides(truth=[t[i] * w[0] + t[j] * w[1] for i, j in lists],
                 printed=pair.T @ t, wrong={"the mask reversed": reverse.T @ t})


assert check_2(solution_2)

# %% [markdown]
# **3.** A student's notes say: z = W y − θ, J = ‖γ − z‖², so ∂J/∂θ = 2 (z − γ). Find out by a
# claim. Let the truth be `e.gradient` of a loop; give a corrected form too. The verdict must come
# out as `misprint`.
#
# <details><summary>Hint</summary>
#
# `loops.squared_error(gamma, z)` is J, and `loops.times(W, y)` is W y, of nested lists
# (`.tolist()`).
# </details>

# %% tags=["check"] jupyter={"source_hidden": true}
# The check of exercise 3
@exercise
def check_3(answer):
    trial = Lecture("trial", "Exercise 3")
    trial.claim("3", "gradient", "Exercise 3", r"\partial J/\partial\theta = 2(z - \gamma)",
                expect="misprint", corrected_formula="yours", reason="yours")(answer)
    result = run(trial.claims["3"])
    if result.verdict != "misprint":
        return f"the verdict is {result.verdict}: {result.message or result.counterexample}"
    return ""


# %%
answer_3 = ...  # def answer_3(e): ... return Sides(truth=..., printed=..., corrected=..., wrong=)
check_3(answer_3)

# %% tags=["solution"] jupyter={"source_hidden": true}
# Solution of exercise 3
def solution_3(e):
    W, y = e.symbols("W", 2, 3), e.symbols("y", 3)
    theta, gamma = e.symbols("theta", 2), e.symbols("gamma", 2)

    def risk(theta):
        z = [one - bias for one, bias in zip(loops.times(W.tolist(), y.tolist()), theta,
                                             strict=True)]
        return loops.squared_error(gamma.tolist(), z)

    z = W @ y - theta
    return Sides(truth=e.gradient(risk, theta), printed=2 * (z - gamma),
                 corrected=-2 * (z - gamma), wrong={"the 2 left out": gamma - z})


assert check_3(solution_3)

# %% [markdown]
# A bias that is *subtracted* has the derivative −δ. Where a listing takes μδ off θ, the sign is
# lost: the same slip can be found in print.
#
# ## Where to go from here
#
# `cnnmat new my_lecture.py` writes a file with a claim in it, and `cnnmat verify my_lecture.py`
# runs it. Your lecture in LaTeX or Markdown can be run as it stands: `cnnmat verify lecture.tex`.
