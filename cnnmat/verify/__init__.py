"""What a claim is and how it is judged: everything behind ``cnnmat verify``.

Examples
--------
>>> from cnnmat.verify import Lecture, Sides, run
>>> lecture = Lecture("sums", "First steps")
>>> @lecture.claim("1", "identity", "Addition commutes", "a+b=b+a")
... def commutes(e):
...     a, b = e.symbols("a"), e.symbols("b")
...     return Sides(truth=a + b, printed=b + a, wrong={"minus": b - a})
>>> run(lecture.claims["1"]).verdict
'holds'
"""

from cnnmat.drawing import Blocks
from cnnmat.verify.claims import Claim, Lecture, Sides
from cnnmat.verify.entries import Draw
from cnnmat.verify.judge import Result, run
from cnnmat.verify.strings import Notation
from cnnmat.verify.symbols import vanishes

__all__ = ["Blocks", "Claim", "Draw", "Lecture", "Notation", "Result", "Sides", "run", "vanishes"]
