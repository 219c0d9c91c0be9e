"""The version, as fitted estimators remember it."""

__version__ = "0.1.0"
