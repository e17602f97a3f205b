r"""What a network is made of and what flows through it.

Names carry the text's own subscripts: ``z_c[c]`` belongs to correlation layer
c = 1, ..., C (c = 0 is the input), ``z_l[l]`` to layer l = 1, ..., L of the
feedforward part.  Arrays hold the samples n on their first axis and the maps d
on their second, so z_n^(d,c) is ``z_c[c][n, d]``, with n and d counted from 0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from cnnmat import arguments
from cnnmat.drawing import Drawable, View
from cnnmat.textbook import views
from cnnmat.textbook.activations import Activation, activation
from cnnmat.textbook.partition import Partition
from cnnmat.textbook.pooling import Pooling, pooling
from cnnmat.textbook.regions import Regions
from cnnmat.textbook.vec import is_exact
from cnnmat.typing import Array, ArrayLike, Int

__all__ = ["Backward", "Forward", "Parameters", "Stage"]

Other = TypeVar("Other")
if TYPE_CHECKING:
    from typing_extensions import TypeVar as TypeVarWithDefault

    Kind = TypeVarWithDefault("Kind", default=Array)
else:
    Kind = TypeVar("Kind")


@dataclass(frozen=True)
class Stage:
    """A correlation layer and the pooling behind it.

    Parameters
    ----------
    partition : Partition
        How the maps of the stage before are read out.
    depth : int
        D_c, the number of maps.
    activation : str or Activation
    regions : Regions, optional
        What is pooled; by default nothing, each entry being its own region.
    pooling : str or pooling function
    connections : array_like of bool, shape (D_{c-1}, D_c), optional
        Whether map j before feeds map d here, the set 𝒟 of (47.1213); all do by default.

    Examples
    --------
    Four maps from 3 x 3 windows on a 6 x 6 image, pooled in blocks of 2 x 2:

    >>> from cnnmat import Windows
    >>> stage = Stage(Partition(Windows((6, 6), 3)), depth=4, activation="relu",
    ...               regions=Regions(Windows((4, 4), 2, 2)), pooling="max")
    >>> stage.partition, stage.regions
    (Partition(P=16, S=9, M=36), Regions(P_prime=4, P=16))
    """

    partition: Partition
    depth: int
    activation: Activation = "tanh"  # type: ignore[assignment]
    regions: Regions = None  # type: ignore[assignment]
    pooling: Pooling = "mean"  # type: ignore[assignment]
    connections: ArrayLike | None = None

    if TYPE_CHECKING:
        # what goes in; the attributes are what __post_init__ makes of it
        def __init__(self, partition: Partition, depth: Int, activation: str | Activation = "tanh",
                     regions: Regions | None = None, pooling: str | Pooling = "mean",
                     connections: ArrayLike | None = None) -> None: ...

    def __post_init__(self) -> None:
        put = object.__setattr__
        if not isinstance(self.partition, Partition):
            raise TypeError(f"partition must be a Partition, got {self.partition!r}")
        put(self, "depth", arguments.integer("depth", self.depth, 1))
        put(self, "activation", activation(self.activation))
        put(self, "pooling", pooling(self.pooling))
        if self.regions is None:
            put(self, "regions", Regions.singletons(self.partition.P))
        if not isinstance(self.regions, Regions):
            raise TypeError(f"regions must be Regions, got {self.regions!r}")
        if self.regions.P != self.partition.P:
            raise ValueError(f"regions must be of the {self.partition.P} entries of a map, "
                             f"got regions of {self.regions.P}")


@dataclass(frozen=True)
class Parameters(Drawable, Generic[Kind]):
    """W_c, Θ_c of the correlation layers and W_l, θ_l of the feedforward ones.

    Dictionaries from c = 1, ..., C and l = 1, ..., L-1 to arrays of shapes
    (S_c D_{c-1}, D_c), (D_{c-1}, D_c), (n_{l+1}, n_l) and (n_{l+1},).
    """

    W_c: dict[int, Kind]
    Theta_c: dict[int, Kind]
    W_l: dict[int, Kind]
    theta_l: dict[int, Kind]

    def view(self) -> View:
        """The arrays by their names."""
        return views.of_parameters(self)

    def arrays(self) -> list[Kind]:
        """The arrays in the order of the text: W_1, Θ_1, ..., then W_1, θ_1, ..."""
        return [part[k] for weights, biases in ((self.W_c, self.Theta_c), (self.W_l, self.theta_l))
                for k in weights for part in (weights, biases)]

    def map(self, function: Callable[..., Other], *others: Parameters[Any]) -> Parameters[Other]:
        """`Parameters` of function(array, *arrays of others at the same place)."""
        return Parameters(*(
            {k: function(part[k], *(getattr(o, name)[k] for o in others)) for k in part}
            for name, part in vars(self).items()
        ))


@dataclass(frozen=True, repr=False)
class Forward(Drawable):
    """All signals of a forward pass.

    z_c, y_c : c = 1..C, shape (N, D_c, P_c); t_c : c = 0..C, shape (N, D_c, P'_c), t_c[0]
    being the input; H_c : c = 0..C-1, shape (N, D_c S_{c+1}, P_{c+1}); z_l : l = 2..L and
    y_l : l = 1..L, shape (N, n_l).
    """

    z_c: dict[int, Array]
    y_c: dict[int, Array]
    t_c: dict[int, Array]
    H_c: dict[int, Array]
    z_l: dict[int, Array]
    y_l: dict[int, Array]

    @property
    def y(self) -> Array:
        """The output y_L, shape (N, Q)."""
        return self.y_l[max(self.y_l)]

    def __repr__(self) -> str:
        return (f"Forward(samples {len(self.y)}, maps {[t.shape[1] for t in self.t_c.values()]}, "
                f"units {[y.shape[1] for y in self.y_l.values()]})")

    def view(self, n: Int = 0) -> View:
        """The signals of sample n, counted from 0."""
        return views.of_forward(self, n)


@dataclass(frozen=True, repr=False)
class Backward(Drawable):
    """Sensitivities and derivatives.

    delta_c : c = 1..C, shape (N, D_c, P_c); delta_l : l = 2..L, shape (N, n_l);
    gradient : `Parameters` of ∂J/∂W_c, ∂J/∂Θ_c, ∂J/∂W_l, ∂J/∂θ_l.
    """

    delta_c: dict[int, Array]
    delta_l: dict[int, Array]
    gradient: Parameters

    def __repr__(self) -> str:
        samples = len(next(iter(self.delta_l.values())))
        return f"Backward(samples {samples}, layers {[*self.delta_c]} and {[*self.delta_l]})"

    def view(self, n: Int = 0) -> View:
        """The sensitivities of sample n, counted from 0, and the derivatives."""
        return views.of_backward(self, n)


def mean_of_samples(samples):
    """The mean over the first axis, the samples: the (1/N) Σ_n of (47.1229)."""
    arguments.within_int64("signals", len(samples) * arguments.largest(samples))
    total = samples.sum(axis=0)
    # dividing exact whole numbers would make floats of them
    return total * Fraction(1, len(samples)) if is_exact(samples) else total / len(samples)
