"""What functions may be limited to, in the caller's words and in terms of a configuration.

A limit is declared (``only=``), found from what is refused, or ruled out (``supports=``).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

__all__ = []

#: One word or several.
Words: TypeAlias = str | Sequence[str]


@dataclass(frozen=True)
class Limit:
    """One way in which functions may be limited.

    Parameters
    ----------
    word, opposite : str
        What `only` and `supports` say; there is no opposite of a fixed kernel.
    features : tuple of str
        Features of a case, any of which is beyond the limit.
    beyond : str
        What is refused, to go behind "refuses".
    accident : str or None
        Code that is written for what is within often does not say so, and ends in an exception
        of somebody else's beyond: one whose text has this in it is still a limit.  Where that is
        any text, all functions must have it.
    kernel : tuple of int, optional
        The one size that is taken.
    """

    word: str
    opposite: str
    features: tuple
    beyond: str
    accident: str | None = None
    kernel: tuple | None = None

    def exceeded(self, contract, case, features):
        """Whether a case is beyond the limit."""
        if self.kernel is not None:
            return contract.window(case) not in ((), self.kernel)
        return any(features.get(name) for name in self.features)


LIMITS = (
    Limit("square-kernels", "rectangular-kernels",
          ("the kernel is not square", "the window is not square"),
          "kernels that are not square", ""),
    Limit("square-images", "rectangular-images", ("the image is not square",),
          "images that are not square", ""),
    Limit("odd-kernels", "even-kernels", ("a kernel side is even",), "kernels of even sides", ""),
    # what hangs over the end is another matter: there the number of windows is wrong
    Limit("tiles", "rests", ("the windows do not tile the image",),
          "images that windows do not tile", "cannot reshape"),
    Limit("one-channel", "channels", ("C > 1",), "more than one channel"),
    Limit("one-map", "maps", ("D > 1",), "more than one map"),
    Limit("one-sample", "batches", ("N > 1",), "more than one sample"),
    Limit("no-stride", "stride", ("stride > 1",), "strides above 1"),
    Limit("no-padding", "padding", ("padding > 0",), "padding"),
    Limit("no-dilation", "dilation", ("dilation > 1",), "dilation"),
    Limit("no-groups", "groups", ("groups > 1",), "groups"),
    Limit("no-overlap", "overlap", ("windows overlap",), "windows that overlap"),
    Limit("no-gaps", "gaps", ("stride > kernel", "stride > size"),
          "strides larger than the kernel"),
    Limit("two-classes", "classes", ("K > 2",), "more than two classes"),
    Limit("one-output", "outputs", ("there is more than one output",), "more than one output"),
    Limit("matrices", "all-shapes", ("x is no matrix",), "arrays other than matrices", ""),
    Limit("no-decay", "decay", ("weight_decay > 0",), "weight decay"),
    Limit("no-momentum", "momentum", ("momentum > 0",), "momentum"),
    Limit("one-step", "steps", ("there is more than one step",), "more than one step"),
    # a full correlation of dz needs k - 1 - p zeros, which must not be negative
    Limit("small-padding", "large-padding", ("padding >= kernel",),
          "padding as large as the kernel", "negative"),
)
BY_WORD = {limit.word: limit for limit in LIMITS}
BY_OPPOSITE = {limit.opposite: limit for limit in LIMITS}
#: How many steps a case is made smaller by, and of how many the best are gone on with.
STEPS, NEAREST = 6, 4
_KERNEL = re.compile(r"kernel-([1-9]\d?(?:x[1-9]\d?)*)", re.ASCII)


def only_kernel(kernel):
    """The limit to one size of the kernel.

    Examples
    --------
    >>> only_kernel((3, 3)).word
    'kernel-3x3'
    """
    return Limit("kernel-" + "x".join(map(str, kernel)), "", (),
                 f"kernels other than {' x '.join(map(str, kernel))}", "", tuple(kernel))


def limit(word):
    """The limit that a word of `only` names, or None.

    Examples
    --------
    >>> limit("kernel-5x5").beyond
    'kernels other than 5 x 5'
    """
    size = _KERNEL.fullmatch(word)
    if size:
        return only_kernel(tuple(map(int, size[1].split("x"))))
    return BY_WORD.get(word)


def only(words: Words, dims: int = 2) -> tuple[str, ...]:
    """What a caller declares to be taken, checked.

    Examples
    --------
    >>> only("square-kernels one-channel")
    ('square-kernels', 'one-channel')
    """
    found = split("only", words)
    for word in found:
        one = limit(word)
        if one is None:
            raise ValueError(f"only must be made of {', '.join(map(repr, BY_WORD))} and "
                             f"'kernel-3x3' (of any size), got {word!r}")
        if one.kernel is not None and len(one.kernel) != dims:
            raise ValueError(f"only must name a kernel of {dims} sides, got {word!r}")
    return found


def supports(words: Words) -> tuple[str, ...]:
    """What a caller demands to be taken, checked."""
    found = split("supports", words)
    for word in found:
        if word not in (*BY_OPPOSITE, "everything", "dx"):
            raise ValueError(f"supports must be made of 'everything', 'dx', "
                             f"{', '.join(map(repr, BY_OPPOSITE))}, got {word!r}")
    return found


def split(name, words):
    """Words that came as a text or a list, each of them once."""
    given = words.replace(",", " ").split() if isinstance(words, str) else words
    if not isinstance(given, Sequence) or not all(isinstance(one, str) for one in given):
        raise TypeError(f"{name} must be words, got {words!r}")
    return tuple(dict.fromkeys(given))


# --- cases brought within limits, whatever they are of ------------------------------------


def of(contract, words):
    """The limits of a contract and `words`, which its cases must know of."""
    cases = contract.cases(np.random.default_rng(0))
    features = set().union(*map(contract.features, cases))
    known = [one.word for one in LIMITS if features & set(one.features)]
    for word in words:
        if word not in known and (limit(word).kernel is None or not contract.window(cases[0])):
            an = "an" if contract.kind[0] in "aeiou" else "a"
            raise ValueError(f"only must be made of {', '.join(map(repr, known))} for {an} "
                             f"{contract.kind}, got {word!r}")
    return tuple(dict.fromkeys((*contract.only, *words)))


def within(contract, cases):
    """The cases that are within the limits of their contract, or can be brought there."""
    if not contract.only:
        return tuple(cases)
    found = {}
    for case in cases:
        one = brought_within(contract, case)
        if one is not None:
            name, behaviour = made_to_fit(contract, case.name, case.behaviour, one is not case)
            shapes = tuple(a.shape for a in one.arrays.values())
            # one that has lost what it is there for need not be tried twice
            same = "" if behaviour == "mixed" and one is not case else case.name
            found.setdefault((shapes, repr(one.settings), one.form, same),
                             replace(one, name=name, behaviour=behaviour))
    return tuple(found.values())


def beyond(contract, case):
    """How many of the limits of a contract a case exceeds."""
    features = contract.features(case) if contract.only else {}
    return sum(limit(word).exceeded(contract, case, features) for word in contract.only)


def brought_within(contract, case):
    """The largest of the cases, one or a few steps smaller, that exceed no limit; or None."""
    nearest = [case]
    for _ in range(STEPS):
        ranked = sorted(((beyond(contract, one), -sum(a.size for a in one.arrays.values()), k)
                         for k, one in enumerate(nearest)))[:NEAREST]
        nearest = [nearest[k] for *_, k in ranked]
        if ranked and not ranked[0][0]:
            return nearest[0]
        nearest = [one for near in nearest for one in contract.smaller(near)
                   if contract.simple(one)]
    return None


# --- a configuration brought within limits -----------------------------------------------


@dataclass
class Geometry:
    """Sizes and settings of a configuration, in lists with an entry an axis of the image."""

    N: int
    C: int
    D: int
    image: list
    kernel: list
    stride: list
    padding: list
    dilation: list
    groups: int = 1

    def settings(self):
        """{setting: its values}, as the rows of cases have them."""
        return {"stride": tuple(self.stride), "padding": tuple(map(tuple, self.padding)),
                "dilation": tuple(self.dilation), "groups": self.groups}

    def spans(self):
        """The length of the window along each axis."""
        return [d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation, strict=True)]

    def rests(self):
        """How many pixels the windows leave over along each axis."""
        return [(n + sum(p) - span) % s for n, p, span, s in zip(
            self.image, self.padding, self.spans(), self.stride, strict=True)]


def fitted(words, given):
    """A `Geometry` that is within the limits, as like `given` as it can be.

    Examples
    --------
    >>> one = Geometry(2, 3, 4, [5, 7], [3, 2], [1, 1], [[0, 0], [0, 0]], [1, 1])
    >>> two = fitted(("square-kernels", "one-channel"), one)
    >>> two.C, two.kernel, two.image
    (1, [3, 3], [5, 8])
    """
    axes, limits = len(given.image), [limit(word) for word in words]
    one = Geometry(**{k: v if isinstance(v, int) else list(v) for k, v in vars(given).items()})
    for word, field, value in (
            ("one-sample", "N", 1), ("one-map", "D", 1), ("one-channel", "C", 1),
            ("no-groups", "groups", 1), ("no-stride", "stride", [1] * axes),
            ("no-padding", "padding", [[0, 0]] * axes), ("no-dilation", "dilation", [1] * axes)):
        if word in words:
            setattr(one, field, value)
    if one.C % one.groups or one.D % one.groups:
        one.groups = 1
    if "square-kernels" in words:
        one.kernel, one.dilation = [max(one.kernel)] * axes, [max(one.dilation)] * axes
    if "odd-kernels" in words:
        one.kernel = [k + (k + 1) % 2 for k in one.kernel]
    one.kernel = [*next((li.kernel for li in limits if li.kernel is not None), one.kernel)]
    _steps(words, one)
    one.image = [max(n + new - old, new - sum(p), 1) for n, new, old, p in zip(
        one.image, one.spans(), given.spans(), one.padding, strict=True)]
    _image(words, one)
    return one


def made_to_fit(contract, name, behaviour, changed):
    """Name and score's row of a case that was perhaps brought within the limits.

    What a row is there for is gone with its sizes, unless it lies in the numbers.
    """
    if not changed:
        return name, behaviour
    in_numbers = behaviour in ("values", "ties", "calling", "large", "repeated")
    return f"{name} ({', '.join(contract.only)})", behaviour if in_numbers else "mixed"


def _steps(words, one):
    """Strides and padding that go with the kernel."""
    spans = one.spans()
    if "no-overlap" in words:
        one.stride = [max(s, k) for s, k in zip(one.stride, spans, strict=True)]
    if "no-gaps" in words:
        one.stride = [min(s, k) for s, k in zip(one.stride, spans, strict=True)]
    if "small-padding" in words:
        one.padding = [[min(q, k - 1) for q in p] for p, k in zip(
            one.padding, one.kernel, strict=True)]


def _image(words, one):
    """Sides that tile, that are alike."""
    square, tiles = "square-images" in words, "tiles" in words
    if square:
        one.image = [max(one.image)] * len(one.image)
    # sides that are alike need not tile all at once: the next ones may
    for _ in range(40):
        rests = one.rests()
        if not tiles or not any(rests):
            break
        steps = [1 if square else (s - r) * (r > 0)
                 for r, s in zip(rests, one.stride, strict=True)]
        one.image = [n + step for n, step in zip(one.image, steps, strict=True)]
