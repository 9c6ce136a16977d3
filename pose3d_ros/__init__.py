"""Metric 3D human skeletons from a robot's camera images.

pipeline = Pipeline.load('volumetric')
people = pipeline(image_bgr, Camera.from_fov(1280, 720, 60.0), stamp=0.0)
people[0].positions  # (17, 3) m, camera optical frame
"""

from pkgutil import extend_path

# The message generator installs pose3d_ros.msg, perhaps into another folder of the same name.
__path__ = extend_path(__path__, __name__)

from pose3d_ros.camera import Camera
from pose3d_ros.config import NodeConfig, PipelineConfig
from pose3d_ros.depth import DepthImage
from pose3d_ros.errors import Pose3DError
from pose3d_ros.person import Estimates, JointState, Person, PersonState
from pose3d_ros.picture import Picture
from pose3d_ros.pipeline import Pipeline
from pose3d_ros.skeleton import H36M_17, Skeleton

__all__ = [
    'H36M_17',
    'Camera',
    'DepthImage',
    'Estimates',
    'JointState',
    'NodeConfig',
    'Person',
    'PersonState',
    'Picture',
    'Pipeline',
    'PipelineConfig',
    'Pose3DError',
    'Skeleton',
]
