"""Claims by what somebody types: a number as the text or a slide has it, an id, or words."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from functools import cache

from cnnmat.verify.claims import Claim, Lecture
from cnnmat.verify.tex import TexError, parse, plain

__all__ = ["PATTERNS", "WEIGHTS", "bare", "differing", "named", "nearest", "readable", "search",
           "texts"]

#: The expressions of the rule, for Python and for the script of the page: what stands before a
#: number and says nothing (eq. 47.1257, equation (3), slide 84, no. 2), brackets and quotes around
#: it, zeros in front of it.
PATTERNS = {
    "before": r"\b(equation|eqn?|no|number|slide|page|line)s?\b\.?",
    "brackets": r"[()\[\]{},;\"“”]",
    "zeros": r"^([a-z]*)0+(?=\d)",
}
#: What a word counts in each of the `texts` of a claim.
WEIGHTS = (8, 6, 4, 4, 3, 2, 1)
#: Words that others say for the same, or for what stands beside it.
KIN = (
    ("convolution", "correlation", "convolve", "correlate", "conv"),
    ("kernel", "mask", "filter", "weights"), ("average", "mean", "averaging"),
    ("pooling", "subsampling", "downsampling", "subsample"),
    ("maxpool", "maxpooling", "maximum", "pooling"), ("relu", "rectifier", "rectified"),
    ("backprop", "backpropagation", "backward", "sensitivity", "sensitivities", "delta"),
    ("gradient", "derivative", "jacobian"), ("loss", "risk", "cost", "error"),
    ("bias", "threshold", "theta", "offset"), ("dense", "feedforward", "fully"),
    ("activation", "nonlinearity", "transfer"), ("neuron", "unit", "node"),
    ("softmax", "sigmoid", "logistic"), ("crossentropy", "entropy"), ("padding", "zeros", "border"),
    ("stride", "step", "steps"), ("batchnorm", "normalization", "normalisation"),
    ("unpooling", "upsampling", "upv"), ("im2col", "partition", "subvectors", "columns"),
    ("transpose", "transposed"), ("channel", "map", "maps", "colours"), ("shape", "size"),
)
_BEFORE = re.compile(PATTERNS["before"], re.IGNORECASE)


@cache
def readable(formula: str) -> str:
    """A formula as one line of Unicode; what the grammar does not know stays as it is.

    Examples
    --------
    >>> readable(r"V^{(d,d',c+1)}\\triangleq V_c^{\\mathsf T}(I\\otimes w)")
    "V^(d,d',c+1) ≜ V_cᵀ(I ⊗ w)"
    """
    try:
        return plain(parse(formula))
    except TexError:
        return formula


def differing(printed: str, corrected: str) -> str:
    """Marks that stand below what a corrected form has, and the printed one has not.

    Examples
    --------
    >>> print("a - b = 2c\\n" + differing("a + b = 2c", "a - b = 2c"))
    a - b = 2c
      ^
    """
    marks = [" "] * len(corrected)
    matcher = difflib.SequenceMatcher(None, printed, corrected, autojunk=False)
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag != "equal":
            # where something was left out the place is marked
            marks[start:max(end, start + 1)] = "^" * max(end - start, 1)
    # single signs that are the same by chance
    return re.sub(r"(?<=\^) (?=\^)", "^", "".join(marks).rstrip())


def named(query: str, lectures: Iterable[Lecture]) -> list[Claim]:
    """The claims that have a number, as a text or cnnmat writes it, then those that go on from it.

    Parameters
    ----------
    query : str
        "47.1257", "(47.1257)", "eq. 1257", "sayed 47.1257", "slide 84", "s84".
    lectures : iterable of Lecture

    Examples
    --------
    >>> from cnnmat.derivations.sayed import lecture
    >>> [claim.id for claim in named("eq. (1126)", [lecture])]
    ['47.1126', '47.1126a', '47.1126b', '47.1126c', '47.1126/all']
    """
    words, claims = _among(query, lectures)
    if len(words) != 1:
        return []
    return [c for fits in (_is, _begins) for c in claims if fits(c.id.lower(), words[0])]


def _among(query, lectures):
    """(words of a query that name no lecture, claims of the lectures that it names, or of all)."""
    lectures = list(lectures)
    words = re.sub(PATTERNS["brackets"], " ", _BEFORE.sub(" ", query)).lower().split()
    chosen = [one for one in lectures if one.slug in words] or lectures
    slugs = {one.slug for one in lectures}
    return ([word for word in words if word not in slugs],
            [claim for one in chosen for claim in one.claims.values()])


def _is(id, wanted):
    return wanted in (id, bare(id)) or (id == _spelled(wanted))


def _begins(id, wanted):
    """Whether an id goes on from a number with a letter or a slash, as in 47.1257/size."""
    return not _is(id, wanted) and any(
        re.match(rf"{re.escape(head)}(?!\d)", one)
        for head, one in ((_spelled(wanted), id), (wanted, bare(id))))


def bare(id: str) -> str:
    """The number without its chapter, or without the letters of slides.

    Examples
    --------
    >>> bare("47.1257/size"), bare("s84a")
    ('1257/size', '84a')
    """
    return re.sub(r"^(\d+\.|[a-z]+0*)(?=\d)", "", id)


def _spelled(wanted):
    """As ids are: without zeros in front of a number."""
    return re.sub(PATTERNS["zeros"], r"\1", wanted)


def search(query: str, lectures: Iterable[Lecture]) -> list[Claim]:
    """Claims, best first: those with the number, else those that have all the words somewhere.

    Titles count more than formulas, these more than reasons; the name of a lecture alone finds all
    of it. The script of the page does the same.

    Examples
    --------
    >>> from cnnmat.derivations.sayed import lecture
    >>> search("column swapped places", [lecture])
    []
    >>> search("upv block diagonal", [lecture])[0].id
    '47.1200/all'
    """
    lectures = list(lectures)
    found = named(query, lectures)
    if found or not query.strip():
        return found
    words, claims = query.lower().split(), _among(query, lectures)[1]
    words = [word for word in words if word not in {one.slug for one in lectures}]
    scored = [(_score(claim, words), claim) for claim in claims]
    return [c for score, c in sorted(scored, key=lambda pair: -pair[0]) if score]


def nearest(query: str, lectures: Iterable[Lecture]) -> tuple[str, list[Claim]]:
    """What was changed in a query that finds nothing, as words, and the claims that are found then.

    One of its words gives way to one that means the same or is spelled alike, or is left out.

    Examples
    --------
    >>> from cnnmat.derivations.sayed import lecture
    >>> said, found = nearest("corelation", [lecture])
    >>> said, found[0].id
    ("with 'correlation' for 'corelation'", '47.1126')
    """
    lectures, words = list(lectures), query.lower().split()
    known = sorted({word for one in lectures for claim in one.claims.values()
                    for word in re.findall(r"[a-z]{4,}", claim.title.lower())})
    for k, word in enumerate(words):
        kin = [other for group in KIN if word in group for other in group if other != word]
        for other in [*kin, *difflib.get_close_matches(word, known, n=2, cutoff=0.8)]:
            found = search(" ".join([*words[:k], other, *words[k + 1:]]), lectures)
            if found:
                return f"with {other!r} for {word!r}", found
    for left_out in range(1, len(words)):
        for k in range(len(words) - left_out + 1):
            found = search(" ".join(words[:k] + words[k + left_out:]), lectures)
            if found:
                return f"without {' '.join(words[k:k + left_out])!r}", found
    return "", []


def texts(claim: Claim) -> list[str]:
    """The texts of a claim in which words are searched; `WEIGHTS` has what each of them counts."""
    return [claim.title, claim.id, readable(claim.formula), readable(claim.corrected_formula),
            claim.formula, claim.reason, claim.covers]


def _score(claim, words):
    """How well a claim has the words: 0 if one is missing."""
    weighed = [(weight, text.lower()) for weight, text in zip(WEIGHTS, texts(claim), strict=True)]
    best = [max((weight for weight, text in weighed if word in text), default=0) for word in words]
    return 1 + sum(best) if all(best) else 0
