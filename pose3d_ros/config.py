"""Every setting of the pipeline and of the node, declared once."""

from dataclasses import dataclass

from pose3d_ros.errors import ConfigError
from pose3d_ros.options import Config, option
from pose3d_ros.sources import CameraSource, sources_from_texts

__all__ = ['NodeConfig', 'PipelineConfig']


@dataclass(frozen=True, slots=True, kw_only=True)
class PipelineConfig(Config):
    """How one image becomes skeletons."""

    estimator: str = option(
        'volumetric', 'Name of an installed estimator, or the path of a model file (.onnx).'
    )
    model: str = option(
        '', "Name or path of the estimator's model file; empty for the one it ships with."
    )
    runtime: str = option('onnx', 'Name of the installed runtime that runs the model file.')
    device: str = option(
        'cpu', 'Where the runtime computes, if it has the choice.', choices=('cpu', 'cuda')
    )
    precision: str = option(
        'auto',
        "Numbers that the network computes with, each a file beside the model's; auto is the "
        'fastest that there is for the runtime.',
        choices=('auto', 'fp32', 'fp16', 'int8'),
    )
    threads: int = option(
        1, 'Threads of the network; 2 are faster on an idle machine, 0 takes all.', low=0, high=64
    )
    mirror_averaging: bool = option(
        default=True,
        meaning='Average over a crop and its mirror image where the model asks for it: steadier, '
        'and twice the time of the network.',
    )
    engine_folder: str = option(
        '~/.cache/pose3d_ros/engines',
        'Folder for what a runtime builds for this GPU; nobody else may write it.',
    )
    detector: str = option('full_image', 'Name of the installed detector that proposes people.')
    min_score: float = option(
        0.3, 'Boxes that the detector centre is less sure of are not proposed.', low=0.0, high=1.0
    )
    detections_age: float = option(
        0.5,
        'Boxes of the detector topic are used for images whose stamps differ by less [s].',
        low=0.0,
        high=10.0,
    )
    min_presence: float = option(
        0.5, 'A person below this presence is not reported as seen.', low=0.0, high=1.0, live=True
    )
    min_confidence: float = option(
        0.3, 'Joints below this confidence are marked OCCLUDED.', low=0.0, high=1.0, live=True
    )
    max_people: int = option(4, 'Most people followed at a time.', low=1, high=32, live=True)
    lost_after: float = option(
        0.5, 'A person unseen for this long is gone [s].', low=0.0, high=10.0, live=True
    )
    remember: float = option(
        10.0,
        'A person gone for less than this gets the same id on coming back nearby [s].',
        low=0.0,
        high=600.0,
        live=True,
    )
    detect_interval: float = option(
        0.5,
        'All places are searched for new people once in this time [s]; 0 is in every image.',
        low=0.0,
        high=60.0,
        live=True,
    )
    person_height: float = option(
        0.0, 'Known height of the people [m]; 0 when unknown.', low=0.0, high=2.5, live=True
    )
    smoothing_cutoff: float = option(
        0.0,
        'Joints at rest are smoothed from this frequency on [Hz]; 0 smooths nothing.',
        low=0.0,
        high=60.0,
        live=True,
    )
    smoothing_gain: float = option(
        4.0,
        'The frequency rises by this with the speed of a joint [Hz per m/s].',
        low=0.0,
        high=100.0,
        live=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeConfig(PipelineConfig):
    """The ROS node's settings: those of the pipeline, and what connects it to the graph."""

    image_topic: str = option('image_raw', 'Topic of the images, before remapping.')
    info_topic: str = option(
        '', "Topic of the camera's calibration; empty for camera_info beside the images."
    )
    depth_topic: str = option(
        '', 'Topic of depth images aligned with the images, 16UC1 or 32FC1; empty for none.'
    )
    cameras: tuple[str, ...] = option(
        (),
        'Several cameras instead of these topics: each a name, then image=TOPIC and info=TOPIC '
        'where they are not <name>/image_raw and camera_info beside it, and depth=TOPIC.',
    )
    detections_topic: str = option(
        'detections',
        'Topic of the detector topic (vision_msgs/Detection2DArray); of several cameras, each has '
        'its own below its name.',
    )
    detections_class: str = option(
        '', 'What that topic calls people; empty if it carries nothing else.'
    )
    transport: str = option(
        'raw',
        'How images travel; compressed listens to <image_topic>/compressed.',
        choices=('raw', 'compressed'),
    )
    fov_deg: float = option(
        60.0,
        'Horizontal field of view assumed while there is no calibration [deg].',
        low=5.0,
        high=170.0,
        live=True,
    )
    info_timeout: float = option(
        1.0, 'Wait for the calibration before assuming fov_deg [s].', low=0.0, high=60.0
    )
    depth_tolerance: float = option(
        0.05,
        'A depth image belongs to an image taken within this time [s].',
        low=0.0,
        high=1.0,
        live=True,
    )
    publish_tf: bool = option(
        default=True, meaning='Publish TF frames of all links and joints.', live=True
    )
    publish_markers: bool = option(default=True, meaning='Publish markers for RViz.', live=True)
    publish_humans: bool = option(
        default=True, meaning='Publish bodies under /humans as REP-155 says.', live=True
    )
    publish_overlay: bool = option(
        default=True,
        meaning='Publish the image with skeletons over it, as JPEG, while somebody subscribes.',
        live=True,
    )
    frame_prefix: str = option('', 'Text put before the name of every TF frame.')
    diagnostics_period: float = option(1.0, 'Time between diagnostics [s].', low=0.1, high=60.0)
    autostart: bool = option(
        default=True, meaning='Configure and activate by itself when started.'
    )

    @property
    def sources(self) -> tuple[CameraSource, ...]:
        """The cameras, one or more.

        Raises:
            ConfigError: They are not written as they should be.
        """
        if not self.cameras:
            topics = {'image': self.image_topic, 'info': self.info_topic}
            return (CameraSource(**topics, depth=self.depth_topic),)
        for name in ('image_topic', 'info_topic', 'depth_topic'):
            if getattr(self, name) != getattr(NodeConfig(), name):
                message = f'{name} is for one camera: say it in cameras'
                raise ConfigError(message)
        return sources_from_texts(self.cameras)
