"""Mistakes in correlation layers."""

from cnnmat.testing.diagnosis.banks import Bank
from cnnmat.testing.diagnosis.correlation_groups import GROUPS
from cnnmat.testing.diagnosis.correlation_inputs import INPUTS
from cnnmat.testing.diagnosis.correlation_layer import compute, layer_of
from cnnmat.testing.diagnosis.correlation_results import RESULTS

__all__ = []


def bank(contract):
    """The bank of mistakes in correlation layers."""
    grouped = contract.groups or contract.kind == "depthwise"
    return Bank(layer_of, compute, (*INPUTS, *RESULTS, *(GROUPS if grouped else ())))
