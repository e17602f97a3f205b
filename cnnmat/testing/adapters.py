"""PyTorch, JAX and ONNX functions as the functions on NumPy arrays that the checks call.

None of the three is imported before it is needed.  Classes and functions with a cache are in
`pairs`; what is in C is called by way of `ctypes`, with arrays made contiguous first.
"""

import numpy as np

from cnnmat import arguments

__all__ = ["jax_pair", "onnx_function", "torch_module", "torch_pair"]


def torch_pair(function, *, dtype="float64", scalar=False, device="cpu"):
    """(forward, backward) of a PyTorch function of tensors, backward by autograd.

    Parameters
    ----------
    function : callable
        Of tensors first, then of settings: ``torch.nn.functional.conv2d``, say.
    dtype : {"float64", "float32"}
        What tensors are made of arrays of real numbers.
    scalar : bool
        The function is a risk: backward(y, target) has no upstream gradient.
    device : str
        Where the tensors lie: "cuda", say.

    Returns
    -------
    tuple of callable
        ``forward(*arrays, *settings)`` and ``backward(upstream, *arrays, *settings)``, which
        returns the gradient of each array (of one array: the gradient itself).

    Examples
    --------
    >>> import torch
    >>> forward, backward = torch_pair(torch.tanh)
    >>> backward(np.ones(2), np.zeros(2))
    array([1., 1.])
    """
    import torch

    kind = getattr(torch, arguments.choice("dtype", dtype, {
        "float64": "float64", "float32": "float32"}))

    def tensor(value, place=0):
        if not isinstance(value, np.ndarray):
            return value
        # a copy: torch shares memory otherwise, and refuses negative steps
        made = torch.tensor(np.array(value, order="C"), device=device)
        labels = scalar and place > 0 and value.dtype.kind in "iu"
        return made if labels else made.to(kind)

    def tensors_of(args):
        return [tensor(a, place) for place, a in enumerate(args)]

    def forward(*args):
        with torch.no_grad():
            return function(*tensors_of(args)).numpy(force=True)

    def gradients(upstream, args, count):
        tensors = tensors_of(args)
        leaves = tensors[:count]
        for leaf in leaves:
            leaf.requires_grad_()
        with torch.enable_grad():
            value = function(*tensors)
        found = torch.autograd.grad(
            value, leaves, None if upstream is None else tensor(upstream))
        found = tuple(g.numpy(force=True) for g in found)
        return found if len(found) > 1 else found[0]

    def backward(upstream, *args):
        if scalar:
            return gradients(None, (upstream, *args), 1)
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        bias = _bias_is_missing(function, arrays)
        if bias is None:
            return gradients(upstream, args, len(arrays))
        made = np.zeros(bias)
        return gradients(upstream, (*arrays, made, *args[len(arrays):]), len(arrays) + 1)

    return forward, backward


def _bias_is_missing(function, arrays):
    """The shape of the bias that backward(dz, x, w, ...) is not told, for (x, w) only."""
    return (len(arrays[1]),) if len(arrays) == 2 else None


def torch_module(module, *, names=("weight", "bias")):
    """forward(x, w, b) and backward(dz, x, w) of a ``torch.nn.Module`` with such parameters.

    Parameters
    ----------
    module : torch.nn.Module
        A layer; its stride, padding and so on are its own.  Its parameters are not changed.
    names : tuple of str
        Its parameters, in the order w, b.

    Returns
    -------
    tuple of callable
        To be checked with ``stride="none", padding="none"`` if the layer has neither.

    Examples
    --------
    >>> import torch
    >>> forward, backward = torch_module(torch.nn.Linear(2, 1))
    >>> forward(np.ones((1, 2)), np.array([[2.0, 3.0]]), np.zeros(1))
    array([[5.]])
    """
    from torch.func import functional_call

    return torch_pair(lambda x, *parameters: functional_call(
        module, dict(zip(names, parameters, strict=True)), (x,)))


def jax_pair(function, *, scalar=False):
    """(forward, backward) of a JAX function, backward by ``jax.vjp``; see `torch_pair`.

    JAX computes in float32 unless told otherwise (``jax_enable_x64``): then check with
    ``dtype="float32"``.  Each shape is compiled once, if the function can be; because that takes
    long, only the configurations that tell most are tried (`pacing`).

    Examples
    --------
    >>> import jax.numpy
    >>> forward, backward = jax_pair(jax.numpy.square)
    >>> backward(np.ones(2), np.array([1.0, 2.0]))
    array([2., 4.], dtype=float32)
    """
    compiled = _compiled(function)

    def forward(*args):
        return np.asarray(compiled(None, *args))

    def backward(upstream, *args):
        if scalar:
            upstream, args = None, (upstream, *args)
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        # a risk is derived by its first argument alone
        count = 1 if scalar else len(arrays)
        bias = None if scalar else _bias_is_missing(function, arrays)
        if bias is not None:
            args = (*arrays, np.zeros(bias), *args[count:])
            count += 1
        found = compiled(count, *args, upstream=upstream)
        return tuple(map(np.asarray, found)) if len(found) > 1 else np.asarray(found[0])

    forward.few_shapes = backward.few_shapes = True
    return forward, backward


def _compiled(function):
    """call(count, *args, upstream): the value, or for a count that many gradients, compiled."""
    import jax

    made = {}

    def build(count, rest):
        def run(upstream, *arrays):
            if count is None:
                return function(*arrays, *rest)
            value, pull = jax.vjp(lambda *some: function(*some, *arrays[count:], *rest),
                                  *arrays[:count])
            return pull(jax.numpy.ones_like(value) if upstream is None
                        else upstream.astype(value.dtype))
        return run

    def call(count, *args, upstream=None):
        arrays = [a for a in args if isinstance(a, np.ndarray)]
        rest = args[len(arrays):]
        arrays = [a if count is None or k >= count else a * 1.0 for k, a in enumerate(arrays)]
        run = build(count, rest)
        try:
            fast = made.setdefault((count, len(arrays), rest), jax.jit(run))
            return fast(upstream, *arrays)
        # it looks at values, or is made of NumPy: as it stands, then
        except jax.errors.JAXTypeError:
            return run(upstream, *arrays)

    return call


def onnx_function(node, *, run=None, opset=None):
    """A node of an ONNX model as a function of arrays.

    Parameters
    ----------
    node : onnx.NodeProto
        As it stands in a model, with its attributes.
    run : callable, optional
        ``run(model, inputs)`` -> list of arrays; by default the reference evaluator of the
        package ``onnx``.
    opset : int, optional
        The version of the operators; by default the newest.

    Returns
    -------
    callable
        Of as many arrays as the node has inputs; returns its first output.  Arrays of
        integers are made real where another one is: operators want one type.

    Examples
    --------
    >>> import onnx
    >>> relu = onnx_function(onnx.helper.make_node("Relu", ["x"], ["y"]))
    >>> relu(np.array([-1.0, 2.0]))
    array([0., 2.])
    """
    import onnx
    from onnx import helper

    # an opset later than runtimes know is refused by them
    version = onnx.defs.onnx_opset_version() if opset is None else opset

    def function(*arrays):
        common = np.result_type(*arrays)
        arrays = [np.ascontiguousarray(a, dtype=common) for a in arrays]
        kinds = [helper.np_dtype_to_tensor_dtype(a.dtype) for a in arrays]
        given = list(zip([n for n in node.input if n], kinds, arrays, strict=True))
        graph = helper.make_graph(
            [node], "one", [helper.make_tensor_value_info(n, k, a.shape) for n, k, a in given],
            [helper.make_tensor_value_info(node.output[0], kinds[0], None)])
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", version)],
                                  ir_version=10)
        return (run or _reference)(model, {n: a for n, _, a in given})[0]

    return function


def _reference(model, inputs):
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, inputs)
