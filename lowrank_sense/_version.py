"""The version, which pickled estimators record."""

__version__ = "0.1.0"
