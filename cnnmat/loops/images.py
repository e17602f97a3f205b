"""Correlation and convolution of an image with a mask."""


def flip(mask):
    """mask(-k, -l): both axes reversed."""
    rows, columns = len(mask), len(mask[0])
    return [[mask[rows - 1 - r][columns - 1 - c] for c in range(columns)] for r in range(rows)]


def pixel(image, r, c):
    """image(r, c), and 0 outside."""
    inside = 0 <= r < len(image) and 0 <= c < len(image[0])
    return image[r][c] if inside else 0


def patch(image, r, c, rows, columns):
    """The rows x columns patch whose centre lies on (r, c); rows and columns are odd."""
    up, left = rows // 2, columns // 2
    return [[pixel(image, r - up + k, c - left + l) for l in range(columns)] for k in range(rows)]


def correlate_at(image, mask, r, c):
    """Σ_k Σ_l image(r+k, c+l) mask(k, l), the mask's centre being (0, 0)."""
    up, left = len(mask) // 2, len(mask[0]) // 2
    return sum(
        pixel(image, r + k - up, c + l - left) * mask[k][l]
        for k in range(len(mask)) for l in range(len(mask[0]))
    )


def filter_image(image, mask):
    """The image F of all correlations, of the size of `image`."""
    return [[correlate_at(image, mask, r, c) for c in range(len(image[0]))]
            for r in range(len(image))]


def convolve_at(image, mask, r, c):
    """Σ_k Σ_l mask(k, l) image(r-k, c-l), the mask's centre being (0, 0)."""
    up, left = len(mask) // 2, len(mask[0]) // 2
    return sum(
        mask[k][l] * pixel(image, r - (k - up), c - (l - left))
        for k in range(len(mask)) for l in range(len(mask[0]))
    )


def convolve(image, mask):
    """The full convolution Σ_k Σ_l mask[k][l] image[r-k][c-l]: sizes add up, less one."""
    return [[sum(mask[k][l] * pixel(image, r - k, c - l)
                 for k in range(len(mask)) for l in range(len(mask[0])))
             for c in range(len(image[0]) + len(mask[0]) - 1)]
            for r in range(len(image) + len(mask) - 1)]
