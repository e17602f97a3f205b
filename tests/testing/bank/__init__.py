"""Wrong implementations, as people write them, with what is wrong in words of their own.

Written before the diagnoses and without looking at them: what a checker says of these is
what it would say of a stranger's code.  `expected.py` holds, apart, which answers count.
"""

from tests.testing.bank import (  # noqa: F401  each registers its entries
    wrong_backward,
    wrong_forward,
    wrong_hostile,
    wrong_losses,
    wrong_maps,
    wrong_norms,
    wrong_optimizers,
    wrong_picking,
    wrong_pointwise,
    wrong_pooling,
    wrong_rare,
    wrong_slips,
    wrong_training,
    wrong_units,
)
from tests.testing.bank.register import ENTRIES, Entry

__all__ = ["ENTRIES", "Entry"]
