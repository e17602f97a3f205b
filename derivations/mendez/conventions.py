"""What the slides leave open and claims settle: on the same letters all take the same."""

__all__ = ["BAND", "FREE", "NOISE", "NO_TERM_ZERO", "RANK", "ROWS", "SIDE", "SKIP", "START", "TAPS",
           "ZEROS"]

NOISE = {"the noise in different pixels is": "independent"}
ZEROS = {"around a map that keeps its size stand": "zeros"}
RANK = {"the rank of P is": "as large as its size allows"}
TAPS = {"the taps of h lie": "about the diagonal"}
SIDE = {"the letter S means": "a matrix of the size that its side needs"}
NO_TERM_ZERO = {"the term k = 0 is": "left out"}
#: Slide 62's double sum stays inside the map; slides 98 and 105 count maps from 1.
START = {"r and s start at": "h + 1, in the input"}
ROWS = {"rows and columns of Y^{(4)} start at": "0"}
FREE = {"i, j and (l), where they are free, mean": "the only map, channel or unit, and this layer"}

#: The two matrices of slide 88, of which slide 104 has the first on both sides.
SKIP = (r"\begin{pmatrix}1&0&0&0&0&\cdots\\0&0&1&0&0&\cdots\\0&0&0&0&1&\cdots\\"
        r"\vdots&\vdots&\vdots&\vdots&\vdots&\ddots\end{pmatrix}")
BAND = (r"\begin{pmatrix}\ddots&&&&&\\-&h&-&&&\\&-&h&-&&\\&&-&h&-&\\&&&&\ddots\end{pmatrix}"
        .replace("-", r"\mathrm{-}"))
