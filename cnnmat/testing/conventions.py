"""How a setting, one entry an axis inside, is said to a function: int, tuple, pairs."""

__all__ = []


def spoken(value, how):
    """A setting as it is handed over.

    Examples
    --------
    >>> spoken([[1, 1], [2, 2]], "tuple"), spoken([3, 3], "int")
    ((1, 2), 3)
    """
    if how == "pairs":
        return tuple(tuple(p) for p in value)
    plain = [p[0] if isinstance(p, (list, tuple)) else p for p in value]
    return plain[0] if how == "int" else tuple(plain)


def expressible(value, how, nothing):
    """Whether a setting can be said: `nothing` is what it is where it cannot be said at all."""
    pairs = [tuple(p) if isinstance(p, (list, tuple)) else (p, p) for p in value]
    if how == "none":
        return all(p == (nothing, nothing) for p in pairs)
    if how == "pairs":
        return True
    even = all(a == b for a, b in pairs)
    return even and (how == "tuple" or len(set(pairs)) == 1)
