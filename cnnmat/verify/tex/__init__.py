"""Lecture mathematics in LaTeX: read into a tree, written out again, and run.

Examples
--------
>>> from cnnmat.verify.tex import parse, plain
>>> plain(parse(r"z_{\\ell+1,n}=W_\\ell y_{\\ell,n}-\\theta_\\ell"))
'z_(ℓ+1,n) = W_ℓ y_(ℓ,n) - θ_ℓ'
"""

from cnnmat.verify.tex.parsing import parse
from cnnmat.verify.tex.tokens import TexError
from cnnmat.verify.tex.writing import latex, plain

__all__ = ["TexError", "latex", "parse", "plain"]
