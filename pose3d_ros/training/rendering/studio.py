"""From people to pictures on any device that torch knows, many at once."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import avg_pool2d

from pose3d_ros.errors import ConfigError
from pose3d_ros.synthesis.body import Body
from pose3d_ros.synthesis.figure import Mesh
from pose3d_ros.synthesis.outfit import Folds
from pose3d_ros.synthesis.person import CutOut, Portrait
from pose3d_ros.synthesis.studio import COMPRESSION, GAMMA, SUPERSAMPLING
from pose3d_ros.training.rendering.rasterizer import rasterize
from pose3d_ros.training.rendering.shading import Looks, shade, triangles_around, vertex_normals
from pose3d_ros.training.rendering.view import Views


class TorchStudio:
    """Draws the people of `NumbaStudio`: the same portrait gives the same cut-out.

    Poses, clothes and the rest of a portrait come from the CPU; from the bending of the body to
    the finished picture everything is computed on the device.
    """

    def __init__(self, body: Body, device: str) -> None:
        """Put on the device what all people have in common.

        Args:
            body: Of all people.
            device: Name of a torch device, such as 'cuda' or 'cpu'.
        """
        self._body = body
        self._device = torch.device(device)
        faces = torch.from_numpy(Mesh(body).faces).long()
        extra = int(faces.max()) + 1
        self._faces = faces.to(self._device)
        self._around = triangles_around(faces, extra).to(self._device)
        self._mean, self._basis = self._tensor(body.mean), self._tensor(body.basis)
        self._weights = self._tensor(body.weights)

    def cut_outs(self, portraits: list[Portrait], size: int) -> list[CutOut]:
        """Return a picture of each person that fills a frame; see `Studio`."""
        vertices, normals, joints = self._figures(portraits)
        orientation = self._stack([p.orientation for p in portraits])
        distance = torch.tensor([p.distance for p in portraits], device=self._device)
        view = Views.around(vertices.double(), orientation, distance.double(), size)
        screen = view.project(vertices.double())
        screen[..., :2] *= SUPERSAMPLING
        side = SUPERSAMPLING * size
        ids, weights = rasterize(screen.float(), self._faces, side, side)
        radiance = shade(ids, weights, self._faces, normals, self._looks(portraits))
        rgba = _exposed(radiance, ids).cpu().numpy()
        pixels = (view.project(joints)[..., :2] - 0.5).float().cpu().numpy()
        points = view.to_camera(joints).float().cpu().numpy()
        focal = view.focal.tolist()
        return [CutOut(*parts) for parts in zip(rgba, pixels, points, focal, strict=True)]

    def _figures(self, portraits: list[Portrait]) -> tuple[Tensor, Tensor, Tensor]:
        """Return vertices and normals (N, V, 3) and joints, 64 bits, (N, 17, 3) [m]."""
        shapes = self._stack([p.shape for p in portraits])
        rest = self._mean + torch.tensordot(shapes, self._basis, 1)
        bodies = [self._body.split(each) for each in rest.cpu().numpy()]
        frames = [
            self._body.bone_frames(heads, p.pose)
            for (_, heads, _), p in zip(bodies, portraits, strict=True)
        ]
        turn, move = (self._stack(parts) for parts in zip(*frames, strict=True))
        joints = [
            self._body.posed_joints(body[2], *frame)
            for body, frame in zip(bodies, frames, strict=True)
        ]
        count = self._body.vertex_count
        template = self._mean[:count].expand(len(portraits), -1, -1)
        worn = self._stack([p.outfit.blobs.points for p in portraits])
        anchors = self._stack([p.outfit.blobs.anchors for p in portraits])
        grown = rest[:, :count] - template
        rest_worn = worn + grown.gather(1, anchors[..., None].expand(-1, -1, 3))
        skinned = self._skin(
            torch.cat([rest[:, :count], rest_worn], 1),
            self._stack([p.outfit.blobs.weights for p in portraits]),
            turn,
            move,
        )
        folds = self._folds([p.outfit.folds for p in portraits], torch.cat([template, worn], 1))
        inflation = self._stack([p.outfit.inflation for p in portraits])[..., None]
        normals = vertex_normals(skinned, self._faces, self._around)
        dressed = skinned + normals * inflation * (1 + folds[..., :1])
        normals = vertex_normals(dressed, self._faces, self._around) + folds
        return dressed, normals, self._stack(joints).double()

    def _skin(self, points: Tensor, worn_weights: Tensor, turn: Tensor, move: Tensor) -> Tensor:
        affine = torch.cat([turn.flatten(2), move], 2)  # (N, B, 12)
        blended = torch.cat([self._weights @ affine, worn_weights @ affine], 1)
        turned = (blended[..., :9].unflatten(-1, (3, 3)) * points[..., None, :]).sum(-1)
        return turned + blended[..., 9:]

    def _folds(self, folds: Sequence[Folds], rest: Tensor) -> Tensor:
        waves, phases, tilts, depth = (
            self._stack([getattr(f, name) for f in folds]) for name in Folds.__slots__
        )
        waving = torch.sin(rest @ waves.transpose(1, 2) + phases[:, None])
        return waving @ tilts * depth[..., None]

    def _looks(self, portraits: list[Portrait]) -> Looks:
        outfits, lights = [p.outfit for p in portraits], [p.light for p in portraits]
        lamps = max(len(light.colors) for light in lights)

        def padded(rows: NDArray[np.float32]) -> NDArray[np.float32]:
            return np.concatenate([rows, np.zeros((lamps - len(rows), 3), np.float32)])

        return Looks(
            self._stack([o.color for o in outfits]) ** GAMMA,
            self._stack([o.texture for o in outfits]),
            self._stack([o.texture_uv for o in outfits]),
            self._stack([o.texture_strength for o in outfits]),
            self._stack([light.irradiance for light in lights]),
            self._stack([padded(light.directions) for light in lights]),
            self._stack([padded(light.colors) for light in lights]),
        )

    def _stack(self, arrays: Sequence[NDArray[Any]]) -> Tensor:
        return self._tensor(np.stack(arrays))

    def _tensor(self, array: NDArray[Any]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array)).to(self._device)


def on_device(device: str) -> Callable[[Body], TorchStudio]:
    """Return what makes a studio on a device, for a `ShardJob`.

    Args:
        device: Name of a torch device, such as 'cuda' or 'cpu'.

    Raises:
        ConfigError: torch cannot use it here.
    """
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        reason = str(error).partition('\n')[0]
        msg = f'torch has no device {device!r} here: {reason}'
        raise ConfigError(msg) from error
    return partial(TorchStudio, device=device)


def _exposed(radiance: Tensor, ids: Tensor) -> Tensor:
    """Return premultiplied BGRA pictures, shape (N, size, size, 4), from larger ones."""
    exposed = (radiance / (1 + COMPRESSION * radiance)).clamp(max=1) ** (1 / GAMMA)
    layered = torch.cat([exposed.flip(-1), (ids >= 0)[..., None].to(exposed.dtype)], -1)
    shrunk = avg_pool2d(layered.permute(0, 3, 1, 2), SUPERSAMPLING).permute(0, 2, 3, 1)
    return (255 * shrunk + 0.5).to(torch.uint8)
