"""Matrices as lists of rows."""


def vec(matrix):
    """The columns of a matrix, one after the other."""
    return [matrix[r][c] for c in range(len(matrix[0])) for r in range(len(matrix))]


def transpose(matrix):
    """Rows become columns."""
    return [[matrix[r][c] for r in range(len(matrix))] for c in range(len(matrix[0]))]


def product(a, b):
    """The matrix product."""
    return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))]
            for i in range(len(a))]


def times(matrix, x):
    """The matrix times a vector."""
    return [dot(row, x) for row in matrix]


def dot(a, b):
    """The inner product of two vectors of one length."""
    if len(a) != len(b):
        raise ValueError(f"a and b must have one length, got {len(a)} and {len(b)}")
    return sum(a[i] * b[i] for i in range(len(a)))
