"""The backward pass of one sample as a list of sparse factors, for `Network.jacobians`."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from cnnmat import arguments
from cnnmat.drawing import Drawable, View
from cnnmat.drawing.naming import sizes
from cnnmat.drawing.showing import product
from cnnmat.textbook.correlation import weight_matrix_short
from cnnmat.textbook.pooling import upv_matrix
from cnnmat.textbook.vec import is_exact, tensor
from cnnmat.typing import Csr

__all__ = ["jacobians"]


class Factors(Drawable, list[tuple[str, Csr]]):
    """A list of (name, matrix) that is drawn as a product, between stages of `depths` maps."""

    def __init__(self, factors, depths):
        super().__init__(factors)
        self.depths: list[int] = depths

    def __repr__(self) -> str:
        width = max(len(name) for name, _ in self)
        return "\n".join(f"{name:{width}}  {sizes(factor.shape)}, {factor.count_nonzero()} not 0"
                         for name, factor in self)

    def view(self) -> View:
        """The product, with a line between the maps."""
        depths, blocks = iter(self.depths), []
        down = next(depths)
        for name, factor in self:
            across = next(depths) if name[0] == "V" else 1 if name[0] == "W" else down
            blocks.append((factor.shape[0] // down, factor.shape[1] // across))
            down = across
        return product(list(self), blocks)


def jacobians(network, p, forward, n):
    """The factors of `Network.jacobians`, by name, with checked parameters `p`."""
    if is_exact(forward.y):
        raise TypeError("forward must hold floats or integers, for sparse matrices take no "
                        "exact entries, got an object array")
    n = arguments.integer("n", n)
    if n >= len(forward.y):
        raise ValueError(f"n must be below the {len(forward.y)} samples, got {n}")
    factors = []
    for c in network.stages:
        factors += _of_stage(network, forward, c, n)
        if c < network.C:
            factors.append(_between_stages(network, p, c))
    for l in range(1, network.L):
        if l > 1:
            slopes = network.f_l[l - 1].derivative(forward.z_l[l][n])
            factors.append((f"diag f'(z_l[{l}])", _diagonal(slopes)))
        factors.append((f"W_{l}ᵀ", sparse.csr_array(p.W_l[l].T)))
    return Factors([(name, sparse.csr_array(factor)) for name, factor in factors],
                   network.depths[1:])


def _of_stage(network, forward, c, n):
    """diag f'(z_c), I ⊗ T_cᵀ and the gradient vectors of stage c, all maps one after the other."""
    stage = network.stages[c]
    slopes = stage.activation.derivative(forward.z_c[c][n])
    g = np.asarray(stage.pooling.gradient_vectors(forward.y_c[c], stage.regions)[n])
    eye = sparse.eye_array(stage.depth, dtype=np.int8)
    upv_blocks = [upv_matrix(row, stage.regions) for row in g]
    return [
        (f"diag f'(z_c[{c}])", _diagonal(slopes.ravel())),
        (f"I ⊗ T_{c}ᵀ", tensor(eye, stage.regions.matrix.T)),
        (f"upv_{c}", sparse.block_diag(upv_blocks, format="csr")),
    ]


def _between_stages(network, p, c):
    """The blocks V^(d,d',c+1), a row of them a map d of stage c."""
    stage, after = network.stages[c], network.stages[c + 1]
    masks = p.W_c[c + 1].T.reshape(after.depth, stage.depth, -1)
    blocks = [[weight_matrix_short(after.partition, masks[d_after, d])
               for d_after in range(after.depth)] for d in range(stage.depth)]
    return f"V^(d,d',{c + 1})", sparse.block_array(blocks, format="csr")


def _diagonal(entries):
    """The diagonal matrix with `entries`, CSR, of their type."""
    return sparse.diags_array(entries, format="csr", dtype=entries.dtype)
