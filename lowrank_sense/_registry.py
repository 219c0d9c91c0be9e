"""The names, classes and instances that a parameter such as loss= accepts."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast, final

Part = TypeVar("Part")


@final
class Registry(Mapping[str, type[Part]], Generic[Part]):
    """Look up the classes of one room by name, and make instances.

    Parameters
    ----------
    parameter : str
        The name of the estimators' parameter.
    base : type
        The class that all parts derive from.
    classes : dict of str to type
        Classes that can be made without arguments.
    """

    def __init__(
        self, parameter: str, base: type, classes: Mapping[str, type[Part]]
    ) -> None:
        self._parameter = parameter
        self._base = base
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
            If it stands for nothing that derives from the base class.
        """
        part: object = choice
        if isinstance(choice, str):
            part = self._classes.get(choice)
        if isinstance(part, type):
            part = self._instance(part)
        if not isinstance(part, self._base):
            names = ", ".join(map(repr, self._classes))
            raise ValueError(
                f"{self._parameter}={choice!r} is none of {names}: pass one of these, "
                f"or a subclass or an instance of {self._base.__name__}."
            )
        return cast(Part, part)

    def _instance(self, cls: type) -> object:
        try:
            return cls()
        except TypeError as error:
            raise ValueError(
                f"{self._parameter}={cls.__name__} cannot be made without arguments: "
                f"pass an instance. ({error})"
            ) from error

    def has(self, part: Part) -> bool:
        """Return whether a part is one of the library's own."""
        return type(part) in self._classes.values()

    def name_of(self, part: Part) -> str:
        """Return the name of a part, or that of its class if it has none."""
        for name, registered in self._classes.items():
            if type(part) is registered:
                return name
        return type(part).__name__
