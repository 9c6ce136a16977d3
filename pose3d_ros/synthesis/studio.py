"""From people to pictures on the CPU, with numba."""

import cv2
import numpy as np
from numpy.typing import NDArray

from pose3d_ros.synthesis import render
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.figure import Figure, Mesh
from pose3d_ros.synthesis.outfit import Outfit
from pose3d_ros.synthesis.person import CutOut, Light, Portrait
from pose3d_ros.synthesis.view import View

GAMMA = 1.9
SUPERSAMPLING = 2
COMPRESSION = 0.12  # of bright light, as cameras do


class NumbaStudio:
    """Draws one person after the other on one core."""

    def __init__(self, body: Body) -> None:
        """Build the mesh.

        Args:
            body: Of all people.
        """
        self.mesh = Mesh(body)

    def cut_outs(self, portraits: list[Portrait], size: int) -> list[CutOut]:
        """Return a picture of each person that fills a frame; see `Studio`."""
        return [self._cut_out(portrait, size) for portrait in portraits]

    def _cut_out(self, portrait: Portrait, size: int) -> CutOut:
        figure = self.mesh.figure(portrait.shape, portrait.pose, portrait.outfit)
        view = View.around(figure.vertices, portrait.orientation, portrait.distance, size)
        return CutOut(
            self.picture(figure, portrait.outfit, portrait.light, view, (size, size)),
            (view.project(figure.joints)[:, :2] - 0.5).astype(np.float32),
            view.to_camera(figure.joints).astype(np.float32),
            view.focal,
        )

    def picture(
        self, figure: Figure, outfit: Outfit, light: Light, view: View, size: tuple[int, int]
    ) -> NDArray[np.uint8]:
        """Return a rendered person as premultiplied BGRA, shape (height, width, 4).

        Args:
            figure: The dressed person.
            outfit: The looks.
            light: In world axes.
            view: The camera.
            size: Width and height of the picture [px].
        """
        screen = view.project(figure.vertices)
        screen[:, :2] *= SUPERSAMPLING
        width, height = SUPERSAMPLING * size[0], SUPERSAMPLING * size[1]
        faces = self.mesh.faces
        ids, weights = render.rasterize(screen.astype(np.float32), faces, width, height)
        radiance = render.shade(
            ids, weights, faces, figure.normals, (outfit.color**GAMMA).astype(np.float32),
            outfit.texture_uv, outfit.texture, outfit.texture_strength,
            light.irradiance, light.directions, light.colors,
        )  # fmt: skip
        exposed = np.minimum(radiance / (1 + COMPRESSION * radiance), 1) ** (1 / GAMMA)
        layered = np.dstack([exposed[..., ::-1], (ids >= 0).astype(np.float32)])
        shrunk = cv2.resize(layered, size, interpolation=cv2.INTER_AREA)
        return (255 * shrunk + 0.5).astype(np.uint8)
