"""What becomes of the entries of one region."""


def mean(values):
    """Their sum over their number."""
    return sum(values) / len(values)


def largest(values):
    """The largest, the first of those that tie."""
    best = values[0]
    for value in values[1:]:
        if value > best:
            best = value
    return best


def norm(values, p, root):
    """(Σ |x|^p)^(1/p) for an even p; `root` is the p-th root."""
    total = 0
    for value in values:
        power = value
        for _ in range(p - 1):
            power = power * value
        total = total + power
    return root(total)


def pool(y, regions, reduce):
    """t(p') = reduce(entries of region p')."""
    return [reduce([y[p] for p in region]) for region in regions]
