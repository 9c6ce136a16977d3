"""Laws of names."""

import random

from pose3d_ros.names import Names


def test_names_are_five_lower_case_letters() -> None:
    name = Names(random.Random(1)).new()  # noqa: S311 - names are no secret
    assert len(name) == 5
    assert name.isascii()
    assert name.isalpha()
    assert name.islower()


def test_names_are_never_given_twice() -> None:
    class Repeating(random.Random):
        def __init__(self) -> None:
            super().__init__()
            self._names = iter(['aaaaa', 'aaaaa', 'bbbbb', 'aaaaa', 'bbbbb', 'ccccc'])

        def choices(self, *_: object, **__: object) -> list[str]:
            return list(next(self._names))

    names = Names(Repeating())
    assert [names.new() for _ in range(3)] == ['aaaaa', 'bbbbb', 'ccccc']


def test_equal_generators_give_equal_names() -> None:
    one, other = (Names(random.Random(7)) for _ in range(2))  # noqa: S311
    assert [one.new() for _ in range(5)] == [other.new() for _ in range(5)]
