"""The contracts of layers that pick or weigh entries: dropout, embedding, local response."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import whole
from cnnmat.testing.sized import SizedContract

__all__ = []

#: Shapes of an input of any number of axes.
SHAPES = (("one row", (1, 4)), ("a matrix", (3, 5)), ("as many rows as columns", (4, 4)),
          ("a batch of maps", (2, 3, 2, 4)))


@dataclass(frozen=True, eq=False)
class DropoutContract(SizedContract):
    """The conventions that `check_dropout` takes as keywords."""

    probability: str = "drop"
    inverted: bool = True

    kind = "dropout"
    parts: ClassVar = {"forward": (("x", "mask"), ("y",)), "backward": (("dy", "mask"), ("dx",))}

    def settings(self, case):
        p = case.settings["p"]
        return (p if self.probability == "drop" else 1 - p,)

    def axes(self, case):
        names = "NCHW"[:case.arrays["x"].ndim]
        return dict.fromkeys(case.arrays, names)

    def _keep(self, settings):
        return 1 - settings["p"] if self.inverted else 1

    def forward(self, arrays, settings):
        return (loops.drop(arrays["x"], arrays["mask"], self._keep(settings)),)

    def backward(self, arrays, settings):
        return (loops.drop(arrays["dy"], arrays["mask"], self._keep(settings)),)

    def cases(self, rng):
        def make(shape=(3, 4), p=0.25):
            mask = (rng.random(shape) > p) * 1.0
            mask.flat[0], mask.flat[-1] = 0, 1
            return {"x": whole(rng, shape), "mask": mask, "dy": whole(rng, shape) / 2}, {"p": p}

        everything, nothing, silent = make(), make(p=0.0), make()
        everything[0]["mask"][...] = 0
        nothing[0]["mask"][...] = 1
        silent[0]["dy"][...] = 0
        rows = [(name, "plain", *make(shape, p)) for (name, shape), p in zip(
            SHAPES, (0.25, 0.5, 0.75, 0.125), strict=True)]
        rows += [("everything is dropped", "values", *everything),
                 ("nothing is dropped, p = 0", "values", *nothing),
                 ("no upstream gradient", "values", *silent),
                 # p and 1 - p can be told apart
                 ("p = 0.9", "plain", *make((4, 5), 0.9)),
                 ("a matrix, other values", "calling", *make((3, 5), 0.375))]
        return [*(self.made(*row) for row in rows), *self.in_memory(make)]

    def simple(self, case):
        return bool(np.isin(case.arrays["mask"], (0, 1)).all())

    def features(self, case):
        return {**super().features(case), "p is 0": case.settings["p"] == 0,
                "p is not one half": case.settings["p"] != 0.5}

    def terms(self, case, output, cell):
        given = "x" if output == "y" else "dy"
        keep = self._keep(case.settings)
        return f"{given} * mask" + (f" / {keep:g}" if keep != 1 else "")


@dataclass(frozen=True, eq=False)
class EmbeddingContract(SizedContract):
    """A table of vectors, of which rows are looked up."""

    kind = "embedding"
    main = "w"
    parts: ClassVar = {"forward": (("indices", "w"), ("y",)),
                       "backward": (("dy", "indices", "w"), ("dw",))}

    def axes(self, case):
        at = "NT"[:case.arrays["indices"].ndim]
        return {"indices": at, "w": "VD", "dy": at + "D"}

    def forward(self, arrays, settings):
        return (loops.embed(arrays["indices"], arrays["w"]),)

    def backward(self, arrays, settings):
        return (loops.embed_backward(arrays["dy"], arrays["indices"], arrays["w"]),)

    def cases(self, rng):
        def make(shape=(3, 4), words=5, size=2, indices=None):
            drawn = rng.integers(0, words, shape) if indices is None else np.array(indices)
            return {"indices": drawn, "w": rng.permutation(words * size).reshape(
                words, size) / 2.0 - 1, "dy": whole(rng, (*drawn.shape, size)) / 2}, {}

        silent = make()
        silent[0]["dy"][...] = 0
        rows = [
            ("one index", "plain", *make((1,))),
            ("a vector of indices, all different", "plain", *make(indices=[3, 0, 4])),
            # what comes to one row twice must add up
            ("an index twice", "repeated", *make(indices=[1, 4, 1])),
            ("all indices alike", "repeated", *make(indices=[[2, 2], [2, 2]])),
            ("a matrix of indices", "plain", *make()),
            ("as many words as entries", "plain", *make((2, 3), 4, 4)),
            ("more words than indices", "plain", *make((1, 2), 9, 3)),
            ("the first and the last word", "plain", *make(indices=[[0, 4], [4, 0]])),
            ("no upstream gradient", "values", *silent),
            ("a matrix of indices, other values", "calling", *make()),
        ]
        return [*(self.made(*row) for row in rows), *self.in_memory(make)]

    def simple(self, case):
        indices = case.arrays["indices"]
        return bool(indices.dtype.kind == "i" and (indices >= 0).all()
                    and (indices < len(case.arrays["w"])).all())

    def features(self, case):
        indices = case.arrays["indices"]
        return {**super().features(case), "there is more than one axis": indices.ndim > 1,
                "an index comes twice": len(np.unique(indices)) < indices.size}

    def terms(self, case, output, cell):
        if output == "y":
            word = case.arrays["indices"][tuple(cell[:-1])]
            return self.label("w", case, (word, cell[-1]))
        places = np.argwhere(case.arrays["indices"] == cell[0]).tolist()
        return " + ".join(self.label("dy", case, (*at, cell[1])) for at in places) or "0"


@dataclass(frozen=True, eq=False)
class LocalResponseContract(SizedContract):
    """The conventions that `check_local_response` takes as keywords."""

    alpha: str = "divided"
    layout: str = "NCHW"

    kind = "local_response"
    orders: ClassVar = {"NCHW": (), "NHWC": ()}
    parts: ClassVar = {"forward": (("x",), ("y",)), "backward": (("dy", "x"), ("dx",))}

    def settings(self, case):
        return tuple(case.settings[name] for name in ("size", "alpha", "beta", "k"))

    def outward(self, name, array):
        return np.moveaxis(array, 1, -1) if self.layout == "NHWC" else array

    def inward(self, name, array):
        return np.moveaxis(array, -1, 1) if self.layout == "NHWC" and array.ndim == 4 else array

    def axes(self, case):
        return {"x": "NCHW", "dy": "NCHW"}

    def _told(self, s):
        alpha = s["alpha"] / s["size"] if self.alpha == "divided" else s["alpha"]
        return s["size"], alpha, s["beta"], s["k"], pow

    def forward(self, arrays, settings):
        return (loops.respond_locally(arrays["x"], *self._told(settings)),)

    def backward(self, arrays, settings):
        return (loops.respond_locally_backward(
            arrays["dy"], arrays["x"], *self._told(settings)),)

    def cases(self, rng):
        def make(shape=(2, 4, 2, 3), size=3, alpha=0.5, beta=0.75, k=2.0):
            return ({"x": rng.standard_normal(shape) * 2, "dy": whole(rng, shape)},
                    {"size": size, "alpha": alpha, "beta": beta, "k": k})

        silent = make()
        silent[0]["dy"][...] = 0
        rows = [
            ("one channel", "plain", *make((1, 1, 2, 3))),
            ("fewer channels than the window", "plain", *make((1, 2, 1, 2), 5)),
            ("more channels than the window", "plain", *make((2, 7, 2, 1))),
            ("all sizes alike", "plain", *make((3, 3, 3, 3))),
            ("a window of five", "plain", *make((1, 6, 1, 2), 5, 0.25, 0.5, 1.0)),
            ("a window of one", "plain", *make(size=1)),
            # not alike on both sides: going back it is the mirror image
            ("a window of two", "plain", *make((2, 4, 1, 2), 2)),
            ("a window of four", "plain", *make((1, 7, 2, 1), 4)),
            ("beta 1", "settings", *make(beta=1.0)),
            ("beta 2", "settings", *make(beta=2.0, k=1.5)),
            ("alpha 1, k 1", "settings", *make(alpha=1.0, k=1.0)),
            ("no upstream gradient", "values", *silent),
            ("more channels than the window, other values", "calling", *make((2, 7, 2, 1))),
        ]
        return [*(self.made(*row) for row in rows), *self.in_memory(make)]

    def features(self, case):
        size, channels = case.settings["size"], case.arrays["x"].shape[1]
        return {**super().features(case), "the window is wider than one channel": size > 1,
                "the window is wider than all channels": size > channels,
                "beta is not 1": case.settings["beta"] != 1, "k is not 1": case.settings["k"] != 1}

    def terms(self, case, output, cell):
        size, alpha, beta, k, _ = self._told(case.settings)
        near = loops.neighbours(cell[1], size, case.arrays["x"].shape[1])
        return ("" if output == "y" else "the derivative of ") + (
            f"x ({k:g} + {alpha:g} (the squares in channels {near[0]} to {near[-1]}))^-{beta:g}")
