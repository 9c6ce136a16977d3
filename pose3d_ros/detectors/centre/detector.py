"""The centre detector: a small network over the full frame proposes people.

Its model file is one ONNX file: input `image` uint8 [N, height, width, 3] RGB; outputs float32
`boxes` [N, K, 4] (x, y, width, height in pixels of the input) and `scores` [N, K], 0..1, the best
first; one metadata entry `pose3d_detector`, a JSON object.
"""

import json
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros import plugins
from pose3d_ros.boxes import distinct_boxes
from pose3d_ros.camera import Camera
from pose3d_ros.config import PipelineConfig
from pose3d_ros.crop import OUTSIDE_COLOUR
from pose3d_ros.errors import ModelFileError
from pose3d_ros.estimator import Runtime
from pose3d_ros.shipped import shipped_files

__all__ = ['METADATA_KEY', 'CentreDetector', 'CentreModel']

Array = NDArray[np.float64]

METADATA_KEY = 'pose3d_detector'


class CentreModel:
    """The model file: frames of any size in, scored boxes out.

    Attributes:
        input_size: Width and height of the network's input [px].
    """

    def __init__(self, path: Path, config: PipelineConfig) -> None:
        """Open a model file.

        Args:
            path: The file.
            config: Names the runtime and carries its settings.

        Raises:
            ModelFileError: The file is not one of a centre detector.
            PluginError: There is no such runtime.
        """
        self._runtime: Runtime = plugins.load(plugins.RUNTIMES, config.runtime)(path, config)
        self.input_size = _input_size(path, self._runtime)
        width, height = self.input_size
        self._picture = np.empty((1, height, width, 3), np.uint8)

    def __call__(self, image: NDArray[np.uint8]) -> tuple[Array, Array]:
        """Return boxes x, y, width, height, shape (K, 4) [px], and their scores, shape (K,).

        Args:
            image: The full image, BGR, shape (height, width, 3).
        """
        width, height = self.input_size
        scale = min(width / image.shape[1], height / image.shape[0])
        size = max(round(image.shape[1] * scale), 1), max(round(image.shape[0] * scale), 1)
        shrinking = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        self._picture[:] = OUTSIDE_COLOUR
        small = cv2.resize(image, size, interpolation=shrinking)
        self._picture[0, : size[1], : size[0]] = small[..., ::-1]
        found = self._runtime.run(self._picture)
        return found['boxes'][0] / scale, found['scores'][0].astype(np.float64)

    def close(self) -> None:
        """Close the file."""
        self._runtime.close()


class CentreDetector:
    """A `Detector` that proposes what the shipped network sees."""

    def __init__(self, config: PipelineConfig) -> None:
        """Open the shipped model file.

        Args:
            config: Names the runtime; a box below `min_score` is not proposed.

        Raises:
            ModelFileError: The file is missing or damaged.
            PluginError: There is no such runtime.
        """
        shipped = shipped_files('models/detectors', '.onnx')
        if 'centre' not in shipped:
            msg = 'models/detectors/centre.onnx is missing: is pose3d_ros installed completely?'
            raise ModelFileError(msg)
        self._min_score = config.min_score
        self._model = CentreModel(shipped['centre'], config)

    def __call__(self, image: NDArray[np.uint8], camera: Camera, stamp: float) -> Array:
        """Return the boxes of the people that the network sees, the surest first.

        Args:
            image: The full image, BGR, shape (height, width, 3).
            camera: Not used.
            stamp: Not used.

        Returns:
            x, y of the upper left corner, width and height, shape (N, 4) [px].
        """
        del camera, stamp
        boxes, scores = self._model(image)
        return distinct_boxes(boxes[scores >= self._min_score], image.shape[1], image.shape[0])


def _input_size(path: Path, runtime: Runtime) -> tuple[int, int]:
    """Return width and height of the input of a sound file."""
    inputs = {port.name: port for port in runtime.inputs}
    outputs = {port.name: port for port in runtime.outputs}
    sizes = inputs['image'].shape[1:3] if set(inputs) == {'image'} else (None, None)
    sound = METADATA_KEY in runtime.metadata and set(outputs) == {'boxes', 'scores'}
    if not sound or None in sizes:
        msg = (
            f'model file {path} cannot be used as a detector: its metadata are '
            f'{", ".join(runtime.metadata) or "none"}, its inputs {", ".join(inputs)}, its '
            f'outputs {", ".join(outputs)}; they must be {METADATA_KEY}, image, and boxes and '
            'scores'
        )
        raise ModelFileError(msg)
    card = json.loads(runtime.metadata[METADATA_KEY])
    width, height = (int(side) for side in card['input_size'])
    if (height, width) != sizes:
        msg = f'model file {path} says that its input is {width}x{height}, but it takes {sizes}'
        raise ModelFileError(msg)
    return width, height
