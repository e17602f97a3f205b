"""Claims that are alike: what they share is stated once, what differs is a row.

    line = taking(lecture.claim, network, cases=SIZES)    # its functions take network(e, **case)

    @table(lecture.claim, kind="example")
    def row_of_the_product(e, row, printed):
        return Sides(truth=loops.product(A, B)[row], printed=printed, wrong=...)

    row_of_the_product("7/1", "First row of AB", r"(AB)_{1,:}=(3,5)", 0, (3, 5))
    row_of_the_product("7/2", "Second row of AB", r"(AB)_{2,:}=(1,4)", 1, (1, 4))
"""

from functools import wraps
from inspect import signature

__all__ = ["table", "taking"]


def taking(register, build, **common):
    """What registers a claim as `register` does, its function taking what is built for a case.

    Parameters
    ----------
    register : callable
        `lecture.claim`.
    build : callable
        ``build(entries, **case)`` -> what the function of a claim takes.
    **common
        Fields that the claims share; each may have its own.
    """
    def registering(id, kind, title, formula, **fields):
        def decorate(function):
            @wraps(function)
            def claim(entries, **case):
                return function(build(entries, **case))

            return register(id, kind, title, formula, **{**common, **fields})(claim)

        return decorate

    return registering


def table(register, **common):
    """Make the decorated function the shape of a table of claims.

    Parameters
    ----------
    register : callable
        What registers one claim: `lecture.claim`, or what `taking` makes of it.
    **common
        Fields that the rows share, `kind` among them; each may have its own.

    Returns
    -------
    callable
        A decorator.  The decorated function takes what every claim takes, then the numbers of a
        row.  It becomes ``row(id, title, formula, *numbers, **fields)``, which registers one
        claim; fields that have the name of a parameter of the function are numbers too.
    """
    def shape(function):
        parameters = signature(function).parameters

        @wraps(function)
        def row(id, title, formula, *numbers, **fields):
            named = {name: fields.pop(name) for name in parameters if name in fields}
            fields = {**common, **fields}

            @wraps(function)
            def claim(entries, **case):
                return function(entries, *numbers, **named, **case)

            return register(id, fields.pop("kind"), title, formula, **fields)(claim)

        return row

    return shape
