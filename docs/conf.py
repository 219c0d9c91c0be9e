"""How the site is built, offline:

python -m sphinx -W --keep-going -b html docs docs/_build/html
"""

import re

from docutils import nodes
from sphinx_gallery.sorting import ExplicitOrder

import lowrank_sense
from lowrank_sense.estimators._base import FactorSensing

project = "lowrank_sense"
copyright = "the lowrank_sense developers"
author = "the lowrank_sense developers"
version = release = lowrank_sense.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx-mathjax-offline",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "images", "gallery/**/*.ipynb", "gallery/*.ipynb"]
templates_path = ["_templates"]

# Pages
myst_enable_extensions = ["amsmath", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

# API
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings name the types
autodoc_member_order = "groupwise"
autodoc_preserve_defaults = True
toc_object_entries_show_parents = "hide"
numpydoc_class_members_toctree = False
numpydoc_attributes_as_param_list = True

# Gallery
sphinx_gallery_conf = {
    "examples_dirs": ["../examples"],
    "gallery_dirs": ["gallery"],
    "doc_module": ("lowrank_sense",),
    "backreferences_dir": "gallery/backreferences",
    "within_subsection_order": ExplicitOrder(
        [
            "plot_recover_image.py",
            "plot_phase_retrieval.py",
            "plot_movie_ratings.py",
            "plot_map_from_distances.py",
            "plot_metric_learning.py",
            "plot_interactions.py",
            "plot_digits_trace_regression.py",
            # examples/paper
            "plot_symmetric_asymmetric.py",
            "plot_initialization_scale.py",
            "plot_imbalance.py",
            "plot_accelerated_step.py",
            "*",
        ]
    ),
    # An estimator at the end of a cell is shown; what a plot returns is not.
    "capture_repr": ("_repr_html_",),
    "thumbnail_size": (640, 448),
    "image_srcset": ["2x"],
    "min_reported_time": 1,
    "write_computation_times": False,
    "show_memory": False,
    "log_level": {"backreference_missing": "info"},
}

# Theme
html_theme = "pydata_sphinx_theme"
html_context = {"default_mode": "auto"}
html_title = "lowrank_sense"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_favicon = "_static/logo.svg"
html_show_sourcelink = False
# Pages without others below them.
html_sidebars = {
    page: []
    for page in (
        "architecture",
        "benchmarks",
        "changelog",
        "citing",
        "extending",
        "faq",
        "glossary",
        "index",
        "install",
        "paper",
        "reliability",
    )
}
html_theme_options = {
    "logo": {
        "text": "lowrank_sense",
        "image_light": "_static/logo.svg",
        "image_dark": "_static/logo.svg",
    },
    "header_links_before_dropdown": 5,
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    # Not in the gallery, whose code needs the room.
    "secondary_sidebar_items": {
        pages: ["page-toc"]
        for pages in (
            "api/**",
            "architecture",
            "benchmarks",
            "extending",
            "faq",
            "guide/**",
            "install",
            "paper",
            "reliability",
        )
    },
}

# What docstrings inherited from scikit-learn refer to.
SCIKIT_LEARN = "https://scikit-learn.org/stable/"
SCIKIT_LEARN_LABELS = {
    "df_output_transform": "modules/df_output_transform.html",
    "meta-estimator": "glossary.html#term-meta-estimator",
    "metadata_routing": "metadata_routing.html",
    "r2_score": "modules/model_evaluation.html#r2-score",
    "sphx_glr_auto_examples_miscellaneous_plot_set_output.py": (
        "auto_examples/miscellaneous/plot_set_output.html"
    ),
}

# Pages of the gallery lie at different depths: the link in the HTML repr of an
# estimator begins with this until the depth of its page is known.
SITE_ROOT = "site-root:"
FactorSensing._doc_link_template = SITE_ROOT + "api/lowrank_sense.{estimator_name}.html"


def link_reprs_within_site(app, docname, source):
    source[0] = source[0].replace(SITE_ROOT, "../" * docname.count("/"))


def link_to_scikit_learn(app, env, node, content):
    page = SCIKIT_LEARN_LABELS.get(node["reftarget"])
    if page is not None:
        return nodes.reference("", "", content, refuri=SCIKIT_LEARN + page)


def escape_fitted_names_in_shapes(app, what, name, obj, options, lines):
    """A name like n_iter_ in the shape of an array is no link."""
    for i, line in enumerate(lines):
        if " : " in line and "shape (" in line:
            lines[i] = re.sub(r"_(?=\W)", r"\\_", line)


def leave_out_releases_of_scikit_learn(app, what, name, obj, options, lines):
    """What is inherited was not added in a release of this library."""
    if getattr(obj, "__module__", "").startswith("sklearn"):
        lines[:] = [line for line in lines if ".. versionadded::" not in line]


def setup(app):
    # Before numpydoc, which has the priority of 500.
    app.connect(
        "autodoc-process-docstring", escape_fitted_names_in_shapes, priority=400
    )
    app.connect("autodoc-process-docstring", leave_out_releases_of_scikit_learn)
    app.connect("source-read", link_reprs_within_site)
    app.connect("missing-reference", link_to_scikit_learn)
