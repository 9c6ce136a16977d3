"""Files that come with this package, wherever it is installed."""

from pathlib import Path

__all__ = ['ASSETS', 'shipped_files']

ASSETS = Path(__file__).parent / 'assets'
"""Files inside the package. Found from a module: the package's own file may be elsewhere."""


def shipped_files(folder: str, suffix: str) -> dict[str, Path]:
    """Return the files of a folder that come with this package, by name without suffix, sorted.

    A checkout has its folders beside the package, pip puts them into it, and colcon installs
    them to `share/pose3d_ros` under the prefix that the package is in. The nearest wins.

    Args:
        folder: Such as 'models' or 'config'.
        suffix: Such as '.onnx'.
    """
    package = Path(__file__).parent
    places = [package.parent, package, *(up / 'share' / 'pose3d_ros' for up in package.parents)]
    found = (path for place in places[::-1] for path in (place / folder).glob(f'*{suffix}'))
    return {path.stem: path for path in sorted(found, key=lambda path: path.stem)}
