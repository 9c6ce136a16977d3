"""A model file without learning: it reads people that are painted as dots.

Joint j is a disc whose red tells j and whose green tells its depth relative to the root. Discs
are fully blue, so that pixels blended at their rim do not count. What the model says is then
known exactly, and the law of a whole pipeline can be stated: what was painted comes out.
"""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from pose3d_ros.camera import Camera
from pose3d_ros.skeleton import H36M_17

SIZE = 192
JOINTS = len(H36M_17.joints)
DEPTH_RANGE_M = 1.2
CONFIDENCE = 0.95

_CODES = 15.0 * (1 + np.arange(JOINTS))


def blank(camera: Camera) -> np.ndarray:
    """A dark image with nobody in it, BGR."""
    return np.full((camera.height, camera.width, 3), 20, np.uint8)


def paint(image: np.ndarray, camera: Camera, positions: np.ndarray, radius: float = 9.0) -> None:
    """Paint a person's joints, positions (J, 3) in the camera's optical frame [m]."""
    for code, position in zip(_CODES, positions, strict=True):
        depth = position[2] - positions[0, 2]
        green = round((depth / DEPTH_RANGE_M + 1) * 127.5)
        u, v = camera.project(position)
        centre = round(float(u) * 256), round(float(v) * 256)
        cv2.circle(image, centre, round(radius * 256), (255, green, code), cv2.FILLED, shift=8)


def skeleton(**changes: object) -> dict[str, object]:
    """The skeleton as a model file stores it, with some fields changed."""
    return {**dataclasses.asdict(H36M_17), **changes}


def metadata(**changes: object) -> dict[str, object]:
    """What a sound model file says about itself, with some fields changed."""
    return {
        'format': 1,
        'method': 'volumetric',
        'skeleton': skeleton(),
        'input_size': [SIZE, SIZE],
        'depth_range_m': DEPTH_RANGE_M,
        'crop_margin': 1.25,
        'training': {'data': 'none'},
        'metrics': {},
        'licence': 'Apache-2.0',
        'source_commit': '0000000',
        'mirror_averaging': False,
        **changes,
    }


def write_model(
    path: Path,
    *,
    stored: Mapping[str, object] | str | None = None,
    renamed: Mapping[str, str] | None = None,
    batch: int | str = 'N',
    scale: float = 1.0,
) -> Path:
    """Write the model file and return its path.

    Args:
        path: Where to.
        stored: The metadata, as an object or a text; None for a sound one.
        renamed: Inputs and outputs that get other names, old to new.
        batch: The size of the batch.
        scale: The weights are multiplied by this.
    """
    model = helper.make_model(
        _graph(renamed or {}, batch, scale), opset_imports=[helper.make_opsetid('', 17)]
    )
    model.ir_version = 8
    stored = metadata() if stored is None else stored
    text = stored if isinstance(stored, str) else json.dumps(stored)
    if text:
        helper.set_model_props(model, {'pose3d': text})
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    return path


def _graph(renamed: Mapping[str, str], batch: int | str, scale: float) -> onnx.GraphProto:
    def name(port: str) -> str:
        return renamed.get(port, port)

    def node(kind: str, inputs: str, output: str, **attributes: object) -> onnx.NodeProto:
        return helper.make_node(
            kind, [name(each) for each in inputs.split()], [output], **attributes
        )

    grid = np.arange(SIZE, dtype=np.float32) - (SIZE - 1) / 2
    constants = {
        'codes': _CODES.reshape(1, 1, 1, JOINTS),
        'across': grid.reshape(1, 1, SIZE, 1),
        'down': grid.reshape(1, SIZE, 1, 1),
        'to_m': np.float32(DEPTH_RANGE_M / 127.5 * scale),
        'zero_m': np.float32(127.5),
        'tolerance': np.float32(4),
        'full': np.float32(250),
        'zero': np.float32(0),
        'one': np.float32(1),
        'middle': np.float32((SIZE - 1) / 2),
        'sure': np.float32(CONFIDENCE),
    }
    shapes = {
        'split': [1, 1, 1],
        'parts': [1, 2, 1],
        'pixel_list': [0, SIZE * SIZE, -1],
        'root': [0],
        'last': [2],
    }
    nodes = [
        node('Cast', 'image', 'floats', to=TensorProto.FLOAT),
        _split('floats split', 'red green blue', axis=3),
        # Which pixel belongs to which joint: mask_NPJ for the P pixels of a crop.
        node('Sub', 'red codes', 'difference'),
        node('Abs', 'difference', 'distance'),
        node('Less', 'distance tolerance', 'near'),
        node('Greater', 'blue full', 'painted'),
        node('And', 'near painted', 'found'),
        node('Cast', 'found', 'mask', to=TensorProto.FLOAT),
        node('Reshape', 'mask pixel_list', 'mask_NPJ'),
        node('Transpose', 'mask_NPJ', 'mask_NJP', perm=[0, 2, 1]),
        # What each pixel says, and the sums over the pixels of each joint.
        node('Mul', 'green zero', 'nothing'),
        node('Add', 'nothing one', 'ones'),
        node('Add', 'nothing across', 'u'),
        node('Add', 'nothing down', 'v'),
        node('Concat', 'ones u v green', 'said', axis=3),
        node('Reshape', 'said pixel_list', 'said_NP4'),
        node('MatMul', 'mask_NJP said_NP4', 'sums_NJ4'),
        _split('sums_NJ4 parts', 'area place level', axis=2),
        node('Max', 'area one', 'divisor'),
        node('Div', 'place divisor', 'from_middle'),
        node('Add', 'from_middle middle', name('pixels')),
        node('Min', 'area one', 'seen_column'),
        node('Squeeze', 'seen_column last', 'seen'),
        node('Div', 'level divisor', 'mean_column'),
        node('Squeeze', 'mean_column last', 'mean_level'),
        node('Sub', 'mean_level zero_m', 'signed'),
        node('Mul', 'signed to_m', 'metres'),
        node('Mul', 'metres seen', 'seen_metres'),
        node('Gather', 'seen_metres root', 'root_metres', axis=1),
        node('Sub', 'seen_metres root_metres', name('depth')),
        node('Mul', 'seen sure', name('confidence')),
        node('ReduceMean', 'seen', name('presence'), axes=[1], keepdims=0),
    ]
    return helper.make_graph(
        nodes,
        'dots',
        [_port(name('image'), TensorProto.UINT8, (batch, SIZE, SIZE, 3))],
        [
            _port(name('pixels'), TensorProto.FLOAT, (batch, JOINTS, 2)),
            _port(name('depth'), TensorProto.FLOAT, (batch, JOINTS)),
            _port(name('confidence'), TensorProto.FLOAT, (batch, JOINTS)),
            _port(name('presence'), TensorProto.FLOAT, (batch,)),
        ],
        [
            *(numpy_helper.from_array(np.float32(v), key) for key, v in constants.items()),
            *(numpy_helper.from_array(np.array(v, np.int64), key) for key, v in shapes.items()),
        ],
    )


def _split(inputs: str, outputs: str, axis: int) -> onnx.NodeProto:
    return helper.make_node('Split', inputs.split(), outputs.split(), axis=axis)


def _port(name: str, kind: int, shape: tuple[int | str, ...]) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)
