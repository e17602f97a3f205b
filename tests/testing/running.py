"""Running a check by the name of its kind, as the bank and the right ones are written down."""

import contextlib
from unittest import mock

from cnnmat import testing
from cnnmat.testing import diagnosis, engine

#: The kind of these stands under another name in the bank, where `kind` is taken.
RENAMED = {"pooling": "kind", "risk": "kind", "softmax": "kind", "upsampling": "kind",
           "mean_or_max": "kind"}


#: Kinds whose functions have no conventions that strict=True has wrong.
WITHOUT_CONVENTIONS = ("update", "adjoint", "gradient")


def run_strictly(entry, **more):
    """The `Result` of an entry of the bank, whose conventions count as mistakes."""
    strict = {} if entry.kind in WITHOUT_CONVENTIONS else {"strict": True}
    return run_check(entry.kind, entry.make(), entry.options, **strict, **more)


def run_check(kind, functions, options, **more):
    """The `Result` of check_<kind> on the functions."""
    options = {RENAMED.get(k, k): v for k, v in options.items()}
    return getattr(testing, f"check_{kind}")(*functions, **options, **more)


@contextlib.contextmanager
def undiagnosed():
    """Within it checks find what is wrong and do not look for the mistake, nor the smallest input.

    What would be forgiven, as a convention that the diagnosis finds, is wrong here.
    """
    with (mock.patch.object(diagnosis, "diagnose", return_value=([], [])),
          mock.patch.object(engine, "counterexample", return_value=None)):
        yield
