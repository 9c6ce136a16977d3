"""One of several cameras, and what the node says about its images."""

from typing import Any

import numpy as np
from pose3d_ros.msg import Skeleton3DArray
from processes import CAMERA, HEIGHT, PICTURE, WIDTH, Client
from rclpy.qos import QoSProfile, qos_profile_sensor_data
from sensor_msgs.msg import CameraInfo, Image
from std_msgs.msg import Header

from pose3d_ros.ros.demo.camera import info_from_camera
from pose3d_ros.ros.images import msg_from_image

__all__ = ['Eye', 'wall']


def wall(distance_m: float, *, metres: bool, width: int = WIDTH, height: int = HEIGHT) -> Image:
    """Return a depth image of a wall, in metres or in millimetres."""
    values = np.full((height, width), distance_m if metres else 1000 * distance_m)
    msg = Image(width=width, height=height, encoding='32FC1' if metres else '16UC1')
    msg.step = width * (4 if metres else 2)
    msg.data = values.astype('<f4' if metres else '<u2').tobytes()
    return msg


class Eye:
    """Sends images and hears answers; runs by a timer while the client spins."""

    def __init__(self, client: Client, name: str) -> None:
        self._client, self.name, self.frame = client, name, f'{name}_optical'
        self.skeletons: list[Skeleton3DArray] = []
        self.images = client.create_publisher(Image, f'/{name}/image_raw', qos_profile_sensor_data)
        self.infos = client.create_publisher(
            CameraInfo, f'/{name}/camera_info', qos_profile_sensor_data
        )
        client.create_subscription(
            Skeleton3DArray,
            f'/pose3d/{name}/skeletons',
            self.skeletons.append,
            QoSProfile(depth=100),
        )
        self.depths = client.create_publisher(Image, f'/{name}/depth', qos_profile_sensor_data)
        self.picture, self.depth = PICTURE, None
        self._timer: Any = None

    @property
    def ids(self) -> set[str]:
        """Who is there."""
        return {person.id for person in self.skeletons[-1].skeletons}

    def run(self, rate_hz: float) -> None:
        """Send images at this rate from now on."""
        self._timer = self._client.create_timer(1 / rate_hz, self.shoot)

    def stop(self) -> None:
        """Send no more images."""
        self._client.destroy_timer(self._timer)

    def shoot(self) -> None:
        """Send one image, taken now."""
        stamp = self._client.get_clock().now().to_msg()
        header = Header(stamp=stamp, frame_id=self.frame)
        self.infos.publish(info_from_camera(CAMERA, header))
        if self.depth is not None:
            self.depth.header = header
            self.depths.publish(self.depth)
        self.images.publish(msg_from_image(self.picture, header))

    def distance(self) -> float:
        """Return how far away the person of the last answer is [m]; NaN if there is nobody."""
        people = self.skeletons[-1].skeletons
        return float(people[0].positions[0].z) if people else np.nan
