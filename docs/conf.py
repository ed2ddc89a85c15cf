"""The site that `make docs` builds from these pages and the docstrings, without any network."""

import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from deepkit import __version__  # noqa: E402 (the path comes first)

project = "DeepKit"
version = release = __version__
copyright = "the DeepKit authors"  # noqa: A001 (Sphinx calls it so)

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
myst_heading_anchors = 3
html_theme = "furo"
html_title = "DeepKit"
html_copy_source = False
html_show_sourcelink = False

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_default_options = {"members": True, "undoc-members": False}
napoleon_numpy_docstring = False
