"""Functions that are right, in another order of the axes than the one that was declared."""

from dataclasses import replace

import numpy as np

from cnnmat.testing.conventions import OF_ONE

__all__ = []

#: Cases that are looked at before all of them are.
FIRST = 3
#: Calls of each function that must come back right where the two layouts differ.
ENOUGH = 4
#: What the weights of a correlation layer may be, the usual one first.
WEIGHTS = {"NCHW": ("OIHW", "HWIO", "OHWI"), "NHWC": ("HWIO", "OHWI", "OIHW")}
WEIGHTS |= {layout[1:]: orders for layout, orders in WEIGHTS.items()}


def recognise(session):
    """[(slug, sentence, outputs)] where every answer is right in another layout."""
    contract = session.contract
    if not hasattr(contract, "layout") or any(t.status == "timeout" for t in session.trials):
        return []
    for other in _others(contract):
        again = session.under(other)
        if _passes(session, again):
            tried = len({t.case.name for t in again.trials})
            outputs = tuple(name for part in session.functions for name in other.parts[part][1])
            said = _said(contract, other)
            flags = " ".join("--" + one for one in said)
            return [("-".join(said[0].lower().split()), f"the functions are meant for "
                     f"{' and '.join(said)}: all {tried} configurations are right with {flags}",
                     outputs)]
    return []


def _orders(contract):
    """{layout: what the weights may be, the usual one first}; () where there are none."""
    if hasattr(contract, "orders"):
        return contract.orders
    return WEIGHTS if hasattr(contract, "weights") else dict.fromkeys(WEIGHTS, ())


def _others(contract):
    """The contract in each layout but its own."""
    for layout, orders in _orders(contract).items():
        contract = _sampled(contract, layout)
        if not orders and layout != contract.layout:
            yield replace(contract, layout=layout)
        for weights in orders:
            if (layout, weights) != (contract.layout, contract.weights):
                yield replace(contract, layout=layout, weights=weights)


def _usual(contract):
    """Whether its weights are those that go with its layout without being declared."""
    orders = _orders(contract)[contract.layout]
    return not orders or contract.weights == orders[0]


def _sampled(contract, layout):
    """The contract with as many samples as a layout has room for."""
    if layout not in OF_ONE and "one-sample" not in contract.only:
        return contract
    others = tuple(word for word in contract.only if word != "one-sample")
    return replace(contract, only=("one-sample", *others) if layout in OF_ONE else others)


def _said(contract, other):
    """What has to be declared, as "layout NHWC"; the usual order of weights goes without saying."""
    said = [] if other.layout == contract.layout else [f"layout {other.layout}"]
    usual = _usual(contract) and _usual(other)
    return said if said and usual else [*said, f"weights {other.weights}"]


def _passes(session, again):
    """Whether everything is right; the first cases decide soonest."""
    if any(again.attempt(case, part).failures
           for case in again.cases[:FIRST] for part in again.functions):
        return False
    again.run()
    telling = [t for t in again.trials if t.status == "returned" and _differs(
        session.contract, again.contract, t)]
    return len(telling) >= ENOUGH * len(again.functions) and not any(
        t.failures for t in again.trials)


def _differs(one, other, trial):
    """Whether a call hands over other arrays in one layout than in the other."""
    handed = [contract.handed_over(trial.case, trial.part) for contract in (one, other)]
    return any(not np.array_equal(handed[0][name], handed[1][name]) for name in handed[0])
