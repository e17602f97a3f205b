"""A verdict on functions in C, by way of ctypes: the tangents of the C library."""

import ctypes
import ctypes.util
import sys

import numpy as np

from cnnmat.testing import check_activation

#: The library of C's mathematics; where there is none of that name, it is in the process itself.
MATH = ctypes.CDLL(ctypes.util.find_library("m"))


def function_of(name, kind):
    """A function of one number in C as one of arrays; `kind` is `ctypes.c_double`, say."""
    function = getattr(MATH, name)
    # unless told, ctypes takes what comes back for an int
    function.argtypes, function.restype = [kind], kind

    def call(x):
        # one that takes a pointer wants np.ascontiguousarray(x, float).ctypes.data_as(...)
        return np.array([function(float(one)) for one in x.ravel()]).reshape(x.shape)

    return call


def main():
    """tanh is right; tanhf is right for single precision alone; tan is another function."""
    double, single = function_of("tanh", ctypes.c_double), function_of("tanhf", ctypes.c_float)
    results = {
        "tanh": check_activation(double, name="tanh"),
        "tanhf, strictly": check_activation(single, name="tanh", strict=True),
        "tanhf, told so": check_activation(single, name="tanh", dtype="float32"),
        "tan": check_activation(function_of("tan", ctypes.c_double), name="tanh"),
    }
    for name, result in results.items():
        print(f"{name}: {result.summary().splitlines()[0]}")
    return [name for name, result in results.items() if result.passed]


if __name__ == "__main__":
    if main() != ["tanh", "tanhf, told so"]:
        sys.exit("the verdicts are not what they must be")
