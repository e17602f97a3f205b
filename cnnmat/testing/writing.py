"""A counterexample as Python that can be pasted: it fails as the check saw it fail."""

import numpy as np

__all__ = []


def source_of(session, trial, failure, expected, terms):
    """The lines that show a failure; the function under test stands there by its name."""
    contract, case, part = session.contract, trial.case, trial.part
    arrays = contract.handed_over(case, part)
    lines = ["import numpy as np"]
    for label, array in arrays.items():
        lines += assignment(label, array, case.form)
    call = contract.call_text(part, _name(session.functions[part], part), case)
    after = (_again(session, trial, failure, call) if failure.reason in ("state", "overwritten")
             else _after(contract, failure, expected, arrays))
    return "\n".join([*lines, *_before(failure, arrays), call, *_comments(failure, terms), *after])


def _again(session, trial, failure, call):
    """The same call once more, one on other values in between; both answers must be the same."""
    contract, case, output = session.contract, trial.case, failure.output
    lines = [f"kept, first = {output}, np.array({output})"]
    if "forward" in session.functions and contract.kind != "update":
        others = contract.handed_over(case.twin(), "forward")
        settings = [repr(s) for s in contract.settings(case)]
        inputs = ", ".join([*map(literal, others.values()), *settings])
        lines.append(f"{_name(session.functions['forward'], 'forward')}({inputs})")
    return [*lines, "np.testing.assert_array_equal(kept, first)", call,
            f"np.testing.assert_allclose({output}, first)"]


def _name(function, part):
    name = getattr(function, "__name__", part)
    return name if name.isidentifier() else part


def _comments(failure, terms):
    lines = [f"# {line}" for line in failure.message.splitlines()]
    if terms:
        cell = f"[{', '.join(map(str, failure.cell))}]" if failure.cell else ""
        lines.append(f"# {failure.output}{cell} = {terms}")
    return lines


def _before(failure, arrays):
    if failure.reason != "mutation":
        return []
    return [f"given = [a.copy() for a in ({', '.join(arrays)},)]"]


def _after(contract, failure, expected, arrays):
    """The assertion that does not hold."""
    if failure.reason == "mutation":
        return [f"assert all(map(np.array_equal, given, ({', '.join(arrays)},)))"]
    if failure.reason in ("none", "count", "type"):
        name = failure.output or contract.parts[failure.part][1][0]
        return [f'assert np.asarray({name}).dtype.kind in "biuf"']
    if expected is None:
        return []
    return [f"expected = {literal(expected)}",
            # the shape by itself, for assert_allclose broadcasts
            f"assert np.shape({failure.output}) == {expected.shape}",
            f"np.testing.assert_allclose({failure.output}, expected, rtol=0, "
            f"atol={contract.tolerance * _magnitude(expected):.1e})"]


def _magnitude(expected):
    finite = np.abs(expected[np.isfinite(expected)]) if expected.ndim else np.abs(expected)
    return float(np.max(finite, initial=0.0)) or 1.0


def literal(array):
    """An array as Python text.

    Examples
    --------
    >>> literal(np.array([[1.0, -2.5]]))
    'np.array([[1.0, -2.5]])'
    """
    dtype = "" if array.dtype in (np.float64, np.int64) else f", dtype={str(array.dtype)!r}"
    if not array.size:
        return f"np.zeros({array.shape}{dtype})"
    return f"np.array({array.tolist()!r}{dtype})"


def assignment(name, array, form):
    """Lines that make an array that lies in memory as `form` says, as `dressed` does.

    Examples
    --------
    >>> assignment("x", np.array([1.0, 2.0]), "strided")
    ['x = np.full((4,), 77.0)[::-2]', 'x[...] = np.array([1.0, 2.0])']
    """
    text = literal(array)
    if form == "fortran":
        return [f"{name} = np.asfortranarray({text})"]
    if form == "strided":
        room = tuple(2 * n for n in array.shape)
        steps = ", ".join(["::-2"] * array.ndim)
        return [f"{name} = np.full({room}, {array.dtype.type(77)})[{steps}]",
                f"{name}[...] = {text}"]
    frozen = [f"{name}.flags.writeable = False"] if form == "read-only" else []
    return [f"{name} = {text}", *frozen]
