"""From a trained network to a model file that explains itself."""

import json
import subprocess
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from torch import Tensor, nn

from pose3d_ros.config import PipelineConfig
from pose3d_ros.model_file import METADATA_KEY, ModelFile
from pose3d_ros.networks.contract import Network
from pose3d_ros.runtimes.onnx import OnnxRuntime
from pose3d_ros.skeleton import H36M_17, Skeleton
from pose3d_ros.synthesis.compose import Sample
from pose3d_ros.synthesis.framing import MARGIN
from pose3d_ros.synthesis.shards import CutOuts
from pose3d_ros.training.logsumexp import unfold

OPSET = 17
LICENCE = (
    'Apache-2.0. Trained on rendered people only. The data used in this project was obtained from '
    'mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217.'
)


class Deployed(nn.Module):
    """The network as the model-file contract wants it.

    Averaging over a crop and its mirror image is part of the published decoding (Pavlakos 2017).
    In a model file it is left to the estimator, which can be told to save the time.
    """

    def __init__(self, network: Network, *, mirror_averaging: bool = True) -> None:
        super().__init__()
        self.network = network
        self._mirror_averaging = mirror_averaging
        self._twin = list(H36M_17.mirror)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return pixels, depth, confidence and presence of RGB uint8 crops (N, H, W, 3)."""
        if not self._mirror_averaging:
            found = self.network(image)
            confidence, presence = found.confidence.sigmoid(), found.presence.sigmoid()
            return found.pixels, found.depth, confidence, presence
        count, right = image.shape[0], image.shape[2] - 1
        # The cast comes first: TensorRT accepts uint8 inputs only where a cast follows at once.
        picture = image.to(torch.float32)
        found = self.network(torch.cat([picture, picture.flip(2)]))
        mirrored = found.pixels[count:, self._twin]
        columns = (found.pixels[:count, :, 0] + right - mirrored[..., 0]) / 2
        rows = (found.pixels[:count, :, 1] + mirrored[..., 1]) / 2
        depth = (found.depth[:count] + found.depth[count:, self._twin]) / 2
        confidence = (found.confidence[:count] + found.confidence[count:, self._twin]) / 2
        presence = (found.presence[:count] + found.presence[count:]) / 2
        return torch.stack([columns, rows], -1), depth, confidence.sigmoid(), presence.sigmoid()


@dataclass(frozen=True, slots=True)
class Parity:
    """The largest difference between torch and ONNX Runtime on the same crops."""

    pixels_px: float
    depth_mm: float
    confidence: float
    presence: float


def export(network: Network, card: ModelFile) -> None:
    """Write a network to the card's path as ONNX with the card inside.

    Args:
        network: The trained network.
        card: What the file is to say about itself.
    """
    width, height = card.input_size
    example = torch.zeros(2, height, width, 3, dtype=torch.uint8)
    outputs = ['pixels', 'depth', 'confidence', 'presence']
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')  # the tracing exporter announces its successor
        torch.onnx.export(
            Deployed(network, mirror_averaging=False).eval().cpu(),
            (example,),
            card.path,
            input_names=['image'],
            output_names=outputs,
            dynamic_axes={name: {0: 'N'} for name in ('image', *outputs)},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(card.path)
    unfold(model)
    onnx.helper.set_model_props(model, {METADATA_KEY: card.metadata()})
    onnx.save(model, card.path)


def parity(network: Network, path: Path, crops: Sample) -> Parity:
    """Return how far a model file is from the network it was exported from.

    Args:
        network: The network.
        path: The exported file.
        crops: What both look at.
    """
    runtime = OnnxRuntime(path, PipelineConfig(precision='fp32'))
    theirs = runtime.run(crops.image)
    runtime.close()
    deployed = Deployed(network, mirror_averaging=False).eval().cpu()
    with torch.no_grad():
        pixels, depth, confidence, presence = deployed(
            torch.from_numpy(np.ascontiguousarray(crops.image))
        )

    def largest(ours: Tensor, name: str) -> float:
        return float(np.abs(ours.numpy() - theirs[name]).max())

    return Parity(
        largest(pixels, 'pixels'),
        1e3 * largest(depth, 'depth'),
        largest(confidence, 'confidence'),
        largest(presence, 'presence'),
    )


def first(crops: Sample, count: int) -> Sample:
    """Return the first few crops."""
    return Sample(*(getattr(crops, name)[:count] for name in Sample.__slots__))


def mean_skeleton(cut_outs: CutOuts) -> Skeleton:
    """Return our skeleton with the mean bone lengths of the rendered people."""
    parents = np.maximum(H36M_17.parents, 0)
    bones = cut_outs.points - cut_outs.points[:, parents]
    lengths = np.linalg.norm(bones, axis=-1).mean(0)
    return Skeleton(
        H36M_17.name,
        H36M_17.joints,
        H36M_17.parents,
        H36M_17.mirror,
        tuple(round(float(length), 4) for length in lengths),
    )


def card(
    *,
    path: Path,
    method: str,
    skeleton: Skeleton,
    size: int,
    depth_range_m: float,
    training: dict[str, Any],
    metrics: dict[str, float],
) -> ModelFile:
    """Return the card of a model that is about to be exported."""
    return ModelFile(
        path=path,
        digest='',
        method=method,
        skeleton=skeleton,
        input_size=(size, size),
        depth_range_m=depth_range_m,
        crop_margin=MARGIN,
        training=training,
        metrics=metrics,
        licence=LICENCE,
        source_commit=commit(),
        mirror_averaging=True,
    )


def write_card(file: ModelFile) -> None:
    """Write the card beside the model, as JSON for people to read."""
    file.path.with_suffix('.json').write_text(
        json.dumps(json.loads(file.metadata()), indent=1) + '\n'
    )


def commit() -> str:
    """Return what git calls the code that runs; 'unknown' outside a checkout."""
    found = subprocess.run(
        ['git', 'describe', '--always', '--dirty'],  # noqa: S607 - git from the user's PATH
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return found.stdout.strip() or 'unknown'
