"""The examples that take long, each as a process of its own."""

from tests.test_examples import (  # noqa: F401
    test_backprop_as_matrices,
    test_digit_gradient,
    test_digits,
    test_edges,
    test_first_steps_draws_where_it_is_told,
)
