"""The examples that take long, each as a process of its own; those in the help of the command."""

from tests.test_examples import (  # noqa: F401
    test_backprop_as_matrices,
    test_digit_gradient,
    test_digits,
    test_edges,
    test_first_steps_draws_where_it_is_told,
)
from tests.test_help import test_an_example_does_what_it_says  # noqa: F401
