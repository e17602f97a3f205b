"""A pytest plugin: the assertions as fixtures, and a line on how many cases each one tried.

Switch it on with ``pytest_plugins = ["cnnmat.testing.plugin"]`` in a conftest, or with
``pytest -p cnnmat.testing.plugin``.
"""

import pytest

__all__ = []


def pytest_addoption(parser):
    """--cnnmat-seed N: other random numbers in all checks."""
    parser.getgroup("cnnmat").addoption(
        "--cnnmat-seed", type=int, default=0, metavar="N",
        help="seed of the numbers that cnnmat.testing tries")


def _fixture(kind):
    @pytest.fixture(name=f"assert_{kind}")
    def assertion(request):
        from cnnmat import testing

        seed = request.config.getoption("--cnnmat-seed")
        check = getattr(testing, f"assert_{kind}")

        def asserted(*args, **kwargs):
            __tracebackhide__ = True
            return check(*args, **{"seed": seed, **kwargs})

        return asserted

    assertion.__doc__ = f"`cnnmat.testing.assert_{kind}` with the seed of --cnnmat-seed."
    return assertion


assert_activation = _fixture("activation")
assert_adjoint = _fixture("adjoint")
assert_correlation = _fixture("correlation")
assert_feedforward = _fixture("feedforward")
assert_gradient = _fixture("gradient")
assert_pooling = _fixture("pooling")
assert_risk = _fixture("risk")
assert_update = _fixture("update")
