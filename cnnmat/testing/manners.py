"""How an exception came about: on purpose, by accident, or before anything was run."""

__all__ = []

#: Exceptions that say "no" whoever raises them.  NumPy raises no RuntimeError; compiled code that
#: checks what it is given (PyTorch, say) does.
MEANT = {"AssertionError", "NotImplementedError", "RuntimeError"}
#: Those that are never a "no", and what is no Exception: exit(), Ctrl-C.
NEVER_MEANT = {"NameError", "RecursionError", "MemoryError", "AttributeError"}
#: What stands around the function under test and is none of it.
AROUND = ("cnnmat.testing.", "cnnmat.calling.")


def manner(classes, frames):
    """"refusal", "accident" or "call" (the function takes other arguments: none of it was run).

    Parameters
    ----------
    classes : list of str
        The exception's type and what it is derived from.
    frames : list of [str, bool]
        From the outermost on, the module, and whether the instruction there is a ``raise``.

    Examples
    --------
    >>> manner(["ValueError", "Exception"], [["student", False], ["student", True]])
    'refusal'
    >>> manner(["ValueError", "Exception"], [["student", False], ["numpy.linalg", True]])
    'accident'
    """
    inside = [one for one in frames if not one[0].startswith(AROUND)]
    if not inside:
        return "call" if "TypeError" in classes else "accident"
    if NEVER_MEANT & set(classes) or "Exception" not in classes:
        return "accident"
    module, raised = inside[-1]
    meant = raised and module.partition(".")[0] != "numpy"
    return "refusal" if meant or MEANT & set(classes) else "accident"
