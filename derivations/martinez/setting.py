"""The lecture, its example, and the plain versions its claims are held against."""

from cnnmat import loops
from cnnmat.verify import Lecture

lecture = Lecture("martinez", "Martínez-Ramón, Ajith, Kurup: 4.1, elements of the convolutional neural network")
for place, text in (
    ("Introduction", "what layers extract and represent is described, not stated so that it runs"),
    ("Pooling", "that it limits the cost and the overfitting is not a statement that can be run"),
    ("Backpropagation", "no line of the text as scanned carries the number (8); of the two between (7) and (9) "
                        "one must be it: the matrix, h16b/printed here, or the product with it, h17b"),
    ("Stride", "(5) writes M_w and N_w for the kernel's sizes, which are M_W and N_W everywhere else"),
):
    lecture.remark(place, text)

#: The padded image of the two examples, and the kernel.
PADDED = ((0, 0, 0, 0, 0, 0, 0), (0, 1, 2, 1, 3, 1, 0), (0, 2, 1, 2, 1, 3, 0),
          (0, 1, 2, 1, 3, 1, 0), (0, 2, 1, 2, 1, 3, 0), (0, 0, 0, 0, 0, 0, 0))
IMAGE = tuple(row[1:-1] for row in PADDED[1:-1])
KERNEL = ((0, 1), (1, 0))
EDGES = ((-1, -1, -1), (-1, 8, -1), (-1, -1, -1))

#: One dimension: the text's own case, whose windows do not overlap, and one whose windows do.
LINES = [{"n": 8, "k": 2, "s": 2}, {"n": 8, "k": 3, "s": 2}]


def starts(n, k, s=1):
    """Where windows of k may start in n places, s apart, counted one by one."""
    return [a for a in range(0, n, s) if a + k <= n]


def plain(X, K, stride=(1, 1), padding=((0, 0), (0, 0))):
    """The correlation of one map with one kernel, by the plain loops."""
    X, K = ([list(row) for row in one] for one in (X, K))
    return loops.correlate([[X]], [[K]], [0], list(stride), list(padding), [1, 1], 1)[0][0]


def line(h, w, s=1):
    """The correlation of a list with a kernel, in one dimension."""
    return [sum(w[r] * h[a + r] for r in range(len(w))) for a in starts(len(h), len(w), s)]
