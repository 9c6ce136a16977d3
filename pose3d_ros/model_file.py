"""Model files: one ONNX file that says itself what it is.

The contract: one input and four outputs (N crops, J joints, pixel centres at integers)

    image       uint8    [N, height, width, 3]   RGB
    pixels      float32  [N, J, 2]               in the crop [px]
    depth       float32  [N, J]                  relative to the root joint [m]
    confidence  float32  [N, J]                  0..1
    presence    float32  [N]                     0..1

and one metadata entry `pose3d`: a JSON object with the fields of `ModelFile` (but path and
digest) and `"format": 1`. A file that keeps the contract runs with any runtime and no further
decoding; any other file is refused with the reason.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NoReturn

from pose3d_ros.errors import ModelFileError, SkeletonError
from pose3d_ros.estimator import Port, Runtime
from pose3d_ros.precision import is_twin
from pose3d_ros.shipped import shipped_files
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = ['FORMAT', 'METADATA_KEY', 'ModelFile', 'find_model', 'read', 'shipped_models']

FORMAT = 1
METADATA_KEY = 'pose3d'

_NUMBER = (int, float)
_FIELDS: dict[str, tuple[type | tuple[type, ...], str]] = {
    'method': (str, 'a text'),
    'skeleton': (dict, 'an object'),
    'input_size': (list, 'a list [width, height]'),
    'depth_range_m': (_NUMBER, 'a number'),
    'crop_margin': (_NUMBER, 'a number'),
    'training': (dict, 'an object'),
    'metrics': (dict, 'an object'),
    'licence': (str, 'a text'),
    'source_commit': (str, 'a text'),
    'mirror_averaging': (bool, 'true or false'),
}
_OPTIONAL = {'mirror_averaging': False}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFile:
    """What a model file says about itself.

    Attributes:
        path: Where it is.
        digest: SHA-256 of its bytes, hexadecimal.
        method: Name of the method, such as 'volumetric'.
        skeleton: Its joints, with the mean bone lengths of the bodies that it learned from.
        input_size: Width and height of the crops [px].
        depth_range_m: It can express depths of plus and minus this, relative to the root [m].
        crop_margin: Side of the crops as a multiple of the person's box.
        training: How and on what it was trained.
        metrics: What it reached, by metric.
        licence: Under which terms it may be used.
        source_commit: The commit of the code that exported it.
        mirror_averaging: Whether it gains from averaging over a crop and its mirror image.
    """

    path: Path
    digest: str
    method: str
    skeleton: Skeleton
    input_size: tuple[int, int]
    depth_range_m: float
    crop_margin: float
    training: Mapping[str, Any]
    metrics: Mapping[str, Any]
    licence: str
    source_commit: str
    mirror_averaging: bool = False

    def metadata(self) -> str:
        """Return the text of the metadata entry `pose3d`, as an exporter stores it."""
        fields = asdict(self)
        del fields['path'], fields['digest']
        return json.dumps({'format': FORMAT, **fields})


def shipped_models() -> dict[str, Path]:
    """Return the model files that come with this package, by name; twins are no models."""
    files = shipped_files('models', '.onnx')
    return {name: path for name, path in files.items() if not is_twin(path)}


def find_model(name_or_path: str) -> Path:
    """Return the path of a model file.

    Args:
        name_or_path: The name of a shipped model, or the path of any .onnx file.

    Raises:
        ModelFileError: There is no such file.
    """
    path = Path(name_or_path)
    if path.suffix != '.onnx':
        shipped = shipped_models()
        if name_or_path not in shipped:
            names = ', '.join(shipped) or 'none'
            msg = f'there is no model {name_or_path!r}; shipped: {names}; or give an .onnx file'
            raise ModelFileError(msg)
        return shipped[name_or_path]
    if not path.is_file():
        msg = f'there is no model file {path.absolute()}'
        raise ModelFileError(msg)
    return path


def read(path: Path, runtime: Runtime) -> ModelFile:
    """Return what an open model file says about itself.

    Args:
        path: The file.
        runtime: The file, opened.

    Raises:
        ModelFileError: The file does not keep the contract; the message says where.
    """
    fields = _fields(path, runtime.metadata)
    skeleton = _skeleton(path, fields.pop('skeleton'))
    width, height = _size(path, fields.pop('input_size'))
    if fields['crop_margin'] <= 0:
        _refuse(path, f'its crop_margin is {fields["crop_margin"]}, but it must be above 0')
    count = len(skeleton.joints)
    _check_ports(path, 'input', runtime.inputs, {'image': ('uint8', (None, height, width, 3))})
    _check_ports(
        path,
        'output',
        runtime.outputs,
        {
            'pixels': ('float32', (None, count, 2)),
            'depth': ('float32', (None, count)),
            'confidence': ('float32', (None, count)),
            'presence': ('float32', (None,)),
        },
    )
    return ModelFile(
        path=path,
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        skeleton=skeleton,
        input_size=(width, height),
        **fields,
    )


def _fields(path: Path, metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of the metadata entry, each of the right kind."""
    if METADATA_KEY not in metadata:
        _refuse(path, f'it has no metadata {METADATA_KEY!r}: `pose3d export` did not make it')
    try:
        stored = json.loads(metadata[METADATA_KEY])
    except ValueError as error:
        _refuse(path, f'its metadata {METADATA_KEY!r} is not JSON: {error}')
    version = stored.get('format') if isinstance(stored, dict) else None
    if version != FORMAT:
        _refuse(path, f'its format is {version!r}, but this version reads format {FORMAT}')
    stored = {**_OPTIONAL, **stored}
    missing = [name for name in _FIELDS if name not in stored]
    if missing:
        _refuse(path, f'its metadata lacks {", ".join(missing)}')
    for name, (kind, words) in _FIELDS.items():
        if not isinstance(stored[name], kind):
            _refuse(path, f'its {name} is {stored[name]!r}, but it must be {words}')
    return {name: stored[name] for name in _FIELDS}


def _size(path: Path, stored: object) -> tuple[int, int]:
    match stored:
        case [int(width), int(height)] if min(width, height) > 0:
            size = width, height
        case _:
            _refuse(path, f'its input_size is {stored}, but it must be [width, height] in px')
    return size


def _skeleton(path: Path, stored: Mapping[str, Any]) -> Skeleton:
    """Return the skeleton; its joints are ours, since frames and messages name them."""
    try:
        skeleton = Skeleton(**stored)
    except (TypeError, SkeletonError) as error:
        _refuse(path, f'its skeleton is not one: {error}')
    for attribute in ('joints', 'parents', 'mirror'):
        found, wanted = getattr(skeleton, attribute), getattr(H36M_17, attribute)
        if found != wanted:
            listed = ', '.join(map(str, wanted))
            _refuse(
                path,
                f'its skeleton {skeleton.name!r} has other {attribute} than {H36M_17.name!r}: '
                f'{", ".join(map(str, found))}, but they must be {listed}',
            )
    return skeleton


def _check_ports(
    path: Path,
    kind: str,
    ports: tuple[Port, ...],
    wanted: Mapping[str, tuple[str, tuple[int | None, ...]]],
) -> None:
    found = {port.name: port for port in ports}
    if set(found) != set(wanted):
        names = ', '.join(found) or 'none'
        _refuse(path, f'its {kind}s are {names}, but they must be {", ".join(wanted)}')
    for name, (dtype, shape) in wanted.items():
        port = found[name]
        fits = len(port.shape) == len(shape) and all(
            length in {None, right} for length, right in zip(port.shape, shape, strict=True)
        )
        if port.dtype != dtype or not fits:
            _refuse(
                path,
                f'its {kind} {name!r} is {port.dtype} {_axes(port.shape)}, '
                f'but it must be {dtype} {_axes(shape)}',
            )


def _axes(shape: tuple[int | None, ...]) -> str:
    return '[' + ', '.join('N' if length is None else str(length) for length in shape) + ']'


def _refuse(path: Path, reason: str) -> NoReturn:
    msg = f'model file {path} cannot be used: {reason}'
    raise ModelFileError(msg) from None
