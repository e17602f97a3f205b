"""What the two training listings share: their lines as printed, and why those are wrong."""

from dataclasses import replace

import numpy as np

from cnnmat import Network, kron
from cnnmat.derivations.sayed.setting import WIDE
from cnnmat.textbook import feedforward
from cnnmat.textbook.vec import apply, carrier, hadamard

NAMES = ("W_c", "Theta_c", "W_l", "theta_l")
ONE_MAP = {**WIDE, "depths": (1, 1), "N": 1}
ONE_UNIT = {"depth": 2, "M": 3, "lists": (((0, 2),),), "depths": (3,), "regions": (((0,),),),
            "widths": (2,), "N": 1}


def listed(parameters):
    return [getattr(parameters, name)[k] for name in NAMES for k in getattr(parameters, name)]


class WholeW1(Network):
    """W_1 in place of the block of each map."""

    def back_to_maps(self, p, forward, delta_2):
        back = feedforward.pull_back(p.W_l[1], delta_2)
        return np.stack([back] * self.depths[self.C], axis=1)


class Diagonal(Network):
    """The pairs d = d' alone."""

    def back_through_masks(self, p, c, delta, literal=False):
        W = p.W_c[c] * np.kron(np.eye(self.depths[c - 1], self.depths[c], dtype=int),
                               np.ones((self.stages[c].partition.S, 1), dtype=int))
        return super().back_through_masks(replace(p, W_c={**p.W_c, c: W}), c, delta, literal)


RANGES = {"source_kind": "consequence",
          "reason": "the lines for the boundary, V and δ do not say for which d and d' they are run: for "
                    "all, as (47.1245) and (47.1262) have it and the sum over d' asks for"}


def v_line(ones_of, length_of):
    """A network whose V line has 1 of other sizes in its first and its last factor."""
    class Printed(Network):
        def back_through_masks(self, p, c, delta, literal=False):
            before, after = self.stages[c - 1], self.stages[c]
            P, S = after.partition.P, after.partition.S
            masks = p.W_c[c].T.reshape(after.depth, before.depth, S)
            V = carrier(after.partition.matrix, masks)
            rows = np.ones((ones_of(before), P), dtype=int)
            collect = np.kron(np.eye(P, dtype=int),
                              np.ones((length_of(before, after), 1), dtype=int)).astype(object)
            return np.stack([sum(
                apply(hadamard(V.T, kron(rows, masks[k, d][None])) @ collect, delta[:, k])
                for k in range(after.depth)) for d in range(before.depth)], axis=1)

    return Printed


class Mirrored(Network):
    """The masks reversed on the way back."""

    def back_through_masks(self, p, c, delta, literal=False):
        S, W = self.stages[c].partition.S, p.W_c[c]
        mirrored = W.reshape(-1, S, W.shape[1])[:, ::-1].reshape(W.shape)
        return super().back_through_masks(replace(p, W_c={**p.W_c, c: mirrored}), c, delta, literal)


SIZE = v_line(lambda before: before.regions.P_prime, lambda before, after: before.partition.S)
SIZE_REASON = ("S_c stands for S_{c+1}, as in (47.1257); the factor before has P_{c+1} S_{c+1} columns; "
               "invisible where two layers have masks of one size")


class OrdinaryDiagonal(Network):
    """Δ as the diagonal matrix of all the entries."""

    def dW_c(self, p, forward, c, delta):
        D = self.depths[c]
        return p.W_c[c] * (2 * self.rho1) + sum(
            carrier(kron(np.ones((1, D), dtype=int), H), H) @ np.diag(one.ravel())
            for H, one in zip(forward.H_c[c - 1], delta, strict=True)) / len(delta)

    def _connected(self, parameters):
        return parameters


DELTA = {"reason": "diag of column vectors is the block diagonal matrix of (47.1270), which defines the "
                   "symbol on the left; with the entries on a diagonal there would be too many columns, "
                   "but where a map has one entry"}


class Exchanged(Network):
    """Δ with the maps in reverse."""

    def dW_c(self, p, forward, c, delta):
        return super().dW_c(p, forward, c, delta[:, ::-1])


class NoLastDelta(Network):
    """Δ is set for c < C only; Δ_C stays what a store begins with, zero."""

    def dW_c(self, p, forward, c, delta):
        return super().dW_c(p, forward, c, delta * (c < self.C))

    def dTheta_c(self, c, delta):
        return super().dTheta_c(c, delta * (c < self.C))


DELTA_C = {"expect": "misprint",
           "rewritten": r"\Delta_{n,c},\quad c=C-1,\dots,2,1",
           "corrected_formula": r"\Delta_{n,c},\quad c=1,\dots,C",
           "reason": "Δ is set in the loop c = C-1, ..., 1, but used for c = C too; left at zero, the last "
                     "correlation layer is not trained, and a network with one such layer trains none"}
