"""Cameras, people and times: from messages and into messages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from builtin_interfaces.msg import Duration, Time
from geometry_msgs.msg import Point, Quaternion
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation
from sensor_msgs.msg import CameraInfo
from std_msgs.msg import Header

from pose3d_ros.camera import Camera
from pose3d_ros.errors import CameraError
from pose3d_ros.msg import Skeleton3D, Skeleton3DArray
from pose3d_ros.person import Person, PersonState
from pose3d_ros.skeleton import Skeleton

__all__ = [
    'Method',
    'camera_from_msg',
    'duration_from_seconds',
    'people_from_msg',
    'quaternions',
    'seconds',
    'skeletons_to_msg',
]

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Method:
    """Who estimates.

    Attributes:
        name: Name of the estimator.
        digest: Digest of its model file; empty if it has none.
        skeleton: The joints that it estimates.
    """

    name: str
    digest: str
    skeleton: Skeleton


def seconds(stamp: Time | Duration) -> float:
    """Return a stamp or a duration in seconds."""
    return float(stamp.sec + 1e-9 * stamp.nanosec)


def duration_from_seconds(value_s: float) -> Duration:
    """Return a duration message."""
    nanoseconds = round(value_s * 1e9)
    return Duration(sec=nanoseconds // 10**9, nanosec=nanoseconds % 10**9)


def camera_from_msg(msg: CameraInfo, width: int, height: int) -> Camera:
    """Return the camera that takes images of a size.

    Args:
        msg: The calibration, of the whole sensor or of the image. Binning and region of interest
            are taken into account where the image is smaller than the calibrated one.
        width: Width of the image [px].
        height: Height of the image [px].

    Raises:
        CameraError: The calibration describes no camera, or one of another image size.
    """
    matrix: Array = np.array(msg.k, dtype=np.float64).reshape(3, 3)
    if not matrix.any():
        message = 'camera_info says that the camera is not calibrated: K is all zeros'
        raise CameraError(message)
    if (msg.width, msg.height) != (width, height):
        matrix = _region_from_sensor(msg, width, height) @ matrix
    model = msg.distortion_model or 'plumb_bob'
    straight = model == 'plumb_bob' and not any(msg.d)
    return Camera(width, height, matrix, () if straight else tuple(msg.d), model)


def _region_from_sensor(msg: CameraInfo, width: int, height: int) -> Array:
    """Return what binning and the region of interest do to pixels, shape (3, 3)."""
    bins = np.array((max(msg.binning_x, 1), max(msg.binning_y, 1)))
    roi = msg.roi
    region = (roi.width, roi.height) if roi.width and roi.height else (msg.width, msg.height)
    expected_width, expected_height = (int(size) for size in np.array(region) // bins)
    if (expected_width, expected_height) != (width, height):
        message = (
            f'the image has {width}x{height} px, but camera_info is for '
            f'{expected_width}x{expected_height} px'
        )
        raise CameraError(message)
    scale_x, scale_y = 1 / bins
    x = (0.5 - roi.x_offset) * scale_x - 0.5  # pixel centres are at integers
    y = (0.5 - roi.y_offset) * scale_y - 0.5
    return np.array(((scale_x, 0, x), (0, scale_y, y), (0, 0, 1)))


def skeletons_to_msg(
    people: Sequence[Person],
    rotations: Sequence[Array],
    *,
    method: Method,
    header: Header,
    latency_s: float,
) -> Skeleton3DArray:
    """Return the message about everybody in one image.

    Args:
        people: As the pipeline returns them.
        rotations: For each person camera_from_joint, shape (J, 3, 3).
        method: Who estimated them.
        header: The image's stamp, and the camera's optical frame.
        latency_s: Time since the stamp [s].
    """
    return Skeleton3DArray(
        header=header,
        skeleton=method.skeleton.name,
        joint_names=list(method.skeleton.joints),
        parents=list(method.skeleton.parents),
        method=method.name,
        model_digest=method.digest,
        latency=duration_from_seconds(latency_s),
        skeletons=[_skeleton_to_msg(*each) for each in zip(people, rotations, strict=True)],
    )


def _skeleton_to_msg(person: Person, rotations: Array) -> Skeleton3D:
    return Skeleton3D(
        id=person.id,
        state=int(person.state),
        presence=float(person.presence),
        box=np.asarray(person.box, dtype=np.float32),
        positions=[Point(x=x, y=y, z=z) for x, y, z in person.positions.tolist()],
        orientations=quaternions(rotations),
        pixels_u=person.pixels[:, 0].tolist(),
        pixels_v=person.pixels[:, 1].tolist(),
        confidences=person.confidence.tolist(),
        deviations=person.deviation.tolist(),
        joint_states=person.joint_states.tolist(),
    )


def people_from_msg(msg: Skeleton3DArray) -> list[Person]:
    """Return the people in a message: what `skeletons_to_msg` was given."""
    return [_person_from_msg(each, seconds(msg.header.stamp)) for each in msg.skeletons]


def _person_from_msg(msg: Skeleton3D, stamp: float) -> Person:
    x, y, width, height = (float(value) for value in msg.box)
    return Person(
        id=msg.id,
        state=PersonState(msg.state),
        presence=msg.presence,
        box=(x, y, width, height),
        pixels=np.column_stack((msg.pixels_u, msg.pixels_v)),
        positions=np.array([(p.x, p.y, p.z) for p in msg.positions]).reshape(-1, 3),
        confidence=np.array(msg.confidences, dtype=np.float64),
        deviation=np.array(msg.deviations, dtype=np.float64),
        joint_states=np.array(msg.joint_states, dtype=np.uint8),
        stamp=stamp,
    )


def quaternions(rotations: Array) -> list[Quaternion]:
    """Return rotation matrices, shape (J, 3, 3), as messages; NaN where a matrix has NaN."""
    values = np.full((len(rotations), 4), np.nan)
    known = np.isfinite(rotations).all(axis=(1, 2))
    if known.any():
        values[known] = Rotation.from_matrix(rotations[known]).as_quat()
    return [Quaternion(x=x, y=y, z=z, w=w) for x, y, z, w in values.tolist()]
