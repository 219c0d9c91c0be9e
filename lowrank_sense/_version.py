"""The version, which pickled estimators record."""

__version__ = "0.2.0.dev0"
