"""Correlation of whole numbers at the sizes of real layers, a whole row at a time.

A row is written as one number, an entry a digit, in a base so large that no digit of a result
overflows: then a weight times a row is one product, and a hundred times faster in plain Python
than a cell at a time.  A test holds it against `correlate`.
"""

from cnnmat.loops.matrices import dot
from cnnmat.loops.windows import count_windows


def padded(image, padding):
    """The rows of an image with zeros around it; `padding` is ((top, bottom), (left, right))."""
    (top, bottom), (left, right) = padding
    width = left + len(image[0]) + right
    return ([[0] * width for _ in range(top)] + [[0] * left + row + [0] * right for row in image]
            + [[0] * width for _ in range(bottom)])


def digit_bytes(*factors, terms):
    """The bytes of a digit that holds, with its sign, a sum of `terms` products of `factors`."""
    largest = terms
    for one in factors:
        largest *= max(abs(entry) for image in one for row in image for entry in row)
    return largest.bit_length() // 8 + 1


def packed(row, size, step=1):
    """Σ row[i] · base^(i · step), base 256^size."""
    def digits(entries):
        gap = bytes(size * (step - 1))
        return int.from_bytes(gap.join(a.to_bytes(size, "little") for a in entries), "little")

    negative = [-a if a < 0 else 0 for a in row]
    return digits([a if a > 0 else 0 for a in row]) - (digits(negative) if any(negative) else 0)


def unpacked(number, length, size):
    """The `length` digits of a number, each between -base/2 and base/2."""
    half = 1 << (8 * size - 1)
    # half the base is added to every digit, so that none is negative
    raised = (number + packed([half] * length, size)).to_bytes(size * length + 1, "little")
    return [int.from_bytes(raised[k:k + size], "little") - half
            for k in range(0, size * length, size)]


def correlate_rows(x, w, stride, padding):
    """z[d] = Σ_c of the correlations of x[c] with w[d][c]: maps of rows, one sample."""
    maps = [padded(one, padding) for one in x]
    rows, columns = len(w[0][0]), len(w[0][0][0])
    height = count_windows(len(maps[0]), rows, stride[0])
    width = count_windows(len(maps[0][0]), columns, stride[1])
    size = digit_bytes(x, [row for masks in w for row in masks],
                       terms=len(maps) * rows * columns)
    reach = (width - 1) * stride[1] + 1
    seen = [[[packed(row[l:l + reach:stride[1]], size) for l in range(columns)] for row in one]
            for one in maps]
    z = []
    for masks in w:
        z.append([])
        for r in range(height):
            total = 0
            for one, mask in zip(seen, masks, strict=True):
                for k in range(rows):
                    total += dot(mask[k], one[r * stride[0] + k])
            z[-1].append(unpacked(total, width, size))
    return z


def correlate_rows_backward(dz, x, w, stride, padding):
    """(dx, dw) of `correlate_rows`: each product sends dz times its other factor back."""
    maps = [padded(one, padding) for one in x]
    rows, columns = len(w[0][0]), len(w[0][0][0])
    size = digit_bytes(dz, [row for masks in w for row in masks], terms=len(w) * rows * columns)
    reach = (len(dz[0][0]) - 1) * stride[1] + 1
    upstream = [[packed(row, size, stride[1]) for row in one] for one in dz]
    seen = [[[row[l:l + reach:stride[1]] for l in range(columns)] for row in one] for one in maps]
    back = [[0] * len(one) for one in maps]
    dw = [[[[0] * columns for _ in range(rows)] for _ in masks] for masks in w]
    for d, masks in enumerate(w):
        for c, mask in enumerate(masks):
            for k in range(rows):
                weights = packed(mask[k], size)
                for r, row in enumerate(dz[d]):
                    at = r * stride[0] + k
                    back[c][at] += weights * upstream[d][r]
                    for l in range(columns):
                        dw[d][c][k][l] += sum([a * b for a, b in
                                                zip(row, seen[c][at][l], strict=True)])
    (top, _), (left, _) = padding
    dx = [[unpacked(row, len(maps[0][0]), size)[left:left + len(x[0][0])]
           for row in one[top:top + len(x[0])]] for one in back]
    return dx, dw
