"""Where a training stands, and the file that keeps it: a checkpoint."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass

import numpy as np

from cnnmat import arguments, files
from cnnmat.textbook.signals import Parameters
from cnnmat.typing import Array

__all__ = ["Training", "load", "save"]


@dataclass(frozen=True)
class Training:
    """Where a training stands.

    Attributes
    ----------
    parameters : Parameters
    losses : ndarray
        The mean loss of the samples in each epoch so far, without the regularisers, each sample
        taken with the parameters that it met.
    """

    parameters: Parameters
    losses: Array


def save(path, parameters, losses=()):
    """Write a checkpoint: a plain .npz with entries such as ``W_c/1`` and ``losses``.

    It is written beside `path` and then put in its place, so that whatever happens midway
    the file that was there before stays whole.

    Parameters
    ----------
    path : path
    parameters : Parameters
        Of floats or integers; exact entries cannot be saved without pickle.
    losses : array_like, optional
        Of the epochs so far, as in `Training`.
    """
    arrays = {f"{name}/{k}": arguments.array(f"{name}[{k}]", array)
              for name, part in vars(parameters).items() for k, array in part.items()}
    arrays["losses"] = finite_vector("losses", np.asarray(losses, dtype=float))
    for name, array in arrays.items():
        if array.dtype.kind not in "iuf":
            kind = "objects" if array.dtype.kind == "O" else array.dtype
            raise TypeError(f"{name} must hold floats or integers to be saved, got {kind}")
    with files.replacing(path) as file:
        np.savez(file, **arrays)


def load(path, network):
    """Read a checkpoint of `network`.

    Returns
    -------
    Training

    Raises
    ------
    ValueError
        If the file is truncated, damaged, something else, or of a network of other shapes.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from cnnmat import Network, Partition, Stage
    >>> net = Network(1, [Stage(Partition([[0, 1], [1, 2]], 3), 2)], [1])
    >>> with TemporaryDirectory() as folder:
    ...     save(f"{folder}/run.npz", net.initial(seed=0), losses=[0.5, 0.25])
    ...     load(f"{folder}/run.npz", net).losses
    array([0.5 , 0.25])
    """
    shapes = vars(network.shapes())
    keys = {name: {f"{name}/{k}": k for k in part} for name, part in shapes.items()}
    entries = sum(int(np.prod(shape)) for part in shapes.values() for shape in part.values())
    arrays, place = read(path, entries), f"in {os.fspath(path)!r}"
    wanted = {"losses"}.union(*keys.values())
    if set(arrays) != wanted:
        raise ValueError(f"path must be a checkpoint of this network, with the entries "
                         f"{', '.join(sorted(wanted))}, got {named(arrays)}, {place}")
    try:
        for key, array in arrays.items():
            if not isinstance(array, np.ndarray) or array.dtype.kind == "b":
                raise ValueError(f"{key} must hold floats or integers, "
                                 f"got {getattr(array, 'dtype', 'no array')}")
        parameters = Parameters(*({k: arrays[key] for key, k in part.items()}
                                  for part in keys.values()))
        return Training(network.checked(parameters), finite_vector("losses", arrays["losses"]))
    except (TypeError, ValueError) as error:
        raise ValueError(f"path must be a checkpoint of this network: {error}, {place}") from error


def named(arrays, few=20):
    """Names that came from a file, not too many of them, nor too long ones."""
    names = [name[:40] for name in sorted(arrays)]
    return ", ".join(names[:few] + ["..."] * (len(names) > few)) or "none"


def finite_vector(name, array):
    """`array` if it is one of floats, possibly empty."""
    if array.ndim != 1 or array.dtype.kind != "f":
        raise ValueError(f"{name} must be a vector of floats, got {array.dtype} "
                         f"of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got "
                         f"{np.count_nonzero(~np.isfinite(array))} that are NaN or infinite")
    return array


def read(path, entries):
    """The arrays of an .npz whose check sums are right, and which has room for `entries`."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise ValueError(f"path must be a file, got {os.fspath(path)!r}")
    with open(path, "rb") as opened:
        try:
            file = np.load(opened, allow_pickle=False)
            if not isinstance(file, np.lib.npyio.NpzFile):
                raise ValueError(f"it holds a single array of shape {file.shape}")
            unpacked = sum(one.file_size for one in file.zip.infolist())
            # what is not packed takes up no less room on the disk; of what is, 16 bytes an entry
            if unpacked > os.fstat(opened.fileno()).st_size + 16 * entries:
                raise ValueError(f"it would unpack to {unpacked} bytes")
            if damaged := file.zip.testzip():
                raise ValueError(f"the check sum of {damaged} is wrong")
            if len(set(file.files)) < len(file.files):
                raise ValueError("it holds an entry twice")
            return {key: file[key] for key in file.files}
        # a stranger's bytes raise whatever there is to raise in three libraries
        except Exception as error:
            raise ValueError(f"path must be a whole .npz checkpoint, got {os.fspath(path)!r}: "
                             f"{error or type(error).__name__}") from error
