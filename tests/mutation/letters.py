"""Slips in the shipped text that are told apart on letters alone, without a number.

    python -m tests.mutation.letters --seed 1 --count 60

For each slip the package is read again with it, and claims are run on symbolic shapes until a side
that was proved is so no more.  Slips that change no value for any size are argued in
`equivalent.txt`, beside the others.
"""

import argparse
import sys
import time

from cnnmat.verify.loading import load
from cnnmat.verify.sums import proof
from cnnmat.verify.sums.twin import Twin
from tests.mutation.equivalent import Equivalents
from tests.mutation.operators import GROUPS, chosen
from tests.mutation.statements import ROOT

#: The files, and the functions in them that run on letters.
PLACES = {
    "cnnmat/textbook/vec.py": {"unstack", "one_per_row", "carrier", "times", "tensor", "hadamard"},
    "cnnmat/textbook/partition.py": {"Partition.matrix", "Partition.columns",
                                     "Partition.scatter"},
    "cnnmat/textbook/correlation.py": None,
    "cnnmat/textbook/regions.py": {"Regions.matrix", "Regions.permute", "Regions.permute_sharp",
                                   "Regions.fold", "Regions.expand", "Regions.spread"},
    "cnnmat/textbook/pooling.py": {"upv", "upv_matrix"},
    "cnnmat/textbook/feedforward.py": None,
    "cnnmat/textbook/signals.py": {"mean_of_samples"},
    "cnnmat/textbook/network.py": {
        "Network._connected", "Network.forward", "Network._back", "Network.delta_output",
        "Network.delta_feedforward", "Network.back_to_maps", "Network.delta_correlation",
        "Network.back_through_masks", "Network.dW_c", "Network.dTheta_c", "Network.dW_l",
        "Network.dtheta_l"},
    "cnnmat/textbook/risks.py": {"squared_norm", "SquaredError.output", "SquaredError.delta"},
}


def letters(case):
    """Whether a case may be one of letters: it holds no sizes."""
    return not case or "any_size" in case


def proved():
    """(claim, case) of all that is proved on letters as the text stands, with the sides proved."""
    found = []
    for slug in ("sayed", "martinez", "mendez", "lec14", "chaurasia", "layers"):
        [lecture] = load(slug)
        for claim in lecture.claims.values():
            cases = [case for case in claim.cases if letters(case)]
            if cases and ("/all" in claim.id or cases[-1]):
                found.append((claim, cases[0]))
    return [(claim, case, sides) for claim, case in found if (sides := sides_proved(claim, case))]


def sides_proved(claim, case):
    """The names of the sides that are proved; none if the claim cannot be run."""
    try:
        equal = proof._run(claim, case, 0).proof.equal
    except Exception:
        return set()
    return {name for name, is_equal in equal.items() if is_equal}


def noticed(mutant, text, claims):
    """The id of the first claim that is proved no more."""
    proof._TWIN[:] = [Twin({str(ROOT / mutant.path): mutant.source(text)})]
    return next((claim.id for claim, case, sides in claims
                 if not sides <= sides_proved(claim, case)), None)


def main(argv=None):
    """Run the command; the exit status is the number of slips that nothing tells apart."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=60)
    options = parser.parse_args(argv)
    claims, known = proved(), Equivalents()
    print(f"{len(claims)} claims are proved on letters")
    mutants, texts = chosen(PLACES, GROUPS["tokens"], options.count, options.seed)
    left, equivalent, start = [], 0, time.perf_counter()
    for mutant in mutants:
        who = noticed(mutant, texts[mutant.path], claims)
        before, after = mutant.difference(texts[mutant.path])
        why = None if who else known.reason(mutant, (before, after))
        equivalent += why is not None
        print(f"{who or why or 'SURVIVED'}: {mutant.path}: {before}  ->  {after}", flush=True)
        if not (who or why):
            left.append(mutant)
    print(f"{len(mutants)} slips, {len(mutants) - len(left) - equivalent} told apart, "
          f"{equivalent} equivalent, {len(left)} left; {time.perf_counter() - start:.0f} s")
    return len(left)


if __name__ == "__main__":
    sys.exit(main())
