"""Running a check by the name of its kind, as the bank and the right ones are written down."""

from cnnmat import testing

#: The kind of a pooling or risk stands under another name in the bank, where `kind` is taken.
RENAMED = {"pooling": "kind", "risk": "kind"}


#: Kinds whose functions may keep to conventions, which strict=True has wrong.
WITH_CONVENTIONS = ("correlation", "pooling", "activation", "risk", "feedforward")


def run_strictly(entry, **more):
    """The `Result` of an entry of the bank, whose conventions count as mistakes."""
    strict = {"strict": True} if entry.kind in WITH_CONVENTIONS else {}
    return run_check(entry.kind, entry.make(), entry.options, **strict, **more)


def run_check(kind, functions, options, **more):
    """The `Result` of check_<kind> on the functions."""
    options = {RENAMED.get(k, k): v for k, v in options.items()}
    return getattr(testing, f"check_{kind}")(*functions, **options, **more)
