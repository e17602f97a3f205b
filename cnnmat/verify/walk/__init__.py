"""One pixel walked through a network and back: a page in which the matrices answer to the pointer.

`walk` has the numbers of each setting and what belongs to what, `fragment` the drawing to put into
a page, `page_text` one of its own, which `write` writes.
"""

from cnnmat.verify.walk.page import fragment, page_text, walk, write

__all__ = ["fragment", "page_text", "walk", "write"]
