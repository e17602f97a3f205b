"""How the pages of documentation are built: ``sphinx-build -W examples/docs build/docs``."""

import sys
from pathlib import Path

# what is told of the package beside this file
sys.path.insert(0, str(Path(__file__).parent))

import cnnmat

project = "cnnmat"
copyright = "the authors of cnnmat"
version = release = cnnmat.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc", "told"]
html_theme = "furo"
html_title = "cnnmat"
html_show_sourcelink = False
# names in the docstrings are shown in the order of the file, as they are thought
autodoc_member_order = "bysource"
autodoc_typehints = "none"
# what a name stands for is told in words
autodoc_default_options = {"no-value": True}
# f' is a derivative, and no quotation
smartquotes = False
# `names` in the docstrings
default_role = "code"
numpydoc_show_class_members = False
add_module_names = False
myst_enable_extensions = ["colon_fence", "dollarmath"]
