"""How a case was decided, in words: by what entries, at which sizes, and what that covers."""

from cnnmat.verify.comparing import RTOL

__all__ = ["told"]

_METHODS = {
    "symbols": "polynomial identity",
    "functions": "symbols for the values of f and f'",
    "integers": "random whole numbers",
    "floats": "random numbers",
}


def told(draw, claim, case, truth, atlas):
    """How one case was decided, at which sizes, and what that covers."""
    shapes = {k: repr(v) for k, v in case.items()}
    orders = atlas.covers()
    if draw.stated:
        methods, covers = zip(*draw.stated, strict=True)
        covers = "; ".join([*covers, *filter(None, [orders])])
        return {"method": ", ".join(methods), "shapes": shapes, "covers": covers}
    how = f"in float64, scaled error at most {RTOL:g}" if truth.rounded else "exact"
    kinds = draw.methods
    domain = f"where {' and '.join(draw.domain)}" if draw.domain else ""
    covers = [_covered(kinds, case, orders), domain, claim.covers]
    return {
        "method": f"{', '.join(_METHODS[k] for k in kinds) or 'recomputed'}, {how}",
        "shapes": shapes,
        "covers": "; ".join(filter(None, covers)),
    }


def _covered(kinds, case, orders):
    """What entries of these `kinds` cover, compared in these `orders`."""
    if "floats" in kinds or "integers" in kinds:
        return "the values tried, at these shapes" + (f", {orders}" if orders else "")
    if "symbols" in kinds:
        f = ", every differentiable f" if "functions" in kinds else ""
        return f"all values{' ' + orders if orders else ''}, at these shapes{f}"
    return "these sizes" if case else "the numbers printed"
