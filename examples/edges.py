"""The edges of a photograph: V, the Sobel masks and the edge map, (47.1140) to (47.1142).

    python examples/edges.py [edges.png]
"""

import argparse
from math import sqrt

import numpy as np
from scipy import ndimage, signal

from cnnmat import Partition, Windows, edge_map, files, loops, sobel, unvec, vec
from cnnmat.drawing import save_picture
from cnnmat.textbook.correlation import feature_map

try:
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from sklearn.datasets import load_sample_image
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is missing: pip install 'cnnmat[examples]'") from missing


def gray(photo):
    """Whole numbers from 0 to 255, so that every comparison below can be exact."""
    return photo.astype(int) @ [299, 587, 114] // 1000


def filtered(image, masks):
    """The correlations of `image` with each of the masks, by one V."""
    windows = Windows(image.shape, kernel=3, padding="same")
    partition = Partition(windows)
    H = partition.columns(vec(image))  # vec(H) = V vec(image), (47.1157)
    print(f"image {image.shape[0]} x {image.shape[1]}, "
          f"V {partition.matrix.shape[0]} x {partition.matrix.shape[1]} "
          f"with {partition.matrix.nnz} ones, H {H.shape[0]} x {H.shape[1]}")
    return [unvec(feature_map(H, vec(mask), theta=0), windows.output) for mask in masks]


def check(image, masks, maps, edges):
    """Raise SystemExit unless SciPy and the plain loops find the same, to the last unit."""
    for name, mask, found in zip(("F_x", "F_y"), masks, maps, strict=True):
        by_ndimage = ndimage.correlate(image, mask, mode="constant")
        by_signal = signal.correlate2d(image, mask, mode="same")
        if not (np.array_equal(found, by_ndimage) and np.array_equal(found, by_signal)):
            raise SystemExit(f"{name} is not what SciPy finds")
    height, width = image.shape
    rows, columns = range(height - 60, height), range(width - 80, width)  # a corner of leaves
    pixels, masks = image.tolist(), [mask.tolist() for mask in masks]
    for r in rows:
        for c in columns:
            fx, fy = (loops.correlate_at(pixels, mask, r, c) for mask in masks)
            if [fx, fy] != [one[r, c] for one in maps] or edges[r, c] != sqrt(fx**2 + fy**2):
                raise SystemExit(f"pixel ({r}, {c}) is not what the loops find")
    print(f"F_x and F_y equal SciPy's in all {2 * image.size} entries, and with the edge map "
          f"the loops' in {len(rows) * len(columns)} pixels of a corner: exactly")


def draw(image, maps, edges, path):
    """Photo, F_x, F_y and the edge map, side by side in two rows."""
    figure, axes = plt.subplots(2, 2, figsize=(10, 7.4), layout="constrained")
    largest = np.quantile(np.abs(maps), 0.99)
    slopes = {"cmap": "RdBu", "vmin": -largest, "vmax": largest}
    panels = [
        (image, "photograph", {"cmap": "gray"}),
        (edges, r"edge map $\sqrt{F_x^2 + F_y^2}$ (its frame: the zeros around the photo)",
         {"cmap": "gray_r", "vmin": 0, "vmax": np.quantile(edges, 0.99)}),
        (maps[0], "$F_x$: blue where it gets brighter to the right", slopes),
        (maps[1], "$F_y$: blue where it gets brighter downwards", slopes),
    ]
    for axis, (values, title, look) in zip(axes.flat, panels, strict=True):
        axis.imshow(values, interpolation="antialiased", **look)
        axis.set_title(title, fontsize=11)
        axis.axis("off")
    save_picture(figure, path)
    plt.close(figure)
    print(f"picture: {path}")


def main(path):
    files.check("picture", path)
    image = gray(load_sample_image("china.jpg"))
    masks = sobel()
    maps = filtered(image, masks)  # (47.1141)
    edges = edge_map(*maps)  # (47.1142)
    draw(image, maps, edges, path)
    check(image, masks, maps, edges)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The edges of a photograph by V and Sobel.")
    parser.add_argument("picture", nargs="?", default="edges.png")
    main(parser.parse_args().picture)
