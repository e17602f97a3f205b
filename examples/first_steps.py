"""A network that fits on a page: every matrix, every signal, every derivative.

    python examples/first_steps.py [--pictures FOLDER]

Six entries h go through two correlation maps, pooling, one more correlation map and one
fully connected unit; all numbers are whole.  Numbers such as (47.1152) are the equations of
the text.  Indices count from 0.  Pictures of V, T, V^(1,1,2), the network, and the way back as
a product of matrices need the extra "plot".
"""

import argparse
from fractions import Fraction
from pathlib import Path

import numpy as np

from cnnmat import Network, Parameters, Partition, Regions, Stage, show, upv_matrix, weight_matrix
from cnnmat.drawing import save_picture

parser = argparse.ArgumentParser(description="A network that fits on a page.")
parser.add_argument("--pictures", metavar="FOLDER", type=Path, help="draw the matrices, as PNG")
folder = parser.parse_args().pictures
if folder and not folder.is_dir():
    parser.error(f"--pictures must be a folder that exists, got {str(folder)!r}")

# --- V: how a vector is read out in windows, (47.1148) to (47.1157) ------------------

windows = Partition([[0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5]], size=6)
h = np.array([2, 0, 2, -1, 0, 3])
print(f"The partition matrix (47.1152)\n{windows}")
print(f"V h, the four windows one below the other:\n{windows.matrix @ h}")
print(f"H, the same as columns (47.1157):\n{windows.columns(h)}")

# --- T: pooling regions, which may be scattered, (47.1201) to (47.1204) --------------

regions = Regions([[0, 2], [1, 3]], size=4)
print(f"\nThe matrix that puts the entries of a region side by side (47.1203)\n{regions}")
y = np.array([10, 11, 12, 13])
print(f"permute: T {y} = {regions.permute(y)}")
print(f"permute#: Tᵀ {regions.permute(y)} = {regions.permute_sharp(regions.permute(y))}")

# --- the network -----------------------------------------------------------------------

pairs = Partition([[0, 1], [1, 1]], size=2)  # any index lists will do
network = Network(1, [
    Stage(windows, depth=2, activation="relu", regions=regions, pooling="max"),
    Stage(pairs, depth=1, activation="identity", pooling="sum"),  # regions of one entry each
], widths=[1], activations="identity")
parameters = Parameters(
    W_c={1: np.array([[1, -1], [0, 2], [-1, 1]]),  # a column a map: (1, 0, -1) and (-1, 2, 1)
         2: np.array([[2], [1], [-1], [3]])},  # of map 1's two entries, then of map 2's
    Theta_c={1: np.array([[-1, 1]]), 2: np.array([[1], [0]])},
    W_l={1: np.array([[1, -2]])},
    theta_l={1: np.array([3])},
)
gamma = np.array([[-20]])

forward = network.forward(parameters, h[None, None])  # one sample of one map
print("\nForward, listing (47.1216), one row a map")
for c in (1, 2):
    print(f"z_{c} = Hᵀw - θ1:\n{forward.z_c[c][0]}")
    print(f"t_{c} = pool(f(z_{c})):\n{forward.t_c[c][0]}")
print(f"y_2 = W_1 y_1 - θ_1 = {forward.y[0]}, to be {gamma[0]}: "
      f"the risk is {network.risk(parameters, h[None, None], gamma):g}")

# --- back: the sensitivities δ = ∂risk/∂z, listing (47.1275) ---------------------------

back = network.backward(parameters, forward, gamma)
print("\nBackward, listing (47.1275)")
print(f"δ_2 = 2 (y_2 - γ) = {back.delta_l[2][0]}  (47.1233)")
print(f"δ_n^(1,2) = W_1ᵀ δ_2 = {back.delta_c[2][0, 0]}, nothing being pooled")
for d in range(2):
    V_d = weight_matrix(pairs, parameters.W_c[2][2 * d:2 * d + 2, 0])  # (47.1257)
    g = network.stages[1].pooling.gradient_vectors(forward.y_c[1][0, d], regions)
    b = V_d @ back.delta_c[2][0, 0]
    print(f"The weights from map {d + 1} to map 1 (47.1257)\n"
          f"{show(V_d, title=f'V^({d + 1},1,2)')}")
    print(f"  times δ_n^(1,2):                {b}  (47.1258)")
    up = upv_matrix(g, regions) @ b
    print(f"  upv, to the largest entries:    {up}  (47.1200)")
    print(f"  permute#, to the units' order:  {regions.permute_sharp(up)}  (47.1204)")
    print(f"  times f', which is δ_n^({d + 1},1):   {back.delta_c[1][0, d]}  (47.1262)")
print(f"∂J/∂W_c for c = 1, (1ᵀ ⊗ H) Δ (47.1271):\n{back.gradient.W_c[1]}")
print(f"∂J/∂Θ_c for c = 1, -(1ᵀ ⊗ 1 1ᵀ) Δ (47.1274): {back.gradient.Theta_c[1]}")

# --- pictures: the same, and the whole way back as one product --------------------------

factors = network.jacobians(parameters, forward)
print("\nThe way back as a product of matrices")
print("\n".join(f"{name:16} {factor.shape[0]} x {factor.shape[1]}" for name, factor in factors))
if folder:
    first = weight_matrix(pairs, parameters.W_c[2][:2, 0])
    for name, drawn in {"v": windows, "t": regions, "v_1_1_2": show(first, title="V^(1,1,2)"),
                        "network": network, "way_back": factors}.items():
        try:
            save_picture(drawn.draw(), folder / f"{name}.png")
        except ModuleNotFoundError as missing:
            raise SystemExit(f"--pictures: {missing}") from missing
        print(f"picture: {folder / name}.png")

# --- check: nudge each weight and see what the risk does --------------------------------

# In one entry the risk is a parabola, between the kinks of ReLU and max: the central
# difference is the derivative, exactly.
nudge, wrong, count = Fraction(1, 1000), 0, 0
parameters = parameters.map(lambda array: array + Fraction(0))
for array, derivative in zip(parameters.arrays(), back.gradient.arrays(), strict=True):
    for cell in np.ndindex(array.shape):
        risks = []
        for by in (nudge, -2 * nudge, nudge):  # there, to the other side, and home again
            array[cell] += by
            risks.append(network.risk(parameters, h[None, None], gamma))
        count, wrong = count + 1, wrong + ((risks[0] - risks[1]) / (2 * nudge) != derivative[cell])
if wrong:
    raise SystemExit(f"{wrong} of {count} derivatives are not what a nudge shows")
print(f"\nEach of the {count} derivatives is what nudging that parameter shows, exactly.")
