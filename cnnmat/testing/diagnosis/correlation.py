"""Mistakes in correlation layers."""

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.correlation_groups import GROUPS
from cnnmat.testing.diagnosis.correlation_inputs import INPUTS
from cnnmat.testing.diagnosis.correlation_layer import compute, layer_of
from cnnmat.testing.diagnosis.correlation_results import RESULTS
from cnnmat.testing.diagnosis.results import generic

__all__ = []


def bank(contract):
    """The bank of mistakes in correlation layers."""
    grouped = GROUPS if contract.groups or contract.kind == "depthwise" else ()
    image = ("slice", "row", "column")[-contract.dims:]
    kernel = tuple(f"kernel {name}" for name in image)
    seen = generic({"z": ("sample", "map", *image), "dx": ("sample", "channel", *image),
                    "dw": ("map", "channel", *kernel), "db": ("map",)})
    return Bank(layer_of, compute, (*INPUTS, *RESULTS, *grouped, *seen))
