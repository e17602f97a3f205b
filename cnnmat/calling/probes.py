"""Small inputs whose sizes are all different, so that a shape tells what it is the shape of."""

from dataclasses import dataclass

import numpy as np

__all__ = ["PROBES", "Probe", "given_for", "shape_outside"]


@dataclass(frozen=True)
class Probe:
    """The sizes of the arrays of one call; a kind that has no image or kernel has ().

    Examples
    --------
    >>> PROBES["correlation"][0].shapes((1, 1), 0)["z"]
    (2, 6, 7, 8)
    """

    kind: str
    n: int
    channels: int
    maps: int
    image: tuple = ()
    kernel: tuple = ()

    def settings(self):
        """Settings in the order in which they are tried."""
        if self.kind == "correlation":
            return [{"stride": 1, "padding": 0}, {"stride": 2, "padding": 1}]
        if self.kind == "pooling":
            return [{"size": 2, "stride": 2, "padding": 0}, {"size": 3, "stride": 1, "padding": 1}]
        return [{}]

    def shapes(self, steps, padding, size=None):
        """{role: shape} of the arrays, samples and channels first."""
        kernel = self.kernel if size is None else (size,) * len(self.image)
        out = tuple((n + 2 * padding - k) // s + 1
                    for n, k, s in zip(self.image, kernel, steps, strict=True))
        x, z = (self.n, self.channels, *self.image), (self.n, self.maps, *out)
        w = (self.maps, self.channels, *self.kernel)
        made = {"x": x, "z": z, "dz": z, "dx": x, "w": w, "dw": w, "b": (self.maps,),
                "db": (self.maps,)}
        if self.kind == "risk":
            made |= {"target": x, "z": (), "dx": x}
        return made

    def arrays(self, settings, stride=True, padding=True):
        """{role: array} for such settings, of which some may not be taken."""
        size = settings.get("size")
        stride = settings.get("stride", 1) if stride else size or 1
        shapes = self.shapes((stride,) * len(self.image),
                             settings.get("padding", 0) * bool(padding), size)
        rng = np.random.default_rng(5)
        made = {role: rng.permutation(int(np.prod(shape, dtype=int))).reshape(shape) * 1.0 - 7
                for role, shape in shapes.items()}
        if self.kind == "risk":
            made["target"] = np.eye(self.channels)[rng.integers(0, self.channels, self.n)]
            made["x"] = made["x"] / 4
        return made


#: For each kind the most telling first; the others for those that refuse that one.
PROBES = {
    "correlation": [
        Probe("correlation", 2, 4, 6, (9, 12), (3, 5)),
        Probe("correlation", 2, 4, 6, (9, 12), (3, 3)),
        Probe("correlation", 2, 4, 6, (9, 9), (3, 3)),
        Probe("correlation", 2, 1, 6, (9, 9), (3, 3))],
    "pooling": [Probe("pooling", 5, 3, 3, (8, 12)), Probe("pooling", 5, 3, 3, (8, 8))],
    "feedforward": [Probe("feedforward", 5, 3, 4)],
    "activation": [Probe("activation", 3, 4, 4)],
    "risk": [Probe("risk", 3, 5, 5)],
}


def shape_outside(role, shape, keywords):
    """The axes of an array in the order that keywords such as ``layout="NHWC"`` mean.

    Examples
    --------
    >>> shape_outside("x", (2, 4, 9, 12), {"layout": "NHWC"})
    (0, 2, 3, 1)
    """
    axes = tuple(range(len(shape)))
    weights = keywords.get("weights")
    if role in ("w", "dw") and weights == "in_out":
        return axes[::-1]
    if role in ("w", "dw") and weights and len(shape) == 4:
        return tuple("OIHW".index(letter) for letter in weights)
    if role in ("x", "dx", "z", "dz") and keywords.get("layout") == "NHWC":
        return (0, *axes[2:], 1)
    return axes


def given_for(convention, probe, settings):
    """{role: array or setting} of one call, in the convention's own layout."""
    said, c = dict(convention.keywords), convention
    plain_ones = probe.arrays(settings, *(said.get(r) != "none" for r in ("stride", "padding")))
    made = {role: np.ascontiguousarray(a.transpose(shape_outside(role, a.shape, said)))
            for role, a in plain_ones.items()}
    if said.get("target") == "labels":
        made["target"] = made["target"].argmax(-1)
    if c.batch == "none":
        made = {r: a[0] if r in ("x", "z", "dz", "dx") else a for r, a in made.items()}
    if c.batch == "last":
        made = {r: a.T if r in ("x", "z", "dz", "dx", "target") else a for r, a in made.items()}
    for role, value in settings.items():
        made[role] = value if c.spoken == "int" else (value,) * len(probe.image)
    if "b" in made and said.get("bias") == "none":
        del made["b"], made["db"]
    return made
