"""Settings of the documentation: Sphinx reads Markdown and the docstrings."""

from importlib.metadata import version as version_of

project = "crmbridge"
copyright = "crmbridge contributors"
version = release = version_of("crmbridge")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
exclude_patterns = ["_build"]
default_role = "py:obj"  # single backticks in a docstring link to a name

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_numpy_docstring = False
napoleon_use_ivar = True  # attributes are listed once, in their class's docstring

# A prompt is shown, and not copied.
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"crmbridge {version}"
