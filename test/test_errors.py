"""Laws of the tree of errors."""

import inspect

from pose3d_ros import errors


def test_every_error_is_a_pose3d_error_and_exported() -> None:
    found = {name for name, thing in vars(errors).items() if inspect.isclass(thing)}
    assert found == set(errors.__all__)
    assert all(issubclass(getattr(errors, name), errors.Pose3DError) for name in found)


def test_the_docstring_draws_the_whole_tree() -> None:
    assert errors.__doc__ is not None
    assert all(name in errors.__doc__ for name in errors.__all__)


def test_exports_are_sorted() -> None:
    assert sorted(errors.__all__) == errors.__all__
