"""The names, classes and instances that a parameter such as loss= accepts."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Part = TypeVar("Part")


class Registry(Mapping[str, type[Part]], Generic[Part]):
    """Look up the classes of one room by name.

    Parameters
    ----------
    parameter : str
        The name of the estimators' parameter.
    classes : dict of str to type
        Classes that can be made without arguments.
    """

    def __init__(self, parameter: str, classes: Mapping[str, type[Part]]) -> None:
        self._parameter = parameter
        self._classes = dict(classes)

    def __getitem__(self, name: str) -> type[Part]:
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)

    def make(self, choice: str | type[Part] | Part) -> Part:
        """Return the instance that a name, a class or an instance stands for.

        Raises
        ------
        ValueError
            If no class has the name.
        """
        if isinstance(choice, str):
            if choice not in self._classes:
                names = ", ".join(map(repr, self._classes))
                raise ValueError(
                    f"{self._parameter}={choice!r} is none of {names}: pass one of "
                    "these, a class or an instance."
                )
            choice = self._classes[choice]
        return choice() if isinstance(choice, type) else choice
