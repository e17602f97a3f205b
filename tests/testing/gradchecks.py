"""cnnmat, `torch.autograd.gradcheck` and finite differences, on the same implementations.

    python -m tests.testing.gradchecks

The last two are tried as people try them: on one case with random numbers (stride 2 and padding
where these are taken), gradcheck with its defaults, differences central with a step of 1e-6 and
a relative error of 1e-5.  Both hold the backward pass against the forward pass: a forward pass
that is wrong throughout is right to them as long as its backward pass goes with it.
"""

import time
from collections import Counter, defaultdict
from unittest import mock

import numpy as np
import torch

from cnnmat.testing import diagnosis, engine, sandbox
from cnnmat.testing.comparing import scaled_error
from tests.testing.bank import ENTRIES, Entry
from tests.testing.right import RIGHT
from tests.testing.running import run_check, run_strictly

#: The case of each kind that is taken, by its name; where it cannot be told, the first.
CASES = {"correlation": "stride 2, padding 1, a rest left over",
         "pooling": "all sizes different",
         "activation": "a matrix", "risk": "more samples than entries",
         "feedforward": "all sizes different"}
HANGING = ("runs_for_ever", "hangs_on_stride")
STEP, RELATIVE, SECONDS = 1e-6, 1e-5, 20.0


def contract_of(entry):
    """The contract that a check makes of its keywords."""
    def handed_over(contract, *_, **__):
        return contract

    with (mock.patch("cnnmat.testing.layers.checked", handed_over),
          mock.patch("cnnmat.testing.function_checks.checked", handed_over)):
        return run_check(entry.kind, (None, None), entry.options)


class Pair:
    """Functions under test on one random case, called in their own convention."""

    def __init__(self, entry, contract):
        self.contract, (self.forward, self.backward) = contract, entry.make()
        cases = contract.cases(np.random.default_rng(0))
        case = next((c for c in cases if c.name == CASES[entry.kind]), cases[0])
        rng = np.random.default_rng(1)
        ins, outs = contract.parts["forward"][0], contract.parts["backward"][1]
        self.moved = [name for name in ins if "d" + name in outs]
        # a risk may be of probabilities: its numbers are those of the case
        self.case = case if entry.kind == "risk" else case.with_arrays(**{
            name: rng.standard_normal(case.arrays[name].shape) for name in self.moved})
        self.upstream = next((n for n in contract.parts["backward"][0] if n not in ins), None)
        self.given = {name: contract.outward(name, self.case.arrays[name]).copy() for name in ins}

    def value(self, given):
        """What forward makes of arrays."""
        arrays = [given[name].copy() for name in self.given]
        return np.asarray(self.contract.invoke(self.forward, "forward", arrays, self.case), float)

    def gradients(self, given, upstream):
        """What backward returns, in the order of `moved`."""
        arrays = [(upstream if name == self.upstream else given[name]).copy()
                  for name in self.contract.parts["backward"][0]]
        found = self.contract.invoke(self.backward, "backward", arrays, self.case)
        found = found if isinstance(found, (tuple, list)) else (found,)
        scale = 1 if self.upstream else float(upstream)
        by_name = dict(zip(self.contract.parts["backward"][1], found, strict=True))
        return [np.asarray(by_name["d" + name], float) * scale for name in self.moved]

    def shows(self):
        """Whether the forward pass is wrong in this case."""
        (name, truth), = self.contract.truth(self.case, "forward").items()
        return scaled_error(self.contract.inward(name, self.value(self.given)),
                            truth.value) > self.contract.tolerance


def by_gradcheck(pair):
    """Whether `torch.autograd.gradcheck` passes."""
    class Student(torch.autograd.Function):
        @staticmethod
        def forward(ctx, *tensors):
            ctx.save_for_backward(*tensors)
            return torch.tensor(pair.value(_numbers(pair, tensors)).copy())

        @staticmethod
        def backward(ctx, upstream):
            found = pair.gradients(_numbers(pair, ctx.saved_tensors), upstream.numpy())
            return tuple(torch.tensor(one.copy()) for one in found)

    tensors = [torch.tensor(pair.given[name], requires_grad=True) for name in pair.moved]
    return torch.autograd.gradcheck(Student.apply, tensors, raise_exception=False)


def _numbers(pair, tensors):
    return {**pair.given, **{name: tensor.detach().numpy()
                             for name, tensor in zip(pair.moved, tensors, strict=True)}}


def by_differences(pair):
    """Whether central differences of Σ upstream · forward agree with backward."""
    value = pair.value(pair.given)
    upstream = np.random.default_rng(2).standard_normal(value.shape)
    for name, found in zip(pair.moved, pair.gradients(pair.given, upstream), strict=True):
        array, slopes = pair.given[name], np.zeros(pair.given[name].shape)
        for cell in np.ndindex(array.shape):
            one, two = array.copy(), array.copy()
            one[cell] += STEP
            two[cell] -= STEP
            slopes[cell] = ((pair.value({**pair.given, name: one})
                             - pair.value({**pair.given, name: two})) * upstream).sum() / (2 * STEP)
        size = np.linalg.norm(slopes) + np.linalg.norm(found)
        if found.shape != slopes.shape or not np.linalg.norm(found - slopes) <= RELATIVE * size:
            return False
    return True


def by_cnnmat(entry):
    """Whether the check passes; its verdict alone, without naming and shrinking."""
    quick = (mock.patch.object(diagnosis, "diagnose", return_value=([], [])),
             mock.patch.object(engine, "counterexample", return_value=None))
    with quick[0], quick[1]:
        return run_strictly(entry).passed


def survey(entries):
    """{judge: names that pass}, seconds by judge; names that pass gradcheck though their forward
    pass is wrong in the case that it is given."""
    passed, seconds, consistent = defaultdict(set), Counter(), set()
    for entry in entries:
        contract = contract_of(entry)
        for judge in (by_cnnmat, by_gradcheck, by_differences):
            started = time.perf_counter()
            answer = sandbox.call(
                lambda j=judge, e=entry, c=contract: j(e if j is by_cnnmat else Pair(e, c)), (),
                SECONDS)
            seconds[judge] += time.perf_counter() - started
            passes = answer.status == "returned" and answer.value
            if passes:
                passed[judge].add(entry.name)
            if passes and judge is by_gradcheck and sandbox.call(
                    Pair(entry, contract).shows, (), SECONDS).value:
                consistent.add(entry.name)
    return passed, seconds, consistent


def main():
    torch.set_num_threads(1)
    wrong = [e for name, e in ENTRIES.items()
             if e.kind in CASES and name not in HANGING and len(e.make()) == 2]
    right = [Entry(name, kind, make, options, "") for name, (kind, make, options) in RIGHT.items()
             if kind in CASES and len(make()) == 2]
    missed, seconds, consistent = survey(wrong)
    fine, more, _ = survey(right)
    print(f"{len(wrong)} wrong, {len(right)} right; found, missed, false alarms, seconds each")
    for judge in (by_cnnmat, by_gradcheck, by_differences):
        each = (seconds[judge] + more[judge]) / (len(wrong) + len(right))
        alarms = sorted({e.name for e in right} - fine[judge])
        print(f"{judge.__name__[3:]:12} {len(wrong) - len(missed[judge]):4} "
              f"{len(missed[judge]):4} {len(alarms):4} {each:8.3f}  {', '.join(alarms)}")
    others = len(missed[by_gradcheck]) - len(consistent)
    print(f"Of what gradcheck misses {len(consistent)} are wrong in this very case, forward, and "
          f"their backward pass goes with it: {', '.join(sorted(consistent))}; {others} show in "
          "other cases, or by what they do besides")


if __name__ == "__main__":
    main()
