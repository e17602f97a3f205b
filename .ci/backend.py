"""The build: setuptools, and an editable install that no folder named cnnmat can hide.

Setuptools' editable install is an import hook, and hooks are asked last: a script that runs beside
a checkout named ``cnnmat`` finds the checkout's folder, as a namespace package with nothing in it.
The checkout's path in a ``.pth`` file mends that, for a package on the path goes before such a
folder; it also shows the package to type checkers, which run no hooks.  The hook stays, for
``cnnmat.derivations``, which lies elsewhere in a checkout.
"""

import tempfile
from pathlib import Path

from setuptools import build_meta
from setuptools.build_meta import (
    build_sdist,
    build_wheel,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)
from wheel.wheelfile import WheelFile

__all__ = [
    "build_editable", "build_sdist", "build_wheel", "get_requires_for_build_editable",
    "get_requires_for_build_sdist", "get_requires_for_build_wheel",
    "prepare_metadata_for_build_editable", "prepare_metadata_for_build_wheel",
]


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    """The editable wheel of setuptools, with the checkout's path in it."""
    name = build_meta.build_editable(wheel_directory, config_settings, metadata_directory)
    path = Path(wheel_directory, name)
    with tempfile.TemporaryDirectory() as unpacked:
        with WheelFile(path) as wheel:
            wheel.extractall(unpacked)
        # Python reads .pth files in the locale's encoding
        Path(unpacked, "cnnmat.pth").write_text(f"{Path.cwd()}\n", encoding="locale")
        with WheelFile(path, "w") as wheel:
            wheel.write_files(unpacked)
    return name
