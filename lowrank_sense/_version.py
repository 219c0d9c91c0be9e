"""The version, as fitted estimators remember it."""

__version__ = "0.2.0.dev0"
