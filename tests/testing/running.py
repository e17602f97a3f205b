"""Running a check by the name of its kind, as the bank and the right ones are written down."""

from cnnmat import testing

#: The kind of these stands under another name in the bank, where `kind` is taken.
RENAMED = {"pooling": "kind", "risk": "kind", "softmax": "kind", "upsampling": "kind",
           "mean_or_max": "kind"}


def run_check(kind, functions, options, **more):
    """The `Result` of check_<kind> on the functions."""
    options = {RENAMED.get(k, k): v for k, v in options.items()}
    return getattr(testing, f"check_{kind}")(*functions, **options, **more)
