"""One pixel walked through a network and back: a page in which the matrices answer to the pointer.

`walk` has the numbers of each setting and what belongs to what, `fragment` the drawing to put into
a page, `write` a page of its own.
"""

from cnnmat.verify.walk.page import fragment, walk, write

__all__ = ["fragment", "walk", "write"]
