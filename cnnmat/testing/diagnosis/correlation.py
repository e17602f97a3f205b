"""Mistakes in correlation layers."""

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.correlation_groups import GROUPS
from cnnmat.testing.diagnosis.correlation_inputs import INPUTS
from cnnmat.testing.diagnosis.correlation_layer import compute, layer_of
from cnnmat.testing.diagnosis.correlation_results import RESULTS
from cnnmat.testing.diagnosis.correlation_starts import PLACES
from cnnmat.testing.diagnosis.correlation_windows import WINDOWS, in_the_right_size
from cnnmat.testing.diagnosis.reading import reads
from cnnmat.testing.diagnosis.results import generic

__all__ = []


def bank(contract):
    """The bank of mistakes in correlation layers."""
    grouped = GROUPS if contract.groups or contract.kind == "depthwise" else ()
    image = ("slice", "row", "column")[-contract.dims:]
    kernel = tuple(f"kernel {name}" for name in image)
    read = reads({"x": (("sample", "channel", *image), ("z", "dw")),
                  "w": (("map", "channel", *kernel), ("z", "dx")), "b": (("map",), ("z",)),
                  "dz": (("sample", "map", *image), ("dx", "dw", "db"))})
    axes = {"z": ("sample", "map", *image), "dx": ("sample", "channel", *image),
            "dw": ("map", "channel", *kernel), "db": ("map",)}
    return Bank(layer_of, compute, (
        *INPUTS, *RESULTS, *grouped, *WINDOWS, *in_the_right_size((*INPUTS, *WINDOWS)), *PLACES,
        *generic(axes), *read), axes=axes)
