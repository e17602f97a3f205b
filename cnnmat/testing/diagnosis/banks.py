"""Which bank of mistakes belongs to which kind of function."""

from dataclasses import dataclass, field
from importlib import import_module

__all__ = []


@dataclass(frozen=True)
class Bank:
    """The mistakes of one kind, simplest first, and the computation that they spoil.

    Attributes
    ----------
    layer : callable
        Case -> the object that `Mistake.edit` changes.
    compute : callable
        (layer, output) -> the right output.
    mistakes : tuple of Mistake
    choices : tuple of Mistake
        What may be done in another way and be right, but changes what mistakes give beside it.
    axes : dict of tuple of str
        What each output's axes run over.
    """

    layer: object
    compute: object
    mistakes: tuple
    choices: tuple = ()
    axes: dict = field(default_factory=dict)


_MODULES = {"correlation": "correlation", "pooling": "pooling", "activation": "activation",
            "risk": "risk", "feedforward": "feedforward", "update": "update",
            "adjoint": "adjoint", "gradient": "adjoint",
            "loss": "loss", "softmax": "softmax",
            "norm": "norm", "optimizer": "optimizer",
            "dropout": "dropout", "embedding": "embedding", "local_response": "local_response",
            "transposed_correlation": "transposed", "upsampling": "upsampling",
            "adaptive": "adaptive", "network": "network"}


def bank_of(contract):
    """The `Bank` for a contract, or None where there is none."""
    name = contract.bank or contract.kind
    if name not in _MODULES:
        return None
    return import_module(f"cnnmat.testing.diagnosis.{_MODULES[name]}").bank(contract)
