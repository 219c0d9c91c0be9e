"""How to end a run of a package that takes no callback."""


class Stop(BaseException):
    """Raised inside such a run, and caught around it."""
