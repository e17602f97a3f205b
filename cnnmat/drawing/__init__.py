"""Matrices to look at: as text, as an HTML table, as a picture, with lines between blocks.

Whatever is drawn makes a `View`, and a view has three forms, each written once:

========  =========================================  ==================
form      asked for by                               room
========  =========================================  ==================
text      ``print``, ``str``                         `cnnmat.drawing.text`
notebook  the last line of a cell                    `cnnmat.drawing.html`
picture   ``.draw()``, which needs matplotlib        `cnnmat.drawing.pictures`
========  =========================================  ==================
"""

from cnnmat.drawing.blocks import Blocks
from cnnmat.drawing.flow import Flow, Layer
from cnnmat.drawing.html import html_table
from cnnmat.drawing.matrix import Drawn
from cnnmat.drawing.naming import named
from cnnmat.drawing.pictures import save_picture
from cnnmat.drawing.showing import show
from cnnmat.drawing.text import text_rows
from cnnmat.drawing.views import Drawable, View

__all__ = ["Blocks", "Drawable", "Drawn", "Flow", "Layer", "View", "html_table", "named",
           "save_picture", "show", "text_rows"]
