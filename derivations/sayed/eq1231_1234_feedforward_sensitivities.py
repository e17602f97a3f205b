"""Sensitivities of the feedforward part, (47.1231) to (47.1234)."""

import numpy as np

from cnnmat.derivations.sayed.setting import ANY_2, BOTH, DEEP, LAYERED, SMALL, TALL, WIDE, line
from cnnmat.textbook import feedforward
from cnnmat.verify import Sides

SQUARE = {**TALL, "widths": (3, 3, 3)}


@line("47.1231", "dimension", "The overall output is that of layer L, with Q entries",
      r"y_n=\begin{bmatrix}y_n(1)\\y_n(2)\\\vdots\\y_n(Q)\end{bmatrix},"
      r"\quad z_n=\begin{bmatrix}z_n(1)\\z_n(2)\\\vdots\\z_n(Q)\end{bmatrix}",
      cases=(*LAYERED, ANY_2))
def output_vectors(s):
    signals, z, y = s.signals(), s.forward.z_l, s.forward.y_l
    return Sides(truth=(signals["output"], signals["zl"][-1]), printed=(y[s.L][0], z[s.L][0]),
                 wrong={"layer L-1": (y[s.L - 1][0], z[s.L][0]),
                        "y and z exchanged": (z[s.L][0], y[s.L][0])})


@line("47.1232", "definition", "The sensitivity of a node is the derivative by its z",
      r"\delta_{\ell,n}(j)\triangleq\frac{\partial\|\gamma_n-y_n\|^2}{\partial z_{\ell,n}(j)}",
      cases=(*LAYERED, ANY_2))
def sensitivity_of_a_node(s):
    delta = s.backward.delta_l
    by_y = feedforward.pull_back(s.parameters.W_l[2], delta[3])
    return Sides(truth=s.sensitivities(l=2), printed=delta[2],
                 wrong={"the derivative by y": by_y})


@line("47.1232/range", "dimension", "Sensitivities exist from layer 2 to layer L",
      r"\ell=2,3,\dots,L", cases=(*BOTH, ANY_2))
def range_of_sensitivities(s):
    return Sides(truth=list(range(2, len(s.signals()["zl"]) + 2)),
                 printed=sorted(s.backward.delta_l),
                 wrong={"from 1": list(range(1, s.L + 1)), "1 to L-1": list(range(1, s.L))})


@line("47.1233", "gradient", "The sensitivities of the output",
      r"\delta_{L,n}=2(y_n-\gamma_n)\odot f'(z_n)", cases=(SMALL, *LAYERED, ANY_2))
def output_sensitivity(s):
    y, gamma, z = s.forward.y, s.gamma, s.forward.z_l[s.L]
    slope = s.f_l[-1].derivative
    return Sides(truth=s.sensitivities(l=s.L), printed=s.backward.delta_l[s.L],
                 wrong={"the factor 2 left out": (y - gamma) * slope(z),
                        "target less output": 2 * (gamma - y) * slope(z),
                        "f' at y": 2 * (y - gamma) * slope(y)})


@line("47.1234", "gradient", "One step back through a feedforward layer",
      r"\delta_{\ell,n}=f'(z_{\ell,n})\odot(W_\ell^{\mathsf{T}}\delta_{\ell+1,n})",
      cases=(*LAYERED, SQUARE, ANY_2))
def feedforward_step(s):
    delta, W, z = s.backward.delta_l, s.parameters.W_l, s.forward.z_l
    slope = s.f_l[0].derivative
    return Sides(truth=[s.sensitivities(l=l) for l in range(2, s.L)],
                 printed=[delta[l] for l in range(2, s.L)],
                 wrong={"W not transposed": lambda: [
                     slope(z[2]) * feedforward.pull_back(W[2].T, delta[3])],
                        "f' of the layer behind": lambda: [
                     s.f_l[1].derivative(z[3]) * feedforward.pull_back(W[2], delta[3])],
                        "f' left out": [feedforward.pull_back(W[l], delta[l + 1])
                                        for l in range(2, s.L)]})


@line("47.1234/range", "dimension", "The recursion runs from L-1 down to 2",
      r"\ell=L-1,\dots,2", cases=(*BOTH, ANY_2), source_kind="words")
def range_of_recursion(s):
    wanted = [l for l in range(s.L, 0, -1) if l < s.L and l in s.forward.z_l]
    return Sides(truth=wanted, printed=list(range(s.L - 1, 1, -1)),
                 wrong={"down to 1": list(range(s.L - 1, 0, -1)),
                        "from L": list(range(s.L, 1, -1)),
                        "one layer lower": list(range(s.L - 2, 0, -1))})


@line("47.1234/sum", "identity", "The step back, node by node",
      r"\delta_{\ell,n}(i)=f'(z_{\ell,n}(i))\sum_jw_{ij}^{(\ell)}\delta_{\ell+1,n}(j)",
      cases=(DEEP, WIDE, ANY_2), covers="the entries of (47.1234)", source_kind="consequence")
def feedforward_step_by_node(s):
    delta, W = s.backward.delta_l[3][0], s.parameters.W_l[2]
    slope = np.asarray(s.f_l[0].derivative(s.forward.z_l[2][0]))
    n, after = s.n[2], s.n[3]
    return Sides(truth=s.sensitivity(0, l=2),
                 printed=[slope[i] * sum(W[j, i] * delta[j] for j in range(after))
                          for i in range(n)],
                 wrong={"the first index for both": [
                     slope[i] * sum(W[j, 0] * delta[j] for j in range(after)) for i in range(n)]})
