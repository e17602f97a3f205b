"""The contract of steps of descent beyond plain momentum: Nesterov, RMSProp, Adam, AdamW."""

import math
from dataclasses import dataclass

import numpy as np

from cnnmat import loops
from cnnmat.testing.case import Case, exact, whole
from cnnmat.testing.comparing import Truth
from cnnmat.testing.operators import UpdateContract

__all__ = []

#: rule: what it is told behind the rate and the weight decay.
TOLD = {"sgd": ("momentum",), "nesterov": ("momentum",), "rmsprop": ("rho", "eps"),
        "adam": ("beta1", "beta2", "eps")}
#: What each setting is where it does nothing, or the least that can be told.
PLAIN = {"lr": 1.0, "weight_decay": 0.0, "momentum": 0.0, "rho": 0.5, "beta1": 0.5,
         "beta2": 0.5, "eps": 0.001}


@dataclass(frozen=True, eq=False)
class OptimizerContract(UpdateContract):
    """The conventions that `check_update` takes as keywords, for every rule."""

    rule: str = "adam"
    decoupled: bool = False
    epsilon: str = "outside"

    bank = "optimizer"

    def settings(self, case):
        return tuple(case.settings[name] for name in ("lr", "weight_decay", *TOLD[self.rule]))

    def cases(self, rng):
        own = {"momentum": 0.75, "rho": 0.75, "beta1": 0.75, "beta2": 0.875, "eps": 0.001}
        rows = [
            # numbers that are exact in binary; ε so large that its place shows
            ("plain", "plain", {"lr": 0.5}),
            ("weight decay", "weight decay", {"lr": 0.5, "weight_decay": 0.25}),
            ("a large epsilon", "epsilon", {"lr": 0.25, "eps": 0.5}),
            ("other weights of the past", "plain", {
                "lr": 0.125, "momentum": 0.5, "rho": 0.5, "beta1": 0.5, "beta2": 0.75}),
            ("nothing of the past", "plain", {"lr": 0.25, "momentum": 0.0, "rho": 0.25,
                                             "beta1": 0.25, "beta2": 0.25}),
            ("decay larger than rate", "weight decay", {
                "lr": 0.125, "weight_decay": 2.0, "beta1": 0.5, "eps": 0.25}),
            ("no gradient in one entry", "values", {"lr": 0.5}),
            ("plain again, other values", "calling", {"lr": 0.5}),
        ]
        return [self._case(rng, f"{name}, {steps} step{'s' * (steps > 1)}", behaviour,
                           {"weight_decay": 0.0, **own, **settings}, steps)
                for name, behaviour, settings in rows for steps in (1, 4)]

    def _case(self, rng, name, behaviour, settings, steps):
        arrays = {"w": whole(rng, (2, 3)), "b": whole(rng, (2,)),
                  "dw": whole(rng, (steps, 2, 3), 4), "db": whole(rng, (steps, 2), 4)}
        if name.startswith("no gradient"):
            arrays["dw"][:, 0, 1] = arrays["db"][:, 0] = 0
        return Case(name, behaviour, {k: a.astype(self.dtype) for k, a in arrays.items()},
                    settings)

    def truth(self, case, part):
        found = {}
        for name in ("w", "b"):
            p, grads = (np.array(case.arrays[k]) for k in (name, "d" + name))
            decays = name == "w" or self.decay == "all"
            walks = [self._walk(exact(np.array(p[c])), exact(grads[(slice(None), *c)]),
                                case.settings, decays) for c in np.ndindex(p.shape)]
            found[f"{name}_after"] = Truth(np.array(walks, dtype=float).T.reshape(grads.shape))
        return found

    def _walk(self, p, grads, settings, decays):
        """What one number is after each step."""
        lr, state, after = settings["lr"], (0, 0), []
        decay = settings["weight_decay"] * self.decay_factor if decays else 0
        for k, g in enumerate(grads, start=1):
            old = p
            p, *state = self._step(p, g if self.decoupled else g + decay * p, state, k, settings)
            p = p - lr * decay * old if self.decoupled else p
            after.append(p)
        return after

    def _step(self, p, g, state, k, settings):
        told = [settings[name] for name in ("lr", *TOLD[self.rule])]
        if self.rule == "adam":
            return loops.adam_step(p, g, *state, k, *told, math.sqrt, self.epsilon)
        if self.rule == "rmsprop":
            return loops.rmsprop_step(p, g, state[0], *told, math.sqrt, self.epsilon)
        return loops.sgd_step(p, g, state[0], *told, self.rule == "nesterov")

    def features(self, case):
        own, common = case.settings, super().features(case)
        if "momentum" not in TOLD[self.rule]:
            del common["momentum > 0"]
        return {**common, "eps is not small": own["eps"] > 1e-4,
                "a gradient is zero": not case.arrays["dw"].all()}

    def smaller(self, case):
        yield from super().smaller(case)
        for name in TOLD[self.rule]:
            if case.settings[name] != PLAIN[name]:
                yield Case(case.name, case.behaviour, case.arrays,
                           {**case.settings, name: PLAIN[name]})
